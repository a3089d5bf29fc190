"""Whatever a reply is made of: nothing is raised, and what was found is found again."""

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import ANSWERS, refusals, reply
from lm_eval_generalbench.errors import GeneralBenchError
from tests import mutations
from tests.answers.questions import doc
from tests.answers.wrappers import NAMES, wrapped

PIECES = (
    *("<think>", "</think>", "<answer>", "</answer>", "<CONCLUSION>", "</CONCLUSION>", "[THINK]"),
    *("[/THINK]", "◁think▷", "◁/think▷", "<|channel|>final<|message|>", "assistantfinal", "</s>"),
    *("<|im_start|>assistant\n", "<|im_end|>", "<|begin_of_box|>", "<|end_of_box|>", "[INST]"),
    *("```", "```json\n", "\n```", "\\boxed{", "}", "{", "[", "]", "(", ")", '{"answer": "', '"}'),
    *(
        "{'answer': ",
        "Answer: ",
        "The answer is ",
        "答案是",
        "Assistant:",
        "\nQ: ",
        "\nA: ",
        "Human:",
    ),
    *(
        "\n",
        "\n\n",
        " ",
        "Note: ",
        "\n\nNote: ",
        "Sure! Here is the answer:",
        "I cannot answer.",
        "Sorry",
    ),
    *(
        "A",
        "B",
        "I",
        "cat",
        "dog",
        "1",
        "2.5",
        "1/2",
        ",",
        ", ",
        " and ",
        " or ",
        "->",
        "=>",
        "not ",
    ),
    *(
        "yes",
        "no",
        "none",
        "[[1, 2, 3, 4]]",
        '{"label": "cat", "box": [1, 2, 3, 4]}',
        "<box>",
        "</box>",
    ),
    *(
        "SELECT a FROM b",
        ";",
        "action: a, object: b, location: c",
        "(a, b)",
        '"',
        "'",
        "**",
        "*",
        "`",
    ),
    *("\\", "\\frac{1}{2}", "$", "\u2212", "两只", "\ue000", "\ud800", "\x00", "½", "é", "x1="),
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    st.builds(
        lambda names, text: _wrapped(names, text),
        st.lists(st.sampled_from(NAMES), max_size=3),
        st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
    ),
)
WITHOUT = sorted({kind.without for kind in ANSWERS.values()}, key=sorted)


def _wrapped(names: list[str], text: str) -> str:
    for name in names:
        text = wrapped(name, text)
    return text


@pytest.mark.parametrize("without", WITHOUT, ids=lambda names: ",".join(sorted(names)) or "all")
@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_an_answer_that_was_found_is_found_again(without, text):
    found = reply.find(text, without)
    assert reply.find(found.answer, without) == reply.Found(found.answer, {})


@pytest.mark.parametrize("step", reply.STEPS)
@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_no_step_makes_an_answer_longer(step, text):
    assert len(reply.STEPS[step](text)) <= len(text) or step in (
        "json",
        "json_within",
        "answer_key",
    )


@pytest.mark.parametrize("name", ANSWERS)
@settings(max_examples=80, deadline=None)
@given(text=TEXTS, options=st.lists(st.text(max_size=8), max_size=5))
def test_readers_raise_only_our_errors(name, text, options):
    document = doc(*options) | {"answer": name, "extra": "{}", "id": "1", "gb_task": "L-1.2"}
    try:
        answers.read(document, text)
    except GeneralBenchError:
        assert not ANSWERS[name].words  # a picture that the question lacks


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_to_look_for_a_refusal_raises_nothing(text):
    assert refusals.refuses(text) in (True, False)


NESTED = ('{"content": ', '{"choices": [', '[{"box": ', "{'a': ")


@pytest.mark.parametrize("name", ANSWERS)
def test_thousands_of_brackets_inside_each_other_raise_nothing(name):
    document = doc("cat", "dog") | {"answer": name, "extra": "{}", "id": "1", "gb_task": "L-1.2"}
    for opening in NESTED:
        closing = "".join({"[": "]", "{": "}"}.get(x, "") for x in reversed(opening))
        with suppress(GeneralBenchError):
            answers.read(document, opening * 1200 + '"A"' + closing * 1200)


FEW, ALL = 500, 10_000


@pytest.mark.parametrize(
    "seed, count", [(0, FEW), pytest.param(1, ALL, marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_mutated_replies_raise_only_our_errors(seed, count):
    chance = random.Random(seed)
    for number in range(count):
        name = chance.choice(list(ANSWERS))
        original = "".join(chance.choices(PIECES, k=chance.randint(1, 12)))
        changed = mutations.text(original, PIECES, chance)
        document = doc("cat", "dog") | {
            "answer": name,
            "extra": "{}",
            "id": "1",
            "gb_task": "L-1.2",
        }
        try:
            answers.read(document, changed)
        except GeneralBenchError:
            assert not ANSWERS[name].words  # a picture that the question lacks
        except Exception:
            print(f"{name}, mutation {number} of seed {seed}: {changed!r}")
            raise
