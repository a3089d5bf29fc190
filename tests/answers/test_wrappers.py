"""Whatever is written around an answer, in every kind, it is the answer that is scored."""

import pickle

import pytest

from lm_eval_generalbench import answers, catalog, paths
from lm_eval_generalbench.answers import ANSWERS, reply
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from tests.answers.test_kinds import made, scored, value, value_of
from tests.answers.wrappers import NAMES, wrapped

# Pairs of a kind and a wrapping that does not carry its answers, and why
EXCEPTIONS: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def folders_of_kinds(tmp_path_factory):
    return {kind: tmp_path_factory.mktemp(kind) for kind in ANSWERS}


def best(case):
    """The perfect replies; where none can be given, as files are made by models, the best known."""
    perfect = [answers.perfect_reply(doc) for doc in case.docs]
    return perfect if any(perfect) else case.half


def meanings(case, replies):
    """What is read of replies, in a form that can be compared."""
    return [
        pickle.dumps(answers.read(doc, text)) for doc, text in zip(case.docs, replies, strict=True)
    ]


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_wrapped_perfect_reply_keeps_the_best_value(kind, folders_of_kinds):
    case = made(kind, folders_of_kinds[kind])
    perfect = best(case)
    wanted, meant = value(case, perfect), meanings(case, perfect)
    assert pickle.dumps(None) not in meant
    for name in NAMES:
        replies = [wrapped(name, text) for text in perfect]
        if (kind, name) in EXCEPTIONS or meanings(case, replies) == meant:
            continue  # the same is read, and so is its value the same
        results = scored(case, replies)
        assert [result["unparsed"] for result in results] == [0.0] * len(results), name
        assert value_of(case, results) == pytest.approx(wanted, abs=1e-9), name


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_was_found_is_found_again(kind, folders_of_kinds):
    case = made(kind, folders_of_kinds[kind])
    for doc, text in zip(case.docs, best(case), strict=True):
        for name in NAMES:
            found = answers.find(doc, wrapped(name, text)).answer
            assert answers.find(doc, found) == reply.Found(found, {}), name


def test_wrappings_inside_each_other_are_opened():
    inner = wrapped("JSON in a fence", wrapped("bracketed", "A"))
    text = wrapped("ChatML, running on", wrapped("think", wrapped("answer", inner)))
    assert reply.find(text).answer == "A"


def test_what_was_cut_is_kept_by_step():
    found = reply.find("<think>Hm.</think>ASSISTANT: <answer>A</answer>\n\nQ: next?")
    assert found.answer == "A"
    assert found.cut["reasoning"] == "<think>Hm.</think>"
    assert found.cut["role"] == "ASSISTANT:" and found.cut["run_on"] == "Q: next?"
    assert found.cut["tags"] == "<answer></answer>"


# A few that cut at the words of an answer, where they may be words of the answer itself
ROUGH = ("answer", "think, closed only", "next question", "Sure!", "offer", "boxed", "JSON", "role")


def _keeps_readings(root, most):
    """Compares what is read of perfect replies, bare and wrapped, of every document in words."""
    found = 0
    for task_id in sorted(folders.places(root).folders):
        task = catalog.task(task_id)
        for doc in documents(task, root, Settings())[:most]:
            perfect = answers.perfect_reply(doc)
            if not perfect or not ANSWERS[doc["answer"]].words:
                continue
            bare = answers.read(doc, perfect)
            assert bare is not None, (task.name, doc["id"])
            for name in ROUGH:
                said = answers.read(doc, wrapped(name, perfect))
                assert said == bare, (task.name, doc["id"], name, perfect[:80])
            found += 1
    return found


def test_every_answer_of_the_demo_keeps_its_meaning():
    assert _keeps_readings(paths.demo_root().resolve(), 20) > 80


def test_every_answer_of_the_sample_keeps_its_meaning(sample_root):
    assert _keeps_readings(sample_root.resolve(), 250) > 1000
