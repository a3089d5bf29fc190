"""Answers about anomalies: is something wrong, and where."""

import json
import re
from typing import Any

import numpy as np

from lm_eval_generalbench.answers.anomaly_words import DENIED, word_score
from lm_eval_generalbench.answers.box_formats import is_number
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import REPLY_LIMIT, json_values
from lm_eval_generalbench.answers.foreground import grey_image
from lm_eval_generalbench.answers.maps import fractions, load_alpha, stretch
from lm_eval_generalbench.answers.regions import (
    Item,
    Scene,
    decode_region,
    file_in,
    is_region_object,
    labelled_items,
    only_file,
    reply_region,
    reply_scene,
    target_scene,
)
from lm_eval_generalbench.answers.vocabulary import (
    BOX_KEYS,
    LABEL_KEYS,
    REGION_KEYS,
    SCORE_KEYS,
    first_given,
)
from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.media.masks import encode_rle, load_binary_mask
from lm_eval_generalbench.metrics.segmentation import resize_nearest
from lm_eval_generalbench.optional import pattern

INSTRUCTION_ANOMALY = (
    "Answer with the probability, 0 to 1, that something is wrong with what the image shows, and "
    'where it is, as {"score": 0.8, "mask": [[x1, y1, x2, y2, x3, y3, ...]]} with polygons in '
    'pixels, or as {"score": 0.8, "map": "path"} with the path of a grey PNG (255 is anomalous) '
    "or of .npy with 0 to 1. A score without a place counts as that score at every pixel."
)
SCORE_NAMES = ("anomalyscore", "anomaly", "isanomaly", "anomalous", "label", "answer")


def _as_score(value: Any) -> float | None:
    """A probability given as a number, a percentage, a truth value or a word."""
    if isinstance(value, bool):
        return float(value)
    if is_number(value):
        return float(value) if 0 <= value <= 1 else None
    if not isinstance(value, str):
        return None
    number = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})\s*(%?)\.?\s*", value)
    if number is None:
        return word_score(value)
    score = float(number[1]) / (100 if number[2] else 1)
    return score if score <= 1 else None


STATED_SCORE = re.compile(
    r"(?:score|probability|likelihood|confidence|概率|機率|几率|可能性|分数|得分|置信度|probabilidad|probabilité"
    r"|wahrscheinlichkeit|вероятность)\W{0,4}?(?:is|of|为|是|約|约|es|est|de|ist)?\W{0,4}?"
    r"(?:(?:(?:very|quite|rather) )?(?:high|low|small|large|moderate|medium)\W{1,4})?"
    r"(?:(?:about|around|roughly|approximately|approx\.?|at|maybe|some)\s{1,3}){0,2}"
    r"([-‐‑‒–−+]?(?:\d{1,9}(?:\.\d{1,18})?|\.\d{1,18})(?:e[-+]?\d{1,2})?\s*%?)(?![\d.]*\d)"
    r"(?:\s*(?:/|out of)\s*(\d{1,9}))?",
    re.IGNORECASE,
)


