"""Made files that a reply names or holds, in whatever form models and servers give them.

Paths: bare, in Markdown and HTML, in JSON however deep, several in a list. Content: `data:`
URIs, base64 in JSON as servers send it. Only what lies below the document's `outputs` is
opened, and no address is ever fetched.
"""

import base64
import binascii
import functools
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from lm_eval_generalbench.answers import reply as replies
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import (
    DATA_URI,
    FILE_LIMIT,
    NOTHING,
    SUFFIXES,
    json_values,
    output_file,
)
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 100_000  # characters of a reply in which words are told from names
MOST = 64  # files that one reply may name, but for the frames of a video
FRAMES = 20_000  # of a video
DEEPEST = 20  # brackets around a name

# kind of file -> keys in JSON, without "_" and "-", that say that it is the answer
_OWN = {
    "image": "image images img picture pictures photo imageurl outputimage outputimages generatedimage "
    "editedimage inputimage",
    "video": "video videos clip clips movie frames videourl outputvideo generatedvideo",
    "audio": "audio audios sound sounds speech wav music midi song audiourl inputaudio outputaudio",
    "3d": "points pointcloud cloud mesh meshes shape model object obj glb gltf ply",
    "data": "motion motions poses npy",
}
_USUAL = (
    "output outputs answer result results generated prediction file files path paths filename "
    "filepath content data url uri src inlinedata artifact artifacts"
)
_OTHERS = frozenset("input inputs prompt source reference references thumbnail preview".split())
_CODED = frozenset("b64json b64 base64 image64 audio64".split())
_TYPES = ("mediatype", "mimetype", "contenttype", "type", "format")

FITTING = {  # kind of file -> what the endings of usable ones are, keys of media.kinds.EXTENSIONS
    "image": ("image",),
    "video": ("video", "frames"),
    "audio": ("audio", "data"),
    "3d": ("3d", "data"),
    "data": ("data",),
}
MARKED = pattern(
    r"!?\[[^\]\n]{0,200}\]\(\s{0,3}<?([^()<>\n]{1,1000}?)>?(?:\s{1,3}\"[^\"\n]{0,200}\")?\s{0,3}\)"
    r"|\b(?:src|href)\s?=\s?[\"']([^\"'\n]{1,1000})[\"']|`([^`\n]{1,1000})`"
)
NAMED = pattern(r"(?<![\w/.~-])[\w/.~-]{1,400}\.[A-Za-z0-9]{2,5}(?![\w/])")
_STARTS = {  # how base64 of a file begins -> its ending
    "iVBORw0KGg": ".png",
    "/9j/": ".jpg",
    "R0lGOD": ".gif",
    "T2dnUw": ".ogg",
    "SUQz": ".mp3",
    "//u": ".mp3",
    "TVRoZ": ".mid",
    "Z2xURg": ".glb",
    "GkXfo": ".webm",
    "k05VTVBZ": ".npy",
    "ZkxhQ": ".flac",
}
_BASE64 = pattern(r"[A-Za-z0-9+/_-]{80,}={0,2}")


class Files(str):
    """The path of the first file of an answer, which knows the further ones for the same prompt.

    >>> made = Files.of(["a.png", "b.png"])
    >>> made == "a.png", made.several
    (True, ('a.png', 'b.png'))
    """

    several: tuple[str, ...]

    @classmethod
    def of(cls, paths: Collection[str]) -> "Files":
        """At least one path."""
        made = cls(next(iter(paths)))
        made.several = tuple(paths)
        return made


def find(reply: str, doc: Document, sort: str) -> Files | None:
    """The files that a reply gives as its answer, those of the wanted kind if there are any.

    Args:
        reply: What the model said.
        doc: Its `outputs` is the only folder from which files are taken; relative
            paths start there.
        sort: Kind of file, a key of FITTING.

    Returns:
        Absolute paths, each once; of pictures in place of a video a folder of
        them. None if there are none that may be opened.
    """
    paths = list(dict.fromkeys(map(str, _found(reply, doc, sort))))
    fitting = [path for path in paths if kind_of(path) in FITTING[sort]]
    if not fitting and sort == "video" and len(paths) > 1:
        pictures = [path for path in paths if kind_of(path) == "image"]
        fitting = [str(_gathered(pictures))] if len(pictures) > 1 else []
    chosen = fitting[:MOST] or paths[:1]
    return Files.of(chosen) if chosen else None


def _found(reply: str, doc: Document, sort: str) -> list[Path]:
    """The files of the first form in which a reply gives any."""
    texts = [reply]
    if len(reply) <= LOOKED_AT:
        texts.insert(0, replies.find(reply).answer)
    for text in texts:
        for value in _json(text):
            if found := _of_value(value, doc, sort):
                return found
        held = [path for match in DATA_URI.finditer(text) if (path := _of_uri(match))]
        if held:
            return held
        for names in (_marked(text), _last_line(text), _mentioned(text)):
            if found := [path for name in names if (path := _place(name, doc, sort))]:
                return found
    return []


