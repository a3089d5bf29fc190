"""What networks recognise in made files: objects that a prompt names, colours, classes.

Detections come from `features` (OWLv2, the middle 16 frames), values from `similarity`.
An answer that cannot be opened raises BadAnswer in every function here that takes one;
`metrics.sampled` counts it as none.
"""

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.metrics import CLIPS, backbones, features, similarity, weights
from lm_eval_generalbench.metrics.features import Asked
from lm_eval_generalbench.metrics.generated import Reference, opened, reference
from lm_eval_generalbench.metrics.similarity import COLOURS, Frame, Seen

OBJECTS = ("owlv2-text", "owlv2")  # lines of BACKBONES
CLASSES = "vit-b16"
MOST = 4  # objects that are looked for at once
BOX = 5  # numbers of a box with its score
SURE = 0.1  # least score of an object that counts as found, unless the run names another
TOLD = tuple(colour for colour in COLOURS if colour != "grey")  # which is gray


def looked_for(prompt: str) -> list[str]:
    """The objects that a prompt asks for, each once.

    Raises:
        BadData: It names none, or more than can be looked for.
    """
    names = list(dict.fromkeys(similarity.wanted_objects(prompt)))
    if len(names) > MOST:
        raise BadData(f"The prompt {prompt[:80]!r} names more than {MOST} objects. Correct it.")
    return names


def _least(known: Reference) -> float:
    return float(known.threshold) if known.threshold else SURE


def _rows(prediction: str | None, names: Sequence[str]) -> np.ndarray | None:
    """Boxes (frames, names, boxes, 5) of an answer; None of none."""
    features.ready(OBJECTS)
    found = opened(lambda file: features.of_file("owlv2", Asked(file, tuple(names))), prediction)
    return None if found is None else found.reshape(len(found), MOST, -1, BOX)[:, : len(names)]


def _seen(prediction: str | None, names: Sequence[str], least: float) -> list[Frame] | None:
    """What was found in each frame."""
    rows = _rows(prediction, names)
    if rows is None:
        return None
    return [
        [
            Seen(name, tuple(box[1:].tolist()))
            for name, boxes in zip(names, frame, strict=True)
            for box in boxes
            if box[0] >= least
        ]
        for frame in rows
    ]


def object_class(prediction: str | None, target: Any) -> float:
    """Share of a video's frames in which what the prompt names is found.

    Range: 0 to 1, higher is better.

    Args:
        prediction: Path of the answer, a video, a folder of frames or a picture; None
            for no answer.
        target: What `generated.reference` takes: its prompt, and the least score of
            an object that counts as found.

    Raises:
        BadAnswer: The answer's file cannot be used.
        BadData: The prompt names no object.
        MissingWeights: A network's files are not here.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982, with another detector.
    """
    known = reference(target)
    names = looked_for(known.prompt)
    return similarity.multiple_objects(_seen(prediction, names, _least(known)), names)


def multiple_objects(prediction: str | None, target: Any) -> float:
    """Share of a video's frames in which all objects that the prompt names are found.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `object_class`.
        target: As for `object_class`.

    Raises:
        BadData: The prompt names fewer than two objects.
        MissingWeights: A network's files are not here.

    Reference: As for `object_class`.
    """
    known = reference(target)
    names = looked_for(known.prompt)
    if len(names) < 2:
        raise BadData(
            f"The prompt {known.prompt[:80]!r} names one object only. Correct the record."
        )
    return similarity.multiple_objects(_seen(prediction, names, _least(known)), names)


def _placed(prediction: str | None, target: Any, value: Callable[..., float]) -> float:
    known = reference(target)
    first, relation, second = similarity.wanted_relation(known.prompt)
    names = list(dict.fromkeys((first, second)))
    return value(_seen(prediction, names, _least(known)), first, relation, second)


def spatial_relationship(prediction: str | None, target: Any) -> float:
    """How well two objects lie as the prompt says: `similarity.spatial_relationship`.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `object_class`.
        target: As for `object_class`.

    Raises:
        BadData: The prompt names no relation of two objects that boxes can show.
        MissingWeights: A network's files are not here.

    Reference: As for `object_class`.
    """
    return _placed(prediction, target, similarity.spatial_relationship)


