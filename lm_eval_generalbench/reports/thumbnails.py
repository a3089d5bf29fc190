"""Media of samples inside the page: small pictures, short sounds and videos.

Files may come from anybody. Only those below folders that the caller trusts are opened, and
whatever cannot be shown is named instead.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.reports.markup import shown

THUMBNAIL = 160  # pixels, the longer side
MEDIA_BYTES = 200 * 2**10  # of a sound or video that is embedded
TYPES = {  # what browsers play; anything else is not embedded
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
CODECS = {"h264", "vp8", "vp9", "av1", "libdav1d"}  # of the videos that browsers play
OUTLINES = {"target": "#2b7de9", "reply": "#f57c00"}  # blue and orange
ARRAYS = {".npy", ".npz"}  # depth maps and masks, mostly


def medium(name: str, roots: Sequence[Path]) -> dict[str, str]:
    """A file as {"kind", "name", "src"}; no src where it cannot or must not be shown."""
    from lm_eval_generalbench import media

    suffix = Path(name).suffix.lower()
    kind = "image" if suffix in ARRAYS else media.KINDS[suffix]
    path, root = below(name, roots)
    if path is None or root is None:
        return {"kind": kind, "name": shown(Path(name).name, 120), "src": ""}
    label = shown(path.relative_to(root), 120)
    try:
        return {"kind": kind, "name": label, "src": _embedded(path, kind)}
    except (BadMedia, OSError, ValueError) as error:
        reason = shown(str(error).replace(str(path), path.name), 160)
        return {"kind": kind, "name": f"{label} ({reason})", "src": ""}


def below(name: str, roots: Sequence[Path]) -> tuple[Path, Path] | tuple[None, None]:
    """The file of this name and the root that it is below, links followed."""
    for root in roots:
        try:
            path = (root / name).resolve()
            if path.is_relative_to(root) and path.is_file():
                return path, root
        except (OSError, ValueError, RuntimeError):  # a name that no system takes
            continue
    return None, None


def _embedded(path: Path, kind: str) -> str:
    """A data: URI: a small picture, or the whole file if it is a short sound or video."""
    type_ = TYPES.get(path.suffix.lower(), "")
    small = path.stat().st_size <= MEDIA_BYTES
    if small and type_.startswith(kind) and (kind != "video" or plays(path)):
        return data_uri(type_, path.read_bytes())
    if kind in ("audio", "data"):
        return ""
    return data_uri("image/jpeg", thumbnail(path, kind))


def plays(path: Path) -> bool:
    from lm_eval_generalbench.media import faults, videos

    with (
        faults.decoding(path, "video", faults.ffmpeg_faults()),
        videos.opened(path) as container,
    ):
        streams = container.streams.video
        return all(one.codec_context and one.codec_context.name in CODECS for one in streams)


def data_uri(type_: str, data: bytes) -> str:
    """Bytes as an address that holds them itself."""
    return f"data:{type_};base64,{base64.b64encode(data).decode('ascii')}"


def thumbnail(
    path: Path, kind: str, outlines: Mapping[str, Sequence[Sequence[float]]] | None = None
) -> bytes:
    """A picture of the file as JPEG, its longer side at most THUMBNAIL pixels.

    Args:
        path: An image, depth map or mask (array), video or 3D file.
        kind: "image", "video" or "3d".
        outlines: Boxes x, y, width, height in pixels of an image, by a key of OUTLINES.

    Raises:
        BadMedia: It cannot be decoded.
        ValueError: It is no picture, such as an array of one dimension.
    """
    import numpy as np
    from PIL import Image

    from lm_eval_generalbench.media import arrays, images, videos, views

    if kind == "3d":
        picture = Image.fromarray(views.view(path, 0, 4, THUMBNAIL))
    elif kind == "video":
        middle = videos.video_header(path).frames // 2
        picture = Image.fromarray(videos.read_frames(path, [middle])[0])
    elif path.suffix.lower() in ARRAYS:
        picture = Image.fromarray(_grey(arrays.load_array(path)))
    else:
        with images.opened_image(path) as opened:
            opened.draft("RGB", (THUMBNAIL, THUMBNAIL))
            upright = images.upright(opened)
            if upright.mode == "F" or upright.mode.startswith("I") or _is_label_map(upright):
                picture = Image.fromarray(_grey(np.asarray(upright)))
            else:
                upright.thumbnail((THUMBNAIL, THUMBNAIL))
                coloured = images.as_shown(upright).convert("RGBA")
                paper = Image.new("RGBA", coloured.size, "white")
                picture = Image.alpha_composite(paper, coloured)
    picture.thumbnail((THUMBNAIL, THUMBNAIL))
    picture = picture.convert("RGB")
    if outlines:
        width, height = images.image_header(path).size
        scale = picture.width / width, picture.height / height
        _draw(picture, scale, outlines)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=82, optimize=True)
    return buffer.getvalue()


def _draw(
    picture: Any, scale: tuple[float, float], outlines: Mapping[str, Sequence[Sequence[float]]]
) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    for whose, boxes in outlines.items():
        for x, y, width, height in boxes:
            left, right = (min(max(end * scale[0], 0), picture.width - 1) for end in (x, x + width))
            top, low = (min(max(end * scale[1], 0), picture.height - 1) for end in (y, y + height))
            pen.rectangle((left, top, right, low), outline=OUTLINES[whose], width=2)


def _is_label_map(picture: Any) -> bool:
    """Whether an image holds small numbers of classes, which would all look black."""
    return picture.mode == "L" and picture.getextrema()[1] < 64


def _grey(values: Any) -> Any:
    """Numbers of any range as uint8 of shape (height, width); the middle one of several frames."""
    import numpy as np

    array = np.squeeze(np.asarray(values, dtype=np.float64))
    if array.ndim == 3:
        array = array[len(array) // 2]
    if array.ndim != 2 or not array.size:
        raise ValueError(f"an array of shape {array.shape} is no picture")
    array = np.where(np.isfinite(array), array, np.nan)
    if np.isnan(array).all():
        return np.zeros(array.shape, np.uint8)
    low, high = np.nanmin(array), np.nanmax(array)
    scaled = np.nan_to_num((array - low) / (high - low if high > low else 1))
    return (255 * scaled).astype(np.uint8)
