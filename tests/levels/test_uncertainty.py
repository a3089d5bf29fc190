import json
import math

import numpy as np
import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.levels import uncertainty
from lm_eval_generalbench.metrics import METRICS, classification, segmentation, text
from lm_eval_generalbench.runs import results
from lm_eval_generalbench.runs import values as samples
from lm_eval_generalbench.runs.records import Run, Value
from lm_eval_generalbench.runs.values import Log
from tests.runs.factories import line

ACC = catalog.task("I-C-1.1")
COLUMN = levels.ids().index("I-C-1.1")


def log_of(task, values=None, statistics=None, clusters=None):
    documents = values if values is not None else statistics
    ids = [f"{i:05}" for i in range(len(documents))]
    clusters = np.arange(len(ids)) if clusters is None else np.array(clusters)
    values = None if values is None else np.array(values, dtype=float)
    return Log(task, ids, clusters, values, statistics)


def rng():
    return np.random.default_rng(0)


def test_resampled_means_spread_as_the_standard_error_says():
    values = np.random.default_rng(1).random(12)
    drawn = uncertainty.resample(log_of(ACC, values), 200_000, rng())
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.001)
    # s / sqrt(n) with the unbiased s; plain resampling of 12 would give 4 % less
    assert drawn.std() == pytest.approx(values.std(ddof=1) / math.sqrt(12), rel=0.01)


def test_resampled_means_equal_those_of_scipy_s_bootstrap_but_for_the_smaller_sample():
    # scipy.stats.bootstrap(...).standard_error, computed live; scipy 1.17.1 when this was written
    from scipy import stats

    values = np.random.default_rng(2).random(500)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=5000, rng=rng()).standard_error
    ours = uncertainty.resample(log_of(ACC, values), 5000, rng()).std()
    assert ours == pytest.approx(theirs, rel=0.05)


