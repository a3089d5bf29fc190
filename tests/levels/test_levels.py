import csv
import math
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError, UnknownName
from lm_eval_generalbench.metrics import METRICS

PUBLISHED = Path(__file__).parents[3] / "shared" / "reference" / "published-example"

# Printed in the appendix of arXiv 2505.04620; a task without an entry is not supported.
QWEN2_AUDIO = {
    f"A-C-{key}": value
    for key, value in {
        "1.1": 45.80, "1.2": 99.20, "1.3": 53.20, "1.4": 92.40, "2.1": 94.40, "2.2": 82.80,
        "2.3": 47.20, "3.1": 61.40, "4.1": 75.20, "4.2": 47.80, "4.3": 19.40, "4.4": 4.80,
        "5.1": 65.70, "5.2": 61.40, "5.3": 10.36, "6.1": 16.82, "6.2": 10.08, "7.1": 34.56,
        "7.2": 88.80, "8.1": 87.50, "8.2": 70.40, "9.1": 71.58, "9.2": 86.80, "9.3": 45.60,
    }.items()
}  # fmt: skip
LLAMA_MESH = {"D-G-4.1": 20.06, "D-G-4.2": 14.43, "D-G-4.3": 18.06, "D-G-4.4": 17.65}

# Model, modality, its published Level-2, 3 and 4, and supported tasks and wins where published.
# Emu2's published Level-2 of 30.90 counts an unsupported MS-SSIM of 0 as a score of 50.
MODELS = [
    ("GPT4V", "image", 18.16, 12.85, 0, 177, 105),
    ("Emu2-32B", "image", 30.34, 5.18, 1.25, None, None),
    ("InternVL-2.5-8B", "video", 5.76, 1.24, 0, None, None),
    ("LM4LV", "video", 6.74, 0, 0, None, None),
    ("Qwen2-Audio-Instruct", "audio", 28.61, 8.53, 0, None, None),
    ("AudioGPT", "audio", 8.80, 3.02, 0, None, None),
    ("PointLLM-13B", "3d", 7.00, 0, 0, None, None),
    ("LLaMA-Mesh", "3d", 1.60, 0, 0, None, None),
]


@pytest.mark.parametrize(("model", "modality", "s2", "s3", "s4", "supported", "wins"), MODELS)
def test_a_published_model_gets_its_published_levels(model, modality, s2, s3, s4, supported, wins):
    path = PUBLISHED / f"{modality}.tsv"
    if not path.is_file():
        pytest.skip("needs ../shared/reference, which is not beside the checkout")
    values = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            value = float(line[model] or 0)
            values[line["key"]] = value if value and math.isfinite(value) else None
    result = levels.levels(values, "paper").modalities[modality]
    assert result[:3] == pytest.approx((s2, s3, s4), abs=0.011)
    cells = result.comprehension, result.generation
    if supported is not None:
        assert sum(cell.supported for cell in cells) == supported
        assert sum(cell.wins for cell in cells) == wins


def test_two_published_models_get_their_published_levels_from_figures_in_this_file():
    audio = levels.levels(QWEN2_AUDIO, "paper").modalities["audio"]
    assert audio[:3] == pytest.approx((28.61, 8.53, 0), abs=0.011)
    solid = levels.levels(LLAMA_MESH, "paper").modalities["3d"]
    # (20.06 + 14.43 + 18.06 + 17.65) / 22 / 2
    assert solid[:3] == pytest.approx((1.5955, 0, 0), abs=0.0001)


def test_the_specialists_as_a_model_reach_the_known_ceiling():
    result = levels.levels(specialists("repo"), "repo")
    found = result.s2, result.s3, result.s4, result.s5
    assert found == pytest.approx((62.898, 62.898, 61.456, 38.884), abs=0.0005)
    assert result.level == 5
    assert result.weight == pytest.approx(0.632707, abs=1e-6)
    assert all(task.win and task.state == "scored" for task in result.tasks.values())
    known = {  # mean of comprehension, of generation, S2 = S3, S4
        "image": (53.2707, 69.1099, 61.1903, 60.1653),
        "video": (45.9175, 70.4469, 58.1822, 55.5968),
        "audio": (75.9063, 58.7280, 67.3171, 66.2212),
        "3d": (73.2013, 56.6032, 64.9023, 63.8411),
    }
    for modality, (mean_c, mean_g, s2, s4) in known.items():
        one = result.modalities[modality]
        means = one.comprehension.mean, one.generation.mean
        assert (*means, *one[:3]) == pytest.approx((mean_c, mean_g, s2, s2, s4), abs=6e-5)


