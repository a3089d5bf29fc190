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
import os
import re
import shutil
import tempfile
import urllib.parse
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.answers import reply as replies
from lm_eval_generalbench.answers.data_uris import DATA_URI, FILE_LIMIT, SUFFIXES, unfolded
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.files import NOTHING, json_values, output_file
from lm_eval_generalbench.media.kinds import KINDS, kind_of
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
    r"(?P<picture>!)?\[[^\]\n]{0,200}\]\(\s{0,3}(?:<([^<>\n]{1,1000})>"
    r"|((?:[^()<>\n]|\([^()\n]{0,200}\)){1,1000}?))"
    r"(?:\s{1,3}(?:\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\([^()\n]{0,200}\)))?\s{0,3}\)"
    r"|\b(?P<source>src|href)\s?=\s?[\"']([^\"'\n]{1,1000})[\"']|`([^`\n]{1,1000})`"
)
NAMED = pattern(r"(?<![\w/.~-])[\w/.~-]{1,400}\.[A-Za-z0-9]{2,5}(?![\w/])")
ENDED = pattern(r"\.[A-Za-z0-9]{2,5}(?![\w/])")  # where a name may end that has blanks in it
WORDS = 12  # of a name with blanks that stands in a sentence
SENTENCES = 100  # ends of such names that are looked at
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
    missing: tuple[str, ...]  # what the answer names as well and what is not there

    @classmethod
    def of(cls, paths: Collection[str], missing: Collection[str] = ()) -> "Files":
        """At least one path."""
        made = cls(next(iter(paths)))
        made.several = tuple(paths)
        made.missing = tuple(missing)
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
    found = list(dict.fromkeys(_found(reply, doc, sort)))
    paths = [str(path) for path in found if isinstance(path, Path)]
    missing = [name for name in found if isinstance(name, str)]
    fitting = [path for path in paths if kind_of(path) in FITTING[sort]]
    if not fitting and sort == "video" and len(paths) > 1:
        pictures = [path for path in paths if kind_of(path) == "image"]
        fitting = [str(_gathered(pictures))] if len(pictures) > 1 else []
    chosen = fitting[:MOST] or paths[:1]
    return Files.of(chosen, missing[: MOST - len(chosen)]) if chosen else None


def _found(reply: str, doc: Document, sort: str) -> Sequence[Path | str]:
    """The files of the first form in which a reply gives any, and the names of those not there."""
    texts = [reply]
    if len(reply) <= LOOKED_AT:
        texts.insert(0, replies.find(reply).answer)
    for text in texts:
        for value in _json(text):
            if found := _of_value(value, doc, sort):
                return found
        held = [path for match in DATA_URI.finditer(unfolded(text)) if (path := _of_uri(match))]
        if bare := _of_base64(text):
            held.append(bare)
        if held:
            return held
        for names in (_marked(text), _lines(text, sort), _last_line(text)):
            names = list(dict.fromkeys(names))
            places = [(name, wanted, _place(name, doc, sort)) for name, wanted in names]
            if any(place for _, _, place in places):
                return [
                    place or name
                    for name, wanted, place in places
                    if place or (wanted and _is_name(name, sort))
                ]
        if told := _in_sentences(text, doc, sort) or _mentioned(text, doc, sort):
            return told
    return []


def _is_name(text: str, sort: str) -> bool:
    """Whether a text can only be the name of such a file, by its ending."""
    text = text.strip()
    if len(text) > 1000 or "\n" in text:
        return False
    return KINDS.get(os.path.splitext(text)[1].lower()) in FITTING[sort]


def _json(text: str) -> Iterator[Any]:
    """The JSON that a reply is, however long, or the values in it."""
    if text.lstrip()[:1] in ("{", "[", '"'):
        try:
            yield json.loads(text)
            return
        except (ValueError, RecursionError):
            pass
    yield from (value for value in json_values(text) if value is not NOTHING)


def _of_value(value: Any, doc: Document, sort: str, depth: int = 0) -> Sequence[Path | str]:
    if isinstance(value, str):
        path = _of_string(value, doc, sort)
        return [] if path is None else [path]
    if depth > DEEPEST:
        return []
    if isinstance(value, list):
        inner = [_of_value(item, doc, sort, depth + 1) for item in value[:FRAMES]]
        if not any(inner):
            return []
        return [
            path
            for item, paths in zip(value, inner, strict=False)
            for path in paths or _lost(item, sort)
        ]
    if not isinstance(value, dict):
        return []
    items = _plain(value)
    typed = _typed(items) or _typed(_plain(items.get("source")))
    if typed is not None:
        return [typed]
    if isinstance(folder := items.get("subfolder"), str) and folder.strip():  # of ComfyUI
        name = items.get("filename")
        path = _of_string(f"{folder}/{name}", doc, sort) if isinstance(name, str) else None
        return [] if path is None else [path]
    own, usual = (frozenset(names.split()) for names in (_OWN[sort], _USUAL))
    known = own | usual | _OTHERS
    for keys in (own, _CODED, usual, items.keys() - known):
        for key in [key for key in items if key in keys]:
            if found := _of_value(items[key], doc, sort, depth + 1):
                return found
    return []


