"""What is known to go wrong with metrics of made files elsewhere, and the values that were agreed on.

Each line of both tables names the tests that hold it, whichever file they are in, or says why the
mistake cannot be made here. Tests that fit nowhere else follow.
"""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lm_eval_generalbench.metrics import image_quality, similarity, text, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from tests.metrics import backbones, made

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "generation_golden.json").read_text("utf-8")
)

VALUES = {  # what the values are of -> tests that hold them, or why none of ours is one
    "Fréchet and kernel distance of Gaussians": """
        the_distance_is_that_of_sqrtm_and_torchmetrics
        kid_of_unequal_numbers_divides_each_sum_by_its_own""",
    "the same with fewer samples than dimensions": """
        with_fewer_samples_than_dimensions_it_is_exact_where_others_round""",
    "a set and itself": "it_is_never_negative_and_0_for_the_same_set",
    "PSNR and both of its means": "psnr_equals_scikit_image_and_the_mean_is_one_of_decibels",
    "MS-SSIM in colour, grey, and of 176 pixels": """
        structure_equals_pytorch_msssim_and_torchmetrics
        structure_has_the_values_of_the_field_on_ramps""",
    "MS-SSIM of an inverted ramp": "inverted_structure_is_0_and_not_nan",
    "MS-SSIM of 160 and 161 pixels": "small_images_are_enlarged_where_others_fail",
    "word error rates, plain and normalised": """
        error_rates_are_those_of_jiwer
        normalised_as_whisper_does_fifty_is_50""",
    "error rates in Chinese": "chinese_is_counted_in_characters",
    "error rates of empty texts": """
        no_answer_leaves_all_words_out_and_a_text_without_words_is_the_datas_fault""",
    "CIDEr, of all and each": """
        transcripts_are_held_against_captions_as_coco_does
        the_mean_of_cider_is_over_these_items""",
    "Chamfer distances by every name": """
        every_convention_has_the_value_of_the_field
        two_points_three_apart_are_6_or_18""",
    "areas of maps": """
        the_area_of_two_histograms_is_that_of_scikit_learn
        a_black_and_white_map_loses_by_it""",
    "errors in CIELAB by every name": """
        lab_equals_scikit_image_under_all_the_names_of_the_error
        four_colours_have_the_coordinates_of_the_field""",
    "N-way top-1": "the_closed_form_is_what_random_draws_tend_to",
    "consistency": "consistency_has_the_value_of_vbench_for_one_video_and_a_mean_over_videos_for_more",
    "middle frames": "the_middles_of_stretches_are_those_of_vbench",
    "dynamic degree": """
        a_video_moves_where_enough_pairs_do
        the_longest_five_percent_of_a_flow_are_its_strength
        strength_is_told_at_a_shorter_side_of_256""",
    "flicker": "flicker_is_that_of_opencv_and_not_that_of_numbers_that_wrap_around",
    "relations of boxes": "a_relation_is_scored_by_axis_and_overlap_as_vbench_does",
    "accuracy of events": """
        an_event_is_right_by_the_papers_formula_and_not_by_the_data_sets_code""",
    "opinions of DNSMOS": """
        opinions_are_those_of_speechmos_cut_to_the_scale
        the_recorded_opinions_are_those_of_the_field""",
    "an opinion of PLCMOS": "- it rates how lost packets were filled in, and a tone with 4.05: no opinion",
    "mel-cepstral distortion": """
        mcd_is_that_of_pysptk_and_a_warping_cell_by_cell
        without_warping_voices_are_farther_apart
        loudness_does_not_count
        distortions_with_loudness_are_those_of_pymcd""",
    "a small CLIP": "the_small_clip_has_the_cosines_of_transformers",
    "shrinking": "shrinking_blurs_first_as_clean_fid_does",
}

