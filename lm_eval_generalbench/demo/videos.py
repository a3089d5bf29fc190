"""Video tasks: shapes that move, as frames and as files."""

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lm_eval_generalbench.demo.draw import (
    COLOURS,
    GRASS,
    SHAPES,
    SKY,
    WHITE,
    Box,
    Json,
    annotate,
    mask_of,
    picture,
    put,
    save,
    save_array,
    shapes,
)
from lm_eval_generalbench.media.masks import encode_rle

WATCHES = {"modality": {"in": ["video", "text"], "out": ["text"]}, "version": "1.0"}
VIDEO = (64, 48)  # size of all of them
Thing = tuple[str, str, Sequence[Box | None]]  # shape, colour, box in each frame


def way(first: Box, last: Box, frames: int) -> list[Box | None]:
    """Boxes from the first to the last, evenly, in whole pixels."""
    steps = np.linspace(first, last, frames).round().astype(int).tolist()
    return [(x, y, w, h) for x, y, w, h in steps]


def film(*things: Thing, ground: tuple[int, ...] = WHITE) -> list[Image.Image]:
    """The frames of a video in which shapes move."""
    frames = []
    for i in range(len(things[0][2])):
        image, pen = picture(VIDEO, ground)
        for shape, colour, boxes in things:
            if boxes[i]:
                SHAPES[shape](pen, boxes[i], COLOURS[colour])
        frames.append(image)
    return frames


def save_frames(folder: Path, frames: Sequence[Image.Image], name: str) -> list[str]:
    """Write frames under names made by `name`, such as "{:04}.jpg"; give the names."""
    names = [name.format(i) for i in range(len(frames))]
    for file, frame in zip(names, frames, strict=True):
        save(folder / file, frame)
    return names


