"""3D tasks: meshes, points in blocks, scans along a road."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.demo.draw import (
    Json,
    annotate,
    put,
    save_array,
)

SPACE = {"modality": {"in": ["3D", "text"], "out": ["text"]}, "version": "1.0"}


Place = tuple[Sequence[float], Sequence[float]]  # opposite corners of an upright box


def block(place: Place, count: int, seed: int) -> np.ndarray:
    """Points inside an upright box, in millimetres' precision."""
    rng = np.random.default_rng(seed)
    return rng.uniform(*place, (count, 3)).round(3)


def save_cloud(path: Path, points: np.ndarray, *values: np.ndarray) -> None:
    """Write points as .ply with text, as .bin of x, y, z and reflectance, or as rows of text."""
    if path.suffix == ".bin":
        reflectance = np.full((len(points), 1), 0.5)
        put(path, np.hstack([points, reflectance]).astype("<f4").tobytes())
        return
    rows = [" ".join(f"{x:g}" for x in row) for row in np.hstack([points, *values])]
    if path.suffix == ".ply":
        names = [f"property float {axis}" for axis in "xyz"]
        lines = ["ply", "format ascii 1.0", f"element vertex {len(points)}", *names, "end_header"]
        rows = lines + rows
    put(path, ("\n".join(rows) + "\n").encode())


def turned(profile: Sequence[tuple[float, float]], sides: int = 12) -> tuple[list, list]:
    """Corners and triangles of the body that a profile of (radius, height) sweeps."""
    angles = np.arange(sides) * 2 * np.pi / sides
    corners_ = [
        (round(r * np.cos(a), 3), round(r * np.sin(a), 3), z) for r, z in profile for a in angles
    ]
    faces = []
    for ring in range(len(profile) - 1):
        for k in range(sides):
            a, b = ring * sides + k, ring * sides + (k + 1) % sides
            faces += [(a, b, b + sides), (a, b + sides, a + sides)]
    return corners_, faces


def tableware(folder: Path) -> None:
    """Meshes as .off and .obj, and a point cloud."""
    bodies: dict[str, tuple[str, list[tuple[float, float]]]] = {
        "cup_01.off": ("cup", [(0.1, 0), (0.3, 0), (0.35, 0.7), (0.32, 0.7), (0.28, 0.1)]),
        "plate_01.obj": ("plate", [(0.1, 0), (0.5, 0), (0.9, 0.12)]),
        "bottle_01.ply": ("bottle", [(0.25, 0), (0.25, 0.8), (0.08, 1.0), (0.08, 1.3)]),
        "cup_02.obj": ("cup", [(0.2, 0), (0.25, 0.1), (0.4, 0.5)]),
    }
    records = []
    for name, (label, profile) in bodies.items():
        points, faces = turned(profile)
        rows = [" ".join(map(str, p)) for p in points]
        if name.endswith(".off"):
            rows = ["OFF", f"{len(points)} {len(faces)} 0", *rows]
            rows += [f"3 {a} {b} {c}" for a, b, c in faces]
        elif name.endswith(".obj"):
            rows = [f"v {row}" for row in rows]
            rows += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
        if name.endswith(".ply"):
            save_cloud(folder / "pointclouds" / name, np.array(points))
        else:
            put(folder / "pointclouds" / name, ("\n".join(rows) + "\n").encode())
        given = {"pointcloud_file": name, "prompt": "What kind of tableware is this?"}
        records.append({"id": name.split(".")[0], "input": given, "output": {"text": label}})
    annotate(folder / "annotation.json", SPACE | {"task": "3D Tableware Classification"}, records)


def asked_of_cloud(key: str, file: Any, prompt: str, output: Any) -> Json:
    return {"id": key, "input": {"pointcloud_file": file, "prompt": prompt}, "output": output}


FRIDGE: Place = ((0, 0, 0), (0.7, 0.7, 1.8))
OVEN: Place = ((1, 0, 0), (1.6, 0.6, 0.9))
FLOOR: Place = ((-1, -1, -0.05), (3, 3, 0))


def appliances(folder: Path) -> None:
    """A class number for every point, as text and as an array; the header names the classes."""
    records = []
    for i, counts in enumerate(((60, 90, 50), (80, 120, 0), (70, 0, 90))):
        places = (FLOOR, FRIDGE, OVEN)
        parts = [
            block(place, n, 10 * i + k)
            for k, (place, n) in enumerate(zip(places, counts, strict=True))
        ]
        labels = np.repeat([0, 1, 2], counts)
        save_cloud(folder / "pointclouds" / f"kitchen{i}.ply", np.vstack(parts))
        name = f"labels/kitchen{i}.{'npy' if i == 1 else 'txt'}"
        if i == 1:
            save_array(folder / name, labels.astype(np.uint8))
        else:
            put(folder / name, "".join(f"{x}\n" for x in labels).encode())
        prompt = "Label every point."
        output = {"labels": name}
        records.append(asked_of_cloud(f"k{i}", f"pointclouds/kitchen{i}.ply", prompt, output))
    names = {"0": "floor", "1": "refrigerator", "2": "oven"}
    header = SPACE | {"task": "3D Indoor Appliance Semantic Segmentation", "labels": names}
    annotate(folder / "annotation.json", header, records)