TRAPS = {
    "FID of unblurred pictures": """
        shrinking_blurs_first_as_clean_fid_does
        inception_gets_pictures_that_were_blurred_before_they_shrank""",
    "FID by another Inception": """
        weights_have_the_names_and_shapes_of_the_published_ones
        other_weights_are_refused
        a_file_of_weights_that_is_another_than_the_pinned_one_is_not_used""",
    "floats taken for bytes": "floats_are_refused_since_0_to_1_would_pass_for_black",
    "a distance of eight pictures": "fewer_samples_are_farther_apart_and_that_is_said",
    "lossy and rounded files": "rounding_and_lossy_files_cost_what_they_cost",
    "numbers cut off in place of rounded": "cutting_off_costs_more_than_rounding_and_films_do_neither",
    "bytes that wrap around": """
        differences_do_not_wrap_around
        flicker_is_that_of_opencv_and_not_that_of_numbers_that_wrap_around""",
    "PSNR of a mean error": "psnr_equals_scikit_image_and_the_mean_is_one_of_decibels",
    "infinite PSNR": """
        equal_images_have_a_hundred_decibels_and_opposite_ones_none
        a_frame_that_is_equal_counts_and_has_a_hundred_decibels""",
    "texts of more than 77 tokens": "a_long_text_is_cut_to_77_tokens_and_keeps_its_end",
    "factors of CLIPScore": "a_likeness_is_a_cosine_without_factor_and_floor_0",
    "objects in place of tensors": "the_small_clip_has_the_cosines_of_transformers",
    "positions of frames that are not square": "ways_to_interpolate_positions_differ_little",
    "processors by torchvision": "pictures_are_prepared_as_pillow_does_in_transformers",
    "MS-SSIM of small pictures": "small_images_are_enlarged_where_others_fail",
    "MS-SSIM that is not a number": "inverted_structure_is_0_and_not_nan",
    "FVD of other sizes and lengths": """
        a_short_video_repeats_its_last_frame
        the_video_network_agrees_with_torchvision""",
    "a step of no frame": """
        slow_videos_are_looked_at_frame_by_frame
        a_video_is_looked_at_about_eight_times_a_second""",
    "actions out of file names": """
        an_action_is_seen_if_likely_and_among_five
        a_field_that_names_the_action_decides""",
    "articles and full stops": "an_object_is_found_whatever_its_article_case_and_period",
    "plurals": "- the detector is asked for the prompt's own words, so no list of names is searched",
    "left that passes for right": "beside_it_left_and_right_above_and_below_are_told_apart",
    "colours above 1, videos left out": """
        colours_count_where_one_was_told_and_a_video_without_any_has_0""",
    "a composite that is a sum": """
        the_composite_is_a_mean_and_not_a_sum
        the_composite_is_the_sum_of_the_published_scorer_by_four""",
    "one frame divides by 0": """
        a_still_video_does_not_flicker_and_one_frame_is_no_video
        a_still_video_is_consistent_and_one_frame_is_worst
        a_missing_damaged_or_too_short_video_counts_as_no_answer""",
    "detectors of other packages": """
        boxes_are_those_of_transformers
        the_threshold_is_a_setting_and_part_of_the_signature""",
    "several judges in one metric": "metrics_name_backbones_that_exist",
    "fifty and 50, capitals": "normalised_as_whisper_does_fifty_is_50",
    "words of Chinese": "chinese_is_counted_in_characters",
    "an empty reference": """
        no_answer_leaves_all_words_out_and_a_text_without_words_is_the_datas_fault""",
    "rates of all or of each": "long_texts_weigh_more_in_the_rate_and_not_in_its_mean",
    "words heard in silence": """
        sounds_are_listened_to_once_and_silence_says_nothing
        made_up_words_are_left_out""",
    "ten seconds at random": "spectra_do_not_depend_on_a_draw",
    "unlike checkpoints of CLAP": "a_line_of_the_table_says_all_there_is_to_know",
    "samples taken for 16 bits": """
        samples_are_not_taken_for_16_bit_numbers
        half_the_loudness_is_nearly_the_same_sound""",
    "a negative or complex distance": """
        it_is_never_negative_and_0_for_the_same_set
        few_documents_and_files_that_are_gone_give_no_value_and_a_line""",
    "a distance of one window": "one_window_on_a_side_has_no_distance",
    "references of another set": "distances_of_sounds_agree_with_torchvggish",
    "loudness": "loudness_does_not_count half_the_loudness_changes_little",
    "Chamfer by another name": """
        every_convention_has_the_value_of_the_field
        every_task_that_is_scored_with_a_chamfer_distance_says_which""",
    "Chamfer of another size": "the_scale_multiplies_and_nothing_is_normalised",
    "no faces, no numbers, millions of points": """
        of_meshes_the_surface_is_compared_and_where_it_has_to_be_one_points_are_none
        a_vertex_that_is_no_number_makes_a_shape_none
        an_answer_of_ten_million_points_is_thinned
        every_file_keeps_its_place_and_has_the_value_that_is_documented""",
    "an RMSE that is an MAE": "lab_equals_scikit_image_under_all_the_names_of_the_error",
    "other weights of MUSIQ": """
        musiq_agrees_with_pyiqa
        only_large_pictures_are_shrunk_for_the_spaq_weights""",
}


