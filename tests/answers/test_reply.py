"""What a reply says and concludes."""

import json
import time

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import ANSWERS, files, reply, text
from lm_eval_generalbench.answers.reply import READ, find
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.metrics import code
from tests.answers.questions import doc


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (" B \n", "B"),
        ("<think>A? no.</think> B", "B"),
        ("<reasoning>Is it A", ""),  # cut off before it says anything
        ("B<think>Was that right?", "B"),
        ("B <think>because</think>", "B"),
        ("<think>a</think>A<think>b</think>B", "B"),
        ("<thinking>a<reflection>b</reflection>c</thinking>B", "B"),
        ("<think>only this</think>", ""),
        ("a < b", "a < b"),
    ],
)
def test_hidden_reasoning_is_not_said(text, answer):
    assert find(text).answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("B</s>", "B"),
        ("B <|im_end|><|endoftext|>", "B"),
        ("<|im_start|>user\nWhich?<|im_end|>\n<|im_start|>assistant\nB<|im_end|>", "B"),
        ("USER: Which one? ASSISTANT: B", "B"),
        ("[INST] Which? [/INST] B", "B"),
        ("Sure. The question was:\nQ: Which one?\nA: B", "B"),
        ("B\n\nQ: And now?\nA: C", "B"),
        ("B\n\n### Instruction:\nNext", "B"),
        ("<s>old</s> new, " + "and on it goes, " * 5, "old"),
        ("a <s>b</s> c", "a c"),  # crossed out, in HTML
    ],
)
def test_only_the_turn_of_the_model_is_said(text, answer):
    assert find(text).answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<answer></answer> I mean <answer>B</answer>", "B"),
        ("<answer>A</answer> or <answer>B</answer>", "B"),
        ("<ANSWER>B</ANSWER>", "B"),
        ("<output>B</output>", "B"),
        ("<label>B</label>", "B"),
        ("<box>B</box>", "<box>B</box>"),  # the mark of a family
        ("<table>B</table>", "<table>B</table>"),
        ("\\boxed{A} or \\boxed{\\text{B}}", "B"),
        ("\\boxed{x^{2}}", "x^{2}"),
        ("`B`", "B"),
        ("**B**", "B"),
        ("“B”", "B"),
        ("```\nB\n```", "B"),
        ('{"Final Answer": "B"}', "B"),
        ('{"reason": "A?", "answer": "B"}', "B"),
        ('{"animal": "B"}', "B"),
        ('I am sure. {"answer": "B"}', "B"),
        ('"{\\"answer\\": \\"B\\"}"', "B"),
        ("{'answer': 'B',}", "B"),
        ('{"answer": "B', "B"),
        ('{"left": 1, "right": 2}', '{"left": 1, "right": 2}'),
    ],
)
def test_an_answer_is_taken_out_of_its_wrapping(text, answer):
    assert find(text).answer == answer


@pytest.mark.parametrize("kind", ["boxes", "mask", "events", "tube"])
def test_a_kind_whose_answer_is_json_gets_the_json(kind):
    value = [{"label": "cat", "box": [1, 2, 3, 4]}]
    text = json.dumps(value)
    for said in (
        text,
        json.dumps({"answer": value}),
        json.dumps({"answer": text}),
        json.dumps({"thought": "Hm.", "answer": text}),
        f"<think>[1]</think><answer>{text}</answer>",
        json.dumps({"role": "assistant", "content": text}),
        json.dumps(json.dumps({"answer": text})),
    ):
        assert json.loads(find(said, ANSWERS[kind]).answer) == value
    assert find('{"label": "cat"}', ANSWERS[kind]).answer == '{"label": "cat"}'


def test_code_keeps_what_may_be_code():
    code = "model: Model = load()\n# Question: why?\nprint({'answer': 1})"
    assert find(code, ANSWERS["code"]).answer == code


