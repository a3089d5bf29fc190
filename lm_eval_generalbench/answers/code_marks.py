"""What models put around a program: tags of its language, and words before it."""

import re

from lm_eval_generalbench.optional import pattern

LANGUAGES = (
    r"python|py|c|cpp|c\+\+|c#|csharp|java|javascript|js|go|rust|ruby|php|kotlin|scala|typescript"
    r"|sql|sqlite|query|code|program|function"
)
TAGS = re.compile(
    rf"(?:\A|(?<=\n))[ \t]{{0,8}}(?:<({LANGUAGES})>|\[({LANGUAGES})\])", re.IGNORECASE
)
HEADING = re.compile(
    r"(?:\A|(?<=\n))[ \t]{0,8}(?:#{2,4} ?|\*\*)(?:the )?(?:final |corrected |refined |fixed )?"
    r"(?:answer|code|program|solution|query|function)s?[:：]?(?:\*\*)?[:：]?[ \t]{0,8}\n",
    re.IGNORECASE,
)
TALK = re.compile(
    r"\s{0,8}(?:(?:sure|certainly|of course|okay|ok|absolutely|great|got it|alright|here you go"
    r"|here it is|here is|here's)\b[^\n(){};=]{0,100}[:!.,][ \t]{0,8}\n+"
    r"|(?:好的|当然|没问题)?[，,！!。]?\s?(?:最终|正确|修改后)?的?(?:答案|代码|结果|查询)(?:是|为|如下)?[:：]\s{0,8})",
    re.IGNORECASE,
)


# the name of a language alone on the first line, where a fence lost its marks
NAME = pattern(
    r"\A(?:python3?|java|javascript|typescript|cpp|c\+\+|csharp|c#|sql|sqlite|php|ruby|golang|kotlin)[ \t]{0,4}\n\s{0,9}(?=\S)",
    re.IGNORECASE,
)
# "This adds one to x.", "Here, `f` returns 3:" and the like
_WORD = r"[ ](?:`[^`\n]{1,60}`[,.:;]?|[\w'\"“”’().,%/&:\[\]+-]{1,40})"
_SENTENCE = rf"[A-Z][a-z']{{0,20}},?(?:{_WORD}){{2,80}}(?:(?<=[.:])|[.!])(?:[ ]|\n|\Z)"
_CJK_SENTENCE = r"[\u4e00-\u9fff\u3040-\u30ff][^\n;{}=]{3,200}[。：！:]"
_HEADED = (
    r"(?:\*\*|\#{2,4} )(?:(?i:explanation|notes?|how it works|usage|changes|output|examples?))\b"
)
# a paragraph of sentences behind a program, or the heading of one
PROSE = pattern(rf"\n[ \t]{{0,8}}\n[ \t\n]{{0,40}}(?m:^)(?:{_SENTENCE}|{_CJK_SENTENCE}|{_HEADED})")


def without_prose(text: str) -> str:
    """A program without the paragraphs of sentences behind it.

    What stands in a comment or a text of several lines is a part of it.

    >>> without_prose("x = 1\\n\\nThis sets x to one."), without_prose("x = 1\\n\\nprint(x)")
    ('x = 1', 'x = 1\\n\\nprint(x)')
    """
    counts, done = dict.fromkeys(('"""', "'''", "/*", "*/"), 0), 0
    for said in PROSE.finditer(text):
        counts = {mark: n + text.count(mark, done, said.start()) for mark, n in counts.items()}
        done = said.start()
        single, double, opened, closed = counts.values()
        if not (single % 2 or double % 2 or opened > closed) and text[:done].strip():
            return text[:done].rstrip()
    return text


def program_in(text: str) -> str:
    """A program without tags around it and words before it; any other text as it is.

    >>> program_in("[PYTHON]\\nx = 1\\n[/PYTHON]"), program_in("Sure:\\nx = 1"), program_in("<b>x</b>")
    ('x = 1', 'x = 1', '<b>x</b>')
    """
    if (tag := TAGS.search(text)) and len(text) > tag.end():
        name = tag[1] or tag[2]
        closing = f"</{name}>" if tag[1] else f"[/{name}]"
        end = text.casefold().find(closing.casefold(), tag.end())
        if end >= 0 or not text[: tag.start()].strip():
            inner = text[tag.end() : end if end >= 0 else len(text)]
            return inner.strip("\n").rstrip() or text
    headings = list(HEADING.finditer(text))
    said = text[: headings[-1].start()] if headings else "="
    if not re.search(r"[={};]", said) and text[headings[-1].end() :].strip():
        return text[headings[-1].end() :].strip("\n")
    talk = TALK.match(text)
    return text[talk.end() :] if talk and text[talk.end() :].strip() else text
