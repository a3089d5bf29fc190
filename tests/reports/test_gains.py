import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.reports.gains import gains, gains_text
from lm_eval_generalbench.runs.records import Run, Value


def test_the_next_wins_are_those_that_add_most():
    sota = specialists()
    # Won: one task of image comprehension. Audio generation has 20 tasks, image 45.
    values = {"I-C-1.1": 100.0, "I-C-1.2": sota["I-C-1.2"] - 1, "I-C-1.3": 1.0, "I-C-2.1": None}
    run = Run("m", {id: Value(value) for id, value in values.items()})
    rows = gains(run, levels.of_run(run), "repo")
    assert len(rows) == 698
    by_id = {row["id"]: row for row in rows}
    near = by_id["I-C-1.2"]
    assert (near["kind"], near["gap"]) == ("nearly won", pytest.approx(1))
    assert by_id["I-C-1.3"]["kind"] == "behind"
    assert by_id["I-C-2.1"]["kind"] == "unsupported" and by_id["I-C-3.1"]["kind"] == "not run"
    # S3 = mean over 4 modalities of (won_C + won_G) / 2, and 271 tasks share won_C
    assert near["gain"]["3"] == pytest.approx(sota["I-C-1.2"] / 271 / 2 / 4)
    assert near["gain"]["4"] == near["gain"]["5"] == 0
    generation = fitting("image", "generation")[0]
    won = 100 / 271, levels.levels(sota).tasks[generation.id].score / 45
    harmonic = 2 * won[0] * won[1] / sum(won) / 4
    assert by_id[generation.id]["gain"]["4"] == pytest.approx(harmonic)
    added = [sum(row["gain"].values()) for row in rows]
    assert added == sorted(added, reverse=True)
    assert "1 nearly won" in gains_text(rows)
    assert gains_text([]) == "Every task is won.\n"