def test_only_the_beginning_of_an_endless_reply_is_looked_at():
    assert len(find("B" * (READ + 1)).answer) == READ
    assert find(f"<think>{'x' * READ}</think>B").answer == "B"


def test_what_is_wrapped_without_end_is_no_answer():
    text = "\\boxed{" * 3 * reply.ROUNDS + "B" + "}" * 3 * reply.ROUNDS
    assert find(text).answer == "" and "rounds" in find(text).cut


def test_a_reader_always_gets_the_answer_that_was_found():
    read = answers.function(ANSWERS["option"].read)
    question = doc("cat", "dog")
    assert read("<think>A</think><answer>B</answer>", question) == "B"
    assert read("I cannot answer this question.", question) is None
    assert answers.read(question | {"answer": "option"}, "Assistant: B") == "B"


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("The answer is B", "B"),
        ("Answer: A? No. Final answer: **B**", "B"),
        ("The answer to the first question is B.", "B."),
        ("Answer - B\nbecause it rained", "B"),
        (r"\boxed{A} or rather \boxed{\text{B}}", "B"),
        ("so\n#### 7", "7"),
        ("答案是B。", "B。"),
        ("La respuesta es B", "B"),
        ("Die Antwort lautet B", "B"),
        ("B", None),
        ("I cannot answer.", None),
        ("The answer is", None),
    ],
)
def test_the_last_conclusion_of_a_reply_counts(text, ending):
    assert conclusion(text) == ending


@pytest.mark.slow  # it measures seconds, which a busy machine stretches
@pytest.mark.parametrize(
    "text", [" " * READ + "x", "\n" * READ + "x", "\t" * READ, "[" + " " * READ]
)
def test_blanks_take_linear_time(text):
    start = time.perf_counter()
    find(text)
    assert time.perf_counter() - start < 5


def seconds(call):
    """The least CPU seconds of three calls."""
    found = []
    for _ in range(3):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize(
    "take",
    [
        lambda n: find("<" + " " * n + "x"),
        lambda n: find("<b>\n" + "\n" * n + "x"),
        lambda n: files.json_in("```" + " " * n + "x\n```"),
        lambda n: text.read_code("```" + " " * n + "x", {"extra": "{}"}),
        lambda n: code.codebleu("a=" * (n // 2) + "1", ["x = 1"]),
        lambda n: code.codebleu(str([i % 97 for i in range(n // 4)]), ["x = 1"]),
    ],
    ids=["blanks", "line ends", "JSON fence", "code fence", "assignments", "numbers"],
)
def test_four_times_the_reply_takes_no_sixteen_times_the_time(take):
    short, long = (seconds(lambda n=n: take(n)) for n in (10_000, 40_000))
    assert long < 8 * max(short, 0.005)


@pytest.mark.slow  # it measures seconds, which a busy machine stretches
@pytest.mark.parametrize("options", [("cat", "dog"), ("12", "15")])
def test_a_long_run_of_digits_takes_linear_time(options):
    start = time.perf_counter()
    answers.read(doc(*options) | {"answer": "option"}, "1" * READ + "x")
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("~~A~~ B", "B"),
        ("<s>A</s> B", "B"),
        ("<s>cat</s> dog", "dog"),
        ("A ~~cat~~ <del>bird</del> dog runs.", "A dog runs."),
        ("<s>B</s>", "B"),  # special tokens
        ("<s> B</s></s></s>", "B"),
        (
            "<s>A dog.</s> It is followed by what the model goes on to say when nobody stops it.",
            "A dog.",
        ),
        ("好的~~ B~~", "好的~~ B~~"),
        ("~~cat~~", "~~cat~~"),
    ],
)
def test_what_is_struck_out_is_not_said(text, answer):
    assert find(text).answer == answer


def test_code_may_hold_marks_of_struck_text():
    assert find("x = ~~a + ~~b", reply.CODE).answer == "x = ~~a + ~~b"
