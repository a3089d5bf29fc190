"""Records in the many shapes of the data set: what is asked, and which reply is right."""

import json
from pathlib import Path

import pytest
from PIL import Image

from lm_eval_generalbench import catalog, prompts, scoring
from lm_eval_generalbench.answers import text
from lm_eval_generalbench.harness import verify
from lm_eval_generalbench.loaders import locate
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.runs import sources

MCQ, VQA, NLI, SEEDS = "L-1.2", "I-C-17.10", "L-15.1", "I-C-24.4"


def folder_of(task_id: str) -> str:
    task = catalog.task(task_id)
    parts = [task.modality, *([] if task.modality == "nlp" else [task.paradigm])]
    return "/".join([*parts, task.title.replace("/", " ")])


def make(
    root: Path, task_id: str, pairs: list[tuple[dict, object]], **header: object
) -> list[dict]:
    """Documents of a task made of (input, output); an image goes with those that name one."""
    folder = root / folder_of(task_id)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for name in ("1.png", "2.png"):
        Image.new("RGB", (8, 8)).save(folder / "images" / name)
    records = [
        {"id": str(i), "input": given, "output": output} for i, (given, output) in enumerate(pairs)
    ]
    (folder / "annotation.json").write_text(json.dumps({**header, "data": records}))
    return documents(catalog.task(task_id), root.resolve(), Settings())


def value(doc: dict, reply: str) -> object:
    result = scoring.process_results(doc, [reply])
    assert not result["broken"], doc["broken"] or doc["target"]
    return result[catalog.task(doc["gb_task"]).metric]


def sound(root: Path, task_id: str) -> str:
    verdict = verify.verify(catalog.task(task_id), root.resolve(), str(root))
    return "" if verdict is None or verdict.sound else verdict.why


# -- options -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["cat", "dog"],
        {"A": "cat", "B": "dog"},
        {"B": "dog", "A": "cat"},
        {"text": ["cat", "dog"], "label": ["A", "B"]},
        ["A) cat", "B) dog"],
        ["(A) cat", "(B) dog"],
        ["A. cat", "B. dog"],
        [{"label": "A", "text": "cat"}, {"label": "B", "text": "dog"}],
        [{"A": "cat"}, {"B": "dog"}],
        "A. cat\nB. dog",
        "cat\ndog",
    ],
)
@pytest.mark.parametrize("answer", ["B", "b", "(B)", "B.", "B) dog", "B. dog", "dog", ["B"]])
def test_options_and_their_answer_are_understood_however_they_are_written(
    tmp_path, options, answer
):
    doc, _ = make(
        tmp_path, MCQ, [({"question": "Which?", "options": options}, {"answer": answer})] * 2
    )
    assert doc["answer"] == "option"
    asked = prompts.doc_to_text(doc)
    assert "A. cat\nB. dog" in asked and asked.count("dog") == 1
    assert [value(doc, r) for r in ("B", "(b) dog", "A")] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    "answers, right", [([0, 1], ["A", "B"]), ([1, 2], ["A", "B"]), (["0", "1"], ["A", "B"])]
)
def test_positions_count_from_what_the_task_shows(tmp_path, answers, right):
    asked = {"question": "Which?", "options": ["cat", "dog"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in answers])
    assert [value(d, r) for d, r in zip(docs, right, strict=True)] == [1.0, 1.0]


def test_an_answer_that_is_no_option_breaks_its_document(tmp_path):
    asked = {"question": "Which?", "options": ["cat", "dog", "hen"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in (2, 1)])  # from 0 or from 1?
    assert "its answer '2' is none of its options" in docs[0]["broken"]


def test_options_that_are_numbers_are_meant_by_their_text(tmp_path):
    asked = {"question": "How many?", "options": ["3", "1", "2"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in ("1", "2", 3)])
    assert [json.loads(d["target"]) for d in docs] == ["B", "C", "A"]


def test_one_odd_record_does_not_change_the_task(tmp_path):
    asked = {"question": "Which?", "options": ["cat", "dog"]}
    docs = make(tmp_path, MCQ, [(asked, {"answer": x}) for x in ("A", "B", "A", "neither")])
    assert [d["answer"] for d in docs] == ["option"] * 4
    assert scoring.process_results(docs[3], ["A"])["broken"] == 1.0


@pytest.mark.parametrize("field", ["choices", "candidates", "options"])
def test_a_visual_question_with_options_is_answered_by_letter_or_text(tmp_path, field):
    asked = {"image_file": "1.png", "question": "Angle?", field: ["30°", "45°"]}
    (doc,) = make(tmp_path, VQA, [(asked, {"text": "B. 45°"})])
    assert doc["answer"] == "option" and "B. 45°" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("B", "45°", "The answer is B.", "30°")] == [1.0, 1.0, 1.0, 0.0]