def test_documents_of_one_source_are_drawn_together():
    values = np.repeat([0.0, 1.0], 50)  # 20 sources with 5 equal documents each
    alone = uncertainty.resample(log_of(ACC, values), 4000, rng()).std()
    together = log_of(ACC, values, clusters=np.arange(100) // 5)
    # variance of a mean of 20 values instead of 100
    assert uncertainty.resample(together, 4000, rng()).std() == pytest.approx(
        alone * math.sqrt(99 / 19), rel=0.05
    )


@pytest.mark.parametrize(
    ("metric", "total", "statistics"),
    [
        ("micro_f1", classification.micro_f1, [[1, 0, 2], [3, 1, 0], [0, 0, 1], [2, 2, 2]]),
        (
            "corpus_bleu1",
            text.corpus_bleu1,
            [text.bleu_counts(said, ["a cat sat on the mat"]) for said in ("a cat", "dog", "mat")],
        ),
        (
            "mean_iou",
            segmentation.mean_iou,
            [{"a": [5, 9, 6]}, {"a": [0, 4, 4], "b": [3, 3, 3]}, {}, {"b": [1, 8, 2]}],
        ),
        (
            "pq",
            segmentation.pq,
            [{"a": [1, 0, 1, 0.8]}, {"b": [2, 1, 0, 1.7]}, {"a": [0, 1, 1, 0]}],
        ),
    ],
)
def test_adding_statistics_up_gives_the_value_of_the_documents_drawn(metric, total, statistics):
    task = fitting(metric=metric)[0]
    log = log_of(task, statistics=statistics)
    assert METRICS[metric].summable
    found = uncertainty._summed(log, 30, rng())
    counts = uncertainty.weights(len(statistics), 30, rng()).astype(int)
    direct = [
        total([row for row, often in zip(statistics, line, strict=True) for _ in range(often)])
        for line in counts
    ]
    assert found.tolist() == pytest.approx(direct, abs=1e-12)


def test_a_metric_over_the_task_is_centred_on_its_value_and_stays_in_range():
    task = fitting(metric="ap50")[0]
    random = np.random.default_rng(3)
    statistics = [
        {"cat": {"n": 2, "d": [[float(random.random()), int(random.integers(2048))]] * 3}}
        for _ in range(40)
    ]
    log = log_of(task, statistics=statistics)
    drawn = uncertainty.resample(log, 500, rng())
    assert len(drawn) == 500 and len(set(drawn)) <= uncertainty.FEW
    assert drawn.mean() == pytest.approx(samples.value(log), abs=0.01)
    assert drawn.std() > 0 and drawn.min() >= 0 and drawn.max() <= 1


def test_draws_of_one_class_say_nothing_and_are_left_out():
    task = fitting(metric="anomaly_pixel_ap")[0]
    found = [0.9, 0.2, 0.4, 0.6]
    statistics = [
        {"steps": [[score, int(i < 2) * 8, 8]], "missed": 0, "first": 0}
        for i, score in enumerate(found)
    ]
    log = log_of(task, statistics=statistics)
    drawn = uncertainty.resample(log, 500, rng())
    # in one draw of eight both anomalous images are missing
    assert np.isfinite(drawn).all() and len(drawn) == 500
    assert drawn.mean() == pytest.approx(samples.value(log), abs=0.02) and drawn.std() > 0
    assert uncertainty.resample(log_of(task, statistics=statistics[2:]), 50, rng()) is None
    alone = [{"steps": [[0.5, 8, 0]], "missed": 0, "first": 0}] * 2
    assert uncertainty.resample(log_of(task, statistics=alone), 50, rng()) is None


def test_one_source_or_an_infinite_value_says_nothing_about_spread():
    assert uncertainty.resample(log_of(ACC, [1.0]), 10, rng()) is None
    assert uncertainty.resample(log_of(ACC, [1.0, 0.0], clusters=[0, 0]), 10, rng()) is None
    assert uncertainty.resample(log_of(ACC, [1.0, math.inf]), 10, rng()) is None
    assert uncertainty.resample(log_of(ACC, []), 10, rng()) is None


def test_the_best_that_is_known_of_a_task_is_used():
    values = {
        "I-C-1.1": Value(50.0, stderr=99.0),
        "I-C-1.2": Value(50.0, stderr=2.0),
        "I-C-1.3": Value(50.0),
        "I-C-2.1": Value(None, failed="its value is not a number"),
        "I-C-3.1": Value(math.inf, stderr=1.0),
    }
    logs = {"I-C-1.1": log_of(ACC, [0.0, 1.0] * 50)}
    run = Run("m", values)
    drawn = uncertainty.value_draws(run, 2000, 0, lambda task, value: logs.get(task.id))
    assert drawn.basis == {
        "I-C-1.1": "sample log",
        "I-C-1.2": "standard error",
        "I-C-1.3": "unknown",
        "I-C-3.1": "unknown",
    }
    column = {id: drawn.values[:, i] for i, id in enumerate(levels.ids())}
    assert column["I-C-1.1"].std() == pytest.approx(5.03, rel=0.06)  # 50 / sqrt(99)
    assert column["I-C-1.2"].std() == pytest.approx(2.0, rel=0.06)
    assert set(column["I-C-1.3"]) == {50.0} and np.isnan(column["I-C-2.1"]).all()
    found, _ = uncertainty.assess(run, drawn)
    assert found.basis == {"sample log": 1, "standard error": 1, "unknown": 2}
    assert "2 of 4 values is unknown" in found.notes[0]
    assert set(found.win) == set(found.values) == {"I-C-1.1", "I-C-1.2"}


def test_of_what_people_rated_the_standard_error_counts_and_not_the_log():
    # a log holds means over raters: how the raters differ stands in the results only
    task = fitting(metric="mos")[0]
    run = Run("a", {task.id: Value(3.0, stderr=0.4, n=4, total=4)})
    drawn = uncertainty.value_draws(run, 4000, find=lambda *_: log_of(task, [3.0, 3.0, 3.0, 3.0]))
    assert drawn.basis[task.id] == "standard error"
    column = drawn.values[:, levels.ids().index(task.id)]
    assert column.std() == pytest.approx(0.4, rel=0.05)


def test_without_logs_and_errors_the_uncertainty_is_unknown_and_said_so():
    run = Run("m", {"I-C-1.1": Value(99.0)})
    found, _ = uncertainty.assess(run, uncertainty.value_draws(run, 10))
    assert (found.levels, found.modalities, found.false_wins, found.level) == (None, None, None, {})
    assert (found.wins, found.known_wins) == (1, 0)
    assert found.notes[0].startswith("The uncertainty is unknown")
    assert uncertainty.assess(Run("none"), uncertainty.value_draws(Run("none"), 10))[0].notes == []


def test_few_documents_that_all_got_the_same_are_named_as_too_sure():
    logs = {"I-C-1.1": log_of(ACC, [1.0] * 5), "I-C-1.2": log_of(ACC, [1.0] * 200)}
    run = Run("m", {id: Value(100.0, n=len(log.ids)) for id, log in logs.items()})
    drawn = uncertainty.value_draws(run, 100, 0, lambda task, value: logs[task.id])
    found, _ = uncertainty.assess(run, drawn)
    (note,) = found.notes
    assert "fewer than 30, of I-C-1.1. These values are held fixed" in note


@pytest.mark.filterwarnings("error")
def test_an_error_too_large_to_be_squared_makes_no_noise():
    run = Run("m", {"A-G-4.1": Value(1e308), "I-C-1.1": Value(50.0, stderr=3.0)})
    found, _ = uncertainty.assess(run, uncertainty.value_draws(run, 100))
    low, high = found.values["I-C-1.1"]
    assert 40 < low < 50 < high < 60 and found.levels[2][0] > 0


def test_a_log_that_belongs_to_another_run_is_not_used():
    run = Run("m", {"I-C-1.1": Value(40.0, stderr=3.0)})
    log = log_of(ACC, [0.0, 1.0])
    drawn = uncertainty.value_draws(run, 10, 0, lambda task, value: log)
    assert drawn.basis == {"I-C-1.1": "standard error"}
    assert drawn.notes == [
        "The sample log of I-C-1.1 gives 50 and the results say 40; the log is not used."
    ]


def test_a_seed_gives_the_same_draws_and_another_seed_others():
    run = Run("m", {"I-C-1.1": Value(50.0, stderr=3.0), "I-C-1.2": Value(50.0, stderr=3.0)})
    first, again, other = (uncertainty.value_draws(run, 50, seed).values for seed in (0, 0, 1))
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)
    alone = Run("m", {"I-C-1.2": run.values["I-C-1.2"]})
    column = levels.ids().index("I-C-1.2")
    assert (uncertainty.value_draws(alone, 50).values[:, column] == first[:, column]).all()


