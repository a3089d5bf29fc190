"""Tasks that ask for points, surfaces or motions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lm_eval_generalbench.demo.draw import Json, annotate, put, save, save_array
from lm_eval_generalbench.demo.made_images import scene
from lm_eval_generalbench.demo.space import save_cloud, turned

FORMS = {"modality": {"in": ["text"], "out": ["3D"]}, "version": "1.0"}
VASE = [(0.0, -0.5), (0.3, -0.5), (0.4, -0.1), (0.15, 0.3), (0.2, 0.5)]
BOWL = [(0.0, -0.2), (0.25, -0.2), (0.5, 0.2), (0.45, 0.2), (0.0, -0.1)]
CONE = [(0.0, 0.5), (0.45, -0.5), (0.0, -0.5)]
BODIES = {"vase": VASE, "bowl": BOWL, "cone": CONE}  # profiles (radius, height) in the unit cube


def on_surface(profile: Sequence[tuple[float, float]], count: int, seed: int) -> np.ndarray:
    """Points on the body that a profile sweeps around the upright axis, float (count, 3)."""
    rng = np.random.default_rng(seed)
    ends = np.array(profile)
    lengths = np.hypot(*np.diff(ends, axis=0).T) * (ends[1:, 0] + ends[:-1, 0])
    part = rng.choice(len(lengths), count, p=lengths / lengths.sum())
    radius, height = (ends[part] + rng.random((count, 1)) * (ends[part + 1] - ends[part])).T
    angle = rng.uniform(0, 2 * np.pi, count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1).round(3)


def save_body(path: Path, profile: Sequence[tuple[float, float]]) -> None:
    """The swept body with faces, as .obj or .off."""
    points, faces = turned(profile, sides=16)
    rows = [" ".join(map(str, p)) for p in points]
    if path.suffix == ".off":
        rows = [
            "OFF",
            f"{len(points)} {len(faces)} 0",
            *rows,
            *(f"3 {a} {b} {c}" for a, b, c in faces),
        ]
    else:
        rows = [f"v {row}" for row in rows] + [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
    put(path, ("\n".join(rows) + "\n").encode())


def shaped(folder: Path, task: str, records: list[Json]) -> None:
    annotate(folder / "annotation.json", FORMS | {"task": task}, records)


def completion(folder: Path) -> None:
    """The half of a cloud that a scanner saw, and the whole."""
    records = []
    for i, (name, profile) in enumerate(BODIES.items()):
        whole = on_surface(profile, 300, i)
        save_cloud(folder / f"partial/{name}.ply", whole[whole[:, 0] > 0])
        save_cloud(folder / f"gt/{name}.ply", whole)
        given = {"pointcloud_file": f"partial/{name}.ply", "prompt": "Complete the cloud."}
        output = {"pointcloud_file": f"gt/{name}.ply"}
        records.append({"id": name, "input": given, "output": output})
    shaped(folder, "3D Point Cloud Completion", records)


def object_reconstruction(folder: Path) -> None:
    """Scattered points of an object, and its surface."""
    records = []
    for i, (name, ending) in enumerate((("vase", "obj"), ("bowl", "off"))):
        save_cloud(folder / f"pointclouds/{name}.xyz", on_surface(BODIES[name], 250, 10 + i))
        save_body(folder / f"meshes/{name}.{ending}", BODIES[name])
        given = {"pointcloud_file": f"pointclouds/{name}.xyz", "prompt": "Make its surface."}
        output = {"mesh_file": f"meshes/{name}.{ending}"}
        records.append({"id": name, "input": given, "output": output})
    shaped(folder, "Point Cloud to Mesh Object Reconstruction", records)


FOCUS, CENTRE = 60.0, (32.0, 24.0)  # pixels, of the camera of the two tasks below


def wall(number: int) -> np.ndarray:
    """Depth of a room with a step in it, metres, float (48, 64)."""
    depth = np.full((48, 64), 2.5 + 0.5 * number)
    depth[16:40, 20:44] -= 0.8
    return depth


def lifted(depth: np.ndarray, every: int) -> np.ndarray:
    """The points that the pixels of a depth map show, float (rows, columns, 3), in metres."""
    rows, columns = (np.asarray(x)[::every, ::every] for x in np.indices(depth.shape))
    away = depth[::every, ::every]
    x, y = (columns - CENTRE[0]) * away / FOCUS, (rows - CENTRE[1]) * away / FOCUS
    return np.stack([x, y, away], axis=-1).round(3)


def seen(folder: Path, number: int) -> Json:
    """The picture, the depth in millimetres and the camera of a view."""
    save(folder / f"images/view{number}.png", scene(number))
    depth: np.ndarray = (1000 * wall(number)).astype(np.uint16)
    save(folder / f"depths/view{number}.png", Image.fromarray(depth))
    camera = {"fx": FOCUS, "fy": FOCUS, "cx": CENTRE[0], "cy": CENTRE[1]}
    files = {"image_file": f"images/view{number}.png", "depth_file": f"depths/view{number}.png"}
    return files | {"intrinsics": camera, "prompt": "Reconstruct the room in metres."}


def points_of_views(folder: Path) -> None:
    """A picture with depth, and the points that it shows, in metres."""
    records: list[Json] = []
    for i in range(2):
        given = seen(folder, i)
        save_cloud(folder / f"pointclouds/room{i}.ply", lifted(wall(i), 4).reshape(-1, 3))
        output = {"pointcloud_file": f"pointclouds/room{i}.ply"}
        records.append({"id": str(i), "input": given, "output": output})
    shaped(folder, "RGB-D to Point Cloud Reconstruction", records)


def surface_of_views(folder: Path) -> None:
    """A picture with depth, and the surface that it shows."""
    records: list[Json] = []
    for i in range(2):
        given = seen(folder, i)
        grid = lifted(wall(i), 8)
        rows = [f"v {x:g} {y:g} {z:g}" for x, y, z in grid.reshape(-1, 3)]
        height, width = grid.shape[:2]
        for r in range(height - 1):
            for c in range(width - 1):
                a = r * width + c + 1
                rows += [f"f {a} {a + width} {a + 1}", f"f {a + 1} {a + width} {a + width + 1}"]
        put(folder / f"meshes/room{i}.obj", ("\n".join(rows) + "\n").encode())
        records.append({"id": str(i), "input": given, "output": {"mesh_file": f"room{i}.obj"}})
    shaped(folder, "RGB-D to Mesh Reconstruction", records)


def in_words(folder: Path, task: str) -> None:
    """Texts alone."""
    texts = ("a vase with a narrow neck", "a shallow bowl")
    shaped(folder, task, [{"id": str(i), "input": {"prompt": t}} for i, t in enumerate(texts)])


def points_from_text(folder: Path) -> None:
    in_words(folder, "Text to 3D Living and Arts Point Cloud Generation")


def mesh_from_text(folder: Path) -> None:
    in_words(folder, "Text to 3D Living and Arts Mesh Generation")


def from_images(folder: Path, task: str) -> None:
    """Pictures of a thing whose shape is to be made."""
    records = []
    for i in range(2):
        save(folder / f"images/thing{i}.png", scene(i))
        given = {"image_file": f"thing{i}.png", "prompt": "Make this in 3D."}
        records.append({"id": str(i), "input": given})
    shaped(folder, task, records)


def points_from_image(folder: Path) -> None:
    from_images(folder, "Living and Arts Image to 3D Point Cloud Generation")


def mesh_from_image(folder: Path) -> None:
    from_images(folder, "Living and Arts Image to 3D Mesh Generation")


def motions(folder: Path) -> None:
    """Texts, and poses of 251 numbers, 12.5 a second."""
    records = []
    for i, text in enumerate(("a person walks forward", "someone waves", "a man sits down")):
        steps = np.arange(24)[:, None] / 12.5
        pace = 1 + np.random.default_rng(40 + i).random(251)
        save_array(folder / f"motions/{i}.npy", np.sin(pace * steps).astype(np.float16))
        output = {"motion_file": f"motions/{i}.npy"}
        records.append({"id": str(i), "input": {"prompt": text}, "output": output})
    shaped(folder, "Text to 3D Motion Generation", records)
