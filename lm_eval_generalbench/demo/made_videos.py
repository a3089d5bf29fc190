"""Tasks that ask for a video: prompts alone, pictures that should move, films that should be mended."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.demo.draw import GRASS, SKY, WHITE, Json, annotate, save
from lm_eval_generalbench.demo.made_images import face, mosaic, scene
from lm_eval_generalbench.demo.videos import (
    BALL_FLIES,
    BOX_SLIDES,
    HAT_FALLS,
    SUN_GROWS,
    film,
    save_film,
    save_frames,
)

FILMS = {"modality": {"in": ["text"], "out": ["video"]}, "version": "1.0"}
MENDS = FILMS | {"modality": {"in": ["video"], "out": ["video"]}}


def filmed(folder: Path, task: str, records: list[Json], header: Json = FILMS) -> None:
    annotate(folder / "annotation.json", header | {"task": task}, records)


def prompted(folder: Path, task: str, *prompts: str) -> None:
    """Records of text to video: a prompt, and nothing to compare with."""
    records = [{"id": str(i), "input": {"prompt": text}} for i, text in enumerate(prompts)]
    filmed(folder, task, records)


def subject_consistency(folder: Path) -> None:
    prompted(folder, "Subject Consistency T2V", "a red ball rolls", "a cat that walks over a roof")


def static_scenes(folder: Path) -> None:
    prompted(folder, "Static T2V", "a still lake in the evening", "a closed door", "a lamp, static")


def coloured_things(folder: Path) -> None:
    prompted(folder, "Color T2V", "a red car", "A yellow bird.")


def actions(folder: Path) -> None:
    prompted(folder, "Action T2V", "A person is riding a bike.", "A person is juggling balls.")


def stylized(folder: Path) -> None:
    """A picture that shows the style."""
    records = []
    for i, text in enumerate(("a boat on a river", "a house in the rain")):
        save(folder / f"styles/{i}.png", mosaic(scene(i)))
        records.append({"id": str(i), "input": {"prompt": text, "image": f"styles/{i}.png"}})
    filmed(folder, "Stylized Video Generation-Single Reference", records)


def terrestrial_animals(folder: Path) -> None:
    """Prompts beside recordings; the distance is that of all of them together."""
    records = []
    for i, (text, thing) in enumerate((("A fox runs.", BALL_FLIES), ("A hen turns.", BOX_SLIDES))):
        save_film(folder / f"videos/{i}.mp4", film(thing, ground=GRASS))
        records.append({"id": str(i), "input": {"prompt": text}, "output": {"video": f"{i}.mp4"}})
    filmed(folder, "Terrestrial Animal T2V", records)


def plants(folder: Path) -> None:
    """The picture from which the video starts lies beside the annotation."""
    records = []
    for i, text in enumerate(("grass moves in the wind", "a tree in the park sways")):
        save(folder / f"plant {i}.jpg", scene(2 * i + 1))
        records.append({"id": str(i), "input": {"prompt": text, "image": f"plant {i}.jpg"}})
    filmed(folder, "Plant I2V", records)


def grainy(frames: Sequence[Image.Image], seed: int) -> list[Image.Image]:
    """The frames with the grain of a camera in the dark."""
    rng = np.random.default_rng(seed)
    values = [
        np.asarray(frame, float) + rng.normal(0, 20, (*frame.size[::-1], 3)) for frame in frames
    ]
    return [Image.fromarray(v.clip(0, 255).round().astype(np.uint8)) for v in values]


def video_denoising(folder: Path) -> None:
    """Folders of frames, as the published script names them: both of them inputs."""
    records: list[Json] = []
    for i, thing in enumerate((BALL_FLIES, HAT_FALLS, SUN_GROWS)):
        clean = film(thing, ground=SKY)[:4]
        save_frames(folder / f"noisy/v{i}", grainy(clean, i), "{:05}.png")
        save_frames(folder / f"gt/v{i}", clean, "{:05}.png")
        given = {"pred_dir": f"noisy/v{i}", "gt_dir": f"gt/v{i}"}
        records.append({"id": str(i), "input": given, "output": {}})
    filmed(folder, "Video Denoising", records, MENDS | {"type": "VideoRestoration"})


def superresolution(folder: Path) -> None:
    """Small frames to be made large; nothing to compare with."""
    records: list[Json] = []
    for i, thing in enumerate((BALL_FLIES, BOX_SLIDES)):
        small = [frame.resize((32, 24)) for frame in film(thing)[:3]]
        save_frames(folder / f"low/v{i}", small, "{:03}.jpg")
        records.append({"id": str(i), "input": {"pred_dir": f"low/v{i}"}, "output": {}})
    header = MENDS | {"type": "VideoSuperResolution"}
    filmed(folder, "Road Scene Video Superresolution", records, header)


def animal_inpainting(folder: Path) -> None:
    """Video files: with a hole, and whole."""
    records = []
    for i, thing in enumerate((BALL_FLIES, BOX_SLIDES)):
        whole = film(thing, ground=GRASS)
        holed = [frame.copy() for frame in whole]
        for frame in holed:
            frame.paste(WHITE, (20, 10, 40, 30))
        save_film(folder / f"videos/holed_{i}.mp4", holed)
        save_film(folder / f"gt/whole_{i}.mp4", whole)
        given = {"video_file": f"videos/holed_{i}.mp4", "prompt": "Fill the white square."}
        output: Any = {"video_file": f"gt/whole_{i}.mp4"}
        records.append({"id": str(i), "input": given, "output": output})
    filmed(folder, "Video Animal Inpainting", records, MENDS)


def translation(folder: Path) -> None:
    """What is shown, what should be, and where the published script expects the frames."""
    records = []
    for i, (source, target) in enumerate((("a red ball", "a moon"), ("a blue box", "a parcel"))):
        save_film(folder / f"videos/{i}.mp4", film((BALL_FLIES, BOX_SLIDES)[i]))
        given = {"source_prompt": source, "target_prompt": target, "video": f"videos/{i}.mp4"}
        records.append({"id": str(i), "input": given, "output": {"frame_dir": f"frames/{i}"}})
    filmed(folder, "Video Translation", records, MENDS | {"type": "VideoTranslation"})


def portraits(folder: Path) -> None:
    """People say which of two styles they like better."""
    records = []
    for i, style in enumerate(("comic", "oil painting")):
        turned = [face(i).rotate(4 * n, fillcolor=SKY) for n in range(4)]
        save_film(folder / f"videos/portrait{i}.mp4", turned)
        given = {"video_file": f"portrait{i}.mp4", "prompt": f"Show this portrait as {style}."}
        records.append({"id": str(i), "input": given})
    filmed(folder, "Portrait Video Style Transfer", records, MENDS)
