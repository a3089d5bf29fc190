import json
import math
from dataclasses import replace

import numpy as np
import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.levels import compare, scopes, uncertainty
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.reports import schema
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.runs.records import Run, Value
from lm_eval_generalbench.runs.values import Log
from tests.runs.factories import line, write

ACC = catalog.task("I-C-1.1")
TIME = "2026-01-01T00-00-00"


def log_of(task, documents, clusters=None, ids=None):
    ids = ids or [f"{i:05}" for i in range(len(documents))]
    clusters = np.arange(len(ids)) if clusters is None else np.array(clusters)
    if METRICS[task.metric].per == "task":
        return Log(task, ids, clusters, None, list(documents))
    return Log(task, ids, clusters, np.array(documents, dtype=float), None)


def save(folder, model, answers):
    """Results and sample logs of one model; answers: task id -> {document id: (value, file)}."""
    folder = folder / model
    folder.mkdir()
    entries = {}
    for id, documents in answers.items():
        task = catalog.task(id)
        mean = float(np.mean([value for value, _ in documents.values()]))
        entries[task.name] = {f"{task.metric},none": mean}
        with (folder / f"samples_{task.name}_{TIME}.jsonl").open("w") as file:
            for i, (document, (value, source)) in enumerate(documents.items()):
                files = json.dumps([f"/{model}/{source}"] if source else [])
                entry = line(id, document, doc={"files": files}, doc_id=i, **{task.metric: value})
                file.write(json.dumps(entry) + "\n")
    raw = {
        "results": entries,
        "versions": {name: float(catalog.task(name).version) for name in entries},
        "config": {"model": "hf", "model_args": {"pretrained": model}},
        "date": 1.0,
    }
    (folder / f"results_{TIME}.json").write_text(json.dumps(raw))
    return folder


def test_mcnemar_equals_the_binomial_test_of_scipy():
    # scipy.stats.binomtest(b, b + c, 0.5).pvalue, computed live; scipy 1.17.1 when written
    from scipy.stats import binomtest

    for b, c in [(8, 1), (1, 8), (0, 5), (30, 12), (3, 3), (500, 420)]:
        assert compare.mcnemar(b, c) == pytest.approx(binomtest(b, b + c, 0.5).pvalue, rel=1e-9)
    assert compare.mcnemar(0, 0) == 1


def test_holm_s_correction_comes_out_as_by_hand():
    given = [0.01, 0.04, 0.03, 0.005, 0.5]
    tests = [compare.Test("I-C-1.1", "McNemar", 1, 0.0, False, p, p) for p in given]
    found = [test.adjusted for test in compare.holm(tests)]
    # smallest first: 5 * 0.005, 4 * 0.01, 3 * 0.03, max(0.09, 2 * 0.04), 0.5
    assert found == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.5])
    assert compare.holm([]) == []


def test_right_and_wrong_documents_are_tested_by_mcnemar():
    first = log_of(ACC, [1] * 8 + [0] * 1 + [1] * 11)
    second = log_of(ACC, [0] * 8 + [1] * 1 + [1] * 11)
    test = compare.paired(first, second)
    assert (test.method, test.n, test.better) == ("McNemar", 20, True)
    assert test.difference == pytest.approx(100 * 7 / 20)
    assert test.p == pytest.approx(0.0390625)
    assert compare.paired(second, first).better is False


def test_documents_of_one_source_are_no_independent_evidence():
    first, second = [1] * 20 + [0] * 20, [0] * 20 + [0] * 20
    clusters = np.arange(40) // 20
    alone = compare.paired(log_of(ACC, first), log_of(ACC, second))
    together = compare.paired(log_of(ACC, first, clusters), log_of(ACC, second, clusters))
    assert (alone.method, together.method) == ("McNemar", "paired bootstrap")
    assert alone.p < 1e-4 and together.p > 0.1


def test_a_paired_bootstrap_agrees_with_the_paired_t_test():
    # scipy.stats.ttest_rel(a, b).pvalue, computed live
    from scipy.stats import ttest_rel

    random = np.random.default_rng(0)
    a = random.random(60)
    b = a + random.normal(0.03, 0.1, 60)
    found = compare.paired(log_of(ACC, a), log_of(ACC, b), 20_000)
    assert found.method == "paired bootstrap"
    assert found.p == pytest.approx(ttest_rel(a, b).pvalue, rel=0.1)


def test_a_metric_over_the_task_is_tested_on_the_same_documents_drawn():
    task = catalog.task("L-15.1")  # micro_f1
    random = np.random.default_rng(1)
    right = random.random(80) < 0.5
    one = [[int(r), int(not r), int(not r)] for r in right]
    same = compare.paired(log_of(task, one), log_of(task, one))
    assert (same.p, same.difference) == (1.0, 0.0)
    better = [[1, 0, 0] if random.random() < 0.4 else row for row in one]
    found = compare.paired(log_of(task, better), log_of(task, one))
    assert found.better and found.p < 1e-3 and found.difference > 10