def test_two_models_share_the_documents_drawn_but_not_the_normal_errors():
    logs = {"a": log_of(ACC, [0.0, 1.0] * 20), "b": log_of(ACC, [0.0, 1.0] * 20)}
    by_log, by_error = [], []
    for model, log in logs.items():
        run = Run(model, {"I-C-1.1": Value(50.0, stderr=3.0)})
        shared = uncertainty.value_draws(run, 200, 0, lambda *_, log=log: log)
        apart = uncertainty.value_draws(run, 200, 0, lambda *_: None)
        by_log.append(shared.values[:, COLUMN])
        by_error.append(apart.values[:, COLUMN])
    assert np.array_equal(*by_log)
    assert abs(np.corrcoef(*by_error)[0, 1]) < 0.3


def test_errors_and_percentages_stay_within_their_range():
    mae = fitting(metric="mae")[0].id
    run = Run("m", {"I-C-1.1": Value(99.0, stderr=5.0), mae: Value(1.0, stderr=5.0)})
    drawn = uncertainty.value_draws(run, 500)
    for table in (drawn.values, uncertainty.true_values(run, drawn)):
        assert np.nanmin(table) >= 0 and table[:, COLUMN].max() <= 100


def test_far_from_the_specialist_a_win_is_sure_and_at_the_specialist_open():
    sota = specialists()
    values = {
        id: Value(sota[id] + far, stderr=1.0)
        for id, far in [("I-C-1.1", 8), ("I-C-1.2", -8), ("I-C-1.3", 0), ("I-C-2.1", 4)]
    }
    run = Run("m", values)
    found, _ = uncertainty.assess(run, uncertainty.value_draws(run))
    assert found.win["I-C-1.1"] > 0.99 and found.win["I-C-1.2"] < 0.01
    assert 0.4 < found.win["I-C-1.3"] < 0.6
    assert (found.wins, found.known_wins) == (3, 3)
    assert found.false_wins == pytest.approx(
        3 - sum(found.win[id] for id in ("I-C-1.1", "I-C-1.3", "I-C-2.1"))
    )
    assert found.missed_wins == pytest.approx(found.win["I-C-1.2"])
    assert sum(found.level.values()) == pytest.approx(1) and found.level[3] > 0.99


def test_wins_among_many_tasks_behind_the_specialists_are_mostly_luck():
    # 200 tasks are truly 4 points behind, with errors of 4 points: 16 % come out ahead.
    random = np.random.default_rng(5)
    tasks = [t for t in fitting("image", "comprehension") if t.metric == "acc"][:60]
    sota = specialists() | {task.id: 60.0 for task in tasks}
    values = {task.id: Value(56 + 4 * random.standard_normal(), stderr=4.0) for task in tasks}
    run = Run("m", values)
    drawn = uncertainty.value_draws(run)
    found, table = uncertainty.assess(run, drawn, sota)
    assert found.wins >= 5 and found.false_wins > 0.6 * found.wins
    naive = found.wins - sum(
        share
        for share, id in zip(table.plain.win.mean(axis=0), levels.ids(), strict=True)
        if id in values and values[id].value >= 60
    )
    assert naive < 0.4 * found.wins, "what resampling alone would say"


