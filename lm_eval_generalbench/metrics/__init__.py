"""Every metric of the benchmark: what it ranges over, its unit, and the functions that compute it.

A metric is two functions at most. `sample(prediction, target)` looks at one
document. For most metrics that is the document's value and the harness takes
the mean, with a standard error. A metric over the task as a whole, such as AP,
returns small JSON-safe statistics there instead (counts, matches; never
arrays), and `total(list of statistics)` turns those of all documents into the
value.

`prediction` is None when the model's answer could not be read. A metric with a
finite worst value is then not called and that value counts; a metric over the
task and one without a worst value (an error that has no upper bound) is called
with None and says what no answer costs.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lm_eval_generalbench.errors import UnknownName
from lm_eval_generalbench.optional import lookup

inf = math.inf


@dataclass(frozen=True)
class Metric:
    """One line of METRICS.

    `sample` and `total` name functions as "module.function" below this package,
    so that a table of all metrics imports none of them.
    """

    sample: str  # (prediction, target) -> value or statistics; "" while there is none
    total: str  # (statistics of all documents) -> value; "" for the mean
    low: float
    high: float
    unit: str  # of the value we report; "" for a plain fraction
    better: Literal["higher", "lower"]
    printed: float = 1.0  # published tables print value * printed (100: a percentage)
    needs: str = ""  # the extra that brings what it needs, or what else it needs
    why: str = ""  # while `sample` is empty: what is missing

    @property
    def per(self) -> Literal["sample", "task"]:
        return "task" if self.total else "sample"

    @property
    def best(self) -> float:
        return self.high if self.better == "higher" else self.low

    @property
    def worst(self) -> float:
        return self.low if self.better == "higher" else self.high

    @property
    def available(self) -> bool:
        return bool(self.sample)

    @property
    def doc_line(self) -> str:
        """The line that every metric function's docstring holds."""
        unit = f" {self.unit}" if self.unit else ""
        return f"Range: {self.low:g} to {self.high:g}{unit}, {self.better} is better."


def _percent(sample: str, total: str = "", needs: str = "", why: str = "") -> Metric:
    return Metric(sample, total, 0, 1, "", "higher", 100, needs, why)


def _error(sample: str, total: str = "", unit: str = "", needs: str = "", why: str = "") -> Metric:
    return Metric(sample, total, 0, inf, unit, "lower", 1, needs, why)


MODELS = "pretrained weights, which come with the generation metrics in a later release"
LATER = "a reader of generated files, which comes with the generation metrics in a later release"
PEOPLE = "people or a validated predictor of their ratings"

