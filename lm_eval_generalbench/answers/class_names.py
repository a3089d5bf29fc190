"""Names of classes as people write them: in the plural, with an article or a number before them."""

import functools
import re
from collections.abc import Sequence

from lm_eval_generalbench.answers import document
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.metrics.matching import normalise_label
from lm_eval_generalbench.optional import pattern

LONGEST = 300  # characters of a statement that nothing is there
IRREGULAR = {
    **{"men": "man", "women": "woman", "people": "person", "persons": "person"},
    **{"children": "child", "feet": "foot", "teeth": "tooth", "geese": "goose", "mice": "mouse"},
    **{"knives": "knife", "leaves": "leaf", "wolves": "wolf", "shelves": "shelf"},
    **{"calves": "calf", "halves": "half", "loaves": "loaf", "scarves": "scarf"},
    **{"oxen": "ox", "cacti": "cactus", "fungi": "fungus", "nuclei": "nucleus"},
}
COUNTED = re.compile(
    r"^(?:(?:the|an?|some|any|this|that|these|those|one|two|three|four|five|six|seven|eight|nine"
    r"|ten|several|many|both|all|another|\d{1,3}|\w{0,4}un[ae]?|der|die|das|les?|los|las)\s+)+"
    r"(?=\w)",
    re.IGNORECASE,
)


def singular(name: str) -> str:
    """A name in the singular, normalised, as far as its spelling tells.

    >>> [singular(name) for name in ("dogs", "traffic lights", "buses", "berries", "glass", "men")]
    ['dog', 'trafficlight', 'bus', 'berry', 'glass', 'man']
    """
    head, _, last = name.strip().casefold().rpartition(" ")
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif len(last) > 4 and last.endswith("ies"):
        last = last[:-3] + "y"
    elif len(last) > 4 and re.search(r"(?:s|x|z|ch|sh)es$", last):
        last = last[:-2]
    elif len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is")):
        last = last[:-1]
    return normalise_label(f"{head} {last}")


@functools.lru_cache(maxsize=64)
def _spellings(options: tuple[str, ...]) -> tuple[dict[str, str], dict[str, set[str]]]:
    exact = {normalise_label(option): option for option in reversed(options)}
    alike: dict[str, set[str]] = {}
    for option in options:
        alike.setdefault(singular(option), set()).add(option)
    return exact, alike


def class_named(text: str, options: Sequence[str]) -> str | None:
    """The one class that a label means; None if it means none of them, or several.

    >>> class_named("the dogs", ["dog", "cat"]), class_named("Two Stop-Signs", ["stop sign"])
    ('dog', 'stop sign')
    >>> class_named("hot dog", ["dog"]), class_named("dogs", ["dog", "dogs"])
    (None, 'dogs')
    """
    exact, alike = _spellings(tuple(options))
    if found := exact.get(normalise_label(text)):
        return found
    text = text[:LONGEST].strip()
    bare = COUNTED.sub("", text)
    if found := exact.get(normalise_label(bare)):
        return found
    meant = alike.get(singular(bare), set())
    return next(iter(meant)) if len(meant) == 1 else None


# --- nothing is there ---

