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
with None and says what no answer costs. A made file that cannot be used raises
BadAnswer, and `sampled` counts it as no answer.
"""

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal, NamedTuple

from lm_eval_generalbench.errors import BadAnswer, UnknownName
from lm_eval_generalbench.optional import lookup

inf = math.inf

Mapping = Literal["percentage", "range", "error", "decibels", "error rate"]


@dataclass(frozen=True)
class Metric:
    """One line of METRICS: all that the package knows of a metric.

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
    mapping: Mapping = "percentage"  # how levels/normalise.py makes a printed value a score
    scale: float = 0.0  # the mapping's constant, in the printed unit; 0 where it has none
    nothing: float | None = None  # what no answer has, where that is not the worst value
    silence: float = 0.0  # least that no answer costs where errors have no upper bound
    error: str = ""  # (statistics of all) -> standard error of `total`, where one is known
    summable: bool = False  # statistics of documents may be added up before `total`
    beside: tuple[str, ...] = ()  # reported, too, from the same prediction and target; not
    # where networks of its own are not here
    registered: bool = False  # with the harness, for texts in task files of others
    compares: bool = False  # a made file with one of the record, without which nothing is scored
    against: str = ""  # (target) -> what else it is held against; NoReference if kept back
    judged: bool = False  # by a model elsewhere, which has to be there
    rated: bool = False  # by people: `sample` gets their ratings in place of a target
    weights: tuple[str, ...] = ()  # lines of backbones.BACKBONES that have to be here
    sometimes: tuple[str, ...] = ()  # and those that only answers of another sort need
    module: str = ""  # without which nothing is computed
    extra: str = "generation"  # which brings the module
    rate: str = ""  # what an error that is printed as a percentage is called
    needs: str = ""  # the extra that brings what it needs, or what else it needs
    why: str = ""  # while `sample` is empty: what is missing
    opens: bool = False  # whether `total` opens files, which only the machine that scored may have
    undefined: str = ""  # why `total` may be NaN, which fails the task
    own: str = "any"  # modality in which the reference, given as the answer, has the best value

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
    def by_others(self) -> bool:
        """Whether a document may be left without a value because nobody gave it one."""
        return self.judged or self.rated

    @property
    def together(self) -> bool:
        """Whether many documents at once are done sooner than one after the other."""
        return self.judged or bool(self.weights)

    @property
    def doc_line(self) -> str:
        """The line that every metric function's docstring holds."""
        unit = f" {self.unit}" if self.unit else ""
        return f"Range: {self.low:g} to {self.high:g}{unit}, {self.better} is better."


def _percent(sample: str = "", total: str = "", **columns: Any) -> Metric:
    """A share, printed as a percentage."""
    return Metric(sample, total, 0, 1, "", "higher", 100, **columns)


def _seen(sample: str, *weights: str, total: str = "", **columns: Any) -> Metric:
    """A share that a pretrained network has a part in."""
    sample = f"embeddings.{sample}"
    return _percent(sample, total, weights=weights, needs=WEIGHTS, **columns)


def _watched(sample: str, *weights: str, **columns: Any) -> Metric:
    """A share that a network of whole videos has a part in."""
    return _percent(f"video_text.{sample}", weights=weights, **ALONE, **columns)


def _found(sample: str, *weights: str, **columns: Any) -> Metric:
    """A share of frames in which a detector finds what a prompt names."""
    detector = ("owlv2-text", "owlv2")
    return _percent(
        f"object_recognition.{sample}", weights=(*detector, *weights), **ALONE, **columns
    )


def _error(
    sample: str = "", total: str = "", unit: str = "", high: float = inf, **columns: Any
) -> Metric:
    """An error; `scale` is the T of General-Level's 2 sigmoid(T/x) - 1."""
    return Metric(sample, total, 0, high, unit, "lower", mapping="error", **columns)


def _distance(
    sample: str, total: str, *weights: str, scale: float, low: float = 0, **columns: Any
) -> Metric:
    """A distance of two sets of features that pretrained networks give."""
    return Metric(
        f"feature_sets.{sample}",
        f"feature_sets.{total}",
        low,
        inf,
        "",
        "lower",
        mapping="error",
        scale=scale,
        weights=weights,
        needs=WEIGHTS,
        undefined=TOO_FEW,
        compares=True,
        opens=True,
        **columns,
    )