# "the probability that it is broken is about 10%", "a 0.9 chance of a defect"
_PORTION = r"(?:\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})"
_CHANCE = r"(?:probabilit(?:y|ies)|likelihood|chances?|odds|risk|possibility|confidence|score)"
CHANCE_OF = pattern(
    rf"\b{_CHANCE}\s(?P<what>(?:that|of|for)\s[^.!?\n\d;]{{1,150}}?)\s?(?:\bis|\bat|\bwould be|\bto be|\bas|=|:)[\s*_`]{{0,4}}"
    rf"(?:(?:(?:very|quite|rather) )?(?:high|low|small|large|moderate|medium)[\s,:;(–—-]{{1,4}})?"
    rf"(?:(?:about|around|roughly|approximately|approx\.?|only|just|maybe|perhaps|estimated at|at (?:most|least))\s){{0,2}}"
    rf"[\s*_`~≈]{{0,4}}(?P<minus>[-−]?)(?P<number>{_PORTION})(?P<percent>\s?%|\spercent\b)?(?![\d.]*\d)"
    rf"|(?<![\d.\-−])(?P<before>{_PORTION})(?P<parts>\s?%|\spercent\b)?\*{{0,2}}\s"
    rf"(?:{_CHANCE}|sure|certain|confident|likely)\s(?P<about>(?:that|of|for|to be|it is|it's)\s[^.!?\n;]{{1,150}})",
    re.IGNORECASE,
)
# "nothing is wrong, so 0.05", "there is a dent, hence 90%."
CONCLUDED = pattern(
    r"\b(?:so|hence|thus|therefore|accordingly|i(?:'d| would)? (?:say|answer|give|estimate)|my answer:?)[,:]?\s"
    r"(?:(?:it is|it's|i'd|i|would|say|answer|give|estimate|rate|it|at|about|around|roughly|a|the|score|probability|of|is)"
    rf"\s){{0,6}}\*{{0,2}}(?P<number>{_PORTION})(?P<percent>\s?%)?\*{{0,2}}[.!\s]{{0,4}}\Z",
    re.IGNORECASE,
)
OF_THE_SOUND = pattern(
    r"(?:正常|良品|合格|完好|没问题|无异常|无缺陷|\b(?:normal|normality|intact|healthy|no (?:defect|anomaly)))(?:的|\swith an?)?\s?\Z",
    re.IGNORECASE,
)


def _chance_of(found: re.Match[str]) -> float | None:
    """A probability, of something wrong, whose words say what it is the probability of."""
    number, part = found["number"] or found["before"], found["percent"] or found["parts"]
    score = float(number) / (100 if part else 1)
    if found["minus"] or score > 1:
        return None
    return 1 - score if word_score(found["what"] or found["about"]) == 0 else score


def _is_of_the_sound(text: str, stated: re.Match[str], score: float) -> bool:
    """Whether a probability is that of nothing being wrong: "正常的概率", "normal (confidence 0.9)"."""
    if OF_THE_SOUND.search(text, max(0, stated.start() - 20), stated.start()):
        return True
    sure = stated[0].casefold().startswith(("confidence", "置信度"))
    return sure and score > 0.5 and word_score(text[: stated.start()]) == 0


def _text_score(reply: str) -> float | None:
    chances = list(CHANCE_OF.finditer(reply[:REPLY_LIMIT]))
    if chances:
        return _chance_of(chances[-1])
    stated = list(STATED_SCORE.finditer(reply[:REPLY_LIMIT]))
    if stated:
        number, whole = stated[-1].groups()
        if not number[0].isdigit() and number[0] not in ".+":
            return None  # below 0: no probability, and not the one without its sign
        score = float(number.rstrip(" %\t\r\n")) / (100 if number[-1] == "%" else 1)
        score /= int(whole or 1) or 1
        if score > 1:
            return None
        return 1 - score if _is_of_the_sound(reply, stated[-1], score) else score
    if reply.lstrip("` \n").removeprefix("json").lstrip()[:1] in ("{", "["):
        return None  # words in JSON that says something else
    return _leading_score(reply[:REPLY_LIMIT])


# a probability before, or in brackets behind, the words for what it is the probability of
LEADING = re.compile(
    r"[\s*_`(\[]{0,6}(\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})(\s?%?)[*_`)\]]{0,4}\s{0,3}"
    r"(?:[(\[\-–—,;:\n]|\.(?:\s|$)|$)"
)
BEHIND = re.compile(
    r"[(\[（]\s{0,3}(\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})(\s?%?)\s{0,3}[)\]）][\s.。]{0,4}$"
)

