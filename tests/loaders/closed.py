"""The closed set of a data root: the same records without their answers."""

import json
import shutil
from pathlib import Path

from lm_eval_generalbench import catalog
from lm_eval_generalbench.loaders import folders, headers

ANSWERS = ("output", "trajectory")  # fields of a record that the closed set leaves out
MADE = ("gt_dir", "target_image")  # fields of an input that name what is to be made


def close(root: Path, to: Path, emptied: bool = False) -> Path:
    """Copy a data root without the answers of its records.

    Args:
        root: Data root of folders, each with an annotation.
        to: Where to.
        emptied: Leave `"output": {}` in place, as the release scripts do for videos.
    """
    shutil.copytree(root, to, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for id, folder in folders.places(root.resolve()).folders.items():
        path = headers.annotation_file(folder, catalog.task(id))
        assert path is not None
        value = json.loads(path.read_text(encoding="utf-8"))
        for record in value["data"]:
            for name in MADE:
                made = catalog.task(id).paradigm == "generation"
                if made and isinstance(record.get("input"), dict):
                    record["input"].pop(name, None)
            for name in ANSWERS:
                if name in record:
                    del record[name]
                    if emptied and name == "output":
                        record[name] = {}
        value["set_type"] = "closeset"
        copy = to / path.relative_to(root.resolve())
        copy.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return to.resolve()
