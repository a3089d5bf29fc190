"""Every answer kind of the table, all the way from a record to the report.

The records lie in tests/data/, one file a kind:

    task       id of a task that has answers of this kind
    header     what its annotation says beside the records; may be left out
    records    a few, as they stand in the annotation
    files      media and references of the records: factories.make_file says how they are written
    outputs    the same for the files that the replies below name
    half       "replies", one a record, half of which is right: text, JSON, or null for the
               perfect one; the "value" of the task with them, worked out by hand; "because"
    malformed  a reply that holds no answer
"""

import functools
import importlib
import json
import math
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from lm_eval_generalbench import answers, catalog, metrics, prompts, scoring
from lm_eval_generalbench.answers import ANSWERS
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.reports import excerpts
from lm_eval_generalbench.runs import rescoring, submission
from tests import factories

DATA = Path(__file__).resolve().parents[1] / "data"
PARTS = {
    "task": "the id of a task whose answers are of this kind",
    "records": "a list of records, as they stand in an annotation",
    "half": "a half-right reply to every record, and what the task is worth with these",
    "replies": 'to "half" the replies: text, JSON, or null for the perfect one',
    "value": 'to "half" what was worked out by hand; null if its metric needs networks',
    "because": 'to "half" how that was worked out',
    "malformed": "a reply that holds no answer",
}


class Case(NamedTuple):
    """A kind's records, on disk and loaded."""

    task: catalog.Task
    docs: list[dict[str, str]]
    root: Path  # data root with this one task
    outputs: Path  # folder of what the model made
    half: list[str]
    value: float | None  # of `half`; None where the metric needs networks
    malformed: str

    @property
    def kind(self) -> str:
        return self.docs[0]["answer"]

    @property
    def metric(self) -> metrics.Metric:
        return metrics.metric(self.task.metric)


def gaps(data: Path) -> list[str]:
    """What is missing for a kind to be tested, a line each."""
    lines = []
    for kind in ANSWERS:
        file = data / f"{kind}.json"
        if not file.is_file():
            lines.append(f"tests/data/{kind}.json is missing: add a record of the kind {kind!r}.")
            continue
        case = json.loads(file.read_text(encoding="utf-8"))
        parts = case | case.get("half", {})
        lines += [
            f"tests/data/{kind}.json has no {part!r}: add {what}."
            for part, what in PARTS.items()
            if part not in parts
        ]
    known = {f"{kind}.json" for kind in ANSWERS}
    strangers = sorted(file.name for file in data.glob("*.json") if file.name not in known)
    return lines + [f"tests/data/{name} belongs to no kind: remove it." for name in strangers]