# a probability in a sentence of its own
SAID = re.compile(
    r"[\s*_`\"'“(]{0,4}(?:(?:i|i'd|i’d|my|we|it|this|it's|that|there|the) )?(?:(?:would|think|believe|guess|say|estimate|estimated|put|assign|rate"
    r"|give|answer|it|that|this|at|is|as|be|'d|an?|best|my|of|to|the|there) ){0,6}(?:estimate|guess|answer|chance"
    r"|likelihood|value)?[\s:]{0,3}(?:is |of |at |to be )?(?:about|around|roughly|approximately|approx\.|some|maybe"
    r"|perhaps|~|≈|约|大约|我认为是|我认为|大概)?\s{0,2}"
    r"(?:an? )?\*{0,2}(\d{1,3}(?:\.\d{1,18})?|\.\d{1,18})(\s?%?)\*{0,2}"
    r"(?P<chance> (?:chance|probability|likelihood|likely|sure|confident|anomalous|左右)\b[^.\d]{0,80})?左?右?[.。!\s]{0,4}",
    re.IGNORECASE,
)


def _leading_score(text: str) -> float | None:
    """The only number of a text, where words such as "no defect" beside it agree; else the words.

    >>> _leading_score("0.05 (no defect)"), _leading_score("Defect (0.95)"), _leading_score("2 scratches")
    (0.05, 0.95, 1.0)
    """
    words = _as_score(text)
    if concluded := CONCLUDED.search(text):
        score = float(concluded["number"]) / (100 if concluded["percent"] else 1)
        return score if score <= 1 else words
    said = SAID.fullmatch(text)
    stated = LEADING.match(text) or BEHIND.search(text) or said
    if stated is None or len(_portions(text)) > 1:
        return words
    score = float(stated[1]) / (100 if stated[2].strip() else 1)
    chance = said is not None and said["chance"] and not DENIED.search(text.lower())
    if said and said["chance"] and not chance:
        return 1 - score if score <= 1 else words  # of no defect
    agree = chance or words is None or (score > 0.5) == (words > 0.5) or score == 0.5
    return score if score <= 1 and agree else words


def _portions(text: str) -> set[float]:
    """The different numbers of a text, percentages as what they are a part of 1.

    >>> _portions("0.8 (80%)"), sorted(_portions("2 of 3"))
    ({0.8}, [2.0, 3.0])
    """
    found = re.findall(r"(\d{1,18}(?:\.\d{1,18})?|\.\d{1,18})(\s?%)?", text)
    return {round(float(number) / (100 if part else 1), 9) for number, part in found}


def read_anomaly(reply: str, doc: Document) -> dict[str, Any] | None:
    """Score and map of a reply; None if there is neither a score, nor a word, nor a region.

    Returns:
        `score`, 0 (normal) to 1, and `map`: float32 of shape (height, width), 0
        to 1, or None. Without a score, a map's highest value is the score.

    >>> read_anomaly("Anomaly score: 0.83", {}), read_anomaly("There are no defects.", {})
    ({'score': 0.83, 'map': None}, {'score': 0.0, 'map': None})
    """
    scene = reply_scene(doc)
    try:
        path = only_file(reply, doc)
        found = None if path is None else load_alpha(path)
    except BadData:
        return None
    for value in json_values(reply):
        if value == {}:
            continue
        fields = {canonical(k): v for k, v in value.items()} if isinstance(value, dict) else {}
        stated = _as_score(first_given(fields, (*SCORE_KEYS, *SCORE_NAMES)))
        if found is None:
            found = _anomaly_map(value, fields, scene)
        if stated is not None:
            return {"score": stated, "map": found}
    if found is not None:
        return {"score": float(found.max(initial=0)), "map": found}
    score = _text_score(reply)
    return None if score is None else {"score": score, "map": None}


def _anomaly_map(value: Any, fields: dict[str, Any], scene: Scene) -> np.ndarray | None:
    grid = fractions(fields or value)
    if grid is not None:
        return stretch(grid, scene.size)
    inner = first_given(fields, REGION_KEYS)
    if isinstance(inner, str):
        path = scene.open(inner)
        try:
            return None if path is None else load_alpha(path)
        except BadData:
            return None
    if fields and "counts" not in fields and not is_region_object(fields, fields, scene):
        return None
    mask = reply_region(json.dumps(value), scene)
    return None if mask is None else mask.astype(np.float32)


