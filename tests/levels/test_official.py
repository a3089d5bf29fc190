import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import official

# What the official ranker prints for its own specialist sheet used as a model.
SHEET = {
    "image": (53.2707, 69.1099, 61.19, 60.17),
    "video": (45.9175, 70.4469, 58.18, 55.60),
    "audio": (75.9063, -126.4020, -25.25, 380.02),
    "3d": (71.8009, 637.6128, 354.71, 129.07),
}


def ids(metric: str) -> list[str]:
    return [task.id for task in fitting(metric=metric)]


def test_the_specialist_sheet_gets_the_ranker_s_totals():
    result = official.levels(specialists("repo"))
    found = result.s2, result.s3, result.s4, result.s5
    assert found == pytest.approx((112.21, 112.21, 156.21, 98.84), abs=0.005)


@pytest.mark.parametrize(("modality", "numbers"), SHEET.items())
def test_the_specialist_sheet_gets_the_ranker_s_numbers_of_a_modality(modality, numbers):
    one = official.levels(specialists("repo")).modalities[modality]
    mean_c, mean_g, s2, s4 = numbers
    assert one.comprehension.mean == pytest.approx(mean_c, abs=6e-5)
    assert one.generation.mean == pytest.approx(mean_g, abs=6e-5)
    assert (one.s2, one.s3, one.s4) == pytest.approx((s2, s2, s4), abs=0.006)


def test_perfect_language_gets_the_ranker_s_level_5():
    values = dict(specialists("repo"))
    values |= {task.id: 100.0 for task in fitting("nlp") if task.metric != "rmse"}
    assert official.levels(values).s5 == pytest.approx(155.93, abs=0.005)


def test_an_empty_model_is_credited_five_audio_wins():
    result = official.levels({})
    assert (result.s2, result.s3, result.s4, result.s5) == (0, 0, 0, 0)
    assert result.modalities["audio"].generation.wins == 5
    assert levels.levels({}).modalities["audio"].generation.wins == 0


def test_a_better_word_error_rate_loses_points():
    sota = specialists("repo")
    audio = official.levels({id: sota[id] - 1 for id in ids("wer")}).modalities["audio"]
    assert (audio.s2, audio.s3) == pytest.approx((-68.5, -68.5))


def test_chamfer_distance_is_taken_raw_and_more_is_better():
    far = official.levels(dict.fromkeys(ids("chamfer"), 1e6)).modalities["3d"]
    near = official.levels(dict.fromkeys(ids("chamfer"), 1e-9)).modalities["3d"]
    assert far.s2 == far.s3 == pytest.approx(113636.36, abs=0.01)
    assert near.generation.wins == 0
    right = levels.levels(dict.fromkeys(ids("chamfer"), 1e-9)).modalities["3d"]
    assert right.generation.wins == 5


def test_a_perfect_error_and_an_infinite_psnr_score_nothing():
    mae, psnr = ids("mae")[0], ids("psnr")[0]
    for id, perfect, good in ((mae, 0.0, 1e-9), (psnr, float("inf"), 200.0)):
        means = [
            (lambda m: m.comprehension.mean + m.generation.mean)(
                official.levels({id: value}).modalities["image"]
            )
            for value in (perfect, good)
        ]
        assert means[0] == 0 and means[1] > 0


def test_the_rmse_of_language_is_mapped_for_the_model_only():
    (rmse,) = [task.id for task in fitting("nlp", metric="rmse")]
    # 2 sigmoid(5 / 100) - 1 = 2.4995 %, which is more than the raw 2.31 of the specialist.
    assert official.levels({rmse: 100.0}).nlp.wins == 1
    assert levels.levels({rmse: 100.0}).nlp.wins == 0


def test_a_value_at_which_the_ranker_stops_is_an_error_of_one_line():
    (rmse,) = [task.id for task in fitting("nlp", metric="rmse")]
    for id, value in ((ids("fad")[0], -1.0), (ids("ms_ssim")[0], -0.1), (rmse, 0.0)):
        with pytest.raises(GeneralBenchError, match="the official ranker stops") as caught:
            official.levels({id: value})
        assert id in str(caught.value) and "\n" not in str(caught.value)


def test_both_arithmetics_agree_where_the_ranker_has_no_error():
    # Image and video hold no word error rate and no bracketed name; no value here is perfect.
    sota = specialists("repo")
    values = {
        task.id: min(sota[task.id] * (0.9 + 0.02 * (i % 11)), max(sota[task.id], 99.0))
        for i, task in enumerate([*fitting("image"), *fitting("video")])
        if i % 7
    }
    ours, theirs = levels.levels(values), official.levels(values)
    for modality in ("image", "video"):
        one, other = ours.modalities[modality], theirs.modalities[modality]
        for half in ("comprehension", "generation"):
            assert getattr(one, half).mean == pytest.approx(getattr(other, half).mean)
    # The ranker compares mapped values; none of these is so small that the mapping saturates.
    assert ours.modalities["image"][:3] == pytest.approx(theirs.modalities["image"][:3], rel=1e-6)