def _opinion(sample: str, **columns: Any) -> Metric:
    """An opinion on the scale of ITU-T P.800, from bad to excellent."""
    return Metric(sample, "", 1, 5, "", "higher", mapping="range", **columns)


def _error_rate(rate: str, sample: str = "", total: str = "", **columns: Any) -> Metric:
    """Errors as a share of what was to be said, which may exceed 1; printed as a percentage."""
    return Metric(
        sample, total, 0, inf, "", "lower", 100, mapping="error rate", rate=rate, **columns
    )


EXTRA = "the extra generation"
ONE_CLASS = "there is one class only in what has a reference, so nothing can be ranked"
RATINGS = "ratings: `generalbench rate`"
TOO_FEW = "there are fewer than two documents, or files or weights are gone"
WEIGHTS = "the extra hf and weights: `generalbench data weights fetch`"
WHISPER = ("whisper-turbo-en", "whisper-turbo-zh", "whisper-turbo-mn")
CLAP = ("clap", "clap-text")
ALONE: dict[str, Any] = {"needs": WEIGHTS, "own": "none"}  # by a network, without a reference
OPINIONS = {  # networks of DNSMOS, and what they tell of a sound
    "dnsmos": ("dnsmos", "dnsmos_sig", "dnsmos_bak"),
    "dnsmos-p808": ("dnsmos_p808",),
}
NOTES = "the extras hf and notes and weights: `generalbench data weights fetch`"
PREDICTED: dict[str, Any] = {**ALONE, "module": "onnxruntime", "extra": "notes", "needs": NOTES}
VICLIP = ("viclip", "viclip-text", "clip-vocabulary")
CLIPS = ("b32", "l14")  # sizes of CLIP that gb_clip names, the usual one first