@pytest.fixture(scope="module")
def names() -> set[str]:
    """All tests there are."""
    files = Path(__file__).parents[1].rglob("test_*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return set(re.findall(r"^def test_(\w+)\(", text, re.M))


@pytest.mark.parametrize("line", [*VALUES.items(), *TRAPS.items()], ids=lambda line: line[0])
def test_a_test_or_a_reason_stands_for_each(line, names):
    _, held = line
    if not held.startswith("- "):
        assert held.split() and set(held.split()) <= names


# ---- values


def test_the_mean_of_cider_is_over_these_items():
    each = GOLDEN["words"]["cider, each"]
    assert each == pytest.approx([3.72962292, 10, 0], abs=1e-8)
    pairs = [text.cider_pair(said, wanted) for wanted, said in made.SPOKEN_CAPTIONS]
    assert text.cider(pairs) == pytest.approx(np.mean(each), rel=1e-9)


def test_four_colours_have_the_coordinates_of_the_field():
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]], np.uint8)
    known = [
        [53.2406, 80.0923, 67.2028],
        [87.7351, -86.1830, 83.1797],
        [32.2957, 79.1856, -107.8573],
        [53.5850, -0.0015, 0.0028],
    ]
    assert image_quality.lab(colours) == pytest.approx(np.array(known), abs=1e-4)


def test_distortions_with_loudness_are_those_of_pymcd():
    # recorded, and not ours: c0 is loudness, and 13 coefficients follow it
    theirs = GOLDEN["speech"]["pymcd, with c0"]
    plain = {"a": 0, "b": 12.3403, "late": 13.2036, "half": 6.9103}
    warped = {"a": 0, "b": 5.4287, "late": 4.6795, "half": 6.9103}
    assert theirs["plain"] == pytest.approx(plain, abs=1e-4)
    assert theirs["dtw"] == pytest.approx(warped, abs=1e-4)
    ours = GOLDEN["speech"]["mcd"]
    assert all(ours[name] < warped[name] for name in ("b", "late", "half"))


# ---- traps


def test_cutting_off_costs_more_than_rounding_and_films_do_neither(tmp_path):
    from lm_eval_generalbench.answers import naive_files
    from lm_eval_generalbench.media import pixels

    rng = made.g(0)
    true = rng.integers(1, 255, (64, 64, 3), dtype=np.uint8)
    exact = true + rng.uniform(-0.4, 0.4, true.shape)
    rounded, cut = (f(exact).astype(np.uint8) for f in (np.rint, np.floor))
    assert image_quality.psnr(rounded, true) == 100 > image_quality.psnr(cut, true) > 50
    (tmp_path / "a.mkv").write_bytes(naive_files.film([true] * 3))
    assert all((frame == true).all() for frame in pixels.frames(tmp_path / "a.mkv"))


def as_published(embeddings: Any, height: int, width: int) -> Any:
    """DINO's own way to interpolate positions: by a scale a tenth of a patch too large.

    Caron et al. 2021, vision_transformer.py of their repository; transformers goes by the size.
    """
    import torch

    known = embeddings.position_embeddings
    side = round((known.shape[1] - 1) ** 0.5)
    rows, columns = (n // embeddings.patch_size for n in (height, width))
    square = known[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = ((rows + 0.1) / side, (columns + 0.1) / side)
    made_up = torch.nn.functional.interpolate(square, scale_factor=scale, mode="bicubic")
    assert made_up.shape[-2:] == (rows, columns)
    return torch.cat([known[:, :1], made_up.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)


@pytest.mark.parametrize("pretrained", [False, True], ids=["small", "pretrained"])
def test_ways_to_interpolate_positions_differ_little(pretrained, tmp_path, monkeypatch):
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} (extra hf) is missing")
    import torch

    from lm_eval_generalbench.metrics.networks import dino

    line = BACKBONES["dino-b16"]
    where = weights.located(line) if pretrained else None
    if pretrained and where is None:
        pytest.skip("the weights of dino-b16 are not here: `generalbench data weights fetch`")
    if where is None:
        backbones.put_in(tmp_path, monkeypatch)
        where = weights.folder("dino-b16", line)
    network = dino.load(where).eval()
    shown = backbones.pictures(3, (120, 213))
    batch = torch.from_numpy(np.stack([dino.preprocess(picture) for picture in shown]))
    assert batch.shape[-2:] == (224, 397)
    embeddings = network.model.embeddings
    with torch.inference_mode():
        ours = network(batch).numpy()
        monkeypatch.setattr(
            embeddings,
            "interpolate_pos_encoding",
            lambda _, height, width: as_published(embeddings, height, width),
        )
        theirs = network(batch).numpy()
    assert not np.array_equal(ours, theirs)
    apart = abs(similarity.consistency(ours) - similarity.consistency(theirs))
    assert apart < 1e-3
