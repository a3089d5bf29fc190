"""What pretrained networks say of files and texts: loaded once, computed in batches, kept on disk.

    features.of_file("clip-b32", path)          float32 (items, dimension)
    features.of_file("owlv2", Asked(path, ("dog",)))        the same of a file and words
    features.of_part("clip-b32", asked, crops)  the same of what a function makes of a file
    features.of_files("inception", paths)       the same for many, one after the other
    features.of_texts("clip-b32-text", texts)   float32 (texts, dimension)
    features.of_rows("aesthetic", rows)         a small network on rows of another, float32

Names are those of lines of `backbones.BACKBONES`. Lines of the same `module`, `files` and pin
share one network, which stays in memory until another is asked for. Kept features are found by the content of the file, the line's name,
its pin, and its `version`: raise that whenever `read`, `preprocess` or the network's
arithmetic changes.
"""

import contextlib
import functools
import hashlib
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import kinds, pixels, views
from lm_eval_generalbench.media.faults import decoding, stamp
from lm_eval_generalbench.metrics import disk_cache, weights
from lm_eval_generalbench.metrics.backbones import Backbone, backbone, listed
from lm_eval_generalbench.metrics.networks import running
from lm_eval_generalbench.optional import require

log = logging.getLogger(__name__)


VIEWS = 8  # of a shape, every 45 degrees
VIEW_SIZE = 224  # pixels


def pictures(path: str) -> Iterator[np.ndarray]:
    """The frames of an image, a video or a folder of frames, or eight views of a shape.

    Yields:
        uint8 (height, width, 3).

    Raises:
        BadMedia: The file is missing or cannot be used.
    """
    if kinds.kind_of(path) in ("3d", "data"):
        for index in range(VIEWS):
            yield views.view(path, index, VIEWS, VIEW_SIZE)
    else:
        yield from pixels.frames(path)


# ---- what is asked for


class Asked(NamedTuple):
    """A file, and the words that are looked for in it, or what else a row depends on."""

    path: str
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.path


Source = str | Asked
FILES = 64  # that are looked at together


def of_file(name: str, path: Source) -> np.ndarray:
    """The rows of one file.

    Args:
        name: Of a line of BACKBONES.
        path: A file, or a folder of frames; with words where the line looks for some.

    Returns:
        float32 (items, dimension), at least one item.

    Raises:
        BadMedia: The file is missing or cannot be used.
        MissingWeights: The network's files are not here.
        MissingExtra: torch or transformers is not.
    """
    found = next(of_files(name, [path]))
    if isinstance(found, BadMedia):
        raise found
    return found


def of_part(name: str, asked: Asked, read: Callable[[Source], Iterable[np.ndarray]]) -> np.ndarray:
    """The rows of what a function makes of a file, such as parts of its frames.

    Args:
        name: Of a line of BACKBONES.
        asked: The file, and in words all that the function's result depends on beside it.
        read: Takes the file; it is called only where the rows are not kept.

    Returns:
        float32 (items, dimension), at least one item.

    Raises:
        As `of_file`.
    """
    where = weights.folder(name, backbone(name))
    found = _kept_or_new(name, where, [_keyed(asked)], [asked], read)[0]
    if isinstance(found, BadMedia):
        raise found
    return found


def of_files(name: str, files: Sequence[Source], what: str = "") -> Iterator[np.ndarray | BadMedia]:
    """The rows of many files, computed together; a bar shows how far it is where a person looks.

    Args:
        name: Of a line of BACKBONES.
        files: Files, or folders of frames, as for `of_file`; FILES at a time are in memory.
        what: What they are for, such as a task's id: the bar shows it.

    Yields:
        For each file what `of_file` returns or raises for it.

    Raises:
        MissingWeights: The network's files are not here.
        MissingExtra: torch or transformers is not.
    """
    line = backbone(name)
    where = weights.folder(name, line)
    read = running.function(line, line.read)
    with _bar(f"{what} {name}".strip(), len(files)) as bar:
        for start in range(0, len(files), FILES):
            part = files[start : start + FILES]
            yield from _kept_or_new(name, where, [_keyed(f) for f in part], part, read)
            bar.update(len(part))


def of_texts(name: str, texts: Sequence[str]) -> np.ndarray:
    """The rows of texts.

    Args:
        name: Of a line of BACKBONES whose network takes texts.
        texts: At least one.

    Returns:
        float32 (texts, dimension).

    Raises:
        MissingWeights: The network's files are not here.
        MissingExtra: torch or transformers is not.
    """
    where = weights.folder(name, backbone(name))
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    found = _kept_or_new(name, where, keys, texts, lambda text: [text])
    return np.concatenate([rows for rows in found if isinstance(rows, np.ndarray)])