def test_options_lettered_within_the_question_are_not_given_twice(tmp_path):
    asked = {"image_file": "1.png", "question": "Angle?\n(A) 30° (B) 45° (C) 60°"}
    docs = make(tmp_path, VQA, [(asked, {"text": x}) for x in ("B", "(C) 60°", "30°")])
    assert [json.loads(d["target"]) for d in docs] == ["B", "C", "A"]
    assert all(prompts.doc_to_text(d).count("45°") == 1 for d in docs)
    small = {"image_file": "1.png", "question": "Angle? a) 30° b) 45°"}
    (doc,) = make(tmp_path / "y", VQA, [(small, {"text": "b"})])
    assert [value(doc, r) for r in ("b", "45°", "(a)")] == [1.0, 1.0, 0.0]
    listed = {"question": "Angle?\nA. 30°\nB. 45°", "options": ["30°", "45°"]}
    (doc,) = make(tmp_path / "x", MCQ, [(listed, {"answer": "A"})])
    assert prompts.doc_to_text(doc).count("45°") == 1


def test_a_list_of_choices_with_apostrophes_is_read(tmp_path):
    question = "Whose? The candidate choices are ['the dog's ball', 'the cat's', 'no one's']."
    (doc,) = make(
        tmp_path, VQA, [({"image_file": "1.png", "question": question}, {"text": "the cat's"})]
    )
    assert json.loads(doc["options"]) == ["the dog's ball", "the cat's", "no one's"]
    assert "one of the candidates only" in prompts.doc_to_text(doc)
    assert [value(doc, r) for r in ("The cat's.", "the dog's ball", "B")] == [1.0, 0.0, 1.0]


def test_a_letter_among_listed_choices_means_the_choice_in_its_place(tmp_path):
    question = "Which? The candidate choices are ['oak', 'elm']."
    docs = make(tmp_path, VQA, [({"image_file": "1.png", "question": question}, {"text": "B"})])
    assert json.loads(docs[0]["target"]) == "elm" and value(docs[0], "elm") == 1.0


# -- labels ------------------------------------------------------------------------------


def test_truth_values_are_matched_with_true_and_yes(tmp_path):
    pairs = [
        ({"image_file": "1.png", "question": "True or false?"}, {"text": x}) for x in (True, False)
    ]
    yes, no = make(tmp_path, VQA, pairs)
    assert [value(yes, r) for r in ("True", "yes", "Yes, there is no doubt.", "no")] == [1, 1, 1, 0]
    assert value(no, "False.") == 1.0 and sound(tmp_path, VQA) == ""
    assert "yes" not in prompts.doc_to_text(yes)
    pairs = [({"image_file": "1.png", "question": "Q?"}, {"text": x}) for x in ("True", "False")]
    true, _ = make(tmp_path / "x", "I-C-28.24", pairs)
    assert [value(true, r) for r in ("true", "Yes", "no")] == [1, 1, 0]


def test_labels_that_differ_in_case_are_one_candidate(tmp_path):
    pairs = [({"raw_text": "t", "prompt": "<<<raw_text>>>?"}, {"category": x}) for x in ("AGAINST", "Against", "favor")]  # fmt: skip
    docs = make(tmp_path, "L-16.3", pairs)
    assert json.loads(docs[0]["options"]) == ["AGAINST", "favor"]
    assert value(docs[1], "against") == [1, 0, 0] and sound(tmp_path, "L-16.3") == ""


def test_labels_with_commas_stay_whole(tmp_path):
    labels = ["bird, perching", "bird, wading"]
    docs = make(
        tmp_path,
        "I-C-28.1",
        [({"image_file": "1.png", "prompt": "?"}, {"text": x}) for x in labels],
    )
    assert json.loads(docs[0]["options"]) == labels
    assert [value(docs[0], x) for x in ("Bird, perching", "bird, wading")] == [1.0, 0.0]


def test_letters_as_labels(tmp_path):
    letters = [chr(65 + i) for i in range(26)] * 2
    docs = make(
        tmp_path,
        "I-C-28.1",
        [({"image_file": "1.png", "prompt": "Sign?"}, {"text": x}) for x in letters],
    )
    assert value(docs[1], "I think it is a B") == 1.0 and value(docs[0], "B") == 0.0
    assert value(docs[0], "a") == 1.0 and sound(tmp_path, "I-C-28.1") == ""


