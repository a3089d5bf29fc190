"""Letters of options: every letter in every wording, and no letter where there is none."""

import json
import re

import pytest

from lm_eval_generalbench import answers, catalog, paths, prompts
from lm_eval_generalbench.answers import choices
from lm_eval_generalbench.answers.letters import chosen
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from tests.answers.questions import doc
from tests.answers.wordings import ALL, ELIMINATIONS, FULL_WIDTH, WORDINGS

LETTERS = "ABCDEFGHIJK"
ANIMALS = doc("cat", "dog", "bird", "fish") | {"answer": "option"}
MANY = doc(*(f"the {n}th one" for n in range(len(LETTERS)))) | {"answer": "option"}


def test_the_wordings_are_many_and_cover_every_group():
    assert len(ALL) == len(set(ALL)) > 250
    assert {"answer", "option and choice", "is correct", "choosing", "Chinese"} < set(WORDINGS)
    assert {"other languages", "boxed", "tags", "JSON", "over several lines"} < set(WORDINGS)
    assert len(FULL_WIDTH) > 3 and len(ELIMINATIONS) > 3


@pytest.mark.parametrize("wording", ALL)
def test_every_letter_is_read_in_every_wording(wording):
    for document, letters in ((ANIMALS, "ABCD"), (MANY, LETTERS)):
        read = {letter: answers.read(document, wording.format(letter)) for letter in letters}
        assert read == {letter: letter for letter in letters}


def _questions(root):
    """Documents whose answers are letters or named by one, at most twenty a task."""
    for task_id in sorted(folders.places(root).folders):
        for document in documents(catalog.task(task_id), root, Settings())[:20]:
            options = tuple(json.loads(document["options"]))
            if answers.lettered(document["answer"]):
                yield document, {chr(ord("A") + i): chr(ord("A") + i) for i in range(len(options))}
            elif answers.answer(document["answer"]).choice and (
                marks := choices.own_marks(options)
                or choices.shown_marks(document["prompt"], options)
            ):
                yield document, {m: options[i] for m, i in marks.items() if m.isalpha()}


def _equally_often(root):
    found = 0
    for document, meant in _questions(root):
        for letter, answer in meant.items():
            others = ", ".join(other for other in meant if other != letter)
            wide = chr(ord(letter) + ord("Ａ") - ord("A"))
            said = [w.format(letter) for w in ALL] + [w.format(wide) for w in FULL_WIDTH]
            said += [w.format(letter=letter, others=others) for w in ELIMINATIONS if others]
            missed = [reply for reply in said if answers.read(document, reply) != answer]
            assert not missed, (document["gb_task"], document["id"], letter, missed[:3])
            found += 1
    return found


def test_each_letter_is_read_equally_often_in_the_demo():
    assert _equally_often(paths.demo_root().resolve()) > 10


def test_each_letter_is_read_equally_often_in_the_sample(sample_root):
    assert _equally_often(sample_root.resolve()) > 40


@pytest.mark.parametrize(
    "reply",
    [
        *("A dog barks at the moon", "A man walks.", "A big house. I saw it.", "A few are wrong."),
        *(
            "I think so",
            "I am not sure",
            "I see an animal in this.",
            "It's a tough one",
            "Not sure",
        ),
        *(
            "A or B",
            "A, B",
            "A and C",
            "答案：A、C",
            "A/B",
            "A B C D",
            "(A) (B)",
            "Both A and B",
            "选AB",
        ),
        *("A. B. C. D.", "A. B. C. D. A. B. C. D.", "AB", "Answer: AC", "Neither A nor B", "A? B?"),
        *("A or maybe B", "It could be A or C...", "The answer is either A or B", "答案是A和B"),
        *(
            "The answer is A and B",
            "Options A and C are correct",
            "Answer: A and C",
            r"\boxed{A, C}",
        ),
        *(
            "A, B, C and D are all correct",
            "<answer>A, B</answer>",
            '{"answer": ["A", "C"]}',
            "E",
            "I",
        ),
        *("The options are A, B, C and D.", "What is A?", "(A) cat (B) dog (C) bird (D) fish"),
        *("I cannot decide between A and D.", "A. cat\nB. dog\nC. bird\nD. fish", "A.\nB."),
        # https://github.com/UKGovernmentBEIS/inspect_ai/issues/2216
        *("ANSWER: None of the above", "ANSWER: Don't know", "ANSWER: I don't know"),
        "<|channel|>analysis<|message|>It may be A",
    ],
)
def test_no_letter_or_several_are_no_answer(reply):
    assert answers.read(ANIMALS, reply) is None


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        # full-width and look-alike letters
        *(("Ｂ", "B"), ("答案：Ｃ", "C"), ("（Ａ）", "A"), ("Ответ: А", "A"), ("Ответ: В", "B")),
        # eliminations
        ("Option A is wrong. Option C is wrong. Option D is wrong. So it must be option B", "B"),
        ("A is wrong, B is wrong, C is wrong.", "D"),
        ("It's not A, B or D.", "C"),
        ("All options except B are wrong.", "B"),
        ("It cannot be A or B. Hence, C.", "C"),
        ("排除A、C、D，所以选B。", "B"),
        ("A错误，B正确，C错误，D错误", "B"),
        ("答案不是A，而是B。", "B"),
        # what is said of the others
        ("B rather than C", "B"),
        ("B, not C.", "B"),
        ("Not A but B", "B"),
        ("The answer is A. B is wrong because it rained.", "A"),
        ("A because B, C and D are wrong", "A"),
        ("Among A, B, C and D, the best answer is A.", "A"),
        ("Between B and D, D is better.", "D"),
        ("If A were true it would bark. B is correct.", "B"),
        ("I first thought A, but the answer is C.", "C"),
        ("A. cat is small\nB. dog is wet\nC. bird\nD. fish\n\nAnswer: C", "C"),
        ("Answer: A? No. Final answer: **B**", "B"),
        # the text of an option
        *(("A dog.", "B"), ("The animal is a dog.", "B"), ("B dog", "B"), ("(b) dog", "B")),
        # a box without a letter, https://github.com/NVIDIA-NeMo/Skills/pull/1526
        ("so \\boxed{\\langle H\\rangle \\ll \\Delta E}\n\n**Answer: D**", "D"),
        # https://github.com/antirez/ds4/issues/321
        ("Answer: It is not B, the answer is D", "D"),
        ("Answer: rules out C, leaving D", "D"),
        ("Answer: D, not B", "D"),
        # https://github.com/aniri15/OPD-V/issues/2
        ("I considered (A), but it is incorrect. Final answer: D.", "D"),
        ("The correct answer is d.", "D"),
        # https://github.com/jundot/omlx/pull/3668
        ("ANSWER IS D. A is incorrect.", "D"),
        ("The answer is C because I computed the integral.", "C"),
    ],
)
def test_the_letter_that_is_meant_is_read(reply, letter):
    assert answers.read(ANIMALS, reply) == letter


