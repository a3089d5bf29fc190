"""Opens JSON around an answer: messages of servers, objects with an answer-like key, JSON in JSON."""

import json
import re
from typing import Any

from lm_eval_generalbench.answers import reply_patterns
from lm_eval_generalbench.answers.files import NOTHING, fences, json_values, json_whole
from lm_eval_generalbench.answers.refusals import is_status
from lm_eval_generalbench.answers.vocabulary import ANSWER_KEYS, ENVELOPE_KEYS
from lm_eval_generalbench.optional import pattern


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
    found = [item for key, item in value.items() if _key(key) in reply_patterns.ANSWER_WORDS]
    return _as_text(found[0]) or text if len(found) == 1 else text


_FIRST_KEY = pattern(r"\s*(?:`{3,}\w{0,10}\s*)?\{\s*[\"'](\w[\w -]{0,40})[\"']")


def _is_talk(key: str) -> bool:
    return key in reply_patterns.ANSWER_WORDS or key in reply_patterns.TALK_WORDS


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
