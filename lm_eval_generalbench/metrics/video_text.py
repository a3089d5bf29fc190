"""Made videos by networks that watch several frames at once: likeness to a prompt, and actions.

Videos become rows in `features`, rows become values in `similarity`. An answer that cannot be
opened raises BadAnswer in every function here that takes one; `metrics.sampled` counts it as none.
"""

from typing import Any

from lm_eval_generalbench.metrics import actions, embeddings, features, similarity
from lm_eval_generalbench.metrics.generated import reference


def prompt(target: Any) -> str:
    """What a video is compared with: the prompt, else a text of the record.

    Raises:
        NoReference: There is neither.
    """
    known = reference(target)
    return embeddings.words(known.prompt, *known.text)


def overall_consistency(prediction: str | None, target: Any) -> float:
    """Likeness of a video and its prompt, by ViCLIP from the middle 8 frames.

    Range: 0 to 1, higher is better.

    The cosine of ViCLIP's embeddings, cut off below at 0.

    Args:
        prediction: Path of the answer, a video, a folder of frames or a picture, which
            is a video of one frame; None for no answer.
        target: What `generated.reference` takes: its prompt, else its text.

    Raises:
        BadAnswer: The answer's file cannot be used.
        NoReference: There is neither.
        MissingWeights: The network's file or its vocabulary is not here.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    features.ready(["clip-vocabulary"])
    text = prompt(target)
    made = embeddings.rows("viclip", prediction)
    return similarity.likeness(made, features.of_texts("viclip-text", [text]))


def temporal_style(prediction: str | None, target: Any) -> float:
    """`overall_consistency` where the prompt asks for a movement of the camera or in time.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `overall_consistency`.
        target: As for `overall_consistency`.

    Raises:
        As `overall_consistency`.
    """
    return overall_consistency(prediction, target)


def human_action(prediction: str | None, target: Any) -> float:
    """Whether a video shows the action that was asked for, by UMT from the middle 16 frames.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `overall_consistency`.
        target: What `generated.reference` takes: `actions.wanted` says where the action
            is told.

    Returns:
        1 or 0, as `similarity.human_action` says.

    Raises:
        BadData: The record names no action of Kinetics-400, or several.
        MissingWeights: The network's file is not here.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    action = actions.wanted(target)
    made = embeddings.rows("umt", prediction)
    if made is None:
        return similarity.human_action(None, action)
    seen = zip(actions.names(), made[0].tolist(), strict=True)
    return similarity.human_action(dict(seen), action)
