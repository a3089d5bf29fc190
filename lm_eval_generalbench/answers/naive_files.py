"""The cheapest honest files of every kind: what says nothing, and what was given, taken as it is."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.media.points import load_points

GREY, SIDE = 128, 64  # of pictures that show nothing, in pixels
STILL, RATE = 16, 8  # frames of a video in which nothing moves, and frames a second
SECOND = 16_000  # samples of silence
POSES, NUMBERS = 48, 251  # of a motion in KIT-ML's format
NOTES = (".mid", ".midi")


def picture() -> tuple[bytes, str]:
    """A mid-grey picture, and its suffix."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (GREY,) * 3).save(buffer, "PNG")
    return buffer.getvalue(), ".png"


def silence() -> tuple[bytes, str]:
    """A second of silence, and its suffix."""
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(SECOND, np.int16), SECOND, format="WAV", subtype="PCM_16")
    return buffer.getvalue(), ".wav"


def motion() -> tuple[bytes, str]:
    """A pose that is held, all of whose numbers are 0, and its suffix."""
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((POSES, NUMBERS), np.float32))
    return buffer.getvalue(), ".npy"


def video(given: Sequence[str]) -> tuple[bytes, str]:
    """The first frames that were given as a video; else a still one of the first picture, or grey."""
    for kind in ("frames", "image"):
        for file in given:
            if kind_of(file) == kind:
                try:
                    shown = pixels.frames(file)
                    return film(shown if kind == "frames" else [next(shown)] * STILL), ".mkv"
                except BadMedia:
                    continue
    return film([np.full((SIDE, SIDE, 3), GREY, np.uint8)] * STILL), ".mkv"


def film(frames: Iterable[np.ndarray]) -> bytes:
    """A video (Matroska, FFV1) with exactly these pixels.

    Args:
        frames: uint8 (height, width, 3), at least one; those of another size than the first
            are brought to it.

    Raises:
        BadMedia: What the frames raise.
    """
    import av

    buffer = io.BytesIO()
    exact = {"fflags": "+bitexact"}  # no dates and no names of programs
    with av.open(buffer, "w", format="matroska", options=exact) as container:
        stream = None
        for pixel in frames:
            if stream is None:
                stream = container.add_stream("ffv1", rate=RATE, options={"flags": "+bitexact"})
                stream.height, stream.width = pixel.shape[:2]
                stream.pix_fmt = "bgr0"
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixel), "rgb24")
            container.mux(stream.encode(shown.reformat(stream.width, stream.height, "bgr0")))
        if stream is not None:
            container.mux(stream.encode())
    return buffer.getvalue()


def sphere(given: Sequence[str], faces: bool) -> tuple[bytes, str]:
    """A sphere around the first points that were given, else of diameter 1; and its suffix.

    Args:
        given: The files that were given.
        faces: Whether it needs a surface; otherwise its corners do.
    """
    import trimesh

    centre, radius = np.zeros(3), 0.5
    for file in given:
        if kind_of(file) == "3d":
            try:
                points = load_points(file)[:, :3]
            except BadMedia:
                continue
            low, high = points.min(axis=0), points.max(axis=0)
            centre, radius = (low + high) / 2, float((high - low).mean() / 2)
            break
    ball = trimesh.creation.icosphere(subdivisions=3, radius=radius)
    rows = [f"v {x:g} {y:g} {z:g}" for x, y, z in ball.vertices + centre]
    if faces:
        rows += [f"f {a} {b} {c}" for a, b, c in ball.faces + 1]
        return ("\n".join(rows) + "\n").encode(), ".obj"
    return "".join(f"{row[2:]}\n" for row in rows).encode(), ".xyz"


def is_notes(file: str) -> bool:
    """Whether a file holds notes to be played, which music may be made of as of sound."""
    return Path(file).suffix.lower() in NOTES
