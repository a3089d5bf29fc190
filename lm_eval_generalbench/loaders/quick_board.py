"""The quick board's data: annotations of its tasks, in a folder of the scoped data set."""

from pathlib import Path

from lm_eval_generalbench.catalog import canonical
from lm_eval_generalbench.loaders import folders

LENDER = (
    "The quick board's annotations come without media: name the closed set that lends them "
    "(`--metadata gb_media=ROOT` of a run, `--media ROOT` of `generalbench data`)."
)
NAMES = ("saquick", "aquick", "quick")  # of the folder, by letters


def is_quick(root: Path) -> bool:
    """Whether a data root is the quick board's, by its name."""
    return canonical(root.name) in NAMES


def task_ids(root: Path) -> list[str]:
    """Ids of the tasks that a data root holds.

    Raises:
        DataMissing: It is no data root.
        BadData: generalbench.csv cannot be read.
    """
    return sorted(folders.places(root).folders)