def as_reply(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@functools.cache
def made(kind: str, folder: Path) -> Case:
    """The case of a kind, its files below `folder`."""
    missing = [line for line in gaps(DATA) if line.startswith(f"tests/data/{kind}.json")]
    if missing:
        pytest.fail("\n".join(missing), pytrace=False)
    given = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
    task = catalog.task(given["task"])
    root, outputs = folder / "data", folder / "outputs"
    factories.make_task(root, task.id, given["records"], given.get("header"), given.get("files"))
    outputs.mkdir()
    for name, spec in given.get("outputs", {}).items():
        factories.make_file(outputs / name, spec)
    docs = documents(task, root.resolve(), Settings(gb_outputs=str(outputs)))
    replies = given["half"]["replies"]
    half = [
        answers.perfect_reply(doc) if reply is None else as_reply(reply)
        for reply, doc in zip(replies, docs, strict=True)
    ]
    return Case(task, docs, root, outputs, half, given["half"]["value"], given["malformed"])


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    return {kind: tmp_path_factory.mktemp(kind) for kind in ANSWERS}


@pytest.fixture(params=ANSWERS)
def case(request, folders) -> Case:
    return made(request.param, folders[request.param])


def scored(case: Case, replies: list[str]) -> list[dict[str, Any]]:
    results = [
        scoring.process_results(doc, [reply]) for doc, reply in zip(case.docs, replies, strict=True)
    ]
    assert not any(result["broken"] for result in results)
    return results


def value(case: Case, replies: list[str]) -> float | None:
    """The task's value in its metric's unit; None if the metric needs networks, people, or is not there."""
    return value_of(case, scored(case, replies))


def value_of(case: Case, results: list[dict[str, Any]]) -> float | None:
    """The same from the values of the documents."""
    if not case.metric.available or case.metric.weights or case.metric.rated:
        return None
    found = [result[case.task.metric] for result in results]
    if case.metric.total:
        return float(metrics.function(case.metric.total)(found))
    return math.fsum(found) / len(found)


def no_better(case: Case, one: float, other: float) -> bool:
    return one >= other if case.metric.better == "lower" else one <= other


def alike(case: Case, replies: list[str]) -> list[str]:
    """One reply to every document."""
    return replies * len(case.docs)


def logged(case: Case, replies: list[str], folder: Path) -> Path:
    """A folder with the sample log of a model that gave these replies."""
    folder.mkdir(parents=True)
    lines = [
        {
            **{"doc_id": position, "doc": doc, "target": doc["target"], "filter": "none"},
            **{"arguments": {"gen_args_0": {"arg_0": prompts.doc_to_text(doc)}}},
            **{"resps": [[reply]], "filtered_resps": [reply], "metrics": list(result)},
            **result,
        }
        for position, (doc, reply, result) in enumerate(
            zip(case.docs, replies, scored(case, replies), strict=True)
        )
    ]
    log = folder / f"samples_{case.task.name}_2026-01-02T03-04-05.000006.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def test_every_kind_has_its_records():
    assert not gaps(DATA), "\n".join(gaps(DATA))


def test_a_kind_without_a_part_is_told_what_to_add(tmp_path):
    for file in DATA.glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    first, second = list(ANSWERS)[:2]
    (tmp_path / f"{first}.json").unlink()
    (tmp_path / f"{second}.json").write_text('{"task": "L-1.2", "records": [], "malformed": ""}')
    (tmp_path / "unheard_of.json").write_text("{}")
    missing, half, *parts, stranger = gaps(tmp_path)
    assert missing == f"tests/data/{first}.json is missing: add a record of the kind {first!r}."
    assert half.startswith(f"tests/data/{second}.json has no 'half': add a half-right reply to ")
    assert [line.split("'")[1] for line in parts] == ["replies", "value", "because"]
    assert stranger == "tests/data/unheard_of.json belongs to no kind: remove it."


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_code_that_a_kind_names_is_there(kind):
    for column in answers.NAMES:
        module, _, name = getattr(ANSWERS[kind], column).rpartition(".")
        if name:
            found = importlib.import_module(f"lm_eval_generalbench.answers.{module}")
            assert hasattr(found, name), (
                f"The kind {kind!r} has no {column}: write {name} in answers/{module}.py."
            )
    choice = ANSWERS[kind].choice
    assert choice is None or {choice.lettered, choice.closed, choice.open} <= {"", *ANSWERS}


def test_the_loader_makes_documents_of_the_kind(case, request):
    assert [doc["broken"] for doc in case.docs] == [""] * len(case.docs)
    assert {doc["answer"] for doc in case.docs} == {request.node.callspec.params["case"]}
    for doc in case.docs:
        answers.function(answers.answer(case.kind).target)(json.loads(doc["target"]), doc)


def test_the_prompt_says_how_to_answer(case):
    for doc in case.docs:
        text = prompts.doc_to_text(doc)
        assert doc["prompt"] in text
        assert text.endswith(answers.instruction(prompts.wanted(doc)))


def test_a_perfect_reply_gets_the_best_value(case):
    replies = [answers.perfect_reply(doc) for doc in case.docs]
    found = value(case, replies)
    if found is not None:
        assert found == pytest.approx(case.metric.best, abs=1e-9)


def test_a_half_right_reply_gets_what_was_worked_out_by_hand(case):
    assert [result["unparsed"] for result in scored(case, case.half)] == [0.0] * len(case.docs)
    found = value(case, case.half)
    assert (found is None) == (case.value is None), (
        f"tests/data/{case.kind}.json: give half the value that was worked out by hand."
    )
    if found is not None:
        assert found == pytest.approx(case.value, rel=1e-9)


def test_an_empty_reply_counts_as_no_answer_and_is_worst(case):
    replies = alike(case, [""])
    assert [result["unparsed"] for result in scored(case, replies)] == [1.0] * len(case.docs)
    found = value(case, replies)
    if found is not None:
        assert no_better(case, found, value(case, case.half))
        assert found != value(case, case.half)


def test_a_malformed_reply_counts_as_no_answer(case):
    replies = alike(case, [case.malformed])
    assert [result["unparsed"] for result in scored(case, replies)] == [1.0] * len(case.docs)
    assert value(case, replies) == value(case, alike(case, [""]))


def test_the_naive_reply_is_an_answer_and_not_perfect(case):
    replies = [answers.naive_reply(doc) for doc in case.docs]
    if ANSWERS[case.kind].handed_in == "file" and replies == alike(case, [""]):
        return  # nobody makes a file cheaply
    assert [result["unparsed"] for result in scored(case, replies)] == [0.0] * len(case.docs), (
        f"The naive reply {replies[0][:80]!r} of {case.kind!r} cannot be read as one."
    )
    assert value(case, replies) != case.metric.best


def test_a_submission_is_worth_what_the_replies_were_worth(case, tmp_path, capsys):
    run = logged(case, case.half, tmp_path / "run")
    assert submission.export([run], tmp_path / "sub", case.root) == 0, capsys.readouterr().out
    assert rescoring.score([tmp_path / "sub"], case.root, tmp_path / "again") == 0
    (file,) = (tmp_path / "again").rglob("results_*.json")
    found = json.loads(file.read_text())["results"][case.task.name]
    assert found["unparsed,none"] == 0
    if case.value is not None:
        assert found[f"{case.task.metric},none"] == pytest.approx(case.value, rel=1e-9)


def test_a_submission_says_what_is_no_answer(case, tmp_path, capsys):
    replies = alike(case, [case.malformed])
    run = logged(case, replies, tmp_path / "run")
    assert submission.export([run], tmp_path / "sub", case.root) == 1
    said = f"cannot be read as {case.kind}" if case.malformed.strip() else "empty: "
    assert said in capsys.readouterr().out


def test_the_report_shows_the_reply(case, tmp_path):
    run = logged(case, case.half, tmp_path / "run")
    shown = excerpts.samples_for_report([run], roots=[case.root, case.outputs])
    samples = shown["tasks"][case.task.id]
    assert [sample["id"] for sample in samples] == [doc["id"] for doc in case.docs][:3]
    for sample, reply, doc in zip(samples, case.half, case.docs, strict=False):
        assert sample["reply"][:200] == reply[:200] and not sample["unparsed"]
        assert sample["prompt"][:200] == prompts.doc_to_text(doc)[:200]
        of_prompt = [medium for medium in sample["media"] if medium["of"] == "prompt"]
        outlined = [x for x in sample["media"] if x["name"].endswith("blue, reply orange)")]
        assert bool(outlined) == bool(ANSWERS[case.kind].outline)
        assert bool(of_prompt) == any(Path(file).is_file() for file in json.loads(doc["files"]))


@pytest.mark.parametrize("name", answers.ANSWERS)
def test_the_line_of_a_kind_says_what_it_must(name):
    line = answers.ANSWERS[name]
    assert answers.instruction(name).strip(), f"{name} does not tell a model how to answer"
    assert line.tokens > 0, f"{name} leaves no room for an answer"
    assert line.handed_in in get_args(answers.HandedIn), f"{name}: handed_in {line.handed_in!r}"
    document = {"options": "[]", "files": "[]", "extra": "{}", "outputs": "", "prompt": ""}
    for reply in ("", "ответ — 鸟 ½ \ud83d", "[" * 50, "\x00"):
        answers.function(line.read)(reply, document)  # never raises