def test_letters_that_there_are_not_are_never_read():
    assert chosen("The answer is D.", "ABC") is None


SOLUTIONS = ("Solution B", "Solution A", "neither")


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("B", "Solution B"),
        ("The answer is A.", "Solution A"),
        ("(a)", "Solution A"),
        ("Solution B", "Solution B"),
        ("A has more particles, so Solution A", "Solution A"),
        ("C", None),
    ],
)
def test_options_that_name_themselves_are_read_by_their_names(reply, label):
    document = doc(*SOLUTIONS) | {"answer": "short_answer"}
    assert answers.read(document, reply) == label


def test_a_letter_counts_by_position_only_where_the_list_shows_letters():
    shown = doc("oak", "elm", prompt="Which?\n(a) oak\n(b) elm") | {"answer": "label"}
    numbered = doc("oak", "elm", prompt="Which?\n1. oak\n2. elm") | {"answer": "label"}
    bare = doc("oak", "elm", prompt="Which? The choices are ['oak', 'elm'].") | {"answer": "label"}
    assert [answers.read(x, "B") for x in (shown, numbered, bare)] == ["elm", None, None]
    assert [answers.read(x, "2") for x in (shown, numbered)] == ["2", "elm"]


def test_the_prompt_of_a_chemistry_question_shows_no_letters_but_the_names(sample_root):
    found = documents(catalog.task("I-C-17.8"), sample_root.resolve(), Settings())
    asked = [d for d in found if "Solution A" in json.loads(d["options"])]
    assert len(asked) > 20
    for document in asked:
        assert not re.search(r"\b[A-C][.)] Solution", prompts.doc_to_text(document))
        assert answers.read(document, "A") == "Solution A"
        assert answers.read(document, "B") == "Solution B"


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        *(
            ("本题选B，因为A是猫。", "B"),
            ("答案是 A 还是 B？应为 B。", "B"),
            ("因此答案为A。", "A"),
        ),
        ("Answer: A (cat) is wrong; B (dog) is right.", "B"),
        ("A (cat) is right; B (dog) is wrong.", "A"),
        *(("All options but B are wrong.", "B"), ("All but C are wrong.", "C")),
        *(("dog, not cat", "B"), ("A dog, not a cat.", "B"), ("cat, not dog", "A")),
        *(("I would rank B first, then A", "B"), ("not dog", None)),
        ("It is most likely option B (dog), followed by option A (cat)", "B"),
    ],
)
def test_the_option_that_is_meant_among_others(reply, letter):
    asked = doc("cat", "dog", "bird", "fish") | {"answer": "option"}
    assert answers.read(asked, reply) == letter


def test_the_reasons_against_the_other_options_name_none():
    asked = doc("cat", "dog", "bird") | {"answer": "option"}
    said = "**Correct Answer: B. dog**\n\n**{}**\n- A. cat: pointed ears\n- C. bird: wings"
    for heading in ("Why not the others?", "Other options", "Incorrect options:"):
        assert answers.read(asked, said.format(heading)) == "B"
    assert answers.read(asked, "Why not A? It purrs.\nAnswer: B") == "B"


@pytest.mark.parametrize(("said", "letter"), [("fifteen", "B"), ("Twelve.", "A"), ("nine", None)])
def test_a_number_in_words_is_an_option_in_digits(said, letter):
    asked = doc("12", "15", "18", "21") | {"answer": "option"}
    assert answers.read(asked, said) == letter


@pytest.mark.parametrize(("more", "less"), [("A", "B"), ("B", "A")])
def test_what_is_compared_with_is_not_chosen(more, less):
    asked = doc("Solution A", "Solution B", "neither") | {"answer": "short_answer"}
    said = f"Solution {more} has more particles than Solution {less}."
    assert answers.read(asked, said) == f"Solution {more}"
