"""Makes segments_golden.json: segments and instances by their data sets' own evaluations.

Needs cityscapesscripts (its version goes into the file) and checkouts of
github.com/cocodataset/panopticapi and github.com/ScanNet/ScanNet. Run it from the root of
this checkout in an environment of its own:

    python -m tests.golden.segments_golden PANOPTICAPI SCANNET
"""

import contextlib
import io
import json
import re
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from tests.metrics import made_up

SEEDS = range(6)


def panoptic(checkout: Path) -> float:
    """PQ by panopticapi."""
    sys.path.insert(0, str(checkout))
    from panopticapi.evaluation import pq_compute_single_core

    names = ["person", "car", "road", "tram", "bus"]  # nobody has a bus
    categories = {i: {"name": name, "isthing": name != "road"} for i, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):

        def annotation(side: str, seed: int, segments: list[dict]) -> dict:
            ids = np.zeros((24, 32), np.uint32)
            info = []
            for number, segment in enumerate(segments, 1):
                ids[segment["mask"]] = number
                info.append(
                    {
                        "id": number,
                        "category_id": names.index(segment["label"]),
                        "iscrowd": int(segment["crowd"]),
                        "area": int(segment["mask"].sum()),
                    }
                )
            colours = np.stack([ids % 256, ids // 256, ids * 0], axis=-1).astype(np.uint8)
            path = Path(folder) / side / f"{seed}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(colours).save(path)
            return {"image_id": seed, "file_name": path.name, "segments_info": info}

        pairs = []
        for seed in SEEDS:
            found, target = made_up.panoptic(seed)
            pairs.append((annotation("true", seed, target), annotation("said", seed, found)))
        stat = pq_compute_single_core(0, pairs, f"{folder}/true", f"{folder}/said", categories)
    result, _ = stat.pq_average(categories, isthing=None)
    return float(result["pq"])


def cityscapes(scenes: list[tuple[list[dict], list[dict]]]) -> float:
    """AP at 50 % by cityscapesscripts."""
    from cityscapesscripts.evaluation import evalInstanceLevelSemanticLabeling as evaluation
    from cityscapesscripts.helpers.labels import name2label

    matches, args = {}, evaluation.args
    args.quiet = True
    args.instLabels = list(made_up.STREET)
    with tempfile.TemporaryDirectory() as folder:
        for scene, (found, target) in enumerate(scenes):
            ids = np.full(target[0]["mask"].shape, name2label["road"].id, np.int32)
            instances: dict[str, list[dict]] = {name: [] for name in made_up.STREET}
            for number, item in enumerate(target):
                if item["label"] == "void":
                    ids[item["mask"]] = name2label["static"].id
                    continue
                label = name2label[item["label"]].id
                # a group has the number of its class; here each gets one below 1000 of its own
                instance = 100 + number if item["crowd"] else 1000 * label + number
                ids[item["mask"]] = instance
                instances[item["label"]].append(
                    {
                        "instID": instance,
                        "labelID": label,
                        "pixelCount": int(item["mask"].sum()),
                        "medDist": -1,
                        "distConf": 0.0,
                    }
                )
            predictions = {}
            for number, item in enumerate(found):
                path = f"{folder}/{scene}_{number}.png"
                Image.fromarray(item["mask"].astype(np.uint8) * 255).save(path)
                label = name2label[item["label"]].id
                predictions[path] = {"labelID": label, "conf": item["score"]}
            true, said = evaluation.assignGt2Preds(instances, ids, predictions, args)
            matches[str(scene)] = {"groundTruth": true, "prediction": said}
        values = evaluation.evaluateMatches(matches, args)
    return float(np.nanmean(values[0, :, 0]))


def scannet(checkout: Path) -> float:
    """AP at 50 % by evaluate_semantic_instance.py, which is Python 2: its functions are cut out."""
    path = checkout / "BenchmarkScripts/3d_evaluation/evaluate_semantic_instance.py"
    source = path.read_text(encoding="utf-8")
    start, end = source.index("def evaluate_matches"), source.index("def compute_averages")
    functions = re.sub(r"np\.(float|bool)\b", r"\1", source[start:end])
    labels = re.search(r"^CLASS_LABELS = (\[.*\])$", source, re.MULTILINE)
    assert labels is not None
    names = json.loads(labels[1].replace("'", '"'))
    least = 100
    space = {
        "np": np,
        "CLASS_LABELS": names,
        "opt": SimpleNamespace(
            overlaps=np.array([0.5]),
            min_region_sizes=np.array([least]),
            distance_threshes=np.array([np.inf]),
            distance_confs=np.array([-np.inf]),
        ),
    }
    exec(functions, space)
    matches = {}
    for seed in SEEDS:
        found, target = made_up.scan(seed)
        true, said = defaultdict(list), defaultdict(list)
        owned = np.zeros(70_000, bool)
        for number, item in enumerate(target):
            owned[item["points"]] = True
            true[item["label"]].append(
                {
                    "instance_id": 1000 * (1 + names.index(item["label"])) + number,
                    "vert_count": len(item["points"]),
                    "med_dist": -1,
                    "dist_conf": 0.0,
                    "matched_pred": [],
                    "points": set(item["points"].tolist()),
                }
            )
        for number, item in enumerate(found):
            if len(item["points"]) < least:  # as assign_instances_for_scan does
                continue
            prediction = {
                "filename": f"{seed}_{number}",
                "vert_count": len(item["points"]),
                "confidence": item["score"],
                "void_intersection": int((~owned[item["points"]]).sum()),
                "matched_gt": [],
            }
            for instance in true[item["label"]]:
                shared = len(instance["points"].intersection(item["points"].tolist()))
                if shared:
                    own = {k: v for k, v in instance.items() if k not in ("points", "matched_pred")}
                    prediction["matched_gt"].append(own | {"intersection": shared})
                    instance["matched_pred"].append(prediction | {"intersection": shared})
            said[item["label"]].append(prediction)
        matches[seed] = {
            "gt": {name: true[name] for name in names},
            "pred": {name: said[name] for name in names},
        }
    return float(np.nanmean(space["evaluate_matches"](matches)))


def main() -> None:
    panopticapi, scans = map(Path, sys.argv[1:])
    large = made_up.street(0, (1024, 2048), step=300, small=True)
    made = {
        "versions": {"cityscapesscripts": version("cityscapesscripts")},
        "pq": panoptic(panopticapi),
        "cityscapes_ap50": cityscapes([made_up.street(seed) for seed in SEEDS]),
        "cityscapes_ap50 of a whole frame": cityscapes([large]),
        "instance_ap50": scannet(scans),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
