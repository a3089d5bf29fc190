"""What a download noted at a data root: where its files came from."""

import json
import re
from pathlib import Path
from typing import Any

RECORD = "generalbench-download.json"


def read(root: Path) -> dict[str, Any]:
    """What `generalbench data download` noted at a data root; {} if it did not."""
    try:
        value = json.loads((root / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(value, dict):
        return {}
    known = value.get("repositories")
    sound = [x for x in known if isinstance(x, dict)] if isinstance(known, list) else []
    removed = value.get("removed")
    return {"repositories": sound, "removed": removed if isinstance(removed, dict) else {}}


def revision(root: Path) -> str:
    """Where a data root was fetched from: `ID@COMMIT`, several parted by blanks; "" if unknown.

    The commit tells data of before and after a correction apart.
    """
    return " ".join(
        f"{'models/' if x.get('type') == 'model' else ''}{x.get('id')}@{x['revision']}"
        for x in read(root).get("repositories", [])
        if re.fullmatch(r"[0-9a-f]{7,64}", str(x.get("revision")))
    )