METRICS: dict[str, Metric] = {
    # classification.py: labels, letters, short answers, sets
    "acc": _percent("classification.acc", registered=True),
    "contains_acc": _percent("classification.contains_acc", registered=True),
    "exact_match": _percent("classification.exact_match", registered=True),
    "macro_acc": _percent("classification.class_pair", "classification.macro_acc"),
    "macro_f1": _percent("classification.class_pair", "classification.macro_f1"),
    "weighted_f1": _percent("classification.class_pair", "classification.weighted_f1"),
    "micro_f1": _percent("classification.set_counts", "classification.micro_f1", summable=True),
    "roc_auc": _percent("classification.score_pair", "classification.roc_auc", undefined=ONE_CLASS),
    # text.py and code.py
    "token_f1": _percent("text.token_f1", registered=True),
    "bleu1": _percent("text.bleu1", registered=True),
    "corpus_bleu1": _percent("text.bleu_counts", "text.corpus_bleu1", summable=True),
    "corpus_bleu4": _percent("text.bleu_counts", "text.corpus_bleu4"),
    "rouge1": _percent("text.rouge1", registered=True),
    "rouge_l": _percent("text.rouge_l", registered=True),
    "cider": Metric("text.cider_pair", "text.cider", 0, 10, "", "higher", 100),
    "codebleu": _percent("code.codebleu", registered=True),
    "anls": _percent("text.anls", registered=True),
    "gpt_score": _percent("judged.gpt_score", judged=True, needs="a judge: GENERALBENCH_JUDGE_URL"),
    # regression.py: numbers, depth, mattes
    "mae": _error("regression.absolute_error", scale=50, silence=500),
    "mse": _error("regression.squared_error", scale=5, silence=2500),
    "rmse": _error("regression.squared_error", "regression.rmse", scale=5, silence=50),
    "rms": _error("regression.depth_rms", unit="cm", scale=50, silence=500),
    "sad": _error("regression.sad", unit="10^3", scale=10),
    "matte_mse": _error("regression.matte_mse", unit="10^-3", scale=5),
    # detection.py: boxes, key points, relations
    "ap": _percent("detection.box_matches", "detection.ap"),
    "ap10": _percent("detection.box_matches", "detection.ap10"),
    "ap50": _percent("detection.box_matches", "detection.ap50"),
    "ap75": _percent("detection.box_matches", "detection.ap75"),
    "keypoint_ap50": _percent("detection.keypoint_matches", "detection.ap50"),
    "recall_at_50": _percent("detection.recall_at_50"),
    # segmentation.py: masks
    "mean_iou": _percent("segmentation.class_overlap", "segmentation.mean_iou", summable=True),
    "dice": _percent("segmentation.dice"),
    "pq": _percent("segmentation.panoptic_matches", "segmentation.pq", summable=True),
    "mask_ap": _percent("segmentation.mask_matches", "detection.ap"),
    "mask_ap50": _percent("segmentation.mask_matches", "detection.ap50"),
    "mask_ap75": _percent("segmentation.mask_matches", "detection.ap75"),
    "cityscapes_ap50": _percent("segmentation.cityscapes_matches", "detection.instance_ap50"),
    # anomalies.py
    "anomaly_ap": _percent("anomalies.anomaly_scores", "anomalies.anomaly_ap", undefined=ONE_CLASS),
    "anomaly_pixel_ap": _percent(
        "anomalies.anomaly_pixels",
        "anomalies.anomaly_pixel_ap",
        beside=("anomaly_ap",),
        undefined=ONE_CLASS,
    ),
    # video.py: tracks, tubes, depth and flow over time
    "structure_measure": _percent("video.structure_measure"),
    "video_iou": _percent("video.video_iou"),
    "mean_viou": _percent("video.mean_viou"),
    "success_auc": _percent("video.success_auc", beside=("track_jf",)),
    "track_jf": _percent("video.track_jf"),
    "abs_rel": _error("video.abs_rel", scale=0.1, silence=1),
    "epe": _error("video.epe", unit="px", scale=1, silence=10),
    # labelled_points.py
    "point_mean_iou": _percent(
        "labelled_points.class_overlap", "segmentation.mean_iou", summable=True
    ),
    "instance_mean_iou": _percent("labelled_points.instance_mean_iou"),
    "instance_ap50": _percent("labelled_points.instance_matches", "detection.instance_ap50"),
    # geometry.py: boxes, tracks, poses and normals in space
    "map_3d": _percent("geometry.distance_matches", "geometry.map_3d"),
    "amota": _percent("geometry.track_matches", "geometry.amota"),
    "rte": _error("geometry.rte", unit="%", scale=0.5, silence=5),
    "angle_rmse": _error("geometry.angle_rmse", unit="degrees", high=90, scale=5),
    # events.py
    "event_f1": _percent("events.event_counts", "classification.micro_f1", summable=True),
    # generated.py: made files, by image_quality, video_quality, shape, speech and music
    "psnr": Metric(
        "generated.psnr",
        "",
        0,
        100,
        "dB",
        "higher",
        mapping="decibels",
        scale=20,
        compares=True,
        beside=("resized", "unlike_length"),
    ),
    "ms_ssim": Metric(  # no answer has what a black picture has
        "generated.ms_ssim",
        "",
        -1,
        1,
        "",
        "higher",
        mapping="range",
        nothing=0,
        beside=("resized",),
        compares=True,
    ),
    "lab_rmse": _error(
        "generated.lab_rmse",
        scale=5,
        beside=("lab_rms_delta_e", "lab_l1", "lab_mae", "resized"),
        compares=True,
    ),
    "lab_rms_delta_e": _error("generated.lab_rms_delta_e", scale=5),
    "lab_l1": _error("generated.lab_l1", scale=5),
    "lab_mae": _error("generated.lab_mae", scale=5),
    "map_roc_auc": _percent(
        "generated.map_histograms",
        "image_quality.map_roc_auc",
        summable=True,
        beside=("map_roc_auc_by_image", "resized"),
        undefined=ONE_CLASS,
        compares=True,
    ),
    "map_roc_auc_by_image": _percent(
        "generated.map_histograms", "image_quality.map_roc_auc_by_image", undefined=ONE_CLASS
    ),
    "temporal_flicker": _percent("generated.temporal_flicker", own="none"),
    "chamfer": _error(
        "generated.chamfer", compares=True, scale=1, beside=("chamfer_l1", "chamfer_l2")
    ),
    "chamfer_l1": _error("generated.chamfer_l1", scale=1),
    "chamfer_l2": _error("generated.chamfer_l2", scale=1),
    "mcd": _error(
        "generated.mcd", compares=True, unit="dB", scale=5, needs=EXTRA, module="pyworld"
    ),
    "pcc": _percent(
        "generated.pcc",
        compares=True,
        needs=EXTRA,
        module="mido",
        own="none",
        sometimes=("played",),
    ),
    "e_acc": _percent("generated.e_acc", compares=True, needs=EXTRA, module="mido"),
    "resized": _error("generated.resized", high=1, scale=0.05, nothing=0),
    "unlike_length": _error("generated.unlike_length", high=1, scale=0.05, nothing=0),
    # embeddings.py: made files, by what pretrained networks say of them
    "clip_text": _seen(
        "clip_text", "clip-b32", "clip-b32-text", against="embeddings.captions", own="none"
    ),
    "clip_image": _seen("clip_image", "clip-b32", against="embeddings.pictures", own="image"),
    "clip_style_text": _seen(
        "clip_style_text",
        "clip-b32-frames",
        "clip-b32-text",
        against="embeddings.style",
        own="none",
    ),
    "clip_style_image": _seen(
        "clip_style_image", "clip-b32", against="embeddings.style_pictures", own="none"
    ),
    "clip_consistency": _seen("clip_consistency", "clip-b32-frames", own="none"),
    "dino_consistency": _seen("dino_consistency", "dino-b16", own="none"),
    "aesthetic": _seen("aesthetic", "clip-l14-frames", "aesthetic", own="none"),
    "frame_acc": _seen(
        "nearer_to_target",
        "clip-b32",
        "clip-b32-text",
        total="similarity.frame_acc",
        against="embeddings.both_texts",
        own="none",
    ),
    # object_recognition.py: made files, by objects, colours and classes that networks find
    "object_class": _found("object_class"),
    "multiple_objects": _found("multiple_objects"),
    "spatial_relationship": _found("spatial_relationship", beside=("spatial_direction",)),
    "spatial_direction": _found("spatial_direction"),
    "color": _found("color", "clip-b32-parts", "clip-b32-text"),
    "generated_acc": _percent(
        "object_recognition.generated_acc", weights=("vit-b16",), needs=WEIGHTS, own="image"
    ),
    # video_motion.py: how made videos move
    "dynamic_degree": _percent("video_motion.dynamic_degree", weights=("raft",), **ALONE),
    "motion_smoothness": _percent("video_motion.motion_smoothness", weights=("amt",), **ALONE),
    "i2v_composite": _percent(
        "video_motion.i2v_composite",
        weights=("dino-b16", *VICLIP, "raft", "amt"),
        beside=("dino_consistency", "overall_consistency", "motion_smoothness", "dynamic_degree"),
        against="video_text.prompt",
        **ALONE,
    ),
    # video_text.py: made videos, by networks that watch several frames at once
    "temporal_style": _watched("temporal_style", *VICLIP, against="video_text.prompt"),
    "overall_consistency": _watched("overall_consistency", *VICLIP, against="video_text.prompt"),
    "human_action": _watched("human_action", "umt", against="actions.wanted"),
    # feature_sets.py: all that was made against all references
    "fid": _distance(
        "pictures",
        "fid",
        "inception",
        "inception-legacy",
        scale=25,
        beside=("kid", "fid_legacy", "fid_infinity"),
        error="feature_sets.fid_error",
    ),
    "kid": _distance("pictures", "kid", "inception", scale=0.05, low=-inf),
    "fid_legacy": _distance("pictures", "fid_legacy", "inception-legacy", scale=25),
    "fid_infinity": _distance("pictures", "fid_infinity", "inception", scale=25),
    "fvd": _distance(
        "videos", "fvd", "r3d18", scale=100, beside=("fvd_i3d",), error="feature_sets.fvd_error"
    ),
    "fvd_i3d": _distance("videos_i3d", "fvd_i3d", "i3d", scale=500),
    "fad": _distance(
        "sounds", "fad", "vggish", scale=10, beside=("fad_clap",), error="feature_sets.fad_error"
    ),
    "fad_clap": _distance("sounds_clap", "fad_clap", "clap", scale=1),
    # no_reference_quality.py: made files, by networks that learnt from ratings
    "musiq_spaq": _percent("no_reference_quality.musiq_spaq", weights=("musiq-spaq",), **ALONE),
    "musiq_koniq": _percent("no_reference_quality.musiq_koniq", weights=("musiq-koniq",), **ALONE),
    **{
        name: _opinion(f"no_reference_quality.{name}", weights=(network,), **PREDICTED)
        for network, names in OPINIONS.items()
        for name in names
    },
    # sounds.py: made sounds, by what Whisper and CLAP hear in them; human_motion.py
    "wer": _error_rate(
        "word error rate",
        "sounds.word_errors",
        "sounds.wer",
        silence=1,
        beside=("wer_by_document",),
        weights=WHISPER,
        needs=WEIGHTS,
        against="sounds.spoken",
        own="none",
    ),
    "wer_by_document": _error_rate(
        "mean word error rate",
        "sounds.word_errors",
        "sounds.wer_by_document",
        silence=1,
        weights=WHISPER,
        needs=WEIGHTS,
        against="sounds.spoken",
        own="none",
    ),
    "speech_cider": Metric(
        "sounds.caption_pair",
        "sounds.speech_cider",
        0,
        10,
        "",
        "higher",
        100,
        weights=WHISPER[:1],
        needs=WEIGHTS,
        against="sounds.spoken_captions",
        own="none",
    ),
    "clap": _percent(
        "sounds.clap", weights=CLAP, needs=WEIGHTS, against="sounds.captions", own="none"
    ),
    "style_clap": _percent(
        "sounds.style_clap", weights=CLAP, needs=WEIGHTS, against="sounds.style", own="none"
    ),
    "motion_fid": _error(
        "human_motion.motion_pair",
        "human_motion.motion_fid",
        scale=25,
        error="human_motion.motion_fid_error",
        weights=("kit-motion",),
        needs=WEIGHTS,
        compares=True,
    ),
    # human_ratings.py: people
    "mos": _opinion(
        "human_ratings.mos", rated=True, needs=RATINGS, beside=tuple(chain(*OPINIONS.values()))
    ),
    "user_preference": _percent("human_ratings.user_preference", rated=True, needs=RATINGS),
}


