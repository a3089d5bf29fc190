"""Finds the answer that is stated: in \\boxed{}, or behind "the answer is"."""

import re
from collections import deque

from lm_eval_generalbench.optional import pattern

# "final answer: X", "the answer is X", "Answer - X", "#### 7"; the last one in a reply counts
ANSWER_MARK = pattern(
    r"\banswers?\b(?:\s{1,4}(?:to|for)\b[^.:\n]{0,100}?)?[\s*_\"'`]{0,4}"
    r"(?:[:=：]|[-–—](?=[\s*])|\b(?:is|are|would be|must be|should be)\b"
    r"|\n)(?:(?![-+−.$(\\]*\d)[^\w\\]){0,2}(?:(?<=:)\s{0,4}is\b)?"
    r"|(?m:^####)\s{0,3}(?=[-+$\d])"
    r"|(?:答案|回答)(?:应该|應該)?(?:是|为|為|：|:){1,2}\s{0,3}|(?:答え|正解)は?[:：]?\s{0,3}(?=\S)|(?:정답"
    r"|답)은?[:：]?\s{1,3}"
    r"|\b(?:respuesta|réponse|risposta|resposta)(?: (?:correcta|correcte|finale?|corretta"
    r"|correta))?\s?(?::|\b(?:es|est|è|é)\b:?)\s{0,3}"
    r"|\bantwort\s?(?::|\b(?:ist|lautet)\b:?)\s{0,3}|\bответ\s?(?::|[-–—]|\bэто\b)\s{0,3}",
    re.IGNORECASE,
)
_UNTIL_SAID = pattern(r"(?:(?![-−]\(?\$?[.\d\\])[ \t*:=\"'-])*")  # but the sign of a number
BOX = pattern(r"\\(?:boxed|fbox|framebox)\s{0,4}(?=\{)")
_TEXT = pattern(
    r"\\(?:text|mathrm|mathbf|textbf|textit|mbox|operatorname|rm|bf)\s{0,4}\{([^{}]*)\}"
)


def boxes_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and content of every \\boxed{} that is closed, outermost ones only.

    >>> boxes_in("\\\\boxed{\\\\frac{3}{4}}")
    [(0, 19, '\\\\frac{3}{4}')]
    """
    found = []
    done = 0
    for mark in BOX.finditer(text):
        if mark.start() < done:
            continue
        depth = 0
        for brace in re.compile(r"\\[{}\\]|[{}]").finditer(text, mark.end()):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if depth == 0:
                found.append((mark.start(), brace.end(), text[mark.end() + 1 : brace.start()]))
                done = brace.end()
                break
        else:
            break  # it and all that follow are cut off
    return found


def unboxed(content: str) -> str:
    """The content of a box without the commands that set its type."""
    return _TEXT.sub(r"\1", content).strip()


def open_boxed(text: str) -> str:
    """What the last \\boxed{} holds, unless an answer is stated behind it.

    >>> open_boxed("so \\\\boxed{\\\\text{B}}."), open_boxed("\\\\boxed{x}\\n\\nAnswer: D")
    ('B', '\\\\boxed{x}\\n\\nAnswer: D')
    """
    if "\\boxed" not in text and "\\fbox" not in text:
        return text
    found = [box for box in boxes_in(text) if box[2].strip()]
    if not found or ANSWER_MARK.search(text, found[-1][1]):
        return text
    return unboxed(found[-1][2]) or text


def open_whole_box(text: str) -> str:
    """What a \\boxed{} holds that is the whole text, a few words before it aside.

    >>> open_whole_box("$\\\\boxed{A dog.}$"), open_whole_box("We get \\\\boxed{4}.")
    ('A dog.', '4')
    >>> open_whole_box("x = \\\\boxed{4}")
    'x = \\\\boxed{4}'
    """
    if "\\boxed" not in text:
        return text
    found = boxes_in(text)
    if len(found) != 1:
        return text
    start, end, content = found[0]
    before, after = text[:start].strip(_AROUND), text[end:].strip(_AROUND)
    if after or (before and not _FEW_WORDS.fullmatch(before)):
        return text
    return unboxed(content) or text


_AROUND = " \n\t$.[]()\\*:"
_FEW_WORDS = pattern(r"(?:[^\W\d_][\w'’]{0,20},?\s?){1,6}")


def conclusion(text: str) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer is"; None without either.

    >>> conclusion("A or B? The answer is: B."), conclusion("so \\\\boxed{C}"), conclusion("B")
    ('B.', 'C', None)
    """
    boxed = open_boxed(text)
    if boxed is not text:
        return boxed
    stated = deque(ANSWER_MARK.finditer(text), maxlen=1)
    if not stated:
        return None
    start = _UNTIL_SAID.match(text, stated[-1].end()).end()  # type: ignore[union-attr]
    line = text[start:].strip().split("\n", 1)[0].strip()
    quoted = _QUOTED.match(text[start - 1] + line) if start else None
    quoted = quoted or _QUOTED.match(line)
    return quoted[2] if quoted else line.strip("*") or None


# an answer in quotes, or bold, with a note behind it
_QUOTED = pattern(
    r"([\"“„'‘*`「])(?=\S)([^\"“”'‘*`「」\n]{1,200}[^\"“”'‘*`「」\n\s])(?:[\"”“'’`」]|\*{1,2})"
    r"(?=[.。!]?\s?(?:\Z|[(（]|[-–—]\s|(?:because|since)\b))"
)