def test_large_numbers_as_labels_keep_their_digits(tmp_path):
    docs = make(
        tmp_path,
        "A-C-1.3",
        [({"audio_file": "x", "prompt": "Who?"}, {"text": x}) for x in (12345678, 7)],
    )
    assert json.loads(docs[0]["options"]) == ["7", "12345678"]


def test_a_label_opens_the_reply(tmp_path):
    doc = {"options": '["positive", "negative", "mixed"]', "prompt": ""}
    assert text.read_label("Negative, although parts of it are positive.", doc) == "negative"
    assert text.read_label("mixed - positive food, negative service", doc) == "mixed"


@pytest.mark.parametrize(
    "reply, label",
    [
        ("not offensive", "non-offensive"),
        ("I find the text not offensive at all here", "non-offensive"),
        ("The text is non-offensive in my view", "non-offensive"),
        ("The text is offensive, I would say", "offensive"),
        ("offensive</s>", "offensive"),
        ("offensive<|im_end|>\n", "offensive"),
    ],
)
def test_a_negated_label_is_not_that_label(reply, label):
    assert text.read_label(reply, {"options": '["offensive", "non-offensive"]'}) == label


def test_no_is_a_label_where_it_is_one():
    doc = {"options": '["yes", "no", "maybe"]'}
    assert text.read_label("I would say no because it is dark outside now", doc) == "no"


def test_a_mapping_of_entities_to_types_is_a_set_of_pairs():
    assert text.target_labels({"Paris": "place", "Ann": ["name", "x"]}, {}) == [
        "Paris => place",
        "Ann => name",
        "Ann => x",
    ]


def test_items_read_off_the_text_are_no_candidates(tmp_path):
    prompt = "<<<raw_text>>> Which aspects?"
    open_set = [({"raw_text": f"t{i}", "prompt": prompt}, {"text": f"word {i}"}) for i in range(9)]
    assert make(tmp_path, "L-17.9", open_set)[0]["options"] == "[]"
    closed = [
        ({"raw_text": f"t{i}", "prompt": prompt}, {"text": "food, service"}) for i in range(3)
    ]
    assert json.loads(make(tmp_path / "x", "L-17.7", closed)[0]["options"]) == ["food", "service"]


def test_without_candidates_none_are_asked_for(tmp_path):
    make(tmp_path, NLI, [({"prompt": "Which relation?"}, None)])
    (doc,) = documents(catalog.task(NLI), tmp_path.resolve(), Settings())
    assert "no reference answer" in doc["broken"]
    assert "candidates" not in prompts.doc_to_text(doc)


@pytest.mark.parametrize(
    "output", [None, {}, {"category": None}, {"category": ""}, {"category": []}]
)
def test_a_record_without_an_answer_is_named_when_the_task_loads(tmp_path, output):
    (doc,) = make(tmp_path, NLI, [({"prompt": "Which relation?"}, output)])
    assert "no reference answer" in doc["broken"]


# -- questions ---------------------------------------------------------------------------


def test_a_field_put_into_the_prompt_is_not_repeated(tmp_path):
    asked = {"prompt": "Is <<<text>>> about <<<target>>>?", "text": "the tweet", "target": "taxes"}
    (doc,) = make(tmp_path, "L-16.3", [(asked, {"category": "FAVOR"})])
    assert doc["prompt"] == "Is the tweet about taxes?"


def test_stance_fields_without_marks_are_shown(tmp_path):
    asked = {"prompt": "Which stance?", "tweets": "Lower them!", "target": "taxes"}
    (doc,) = make(tmp_path, "L-16.3", [(asked, {"category": "FAVOR"})])
    assert "Tweets: Lower them!" in doc["prompt"] and "Target: taxes" in doc["prompt"]


def test_notes_beside_the_input_do_not_give_the_answer_away(tmp_path):
    folder = tmp_path / folder_of(NLI)
    folder.mkdir(parents=True)
    record = {
        "id": "1", "category": "neutral", "answer": "neutral", "explanation": "It is neutral.",
        "input": {"prompt": "Which relation?"}, "output": {"category": "neutral"},
    }  # fmt: skip
    (folder / "annotation.json").write_text(json.dumps({"data": [record]}))
    (doc,) = documents(catalog.task(NLI), tmp_path.resolve(), Settings())
    assert doc["prompt"] == "Which relation?"