class Sampled(NamedTuple):
    """What one document gives a metric."""

    value: Any  # or statistics
    unusable: str = ""  # why the answer's file counts as no answer; "" if it does not


def sampled(name: str, prediction: Any, target: Any) -> Sampled:
    """The value or statistics of one document; a made file that cannot be used is no answer."""
    sample = function(metric(name).sample)
    try:
        return Sampled(sample(prediction, target))
    except BadAnswer as error:
        return Sampled(sample(None, target), str(error))


def of_all(total: Callable[..., float]) -> Callable[..., float]:
    """A `total` that is NaN, which fails the task, where one document could not be computed.

    A document whose metric lacks something of this machine, such as weights, has NaN
    in place of statistics; a value over the others would pass for the task's.
    """

    @functools.wraps(total)
    def known(statistics: Sequence[Any]) -> float:
        if any(isinstance(x, float) and math.isnan(x) for x in statistics):
            return math.nan
        return total(statistics)

    return known


def standard_error(name: str, statistics: Sequence[Any]) -> float | str:
    """The standard error of a metric over the task; "N/A", as the harness has it, where none is known.

    Args:
        name: Of a line of METRICS with a `total`.
        statistics: Of all documents.
    """
    known = METRICS[name].error if name in METRICS else ""
    error = function(known)(statistics) if known else math.nan
    return error if math.isfinite(error) else "N/A"


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