def test_a_lower_error_is_better():
    task = fitting(metric="mae")[0]
    random = np.random.default_rng(2)
    errors = random.random(50)
    found = compare.paired(log_of(task, errors * 0.5), log_of(task, errors))
    assert found.difference < 0 and found.better


def test_only_documents_in_common_are_tested():
    first = log_of(ACC, [1, 1, 1, 0], ids=list("abcd"))
    second = log_of(ACC, [0, 0, 1], ids=list("bcx"))
    assert compare.paired(first, second).n == 2
    assert compare.paired(first, log_of(ACC, [1], ids=["d"])) is None
    assert compare.paired(first, log_of(ACC, [1], ids=["z"])) is None
    broken = log_of(ACC, [1, 1, math.nan, 0], ids=list("abcd"))
    assert compare.paired(first, broken) is None


def test_without_logs_standard_errors_test_the_difference():
    runs = [
        Run("a", {"I-C-1.1": Value(50.0, stderr=3.0), "I-C-1.2": Value(50.0)}),
        Run("b", {"I-C-1.1": Value(60.0, stderr=4.0), "I-C-1.2": Value(50.0, stderr=1.0)}),
    ]
    pair = compare.compare(runs, baseline="a").pairs[0]
    (test,) = pair.tests
    assert (test.method, test.n, test.better) == ("standard errors", None, True)
    assert test.p == pytest.approx(0.0455, abs=1e-4)  # 10 / sqrt(9 + 16) = 2 standard errors


def test_two_models_with_logs_are_compared_document_by_document(tmp_path):
    random = np.random.default_rng(3)
    truth = {f"d{i}": float(random.random() < 0.4) for i in range(300)}
    better = {d: 1.0 if random.random() < 0.3 else v for d, v in truth.items()}
    weak = save(tmp_path, "weak", {"I-C-1.1": {d: (v, d) for d, v in truth.items()}})
    strong = save(tmp_path, "strong", {"I-C-1.1": {d: (v, d) for d, v in better.items()}})
    found = compare.compare(results.read([weak, strong]), draws=300)
    assert [found.runs[place.model].model for place in found.places] == ["strong", "weak"]
    (pair,) = found.pairs
    assert (pair.model, pair.baseline) == ("weak", "strong")
    (test,) = pair.tests
    assert (test.method, test.n, test.better) == ("McNemar", 300, False)
    assert test.adjusted < 1e-6
    low, high = pair.intervals[2]
    assert low < pair.differences[2] < high < 0, "paired, so the difference is sure"
    assert pair.verdict.startswith("strong is ahead of weak: S")
    assert "of 1 task that can be tested, weak is better in 0 and worse in 1" in pair.verdict
    assert pair.notes == []


def test_different_documents_are_reported_and_the_common_ones_tested(tmp_path):
    answers = {f"d{i}": (float(i % 2), "") for i in range(40)}
    first = save(tmp_path, "first", {"I-C-1.1": answers})
    second = save(tmp_path, "second", {"I-C-1.1": dict(list(answers.items())[10:])})
    (pair,) = compare.compare(results.read([first, second]), draws=100).pairs
    assert pair.tests[0].n == 30
    assert "I-C-1.1 (30 and 40, 30 in common)" in pair.notes[0].replace("40 and 30", "30 and 40")


def test_equal_models_are_equal_and_close_ones_not_told_apart():
    equal = [Run(name, {"I-C-1.1": Value(50.0, stderr=3.0)}) for name in "ab"]
    assert "a and b are equal" in compare.compare(equal, baseline="b").pairs[0].verdict
    close = [equal[0], Run("b", {"I-C-1.1": Value(51.0, stderr=3.0)})]
    verdict = compare.compare(close).pairs[0].verdict
    assert verdict.startswith("No clear difference between b and a: S")
    unknown = [Run("a", {"I-C-1.1": Value(50.0)}), Run("b", {"I-C-1.1": Value(51.0)})]
    verdict = compare.compare(unknown).pairs[0].verdict
    assert "its certainty is unknown" in verdict and "no task can be tested" in verdict


def test_wins_gained_and_lost_are_listed_task_by_task():
    sota = specialists()
    runs = [
        Run("a", {id: Value(sota[id]) for id in ("I-C-1.1", "I-C-1.2")}),
        Run("b", {id: Value(sota[id]) for id in ("I-C-1.2", "I-C-1.3")}),
    ]
    (pair,) = compare.compare(runs, baseline="a").pairs
    assert (pair.gained, pair.lost) == (["I-C-1.3"], ["I-C-1.1"])
    (pair,) = compare.compare(runs, board=scopes.scope("nlp"), baseline="a").pairs
    assert (pair.gained, pair.lost) == ([], [])


