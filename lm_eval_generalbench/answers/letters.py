"""Which letter of a choice a reply means.

Every letter that stands alone is looked at with what is around it: it is
asserted ("the answer is B", "B is correct"), denied ("not B", "B is wrong"), one
of a list of all options ("A. cat"), a word ("A dog", "I think"), or just there.
The letters A and I are read wherever B is, unless they are words.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lm_eval_generalbench.metrics.classification import normalised
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 20_000  # characters at the end of a reply
MOST = 400  # letters that are looked at

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Capitals of other scripts that look like Latin ones; a model copies what it sees.
ALIKE = str.maketrans("АВЕКМНОРСТХΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEKMHOPCTXABEZHIKMNOPTX")
DRESSING = pattern(r"[*`\"“”„«»$#\u200b\ufeff]|\\[()\[\],;! ]|\\(?:text|mathrm|mathbf|textbf)\b")

NOUNS = (
    r"(?:answers?|options?|choices?|letters?|selections?|responses?|solutions?|picks?|alternatives?"
    r"|conclusion|predictions?|verdict|candidates?|statements?|ans"
    r"|opci[óo]n|respuestas?|alternativas?|réponses?|choix|antwort(?:en)?|auswahl|lösung|вариант"
    r"|ответ|буква"
    r"|opç[ãa]o|respostas?|rispost[ae]|opzione|scelta|odpowiedź|antwoord|jawaban|pilihan|đáp án"
    r"|cevap|seçenek"
    r"|svar|vastaus)"
)
IS = (
    r"(?:is|are|was|be|being|would be|must be|should be|has to be|will be|could only be|seems to be"
    r"|appears to be"
    r"|es|est|ist|lautet|wäre|è|é|sería|serait|это|является|jest|adalah|là|är|on|remains|becomes"
    r"|comes out as)"
)
FILL = (
    r"(?:(?:therefore|thus|then|most|likely|probably|definitely|clearly|certainly|simply|just"
    r"|indeed|actually"
    r"|obviously|surely|of course|only|the|an?|option|choice|letter|answer|number|correct|right"
    r"|best|given|by|with|for"
    r"|la|le|el|die|der|l|opción|réponse|antwort|option|вариант|буква|lettre|letra|buchstabe|в"
    r"|под)[\s:'’]{1,3})"
)
CJK_NOUNS = (
    r"(?:答案|选项|選項|选择|選擇|应选|應選|故选|故選|所以选|因此选|我选|我選|选|選|应该选|回答|正解|答え|選択肢|答|解"
    r"|정답|답안|답변|답|보기|선택지?|선택)"
)
CJK_IS = r"(?:应该是|应当是|應該是|应为|應為|就是|只能是|是|(?<!因)[为為]|は|が|を|의|은|는|이|가|을|를|:|\s|选项|選項|选|選)"

ASSERTED_BEFORE = pattern(
    rf"(?:\b{NOUNS}\b[\s:=\-–—>(\[{{]{{0,6}}|{CJK_NOUNS}{CJK_IS}{{0,4}}[\s(\[{{]{{0,3}}"
    rf"|\b{NOUNS}\b[^.!?;\n]{{0,48}}?(?:\b{IS}\b|[:=])[\s:(\[{{\-–—]{{0,4}}{FILL}{{0,4}}[(\[{{]?"
    r"|(?:应为|應為|应该是|應該是|应当是)[\s:(\[{]{0,3}"
    rf"|{CJK_NOUNS}[^。.!?;\n]{{0,16}}?{CJK_IS}[\s:(\[{{]{{0,4}}"
    r"|\b(?:choose|chose|chosen|choosing|select|selected|selecting|pick|picked|picking"
    r"|go(?:ing)? (?:with|for)"
    r"|went (?:with|for)|say|saying|said|guess|vote for|opt(?:ing|ed)? for|prefer|settle (?:on|for)"
    r"|conclude"
    r"|lean(?:ing)? (?:towards?|to)|believe|think|trust|mark|circle|answer(?:ed|ing)? with|elijo"
    r"|escojo|choisis"
    rf"|wähle|nehme|выбираю|выберу|scelgo|escolho)\b[\s:,(\[{{\-–—]{{1,4}}(?:(?:it|that|this)(?:'s"
    rf"| is)[\s:(]{{1,3}})?{FILL}{{0,4}}"
    rf"|\b(?:it|that|this|which|he|she|they)(?:'s|’s|\s(?:{IS}))[\s:(\[{{]{{1,3}}{FILL}{{0,4}}"
    rf"|\b(?:must be|has to be|should be|would be|can only be)[\s:(\[{{]{{1,3}}{FILL}{{0,4}}"
    rf"|\b(?:points?|pointed|pointing|leads?|leaving|leaves)(?: us| me)?(?: only)? (?:to|towards?|with|only)[\s:(\[{{]{{1,3}}{FILL}{{0,4}}"
    r"|(?:\b(?:so|thus|hence|therefore|ergo|finally|correct|right|final|result|and|donc"
    r"|por lo tanto|also|итак|significa)"
    rf"|=>|->|→|∴|所以|因此|故|=)[\s:,(\[{{]{{0,4}}{FILL}{{0,2}})$",
    re.IGNORECASE,
)
# of these, the ones that only name an option
NAMED_BEFORE = pattern(
    r"(?:\b(?:options?|choices?|letters?|alternatives?|candidates?|statements?|opci[óo]n|вариант"
    r"|opç[ãa]o|opzione)\b"
    r"|选项|選項|選択肢|보기)[\s(\[{]{0,4}$|\band[\s(\[{]{1,3}$",
    re.IGNORECASE,
)
_RIGHT = (
    r"(?:correct|right|best|answer|true|valid|accurate|most|likely|better|appropriate|suitable"
    r"|fitting|option|choice"
    r"|one|only|it|solution|winner|what|my|our|clearly|obviously|definitely|certainly|indeed"
    r"|closest|preferred|supported)"
)
ASSERTED_AFTER = pattern(
    rf"[)\]}}.:,]?[\s\-–—]{{0,4}}(?:(?:is|was|seems|looks|appears|sounds|would be|must be|should be"
    r"|has to be|remains)\b"
    rf"[\s:]{{1,2}}(?:(?!not\b)[\w'’-]{{1,14}}[ ]){{0,3}}?{_RIGHT}\b|because\b|since\b|for sure\b"
    r"|it is\b|fits\b|matches\b"
    r"|(?:best|correctly|accurately|clearly|most closely) (?:describes?|matches|fits|answers"
    r"|represents|explains|captures|reflects|completes)"
    r"|makes (?:the )?(?:most )?sense|is (?:my|the) \w+|wins\b|describes\b|answers\b"
    r"|es (?:la )?(?:respuesta |opción )?correct|est (?:la )?(?:bonne )?(?:réponse|correct)"
    r"|ist (?:die )?(?:richtig|korrekt)"
    r"|è (?:la )?(?:risposta |corrett)|é a (?:resposta|alternativa|opção)|— правильн|верн|являет"
    r"|правильн"
    r"|(?:选项|項)?(?:是|为|為)?(?:最)?(?:正确|正確|对的|對的|正解|合适|恰当|符合)|项?正确|項?正確|が(?:正解|正しい)|です|だ|である"
    r"|(?:번)?(?:이|가)? ?(?:정답|맞)|입니다|이다)",
    re.IGNORECASE,
)
DENIED_BEFORE = pattern(
    r"(?:\b(?:none of|not|never|neither|nor|n't|n’t|isn't|cannot be|can't be|rul(?:e|es|ed|ing) out"
    r"|eliminat(?:e|es|ed|ing)|exclud(?:e|es|ed|ing)"
    r"|rather than|instead of|unlike|reject(?:s|ed|ing)?|discard(?:s|ed|ing)?|dismiss(?:es|ed|ing)?"
    r"|wrong|incorrect|than|over"
    r"|no es|n'est pas|nicht|не)[\s:,(\[]{1,3}(?:(?:option|choice|answer|letters?|be|is|it|the|an?"
    r"|either|statement|solution|opción|la)[\s:(\[]{1,3}){0,3}"
    r"|(?:排除|不是|不选|不選|并非|並非|错误的是|而不是|而非)(?:了|选项|選項|答案)?[\s:(]{0,2})$",
    re.IGNORECASE,
)
DENIED_AFTER = pattern(
    r"[)\]}:]?[\s\-–—]{0,4}(?:(?:is|being|are|was|were|seems?|looks?|appears?|can be|could be|would be"
    r"|must be|should be|has been"
    r"|have been|both|all|also|is also|are also|are both|are all|is clearly"
    r"|are clearly)?\s?(?:not\b|wrong\b|incorrect\b|false\b|out\b|eliminated|excluded|unlikely"
    r"|impossible|ruled out|irrelevant|inaccurate|invalid|unsupported|implausible|less\b"
    r"|contradict)"
    r"|(?:isn|aren|wasn|weren|doesn|don|didn|can|couldn|wouldn|won)['’]t\b|cannot\b|can not\b"
    r"|does not\b|do not\b|did not\b|fails?\b|contradicts?\b|"
    r"no (?:es|son)\b|n'est pas|ist (?:falsch|nicht)|не |неверн|è sbagliat|"
    r"(?:选项|項|项)?(?:都|均|也|是)?(?:错误|錯誤|不对|不對|不正确|不正確|不符合|不是|排除|错|錯)|(?:は|が)?(?:間違|不正解|誤り|違い|ではな)"
    r"|(?:은|는|이|가)? ?(?:틀|아니|오답))",
    re.IGNORECASE,
)
EXCEPTED = pattern(  # "all but B are wrong", "all are right except B"
    r"\b(?:except(?: for)?|other than|besides|apart from|\ball (?:(?:the |other )?(?:options|answers|choices|statements) )?but)[\s(]{1,3}(?:(?:option|choice"
    r"|answer)[\s(]{1,3})?$",
    re.IGNORECASE,
)
SUPPOSED = pattern(
    r"\b(?:if|whether|suppose|assuming|assume|unless|either|between|could be|might be|may be"
    r"|perhaps|maybe|possibly"
    r"|consider(?:ing)?|compare|look(?:ing)? at|or)[\s:(\[]{1,3}(?:(?:option|choice|answer|it is"
    r"|it's|the|an?)[\s:(\[]{1,3}){0,2}$",
    re.IGNORECASE,
)
# "if the question asked for the effect, I would say"
CONDITIONAL = pattern(
    r"(?:\A|[.!?;\n]\s{0,3})(?:but )?if (?:the (?:question|task|prompt|wording)|it|they|we|this)\b[^.!?\n]{0,60}\b(?:were|had|was|asked"
    r"|wanted|meant)\b[^.!?\n]{0,60}$",
    re.IGNORECASE,
)
# "as it asks for the cause,", before a letter that closes the sentence
REASONED = pattern(
    r"\b(?:as|since|because|given)\b[^.!?,;\n]{2,80},\s{0,2}(?:(?:it is|it's|i choose) )?$",
    re.IGNORECASE,
)
# an offer to explain, which tells the answer
OFFERED = pattern(
    r"\b(?:explain|show|elaborate on|know|see|justify|understand) (?:to you )?why\b[^.!?\n]{0,60}\b(?:is|chose|picked|selected)\s(?:option )?$",
    re.IGNORECASE,
)
# What may follow the letter A that is no article, in small letters
FOLLOWING = pattern(
    r"\s{1,4}(?:is|was|are|seems?|looks?|appears?|would|will|must|should|can|could|may|might|has"
    r"|does|because|since|as|for"
    r"|it|and|or|but|with|if|than|then|not|over|instead|rather|best|fits|matches|makes|correctly"
    r"|clearly|accurately|describes|answers|shows|states"
    r"|represents|explains|gives|says|in|on|at|by|from|to|of|the|being|would|definitely|obviously"
    r"|probably|here|wins|isn't|doesn't"
    r"|y|o|es|est|ist|und|oder|et|ou|è|é|e|porque|parce|weil|car|denn|потому|так|и|или|это)\b",
)
# ... and the letter I that is no pronoun
FOLLOWING_I = pattern(
    r"\s{1,4}(?:is|seems|looks|appears|because|since|fits|matches|makes|correctly|accurately"
    r"|describes|answers|shows|states|represents"
    r"|explains|gives|says|has|does|would be (?:the )?(?:best|right|correct)|for sure|it is|and|or"
    r"|doesn't|isn't|as|best describes|wins)\b"
)
# Names that end in a letter and name no option, where nothing says that they do
NAMES_BEFORE = pattern(
    r"\b(?:vitamin|hepatitis|influenza|flu|plan|(?:blood )?type|group|class|grade|team|section"
    r"|building|gate|room|terminal|zone|appendix|schedule|party|company|planet|side|series|protein"
    r"|factor|user|person|player|patient|speaker|character|city|country|town|line|angle|vertex"
    r"|strain|virus|mr|mrs|ms|dr|malcolm|saint|big|string|key of|note)\.?\s$",
    re.IGNORECASE,
)
_JOINT = r"[)\]}.]{0,2}\s{0,3}(?:[,;、，/&+|]|\bor\b|\band\b|\bund\b|\boder\b|\by\b|\bet\b|\bou\b|\be\b|\bи\b|\bили\b|\bnor\b|和|与|與|或者?|还是|還是|及|以及|と|와|과|및|또는){1,2}\s{0,3}(?:\b(?:or|and|option|choice|either|both)\b\s{0,3}){0,2}[(\[{]?"
JOINT = pattern(_JOINT, re.IGNORECASE)


class Mark(NamedTuple):
    """Letters that stand together, and how."""

    letters: frozenset[str]
    start: int
    end: int
    how: str  # stated, named, denied, supposed, listed, bracketed, alone, word or loose


def plain(text: str) -> str:
    """A text without full-width forms, emphasis, quotes and commands of LaTeX."""
    text = unicodedata.normalize("NFKC", text[-LOOKED_AT:])
    return DRESSING.sub("", text).replace("\r", "\n").strip()


def chosen(reply: str, letters: str = ALPHABET) -> str | None:
    """The one letter that a reply chooses; None if it chooses none or several.

    Args:
        reply: What was found to be the answer.
        letters: Those that there are to choose from, upper-case.

    >>> chosen("The answer is A because it is small."), chosen("答案是A。"), chosen("A dog barks.")
    ('A', 'A', None)
    >>> chosen("Option A is wrong. So it must be option B"), chosen("A or B"), chosen("(b) dog")
    ('B', None, 'B')
    """
    text = plain(reply)
    text = re.sub(r"\AA ?: ?(?=\W{0,3}[A-Z]\W{0,3}\Z)", "", text)  # "A:" for answer
    alone = _only_letters(text, letters)
    if alone is not None:
        return alone or None
    marks = _without_lists(list(_marks(text, letters)), text)
    return _decided(marks, text, letters)


_LETTERED_LINE = pattern(r"[ \t]*[*_>#-]{0,4}\s?[(\[]?([A-Z])[)\].:]{1,2}\s{1,3}(\S.{0,300})")


def on_last_line(text: str, options: Sequence[str]) -> int | None:
    """The place of the option that is the last line of a reply, behind its letter.

    None if another line shows an option so, or one announces what follows.

    >>> on_last_line("It has a mane.\\n\\nB. horse", ["cat", "horse"])
    1
    >>> on_last_line("A. cat\\nB. horse", ["cat", "horse"])
    """
    lines = [line for line in text[-LOOKED_AT:].splitlines() if line.strip()]
    shown = [found for line in lines if (found := _LETTERED_LINE.fullmatch(line))]
    if len(shown) != 1 or len(lines) < 2 or lines[-2].rstrip(" *").endswith((":", "：")):
        return None
    last = _LETTERED_LINE.fullmatch(lines[-1])
    place = ord(shown[0][1]) - 65
    named = place < len(options) and normalised(options[place]) == normalised(shown[0][2])
    return place if last and named else None


def _without_lists(marks: list[Mark], text: str) -> list[Mark]:
    """The marks, those told apart that only repeat the options: "A. cat B. dog C. horse"."""
    run: list[int] = []
    for place, mark in enumerate(marks):
        shown = mark.how in ("listed", "loose", "bracketed", "word") and _SHOWN.match(
            text, mark.end
        )
        letter = next(iter(mark.letters)) if shown and len(mark.letters) == 1 else ""
        if letter and letter == ALPHABET[len(run)]:
            run.append(place)
        elif letter == "A":
            run = [place]
        if len(run) > 1:
            for i in run[-2:]:
                marks[i] = marks[i]._replace(how="listed")
        if len(run) == len(ALPHABET):
            run = []
    return marks


_SHOWN = pattern(r"[.):\]]\s{0,3}\w")


def _only_letters(text: str, letters: str) -> str | None:
    """The letter if a text is nothing else; "" for several letters; None if there is more."""
    bare = re.sub(
        r"\b(?:options?|choices?|letters?|answers?|and|or|the)\b|选项|選項|选|選|和|或|与|与|정답|답|번|项|項",
        " ",
        text[:400],
        flags=re.IGNORECASE,
    ).translate(ALIKE)
    found = re.findall(r"[^\W_]+", bare)
    if not found or len(text) > 400 or any(len(x) > 1 or not x.isascii() for x in found):
        return None
    said = {x.upper() for x in found}
    if not all("A" <= x <= "Z" for x in said):
        return None
    return said.pop() if len(said) == 1 and said <= set(letters) else ""


_TOKEN = pattern(
    r"(?<![A-Za-z0-9'’\-_.\\/])([A-Za-zА-ЯΑ-Ω])(?![A-Za-z0-9'’_\\/À-ɏ]|-\w|\.\w|[а-яα-ω])"
)


def _marks(text: str, letters: str) -> Iterator[Mark]:
    """Groups of letters in a text, in order."""
    tokens = [m for m in _TOKEN.finditer(text) if m[1].upper().translate(ALIKE) in letters]
    if len(tokens) > MOST:
        tokens = tokens[: MOST // 2] + tokens[-MOST // 2 :]
    groups: list[list[re.Match[str]]] = []
    for token in tokens:
        last = groups[-1][-1] if groups else None
        if last and token.start() - last.end() < 30:
            between = text[last.end() : token.start()]
            again = "," in between and token[1] in {
                m[1] for m in groups[-1]
            }  # "B or D, D is better"
            apart = _SET_APART.match(text, token.end()) or (
                token[1] == "a"
                and _upper(last)
                and is_word("A", text[token.end() : token.end() + 30])
            )
            joined = JOINT.fullmatch(between) and (_upper(last) or not _upper(token))
            if joined and not again and not apart:
                groups[-1].append(token)
                continue
        groups.append([token])
    for group in groups:
        yield from _placed(group, text)


_SET_APART = pattern(
    r"\s(?:being|which is) (?:not|wrong|incorrect|false|irrelevant|unlikely|impossible|un\w|in\w)"
)


def _upper(token: re.Match[str]) -> bool:
    return token[1].isupper()


def _placed(group: list[re.Match[str]], text: str) -> Iterator[Mark]:
    start, end = group[0].start(), group[-1].end()
    before, after = text[max(0, start - 90) : start], text[end : end + 60]
    if (
        (
            len(group) > 1
            and DENIED_AFTER.match(after)
            and "," in text[group[0].end() : group[1].start()]
        )
        and ASSERTED_BEFORE.search(before)
        and not NAMED_BEFORE.search(before)
    ):
        yield from _placed(group[:1], text)  # "the answer is C, A and B are wrong"
        group, start = group[1:], group[1].start()
        before = text[max(0, start - 90) : start]
    names = frozenset(token[1].upper().translate(ALIKE) for token in group)
    how = _how(group, before, after)
    if how != "word" or len(group) == 1:
        yield Mark(names, start, end, how)
        return
    yield Mark(names, start, end, "loose")


_NAMED_ASIDE = pattern(r"\A\s?\([^()\n]{2,40}\)(?=\s(?:is|are|was|isn't|does|doesn't|cannot)\b)")


def _how(group: list[re.Match[str]], before: str, after: str) -> str:
    """How letters are meant by what stands before and behind them."""
    letter = group[0][1]
    line = before.rpartition("\n")[2]
    opens = not line.strip(" \t-•>([{")  # of a line
    if after[:1] == "?" and OFFERED.search(before):
        return "stated"
    if line[-1:] == "'" or (after[:1] == "?" and not opens):
        return "supposed"
    if CONDITIONAL.search(before) and not ASSERTED_AFTER.match(after):
        return "supposed"
    bracketed = before[-1:] in ("(", "[", "{") and after[:1] in (")", "]", "}")
    closes = not after.partition("\n")[0].strip(" .!,;:)]}>。")
    if not _upper(group[0]) and not (bracketed or opens or closes):
        named = NAMED_BEFORE.search(before) or ASSERTED_BEFORE.search(before)
        if not named or (letter in "aio" and is_word(letter.upper(), after)) or letter in "eyou":
            return "word"
    after = _NAMED_ASIDE.sub("", after, count=1)
    if EXCEPTED.search(before):
        return "stated" if DENIED_AFTER.match(after) else "denied"
    if DENIED_BEFORE.search(before) or DENIED_AFTER.match(after):
        return "denied"
    word = len(group) == 1 and not bracketed and is_word(letter.upper(), after)
    if SUPPOSED.search(before) and not ASSERTED_AFTER.match(after):
        return "word" if word else "supposed"
    middle = re.search(r"[a-zа-я,]\s?$", before) is not None
    if word and not (_upper(group[0]) and middle and ASSERTED_BEFORE.search(before)):
        return "word"
    if opens and closes:
        return "alone"
    if closes and _upper(group[0]) and REASONED.search(before):
        return "stated"
    asserted = ASSERTED_BEFORE.search(before)
    if asserted and not NAMED_BEFORE.search(before):
        return "stated"
    if ASSERTED_AFTER.match(after) and not (letter == "I" and not FOLLOWING_I.match(after)):
        return "stated"
    if (
        opens
        and re.match(r"[)\]}.:,。]|\s[-–—]|\s{1,3}\(", after)
        and (_upper(group[0]) or after[0] in ").]:。")
    ):
        return "listed"
    if asserted:
        return "named"
    if bracketed:
        return "bracketed"
    if NAMES_BEFORE.search(before):
        return "word"
    return "loose" if _upper(group[0]) else "word"


def is_word(letter: str, after: str) -> bool:
    """Whether A is an article or I a pronoun, by what follows."""
    if letter == "A":
        return re.match(r"\s{1,4}[a-z]", after) is not None and not FOLLOWING.match(after)
    if letter == "I":
        return re.match(r"\s{1,4}[a-z]", after) is not None and not FOLLOWING_I.match(after)
    if letter in "OUEY":  # or, and, in other languages
        return re.match(r"\s{1,4}[a-zà-ÿ]", after) is not None and not FOLLOWING.match(after)
    return False


_SENTENCE_BEFORE = pattern(r"[^\W\d_]{2}[)\]]?[.!?。]\s{1,3}[(\[]?\Z")


def _is_last_sentence(mark: Mark, text: str) -> bool:
    """Whether a letter is the last sentence of a text: "The others have no mane. C."."""
    ends = not text[mark.end :].strip(" .!)]}。")
    before = text[max(0, mark.start - 12) : mark.start]
    return ends and mark.how == "loose" and _SENTENCE_BEFORE.search(before) is not None


def _decided(marks: Sequence[Mark], text: str, letters: str) -> str | None:
    denied = frozenset().union(*(m.letters for m in marks if m.how == "denied"))
    opening = (
        marks[0]
        if marks and marks[0].how == "listed" and not text[: marks[0].start].strip(" ([{-•>")
        else None
    )
    shown = [m for m in marks if m.how in ("listed", "bracketed")]
    if len({x for m in shown for x in m.letters}) > 1:
        opening = None  # the options are repeated
    if marks and not shown and _is_last_sentence(marks[-1], text):
        marks = [*marks[:-1], marks[-1]._replace(how="stated")]
    strong = [m for m in marks if m.how in ("stated", "alone")]
    if strong:
        last = strong[-1]
        several = (
            {x for m in strong for x in m.letters}
            if all(m.how == "alone" for m in strong)
            else last.letters
        )
        return next(iter(last.letters)) if len(several) == 1 else None
    if opening:
        return next(iter(opening.letters)) if len(opening.letters) == 1 else None
    left = frozenset(letters) - denied
    for how in ("named", "bracketed", "loose"):
        said = frozenset().union(*(m.letters for m in marks if m.how == how)) - denied
        if how == "loose" and any(m.how == "supposed" and m.letters - denied for m in marks):
            return None
        if len(said) > 1:
            return None
        if said:
            return next(iter(said))
    if denied and len(left) == 1 and len(letters) < len(ALPHABET):
        return next(iter(left))
    return None
