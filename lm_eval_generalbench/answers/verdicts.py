"""What a reply says of each candidate: ticks and crosses, yes and no, probabilities.

A table, a checklist, an object of truth values, and "cat: 0.1, dog: 0.9" say of several
candidates how far they hold.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lm_eval_generalbench.answers.files import NOTHING, fences, json_whole
from lm_eval_generalbench.metrics.classification import normalised
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 20_000  # characters of a reply
LONGEST = 300  # characters of what is said of one candidate

HOLDS = {
    *("yes", "true", "present", "correct", "right", "applies", "selected", "positive match", "y"),
    *("✓", "✔", "✅", "☑", "✔️", "☑️", "x]", "是", "对", "正确", "有"),
}
FAILS = {
    *("no", "false", "absent", "incorrect", "wrong", "not present", "not selected", "n", "none"),
    *("not applicable", "does not apply", "✗", "✘", "❌", "✖", "✖️", "☒", "☐", "]"),
    *("否", "不是", "错误", "错", "没有", "不对"),
}
_TICK = r"(?:\[[ xX✓✔]?\]|[✓✔✅☑✗✘❌✖☒☐]\ufe0f?)"
_WORD = (
    r"(?:yes|no|true|false|(?:not )?(?:present|selected|correct|applicable)|absent|incorrect|right"
    r"|wrong|applies|does not apply|[yn]\b|是|否|对|错|正确|错误|有|没有|不是)"
)
_NUMBER = r"(?:\d{1,3}(?:\.\d{1,6})?|\.\d{1,6})\s?%?"
# a mark, a letter or bullet, the candidate, and a mark, word or number behind it
_TICKED = pattern(rf"(?P<mark>{_TICK})\s{{0,3}}(?P<name>\S.{{0,200}})")
_SAID = pattern(
    rf"(?P<name>.{{1,200}}?)\s{{0,3}}(?:[:：=|(\[]|\s[-–—]\s|->|→|\s)[\s*|(]{{0,3}}"
    rf"(?P<mark>{_TICK}|{_WORD}(?=\W|\Z)|{_NUMBER})"
    r"(?:[\s)\]*|.]{0,6}\Z|[\s)\]*|]{0,3}[,;:(–—-].{0,200}\Z)",
    re.IGNORECASE,
)
_TICKED_BEHIND = pattern(rf"(?P<name>.{{1,200}}?)\s{{0,3}}[(\[]?(?P<mark>{_TICK})[)\]]?\W{{0,3}}")
_BULLET = pattern(r"[\s|>]{0,6}(?:[-*•·]\s{1,3}|\d{1,3}[.)]\s{1,3})?")
_LETTER = pattern(r"\(?([A-Za-z])[.):\]]\s{0,3}")
_OTHER = pattern(
    r"(?:option |choice )?\(?[A-Z]\)?(?:\s(?:is|was|has|have|had|and|or|are|does|do|shows?|looks?|seems?|would|says?|can)\b|\s?[,/&、和])"
)
_TICKS = "✓✔✅☑✗✘❌✖☒☐"
_PARTS = pattern(
    r"\n|[,;，；、]\s|[,;，；、](?=[^\W\d])"
    rf"|(?:(?<=\w\s[{_TICKS}])|(?<=[\w).:][{_TICKS}])|(?<=[).:]\s[{_TICKS}]))\s{{1,4}}(?=[^\W\d])"
)
_BEFORE_TICKS = pattern(rf"\n|[,;，；、]\s|\s(?={_TICK})")


class Verdicts(dict[int, float]):
    """Shares, 0 to 1, by the places of the candidates that something is said of."""

    only_truths = True  # whether all that is said is yes or no, 1 or 0


def verdicts(text: str, options: Sequence[str], letters: bool = False) -> Verdicts | None:
    """How far each candidate holds, 0 to 1, by its place; None if a reply does not say it so.

    Args:
        text: What was found to be the answer.
        options: The candidates.
        letters: Whether a letter alone stands for the candidate at its place.

    >>> verdicts("cat ✗\\ndog ✓", ["cat", "dog"]), verdicts("dog, not cat", ["cat", "dog"])
    ({0: 0.0, 1: 1.0}, None)
    >>> verdicts('{"cat": 0.1, "dog": "70%"}', ["cat", "dog", "cow"])
    {0: 0.1, 1: 0.7}
    """
    if (
        not options
        or len(text) > LOOKED_AT
        or any(_share(option) is not None for option in options)
    ):
        return _of_numbers(text, options)
    places = {spelling(option): place for place, option in enumerate(options)}
    if letters:
        places = {chr(97 + i): i for i in range(min(26, len(options)))} | places
    found = _of_letters(text, len(options)) or _of_shares(text, len(options)) if letters else None
    found = _of_object(text, places) if found is None else found
    return _of_parts(text, places) if found is None else found


_LETTER_SAID = pattern(
    r"[\s(\[*_-]{0,6}(?:(?:option|choice|answer|statement|选项)\s)?(?P<letter>[A-Z])[)\]*_]{0,3}\s?"
    r"(?:[.:：=]|[-–—]|->|→|\b(?:is|was)\b|是)?[)*_]{0,3}\s{0,3}"
    rf"(?P<mark>{_TICK}|{_WORD})(?![\w])[\s.,;，。；、|)\]*_]{{0,6}}(?:(?:and|but|while)\s)?",
    re.IGNORECASE,
)


def _of_letters(text: str, count: int) -> Verdicts | None:
    """Verdicts where a text is nothing but letters with true or false behind each.

    >>> _of_letters("A. False B. True", 4), _of_letters("A. cat B. dog", 4), _of_letters("A. True", 4)
    ({0: 0.0, 1: 1.0}, None, None)
    """
    found, position = Verdicts(), 0
    while position < len(text):
        said = _LETTER_SAID.match(text, position)
        place = ord(said["letter"].upper()) - 65 if said else count
        share = _share(said["mark"]) if said else None
        if said is None or share is None or place >= count or place in found:
            return None
        _add(found, place, share, said["mark"])
        position = said.end()
    return found if len(found) > 1 else None


_PERCENT = r"(?<![\d.])(?:\d{1,2}(?:\.\d{1,4})?|100)\s?%"
_LETTER_SHARES = pattern(
    r"(?<![\w'’])(?P<before>[A-Z])[)\]]?\*{0,2}\s?(?:[(:=–—-]|is|at|with)?\s?"
    rf"(?P<behind>{_PERCENT})"
    rf"|(?P<leading>{_PERCENT})(?: (?:sure|certain|confident|likely|chance|probability|confidence))?"
    r"(?: (?:for|on|to|that it(?:'s| is)|it(?:'s| is)|of|in))?(?: option)? [(\[]?(?P<after>[A-Z])(?![\w'’])"
)


def _of_shares(text: str, count: int) -> Verdicts | None:
    """Verdicts where all letters of a short text have percentages that are of one whole.

    >>> _of_shares("I would say 70% B, 30% A.", 4), _of_shares("70% of A dogs", 4)
    ({1: 0.7, 0: 0.3}, None)
    """
    if "%" not in text or len(text) > LONGEST:
        return None
    found = Verdicts()
    for said in _LETTER_SHARES.finditer(text):
        place = ord(said["before"] or said["after"]) - 65
        if place >= count or place in found:
            return None
        share = float((said["behind"] or said["leading"]).rstrip("% ")) / 100
        _add(found, place, share, "%")
    alone = {ord(letter) - 65 for letter in re.findall(r"(?<![\w'’])[B-HJ-Z](?![\w'’])", text)}
    whole = len(found) > 1 and alone <= found.keys() and sum(found.values()) < 1.01
    return found if whole else None


_ASKED = pattern(
    r"(?:\A|(?<=[.!?;:\n])\s{0,4}|\s)(?i:is it |could it be |what about )?(?i:option |choice )?\(?(?P<letter>[A-Z])\)?"
    r"(?:[.):]\s)?[^?.!\n]{0,120}\?\s{0,4}\W{0,3}(?P<mark>(?i:yes|no|nope|right|correct|wrong|incorrect|true|false|not))\b",
)


def asked(text: str, count: int) -> Verdicts | None:
    """Verdicts where a reply asks of several letters whether they hold, and says yes or no to each.

    >>> asked("A? No. B? Yes, it is.", 3), asked("A? No.", 3)
    ({0: 0.0, 1: 1.0}, None)
    """
    if "?" not in text or len(text) > LOOKED_AT:
        return None
    found = Verdicts()
    for said in _ASKED.finditer(text):
        place, mark = ord(said["letter"]) - 65, said["mark"].casefold()
        if place < count:
            _add(found, place, float(mark in ("yes", "right", "correct", "true")), mark)
    return found if len(found) > 1 and len(set(found.values())) > 1 else None


def _of_numbers(text: str, options: Sequence[str]) -> Verdicts | None:
    """Verdicts on candidates that are numbers or yes and no: what stands behind one may be another.

    Only shares count that are said of several.
    """
    if not options or len(text) > LOOKED_AT:
        return None
    places = {spelling(option): place for place, option in enumerate(options)}
    found = _of_object(text, places) or _of_parts(text, places)
    whole = found is not None and len(found) == len(options) > 1
    return found if whole and found and abs(sum(found.values()) - 1) < 0.05 else None


def spelling(text: str) -> str:
    """What of a candidate is compared: letters and digits, however joined.

    >>> spelling("fast_decay") == spelling("Fast-Decay"), spelling("C++")
    (True, 'c++')
    """
    plain = normalised(text)
    return re.sub(r"(?<=[^\W_])[\s_-]+(?=[^\W_])", "", plain)


def _of_object(text: str, places: Mapping[str, int]) -> Verdicts | None:
    """Verdicts of a JSON object whose keys are candidates."""
    if "{" not in text:
        return None
    value = next((json_whole(content) for _, content, _ in fences(text)), NOTHING)
    value = json_whole(text) if value is NOTHING else value
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if (
        isinstance(value, dict)
        and len(value) == 1
        and isinstance(inner := next(iter(value.values())), dict)
    ):
        value = inner
    if not isinstance(value, dict) or not value:
        return None
    found = Verdicts()
    for key, item in value.items():
        place, share = places.get(spelling(str(key))), _share(item)
        if place is None or share is None:
            return None
        _add(found, place, share, item)
    return found


def _share(item: Any) -> float | None:
    """0 to 1 for what is said of one candidate; None if it says something else."""
    if isinstance(item, bool):
        return float(item)
    if isinstance(item, int | float):
        return float(item) if 0 <= item <= 1 else item / 100 if 1 < item <= 100 else None
    if not isinstance(item, str):
        return None
    bare = item.strip(" .*|()\t").casefold()
    if bare.startswith("["):
        return 1.0 if bare.strip("[] ") else 0.0
    if bare in HOLDS or bare in FAILS:
        return float(bare in HOLDS)
    number = re.fullmatch(r"(\d{1,3}(?:\.\d+)?|\.\d+)\s?(%?)", bare)
    if number is None:
        return None
    value = float(number[1]) / (100 if number[2] or float(number[1]) > 1 else 1)
    return value if value <= 1 else None


def _add(found: Verdicts, place: int, share: float, said: Any) -> None:
    found.only_truths = found.only_truths and share in (0, 1) and "%" not in str(said)
    found[place] = share


def _of_parts(text: str, places: Mapping[str, int]) -> Verdicts | None:
    """Verdicts of the lines of a table or list, or of the parts of a sentence."""
    found = Verdicts()
    others = 0
    opens = re.match(rf"[\s|>*•-]{{0,8}}{_TICK}", text)
    for part in (_BEFORE_TICKS if opens else _PARTS).split(text):
        part = _BULLET.sub("", part.strip(), count=1).strip() if len(part) <= LONGEST else ""
        if not part or not re.search(r"\w", part) or set(part) <= set("|-: "):
            continue
        said = _of_part(part, places)
        if said is None:
            others += 1
        else:
            _add(found, *said)
    ticked = len(found) > 1 or (found and others == 0)
    return found if found and ticked and others <= len(found) else None


_SCORED = pattern(
    rf"(?P<name>[^\W\d][^:：=\n]{{0,80}}?)[\"'*`]{{0,3}}\s?[:：=]\s{{0,3}}(?P<mark>{_NUMBER})[\s.]{{0,3}}"
)

_LED = pattern(r"\A[A-Za-z ]{1,40}[:：]\s{1,3}(?=[^:：\d\n]{1,80}[:：=])")


def scored(text: str) -> dict[str, float] | None:
    """How far each label holds, 0 to 1, where a reply gives nothing but labels and their shares.

    >>> scored("cat: 0.9, dog: 0.2"), scored('{"cat": 0.9}'), scored("cats: 2, dogs: 3")
    ({'cat': 0.9, 'dog': 0.2}, {'cat': 0.9}, None)
    """
    if len(text) > LOOKED_AT:
        return None
    value = json_whole(text) if "{" in text else NOTHING
    if isinstance(value, dict):
        inner = next(iter(value.values()), None)
        value = inner if len(value) == 1 and isinstance(inner, dict) else value
        pairs = [(str(name), said) for name, said in value.items()]
        if not all(
            isinstance(said, float | int) and not isinstance(said, bool) for _, said in pairs
        ):
            return None
        pairs = [(name, str(said)) for name, said in pairs]
    else:
        parts = _PARTS.split(_LED.sub("", text, count=1))
        parts = [_BULLET.sub("", part.strip(), count=1).lstrip("*_`\"'") for part in parts]
        matches = [_SCORED.fullmatch(part) for part in parts if part.strip()]
        pairs = [(m["name"].strip(" *_`\"'"), m["mark"]) for m in matches if m]
        if len(pairs) < len(matches):
            return None
    if not pairs or not all("." in said or "%" in said or said in ("0", "1") for _, said in pairs):
        return None
    shares = {name: share for name, said in pairs if (share := _share(said)) is not None}
    exact = all(said in ("0", "1") for _, said in pairs) and len(set(shares.values())) < 2
    return shares if len(shares) == len(pairs) and not exact else None


def _of_part(part: str, places: Mapping[str, int]) -> tuple[int, float, str] | None:
    """Place, share and mark of one line; None if it says nothing of one candidate."""
    for form in (_TICKED, _TICKED_BEHIND, _SAID):
        match = form.match(part) if form is _SAID else form.fullmatch(part)
        if match is None:
            continue
        share = _share(match["mark"])
        place = _place(match["name"], places)
        if place is not None and share is not None and math.isfinite(share):
            return place, share, match["mark"]
    return None


def _place(name: str, places: Mapping[str, int]) -> int | None:
    """The candidate that a name spells, behind its letter too."""
    bare = name.strip(" *_`\"'|:=–—-([")
    letter = _LETTER.match(bare)
    rest = bare[letter.end() :] if letter else ""
    alone = letter[1] if letter and not _OTHER.match(rest) else ""  # B in "B. A is wrong"
    for spelt in (bare, rest, alone):
        if spelt and (place := places.get(spelling(spelt))) is not None:
            return place
    return None


def best(found: Verdicts, options: Sequence[str]) -> int | None:
    """The place of the one candidate that holds most; None if two do, or none does.

    Where all but one are denied, it is the one.

    >>> best(Verdicts({0: 0.2, 1: 0.5, 2: 0.3}), "abc"), best(Verdicts({0: 0.0, 1: 0.0}), "abc")
    (1, 2)
    """
    most = max(found.values())
    if most > 0:
        places = [place for place, share in found.items() if share == most]
        return places[0] if len(places) == 1 else None
    left = set(range(len(options))) - found.keys()
    return left.pop() if len(left) == 1 else None


def held(found: Verdicts, options: Sequence[str]) -> list[int]:
    """The places of all candidates that hold, in the order in which they are named.

    Of yes and no those with yes; where all candidates have a share, those with a half or
    more; else all that are named, as their shares are only how sure the reply is.
    """
    if found.only_truths:
        return [place for place, share in found.items() if share]
    whole = len(found) == len(options)
    return [place for place, share in found.items() if share >= (0.5 if whole else 0.0)]