def aircraft_parts(folder: Path) -> None:
    """ShapeNetPart: .pts and .seg files, parts counted from 1; a shape that lacks one part."""
    body, wing = ((-1, -0.1, -0.1), (1, 0.1, 0.1)), ((-0.2, -1, -0.02), (0.2, 1, 0.02))
    tail, engine = ((-1, -0.02, 0.1), (-0.8, 0.02, 0.4)), ((0, 0.4, -0.2), (0.3, 0.5, -0.1))
    records = []
    for i, counts in enumerate(((80, 60, 20, 20), (90, 70, 30, 0))):
        places = zip((body, wing, tail, engine), counts, strict=True)
        parts = [block(place, n, 40 + 10 * i + k) for k, (place, n) in enumerate(places)]
        key = f"plane{i}"
        save_cloud(folder / "02691156" / "points" / f"{key}.pts", np.vstack(parts))
        labels = np.repeat([1, 2, 3, 4], counts)
        put(
            folder / "02691156" / "points_label" / f"{key}.seg",
            "".join(f"{x}\n" for x in labels).encode(),
        )
        output = {"labels": f"02691156/points_label/{key}.seg"}
        prompt = "Which part is every point of: 1 body, 2 wing, 3 tail or 4 engine?"
        records.append(asked_of_cloud(key, f"02691156/points/{key}.pts", prompt, output))
    annotate(
        folder / "annotation.json", SPACE | {"task": "3D Aircrafts Part Segmentation"}, records
    )


def indoor_instances(folder: Path) -> None:
    """The points of every instance, as numbers of points."""
    rooms: list[list[tuple[str, Any, int]]] = [
        [("chair", ((0, 0, 0), (0.5, 0.5, 1)), 40), ("table", ((1, 0, 0), (2, 1, 0.8)), 60)],
        [("chair", ((0, 0, 0), (0.5, 0.5, 1)), 30), ("chair", ((2, 2, 0), (2.5, 2.5, 1)), 50)],
    ]
    records = []
    for i, things in enumerate(rooms):
        parts = [block(place, n, 70 + 10 * i + k) for k, (_, place, n) in enumerate(things)]
        parts.append(block(FLOOR, 40, 79 + 10 * i))
        save_cloud(folder / "pointclouds" / f"room{i}.ply", np.vstack(parts))
        first, instances = 0, []
        for label, _, n in things:
            instances.append({"label": label, "points": list(range(first, first + n))})
            first += n
        output = {"instances": instances}
        prompt = "Find every chair and table."
        records.append(asked_of_cloud(f"room{i}", f"pointclouds/room{i}.ply", prompt, output))
    annotate(
        folder / "annotation.json", SPACE | {"task": "3D Indoor Instance Segmentation"}, records
    )


def odometry(folder: Path) -> None:
    """KITTI: a folder of scans and a file with the pose of each."""
    records = []
    for number, bend in (("00", 0.0), ("01", 0.08)):
        poses, place, turn = [], np.zeros(3), 0.0
        for i in range(12):
            c, s = np.cos(turn), np.sin(turn)
            pose = np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0]])
            pose[:, 3] = place
            poses.append(pose.ravel())
            world = block(((-8, -1, 2), (8, 1, 30)), 24, 90)
            seen_from = (world - place) @ pose[:, :3]
            save_cloud(folder / "sequences" / number / "velodyne" / f"{i:06}.bin", seen_from)
            place = place + pose[:, :3] @ [0, 0, 1.5]
            turn += bend
        rows = [" ".join(f"{x:.6e}" for x in pose) for pose in poses]
        put(folder / "poses" / f"{number}.txt", ("\n".join(rows) + "\n").encode())
        given = {"scan_folder": f"sequences/{number}/velodyne"}
        given["prompt"] = "Estimate the way of the vehicle."
        output = {"poses": f"poses/{number}.txt"}
        records.append({"id": number, "input": given, "output": output})
    annotate(folder / "annotation.json", SPACE | {"task": "3D Odometry"}, records)


def tracking(folder: Path) -> None:
    """Boxes for each frame, ours and as nuScenes writes them."""
    records = []
    for number in (0, 1):
        names, frames = [], []
        for t in range(4):
            cars = [("a", "car", 5 + 1.5 * t, 2.0), ("b", "pedestrian", 3.0, -4 + 0.5 * t)]
            cars = cars[: 2 - (t == 3)]
            points = [block(((x - 1, y - 1, 0), (x + 1, y + 1, 1.5)), 20, t) for *_, x, y in cars]
            name = f"sweeps/{number}_{t}.bin"
            save_cloud(folder / name, np.vstack(points))
            names.append(name)
            frames.append(
                [
                    {"id": key, "label": label, "box": [x, y, 0.8, 4, 1.8, 1.6, 0.1 * number]}
                    if number == 0
                    else {
                        "instance_token": key,
                        "tracking_name": label,
                        "translation": [x, y, 0.8],
                        "size": [1.8, 4, 1.6],
                        "rotation": [1, 0, 0, 0],
                    }
                    for key, label, x, y in cars
                ]
            )
        prompt = "Follow every car and pedestrian."
        records.append(asked_of_cloud(f"scene{number}", names, prompt, {"frames": frames}))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Tracking"}, records)


