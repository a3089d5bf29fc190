"""Cuts reasoning, chat templates and turns of others from a reply: what is left is the model's own turn."""

import re

from lm_eval_generalbench.answers import reply_patterns
from lm_eval_generalbench.optional import pattern

# What comes before a question that is repeated
REPEATS_QUESTION = pattern(r"[^\n]{0,200}(?:\bquestion\b[^\n]{0,60}|[:：])\s*\Z", re.IGNORECASE)


def cut_reasoning(text: str) -> str:
    """What is said outside of reasoning.

    Everything up to the last closing mark is no answer, unless nothing follows
    it: then it is what stood before the reasoning opened.

    >>> cut_reasoning("A? B!</think>C"), cut_reasoning("B<think>Why? ...</think>")
    ('C', 'B')
    >>> cut_reasoning("<think>It could be"), cut_reasoning("[THINK]Hm[/THINK]D")
    ('', 'D')
    """
    if text.startswith(("analysis", "commentary", "<|start|>", " ")) or "assistantfinal" in text:
        text = _cut_channels(text)
    if reply_patterns.STAGES.match(text) and "<CONCLUSION>" not in text:
        return ""
    said: list[str] = []
    position, inside = 0, False
    for mark in reply_patterns.THOUGHT.finditer(text):
        if mark["close"]:
            if not inside:
                said.clear()
            inside, position = False, mark.end()
        elif not inside:
            said.append(text[position : mark.start()])
            inside = True
    if not inside:
        said.append(text[position:])
    return next((part for part in reversed(said) if _says(part)), "")


def _cut_channels(text: str) -> str:
    """The final channel of a text whose marks of channels were dropped."""
    finals = list(reply_patterns.CHANNEL_LEFT.finditer(text))
    if finals:
        return text[finals[-1].end() :]
    return "" if reply_patterns.CHANNEL_OPEN.match(text) else text


def _says(text: str) -> bool:
    return bool(
        reply_patterns.END_OF_TURN.sub("", reply_patterns.OPENING_OF_MODEL.sub("", text)).strip()
    )


def cut_template(text: str) -> str:
    """The model's own turn, without the special tokens of a chat template.

    >>> cut_template("<|im_start|>assistant\\nB<|im_end|>\\n<|im_start|>user\\nWhy?").strip()
    'B'
    >>> cut_template("[INST] A or B? [/INST] B").strip()
    'B'
    """
    if not re.search(r"[<\[]", text):
        return text
    position = 0
    while (token := reply_patterns.FIRST_TOKEN.match(text, position)) and token.end() > position:
        position = token.end()
    text = text[position:]
    if reply_patterns.OPENING_OF_USER.match(text) and (
        turn := reply_patterns.OPENING_OF_MODEL.search(text)
    ):
        return text[turn.end() :]
    position = 0
    for token in reply_patterns.END_OF_TURN.finditer(text):
        if token[0] == "</s>" and text.find("<s>", position, token.start()) >= 0:
            continue  # crossed out, in HTML
        if text[position : token.start()].strip():
            return text[: token.start()] if not position else text[position : token.start()]
        position = token.end()
    opened = reply_patterns.OPENING_OF_MODEL.search(text, position)
    if opened and text[position : opened.start()].strip():
        return text[position : opened.start()]
    return text[position:]


def open_role(text: str) -> str:
    """What the model says behind its role word, or behind the question that it repeats.

    >>> open_role("ASSISTANT: red"), open_role("Q: What colour? A: red")
    ('red', ' red')
    """
    if role := reply_patterns.ROLE.match(text) or reply_patterns.ROLE_LINE.match(text):
        return text[role.end() :] or text
    if asked := reply_patterns.ASKED.match(text):
        if answered := reply_patterns.ANSWERED.search(text, asked.end()):
            return text[answered.end() :] if text[answered.end() :].strip() else text
        line, _, rest = text.partition("\n")
        return rest if line.rstrip().endswith(("?", "？")) and rest.strip() else text
    return text


def cut_run_on(text: str) -> str:
    """The answer without the next question, which a model puts to itself.

    >>> cut_run_on("red\\n\\nQ: What is next to it?\\nA: blue").strip()
    'red'
    >>> cut_run_on("Final answer: 4\\n\\nProblem: How many are 2 and 3?\\nFinal answer: 5").strip()
    'Final answer: 4'
    """
    start = 0
    for turn in reply_patterns.NEXT_PROBLEM.finditer(text):
        before = text[start : turn.start()].rstrip()  # with the line that is not empty
        if reply_patterns.ANSWER_LINE.fullmatch(before.rpartition("\n")[2][-300:]):
            return text[: turn.start()]
        start = turn.start()
    for turn in reply_patterns.NEXT_TURN.finditer(text):
        before = text[: turn.start()]
        if not before.strip():
            continue
        if REPEATS_QUESTION.fullmatch(before.strip()) and reply_patterns.ANSWERED.search(
            text, turn.end()
        ):
            return text[turn.start() :]  # it repeats the question before it answers
        return before
    return text
