"""Fetch the data set from the Hugging Face Hub."""

from pathlib import Path

from lm_eval_generalbench.errors import DataMissing
from lm_eval_generalbench.loaders import archives
from lm_eval_generalbench.optional import require

DATA_SETS = {
    "openset": "General-Level/General-Bench-Openset",
    "closeset": "General-Level/General-Bench-Closeset",
    "scoped": "General-Level/General-Bench-Closeset-Scoped",
}


def fetch(split: str, folder: Path, only: list[str]) -> int:
    """Download a split (or the files that globs name) and unpack its archives.

    A download that was interrupted goes on where it stopped.

    Raises:
        DataMissing: The Hub cannot be reached or refuses.
        BadData: An archive cannot be unpacked.
    """
    hub = require("huggingface_hub", "base")
    try:
        hub.snapshot_download(
            DATA_SETS[split], repo_type="dataset", local_dir=folder, allow_patterns=only or None
        )
    except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
        first = str(error).strip().splitlines()[0]
        raise DataMissing(
            f"{DATA_SETS[split]} could not be fetched ({first}). Check the network and "
            "`hf auth login`, then run the command again."
        ) from None
    for archive in sorted(folder.rglob("*.zip")):
        archives.unpack(archive)
    print(f"{DATA_SETS[split]} is in {folder}. Next: generalbench data status --root {folder}")
    return 0
