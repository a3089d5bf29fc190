"""Finds the answer in a reply, before any kind reads it.

A step is a small function from text to text that does nothing where it does not
apply. A kind says in ANSWERS which steps are not for it: one whose answer is
JSON does not want its JSON opened. Steps are repeated until none applies, so
that to find an answer in what was found changes nothing.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, Protocol

from lm_eval_generalbench.answers import marks
from lm_eval_generalbench.answers.files import NOTHING, fences, json_values, json_whole
from lm_eval_generalbench.answers.markdown import (
    cut_lone_fence,
    cut_struck,
    open_answer_letter,
    open_block_quote,
    open_emphasis,
)
from lm_eval_generalbench.answers.refusals import is_status
from lm_eval_generalbench.answers.refusals import lacks_information as lacks_information
from lm_eval_generalbench.answers.refusals import refuses as refuses
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS, ENVELOPE_KEYS
from lm_eval_generalbench.optional import pattern

READ = 200_000  # characters of an answer in words that are looked at
ROUNDS = 12  # wrappings inside each other; what is wrapped more often means nothing


class Found(NamedTuple):
    """The answer in a reply, and what was cut off by each step that cut something off."""

    answer: str
    cut: dict[str, str]


class Kind(Protocol):
    """What is asked of a kind of answers: names of steps that are not for it."""

    @property
    def without(self) -> Collection[str]: ...


def find(text: str, kind: Kind | Collection[str] = ()) -> Found:
    """The answer in a reply.

    Takes time linear in the length of the text, and never raises.

    Args:
        text: The reply.
        kind: A line of ANSWERS, or the names of steps that are not taken.

    Returns:
        The answer, "" where there is none, and what was around it.

    >>> find("Let me see. </think> <answer>A</answer>").answer
    'A'
    >>> find("<think>Hm.</think>Here it is: [1]", STRUCTURED)
    Found(answer='Here it is: [1]', cut={'reasoning': '<think>Hm.</think>'})
    """
    without = kind if isinstance(kind, Collection) else kind.without
    steps = [(name, step) for name, step in STEPS.items() if name not in without]
    cut: dict[str, str] = {}
    text = text.strip()  # runs of blanks before a text make patterns slow
    for _ in range(ROUNDS):
        before = text
        for name, step in steps:
            shorter = step(text).strip()
            if shorter != text:
                if around := _around(text, shorter):
                    cut[name] = cut.get(name, "") + around
                text = shorter
        if text == before:
            return Found(text, cut)
    return Found("", cut | {"rounds": text})


def _around(text: str, inner: str) -> str:
    """What of a text is gone, blanks aside."""
    start = text.find(inner)
    if start < 0:
        return text
    return text[:start].strip() + text[start + len(inner) :].strip()


# --- reasoning, templates, turns ---


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
    if marks.STAGES.match(text) and "<CONCLUSION>" not in text:
        return ""
    said: list[str] = []
    position, inside = 0, False
    for mark in marks.THOUGHT.finditer(text):
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
    finals = list(marks.CHANNEL_LEFT.finditer(text))
    if finals:
        return text[finals[-1].end() :]
    return "" if marks.CHANNEL_OPEN.match(text) else text


def _says(text: str) -> bool:
    return bool(marks.END_OF_TURN.sub("", marks.OPENING_OF_MODEL.sub("", text)).strip())


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
    while (token := marks.FIRST_TOKEN.match(text, position)) and token.end() > position:
        position = token.end()
    text = text[position:]
    if marks.OPENING_OF_USER.match(text) and (turn := marks.OPENING_OF_MODEL.search(text)):
        return text[turn.end() :]
    position = 0
    for token in marks.END_OF_TURN.finditer(text):
        if token[0] == "</s>" and text.find("<s>", position, token.start()) >= 0:
            continue  # crossed out, in HTML
        if text[position : token.start()].strip():
            return text[: token.start()] if not position else text[position : token.start()]
        position = token.end()
    opened = marks.OPENING_OF_MODEL.search(text, position)
    if opened and text[position : opened.start()].strip():
        return text[position : opened.start()]
    return text[position:]


def cut_length(text: str) -> str:
    """As much as is looked at."""
    return text[:READ]


def open_role(text: str) -> str:
    """What the model says behind its role word, or behind the question that it repeats.

    >>> open_role("ASSISTANT: red"), open_role("Q: What colour? A: red")
    ('red', ' red')
    """
    if role := marks.ROLE.match(text) or marks.ROLE_LINE.match(text):
        return text[role.end() :] or text
    if asked := marks.ASKED.match(text):
        if answered := marks.ANSWERED.search(text, asked.end()):
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
    for turn in marks.NEXT_PROBLEM.finditer(text):
        before = text[: turn.start()]
        if marks.ANSWER_LINE.fullmatch(before.rstrip().rpartition("\n")[2][-300:]):
            return before
    for turn in marks.NEXT_TURN.finditer(text):
        before = text[: turn.start()]
        if not before.strip():
            continue
        if REPEATS_QUESTION.fullmatch(before.strip()) and marks.ANSWERED.search(text, turn.end()):
            return text[turn.start() :]  # it repeats the question before it answers
        return before
    return text


# What comes before a question that is repeated, and before the notes that hold the answer
REPEATS_QUESTION = pattern(r"[^\n]{0,200}(?:\bquestion\b[^\n]{0,60}|[:：])\s*\Z", re.IGNORECASE)
OPENING_TALK = pattern(
    r"\s*\W{0,3}(?:let me (?:think|see|count|look|analy|check|go|start|explain)|let's (?:think|see"
    r"|count|look|analy|check|go|start)"
    r"|to (?:answer|count|solve|find|determine)|i(?:'ll| will) (?:think|count|look|analy|check|go"
    r"|start|explain))[^\n]{0,300}\s*\Z",
    re.IGNORECASE,
)

# --- wrappings ---


def open_envelope(text: str) -> str:
    """The content of a message as servers send it, and JSON that is text inside of JSON.

    >>> open_envelope('{"choices": [{"message": {"role": "assistant", "content": "B"}}]}')
    'B'
    >>> open_envelope('{"answer": "[[1, 2, 3, 4]]"}'), open_envelope('{"answer": "B"}')
    ('[[1, 2, 3, 4]]', '{"answer": "B"}')
    """
    head = _HEAD.match(text)
    if head is None or (head[1] is not None and _key(head[1]) not in ENVELOPE_KEYS):
        return text
    value = json_whole(text)
    if isinstance(value, str):
        return value if _is_json(value) else text
    content = _content(value)
    if content is not None:
        return content
    if isinstance(value, dict):
        held = _under_answer_key(value)
        if isinstance(held, str) and _is_json(held):
            return held
    return text


def open_answer_key(text: str) -> str:
    """What an object holds under "answer", if all else it holds are reasons.

    >>> open_answer_key('{"reasoning": "...", "Answer": [[1, 2]]}'), open_answer_key('{"answer": 1}')
    ('[[1, 2]]', '1')
    """
    head = _FIRST_KEY.match(text)
    if head is None or not _is_talk(_key(head[1])):
        return text
    value = next((json_whole(content) for _, content, _ in fences(text)), NOTHING)
    value = json_whole(text) if value is NOTHING else value
    if not isinstance(value, dict) or not all(_is_talk(_key(key)) for key in value):
        return text
    found = [item for key, item in value.items() if _key(key) in marks.ANSWER_WORDS]
    return _as_text(found[0]) or text if len(found) == 1 else text


_FIRST_KEY = pattern(r"\s*(?:`{3,}\w{0,10}\s*)?\{\s*[\"'](\w[\w -]{0,40})[\"']")


def _is_talk(key: str) -> bool:
    return key in marks.ANSWER_WORDS or key in marks.TALK_WORDS


_HEAD = pattern(r"\s*(?:\"\s*\\?[\[{\"]|(?:\[\s*)?\{\s*[\"'](\w{1,40})[\"'])")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[") and json_whole(text) is not NOTHING


def _key(name: Any) -> str:
    return re.sub(r"[\W_]+", "", str(name)).casefold()


_PARTS = ("text", "output_text", "thinking", "reasoning", "refusal", "image", "image_url")


def _content(value: Any) -> str | None:
    """The text of a message or completion; None if it is neither."""
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        if all(part.get("type") in _PARTS for part in value):
            kept = [part.get("text") for part in value if part["type"] in ("text", "output_text")]
            return "".join(text for text in kept if isinstance(text, str))
        last = value[-1]
        if "role" in last or "generated_text" in last or last.get("type") == "message":
            return _content(last)
        return None
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("generated_text"), str):
        return str(value["generated_text"])
    for key in ("choices", "candidates", "message", "generated_text"):
        inner = value.get(key)
        inner = inner[0] if key in ("choices", "candidates") and inner else inner
        if isinstance(inner, dict | list) and (found := _content(inner)) is not None:
            return found
    if "parts" in value and isinstance(value["parts"], list):
        texts = [p.get("text") for p in value["parts"] if isinstance(p, dict)]
        return "".join(t for t in texts if isinstance(t, str))
    marked = value.keys() & {"role", "type", "parts", "finish_reason"} or value.keys() == {
        "content"
    }
    if "content" in value and marked:
        content = value["content"]
        return content if isinstance(content, str) else _content(content)
    if isinstance(value.get("text"), str) and value.keys() & {"finish_reason", "logprobs"}:
        return str(value["text"])
    if isinstance(value.get("output"), list) and "object" in value:
        return _content(value["output"])
    return None


def _under_answer_key(value: dict[str, Any]) -> Any:
    """What stands under the first key that means an answer, or under the only key; else NOTHING."""
    by_key = {_key(key): item for key, item in reversed(value.items())}
    for key in ANSWER_KEYS:
        if key in by_key:
            return by_key[key]
    return next(iter(value.values())) if len(value) == 1 and not is_status(value) else NOTHING


def open_fence(text: str) -> str:
    """The content of the code fence that is the whole answer, an introducing line aside.

    >>> open_fence("```json\\n{}\\n```"), open_fence("Here:\\n```\\nx\\n```"), open_fence("a `b`")
    ('{}\\n', 'x\\n', 'a `b`')
    """
    if "```" not in text and "~~~" not in text:
        if len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text[1:-1]:
            return text[1:-1]
        return text
    found = list(fences(text))
    before = re.split(r"`{3,}|~{3,}", text, maxsplit=1)[0].strip()
    behind = re.split(r"`{3,}|~{3,}", text)[-1].strip() if found[-1][2] else ""
    introduced = not before or ("\n" not in before and before[-1] in ":：")
    if len(found) == 1 and introduced and not behind and found[0][1].strip():
        return found[0][1]
    return text


def _last_pair(text: str, names: Collection[str]) -> str | None:
    """The content of the last pair of tags of these names that holds something.

    A pair that is not closed holds what follows; one that was not opened, what
    stands before it.
    """
    joined = "|".join(map(re.escape, names))
    opened: dict[str, int] = {}
    best, last_end = None, 0
    for tag in re.finditer(
        rf"<(?P<c>/?)[ ]?(?P<n>{joined})(?:[ ][^<>\n]{{0,60}})?>|\[(?P<c2>/?)(?P<n2>ANSWER)\]",
        text,
        re.IGNORECASE,
    ):
        name = tag["n"].casefold() if tag["n"] else f"[{tag['n2'].casefold()}]"
        if not (tag["c"] or tag["c2"]):
            opened[name] = tag.end()
            continue
        if name not in opened and best is not None:
            continue  # the pair around one that was found
        start = opened.pop(name, last_end)
        content = text[start : tag.start()].strip()
        last_end = tag.end()
        if content:
            best = content
    for start in opened.values():
        rest = text[start:].strip()
        if rest and start > last_end:
            best = rest
    return best


def open_tags(text: str) -> str:
    """What the last pair of answer tags holds.

    >>> open_tags("I am sure. <answer>A</answer>"), open_tags("<CONCLUSION> B"), open_tags("C</answer>")
    ('A', 'B', 'C')
    """
    if "<" not in text and "[" not in text:
        return text
    found = _last_pair(text, marks.ANSWER_TAGS)
    return text if found is None else found


def open_output_tags(text: str) -> str:
    """What the last pair of tags for what comes out holds."""
    if "<" not in text:
        return text
    found = _last_pair(text, marks.OUTPUT_TAGS)
    return text if found is None else found


def open_box_tokens(text: str) -> str:
    """What stands between the marks that GLM-4.xV puts around an answer.

    >>> open_box_tokens("So <|begin_of_box|>B<|end_of_box|>.")
    'B'
    """
    start = text.rfind("<|begin_of_box|>")
    if start < 0:
        return text.removesuffix("<|end_of_box|>")
    return text[start + 16 :].partition("<|end_of_box|>")[0] or text


_ANY_TAG = pattern(r"\s*<([A-Za-z][\w.:-]{0,30})>")


def open_any_tag(text: str) -> str:
    """What a pair of tags around the whole text holds, unless they say where something is.

    >>> open_any_tag("<caption>A dog.</caption>"), open_any_tag("<table>1</table>")
    ('A dog.', '<table>1</table>')
    """
    opening = _ANY_TAG.match(text)
    if opening is None or opening[1].casefold() in (*marks.FAMILY_TAGS, *marks.HTML_TAGS):
        return text
    closing = f"</{opening[1]}>"
    if not text.rstrip().endswith(closing):
        return text
    inner = text[opening.end() :].rstrip()[: -len(closing)]
    return text if closing in inner or not inner.strip() else inner


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
_BOX = pattern(r"\\(?:boxed|fbox|framebox)\s{0,4}(?=\{)")
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
    for mark in _BOX.finditer(text):
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


def open_json(text: str) -> str:
    """What a JSON object or Python literal holds under its answer-like or only key.

    >>> open_json('{"reasoning": "...", "Answer": "B"}'), open_json("{'caption': 'A dog.'}")
    ('B', 'A dog.')
    >>> open_json('{"caption": "A dog and'), open_json('[{"answer": 3}]'), open_json('["B"]')
    ('A dog and', '3', 'B')
    """
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return text
    value = json_whole(text)
    if isinstance(value, str):
        return value or text
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str | dict):
        value = value[0]
        if isinstance(value, str):
            return value or text
        if not value.keys() or _answer_of(value) is None or len(value) == 1:
            return text if _answer_of(value) is None else _answer_of(value) or text
    if isinstance(value, dict):
        found = _answer_of(value)
        return text if found is None else found
    return text


def _answer_of(value: dict[str, Any]) -> str | None:
    """The answer in an object as text; None if none of its keys means one."""
    found = _under_answer_key(value)
    return None if found is NOTHING else _as_text(found)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def open_json_within(text: str) -> str:
    """What the last object within a text holds that has an answer-like key.

    >>> open_json_within('I think so. {"answer": "B"}')
    'B'
    """
    if "{" not in text:
        return text
    objects = [value for value in json_values(text) if isinstance(value, dict)]
    for value in reversed(objects):
        if {_key(key) for key in value} & set(ANSWER_KEYS):
            return _answer_of(value) or text
    return text


# --- what is said around an answer ---


def cut_announcement(text: str) -> str:
    """The answer without the line or words that announce it.

    >>> cut_announcement("Sure! Here is the caption:\\n\\nA dog."), cut_announcement("答案是：B")
    ('A dog.', 'B')
    """
    found = marks.ANNOUNCEMENT.match(text)
    return text[found.end() :] if found and text[found.end() :].strip() else text


def open_heading(text: str) -> str:
    """What stands behind the last heading "Final Answer".

    >>> open_heading("I look at it.\\n\\n**Final Answer**\\nA dog."), open_heading("# Final Answer\\nx")
    ('A dog.', '# Final Answer\\nx')
    """
    if "nswer" not in text and "NSWER" not in text:
        return text
    ends = [found.end() for found in marks.ANSWER_HEADING.finditer(text)]
    return text[ends[-1] :] if ends and text[ends[-1] :].strip() else text


def cut_politeness(text: str) -> str:
    """A description without the "Certainly!" before it.

    >>> cut_politeness("Certainly! A dog runs."), cut_politeness("Certainly! I will.")
    ('A dog runs.', 'Certainly! I will.')
    """
    found = marks.POLITE.match(text)
    return text[found.end() :] if found else text


def cut_cue(text: str) -> str:
    """The answer without the word for what it is.

    >>> cut_cue("**Summary:** It rained."), cut_cue("It rained: much.")
    ('It rained.', 'It rained: much.')
    """
    found = marks.CUE.match(text) or marks.HEADING.match(text)
    return text[found.end() :] if found and text[found.end() :].strip() else text


def cut_notes(text: str) -> str:
    """The answer without the notes and offers behind it, unless an answer is stated there.

    >>> cut_notes("A dog.\\n\\nNote: I see no cat.\\n\\nLet me know!"), cut_notes("7\\n\\nHope this helps")
    ('A dog.', '7')
    """
    found = next((m for m in marks.NOTE.finditer(text) if text[: m.start()].strip()), None)
    if found is None or ANSWER_MARK.search(text, found.end()) or _BOX.search(text, found.end()):
        return text
    before = text[: found.start()].rstrip()
    return text if before.endswith((":", "：")) or OPENING_TALK.match(before) else before


_QUOTES = {'"': '"', "“": "”", "«": "»", "「": "」", "『": "』", "'": "'"}


def open_quotes(text: str) -> str:
    """A text without the quotes or stars around the whole of it.

    >>> open_quotes('"A dog."'), open_quotes('"A," he said, "dog."'), open_quotes("**B**")
    ('A dog.', '"A," he said, "dog."', 'B')
    """
    for mark in ("***", "**", "__"):
        inner = text[len(mark) : -len(mark)]
        if text.startswith(mark) and text.endswith(mark) and inner.strip() and mark not in inner:
            return inner
    closing = _QUOTES.get(text[:1])
    inner = text[1:-1]
    if (
        closing
        and text.endswith(closing)
        and inner.strip()
        and not set(text[0] + closing) & set(inner)
    ):
        return inner
    return text


STEPS: dict[str, Callable[[str], str]] = {
    "envelope": open_envelope,
    "answer_key": open_answer_key,
    "reasoning": cut_reasoning,
    "struck": cut_struck,
    "template": cut_template,
    "length": cut_length,
    "role": open_role,
    "block_quote": open_block_quote,
    "answer_letter": open_answer_letter,
    "run_on": cut_run_on,
    "tags": open_tags,
    "box_tokens": open_box_tokens,
    "output_tags": open_output_tags,
    "any_tag": open_any_tag,
    "lone_fence": cut_lone_fence,
    "fence": open_fence,
    "boxed": open_boxed,
    "whole_box": open_whole_box,
    "json": open_json,
    "json_within": open_json_within,
    "heading": open_heading,
    "announcement": cut_announcement,
    "politeness": cut_politeness,
    "cue": cut_cue,
    "notes": cut_notes,
    "quotes": open_quotes,
    "emphasis": open_emphasis,
}

# Steps that are not for ...
STRUCTURED = frozenset(  # kinds whose answer is JSON, marks of a model family, or names a file
    "length box_tokens output_tags any_tag fence json json_within announcement politeness cue notes"
    " quotes emphasis answer_letter struck".split()
)
TEXT = frozenset("boxed json_within output_tags".split())  # kinds whose answer is free text
CODE = frozenset(  # kinds whose answer is code
    "boxed output_tags any_tag fence json_within announcement politeness cue quotes emphasis"
    " struck".split()
)
ORDER = frozenset(
    "json json_within quotes emphasis answer_letter".split()
)  # kinds that put things in an order
LETTER = frozenset(("answer_letter",))  # the kind whose answer is a letter
NUMBER = frozenset("json json_within answer_letter".split())  # the kind that counts places in JSON
LIST = ORDER | frozenset(("boxed", "whole_box"))  # kinds that list things, each in a box at times

# --- what an answer concludes ---


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
    rest = text[_UNTIL_SAID.match(text, stated[-1].end()).end() :]  # type: ignore[union-attr]
    line = rest.strip().split("\n", 1)[0].strip().strip("*")
    return line or None
