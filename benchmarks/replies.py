"""CPU seconds of every reader of replies at 25, 50 and 100 KB of hostile text, against a limit.

    python benchmarks/replies.py [KIND ...]

A reply takes the whole way: the answer is found, a refusal is looked for, the kind
reads. All texts are read once at 25 and 100 KB; the slowest, and those whose time grows
most, are read five times at every size. Printed are the times of the slowest text for
every kind, and the largest growth where the text doubles, both the median of five. Exit
status 1 if growth is more than 2.5-fold anywhere.
"""

import functools
import sys

from growth import LIMIT, line, measured, of, seconds

from lm_eval_generalbench import answers

SIZES = (25_000, 50_000, 100_000)

HOSTILE = {
    # blanks and marks that a pattern may run through again and again
    "< and blanks": of(" ", "<", "x"),
    "tag and line ends": of("\n", "<b>\n", "x"),
    "blanks between words": of("a" + " " * 40),
    "fence and blanks": of(" ", "```", "x\n```"),
    "line ends": of("\n", "B", "Q: x"),
    "blanks and line ends": of(" \n", "note", "Note: x"),
    "stars": of("*"),
    "quotes": of("'", "["),
    "backslashes": of("\\"),
    "blanks": of(" ", "a", "x"),
    "tabs": of("\t", "a", "x"),
    "empty lines": of("\n", "a", "x"),
    "double quotes": of('"'),
    "table rows": of("| a | b |\n"),
    "table cells": of("| a ", "", "|"),
    "percentages": of("x: 10%-50%, "),
    "extents": of("x: 1-2, y: 3-4, "),
    "headings of frames": of("Frame 2: [1, 2, 3, 4]\n"),
    "spans of time": of("from 0.2s to 0.6s: [1, 2, 3, 4]\n"),
    "times": of("0.2s "),
    "sentences behind code": of("\n\nThis adds one, two and `three`"),
    "docstrings": of('\n\nThis adds one.\n"""'),
    "key points": of("left eye: (1, 2)\n"),
    "rows of seven": of("car 1 2 3 4 5 6 7\n"),
    "named sides in space": of("x=1, y=2, z=3, "),
    "quoted lines": of("> a\n"),
    "letters true or false": of("A. True B. False "),
    "concessions": of("although I cannot see, "),
    "nothing wrong": of("no a b c "),
    # openings without closings
    "think": of("<think>"),
    "think closed": of("</think>"),
    "think in turn": of("<think>a</think>"),
    "first tokens": of("<s>"),
    "crossed out": of("<s>a</s> "),
    "answer tags": of("<answer>"),
    "answer tags in turn": of("<answer>a</answer> "),
    "answer tags inside each other": of("<answer>", "", "x</answer>"),
    "open tag with blanks": of("<answer "),
    "boxed": of("\\boxed{"),
    "boxed in turn": of("\\boxed{a} "),
    "braces": of("{"),
    "brackets": of("["),
    "parentheses": of("("),
    "closing brackets": of("]"),
    "brackets and numbers": of("[1, 2, "),
    "objects": of('{"a":'),
    "lists and objects": of("[{"),
    "numbered objects": of('{"0": [1, 2], '),
    "objects in a list": of('{"a": 1}, ', "[", ""),
    "Python objects": of("{'a': None}, ", "[", ""),
    "objects and words": of('x {"a" y '),
    "cut-off strings": of('["a", "'),
    "single quotes": of("['a', 'b "),
    "fences": of("```\n"),
    "fences in turn": of("```\na\n```\n"),
    "one key": of('\\"', '{"answer": "', '"}'),
    "counts": of("1, 2, 3, 4 x "),
    "boxes on lines": of('{"id": 1, "bbox": [1, 2, 3, 4]}\n'),
    "box tags": of("<box>"),
    "box tags in turn": of("<box>[[1, 2, 3, 4]]</box>"),
    "places": of("<loc_1>"),
    "point tags cut off": of('<point x="1" y="2" '),
    "points": of(' x1="1.5" y1="2.5"', "<points", ' alt="a">a</points>'),
    # words that readers look for
    "answer is": of("answer is "),
    "answer is not": of("the answer is not "),
    "answer without mark": of("answer to "),
    "letters": of("A B "),
    "letters with reasons": of("Option A is wrong. "),
    "letters and commas": of("A, "),
    "letters in brackets": of("(A) "),
    "letters on lines": of("A. a\n"),
    "candidates": of("cat or dog "),
    "candidates denied": of("not cat, "),
    "yes and no": of("yes no "),
    "no doubt": of("no doubt "),
    "questions": of("yes or no? "),
    "turns": of("\nQ: a\nA: b"),
    "role words": of("Answer: "),
    "numbers": of("1,"),
    "digits": of("1"),
    "thousands": of("1,000,"),
    "numbers and words": of("12 birds, "),
    "number words": of("two hundred and "),
    "fractions": of("1/2 "),
    "points and digits": of("1."),
    "LaTeX": of("\\frac{1}{2} "),
    "LaTeX cut off": of("\\frac{1}{"),
    "blocks and marks": lambda size: "if(a){" * (size // 12) + "#" * (size // 2),
    "totals": of("in total "),
    "list in a sentence": of("a, ", "The items are ", "and b."),
    "and": of("a and "),
    "bullets": of("- a\n"),
    "arrows": of("1->"),
    "arrows in brackets": of("(a => b "),
    "pairs": of("(a, b), "),
    "nothing": of("There are no "),
    "sentences": of("I cannot. "),
    "apologies": of("Sorry, "),
    "refusal": of("I am unable to "),
    "notes": of("\n\nNote: a"),
    "SQL": of("SELECT a FROM b "),
    "SQL lines": of("SELECT a\n\n"),
    "semicolons": of(";"),
    "colons": of("a: "),
    "Chinese": of("答案是"),
    "Chinese commas": of("是、"),
    "words": of("the cat sat on the mat. "),
    "one word": of("a"),
    "capitals": of("A"),
    "data": of("A", "data:image/png;base64,", ""),
    "data in turn": of("data:a,b "),
    "underscores": of("_a"),
    "slots": of("action: "),
    "further problems": of("\nProblem: a"),
    "chat turns": of("<|im_start|>user\na<|im_end|>\n"),
    "ticks": of("cat ✓, dog ✗\n"),
    "shares": of("cat: 0.9, "),
    "letters asked about": of("A? No. "),
    "parts of a number": of("7, 2 of them red, "),
    "fields of tuples": of("aspect: a, opinion: b\n"),
    "fields of events": of("Event: a\nTrigger: b\n"),
    "arrows with names": of("a -[b]-> c\n"),
    "links": of("[a](b.png) "),
    "folded base64": of("A" * 76 + "\n", "data:image/png;base64,"),
    "ligatures": of("\ufdfa"),  # 18 letters in the usual spelling
    # short texts that mean much: frames, points, corners
    "spans of frames": of("frames 0-99999: [1, 2, 3, 4]\n"),
    "objects with spans": of('{"start": 0, "end": 99999, "box": [1, 2, 3, 4]}, ', "[", "]"),
    "spans without masks": of('{"start": 0, "end": 99999, "mask": 1}\n'),
    "ranges of points": of('{"label": "a", "points": [[0, 999999]]}, ', "[", "]"),
    "paths of lines": of("M 1 1 L 2 2 "),
    "corners": of("(1, 2), "),
    "corners with sizes": of("(1, 2), 3 x 4 "),
    "places denied": of("no cat at [1, 2, 3, 4] "),
    "mixed": of("<a>[{(\"'`*_\\ A 1, yes no answer: - => \n"),
}


def document(kind: str) -> dict[str, str]:
    """A document without media."""
    return {
        **{"gb_task": "L-1.2", "id": "1", "prompt": "Which?\n\nA. cat\nB. dog", "answer": kind},
        **{"options": '["cat", "dog"]', "files": "[]", "target": '"A"', "extra": "{}"},
        **{"outputs": "", "broken": ""},
    }


def once(kind: str, text: str, size: int) -> float:
    """The CPU seconds that it takes to read a text."""
    doc, reply = document(kind), HOSTILE[text](size) if text else "x"
    return seconds(lambda: answers.read(doc, reply))


def main(kinds: list[str]) -> int:
    """Print a line for every kind."""
    worst = 0.0
    print(f"{'kind':16}" + "".join(f"{size // 1000:>7} KB" for size in SIZES), "  growth")
    for kind in kinds or list(answers.ANSWERS):
        once(kind, "", 0)  # imports what the kind needs
        found = measured(HOSTILE, functools.partial(once, kind), SIZES)
        worst = max(worst, found.growth)
        print(line(kind, found), flush=True)
    print(f"at most {worst:.2f}-fold a doubling; the limit is {LIMIT}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