def save_film(path: Path, frames: Sequence[Image.Image]) -> None:
    """Write an MPEG-4 video of 8 frames a second."""
    import av

    buffer = io.BytesIO()
    exact = {"fflags": "+bitexact"}  # no dates and no names of programs
    with av.open(buffer, "w", format="mp4", options=exact) as container:
        stream = container.add_stream("mpeg4", rate=8, options={"flags": "+bitexact"})
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 200_000
        for image in frames:
            for packet in stream.encode(av.VideoFrame.from_image(image)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    put(path, buffer.getvalue())


BALL_FLIES: Thing = ("circle", "red", way((4, 30, 10, 10), (48, 6, 10, 10), 6))
BOX_SLIDES: Thing = ("square", "blue", way((44, 20, 14, 14), (4, 20, 14, 14), 6))
HAT_FALLS: Thing = ("triangle", "green", way((26, 0, 12, 10), (26, 36, 12, 10), 6))
SUN_GROWS: Thing = ("circle", "yellow", way((28, 20, 6, 6), (14, 6, 36, 36), 6))


def watched(
    folder: Path, header: Json, questions: Sequence[tuple[str, str, Any, Sequence[Thing]]]
) -> None:
    """Frames as files below videos/, listed in each record without that folder."""
    records = []
    for name, prompt, text, things in questions:
        files = save_frames(folder / "videos" / name, film(*things), "{:05}.jpg")
        given = {"video_file_list": [f"{name}/{file}" for file in files], "prompt": prompt}
        records.append({"id": name, "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", WATCHES | header, records)


def sports_captioning(folder: Path) -> None:
    """One caption a video; the header spells the task as the folder does."""
    ask = "Describe the video in one sentence."
    watched(
        folder,
        {"task": "SportsAndExcerciseVideoCaptioning"},
        (
            ("ball_01", ask, "A red ball flies up from the left to the right.", [BALL_FLIES]),
            ("hat_02", ask, "A green hat falls to the ground.", [HAT_FALLS]),
            ("sun_03", ask, "A yellow sun grows until it nearly fills the view.", [SUN_GROWS]),
        ),
    )


def object_color(folder: Path) -> None:
    """One answer, or several that are accepted."""
    watched(
        folder,
        {"task": "ObjectColorVideoQuestionAnswering"},
        (
            ("v1", "What colour is the thing that flies?", "red", [BALL_FLIES]),
            ("v2", "What colour is the sliding box?", ["blue", "dark blue"], [BOX_SLIDES]),
            ("v3", "What colour is the thing that falls?", "green", [HAT_FALLS, SUN_GROWS]),
        ),
    )


def action_ordering(folder: Path) -> None:
    """Numbers joined by arrows."""
    hidden: list[Box | None] = [None] * 3
    early = ("circle", "red", [*BALL_FLIES[2][:3], *hidden])
    late = ("square", "blue", [*hidden, *BOX_SLIDES[2][3:]])
    first = ("square", "blue", [*BOX_SLIDES[2][:3], *hidden])
    last = ("triangle", "green", [*hidden, *HAT_FALLS[2][3:]])
    watched(
        folder,
        {"task": "VideoActionOrdering"},
        (
            ("o1", "Order: 1. a box slides 2. a ball flies", "2->1", [early, late]),
            ("o2", "Order: 1. a box slides 2. a hat falls", "1->2", [first, last]),
            (
                "o3",
                "Order: 1. nothing is left 2. a ball flies 3. a box slides",
                "2->3->1",
                [
                    ("circle", "red", [*BALL_FLIES[2][:2], *hidden, None]),
                    ("square", "blue", [None, None, *BOX_SLIDES[2][2:4], None, None]),
                ],
            ),
        ),
    )


def color_match(folder: Path) -> None:
    """A folder of frames, written as it was where the annotation was made; short task name."""
    ask = "Which number has the thing of the same colour as in the first frame: 1 left, 2 right?"
    left, right = (6, 16, 14, 14), (42, 16, 14, 14)
    records = []
    for i, (target, other, answer) in enumerate(
        (("red", "blue", "1"), ("green", "yellow", "2"), ("blue", "green", "2"))
    ):
        places = (left, right) if answer == "1" else (right, left)
        frames = film(("circle", target, [(25, 16, 14, 14)]))
        frames += film(("square", target, [places[0]]), ("square", other, [places[1]]))
        save_frames(folder / "videos" / f"match{i}", frames, "{:02}.png")
        given = {"video_folder": f"General-Bench/video/ColorMatch/videos/match{i}", "prompt": ask}
        records.append({"id": f"{i}", "input": given, "output": {"answer": answer}})
    header = WATCHES | {"task": "ColorMatch", "type": "ColorMatch"}
    annotate(folder / "ColorMatch.json", header, records)


def rles(thing: Thing) -> dict[str, Json]:
    """What VOS annotations give: mask id -> {"mask": run lengths}, one for each frame."""
    shape, _, boxes = thing
    masks = [mask_of(VIDEO, (shape, b)) if b else mask_of(VIDEO) for b in boxes]
    return {str(i + 1): {"mask": encode_rle(mask)} for i, mask in enumerate(masks)}


def animal_vos(folder: Path) -> None:
    """No prompt at all; frames as JPEG; a thing that leaves the picture."""
    leaves: Thing = ("triangle", "green", [*HAT_FALLS[2][:4], None, None])
    records = []
    for name, thing in (("hen", BALL_FLIES), ("goat", BOX_SLIDES), ("fox", leaves)):
        save_frames(folder / "videos" / name, film(thing, ground=SKY), "{:05}.jpg")
        given = {"video_folder": f"videos/{name}"}
        records.append({"id": name, "input": given, "output": rles(thing)})
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalVOS"}, records)


def animal_rvos(folder: Path) -> None:
    """The thing is named by the prompt; frames as PNG."""
    save_frames(folder / "videos" / "farm", film(BALL_FLIES, BOX_SLIDES), "{}.png")
    records = [
        {
            "id": f"farm_{i}",
            "input": {"video_folder": "videos/farm", "prompt": prompt},
            "output": rles(thing),
        }
        for i, (prompt, thing) in enumerate(
            (("the round one", BALL_FLIES), ("the one that goes to the left", BOX_SLIDES))
        )
    ]
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalRVOS"}, records)


def ball_track(folder: Path) -> None:
    """One box a frame; zeros where the ball is hidden."""
    hidden: Thing = ("circle", "blue", [*way((6, 20, 8, 8), (46, 20, 8, 8), 6)])
    hidden[2][3] = None  # type: ignore[index]
    records = []
    for name, thing in (("fly", BALL_FLIES), ("hide", hidden), ("grow", SUN_GROWS)):
        save_frames(folder / "videos" / name, film(thing), "img{:04}.jpg")
        boxes = [list(box) if box else [0, 0, 0, 0] for box in thing[2]]
        given = {"video_folder": f"videos/{name}", "prompt": "Follow the ball."}
        records.append({"id": name, "input": given, "output": {"answer": boxes}})
    header = WATCHES | {"task": "BallTrack", "type": "BallTrack"}
    annotate(folder / "BallTrack.json", header, records)


def static_action_det(folder: Path) -> None:
    """Flat records without input, output and id; frames from 1; two records of one video."""
    records = []
    for name, things in (("swing", (BALL_FLIES, BOX_SLIDES)), ("drop", (HAT_FALLS,))):
        doubled = [(s, c, [b for b in boxes for _ in (0, 1)]) for s, c, boxes in things]
        save_film(folder / "videos" / f"{name}.mp4", film(*doubled))
        for shape, colour, boxes in doubled:
            start, end = 3, 11
            records.append(
                {
                    "original_video_id": name,
                    "video_path": f"{name}.mp4",
                    "frame_count": len(boxes),
                    "caption": f"a {colour} {shape} moves",
                    "tube_start_frame": start,
                    "tube_end_frame": end,
                    "trajectory": [list(b or ()) for b in boxes[start - 1 : end - 1]],
                }
            )
    annotate(folder / "annotation.json", WATCHES | {"task": "StaticActionDet"}, records)


def animal_vg(folder: Path) -> None:
    """Flat records; frames from 0; boxes by frame, more of them than the tube has."""
    records = []
    for name, thing, caption in (
        ("heron", BALL_FLIES, "the red one flies up"),
        ("crab", BOX_SLIDES, "the blue one slides to the left"),
        ("leaf", HAT_FALLS, "the green one falls down"),
    ):
        boxes = [b for b in thing[2] for _ in (0, 1)]
        save_film(folder / "videos" / f"{name}.mp4", film((*thing[:2], boxes), ground=SKY))
        records.append(
            {
                "original_video_id": name,
                "video_path": f"{name}.mp4",
                "frame_count": len(boxes),
                "caption": caption,
                "tube_start_frame": 2,
                "tube_end_frame": 10,
                "trajectory": {str(i): {"bbox": list(b or ())} for i, b in enumerate(boxes)},
            }
        )
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalVG"}, records)


def static_vde(folder: Path) -> None:
    """Input and output are plain names; disparity as (frames, 1, height, width)."""
    records = []
    for name, thing in (("hall", BALL_FLIES), ("attic", BOX_SLIDES), ("shed", SUN_GROWS)):
        save_film(folder / "video" / f"{name}.mp4", film(thing))
        rows = np.linspace(1, 3, VIDEO[1], dtype=np.float32).round(1)
        disparity = np.tile(rows[:, None], (len(thing[2]), 1, 1, VIDEO[0]))
        for i, box in enumerate(thing[2]):
            if box:
                disparity[i, 0][mask_of(VIDEO, (thing[0], box))] = 6
        save_array(folder / "depth" / f"{name}.npz", disparity, "disparity")
        records.append({"id": name, "input": f"{name}.mp4", "output": f"{name}.npz"})
    annotate(folder / "annotation.json", WATCHES | {"task": "StaticVDE"}, records)


def synthetic_flow(folder: Path) -> None:
    """Middlebury .flo, and a KITTI PNG in which some pixels are not known."""
    size = (40, 32)
    records = []
    for i, (u, v) in enumerate(((3, 0), (-2, 2), (0, -4))):
        box = (14, 12, 10, 10)
        flow = np.zeros((*size[::-1], 2), np.float32)
        flow[mask_of(size, ("square", box))] = u, v
        frames = [shapes(size, ("square", "red", (14 + k * u, 12 + k * v, 10, 10))) for k in (0, 1)]
        save_frames(folder / "videos" / f"pair{i}", frames, "frame_{:04}.png")
        if i == 2:
            name, data = f"flow/pair{i}.png", kitti_flow(flow)
        else:
            name = f"flow/pair{i}.flo"
            data = struct.pack("<fii", 202021.25, *size) + flow.astype("<f4").tobytes()
        put(folder / name, data)
        given = {"video_folder": f"videos/pair{i}", "prompt": "Estimate the flow."}
        records.append({"id": f"pair{i}", "input": given, "output": {"flow": name}})
    name = "SyntheticSceneFlowEstimate"
    annotate(folder / f"{name}.json", WATCHES | {"task": name, "type": name}, records)


def kitti_flow(flow: np.ndarray) -> bytes:
    """A 16-bit RGB PNG, which Pillow cannot write: u and v times 64 plus 32768, then validity."""
    height, width = flow.shape[:2]
    valid = np.ones((height, width, 1))
    valid[:3] = 0
    values = np.concatenate([flow * 64 + 32768, valid], axis=2).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def salient_objects(folder: Path) -> None:
    """Folders of masks named in the input, beside those of frames; the output is empty.

    The last record is as published, without a word of where the frames are.
    """
    leaves: Thing = ("triangle", "green", HAT_FALLS[2][:4])
    records = []
    for name, thing in (("kite", BALL_FLIES), ("cart", BOX_SLIDES), ("boat", leaves)):
        alone = name == "boat"
        frames = f"{name}/Imgs" if alone else f"frames/{name}"
        truth = f"{name}/GT" if alone else f"gt/{name}"
        save_frames(folder / frames, film(thing, ground=GRASS), "{:05}.jpg")
        masks = [mask_of(VIDEO, (thing[0], box)) for box in thing[2] if box]
        pictures = [Image.fromarray(mask.astype(np.uint8) * 255) for mask in masks]
        save_frames(folder / truth, pictures, "{:05}.png")
        given = {} if alone else {"video_folder": frames}
        given |= {"pred_dir": f"predictions/{name}", "gt_dir": truth}
        records.append({"id": name, "input": given, "output": {}})
    header = WATCHES | {"task": "Video Salient Object Detection", "type": "VideoObjectDetection"}
    annotate(folder / "annotation.json", header, records)


def clips(folder: Path, header: Json, questions: Sequence[tuple[str, Json, Any, Thing]]) -> None:
    """Video files, and whatever else a record asks with."""
    records = []
    for name, given, text, thing in questions:
        save_film(folder / "videos" / f"{name}.mp4", film(thing))
        given = {"video_file": f"videos/{name}.mp4"} | given
        records.append({"id": name, "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", WATCHES | header, records)


def semantic_role_labeling(folder: Path) -> None:
    """Descriptions of events, one a record: with several, no single text reaches the best CIDEr."""
    ask = {"prompt": "Say who does what, to whom and where."}
    clips(
        folder,
        {"task": "Video Semantic Role Labeling"},
        (
            (
                "srl1",
                ask,
                "a red ball flies over an empty field",
                BALL_FLIES,
            ),
            ("srl2", ask, ["a blue crate slides along the floor to the left"], BOX_SLIDES),
            ("srl3", ask, ["a green hat drops from the sky onto the ground"], HAT_FALLS),
        ),
    )


def sarcasm(folder: Path) -> None:
    """A sentence that is spoken with the video."""
    ask = "Is the sentence sarcastic? Answer sarcastic or sincere."
    clips(
        folder,
        {"task": "Multimodal Sarcasm Detection", "type": "classification"},
        tuple(
            (f"s{i}", {"prompt": ask, "utterance": words}, label, thing)
            for i, (words, label, thing) in enumerate(
                (
                    ("Oh great, it fell again.", "sarcastic", HAT_FALLS),
                    ("Look how high it flies!", "sincere", BALL_FLIES),
                    ("Sure, because boxes always walk.", "sarcastic", BOX_SLIDES),
                    ("The sun is coming up.", "sincere", SUN_GROWS),
                    ("What a lovely morning.", "sincere", SUN_GROWS),
                )
            )
        ),
    )


def event_relations(folder: Path) -> None:
    """Three classes of unlike size."""
    ask = "How does event 1 relate to event 2? Choose from: Causes, Enables, NoRelation."
    clips(
        folder,
        {"task": "Video Event Relation Prediction"},
        (
            ("r0", {"prompt": ask, "text": "1: a kick. 2: the ball flies."}, "Causes", BALL_FLIES),
            ("r1", {"prompt": ask, "text": "1: a push. 2: the box slides."}, "Causes", BOX_SLIDES),
            ("r2", {"prompt": ask, "text": "1: a cord is cut. 2: it falls."}, "Enables", HAT_FALLS),
            (
                "r3",
                {"prompt": ask, "text": "1: the sun rises. 2: a bell."},
                "NoRelation",
                SUN_GROWS,
            ),
        ),
    )