def _lost(value: Any, sort: str) -> Sequence[Path | str]:
    """The name in an item of a list that names a file which is not there; [] if it names none."""
    texts = [value] if isinstance(value, str) else []
    if isinstance(value, dict):
        items = _plain(value)
        given = [item for key, item in items.items() if key not in _OTHERS]
        given += [x for item in given if isinstance(item, dict) for x in item.values()]
        texts = [item for item in given if isinstance(item, str)]
    return [text for text in texts if _is_name(text, sort)][:1]


def _plain(value: Any) -> dict[str, Any]:
    """A mapping with its keys in small letters, without what joins words; {} of anything else."""
    if not isinstance(value, dict):
        return {}
    return {re.sub(r"[_\- ]", "", str(key)).casefold(): item for key, item in value.items()}


def _typed(items: dict[str, Any]) -> Path | None:
    """A file that stands beside its type, as parts of chats hold it."""
    data = items.get("data")
    said = next((items[key] for key in _TYPES if isinstance(items.get(key), str)), "")
    if not isinstance(data, str) or not said:
        return None
    data = "".join(data.split())
    if not _BASE64.match(data[:100]):
        return None
    named = next((items[key] for key in _TYPES[:3] if isinstance(items.get(key), str)), said)
    ending = SUFFIXES.get(named.lower()) or "." + named.lower().rpartition("/")[2][:5]
    return _decoded(data, ending_of(data) or ending)


def _of_string(text: str, doc: Document, sort: str) -> Path | None:
    text = text.strip()
    if text[:5].lower() == "data:":
        match = DATA_URI.match("".join(text.split()))
        return _of_uri(match) if match else None
    return _of_base64(text) or _place(text, doc, sort)


def _of_base64(text: str) -> Path | None:
    """A file whose content in base64 is all that a text holds, in one line or several."""
    text = text.strip()
    if not (ending := ending_of(text)):
        return None
    text = "".join(text.split())
    return _decoded(text, ending) if _BASE64.fullmatch(text) else None


def ending_of(text: str) -> str:
    """The ending of a file by how its base64 begins; "" of what is none."""
    if text.startswith("UklGR"):  # RIFF, whose kind stands in bytes 8 to 11
        return ".webp" if text[12:16] == "RUJQ" else ".wav"
    if text[5:11] in ("GZ0eXA", "mdHlw") or text[4:10] == "GZ0eX":
        return ".mp4"
    return next((ending for start, ending in _STARTS.items() if text.startswith(start)), "")


def _of_uri(match: re.Match[str]) -> Path | None:
    ending = ending_of(match[3]) if ";base64" in match[2].lower() else ""
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
    name = name.strip().strip("`'\"").strip()
    local = re.match(r"file:(?://(?:localhost)?(?=/))?", name, re.IGNORECASE)
    if local:
        name = name[local.end() :]
    elif "://" in name or name[:5].lower() == "data:":
        return None
    found = output_file(name, doc, folders=sort == "video")
    if found is None and "%" in name:
        found = output_file(urllib.parse.unquote(name), doc, folders=sort == "video")
    return found


Names = list[tuple[str, bool]]  # and whether each is given as an answer, also if it is not there


def _marked(text: str) -> Names:
    """Names in links and pictures of Markdown, in HTML, and in marks of code."""
    return [
        (
            next(x for x in match.group(2, 3, 5, 6) if x),
            bool(match["picture"] or (match["source"] or "").lower() == "src"),
        )
        for match in MARKED.finditer(text[:LOOKED_AT])
    ]


def _lines(text: str, sort: str) -> Names:
    """The names in a text that has one in each of its lines, and nothing else; else none."""
    lines = [line for line in text[:LOOKED_AT].splitlines() if line.strip(" \t`")]
    names = [re.sub(r"^\s{0,9}(?:[-*+]|\d{1,2}[.)])\s{1,3}", "", line) for line in lines]
    names = [name.strip(" \t`'\",") for name in names]
    plain = 1 < len(names) <= MOST and all(_is_name(name, sort) for name in names)
    return [(name, True) for name in names] if plain else []


def _last_line(text: str) -> Names:
    lines = [line for line in text[-10_000:].splitlines() if line.strip()]
    return [(line, False) for line in lines[-1:]]


def _in_sentences(text: str, doc: Document, sort: str) -> list[Path]:
    """Files whose names have blanks, or what else joins no word, the longest that there is."""
    found = []
    text = text[-10_000:]
    for match in list(ENDED.finditer(text))[-SENTENCES:]:
        line = text[: match.end()].rpartition("\n")[2]
        starts = [0, *(x.end() for x in re.finditer(r"[\s\"'`*<>]+", line))]
        places = (_place(line[start:], doc, sort) for start in starts[-WORDS:])
        found += [path for path in places if path][:1]
    return found


def _mentioned(text: str, doc: Document, sort: str) -> list[Path]:
    """Files whose names have no blanks, and an ending, anywhere in a text."""
    names = [match[0].rstrip(".") for match in NAMED.finditer(text[-LOOKED_AT:])]
    return [path for name in dict.fromkeys(names) if (path := _place(name, doc, sort))]
