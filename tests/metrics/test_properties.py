"""Properties of every metric and answer kind, over the whole table, on the demo data."""

import functools
import json
import math
import random
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench import answers, catalog, metrics, paths, scoring
from lm_eval_generalbench.levels import normalise
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.metrics import METRICS, shape

ROOT = paths.demo_root().resolve()
SHOWN = folders.places(ROOT).folders
TASKS = sorted(i for i in SHOWN if not scoring.unmet(catalog.task(i).metric))
# those whose own answers are the best there are
KNOWN = [
    i for i in TASKS if METRICS[catalog.task(i).metric].own in ("any", catalog.task(i).modality)
]
KINDS = sorted({catalog.task(i).answer for i in TASKS})


@pytest.fixture(scope="module", autouse=True)
def _fewer_points():
    """Surfaces are compared by 2,000 points in place of 100,000."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shape, "surface_points", functools.partial(shape.surface_points, count=2000))
        yield


@cache
def docs_of(task_id: str) -> list[dict]:
    return documents(catalog.task(task_id), ROOT, Settings())


@cache
def replies(task_id: str, how: str) -> list[str]:
    result = []
    for doc in docs_of(task_id):
        kind = answers.answer(doc["answer"])
        if how == "perfect":
            reply = answers.function(kind.write)(json.loads(doc["target"]), doc)
        elif how == "naive":
            question = {k: v for k, v in doc.items() if k != "target"}
            reply = answers.function(kind.naive)(question)
        else:
            reply = ""
        result.append(reply)
    return result


def value(task_id: str, given: list[str], docs: list[dict] | None = None) -> float:
    """The task's value for these replies, aggregated as the harness does."""
    metric = METRICS[catalog.task(task_id).metric]
    pairs = zip(docs or docs_of(task_id), given, strict=True)
    results = [scoring.process_results(d, [r]) for d, r in pairs]
    values = [r[catalog.task(task_id).metric] for r in results]
    if metric.total:
        return float(metrics.function(metric.total)(values))
    return math.fsum(values) / len(values)


def good(metric: metrics.Metric, number: float) -> float:
    return number if metric.better == "higher" else -number


@pytest.mark.parametrize("task_id", KNOWN)
def test_perfect_is_best_and_nothing_beats_it(task_id):
    metric = METRICS[catalog.task(task_id).metric]
    perfect = value(task_id, replies(task_id, "perfect"))
    assert perfect == pytest.approx(metric.best, abs=1e-9)
    for how in ("naive", "silent"):
        assert good(metric, value(task_id, replies(task_id, how))) <= good(metric, perfect) + 1e-9


@pytest.mark.parametrize("task_id", TASKS)
def test_silence_is_worst_and_counted(task_id):
    metric = METRICS[catalog.task(task_id).metric]
    silent = value(task_id, replies(task_id, "silent"))
    if not metric.compares:  # what is made may lie farther off than nothing
        naive = value(task_id, replies(task_id, "naive"))
        assert good(metric, silent) <= good(metric, naive) + 1e-9
    if math.isfinite(metric.worst):
        least = metric.worst if metric.nothing is None else metric.nothing
        assert silent == pytest.approx(least, abs=1e-12)
    counts = [scoring.process_results(d, [""])["unparsed"] for d in docs_of(task_id)]
    assert counts == [1.0] * len(counts)


@pytest.mark.parametrize("task_id", TASKS)
def test_values_stay_in_range(task_id):
    metric = METRICS[catalog.task(task_id).metric]
    for how in ("perfect", "naive", "silent"):
        assert metric.low <= value(task_id, replies(task_id, how)) <= metric.high


@pytest.mark.parametrize("task_id", TASKS)
def test_the_order_of_documents_does_not_matter(task_id):
    # half perfect, half naive: neither all right nor all wrong
    perfect, naive = replies(task_id, "perfect"), replies(task_id, "naive")
    mixed = [p if i % 2 else n for i, (p, n) in enumerate(zip(perfect, naive, strict=True))]
    order = list(range(len(mixed)))
    random.Random(0).shuffle(order)
    shuffled = value(task_id, [mixed[i] for i in order], [docs_of(task_id)[i] for i in order])
    assert shuffled == pytest.approx(value(task_id, mixed), rel=1e-12, abs=1e-12)