def test_logs_beside_the_results_are_found_and_read(tmp_path):
    time = "2026-01-01T00-00-00"
    raw = {
        "results": {ACC.name: {"acc,none": 0.75, "acc_stderr,none": "N/A"}},
        "versions": {ACC.name: float(ACC.version)},
        "n-samples": {ACC.name: {"original": 4, "effective": 4}},
        "config": {"model": "hf", "model_args": "pretrained=m"},
        "date": 1.0,
    }
    (tmp_path / f"results_{time}.json").write_text(json.dumps(raw))
    with (tmp_path / f"samples_{ACC.name}_{time}.jsonl").open("w") as file:
        for i, value in enumerate([1.0, 1.0, 0.0, 1.0]):
            file.write(json.dumps(line(ACC.id, str(i), doc_id=i, acc=value)) + "\n")
        file.write('{"doc_id": 4, "do')
    run = results.read_one([tmp_path])
    drawn = uncertainty.value_draws(run, 100)
    assert drawn.basis == {"I-C-1.1": "sample log"}
    assert "1 line cannot be read" in drawn.notes[0]


# Simulation: models whose true values are known


def simulate(repetitions, tasks_per_cell, documents, draws, behind=0.0, spread=0.1):
    """How often the intervals hold the truth, and false wins expected and real.

    Every task has a true share of right answers between 0.3 and 0.7; the
    specialist's differs from it by a normal number.
    """
    tasks = []
    for modality in catalog.MODALITIES:
        for paradigm in catalog.PARADIGMS:
            cell = [t for t in fitting(modality, paradigm) if METRICS[t.metric].printed == 100]
            tasks += [t for t in cell if METRICS[t.metric].per == "sample"][:tasks_per_cell]
    tasks += fitting("nlp", metric="acc")[:tasks_per_cell]
    random = np.random.default_rng(7)
    inside, expected, real = [], [], []
    for seed in range(repetitions):
        share = random.uniform(0.3, 0.7, len(tasks))
        best = np.clip(share + random.normal(behind, spread, len(tasks)), 0.01, 0.99)
        right = random.random((len(tasks), documents)) < share[:, None]
        ids = [task.id for task in tasks]
        sota = specialists() | dict(zip(ids, (100 * best).tolist(), strict=True))
        logs = {task.id: log_of(task, row) for task, row in zip(tasks, right, strict=True)}
        run = Run("m", {id: Value(100 * log.values.mean()) for id, log in logs.items()})
        drawn = uncertainty.value_draws(run, draws, seed, lambda task, _, logs=logs: logs[task.id])
        found, _ = uncertainty.assess(run, drawn, sota, seed)
        truth = levels.levels(dict(zip(ids, (100 * share).tolist(), strict=True)), sota)
        scores = {2: truth.s2, 3: truth.s3, 4: truth.s4, 5: truth.s5}
        inside.append([low <= scores[k] <= high for k, (low, high) in found.levels.items()])
        expected.append(found.false_wins)
        counted = levels.of_run(run, sota)
        real.append(sum(counted.tasks[id].win and not truth.tasks[id].win for id in ids))
    return np.mean(inside, axis=0), np.array(expected), np.array(real)


def test_intervals_hold_the_truth_and_false_wins_are_as_many_as_expected():
    inside, expected, real = simulate(40, 4, 40, 300)
    assert inside[0] >= 0.85 and (inside[1:] >= 0.8).all()
    difference = real - expected
    assert abs(difference.mean()) < 3 * difference.std() / math.sqrt(len(difference))


@pytest.mark.slow
@pytest.mark.parametrize(("behind", "spread"), [(0.0, 0.1), (0.0, 0.2), (0.1, 0.15)])
def test_intervals_hold_the_truth_as_often_as_they_say(behind, spread):
    inside, expected, real = simulate(200, 10, 50, 1000, behind, spread)
    assert 0.92 <= inside[0] <= 0.98
    assert (inside[1:] >= 0.9).all()
    difference = real - expected
    assert abs(difference.mean()) < 3 * difference.std() / math.sqrt(len(difference))
