"""Which of the programs in a reply is meant, and what stands around its lines."""

import html
import re
import textwrap
from collections.abc import Iterator, Sequence

from lm_eval_generalbench.answers.files import FENCE
from lm_eval_generalbench.answers.reply_patterns import ANNOUNCEMENT
from lm_eval_generalbench.optional import pattern

_NOUN = (
    r"(?:versions?|code|solutions?|programs?|functions?|implementations?|query|queries|answers?"
    r"|attempts?|scripts?|tr(?:y|ies)|drafts?)"
)
# what is said before a program that is not the answer
_REJECTED = pattern(
    r"\b(?:first|initial|earlier|previous|old|naive|wrong|incorrect|bad|buggy|broken|failed|faulty)"
    rf" {_NOUN}\b|\A\W{{0,4}}(?:wrong|incorrect|bad|not good|draft|before|错误(?:写法|示例|答案)?|错|falsch"
    r"|incorrecto|faux)\W{0,4}\Z",
    re.IGNORECASE,
)
# ... and behind it
_TAKEN_BACK = pattern(
    r"\W{0,4}(?:(?:but |however,? )?(?:this|that|it|which)(?: one| code| version| attempt)?"
    r" (?:does nothing|(?:does not|doesn't|won't|will not) (?:work|run|compile)(?: correctly| properly)?"
    r"|fails|(?:is|was) (?:wrong|incorrect|not (?:quite )?(?:right|correct)|buggy|broken)|has a bug)"
    r"(?=\s{0,4}[.,;!—]|\s{0,4}\Z|\s(?:because|since|as|and|but)\b)"
    r"|wait\b|oops\b|actually,|hmm\b|no, (?:that|this)\b)",
    re.IGNORECASE,
)
# what is said before the program that is the answer
_FINAL = pattern(
    r"\b(?:final|corrected|fixed|revised|improved|complete|full|right|correct|working|second"
    rf"|better) (?:python |sql |and \w+ )?{_NOUN}\b",
    re.IGNORECASE,
)


def _said_before(text: str) -> Iterator[str]:
    """What stands before each code fence of a text, behind the one before it."""
    opening, done = None, 0
    for mark in FENCE.finditer(text):
        if opening is None:
            opening = mark[0][0]
            yield text[done : mark.start()].strip()
        elif mark[0][0] == opening:
            opening, done = None, mark.end()


def meant(text: str, blocks: Sequence[tuple[str, str]], others: Sequence[str]) -> str:
    """The program that is meant among those in the code fences of a text.

    It is the first, unless that is called a first or wrong attempt: then the last
    that is called final or corrected, else the next that is not called so.

    Args:
        text: What was found to be the answer.
        blocks: Language and content of each fence; at least one holds something.
        others: Languages that are no programs, in small letters.

    >>> both = [("", "a"), ("", "b")]
    >>> meant("First attempt:\\n```\\na\\n```\\nFinal version:\\n```\\nb\\n```", both, ())
    'b'
    """
    before = [*_said_before(text), *[""] * (len(blocks) + 1)]
    kept = [
        (before[i], before[i + 1], code)
        for i, (language, code) in enumerate(blocks)
        if code.strip() and language.casefold() not in others
    ]
    if not kept:
        return next(code for _, code in blocks if code.strip())
    left = [one for one in kept if not _is_refused(one[0], one[1])]
    if not left or left[0] is kept[0]:
        return kept[0][2]
    final = [code for said, _, code in left if _FINAL.search(_last_line(said))]
    return final[-1] if final else left[0][2]


def _last_line(text: str) -> str:
    return text.rpartition("\n")[2][-200:]


def _is_refused(said: str, behind: str) -> bool:
    return rejected(_last_line(said)) or _TAKEN_BACK.match(behind[:200]) is not None


def rejected(label: str) -> bool:
    """Whether what is said before a program says that it is not the answer."""
    return _REJECTED.search(label) is not None and not _FINAL.search(label)


