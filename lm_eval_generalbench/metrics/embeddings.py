"""Made files by what CLIP and DINO say of them: likeness to texts and pictures, consistency.

Files become rows in `features`, rows become values in `similarity`. A video is all
of its frames, a shape its views. An answer that cannot be opened raises BadAnswer in every
function here that takes one; `metrics.sampled` counts it as none.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.errors import BadData, NoReference
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.metrics import CLIPS, backbones, features, similarity
from lm_eval_generalbench.metrics.generated import Reference, leads_out, opened, reference


def rows(name: str, prediction: str | None) -> np.ndarray | None:
    """The rows of an answer; None of no answer, or of one that is too short.

    Raises:
        BadAnswer: The answer's file cannot be used.
        MissingWeights: The network's files are not here.
    """
    features.ready([name])  # whatever the answer is
    return opened(functools.partial(features.of_file, name), prediction)


def ahead(names: Sequence[str], pairs: Sequence[tuple[str, Any]], what: str = "") -> None:
    """Compute and keep the rows of many answers, several files at a time, where a bar shows it.

    The metrics find them then; they give the same without it, file by file.

    Args:
        names: Lines of BACKBONES that a metric needs.
        pairs: Answers, and what `generated.reference` takes.
        what: What the bar is called, beside the network.

    Raises:
        MissingWeights: A network's files are not here.
    """
    features.ready(names)
    given = pairs
    for name in names:
        line = backbones.backbone(name)
        if not line.read or line.asks:
            continue
        if line.language:
            pairs = [p for p in given if variant(reference(p[1]).task).language == line.language]
        for clip in dict.fromkeys(reference(target).clip for _, target in pairs):
            chosen = name.replace(f"-{CLIPS[0]}", f"-{clip or CLIPS[0]}", 1)
            files = [
                made
                for made, target in pairs
                if reference(target).clip == clip and not leads_out(made)
            ]
            for _ in features.of_files(chosen, files, what):
                pass


def _clip(known: Reference, part: str = "") -> str:
    """The line of BACKBONES for the CLIP that the run names."""
    return f"clip-{known.clip or CLIPS[0]}{part}"


def words(*found: str) -> str:
    """The first text that is none but blanks.

    Raises:
        NoReference: There is none.
    """
    for text in found:
        if text.strip():
            return text.strip()
    raise NoReference("The record has no text to compare with. Correct its caption or prompt.")


# ---- what of a record an answer is held against


def captions(target: Any) -> list[str]:
    """The texts that `clip_text` compares with: the captions, or where there is none the prompt.

    Raises:
        NoReference: There is neither.
    """
    known = reference(target)
    return [text for text in known.text if text.strip()] or [words(known.prompt)]


def pictures(target: Any) -> list[str]:
    """The pictures that `clip_image` compares with: the references, of a shape what was given.

    Raises:
        NoReference: There is no reference.
        BadData: No picture was given for a shape.
    """
    known = reference(target)
    task = catalog.find(known.task) if known.task else None
    if task is not None and task.modality == "3d":
        return style_pictures(known)
    found = [file for file in known.files if kind_of(file) == "image"]
    if not found:
        raise NoReference("The record has no picture to compare with. Correct its output.")
    return found


def style(target: Any) -> str:
    """The style that was asked for: by its name, else what follows the prompt's last comma.

    Raises:
        NoReference: There is no such text.
    """
    known = reference(target)
    return words(known.style, known.prompt.rpartition(",")[2], known.prompt)


def style_pictures(target: Any) -> list[str]:
    """The pictures that were given.

    Raises:
        BadData: There is none.
    """
    found = [file for file in reference(target).inputs if kind_of(file) == "image"]
    if not found:
        raise BadData("The record gives no picture to compare with. Correct its input.")
    return found


def both_texts(target: Any) -> list[str]:
    """What describes the video that was given, and what describes the wanted one.

    Raises:
        NoReference: One of them is missing.
    """
    known = reference(target)
    return [words(known.source), words(*known.text, known.prompt)]


# ---- values


def clip_text(prediction: str | None, target: Any) -> float:
    """Likeness of a picture, or of eight views of a shape, and what the record says is to be seen.

    Range: 0 to 1, higher is better.

    The cosine of CLIP's embeddings, cut off below at 0, the mean over views.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `generated.reference` takes: of several captions the mean
            counts, where there is none the prompt.

    Raises:
        BadAnswer: The answer's file cannot be used.
        NoReference: There is neither.

    Reference: Hessel et al. 2021, arXiv:2104.08718, without its factor and prefix.
    """
    known, texts = reference(target), captions(target)
    made = rows(_clip(known), prediction)
    return similarity.likeness(made, features.of_texts(_clip(known, "-text"), texts))


def clip_image(prediction: str | None, target: Any) -> float:
    """Likeness of a picture and the reference, or of eight views of a shape and the given picture.

    Range: 0 to 1, higher is better.

    The cosine of CLIP's embeddings, cut off below at 0, the mean over views.

    Args:
        prediction: As for `clip_text`.
        target: What `generated.reference` takes.

    Raises:
        BadData: There is no picture to compare with, or it cannot be read.
    """
    name = _clip(reference(target))
    wanted = _all_rows(name, pictures(target))
    return similarity.likeness(rows(name, prediction), wanted)


def _all_rows(name: str, files: Sequence[str]) -> np.ndarray:
    features.ready([name])
    return np.concatenate([features.of_file(name, file) for file in files])


def clip_style_text(prediction: str | None, target: Any) -> float:
    """Likeness of a video's frames and the style that was asked for.

    Range: 0 to 1, higher is better.

    The mean over frames of the cosine of CLIP's embeddings, cut off below at 0.

    Args:
        prediction: As for `clip_text`.
        target: What `generated.reference` takes: its style, else what follows the
            prompt's last comma.

    Raises:
        NoReference: There is no such text.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982 (appearance style).
    """
    known, wanted = reference(target), style(target)
    made = rows(_clip(known, "-frames"), prediction)
    return similarity.likeness(made, features.of_texts(_clip(known, "-text"), [wanted]))


def clip_style_image(prediction: str | None, target: Any) -> float:
    """Likeness of a video's frames and the pictures whose style it was to have.

    Range: 0 to 1, higher is better.

    The mean over frames and pictures of the cosine of CLIP's embeddings, cut off below
    at 0.

    Args:
        prediction: As for `clip_text`.
        target: What `generated.reference` takes: the pictures that were given.

    Raises:
        BadData: There is none, or one cannot be read.

    Reference: Liu et al. 2023, StyleCrafter, arXiv:2312.00330.
    """
    name = _clip(reference(target))
    wanted = _all_rows(name, style_pictures(target))
    return similarity.likeness(rows(name, prediction), wanted)


def clip_consistency(prediction: str | None, target: Any) -> float:
    """How alike a video's frames stay to CLIP, as its background does: `similarity.consistency`.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `clip_text`; a video of one frame counts as no answer.
        target: What `generated.reference` takes; only its choice of CLIP counts.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982 (background consistency).
    """
    return similarity.consistency(rows(_clip(reference(target), "-frames"), prediction))


def dino_consistency(prediction: str | None, target: Any) -> float:
    """How alike a video's frames stay to DINO, as its subject does: `similarity.consistency`.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `clip_consistency`.
        target: Not looked at.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982 (subject consistency).
    """
    return similarity.consistency(rows("dino-b16", prediction))


def aesthetic(prediction: str | None, target: Any) -> float:
    """How people would rate the beauty of a video's frames: a linear layer on CLIP ViT-L/14.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `clip_text`.
        target: Not looked at.

    Reference: LAION-AI/aesthetic-predictor; Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    features.ready(["aesthetic"])
    made = rows("clip-l14-frames", prediction)
    if made is None:
        return similarity.aesthetic(None)
    return similarity.aesthetic(features.of_rows("aesthetic", similarity.unit(made))[:, 0])


def nearer_to_target(prediction: str | None, target: Any) -> list[int]:
    """How many frames are strictly nearer to the text of what was wanted than of what was given.

    Args:
        prediction: As for `clip_text`.
        target: What `generated.reference` takes: its text, and its source.

    Returns:
        What `similarity.frame_acc` takes.

    Raises:
        NoReference: One of the texts is missing.
    """
    known, texts = reference(target), both_texts(target)
    made = rows(_clip(known), prediction)
    source, wanted = features.of_texts(_clip(known, "-text"), texts)
    return similarity.nearer_to_target(made, source, wanted)
