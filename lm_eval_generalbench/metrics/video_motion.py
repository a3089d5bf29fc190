"""How made videos move: whether at all, by RAFT, how smoothly, by AMT, and a mean with likenesses."""

from typing import Any

from lm_eval_generalbench import metrics
from lm_eval_generalbench.errors import BadAnswer
from lm_eval_generalbench.metrics import embeddings, video_quality


def dynamic_degree(prediction: str | None, target: Any) -> float:
    """Whether a video moves: `video_quality.dynamic_degree` of the flow that RAFT sees.

    Range: 0 to 1, higher is better.

    Args:
        prediction: Path of the answer, a video or a folder of frames; None for no answer,
            which is what one frame counts as.
        target: Not looked at.

    Raises:
        BadAnswer: The answer's file cannot be used.
        MissingWeights: The network's file is not here.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    return video_quality.dynamic_degree(_numbers("raft", prediction))


def motion_smoothness(prediction: str | None, target: Any) -> float:
    """How well AMT foretells a video's odd frames from the even: `video_quality.smoothness`.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `dynamic_degree`; fewer than three frames count as no answer.
        target: Not looked at.

    Raises:
        As `dynamic_degree`.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    return video_quality.smoothness(_numbers("amt", prediction))


def _numbers(name: str, prediction: str | None) -> list[float]:
    """The one number of each pair or triple of frames; none of no answer, or too few frames."""
    rows = embeddings.rows(name, prediction)
    return [] if rows is None else rows[:, 0].tolist()


def i2v_composite(prediction: str | None, target: Any) -> float:
    """`video_quality.i2v_composite` of the metrics that it is made of.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `dynamic_degree`.
        target: What `generated.reference` takes.

    Raises:
        BadAnswer: The answer's file cannot be used for any of them; one that cannot for some is
            no answer to those.
        BadData: The record has no prompt.
        MissingWeights: A network's files are not here.
    """
    parts = {name: metrics.sampled(name, prediction, target) for name in video_quality.COMPOSITE}
    if all(whys := [part.unusable for part in parts.values()]):
        raise BadAnswer(whys[0])
    return video_quality.i2v_composite({name: part.value for name, part in parts.items()})
