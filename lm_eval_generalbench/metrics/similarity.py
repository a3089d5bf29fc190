"""Arithmetic on what networks say of made files: embeddings, class scores, detections.

No network is known here. Embeddings are float arrays, one row a picture, frame,
window or text, of any length other than 0; likenesses are cosines, cut off below at 0.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench import optional
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.metrics import of_all

# ---- embeddings


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length 1, float64; a row of zeros stays.

    Args:
        rows: Shape (n, d), or (d,) for one.

    Raises:
        ValueError: A number is not finite.
    """
    rows = np.atleast_2d(np.asarray(rows, np.float64))
    if not np.isfinite(rows).all():
        raise ValueError("An embedding is not finite. Remove the cached features and score again.")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


def likeness(made: np.ndarray | None, wanted: np.ndarray) -> float:
    """Cosine of what was made with what was wanted, cut off below at 0.

    Range: 0 to 1, higher is better.

    Of several rows the mean over all pairs, each cut off by itself: the views of a shape
    with its caption, the frames of a video with several style images.

    Args:
        made: Embeddings, (n, d) or (d,); None for no answer.
        wanted: Embeddings, (m, d) or (d,).

    Returns:
        Neither multiplied by 2.5 nor by 100: a picture with itself has 1.

    Reference: Hessel et al. 2021, arXiv:2104.08718, section 3, without its factor and prefix.
    """
    if made is None or not len(made):
        return 0.0
    cosines = (unit(made) @ unit(wanted).T).clip(0, 1)
    return float(cosines.mean())


def consistency(frames: np.ndarray | None) -> float:
    """How alike a video's frames stay: cosines with the frame before and with the first.

    Range: 0 to 1, higher is better.

    Per frame from the second on half of each, cut off below at 0; the mean over frames.
    The published scorer pools the frames of all videos, here every video counts
    the same.

    Args:
        frames: Embeddings (frames, d); None for no answer.

    Returns:
        0 for fewer than two frames.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    if frames is None or len(frames) < 2:
        return 0.0
    rows = unit(frames)
    before = np.einsum("ij,ij->i", rows[1:], rows[:-1]).clip(0, 1)
    first = (rows[1:] @ rows[0]).clip(0, 1)
    return float(np.mean((before + first) / 2))


def nearer_to_target(
    frames: np.ndarray | None, source: np.ndarray, target: np.ndarray
) -> list[int]:
    """How many frames are strictly nearer to the target text than to the source text.

    Args:
        frames: Embeddings (frames, d); None for no answer.
        source: Embedding (d,) of the text that describes what was given.
        target: Embedding (d,) of the text that describes what was wanted.

    Returns:
        [frames nearer to the target, frames, at least 1].
    """
    if frames is None or not len(frames):
        return [0, 1]
    rows = unit(frames)
    cosines = rows @ np.concatenate([unit(source), unit(target)]).T
    return [int(np.count_nonzero(cosines[:, 1] > cosines[:, 0])), len(rows)]


@of_all
def frame_acc(statistics: Sequence[Sequence[int]]) -> float:
    """Share of all frames of all videos that are nearer to the target text.

    Range: 0 to 1, higher is better.

    Args:
        statistics: What `nearer_to_target` returned for each document.
    """
    frames = sum(count for _, count in statistics)
    return sum(near for near, _ in statistics) / frames if frames else 0.0


# ---- classes

WAYS = 50


def n_way_top1(scores: np.ndarray | None, right: int, ways: int = WAYS) -> float:
    """Chance that the right class outscores all of ways - 1 other classes drawn at random.

    Range: 0 to 1, higher is better.

    Published as an average over random draws; this is what that average tends to. With
    g classes scored above the right one among N: C(N - 1 - g, ways - 1) /
    C(N - 1, ways - 1). A class of equal score counts as above, so that scores which are
    all the same win nothing.

    Args:
        scores: A classifier's scores of the answer, (N,); None for no answer.
        right: The class of the reference.
        ways: Classes in a draw, the right one included.

    Raises:
        ValueError: There are fewer classes than `ways`.

    Reference: Chen et al. 2023, arXiv:2211.06956, section 4 (N-way top-1).

    >>> round(n_way_top1(np.arange(1000.0), 995), 10)  # four classes above
    0.8175185349
    """
    if scores is None:
        return 0.0
    values = np.asarray(scores, np.float64)
    if len(values) < ways:
        raise ValueError(f"{ways} ways need as many classes, got {len(values)}.")
    above = int(np.count_nonzero(values >= values[right])) - 1
    others = len(values) - 1
    return math.comb(others - above, ways - 1) / math.comb(others, ways - 1)


LIKELY = 0.85  # least probability of a class that counts as seen
GUESSES = 5


def human_action(probabilities: Mapping[str, float] | None, action: str) -> float:
    """1 if the action is among the five likeliest classes and likely at least 0.85, else 0.

    Range: 0 to 1, higher is better.

    Args:
        probabilities: Of each class by name, each by itself (a sigmoid); None for no answer.
        action: The record's; compared by letters and digits, without case.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    best = sorted((probabilities or {}).items(), key=lambda item: -item[1])[:GUESSES]
    wanted = plain(action)
    return float(any(plain(name) == wanted and value >= LIKELY for name, value in best))


