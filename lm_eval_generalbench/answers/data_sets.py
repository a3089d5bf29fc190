"""Classes of the data sets that the tasks in space were made from.

ScanNet, SemanticKITTI, ShapeNetPart and nuScenes.
"""

from collections.abc import Mapping


def _by_text(table: Mapping[int, str]) -> dict[str, str]:
    return {str(number): name for number, name in table.items()}


# Single-scan benchmark: raw label -> class (Behley et al. 2019, table of the data set); what is
# not listed is left out, as there. Moving things count with the standing ones.
SEMANTIC_KITTI = _by_text(
    {
        **dict.fromkeys((10, 252), "car"),
        11: "bicycle",
        **dict.fromkeys((13, 16, 20, 256, 257, 259), "other-vehicle"),
        15: "motorcycle",
        **dict.fromkeys((18, 258), "truck"),
        **dict.fromkeys((30, 254), "person"),
        **dict.fromkeys((31, 253), "bicyclist"),
        **dict.fromkeys((32, 255), "motorcyclist"),
        **dict.fromkeys((40, 60), "road"),
        44: "parking",
        48: "sidewalk",
        49: "other-ground",
        50: "building",
        51: "fence",
        70: "vegetation",
        71: "trunk",
        72: "terrain",
        80: "pole",
        81: "traffic-sign",
    }
)
# The 20 classes of the ScanNet benchmark by their NYU40 label; the others are left out, as there.
SCANNET = _by_text(
    dict(
        enumerate(
            "wall floor cabinet bed chair sofa table door window bookshelf picture".split(), 1
        )
    )
    | {
        12: "counter",
        14: "desk",
        16: "curtain",
        24: "refrigerator",
        28: "shower curtain",
        33: "toilet",
        34: "sink",
        36: "bathtub",
        39: "other furniture",
    }
)
SCANNET_THINGS = {number: name for number, name in SCANNET.items() if name not in ("wall", "floor")}
# Parts of each ShapeNetPart category, by its folder: first label of those that count over all
# categories (columns of the "normal" release), number of parts. In the release with .seg files
# every category counts from 1.
SHAPE_PARTS = {
    "02691156": (0, 4),
    "02773838": (4, 2),
    "02954340": (6, 2),
    "02958343": (8, 4),
    "03001627": (12, 4),
    "03261776": (16, 3),
    "03467517": (19, 3),
    "03624134": (22, 2),
    "03636649": (24, 4),
    "03642806": (28, 2),
    "03790512": (30, 6),
    "03797390": (36, 2),
    "03948459": (38, 3),
    "04099429": (41, 3),
    "04225987": (44, 3),
    "04379243": (47, 3),
}
# nuScenes, classes of the detection task; the other categories are no part of it.
NUSCENES = {
    "vehicle.car": "car",
    "vehicle.truck": "truck",
    "vehicle.trailer": "trailer",
    "vehicle.construction": "construction_vehicle",
    **dict.fromkeys(("vehicle.bus.bendy", "vehicle.bus.rigid"), "bus"),
    "vehicle.bicycle": "bicycle",
    "vehicle.motorcycle": "motorcycle",
    **dict.fromkeys(
        [f"human.pedestrian.{x}" for x in "adult child construction_worker police_officer".split()],
        "pedestrian",
    ),
    "movable_object.trafficcone": "traffic_cone",
    "movable_object.barrier": "barrier",
}
NUSCENES_OTHERS = ("vehicle.", "human.", "movable_object.", "static_object.", "animal", "flat.")