def normals(folder: Path) -> None:
    """A vector for every point, as text and as an array."""
    records = []
    for i in range(2):
        around = np.random.default_rng(i).normal(size=(120, 3))
        vectors = around / np.linalg.norm(around, axis=1, keepdims=True)
        if i == 1:
            vectors[:, :2] = 0  # a plane
            vectors[:, 2] = 1
        points = (vectors if i == 0 else around * [1, 1, 0]).round(3)
        save_cloud(folder / "pointclouds" / f"shape{i}.xyz", points)
        if i == 0:
            name = "normals/shape0.txt"
            put(
                folder / name, "".join(f"{x:.4f} {y:.4f} {z:.4f}\n" for x, y, z in vectors).encode()
            )
        else:
            name = "normals/shape1.npy"
            save_array(folder / name, vectors.astype(np.float32))
        output = {"normals": name}
        prompt = "Estimate the normal at every point."
        records.append(asked_of_cloud(f"shape{i}", f"pointclouds/shape{i}.xyz", prompt, output))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Normal Estimation"}, records)


def detection_3d(folder: Path) -> None:
    """Boxes in the record, and a file of KITTI labels."""
    records = []
    for i, things in enumerate(
        (
            [("Car", 10.0, 2.0), ("Pedestrian", 6.0, -3.0)],
            [("Car", 8.0, -1.0), ("Car", 20.0, 4.0)],
            [("Cyclist", 12.0, 0.0)],
        )
    ):
        points = [
            block(((x - 2, y - 1, -1.7), (x + 2, y + 1, -0.2)), 30, 5 + i) for _, x, y in things
        ]
        save_cloud(folder / "velodyne" / f"{i:06}.bin", np.vstack(points))
        output: Json = {
            "boxes": [{"label": n, "box": [x, y, -0.9, 4.0, 1.7, 1.5, 0.0]} for n, x, y in things]
        }
        if i == 1:
            lines = [
                f"{n} 0.00 0 0.00 0 0 50 50 1.50 1.70 4.00 {-y:.2f} 1.65 {x:.2f} -1.57"
                for n, x, y in things
            ]
            put(folder / "label_2" / f"{i:06}.txt", ("\n".join(lines) + "\n").encode())
            output = {"answer": f"label_2/{i:06}.txt"}
        prompt = "Find every car, cyclist and pedestrian."
        records.append(asked_of_cloud(f"{i:06}", f"velodyne/{i:06}.bin", prompt, output))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Detection"}, records)


def scene_questions(
    folder: Path, task: str, questions: Sequence[tuple[str, str, Any, Sequence[tuple[str, Any]]]]
) -> None:
    """Questions about rooms made of blocks."""
    records = []
    for i, (prompt, question, text, things) in enumerate(questions):
        parts = [block(place, 50, 30 + k) for k, (_, place) in enumerate(things)]
        save_cloud(folder / "pointclouds" / f"scene{i:04}.ply", np.vstack(parts))
        given = {"pointcloud_file": f"scene{i:04}.ply", "prompt": prompt, "question": question}
        records.append({"id": f"q{i}", "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", SPACE | {"task": task}, records)


TABLE: Place = ((0, 0, 0.7), (1.2, 0.8, 0.8))
CHAIR: Place = ((1.6, 0, 0), (2, 0.4, 1))
LAMP: Place = ((3, 0, 0), (3.2, 0.2, 1.7))


def spatial_questions(folder: Path) -> None:
    """Answers long enough for four words in a row."""
    ask = "Answer the question about the room."
    things = [("table", TABLE), ("chair", CHAIR), ("lamp", LAMP)]
    scene_questions(
        folder,
        "3D Spatial Scene Question Answering",
        (
            (
                ask,
                "Where is the chair?",
                ["between the table and the lamp", "right next to the long table"],
                things,
            ),
            (ask, "What stands beside the chair?", ["a tall lamp on the floor"], things[1:]),
            (ask, "How many legs of the table can be seen?", ["none of its four legs"], things[:1]),
        ),
    )


def situated_questions(folder: Path) -> None:
    """The situation stands in the prompt."""
    here = "I stand with the table in front of me and the lamp behind me."
    things = [("table", TABLE), ("chair", CHAIR), ("lamp", LAMP)]
    scene_questions(
        folder,
        '3D Situated Question Answering on "What"',
        (
            (here, "What is behind me?", "lamp", things),
            (here, "What is in front of me?", ["table", "long table"], things[:2]),
            ("I sit on the chair and face the lamp.", "What do I sit on?", "chair", things[1:]),
        ),
    )