def test_a_dialogue_with_a_question_keeps_the_question(tmp_path):
    turns = [{"role": "user", "content": "I have a cat."}, {"role": "bot", "content": "Nice."}]
    asked = {"dialog": turns, "question": "Which animal?"}
    (doc,) = make(tmp_path, "L-6.2", [(asked, {"answer": "a cat"})])
    assert "1. user: I have a cat." in doc["prompt"] and "Which animal?" in doc["prompt"]
    assert "next turn" not in doc["prompt"]


def test_a_dialogue_of_questions_and_answers_ends_with_the_open_question(tmp_path):
    turns = [{"question": "What is it?", "answer": "A cat."}, {"question": "Where?"}]
    asked = {"image_file": "1.png", "dialogue": turns}
    (doc,) = make(tmp_path, "I-C-17.25", [(asked, {"text": "On a mat."})])
    assert doc["prompt"] == "Dialogue:\n1. What is it? A cat.\n2. Where?"


def test_a_document_with_a_prompt_is_not_summarised(tmp_path):
    asked = {"document": "Ann met Bob.", "prompt": "Extract all relations."}
    (doc,) = make(tmp_path, "L-19.4", [(asked, {"text": "(Ann, met, Bob)"})])
    assert "Extract all relations." in doc["prompt"] and "Summarise" not in doc["prompt"]


def test_lists_in_the_input_are_part_of_the_question(tmp_path):
    asked = {"images": ["1.png", "2.png"], "captions": ["A hare.", "A race."], "prompt": "End it."}
    (doc,) = make(tmp_path, "I-C-39.2", [(asked, {"text": "It slept."})])
    assert "Captions:\n1. A hare.\n2. A race." in doc["prompt"]
    assert prompts.doc_to_text(doc).count("<image>") == 2
    asked = {"image_list": ["1.png"], "question": ["Who?", "Where?"], "depth": [[1.5] * 99] * 99}
    (doc,) = make(tmp_path / "x", "I-C-17.25", [(asked, {"text": "Ann, here"})])
    assert "1. Who?\n2. Where?" in doc["prompt"] and "1.5" not in doc["prompt"]


def test_a_mask_without_a_question_gets_one(tmp_path):
    (doc,) = make(
        tmp_path,
        "L-1.7",
        [({"question": "What is it ? I baked it for <MASK> ."}, {"answer": ["an hour"]})],
    )
    assert "Say in a few words what <MASK> stands for." in doc["prompt"]


@pytest.mark.parametrize(
    "prompt",
    [
        "users' specifically-defined prompts can go here",
        "Users can use their own prompts.",
        "The prompt is to be defined by the user",
    ],
)
def test_placeholders_in_other_words_are_replaced(tmp_path, prompt):
    asked = {"image_file": "1.png", "prompt": prompt}
    (doc,) = make(tmp_path, "I-C-26.32", [(asked, {"bbox": [{"bird": [1, 1, 3, 3]}]})])
    assert doc["prompt"] == "" and "Candidates: bird" in prompts.doc_to_text(doc)


NLP_TYPES = [
    ("L-8.3", {"goal": "Add.", "language": "C", "context": "two ints"}, {"response": {"content": "a+b;"}}),
    ("L-8.4", {"prompt": "Fix.", "sourceCode": "x"}, {"note": "1", "repairCode": "y = 1"}),
    ("L-8.2", {"func": "int f();"}, {"idx": 7, "target": 1}),
    ("L-8.5", {"context": "CREATE TABLE t", "question": "all?"}, {"sql": "SELECT * FROM t;"}),
    ("L-8.1", {"code": "f()"}, {"nl": "It calls f."}),
    ("L-7.3", {"statement": "1 = 1"}, {"proof": {"steps": ["a", "b"], "conclusion": "c"}}),
    ("L-7.2", {"problem": {"text": "2+2?", "constraints": "integers"}}, {"solution": {"final_answer": 4}}),
    ("L-9.3", {"in": "English", "out": "Chinese", "input": "cat"}, {"translation": "猫"}),
    ("L-10.2", {"document": "Long."}, {"highlights": "Short."}),
    ("L-10.3", {"document_list": ["a", "b"]}, {"summary": "Short."}),
    ("L-11.1", {"dialog": ["Hi."]}, {"reference": "Hello."}),
    ("L-12.1", {"table": {"header": ["a"], "rows": [["1"]]}}, {"response": {"text": "a is 1"}}),
    ("L-12.2", {"text": "Hi", "style": "formal"}, {"answer": "Good day"}),
    ("L-12.3", {"prompt": "A fox"}, {"story": "It ran."}),
    ("L-12.4", {"originalSentence": "It rains."}, {"paraphraseSentence": "Rain falls."}),
    ("L-12.5", {"Error Type": "verb", "Ungrammatical Statement": "he go"}, {"Standard English": "he goes"}),
    ("L-13.1", {"data": [1.0, 2.0]}, {"target": [3.0, 4.0]}),
    ("L-6.3", {"table": "a|1", "question": "a?"}, {"answer": ["1", "one"]}),
    ("L-18.10", {"raw_text": "t", "prompt": "<<<raw_text>>>"}, {"text": "CO2 => gas\nParis => place"}),
    ("L-17.15", {"raw_text": "t", "prompt": "<<<raw_text>>>"}, {"text": "(food, (good, fresh), great)"}),
    ("L-22.1", {"raw_text": "t", "prompt": "<<<raw_text>>> A. a B. b"}, {"text": "b"}),
]  # fmt: skip


