"""The reference of a record, from what its `output` holds."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from lm_eval_generalbench import answers
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.loaders import locate, made, questions, unusable_files
from lm_eval_generalbench.loaders.annotation import field, is_missing

# keys of `output`, in the order in which the reference is looked for
OUTPUT_KEYS = ("text", "answer", "prediction", "bbox", "category", "response", "reference")
TEXT_KEYS = (  # further ones of answers in words
    *OUTPUT_KEYS,
    *("target", "summary", "highlights", "translation", "story", "repairCode", "sql", "nl"),
    *("proof", "solution", "paraphraseSentence", "Standard English", "label", "labels"),
)


class Named(NamedTuple):
    """The files that a reference names."""

    there: list[str]
    missing: list[str]
    problems: list[str]  # a line for each that is not what its name says
    shown: set[str]  # files and folders that are none of them


def target_of(
    output: Any,
    task: Task,
    bases: Sequence[Path],
    shown: Collection[str],
    problems: list[str],
    absent: list[str],
) -> Any:
    """The reference of a record, with the paths in it made absolute; None if there is none.

    Text answers are the part of `output` that answers the question; anything
    else keeps its shape, for the reader of its kind to look at. A reference all
    of whose files are missing is none: the closed set keeps their names.

    Args:
        output: What the record gives as the answer.
        task: Whose record it is.
        bases: Folders in which files are looked for.
        shown: Files and folders that the model sees, which are no references.
        problems: Gets a line for each file that is missing beside others.
        absent: Gets the names of files that are missing if all are.
    """
    kind = answers.answer(task.answer)
    if _is_none(output):
        return None
    if kind.whole and isinstance(output, dict) and len(output) > 1:
        return output
    if kind.words:
        target = _text_target(reference(output))
        if isinstance(target, list):
            target = [x for x in target if not is_missing(x)] if target else target
        nothing = is_missing(target) or (target in ("", [], {}) and not kind.empty)
        return None if nothing else target
    if isinstance(output, dict):
        key = next((k for k in OUTPUT_KEYS if field(output, k) is not None), None)
        if key is not None and len(output) == 1:
            output = field(output, key)
    if _is_blank(output):
        return None
    files = Named([], [], [], set(shown))
    if task.paradigm == "generation" and isinstance(output, dict):
        output = {key: _Folder(x) if _is_place(key, x) else x for key, x in output.items()}
    target = _absolute(output, bases, files)
    if files.missing and not files.there:
        absent += files.missing
        return None
    problems += [*files.problems, *(f"{name} is missing" for name in files.missing)]
    return target


def _is_none(output: Any) -> bool:
    """Whether a record gives no answer: nothing, an empty object, or one of empty cells."""
    if isinstance(output, dict):
        return all(map(is_missing, output.values()))
    return is_missing(output)


def _is_blank(output: Any) -> bool:
    """Whether nothing is left of an answer but names of fields with empty texts."""
    values = output.values() if isinstance(output, dict) else [output]
    return all(is_missing(x) or (isinstance(x, str) and not x.strip()) for x in values)


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


class _Folder(str):
    """The name of a folder, by what its field is called."""


def _is_place(name: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value and made.PLACE.search(name))


def _absolute(value: Any, bases: Sequence[Path], files: Named) -> Any:
    if isinstance(value, dict):
        return {k: _absolute(v, bases, files) for k, v in value.items()}
    if isinstance(value, list):
        return [_absolute(v, bases, files) for v in value]
    if isinstance(value, _Folder) or (isinstance(value, str) and locate.is_file_name(value)):
        path = locate.reference(value, bases, files.shown)
        if path is None or not files.shown.isdisjoint((str(path), str(path.parent))):
            files.missing.append(value)
            return _no_file(value)
        files.there.append(value)
        files.problems.extend(filter(None, [unusable_files.named(path)]))
        return str(path)
    return _no_file(value) if isinstance(value, str) else value


def _no_file(text: str) -> str:
    """A text that no reader takes for a file: what lies outside the data root is not opened."""
    return PurePath(text).name if os.path.isabs(text) and os.path.exists(text) else text


def reference(output: Any) -> Any:
    """The part of `output` that answers the question.

    >>> reference({"text": ["a", "b"]}), reference({"label": "x"}), reference("plain")
    (['a', 'b'], 'x', 'plain')
    >>> reference({"text": None, "Answer": "B"})
    'B'
    """
    if not isinstance(output, dict):
        return output
    for key in TEXT_KEYS:
        value = field(output, key)
        if not is_missing(value):
            return value
    return next((x for x in output.values() if not is_missing(x)), None)