def test_many_models_get_fewer_draws_unless_their_number_is_given():
    runs = [Run(f"m{i:02}", {"I-C-1.1": Value(50.0 + i, stderr=1.0)}) for i in range(21)]
    assert compare.compare(runs[:2]).draws == 1000
    found = compare.compare(runs)
    assert found.draws == 400
    assert found.places[0].rank == 1 and len(found.pairs) == 20
    assert compare.compare(runs, draws=100).draws == 100


# -- other data ----------------------------------------------------------------------------


def hashed(answers, question="q{}", target="t{}", **doc):
    """{document: value} -> lines of a log whose documents have these hashes."""
    return [
        line(
            ACC.id, id, doc={"question_hash": question.format(id), "target_hash": target.format(id), **doc},
            doc_id=i, acc=value,
        )
        for i, (id, value) in enumerate(answers.items())
    ]  # fmt: skip


def save_lines(folder, model, lines, n=None, stderr=None, **metadata):
    """Results and sample log of one model, from lines of the log."""
    entry = {"acc,none": float(np.mean([one["acc"] for one in lines]))}
    entry |= {"acc_stderr,none": stderr} if stderr else {}
    raw = {
        "results": {ACC.name: entry},
        "configs": {ACC.name: {"task": ACC.name, "metadata": metadata}},
        "versions": {ACC.name: float(ACC.version)},
        "n-samples": {ACC.name: {"original": n or len(lines), "effective": n or len(lines)}},
        "config": {"model": "hf", "model_args": {"pretrained": model}},
        "date": 1.0,
    }
    write(folder / model / f"samples_{ACC.name}_{TIME}.jsonl", lines)
    (folder / model / f"results_{TIME}.json").write_text(json.dumps(raw))


GOOD = {f"{i:03}": float(i % 10 > 0) for i in range(100)}
BAD = {id: float(int(id) % 2) for id in GOOD}


def compared(folder):
    return compare.compare(results.read([folder])).pairs[0]


def test_equal_documents_are_tested_in_pairs_and_nothing_is_said(tmp_path):
    save_lines(tmp_path, "good", hashed(GOOD))
    save_lines(tmp_path, "bad", hashed(BAD))
    pair = compared(tmp_path)
    assert [(test.method, test.n) for test in pair.tests] == [("McNemar", 100)]
    assert pair.notes == []


@pytest.mark.parametrize(
    "other",
    [
        hashed(BAD, question="other {}"),
        hashed(BAD, target="other {}"),
        hashed(BAD, question="", target="", prompt="another question"),
        hashed(BAD, question="", target="", files='["/data/another.png"]'),
    ],
)
def test_documents_with_equal_ids_that_ask_something_else_are_not_paired(tmp_path, other):
    old = {"question": "", "target": ""} if not other[0]["doc"]["question_hash"] else {}
    save_lines(tmp_path, "good", hashed(GOOD, **old), stderr=0.01)
    save_lines(tmp_path, "bad", other, stderr=0.01)
    pair = compared(tmp_path)
    assert pair.tests == [] and "no task can be tested" in pair.verdict
    assert "100 documents with equal ids" in pair.notes[-1]
    assert "I-C-1.1 (100 left out, 0 alike)" in pair.notes[-1]


def test_only_equal_documents_are_paired_and_the_others_are_counted(tmp_path):
    changed = hashed({id: value for id, value in BAD.items() if id < "030"}, question="other {}")
    same = hashed({id: value for id, value in BAD.items() if id >= "030"})
    save_lines(tmp_path, "good", hashed(GOOD))
    save_lines(tmp_path, "bad", [*changed, *same])
    pair = compared(tmp_path)
    assert [(test.method, test.n) for test in pair.tests] == [("McNemar", 70)]
    assert "30 documents with equal ids" in pair.notes[-1] and "70 alike" in pair.notes[-1]


def test_a_closed_set_is_paired_with_the_open_one(tmp_path):
    save_lines(tmp_path, "good", hashed(GOOD))
    save_lines(tmp_path, "bad", hashed(BAD, target=""))
    assert compared(tmp_path).tests[0].n == 100


def test_draws_of_unlike_data_have_nothing_in_common(tmp_path):
    def width(other):
        folder = tmp_path / other
        save_lines(folder, "good", hashed(GOOD))
        save_lines(folder, "same", hashed(GOOD, question=other))
        low, high = compared(folder).intervals[2]
        return high - low

    assert width("q{}") == 0  # equal answers to equal questions
    assert width("other {}") > 0