METRICS: dict[str, Metric] = {
    # classification.py: labels, letters, short answers, sets
    "acc": _percent("classification.acc"),
    "contains_acc": _percent("classification.contains_acc"),
    "exact_match": _percent("classification.exact_match"),
    "macro_acc": _percent("classification.class_pair", "classification.macro_acc"),
    "macro_f1": _percent("classification.class_pair", "classification.macro_f1"),
    "weighted_f1": _percent("classification.class_pair", "classification.weighted_f1"),
    "micro_f1": _percent("classification.set_counts", "classification.micro_f1"),
    "roc_auc": _percent("classification.score_pair", "classification.roc_auc"),
    # text.py and code.py
    "token_f1": _percent("text.token_f1"),
    "bleu1": _percent("text.bleu1"),
    "corpus_bleu1": _percent("text.bleu_counts", "text.corpus_bleu1"),
    "corpus_bleu4": _percent("text.bleu_counts", "text.corpus_bleu4"),
    "rouge1": _percent("text.rouge1"),
    "rouge_l": _percent("text.rouge_l"),
    "cider": Metric("text.cider_pair", "text.cider", 0, 10, "", "higher", 100),
    "codebleu": _percent("code.codebleu"),
    "anls": _percent("text.anls"),
    "gpt_score": _percent("judged.gpt_score", needs="a judge: GENERALBENCH_JUDGE_URL"),
    # regression.py: numbers, depth, mattes
    "mae": _error("regression.absolute_error"),
    "mse": _error("regression.squared_error"),
    "rmse": _error("regression.squared_error", "regression.rmse"),
    "rms": _error("regression.depth_rms", unit="cm"),
    "sad": _error("regression.sad", unit="10^3"),
    "matte_mse": _error("regression.matte_mse", unit="10^-3"),
    # detection.py: boxes, key points, relations
    "ap": _percent("detection.box_matches", "detection.ap"),
    "ap10": _percent("detection.box_matches", "detection.ap10"),
    "ap50": _percent("detection.box_matches", "detection.ap50"),
    "ap75": _percent("detection.box_matches", "detection.ap75"),
    "keypoint_ap50": _percent("detection.keypoint_matches", "detection.ap50"),
    "recall_at_50": _percent("detection.recall_at_50"),
    # segmentation.py: masks
    "mean_iou": _percent("segmentation.class_overlap", "segmentation.mean_iou"),
    "dice": _percent("segmentation.dice"),
    "pq": _percent("segmentation.panoptic_matches", "segmentation.pq"),
    "mask_ap": _percent("segmentation.mask_matches", "detection.ap"),
    "mask_ap50": _percent("segmentation.mask_matches", "detection.ap50"),
    "mask_ap75": _percent("segmentation.mask_matches", "detection.ap75"),
    "anomaly_ap": _percent("segmentation.anomaly_scores", "segmentation.anomaly_ap"),
    "anomaly_pixel_ap": _percent("segmentation.anomaly_pixels", "segmentation.anomaly_pixel_ap"),
    # video.py: tracks, tubes, depth and flow over time
    "structure_measure": _percent("video.structure_measure"),
    "video_iou": _percent("video.video_iou"),
    "mean_viou": _percent("video.mean_viou"),
    "success_auc": _percent("video.success_auc"),
    "track_jf": _percent("video.track_jf"),
    "abs_rel": _error("video.abs_rel"),
    "epe": _error("video.epe", unit="px"),
    # geometry.py: points, boxes and poses in space
    "point_mean_iou": _percent("geometry.class_overlap", "segmentation.mean_iou"),
    "instance_mean_iou": _percent("geometry.instance_mean_iou"),
    "instance_ap50": _percent("geometry.instance_matches", "detection.ap50"),
    "map_3d": _percent("geometry.distance_matches", "geometry.map_3d"),
    "amota": _percent("geometry.track_matches", "geometry.amota"),
    "rte": _error("geometry.rte", unit="%"),
    "angle_rmse": Metric("geometry.angle_rmse", "", 0, 90, "degrees", "lower"),
    # events.py
    "event_f1": _percent("events.event_counts", "classification.micro_f1"),
    # generation
    "fid": _error("", why=MODELS),
    "motion_fid": _error("", why=MODELS),
    "fvd": _error("", why=MODELS),
    "fad": _error("", why=MODELS),
    "psnr": Metric("", "", 0, inf, "dB", "higher", why=LATER),
    "ms_ssim": Metric("", "", -1, 1, "", "higher", why=LATER),
    "lab_rmse": _error("", why=LATER),
    "chamfer": _error("", why=LATER),
    "mcd": _error("", unit="dB", why=LATER),
    "wer": Metric("", "", 0, inf, "", "lower", 100, why=MODELS),
    "speech_cider": Metric("", "", 0, 10, "", "higher", 100, why=MODELS),
    "map_roc_auc": _percent("", why=LATER),
    "generated_acc": _percent("", why=MODELS),
    "clip_text": _percent("", why=MODELS),
    "clip_image": _percent("", why=MODELS),
    "clip_style_text": _percent("", why=MODELS),
    "clip_style_image": _percent("", why=MODELS),
    "clip_consistency": _percent("", why=MODELS),
    "dino_consistency": _percent("", why=MODELS),
    "temporal_flicker": _percent("", why=LATER),
    "dynamic_degree": _percent("", why=MODELS),
    "aesthetic": _percent("", why=MODELS),
    "musiq_spaq": _percent("", why=MODELS),
    "musiq_koniq": _percent("", why=MODELS),
    "object_class": _percent("", why=MODELS),
    "multiple_objects": _percent("", why=MODELS),
    "spatial_relationship": _percent("", why=MODELS),
    "temporal_style": _percent("", why=MODELS),
    "color": _percent("", why=MODELS),
    "overall_consistency": _percent("", why=MODELS),
    "human_action": _percent("", why=MODELS),
    "i2v_composite": _percent("", why=MODELS),
    "frame_acc": _percent("", why=MODELS),
    "clap": _percent("", why=MODELS),
    "style_clap": _percent("", why=MODELS),
    "pcc": _percent("", why=LATER),
    "e_acc": _percent("", why="a published definition"),
    "mos": Metric("", "", 1, 5, "", "higher", why=PEOPLE),
    "user_preference": _percent("", why=PEOPLE),
}


# reported beside the metric that decides, from the same prediction and target
BESIDE: dict[str, tuple[str, ...]] = {
    "anomaly_ap": ("anomaly_pixel_ap",),
    "success_auc": ("track_jf",),
}


def metric(name: str) -> Metric:
    """The line of METRICS called `name`.

    Raises:
        UnknownName: There is none.
    """
    if name not in METRICS:
        raise UnknownName("metric", name, METRICS)
    return METRICS[name]


def function(reference: str) -> Callable[..., Any]:
    """The function that METRICS names as "module.function"."""
    return lookup(__name__, reference)
