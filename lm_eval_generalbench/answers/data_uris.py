"""Files that a reply holds itself, as `data:` URIs."""

import base64
import binascii
import functools
import hashlib
import mimetypes
import re
import tempfile
import urllib.parse
from pathlib import Path

from lm_eval_generalbench.optional import pattern

FILE_LIMIT = 64 * 2**20  # bytes that a data: URI may decode to
KEPT_FILES = 32  # decoded data: URIs that stay on disk at a time; readers read at once

SUFFIXES = {
    "application/x-npy": ".npy",
    "application/x-npz": ".npz",
    "application/zip": ".npz",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/flac": ".flac",
    "audio/midi": ".mid",
    "video/x-matroska": ".mkv",
    "model/obj": ".obj",
    "model/gltf-binary": ".glb",
    "model/gltf+json": ".gltf",
    "model/stl": ".stl",
    "model/x-ply": ".ply",
    "model/x-off": ".off",
    "model/x-pcd": ".pcd",
    "chemical/x-xyz": ".xyz",
}
# Only a-z of the type, so that a data: URI inside prose or JSON ends where its base64 ends.
DATA_URI = re.compile(
    r"data:([\w.+/-]{0,80})((?:;[\w.=-]{1,40}){0,4}),([\w+/=%~.-]+)", re.IGNORECASE
)
_FOLDED = pattern(r"(?i)(;base64,)[ \t]{0,9}(?:\r?\n[ \t]{0,9})?([\w+/-]{40,}\r?\n)")
_LINE = pattern(r"[ \t]{0,9}([\w+/-]{1,200}={0,2})(?=[\s\"'`)>\]},]|$)(?:\r?\n)?")


def unfolded(text: str) -> str:
    """A text in which the base64 of every `data:` URI stands in one line.

    Lines go on as long as they are full, as MIME breaks them.

    >>> full = "A" * 76
    >>> unfolded(f"data:image/png;base64,{full}\\n{full}\\nAAA=\\nDone") == (
    ...     f"data:image/png;base64,{full}{full}AAA=\\nDone"
    ... )
    True
    """
    parts, position = [], 0
    for match in _FOLDED.finditer(text):
        if match.start() < position:
            continue
        first = match[2].rstrip()
        parts += [text[position : match.start()], match[1], first]
        position = match.end()
        while (line := _LINE.match(text, position)) and len(line[1]) <= len(first):
            parts.append(line[1])
            position = line.end()
            if len(line[1]) < len(first) or line[1].endswith("="):
                break
        parts.append("\n")
    return "".join([*parts, text[position:]])


@functools.cache
def _data_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="generalbench-")  # removed when the process ends


def data_file(text: str) -> Path | None:
    """The content of the first `data:` URI of a text; None if there is none that can be read.

    It is a temporary file that stays until KEPT_FILES more were made.
    """
    match = DATA_URI.search(unfolded(text))
    if match is None or len(match[3]) > FILE_LIMIT * 4 // 3 + 4:
        return None
    try:
        if ";base64" in match[2].lower():
            letters = match[3].replace("-", "+").replace("_", "/")
            data = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
        else:
            data = urllib.parse.unquote_to_bytes(match[3])
    except (binascii.Error, ValueError):
        return None
    folder = Path(_data_folder().name)
    path = folder / (hashlib.sha256(data).hexdigest()[:24] + _suffix(match[1].lower(), data))
    for old in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)[:-KEPT_FILES]:
        old.unlink(missing_ok=True)
    path.write_bytes(data)
    return path


def _suffix(media_type: str, data: bytes) -> str:
    if data.startswith(b"\x93NUMPY"):
        return ".npy"
    return SUFFIXES.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
