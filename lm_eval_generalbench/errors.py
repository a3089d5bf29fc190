"""What goes wrong for a reason the user can mend: one line that says what, where and what to do."""

import difflib
import types
from collections.abc import Collection, Sequence


class GeneralBenchError(Exception):
    """Base of every error of ours; the command prints it as one line and exits with status 2."""


class UnknownName(GeneralBenchError):
    """A name that its table does not have.

    Args:
        kind: What is named, such as "task".
        name: What was given.
        known: The names of the table.
        listing: A sentence that says where the names stand; by default the
            command of the kind's name does.
        otherwise: Names to propose where none of the table is like `name`.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        known: Collection[str],
        listing: str = "",
        otherwise: Sequence[str] = (),
    ):
        meant = close(name, known) or otherwise
        hint = f" Did you mean {' or '.join(meant)}?" if meant else ""
        listing = listing or f"`generalbench {kind}s` lists all {len(known)}."
        super().__init__(f"No {kind} is called {name!r}.{hint} {listing}")


def close(name: str, known: Collection[str], most: int = 2) -> list[str]:
    """The names that somebody who wrote `name` may have meant, the likeliest first.

    >>> close("vllm?", ["hf", "vllm", "dummy"])
    ['vllm']
    """
    return difflib.get_close_matches(name, known, n=most)


class DataMissing(GeneralBenchError):
    """The data root, or a task's folder below it, is not there."""


class BadData(GeneralBenchError):
    """A file of the data set is there and cannot be used."""


class BadRecord(BadData):
    """One record is unusable and `gb_strict` is set."""


class NoReference(BadData):
    """A record lacks what an answer is held against, which the closed set keeps back."""


class BadMedia(BadData):
    """An image, sound, video or 3D file cannot be decoded."""


class TooShort(BadMedia):
    """A file can be decoded and holds less than what is to be looked at, such as one frame."""


class BadAnswer(GeneralBenchError):
    """A file that a model made is there and cannot be used: the answer's fault, not the data's."""


class BadResults(GeneralBenchError):
    """A results file, table or sample log cannot be used."""


class NoVerdict(GeneralBenchError):
    """A judge that is set gave no verdict about one answer."""


class Unrated(GeneralBenchError):
    """People are to rate what a model made, and nobody has."""


class MissingExtra(GeneralBenchError):
    """An optional package is not installed."""


class MissingWeights(GeneralBenchError):
    """The files of a pretrained network that a metric needs are not here."""


def is_mistake(error: BaseException) -> bool:
    """Whether an error tells of a mistake of a program, which no file is to be blamed for.

    A library lacks a name that is asked of it, or takes no such argument: what comes of
    versions that do not go together. Other errors of these kinds come of files, too.

    >>> is_mistake(TypeError("open() got an unexpected keyword argument 'x'")), is_mistake(KeyError())
    (True, False)
    """
    if isinstance(error, AttributeError):
        return isinstance(error.obj, types.ModuleType)
    return isinstance(error, TypeError) and "keyword argument" in str(error)
