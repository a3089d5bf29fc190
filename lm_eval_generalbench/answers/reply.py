"""What a reply says and concludes: without hidden reasoning, and behind "the answer is"."""

import re

from lm_eval_generalbench.answers.files import THINKING

READ = 200_000  # characters of a reply that are looked at

# "final answer: X", "the answer is X", "Answer - X"; the last one in a reply counts
ANSWER_MARK = re.compile(
    r"\banswers?\b(?:\s+(?:to|for)\b[^.:\n]{0,100}?)?[\s*_\"'`]{0,4}"
    r"(?:[:=]|[-–—](?=[\s*])|\b(?:is|are)\b|\n)\W{0,2}(?:(?<=:)\s*is\b)?",
    re.IGNORECASE,
)
BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
END_MARKS = re.compile(r"(?:\s*(?:</s>|<\|\w{1,30}\|>))+\s*\Z")  # left over by a tokenizer
FENCE = re.compile(r"```[ \t]*[\w+#.-]*[ \t]*\r?\n(.*?)(?:```|\Z)", re.DOTALL)


def spoken(reply: str) -> str:
    """The reply without hidden reasoning and outer blanks, at most READ characters."""
    text = reply[:READ]
    if "<" in text:
        text = THINKING.sub(" ", text)
        text = END_MARKS.sub("", text)
    return text.strip()


def conclusion(text: str) -> str | None:
    """What stands in the last \\boxed{} or behind the last "answer is"; None without either.

    >>> conclusion("A or B? The answer is: B."), conclusion("so \\\\boxed{C}"), conclusion("B")
    ('B.', 'C', None)
    """
    boxed = BOXED.findall(text)
    if boxed:
        return re.sub(r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", boxed[-1]).strip()
    marks = list(ANSWER_MARK.finditer(text))
    if not marks:
        return None
    rest = text[marks[-1].end() :].lstrip(" \t*:-=\"'")
    line = rest.strip().split("\n", 1)[0].strip().strip("*")
    return line or None