def test_a_small_case_comes_out_as_by_hand():
    # Audio has 24 comprehension and 20 generation tasks, language 115. Specialists (repo):
    # A-C-1.1 accuracy, A-C-1.2 accuracy, A-G-4.1 and A-G-5.1 as below, L-1.1 accuracy 83.33.
    sota = specialists() | {"A-C-1.1": 60.0, "A-C-1.2": 90.0, "L-1.1": 83.33, "L-1.2": 65.0}
    wer = next(t.id for t in catalog.tasks().values() if t.metric == "wer")
    mos = next(t.id for t in catalog.tasks().values() if t.metric == "mos")
    sota |= {wer: 8.0, mos: 3.5}
    result = levels.levels(
        {"A-C-1.1": 72.0, "A-C-1.2": 48.0, wer: 5.0, mos: 3.0, "L-1.1": 92.0, "L-1.2": 64.9}, sota
    )
    audio = result.modalities["audio"]
    # Comprehension: 72 is won, 48 is not. Mean (72 + 48) / 24 = 5, won 72 / 24 = 3.
    assert audio.comprehension == pytest.approx((24, 2, 1, 5.0, 3.0))
    # Generation: WER 5 % -> 95, won; MOS 3 -> 50, not won.
    # Mean (95 + 50) / 20 = 7.25, won 95 / 20 = 4.75.
    assert audio.generation == pytest.approx((20, 2, 1, 7.25, 4.75))
    # S2 = (5 + 7.25) / 2 = 6.125, S3 = (3 + 4.75) / 2 = 3.875,
    # S4 = 2 * 3 * 4.75 / (3 + 4.75) = 28.5 / 7.75
    assert audio[:3] == pytest.approx((6.125, 3.875, 28.5 / 7.75))
    # Three modalities have nothing, so the model has a quarter of that.
    assert (result.s2, result.s3, result.s4) == pytest.approx((1.53125, 0.96875, 28.5 / 31))
    # Language: 92 is won, 64.9 is not. w = 92 / 115 / 100 = 0.008
    assert result.weight == pytest.approx(0.008)
    assert result.s5 == pytest.approx(28.5 / 31 * 0.008)
    assert result.level == 5


def test_the_level_is_the_highest_with_a_score():
    sota = specialists()
    assert levels.levels({}).level == 0
    assert levels.levels({"I-C-1.1": 0.01}).level == 2
    assert levels.levels({"I-C-1.1": sota["I-C-1.1"]}).level == 3
    both = {"I-C-1.1": sota["I-C-1.1"], "I-G-1.1": sota["I-G-1.1"]}
    assert levels.levels(both).level == 4
    assert levels.levels(both | {"L-1.1": 83.33}).level == 5
    assert levels.levels({"L-1.1": 83.33}).level == 0, "language alone reaches no level"


def test_a_tie_survives_the_way_from_a_fraction_to_a_percentage():
    assert 0.29 * 100 != 29
    for id, printed, fraction in (("I-C-1.1", 29.0, 0.29), ("I-C-1.2", 57.0, 0.57)):
        sota = specialists() | {id: printed}
        assert levels.levels({id: fraction * 100}, sota).tasks[id].win
        assert not levels.levels({id: printed - 1e-6}, sota).tasks[id].win


def test_wins_are_decided_before_the_mapping_saturates():
    # Both errors score exactly 100.0, and still one of them is better.
    id = next(t.id for t in catalog.tasks().values() if t.metric == "chamfer")
    sota = specialists() | {id: 1e-5}
    close, worse = (levels.levels({id: x}, sota).tasks[id] for x in (1e-5, 1.1e-5))
    assert close.score == worse.score == 100
    assert close.win and not worse.win


def test_an_error_is_won_from_below_and_a_percentage_from_above():
    for metric, better, worse in (("mae", -1, 1), ("psnr", 1, -1), ("wer", -1, 1)):
        task = next(t for t in catalog.tasks().values() if t.metric == metric)
        sota = specialists()[task.id]
        assert levels.levels({task.id: sota + better}).tasks[task.id].win
        assert not levels.levels({task.id: sota + worse}).tasks[task.id].win


def test_the_four_states_are_kept_apart():
    tasks = levels.levels(
        {"I-C-1.1": 50.0, "I-C-1.2": 0.0, "I-C-1.3": None, "I-C-2.1": None, "I-C-3.1": math.nan},
        failed=["I-C-2.1"],
    ).tasks
    states = [tasks[f"I-C-{k}"].state for k in ("1.1", "1.2", "1.3", "2.1", "3.1", "4.1")]
    assert states == ["scored", "unsupported", "unsupported", "failed", "failed", "not run"]
    assert set(states) == set(levels.STATES)
    assert len(tasks) == 699


