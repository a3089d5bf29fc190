"""Whatever is written around an answer, in every kind, it is the answer that is scored."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import ANSWERS, reply
from tests.answers.test_kinds import made, scored, value
from tests.answers.wrappers import NAMES, wrapped

# Pairs of a kind and a wrapping that does not carry its answers, and why
EXCEPTIONS: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {kind: tmp_path_factory.mktemp(kind) for kind in ANSWERS}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ANSWERS)
def test_a_wrapped_perfect_reply_keeps_the_best_value(kind, name, folders):
    if (kind, name) in EXCEPTIONS:
        pytest.skip(EXCEPTIONS[kind, name])
    case = made(kind, folders[kind])
    perfect = [answers.perfect_reply(doc) for doc in case.docs]
    if not any(perfect):
        pytest.skip("a model cannot name a file that only the record has")
    replies = [wrapped(name, text) for text in perfect]
    assert [result["unparsed"] for result in scored(case, replies)] == [0.0] * len(case.docs)
    assert value(case, replies) == pytest.approx(value(case, perfect), abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ANSWERS)
def test_what_was_found_is_found_again(kind, name, folders):
    case = made(kind, folders[kind])
    for doc in case.docs:
        text = wrapped(name, answers.perfect_reply(doc))
        found = answers.find(doc, text).answer
        assert answers.find(doc, found) == reply.Found(found, {})