def aesthetic(scores: np.ndarray | None) -> float:
    """A rating of 0 to 10 by a linear head, as a share, the mean over a video's frames.

    Range: 0 to 1, higher is better.

    Args:
        scores: The head's output for each frame, unbounded; None for no answer.
    """
    if scores is None or not np.size(scores):
        return 0.0
    return float(np.clip(np.asarray(scores, np.float64) / 10, 0, 1).mean())


# ---- detections


class Seen(NamedTuple):
    """An object that a detector found in a frame."""

    name: str
    box: tuple[float, float, float, float]  # x1, y1, x2, y2; y grows downwards


Frame = Sequence[Seen]

ARTICLES = ("a", "an", "the")


def plain(name: str) -> str:
    """A name without case, article, and what is no letter or digit.

    >>> plain("A  Hair-Drier."), plain("the dog"), plain("arm wrestling")
    ('hair drier', 'dog', 'arm wrestling')
    """
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


def _share(hits: Sequence[float]) -> float:
    return math.fsum(hits) / len(hits) if hits else 0.0


def multiple_objects(frames: Sequence[Frame] | None, names: Collection[str]) -> float:
    """Share of frames in which every one of `names` was found; of one name, the class rate.

    Range: 0 to 1, higher is better.

    Args:
        frames: What was found in each frame; None for no answer.
        names: Objects wanted, compared by `plain`.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    wanted = {plain(name) for name in names}
    return _share([float(wanted <= {plain(seen.name) for seen in frame}) for frame in frames or ()])


OVERLAP = 0.1  # intersection over union from which on a relation counts less

# relation -> (axis, direction): the first object's centre lies that way of the second's
RELATIONS = {
    "left": (0, -1),
    "right": (0, 1),
    "above": (1, -1),
    "below": (1, 1),
}
SIDES = {"left": "left", "right": "right", "top": "above", "bottom": "below"}
PREPOSITIONS = {
    **{"above": "above", "over": "above", "atop": "above"},
    **{"below": "below", "under": "below", "beneath": "below", "underneath": "below"},
}
PLACED = optional.pattern(  # first object, side or preposition, second object
    r"(.+?) (?:(?:on|to|at) )?(?:(?:the )?(left|right|top|bottom)(?:[- ]hand)?(?: side)? of"
    rf"|({'|'.join(PREPOSITIONS)})) (.+)"
)
STANDING = optional.pattern(
    r" (?:(?:on|to|at|is|are|being|placed|located|positioned|sitting|standing|lying|directly|just|situated) ?)+$"
)


def relation_score(one: Seen, other: Seen, relation: str, directed: bool = False) -> float:
    """How well two boxes lie as `relation` says.

    1 if they are farther apart along the relation's axis than along the other and
    overlap by less than 0.1; 0.1 / IoU if they overlap more; 0 along the other axis.

    Args:
        one: The first object.
        other: The second.
        relation: A key of RELATIONS.
        directed: Whether left and right, above and below are told apart. VBench does not.
    """
    axis, direction = RELATIONS[relation]
    away = [
        (one.box[i] + one.box[i + 2]) / 2 - (other.box[i] + other.box[i + 2]) / 2 for i in (0, 1)
    ]
    if abs(away[axis]) <= abs(away[1 - axis]) or (directed and away[axis] * direction <= 0):
        return 0.0
    overlap = _iou(one.box, other.box)
    return 1.0 if overlap < OVERLAP else OVERLAP / overlap


def _iou(a: Sequence[float], b: Sequence[float]) -> float:
    width, height = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    union = sum(areas) - shared
    return shared / union if union > 0 else 0.0


def spatial_relationship(
    frames: Sequence[Frame] | None, first: str, relation: str, second: str
) -> float:
    """How well two objects lie as wanted: the best pair of each frame, the mean over frames.

    Range: 0 to 1, higher is better.

    Only the axis counts: left is as good as right; `spatial_direction` tells them apart.

    Args:
        frames: What was found in each frame; None for no answer.
        first: Name of the first object.
        relation: A key of RELATIONS: where the first lies, seen from the second.
        second: Name of the second object.

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    return _share([_best_pair(frame, first, relation, second, False) for frame in frames or ()])