def target_anomaly(output: Any, doc: Document) -> dict[str, Any]:
    """Label and mask of a record.

    Args:
        output: A word ("good" and the like: normal; any other: a kind of
            defect), 0 or 1, true or false; the path of a mask; regions or
            boxes; or an object that holds these under keys such as "label" and
            "mask".

    Returns:
        `label`, 1 if anything is anomalous, else 0, and `mask`: bool of shape
        (height, width), or None where the anomalous pixels are not known.

    Raises:
        BadData: Nothing of this is there, or a mask cannot be decoded.
    """
    scene = target_scene(doc)
    label, mask = _anomaly_of(output, scene)
    if label is None:
        raise BadData(f"No label in the target {str(output)[:80]!r}. Correct the record.")
    if label == 0 and mask is None and scene.size:
        mask = np.zeros(scene.size, bool)
    return {"label": label, "mask": mask}


def _anomaly_of(output: Any, scene: Scene) -> tuple[int | None, np.ndarray | None]:
    if isinstance(output, bool | int | float):
        return (int(output), None) if output in (0, 1) else (None, None)
    path = file_in(output, scene)
    if isinstance(output, str) and path is None:
        return _defect_word(output), None
    fields = {canonical(k): v for k, v in output.items()} if isinstance(output, dict) else {}
    stated = first_given(
        fields, ("isanomaly", "isanomalous", "anomaly", *LABEL_KEYS, "answer", "text")
    )
    label = None
    if isinstance(stated, bool | int | float | str):
        label = _anomaly_of(stated, scene)[0]
    mask = None
    if path is not None:
        mask = load_binary_mask(path)
    elif not fields or is_region_object(fields, fields, scene):
        items = labelled_items(output, scene)
        if items is not None:
            masks = [decode_region(item.region, scene) for item in items]
            rough = any(_is_box(item) for item in items)
            found = int(any(m.any() for m in masks))
            label = found if label is None else label
            if masks and not rough:
                mask = np.logical_or.reduce([resize_nearest(m, masks[0].shape) for m in masks])
    if label is None and mask is not None:
        label = int(mask.any())
    return label, mask


def _is_box(item: Item) -> bool:
    """Whether a region is a box, which says that there is a defect but not which pixels."""
    if isinstance(item.region, list):
        return len(item.region) == 4 and all(map(is_number, item.region))
    held = [key for key in REGION_KEYS if item.fields.get(key) is not None]
    return "counts" not in item.fields and (not held or held[0] in BOX_KEYS)


def _defect_word(text: str) -> int | None:
    """0 for a word for normal, 1 for any other word; None for a number or what looks like a file."""
    score = _as_score(text)
    if score in (0.0, 1.0):
        return int(score)
    word = text.strip()
    if not re.search(r"[A-Za-z]", word) or re.search(r"\.\w{2,4}$", word) or len(word) > 80:
        return None
    return 1


def write_anomaly(output: Any, doc: Document) -> str:
    """The reply of a perfect model: the label as score, and the mask if it is known.

    Raises:
        BadData: As `target_anomaly`.
    """
    target = target_anomaly(output, doc)
    reply: dict[str, Any] = {"score": float(target["label"])}
    if target["mask"] is not None:
        reply["mask"] = encode_rle(target["mask"])
    return json.dumps(reply, ensure_ascii=False)


def naive_anomaly(doc: Document) -> str:
    """How busy the image is: four times its mean step between neighbouring pixels, at most 1."""
    grey = grey_image(doc)
    if grey is None:
        return json.dumps({"score": 0.5}, ensure_ascii=False)
    steps = [np.abs(np.diff(grey.astype(np.float64), axis=axis)) for axis in (0, 1)]
    mean = sum(float(step.mean()) for step in steps if step.size) / 510
    return json.dumps({"score": round(min(4 * mean, 1.0), 4)}, ensure_ascii=False)