def test_results_that_tell_of_other_data_are_not_tested_without_logs(tmp_path):
    for model, questions in (("good", "aa"), ("bad", "bb"), ("same", "aa")):
        answers = BAD if model == "bad" else GOOD
        save_lines(tmp_path, model, hashed(answers), stderr=0.01, gb_questions=questions)
        next((tmp_path / model).glob("samples_*")).unlink()
    pairs = compare.compare(results.read([tmp_path]), baseline="good").pairs
    tests = {pair.model: [test.method for test in pair.tests] for pair in pairs}
    assert tests == {"bad": [], "same": ["standard errors"]}
    (note,) = [line for pair in pairs for line in pair.notes if "Other data" in line]
    assert note == "Other data, and so not tested: I-C-1.1 (questions)."


@pytest.mark.parametrize("kept", [20, 99, 101])
def test_a_log_of_another_length_than_its_run_is_named_and_not_used(tmp_path, kept):
    answers = {f"{i:03}": float(i % 2) for i in range(100)}
    lines = hashed(answers)
    lines = lines[:kept] if kept < 100 else [*lines, *hashed({"more": 0.5})]
    mean = float(np.mean([one["acc"] for one in lines]))
    save_lines(tmp_path, "good", lines, n=100)
    save_lines(tmp_path, "bad", hashed(BAD))
    (good,) = (run for run in results.read([tmp_path]) if run.model == "good")
    assert good.values[ACC.id].value == pytest.approx(100 * mean)
    drawn = uncertainty.value_draws(good, 100)
    assert drawn.basis[ACC.id] == "unknown"
    why = f"The sample log of I-C-1.1 holds {kept} documents and its run had 100; the log is not used."
    assert drawn.notes == drawn.unlike == [why]
    assert uncertainty.assess(good, drawn)[0].values == {}
    good.values[ACC.id] = replace(good.values[ACC.id], stderr=3.0)
    found, _ = uncertainty.assess(good, uncertainty.value_draws(good, 100))
    assert found.values == {} and found.levels is None and found.win == {}
    value = schema.to_json(good, levels.of_run(good), found)
    assert value["warnings"] == [why] and value["uncertainty"]["notes"] == [why]
    for baseline in ("good", "bad"):  # whichever of the two it is
        pair = compare.compare(results.read([tmp_path]), baseline=baseline).pairs[0]
        assert pair.tests == [] and any(line.endswith(why) for line in pair.notes)


@pytest.mark.parametrize("empty", ["", "\n\n", "{torn"])
@pytest.mark.parametrize("baseline", ["good", "bad"])
def test_a_log_without_documents_is_named_and_gives_no_interval(tmp_path, empty, baseline):
    save_lines(tmp_path, "good", hashed(GOOD), stderr=0.01)
    save_lines(tmp_path, "bad", hashed(BAD), stderr=0.01)
    (log,) = (tmp_path / "good").glob("samples_*")
    log.write_text(empty)
    pair = compare.compare(results.read([tmp_path]), baseline=baseline).pairs[0]
    (note,) = [line for line in pair.notes if "holds no sample of I-C-1.1" in line]
    assert log.name in note and note.endswith(uncertainty.NOT_USED)
    (good,) = (run for run in results.read([tmp_path]) if run.model == "good")
    drawn = uncertainty.value_draws(good, 100)
    assert drawn.basis[ACC.id] == "unknown" and drawn.unlike == drawn.notes


@pytest.mark.parametrize("named", ["{}", "another-{}"])
@pytest.mark.parametrize("source", [lambda n: "", lambda n: f"/data/{n // 3}.png"])
def test_equal_documents_are_paired_by_whatever_ids_they_are_called(tmp_path, named, source):
    def lines(answers, called):
        return [
            line(
                ACC.id, called(n), doc_id=i, acc=answers[f"{n:03}"],
                doc={
                    "question_hash": f"q{n}", "target_hash": f"t{n}",
                    "files": json.dumps([source(n)] if source(n) else []),
                },
            )
            for i, n in enumerate(reversed(range(100)))
        ]  # fmt: skip

    save_lines(tmp_path / "alike", "good", lines(GOOD, "{:03}".format))
    save_lines(tmp_path / "alike", "bad", lines(BAD, "{:03}".format))
    save_lines(tmp_path / "other", "good", lines(GOOD, "{:03}".format))
    save_lines(tmp_path / "other", "bad", lines(BAD, lambda n: named.format(f"{99 - n:03}")))
    alike, other = compared(tmp_path / "alike"), compared(tmp_path / "other")
    assert other.notes == [] and other.tests[0].n == 100
    assert other == alike


def test_a_question_that_is_there_twice_is_paired_by_id(tmp_path):
    save_lines(tmp_path, "good", hashed(GOOD, question="q"))
    save_lines(
        tmp_path, "bad", hashed({f"9{id}": value for id, value in BAD.items()}, question="q")
    )
    pair = compared(tmp_path)
    assert pair.tests == [] and "0 in common" in pair.notes[-1]
