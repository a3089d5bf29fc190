"""Media as a browser plays them, whole: unlike thumbnails, nothing is made smaller.

What browsers know goes in as it stands. Anything else is written again: images as PNG,
sounds as 16-bit WAV of one channel, videos and folders of frames as VP9 at a quality at
which the difference is hard to see, without their sound.
"""

import io
import os
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

from lm_eval_generalbench.reports.thumbnails import TYPES, plays

IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
SUFFIXES = {kind: suffix for suffix, kind in reversed({**TYPES, **IMAGES}.items())}
RATE = 8  # frames a second of a folder, which does not say
QUALITY = {"crf": "8", "b": "0", "deadline": "realtime", "cpu-used": "6"}


def kind_of(path: str | Path) -> str:
    """What a file is shown as: "image", "audio", "video", or "" for what no page plays."""
    from lm_eval_generalbench import media

    kind = media.kind_of(path)
    return "video" if kind == "frames" else kind if kind in ("image", "audio", "video") else ""


def playable(path: str | Path) -> tuple[str, bytes]:
    """Media type and content of a file, or of a folder of frames.

    Raises:
        BadMedia: It cannot be decoded.
        ValueError: It is no image, sound or video.
        OSError: It cannot be read.
    """
    path = Path(path)
    kind, type_ = kind_of(path), {**TYPES, **IMAGES}.get(path.suffix.lower(), "")
    if not kind:
        raise ValueError("it is no image, sound or video")
    if path.is_file() and type_.startswith(kind) and (kind != "video" or plays(path)):
        return type_, path.read_bytes()
    written: dict[str, Any] = {"image": _png, "audio": _wav, "video": _webm}
    return written[kind](path)  # type: ignore[no-any-return]


def _png(path: Path) -> tuple[str, bytes]:
    from PIL import Image

    from lm_eval_generalbench.media.pixels import rgb

    buffer = io.BytesIO()
    Image.fromarray(rgb(path)).save(buffer, "PNG")
    return "image/png", buffer.getvalue()


def _wav(path: Path) -> tuple[str, bytes]:
    import numpy as np

    from lm_eval_generalbench.media.audio import audio_header, read_audio

    rate = audio_header(path).rate
    samples = np.rint(read_audio(path, rate).clip(-1, 1) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return "audio/wav", buffer.getvalue()


def _webm(path: Path) -> tuple[str, bytes]:
    import av

    from lm_eval_generalbench.media.pixels import frames
    from lm_eval_generalbench.media.videos import rate_of

    rate = RATE if os.path.isdir(path) else rate_of(path) or RATE
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream: Any = None
        for pixels in frames(path):
            frame = av.VideoFrame.from_ndarray(pixels)
            if stream is None:
                stream = container.add_stream(
                    "libvpx-vp9", rate=Fraction(rate).limit_denominator(1001)
                )
                stream.width, stream.height = frame.width, frame.height
                stream.pix_fmt, stream.options = "yuv420p", dict(QUALITY)
            if (frame.width, frame.height) != (stream.width, stream.height):
                frame = frame.reformat(stream.width, stream.height)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return "video/webm", buffer.getvalue()
