"""What the columns of METRICS say fits together."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, metrics
from lm_eval_generalbench.metrics import METRICS


@pytest.mark.parametrize("name", METRICS)
def test_a_line_does_not_contradict_itself(name):
    line = METRICS[name]
    assert line.low < line.high and line.printed in (1, 100)
    assert bool(line.why) != line.available, "what is missing is said, and only then"
    assert bool(line.rate) == (line.mapping == "error rate"), "warnings call an error rate by it"
    assert line.better == ("lower" if line.mapping in ("error", "error rate") else "higher")
    if line.silence:
        assert math.isinf(line.worst), "where there is a worst value, silence costs that"
    if line.nothing is not None:
        assert math.isfinite(line.worst) and line.nothing != line.worst
    if line.summable:
        assert line.total, "a mean needs no statistics"
    if line.undefined and line.available:
        assert line.total, "the mean of a task's documents is always defined"
    if line.registered:
        assert line.available and line.per == "sample" and not line.judged
    if line.judged:
        assert line.needs, "somebody has to be told how to get a judge"


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.available])
def test_the_functions_that_a_line_names_exist(name):
    line = METRICS[name]
    assert callable(metrics.function(line.sample))
    assert not line.total or callable(metrics.function(line.total))


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.beside])
def test_what_is_reported_beside_a_metric_is_one_and_has_nothing_beside_itself(name):
    for other in METRICS[name].beside:
        assert METRICS[other].available and not METRICS[other].beside and other != name


def test_metrics_of_one_total_agree_on_whether_its_statistics_add_up():
    for line in METRICS.values():
        for other in METRICS.values():
            assert not line.total or line.total != other.total or line.summable == other.summable


def test_silence_in_the_mean_square_is_that_of_its_root():
    # both take the same statistics of a document
    assert METRICS["mse"].sample == METRICS["rmse"].sample
    assert METRICS["mse"].silence == METRICS["rmse"].silence ** 2


def test_the_table_imports_none_of_the_metrics():
    code = (
        "import sys; from lm_eval_generalbench import metrics; "
        "print([m for m in sys.modules if m.startswith(metrics.__name__ + '.') or m == 'numpy'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_metric_of_made_files_has_its_page():
    docs = Path(__file__).parents[2] / "docs"
    contents = (docs / "generation.md").read_text("utf-8")
    pages = {
        page: re.findall(r"`(\w+)`", named)
        for page, named in re.findall(r"\]\((generation/\w+\.md)\) \| (.*) \|", contents)
    }
    assert {str(x.relative_to(docs)) for x in (docs / "generation").glob("*.md")} == set(pages)
    for page, named in pages.items():
        text = (docs / page).read_text("utf-8")
        assert named and not [name for name in named if f"`{name}`" not in text], page
    tasks = [t for t in catalog.tasks().values() if t.paradigm == "generation"]
    made = {t.metric for t in tasks if t.modality != "nlp"}
    assert made - {name for named in pages.values() for name in named} == set()