def spatial_direction(prediction: str | None, target: Any) -> float:
    """`spatial_relationship` where left and right, above and below are told apart.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `object_class`.
        target: As for `object_class`.
    """
    return _placed(prediction, target, similarity.spatial_direction)


def color(prediction: str | None, target: Any) -> float:
    """Share of the frames with the prompt's object in which it has the prompt's colour.

    Range: 0 to 1, higher is better.

    The surest box of the object is cut out of a frame; its colour is the one of the
    texts "a photo of a <colour> <object>" that CLIP finds nearest.

    Args:
        prediction: As for `object_class`.
        target: As for `object_class`, and which CLIP compares.

    Raises:
        BadData: The prompt names no single colour of COLOURS, or no object.
        MissingWeights: A network's files are not here.

    Reference: As for `object_class`; there captions of a detector tell the colour.
    """
    known = reference(target)
    wanted, name = similarity.wanted_color(known.prompt)
    clip = f"clip-{known.clip or CLIPS[0]}"
    features.ready([f"{clip}-parts", f"{clip}-text"])
    rows = _rows(prediction, [name])
    if prediction is None or rows is None:
        return 0.0
    boxes = rows[:, 0, 0]
    sure = boxes[:, 0] >= _least(known)
    if not sure.any():
        return 0.0
    part = Asked(prediction, (name, boxes[sure].tobytes().hex()))
    made = features.of_part(f"{clip}-parts", part, functools.partial(_cut_out, boxes, sure))
    texts = [f"a photo of a {colour} {name}" for colour in TOLD]
    points = similarity.unit(features.of_texts(f"{clip}-text", texts))
    nearest = (similarity.unit(made) @ points.T).argmax(1)
    return similarity.color([TOLD[i] for i in nearest], wanted)


def _cut_out(boxes: np.ndarray, sure: np.ndarray, asked: Asked) -> Iterator[np.ndarray]:
    """The object in each frame that shows it, uint8 (height, width, 3).

    Args:
        boxes: Score and corners in shares of the longer side, (frames, 5).
        sure: Which frames count, bool (frames,).
        asked: The file.
    """
    from lm_eval_generalbench.metrics.networks import moments

    shown = moments.middle(asked.path, len(boxes))
    for frame, box, counts in zip(shown, boxes, sure, strict=True):
        if counts:
            height, width, _ = frame.shape
            x1, y1, x2, y2 = (box[1:] * max(height, width)).round().astype(int)
            left, top = min(max(x1, 0), width - 1), min(max(y1, 0), height - 1)
            yield frame[top : max(y2, top + 1), left : max(x2, left + 1)]


def generated_acc(prediction: str | None, target: Any) -> float:
    """Chance that a picture is taken for its reference's class among 50: `similarity.n_way_top1`.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `object_class`.
        target: What `generated.reference` takes: the class of its picture counts, or
            the class that its text names where there is no picture.

    Raises:
        BadData: There is neither, or the text names no class of ImageNet.
        MissingWeights: The network's files are not here.

    Reference: Chen et al. 2023, arXiv:2211.06956, section 4, and Bai et al. 2023, DreamDiffusion,
        arXiv:2306.16934.
    """
    right = _class_of(reference(target))
    rows = opened(lambda file: features.of_file(CLASSES, file), prediction)
    return 0.0 if rows is None else similarity.n_way_top1(rows.mean(0), right)


def _class_of(known: Reference) -> int:
    """The class of a picture, or the one that is named.

    Raises:
        BadData: There is no such picture and no such name.
    """
    features.ready([CLASSES])
    pictures = [file for file in known.files if kind_of(file) == "image"]
    if pictures:
        return int(features.of_file(CLASSES, pictures[0])[0].argmax())
    named = _classes(weights.folder(CLASSES, backbones.backbone(CLASSES)))
    for text in known.text:
        if (found := named.get(similarity.plain(text))) is not None:
            return found
    raise BadData("The record has no picture, and names no class of ImageNet. Correct its output.")


@functools.lru_cache(maxsize=1)
def _classes(folder: Path) -> dict[str, int]:
    """The names of the classes, each synonym by itself."""
    labels = json.loads((folder / "config.json").read_text("utf-8"))["id2label"]
    return {
        similarity.plain(name): int(number)
        for number, label in reversed(labels.items())
        for name in (label, *label.split(","))
    }