@pytest.mark.parametrize("task_id, given, output", NLP_TYPES)
def test_every_kind_of_language_record_reaches_its_best_value(tmp_path, task_id, given, output):
    (doc,) = make(tmp_path, task_id, [(given, output)])
    assert doc["broken"] == "" and sound(tmp_path, task_id) == ""
    shown = prompts.doc_to_text(doc)
    assert "<<<" not in shown
    for field in given.values():
        if isinstance(field, str) and "<<<" not in field:
            assert field in shown


# -- readers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply, answer",
    [
        ("The answer to the question is 42", "42"),
        ("There is no answer because it is dark", "There is no answer because it is dark"),
        ("Final answer\nParis", "Paris"),
        ("**Answer:** Paris", "Paris"),
        ("Answer - Paris", "Paris"),
    ],
)
def test_an_answer_is_announced_by_more_than_the_word(reply, answer):
    assert text.read_short_answer(reply, {"options": "[]"}) == answer


@pytest.mark.parametrize(
    "reply, right",
    [("The answer is yes because there is no cat", "yes"), ("No. It is true that ...", "no")],
)
def test_a_truth_value_that_leads_is_the_answer(reply, right):
    assert text.read_yes_no(reply, {}) == right


def test_bird_sounds_are_marked_by_one_and_zero():
    assert [text.target_yes_no(x, {}) for x in (1, 0, 1.0, True)] == [
        ["yes"],
        ["no"],
        ["yes"],
        ["yes"],
    ]


def test_counts_with_units_and_lists_of_places_are_numbers(tmp_path):
    pairs = [({"image_file": "1.png", "prompt": "Count."}, {"text": x}) for x in ("12 people", "1,234", [[1, 2, 3, 4]] * 5, [])]  # fmt: skip
    docs = make(tmp_path, SEEDS, pairs)
    replies = ["about 12", "1234 seeds", "5", "[]"]
    assert [value(d, r) for d, r in zip(docs, replies, strict=True)] == [0.0] * 4


@pytest.mark.parametrize(
    "reply", ["```sql\nSELECT 1;\n```", "```SELECT 1;```", "`SELECT 1`", "SQL: SELECT 1 ;"]
)
def test_a_query_is_read_without_fence_and_semicolon(reply):
    assert text.read_sql(reply, {}) == "SELECT 1"


# -- files and answers from elsewhere ----------------------------------------------------


def test_frames_of_many_videos_with_the_same_names_are_told_apart(tmp_path):
    for video in ("a", "b"):
        (tmp_path / "videos" / video).mkdir(parents=True)
        (tmp_path / "videos" / video / "1.jpg").write_text("x")
    index = locate.Index(tmp_path)
    assert index.find("b/1.jpg", ["videos"]) == tmp_path / "videos" / "b" / "1.jpg"
    assert index.find("./data/old/B/1.JPG", ["videos"]) == tmp_path / "videos" / "b" / "1.jpg"


def test_answers_to_doubled_ids_go_to_their_documents(tmp_path):
    folder = tmp_path / "Causal-Reasoning"
    folder.mkdir()
    given = [{"id": "7", "prediction": "A"}, {"id": "7", "prediction": "B"}]
    (folder / "prediction.json").write_text(json.dumps(given))
    found, problems = sources.replies(tmp_path)
    assert found == {"L-1.2": {"7": "A", "7#1": "B"}} and problems == []


def test_answers_beside_an_annotation_belong_to_the_task_of_its_header(tmp_path):
    folder = tmp_path / "image" / "comprehension" / "chinese-fine-art"
    folder.mkdir(parents=True)
    (folder / "annotation.json").write_text('{"task": "chinese fine art recognition", "data": []}')
    (folder / "prediction.json").write_text('[{"id": "1", "prediction": "ink"}]')
    assert sources.replies(tmp_path)[0] == {"I-C-28.22": {"1": "ink"}}