def test_a_perfect_error_of_zero_is_a_full_score_and_a_win():
    id = next(t.id for t in catalog.tasks().values() if t.metric == "mae")
    task = levels.levels({id: 0.0}).tasks[id]
    assert (task.score, task.win, task.state) == (100, True, "scored")


def test_a_failure_code_below_zero_does_not_win():
    id = next(t.id for t in catalog.tasks().values() if t.metric == "fad")
    assert not levels.levels({id: -1.0}).tasks[id].win


def test_an_infinite_psnr_wins_and_scores_100():
    id = next(t.id for t in catalog.tasks().values() if t.metric == "psnr")
    task = levels.levels({id: math.inf}).tasks[id]
    assert (task.score, task.win) == (100, True)


def random_values(models: int, seed: int = 0) -> np.ndarray:
    """Printed values around the specialists', a fifth of them missing."""
    rng = np.random.default_rng(seed)
    values = levels.sota_row("repo") * rng.uniform(0.5, 1.5, (models, 699))
    values[rng.random(values.shape) < 0.2] = np.nan
    return values


def test_many_models_at_once_get_what_each_gets_alone():
    values = random_values(5)
    together = levels.arrays(values)
    for i, line in enumerate(values):
        found = {
            id: float(x) for id, x in zip(levels.ids(), line, strict=True) if not math.isnan(x)
        }
        alone = levels.levels(found)
        assert tuple(together.level[i]) == (alone.s2, alone.s3, alone.s4, alone.s5)
        wins = [task.win for task in alone.tasks.values()]
        assert wins == together.win[i].tolist()


def test_the_levels_follow_the_formulas_written_as_plain_loops():
    tasks = list(catalog.tasks().values())
    sota = specialists()
    for line in random_values(3, seed=1):
        result = levels.levels(
            {t.id: float(x) for t, x in zip(tasks, line, strict=True) if not math.isnan(x)}
        )
        fours = []
        for modality in catalog.MODALITIES:
            halves = []
            for paradigm in catalog.PARADIGMS:
                group = [t for t in tasks if (t.modality, t.paradigm) == (modality, paradigm)]
                won = 0.0
                for t in group:
                    task = result.tasks[t.id]
                    if task.value is None:
                        continue
                    lower = METRICS[t.metric].better == "lower"
                    if (task.value <= sota[t.id]) if lower else (task.value >= sota[t.id]):
                        won += task.score
                halves.append(won / len(group))
            c, g = halves
            fours.append(2 * c * g / (c + g))
        assert result.s4 == pytest.approx(sum(fours) / 4, rel=1e-12)


def test_a_better_value_of_any_task_never_lowers_a_level():
    rng = np.random.default_rng(2)
    values = random_values(40, seed=3)
    lower = np.array([METRICS[t.metric].better == "lower" for t in catalog.tasks().values()])
    better = values.copy()
    rows = np.arange(40)
    columns = rng.integers(0, 699, 40)
    gain = np.where(lower[columns], 0.5, 1.5)
    better[rows, columns] *= gain
    before, after = levels.arrays(values).level, levels.arrays(better).level
    assert (after >= before - 1e-12).all()
    assert (after > before).any()


def test_levels_never_exceed_each_other_or_100():
    level = levels.arrays(random_values(50, seed=4)).level
    s2, s3, s4, s5 = level.T
    assert ((level >= 0) & (level <= 100)).all()
    # A harmonic mean is at most the mean, and the weight of language at most 1.
    assert (s2 >= s3).all() and (s3 >= s4).all() and (s4 >= s5).all()


def test_a_task_that_does_not_exist_is_an_error():
    with pytest.raises(UnknownName, match=r"'I-C-99\.1'"):
        levels.levels({"I-C-99.1": 1.0})


def test_a_specialist_table_with_gaps_is_an_error_that_names_one():
    sota = specialists()
    del sota["V-G-1.1"]
    with pytest.raises(GeneralBenchError, match=r"no value for 1 task, such as V-G-1\.1"):
        levels.levels({}, sota)


def test_the_versions_of_the_specialist_table_decide_who_wins():
    value = {"L-1.1": 85.0}  # 83.33 in the spreadsheet, 87.33 in the paper
    assert levels.levels(value, "repo").nlp.wins == 1
    assert levels.levels(value, "paper").nlp.wins == 0
    assert levels.levels(value, "paper").sota_version == "paper"


def test_the_level_reached_is_found_for_many_rows_at_once():
    rows = np.array(
        [[0, 0, 0, 0], [1, 0, 0, 0], [1, 2, 0, 0], [9, 2, 1, 0], [9, 2, np.nan, np.nan]]
    )
    assert levels.reached(rows).tolist() == [0, 2, 3, 4, 3]
