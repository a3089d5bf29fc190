"""Documents about a point cloud."""

import json

import numpy as np

from lm_eval_generalbench import answers

# A row of ten points along x, one metre apart.
CLOUD = np.stack([np.arange(10.0), np.zeros(10), np.zeros(10)], axis=1)


def row_of_points(tmp_path):
    np.save(tmp_path / "cloud.npy", CLOUD)
    (tmp_path / "out").mkdir()
    return document(tmp_path)


def document(folder, files=("cloud.npy",), options=(), outputs="out", **extra):
    return {
        "gb_task": "D-C-4.1",
        "id": "7",
        "options": json.dumps(list(options)),
        "files": json.dumps([str(folder / name) for name in files]),
        "extra": json.dumps(extra),
        "outputs": str(folder / outputs) if outputs else "",
    }


def of(kind, part):
    return answers.function(getattr(answers.answer(kind), part))


def listed(labels):
    """Labelled points as a list of names."""
    names = [*labels["names"], None]
    return [names[code] for code in labels["codes"]]
