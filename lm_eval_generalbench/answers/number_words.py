"""Numbers in words: English to the billions, Chinese numerals, and small ones of other languages."""

import re
from collections.abc import Iterator

from lm_eval_generalbench.optional import pattern

UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
} | {"fourty": 40}
SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "dozen": 12,
}
FRACTIONS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}
OTHERS = {  # Spanish, French, German, Italian, Portuguese, Russian
    word: value
    for words in (
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
        "dieciséis diecisiete dieciocho diecinueve veinte",
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
        "seize dix-sept dix-huit dix-neuf vingt",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
        "fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
        "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici",
        "zero um dois três quatro cinco seis sete oito nove dez onze doze",
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    )
    for value, word in enumerate(words.split())
    if word not in ("six", "un", "um", "sei", "elf", "acht", "null", "uno", "due", "once")
}
KNOWN = {*UNITS, *TENS, *SCALES}
_KNOWN = "|".join(sorted(KNOWN, key=lambda word: (-len(word), word)))
PHRASE = pattern(
    rf"(?<![\w-])(?:(?:an? )?(?:{_KNOWN})(?:(?:[ -]| and )(?:{_KNOWN})){{0,12}}"
    rf"(?: and (?:a half|a quarter|a third|one half|three quarters))?|(?:one|a) half"
    r"|half[ -]an?[ -](?:dozen|hundred|thousand|million))(?!\w)",
    re.IGNORECASE,
)
OTHER = pattern(
    rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, OTHERS), key=lambda word: (-len(word), word)))})(?![\w-])",
    re.IGNORECASE,
)
# words in which "one" is no number
PRONOUN_BEFORE = pattern(r"\b(?:no|any|some|every|each|this|that|which|the|another|other)\s$", re.I)
PRONOUN_AFTER = pattern(r"\s(?:of|can|could|may|might|should|would|another|by)\b", re.I)

# a sign, and no difference: "seven minus five"
NEGATIVE = pattern(
    r"(?:\A|(?<=[:=(,]\s)|(?<=\b(?:is|of|be|to|at|or|by|as)\s)|(?<=\b(?:are|was|say|get|and|try)\s)|(?<=\n)"
    r"|(?<=\bequals\s)|(?<=\b(?:about|value|gives)\s))(?:minus|negative)\s\Z",
    re.IGNORECASE,
)

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
HAN = pattern(rf"(?<!第)[{''.join(DIGITS)}{''.join(POWERS)}]{{1,20}}")
NO_NUMBER = pattern(r"一[共起些样樣下直般定切点點会會旦致种]|[统統唯单單同万萬]一|百分|千万别|十分")


def spelled_out(text: str) -> Iterator[tuple[float, int, int]]:
    """Value, start and end of every number in words.

    >>> [value for value, _, _ in spelled_out("Twenty-three of one hundred and five, two million")]
    [23.0, 105.0, 2000000.0]
    >>> [value for value, _, _ in spelled_out("三只，no one, three and a half, a dozen")]
    [3.5, 12.0, 3.0]
    """
    for match in PHRASE.finditer(text):
        said = match[0].casefold()
        if said == "one":
            before, after = (
                text[max(0, match.start() - 10) : match.start()],
                text[match.end() : match.end() + 10],
            )
            if PRONOUN_BEFORE.search(before) or PRONOUN_AFTER.match(after):
                continue
        negative = NEGATIVE.search(text, max(0, match.start() - 12), match.start())
        for place, value in enumerate(_values(said)):
            if negative and not place:
                yield -value, negative.start(), match.end()
            else:
                yield value, match.start(), match.end()
    for match in OTHER.finditer(text):
        yield float(OTHERS[match[0].casefold()]), match.start(), match.end()
    for match in HAN.finditer(NO_NUMBER.sub(lambda m: "　" * len(m[0]), text)):
        yield float(_han(match[0])), match.start(), match.end()


def _values(said: str) -> list[float]:
    """The numbers in a row of number words; "two, three" are two."""
    if said.startswith("half"):
        return [SCALES[re.findall(r"[a-z]+", said)[-1]] / 2]
    found: list[float] = []
    total, part, last = 0.0, 0.0, ""
    for word in re.findall(r"[a-z]+", said):
        if word in SCALES:
            scale = SCALES[word]
            if scale == 100 or word == "dozen":
                part = max(part, 1) * scale
            else:
                total += max(part, 1) * scale
                part = 0
        elif word in UNITS or word in TENS:
            value = UNITS.get(word, TENS.get(word, 0))
            fits = last in ("", *SCALES) or (last in TENS and 0 < value < 10)
            if not fits:
                found.append(total + part)
                total, part = 0.0, 0.0
            part += value
        elif word in FRACTIONS or word == "quarters":
            part += 0.75 if word == "quarters" else FRACTIONS[word]
            if "three quarters" in said and word == "quarters":
                part -= 3
            if "one half" in said and word == "half":
                part -= 1
            continue
        else:
            continue
        last = word
    return [*found, total + part]


def _han(numeral: str) -> int:
    """The value of a Chinese numeral.

    >>> _han("十二"), _han("三百零五"), _han("二万"), _han("一二三")
    (12, 305, 20000, 123)
    """
    if not set(numeral) & POWERS.keys():
        return int("".join(str(DIGITS[c]) for c in numeral))
    total = section = digit = 0
    for c in numeral:
        if c in DIGITS:
            digit = DIGITS[c]
        elif POWERS[c] >= 10**4:
            total += (section + digit or 1) * POWERS[c]
            section = digit = 0
        else:
            section += (digit or 1) * POWERS[c]
            digit = 0
    return total + section + digit