def spatial_direction(
    frames: Sequence[Frame] | None, first: str, relation: str, second: str
) -> float:
    """`spatial_relationship` where left and right, above and below are told apart.

    Range: 0 to 1, higher is better.

    Args:
        frames: As for `spatial_relationship`.
        first: As there.
        relation: As there.
        second: As there.
    """
    return _share([_best_pair(frame, first, relation, second, True) for frame in frames or ()])


def _best_pair(frame: Frame, first: str, relation: str, second: str, directed: bool) -> float:
    ones, others = ([s for s in frame if plain(s.name) == plain(name)] for name in (first, second))
    scores = [
        relation_score(one, other, relation, directed)
        for one in ones
        for other in others
        if one is not other
    ]
    return max(scores, default=0.0)


COLOURS = (
    "white", "red", "pink", "blue", "silver", "purple",
    "orange", "green", "gray", "yellow", "black", "grey",
)  # fmt: skip


def color(found: Sequence[str | None] | None, wanted: str) -> float:
    """Share of the frames in which an object's colour was told that told the wanted one.

    Range: 0 to 1, higher is better.

    Args:
        found: For each frame the colour that was told, a word of COLOURS; None
            where the object was not found, or no colour. None for no answer.
        wanted: A word of COLOURS; gray and grey are one.

    Returns:
        0 where no frame told a colour (VBench leaves such videos out).

    Reference: Huang et al. 2024, VBench, arXiv:2311.17982.
    """
    told = [_spelt(colour) for colour in found or () if colour]
    return _share([float(colour == _spelt(wanted)) for colour in told])


def _spelt(colour: str) -> str:
    word = plain(colour)
    return "gray" if word == "grey" else word


# ---- what a prompt asks for


AND = optional.pattern(r",| and |&")
WORDS = 6  # most of an object's name; more are a sentence


def wanted_objects(prompt: str) -> list[str]:
    """The objects of a prompt such as "A dog", "a dog and a cat".

    >>> wanted_objects("a hair drier and an oven.")
    ['hair drier', 'oven']

    Raises:
        BadData: There is none.
    """
    found = [plain(part) for part in AND.split(prompt)]
    found = [name for name in found if name]
    if not found or any(len(name.split()) > WORDS for name in found):
        raise BadData(f"The prompt {prompt[:80]!r} names no object. Correct the record.")
    return found


def wanted_relation(prompt: str) -> tuple[str, str, str]:
    """First object, relation (a key of RELATIONS) and second object of a prompt.

    >>> wanted_relation("a bicycle on the left of a car, front view")
    ('bicycle', 'left', 'car')

    Raises:
        BadData: It names no such relation.
    """
    text = " ".join(prompt.partition(",")[0].casefold().split())
    if not (found := PLACED.fullmatch(text)):
        raise BadData(f"The prompt {prompt[:80]!r} names no relation that boxes show. Correct it.")
    first, side, preposition, second = found.groups()
    names = plain(STANDING.sub("", f" {first}")), plain(second)
    if not all(names):
        raise BadData(f"The prompt {prompt[:80]!r} names no two objects. Correct the record.")
    return names[0], SIDES[side] if side else PREPOSITIONS[preposition], names[1]


def wanted_color(prompt: str) -> tuple[str, str]:
    """Colour and object of a prompt such as "a red flowerpot".

    >>> wanted_color("A blue smartphone.")
    ('blue', 'smartphone')

    Raises:
        BadData: It names none of COLOURS, or no object.
    """
    words = plain(prompt).split()
    colours = [word for word in words if word in COLOURS]
    rest = " ".join(word for word in words if word not in COLOURS)
    if len(colours) != 1 or not rest:
        raise BadData(f"The prompt {prompt[:80]!r} names no single colour. Correct the record.")
    return _spelt(colours[0]), plain(rest)


def wanted_style(prompt: str) -> str:
    """The style that a prompt ends with: what stands after its last comma.

    >>> wanted_style("A cat by the sea, in the style of ukiyo-e")
    'in the style of ukiyo-e'

    Raises:
        BadData: There is no comma, or nothing after it.
    """
    head, _, style = prompt.rstrip(" .,").rpartition(",")
    if not head.strip() or not style.strip():
        raise BadData(f"The prompt {prompt[:80]!r} names no style. Correct the record.")
    return style.strip()
