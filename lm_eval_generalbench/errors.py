"""What goes wrong for a reason the user can mend: one line that says what, where and what to do."""

import difflib
from collections.abc import Collection


class GeneralBenchError(Exception):
    """Base of every error of ours; the command prints it as one line and exits with status 2."""


class UnknownName(GeneralBenchError):
    """A task or metric name that its table does not have."""

    def __init__(self, kind: str, name: str, known: Collection[str]):
        close = difflib.get_close_matches(name, known, n=2)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        super().__init__(
            f"No {kind} is called {name!r}.{hint} `generalbench {kind}s` lists all {len(known)}."
        )


class DataMissing(GeneralBenchError):
    """The data root, or a task's folder below it, is not there."""


class BadData(GeneralBenchError):
    """A file of the data set is there and cannot be used."""


class BadRecord(BadData):
    """One record is unusable and `gb_strict` is set."""


class BadMedia(BadData):
    """An image, sound, video or 3D file cannot be decoded."""


class BadResults(GeneralBenchError):
    """A results file, table or sample log cannot be used."""


class MissingExtra(GeneralBenchError):
    """An optional package is not installed."""