# --- what is around lines ---

_KEYWORDS = (
    r"(?:if|for|while|with|class|def|else|elif|try|except|finally|match|case|async|default|public"
    r"|private|protected|switch|do|lambda|select|from|where)\b"
)
# a line of words that ends in a colon, and opens with a capital or names a program
_LINE = pattern(
    rf"(?!{_KEYWORDS})(?:(?-i:[A-Z])[^\n{{}}=;<>\\]{{0,160}}|[\w' ]{{0,60}}\b{_NOUN}|sql|python|html"
    r"|latex|[^\n{}=;<>\\]{0,80}[\u3040-\u30ff\u4e00-\u9fff][^\n{}=;<>\\]{0,80})[:：][ \t]{0,8}"
    r"\n[ \t]{0,8}(?:\n[ \t]{0,40}){0,4}",
    re.IGNORECASE,
)
_PRE = pattern(r"<pre\b[^<>\n]{0,80}>\s{0,8}(?:<code\b[^<>\n]{0,80}>)?", re.IGNORECASE)
_PRE_END = pattern(r"(?:</code>\s{0,8})?</pre>", re.IGNORECASE)
_QUOTED = pattern(
    r"(?:\A|(?<=\n))('''|\"\"\")(?:python3?|py|sql|cpp|java|c|html|latex)[ \t]{0,4}\n",
    re.IGNORECASE,
)


def without_lead(text: str) -> str:
    """A program without the line that introduces it, and set in no further than it is.

    >>> without_lead("Python code:\\n    x = 1\\n    y = 2"), without_lead("else:\\n x")
    ('x = 1\\ny = 2', 'else:\\n x')
    """
    found = ANNOUNCEMENT.match(text) or _LINE.match(text)
    if found is None or not text[found.end() :].strip():
        return text
    start = text.rfind("\n", 0, found.end()) + 1
    blank = start > found.start() and not text[start : found.end()].strip()
    return textwrap.dedent(text[start if blank else found.end() :]).strip("\n")


def open_quoted(text: str) -> str:
    """The program in <pre>, or in quotes that stand for a fence; any other text as it is.

    >>> open_quoted("<pre><code>x = 1</code></pre>"), open_quoted("'''python\\nx = 1\\n'''")
    ('x = 1', 'x = 1')
    """
    opening = _PRE.search(text)
    if opening and "<" not in text[: opening.start()]:
        closing = _PRE_END.search(text, opening.end())
        inner = text[opening.end() : closing.start() if closing else len(text)]
        return (inner if "<" in inner else html.unescape(inner)).strip("\n") or text
    if quote := _QUOTED.search(text):
        end = text.rfind("\n" + quote[1], quote.end())
        return text[quote.end() : end if end >= 0 else len(text)].strip("\n") or text
    return text


def without_prompts(code: str) -> str:
    """A program without the prompts of an interpreter, and without what that printed.

    >>> without_prompts(">>> def f():\\n...     return 1\\n>>> f()\\n1")
    'def f():\\n    return 1\\nf()'
    """
    if not code.lstrip().startswith(">>> "):
        return code
    lines = textwrap.dedent(code).strip("\n").split("\n")
    return "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))


_TOP = pattern(r"(?:import|from|def|class|async|@|#)")


def set_out(code: str) -> str:
    """A program whose first line lost the blanks that all its other lines have.

    >>> set_out("import re\\n    x = 1"), set_out("def f():\\n    return 1")
    ('import re\\nx = 1', 'def f():\\n    return 1')
    """
    first, _, rest = code.partition("\n")
    depths = [len(line) - len(line.lstrip()) for line in rest.split("\n") if line.strip()]
    if not depths or not min(depths) or not _TOP.match(first):
        return code
    if first.rstrip().endswith((":", "(", "[", "{", ",", "\\")) and depths[0] == min(depths):
        return code
    return f"{first}\n{textwrap.dedent(rest)}"
