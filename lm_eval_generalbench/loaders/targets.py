"""The reference of a record, from what its `output` holds."""

import os
from pathlib import Path, PurePath
from typing import Any

from lm_eval_generalbench import answers
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders import locate, questions, spoiled

# keys of `output`, in the order in which the reference is looked for
OUTPUT_KEYS = ("text", "answer", "prediction", "bbox", "category", "response", "reference")
TEXT_KEYS = (  # further ones of answers in words
    *OUTPUT_KEYS,
    *("target", "summary", "highlights", "translation", "story", "repairCode", "sql", "nl"),
    *("proof", "solution", "paraphraseSentence", "Standard English", "label", "labels"),
)


def target_of(output: Any, task: Task, base: Path, problems: list[str]) -> Any:
    """The reference of a record, with the paths in it made absolute.

    Text answers are the part of `output` that answers the question; anything
    else keeps its shape, for the reader of its kind to look at.
    """
    kind = answers.answer(task.answer)
    if kind.whole and isinstance(output, dict) and len(output) > 1:
        return output
    if kind.words:
        return _text_target(reference(output))
    if isinstance(output, dict):
        key = next((k for k in OUTPUT_KEYS if k in output), None)
        if key is not None and len(output) == 1:
            output = output[key]
    return _absolute(output, base, problems)


def _text_target(value: Any) -> Any:
    """Written answers stay; the parts of a proof or a wrapped text are put together."""
    if isinstance(value, dict):
        for key in ("final_answer", "content", "text", "answer"):
            if key in value:
                return value[key]
        if "steps" in value:
            steps = [questions.as_text(step) for step in value["steps"] or []]
            if value.get("conclusion"):
                steps.append(f"Conclusion: {questions.as_text(value['conclusion'])}")
            return "\n".join(steps)
    return value


def _absolute(value: Any, base: Path, problems: list[str]) -> Any:
    if isinstance(value, dict):
        return {k: _absolute(v, base, problems) for k, v in value.items()}
    if isinstance(value, list):
        return [_absolute(v, base, problems) for v in value]
    if isinstance(value, str) and locate.is_file_name(value):
        path = locate.index(base).find(value, list(locate.OUTPUT_FOLDERS))
        if path is None:
            problems.append(f"{value} is missing")
            return _no_file(value)
        problems += [line for line in [spoiled.named(path)] if line]
        return str(path)
    return _no_file(value) if isinstance(value, str) else value


def _no_file(text: str) -> str:
    """A text that no reader takes for a file: what lies outside the data root is not opened."""
    return PurePath(text).name if os.path.isabs(text) and os.path.exists(text) else text


def reference(output: Any) -> Any:
    """The part of `output` that answers the question.

    >>> reference({"text": ["a", "b"]}), reference({"label": "x"}), reference("plain")
    (['a', 'b'], 'x', 'plain')
    """
    if not isinstance(output, dict):
        return output
    for key in TEXT_KEYS:
        if key in output:
            return output[key]
    return next(iter(output.values()), None)