def tasks_where(fact) -> list[str]:
    """Tasks of the demo data, one for each metric of which `fact` holds."""
    found = {catalog.task(i).metric: i for i in reversed(TASKS)}
    return [task_id for name, task_id in found.items() if fact(METRICS[name])]


@pytest.mark.parametrize("task_id", tasks_where(lambda m: m.available and math.isinf(m.worst)))
def test_silence_costs_what_the_table_says_or_more_and_scores_next_to_nothing(task_id):
    name = catalog.task(task_id).metric
    metric = METRICS[name]
    silent = value(task_id, replies(task_id, "silent"))
    assert silent >= metric.silence
    if metric.silence:  # else the most that any answer can cost, whatever that is
        assert normalise.score(name, metric.silence * metric.printed) < 5


def added(statistics: list) -> list | dict:
    """Statistics of documents, number by number."""
    if isinstance(statistics[0], list):
        return [math.fsum(column) for column in zip(*statistics, strict=True)]
    keys = {key for one in statistics for key in one}
    return {key: added([one[key] for one in statistics if key in one]) for key in keys}


@pytest.mark.parametrize("task_id", tasks_where(lambda m: m.summable))
def test_statistics_of_a_summable_metric_may_be_added_up(task_id):
    name = catalog.task(task_id).metric
    total = metrics.function(METRICS[name].total)
    for one, other in (("perfect", "naive"), ("naive", "silent"), ("perfect", "silent")):
        pairs = [(d, r) for how in (one, other) for d, r in
                 zip(docs_of(task_id), replies(task_id, how), strict=True)]  # fmt: skip
        statistics = [scoring.process_results(d, [r])[name] for d, r in pairs]
        assert total([added(statistics)]) == pytest.approx(total(statistics), rel=1e-12)


@pytest.mark.parametrize("task_id", TASKS)
@pytest.mark.parametrize("how", ["perfect", "naive", "silent"])
def test_one_document_alone_survives(task_id, how):
    metric = METRICS[catalog.task(task_id).metric]
    for doc, reply in zip(docs_of(task_id), replies(task_id, how), strict=True):
        alone = value(task_id, [reply], [doc])
        if not (metric.undefined and math.isnan(alone)):
            assert metric.low <= alone <= metric.high


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.available])
def test_the_docstring_agrees_with_the_table(name):
    metric = METRICS[name]
    function = metrics.function(metric.total or metric.sample)
    documented = getattr(function, "func", function).__doc__ or ""  # of what a partial fills in
    assert metric.doc_line in documented


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_all_its_parts(name):
    kind = answers.answer(name)
    for part in (kind.read, kind.target, kind.write, kind.naive):
        assert callable(answers.function(part))
    assert len(answers.instruction(name)) > 10 and kind.tokens >= 32


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    reply=st.one_of(
        st.text(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
            lambda x: st.lists(x, max_size=4) | st.dictionaries(
                st.sampled_from(["label", "box", "mask", "frames", "boxes", "size", "counts", "file",
                                 "grid", "score", "points", "0", "text", "subject"]), x, max_size=4),
            max_leaves=8,
        ).map(json.dumps),
    )
)  # fmt: skip
def test_no_reply_breaks_a_reader_or_a_metric(name, reply):
    task_id = next(i for i in TASKS if catalog.task(i).answer == name)
    result = scoring.process_results(docs_of(task_id)[0], [reply])
    assert result["unparsed"] in (0.0, 1.0) and catalog.task(task_id).metric in result


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../etc/passwd", "~/.bashrc", "file:///etc/passwd"]
)
def test_no_reply_opens_a_file_outside_the_output_folder(name, path, tmp_path, monkeypatch):
    task_id = next(i for i in TASKS if catalog.task(i).answer == name)
    doc = docs_of(task_id)[0] | {"outputs": str(tmp_path)}
    opened: list[str] = []
    real = open

    def spy(file, *args, **kwargs):
        opened.append(str(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr("builtins.open", spy)
    monkeypatch.setattr("io.open", spy)
    for reply in (path, json.dumps({"file": path}), json.dumps({"image": path, "mask": path})):
        scoring.process_results(doc, [reply])
    assert not [o for o in opened if "passwd" in o or "bashrc" in o]