def _json(text: str) -> Iterator[Any]:
    """The JSON that a reply is, however long, or the values in it."""
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            yield json.loads(text)
            return
        except (ValueError, RecursionError):
            pass
    yield from (value for value in json_values(text) if value is not NOTHING)


def _of_value(value: Any, doc: Document, sort: str, depth: int = 0) -> list[Path]:
    if isinstance(value, str):
        path = _of_string(value, doc, sort)
        return [] if path is None else [path]
    if depth > DEEPEST:
        return []
    if isinstance(value, list):
        inner = (_of_value(item, doc, sort, depth + 1) for item in value[:FRAMES])
        return [path for paths in inner for path in paths]
    if not isinstance(value, dict):
        return []
    items = _plain(value)
    typed = _typed(items) or _typed(_plain(items.get("source")))
    if typed is not None:
        return [typed]
    own, usual = (frozenset(names.split()) for names in (_OWN[sort], _USUAL))
    known = own | usual | _OTHERS
    for keys in (own, _CODED, usual, items.keys() - known):
        for key in [key for key in items if key in keys]:
            if found := _of_value(items[key], doc, sort, depth + 1):
                return found
    return []


def _plain(value: Any) -> dict[str, Any]:
    """A mapping with its keys in small letters, without what joins words; {} of anything else."""
    if not isinstance(value, dict):
        return {}
    return {re.sub(r"[_\- ]", "", str(key)).casefold(): item for key, item in value.items()}


def _typed(items: dict[str, Any]) -> Path | None:
    """A file that stands beside its type, as parts of chats hold it."""
    data = items.get("data")
    said = next((items[key] for key in _TYPES if isinstance(items.get(key), str)), "")
    if not isinstance(data, str) or not said or not _BASE64.match(data[:100]):
        return None
    named = next((items[key] for key in _TYPES[:3] if isinstance(items.get(key), str)), said)
    ending = SUFFIXES.get(named.lower()) or "." + named.lower().rpartition("/")[2][:5]
    return _decoded(data, _ending(data) or ending)


def _of_string(text: str, doc: Document, sort: str) -> Path | None:
    text = text.strip()
    if text.startswith("data:"):
        match = DATA_URI.match(text)
        return _of_uri(match) if match else None
    ending = _ending(text)
    if ending and _BASE64.match(text[:200]):
        return _decoded(text, ending)
    return _place(text, doc, sort)


def _ending(text: str) -> str:
    """The ending of a file by how its base64 begins; "" of what is none."""
    if text.startswith("UklGR"):  # RIFF, whose kind stands in bytes 8 to 11
        return ".webp" if text[12:16] == "RUJQ" else ".wav"
    if text[5:11] in ("GZ0eXA", "mdHlw") or text[4:10] == "GZ0eX":
        return ".mp4"
    return next((ending for start, ending in _STARTS.items() if text.startswith(start)), "")


def _of_uri(match: re.Match[str]) -> Path | None:
    ending = _ending(match[3]) if ";base64" in match[2] else ""
    kind = match[1].lower()
    return _decoded(match[3], ending or SUFFIXES.get(kind) or "." + kind.rpartition("/")[2][:5])


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="generalbench-made-")  # there as long as the process


def _decoded(text: str, ending: str) -> Path | None:
    """A file with the content that base64 holds."""
    if len(text) > FILE_LIMIT * 4 // 3 + 4:
        return None
    letters = text.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    ending = ending if re.fullmatch(r"\.[a-z0-9]{1,5}", ending) else ".bin"
    path = Path(_folder().name) / (hashlib.sha256(data).hexdigest()[:24] + ending)
    if not path.exists():
        path.write_bytes(data)
    return path


def _gathered(pictures: list[str]) -> Path:
    """A folder with copies of pictures as frames, in their order."""
    name = hashlib.sha256("\n".join(pictures).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    folder = Path(_folder().name) / name
    if not folder.is_dir():
        folder.mkdir()
        for number, picture in enumerate(pictures):
            shutil.copyfile(picture, folder / f"{number:06d}{Path(picture).suffix.lower()}")
    return folder


def _place(name: str, doc: Document, sort: str) -> Path | None:
    """What is called `name` below the outputs: a file, or of a video a folder of frames."""
    if "://" in name or name.strip().startswith("data:"):
        return None
    return output_file(name, doc, folders=sort == "video")


def _marked(text: str) -> list[str]:
    """Names in links and pictures of Markdown, in HTML, and in marks of code."""
    return [next(filter(None, match.groups())) for match in MARKED.finditer(text[:LOOKED_AT])]


def _last_line(text: str) -> list[str]:
    lines = [line for line in text[-10_000:].splitlines() if line.strip()]
    return lines[-1:]


def _mentioned(text: str) -> list[str]:
    """Names with an ending, anywhere in a text."""
    return [match[0].rstrip(".") for match in NAMED.finditer(text[-LOOKED_AT:])]