NOTHING_WORDS = {"none", "nothing", "无", "没有", "なし", "ninguno", "aucun", "keine"}
THINGS = (
    *("object", "instance", "thing", "target", "region", "detection", "box", "bounding box"),
    *("mask", "segment", "person", "match", "key point", "keypoint", "track", "such object"),
    *("relevant object", "visible object", "item", "class", "of these", "of them", "such"),
    *("vehicle", "animal", "obstacle", "defect", "anomaly"),
    *("target object", "of the class", "of the object", "to detect", "to track", "to segment"),
)
ABSENT = re.compile(
    r"\s*(?:sorry[,.] |in (?:the|this) \w{1,12},? )?"
    r"(?:(?:there (?:is|are|was|were)|i (?:can |could )?(?:see|find|found|detect(?:ed)?)"
    r"|(?:the|this) (?:image|picture|photo|video|scene|frame|clip|scan|point cloud)"
    r"(?: clearly)? (?:contains?|shows?|has|includes?))"
    r"(?: simply| actually)? (?:no|none|nothing)"
    r"|there (?:isn't|aren't|is not|are not|'s no|is n't)(?: an?| any)?"
    r"|(?:the|this) (?:image|picture|photo|video|scene|frame|clip|scan|point cloud)"
    r" (?:does not|doesn't|do not) (?:contain|show|have|include)(?: an?| any)?"
    r"|no|none|nothing)\b\s*(?P<what>[^.!\n]{0,200}?)\s*[.!]?\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s+(?:(?:is|are|was|were|can be|could be|to be|has been|have been)\s+)?(?:visible|present"
    r"|detected|found|shown|seen|identified|here|there|at all|(?:in|on|of) (?:the|this|any)"
    r" (?:given |provided )?(?:image|picture|photo|video|scene|frames?|clip|scan|point cloud)"
    r"|anywhere)$",
    re.IGNORECASE,
)
_ABSENT_ELSEWHERE = re.compile(
    r"\s*(?:图[中像片]*|画面|视频|这里|里面)?[中里]?(?:没有|未(?:发现|检测到|看到)|不存在)(?:任何)?(?P<what>[^，。,.\n]{0,20})[。.]?\s*"
)
# "没有检测到鸟。", in another language than the classes; not that there is no picture
_ABSENT_TRANSLATED = pattern(
    r"\s*(?:(?:在)?(?:这张|这个|该|此)?(?:图[中像片]*|画面|视频)?[中里]?(?:没有|并未|未能?|没)(?:检测到|发现|看到|找到|识别到|出现)"
    r"|(?:在)?(?:这张|这个|该|此)?(?:图[像片]?|画面|视频)[中里](?:没有|不存在|无))(?:任何)?"
    r"(?![^。]*(?:图|照片|视频|文件|附件|内容|输入|信息|提供|答案|办法|无法))(?P<what>[\u4e00-\u9fff]{1,12})[。.]?\s*"
)


def nothing_there(text: str, options: Sequence[str] = ()) -> bool:
    """Whether a text says that none of the classes, or nothing, is there, and no more.

    >>> nothing_there("None."), nothing_there("There is no dog in the image.", ["dog"])
    (True, True)
    >>> nothing_there("There is no doubt.", ["dog"]), nothing_there("No dog, but a cat.", ["dog"])
    (False, False)
    """
    if len(text) > LONGEST or re.search(r"\d", text):
        return False
    bare = text.casefold().strip(" .!*`\"'。\n")
    if bare in NOTHING_WORDS:
        return True
    if "".join(options).isascii() and options and _ABSENT_TRANSLATED.fullmatch(text):
        return True
    found = ABSENT.fullmatch(text) or _ABSENT_ELSEWHERE.fullmatch(text)
    if found is None:
        return False
    what = found["what"].strip(" ,")
    if bare == "no":
        return False
    for _ in range(3):
        what = _TAIL.sub("", " " + what).strip(" ,")
    parts = re.split(r",\s*(?:or |and |nor )?|\s+(?:or|and|nor)\s+", what) if what else []
    return all(_is_thing(part, options) for part in parts)


def _is_thing(text: str, options: Sequence[str]) -> bool:
    text = re.sub(r"^(?:(?:no|any|an?|other|single)\s+)+", "", text.strip(), flags=re.IGNORECASE)
    named = [*options, *THINGS]
    return not text or class_named(text, named) is not None


_ASKED = pattern(
    r"\b(?:every|each|all(?: of)?(?: the)?|any|(?:find|detect|segment|locate|mark|outline|identify)(?: the| an?)?)\s"
    r"((?!every\b|each\b|all\b|any\b|the\b)[a-z-]{2,20}(?:(?:,\s|\s)[a-z-]{2,20}){0,5})",
    re.IGNORECASE,
)
_NO_THINGS = {"image", "picture", "photo", "video", "frame", "point", "pixel", "answer", "file"}
_STOPS = re.compile(
    r"\b(?:in|of|on|at|by|with|from|that|which|who|where|is|are|visible|present|you|and give|and return)\b.*"
)


def asked_things(question: str) -> list[str]:
    """What a question asks to find, which may be none of the classes: "every vehicle".

    >>> asked_things("Segment every vehicle."), asked_things("Find all chairs and the table in it.")
    (['vehicle'], ['chairs', 'table'])
    """
    found = []
    for asked in _ASKED.finditer(question[-2000:]):
        for part in re.split(r",\s|\s(?:and|or)\s", _STOPS.sub("", asked[1].casefold())):
            name = re.sub(r"^(?:(?:the|an?|every|each|all|and|or)\s)+", "", part.strip())
            if name and singular(name) not in _NO_THINGS:
                found.append(name)
    return list(dict.fromkeys(found))


def none_asked_for(text: str, doc: Document) -> bool:
    """Whether a text says that nothing of what the document asks for is there, and no more."""
    return nothing_there(text, [*document.options(doc), *asked_things(doc.get("prompt", ""))])
