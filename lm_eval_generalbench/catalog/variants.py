"""What a metric of one name means for one task: which distance, in which unit, in which language.

Few tasks have such facts, so they have a table of their own beside tasks.csv. A
change here can move a score: raise the task's `version` with it.
"""

import csv
import functools
from dataclasses import dataclass

from lm_eval_generalbench.catalog import FOLDER


@dataclass(frozen=True)
class Variant:
    """One row of variants.csv; the fields are its columns."""

    id: str = ""  # of the task
    distance: str = ""  # convention of the Chamfer distance, as metrics/shape.py names them
    factor: float = 1.0  # what the task's table multiplies a distance with
    surface: str = ""  # "yes" where the answer has to have faces; points alone are none
    language: str = ""  # of the words that are said, ISO 639-1
    given: str = ""  # kinds of input, blanks between: text, image, video, audio; "" if any may be
    note: str = ""  # what a reader of the value has to know


@functools.cache
def _rows() -> dict[str, Variant]:
    with (FOLDER / "variants.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Variant(**{**row, "factor": float(row["factor"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]
    return {row.id: row for row in rows}


def variants() -> dict[str, Variant]:
    """All rows, by the task's id."""
    return dict(_rows())


def variant(task_id: str) -> Variant:
    """What is special about the task; a row of defaults where nothing is.

    >>> variant("D-G-1.1").factor, variant("A-G-9.2").language, variant("I-G-3.1").factor
    (1000.0, 'zh', 1.0)
    """
    return _rows().get(task_id, Variant(task_id))