def of_rows(name: str, rows: np.ndarray) -> np.ndarray:
    """What a small network says of the rows of another one; it is not kept.

    Args:
        name: Of a line of BACKBONES.
        rows: float (n, d).

    Returns:
        float32 (n, dimension).

    Raises:
        MissingWeights: The network's files are not here.
        MissingExtra: torch is not.
    """
    line = backbone(name)
    torch = require("torch", "hf")
    head = _head(line, weights.folder(name, line))
    with torch.inference_mode():
        return np.asarray(head(torch.from_numpy(np.asarray(rows, np.float32))).numpy())


@functools.lru_cache(maxsize=4)
def _head(line: Backbone, where: Path) -> Any:
    return running.function(line, "load")(where).float().eval()


def ready(names: Iterable[str]) -> None:
    """See that nothing is missing for these lines, without loading anything.

    Raises:
        MissingWeights: Files of a network are not here.
        MissingExtra: torch is not installed.
    """
    for name in names:
        weights.folder(name, backbone(name))
        if importlib.util.find_spec("torch") is None:
            require("torch", "hf")


def missing(names: Iterable[str]) -> list[str]:
    """Names and sizes of the networks of these lines whose files are not here, each once."""
    absent = [name for name in names if weights.located(backbone(name)) is None]
    return list(dict.fromkeys(f"{listed(n)} ({backbone(n).megabytes:,} MB)" for n in absent))


@contextlib.contextmanager
def _bar(name: str, files: int) -> Iterator[Any]:
    from tqdm import tqdm

    quiet = files < 2 or not log.isEnabledFor(logging.INFO) or not sys.stderr.isatty()
    with tqdm(total=files, desc=name, unit="file", leave=False, disable=quiet, delay=2) as bar:
        yield bar


# ---- kept on disk


def _keyed(source: Source) -> str | BadMedia:
    """The content of a file, or of the frames of a folder, and what is asked, as a sha256."""
    if isinstance(source, Asked):
        content = _keyed(source.path)
        if isinstance(content, BadMedia):
            return content
        return hashlib.sha256("\n".join((content, *source.words)).encode()).hexdigest()
    path = source
    try:
        if os.path.isdir(path):
            _, names = kinds.folder(path)
            digests = "".join(_digest(*stamp(name)) for name in names)
            return hashlib.sha256(digests.encode()).hexdigest()
        return _digest(*stamp(path))
    except BadMedia as error:
        return error


@functools.lru_cache(maxsize=65_536)
def _digest(path: str, stamp: int) -> str:
    with decoding(path, "file"):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() if _NEW else _hashed(file)


_NEW = hasattr(hashlib, "file_digest")  # from Python 3.11 on


def _hashed(file: Any) -> str:
    found = hashlib.sha256()
    while block := file.read(2**20):
        found.update(block)
    return found.hexdigest()


def cache_file(name: str, key: str, where: Path) -> Path:
    """Where the rows of one content are kept.

    Args:
        name: Of a line of BACKBONES.
        key: sha256 of the content.
        where: Folder of the network's files.
    """
    kind = version(name, where)
    return paths.cache_root() / "features" / kind / key[:2] / f"{key}.npy"


def version(name: str, where: Path) -> str:
    """What tells the rows of a line from those of other weights, or prepared another way.

    Args:
        name: Of a line of BACKBONES.
        where: Folder of the network's files.

    Returns:
        Name, first digits of the pin, and version, such as "inception-6726825d-1".
    """
    line = backbone(name)
    return f"{name}-{weights.pin(line, where)[:8]}-{line.version}"


def _kept(path: Path, dimension: int) -> np.ndarray | None:
    """Rows that were kept; None if there are none, or they are damaged."""
    try:
        rows = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    sound = rows.dtype == np.float32 and rows.ndim == 2 and rows.shape[1] == dimension
    return rows if sound and len(rows) and np.isfinite(rows).all() else None


def _keep(path: Path, rows: np.ndarray) -> None:
    disk_cache.keep(
        path, lambda file: np.save(file, rows, allow_pickle=False), "Features", "computed", "wb"
    )


def _kept_or_new(
    name: str,
    where: Path,
    keys: Sequence[str | BadMedia],
    sources: Sequence[Source],
    read: Callable[[Any], Iterable[Any]],
) -> list[np.ndarray | BadMedia]:
    line = backbone(name)
    found: list[np.ndarray | BadMedia | None] = []
    for key in keys:
        found.append(
            key
            if isinstance(key, BadMedia)
            else _kept(cache_file(name, key, where), line.dimension)
        )
    new = [i for i, rows in enumerate(found) if rows is None]
    if new:
        computed = running.computed(line, where, [sources[i] for i in new], read)
        for i, rows in zip(new, computed, strict=True):
            found[i] = rows
            key = keys[i]
            if isinstance(rows, np.ndarray) and isinstance(key, str):
                _keep(cache_file(name, key, where), rows)
    return [rows for rows in found if rows is not None]
