"""Which media files cannot be decoded: found once by decoding, and the same for everybody.

A verdict is about a file as it lies there now (its path, size and time of change) and about
the way it is shown, such as "64" frames of a video. Whoever decodes a file keeps what came
of it; whoever asks about a file that nobody decoded has it decoded then. So no document
counts or fails to count because of the model that looked at it, or did not.

Verdicts are kept in one file below `paths.cache_root()`, to which every process appends:

    <24 hexadecimal digits> +
    <24 hexadecimal digits> -<8 digits> <why the file cannot be used>

The first digits stand for file and way; those after the minus for the versions of what
decoded it, since another version may manage. A line that was torn is none of the two and
ignored; a file that was repaired has other digits.
"""

import atexit
import errno
import functools
import hashlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from lm_eval_generalbench import __version__, paths
from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media.faults import missing, out_of_memory

log = logging.getLogger(__name__)

RULES = 2  # raise it when a file may be judged otherwise than before
DECODERS = ("pillow", "av", "soundfile", "soxr", "trimesh", "numpy")
WAITING = 256  # verdicts that are written together, at most
SECONDS = 1.0  # that they wait, at most, while there is something to decode
# What a machine says that is in trouble: nothing about the content of a file.
PASSING = {
    getattr(errno, name)
    for name in (
        *("EACCES", "EAGAIN", "EBUSY", "EINTR", "EIO", "EMFILE", "ENFILE", "ENOENT", "ENOMEM"),
        *("ENOTCONN", "EPERM", "ESTALE", "ETIMEDOUT"),
    )
    if hasattr(errno, name)
}

Mark = bytes | None  # file and way; None: there is no such file


def mark(path: str | Path, how: str = "") -> Mark:
    """What verdicts are kept under: the file as it lies there now, and the way it is shown."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):  # ValueError: a name that no system takes
        return None
    text = f"{path}\0{how}\0{facts.st_size}\0{facts.st_mtime_ns}"
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12)
    return digest.hexdigest().encode()


def known(key: Mark) -> str | None:
    """Why a file cannot be used, "" if it can, None if nobody decoded it yet."""
    return None if key is None else _store().verdict(key)


def look_up(path: str | Path, how: str = "") -> str | None:
    """`known` of a path; a file that does not exist cannot be used."""
    key = mark(path, how)
    return str(missing(path)) if key is None else known(key)


def found(path: str | Path, how: str, decode: Callable[[], object]) -> str:
    """Why a file cannot be used, or ""; it is decoded if nobody did so yet.

    Args:
        path: File.
        how: The way it is shown.
        decode: Decodes what would be shown, and raises BadMedia.
    """
    key = mark(path, how)
    if key is None:
        return str(missing(path))
    verdict = _store().verdict(key)
    if verdict is None:
        try:
            decode()
        except BadMedia as error:
            keep(key, error)
            return str(error)
        keep(key)
        verdict = ""
    return verdict


def keep(key: Mark, error: BadMedia | None = None, lasting: bool = True) -> None:
    """Remember what came of decoding.

    Args:
        key: The file's `mark` from before it was decoded.
        error: Why it cannot be used; None if it can.
        lasting: Whether this is so for every process, and not for this one only.
    """
    if key is not None:
        reason = "" if error is None else " ".join(str(error).split())
        _store().keep(key, reason, lasting and not _passing(error))


def give_up(key: Mark, error: BadMedia, lasting: bool = True) -> None:
    """`keep`, and say that a model gets a placeholder."""
    keep(key, error, lasting)
    _say_once(f"{error} The model gets a placeholder; the document does not count.")


@functools.cache
def _say_once(line: str) -> None:
    log.warning("%s", line)


def _passing(error: BadMedia | None) -> bool:
    """Whether an error says nothing about the file: memory or handles ran out, a disk was away."""
    cause = error.__cause__ if error is not None else None
    if getattr(cause, "errno", None) == errno.EPERM and type(cause).__module__.startswith("av"):
        return False  # FFmpeg's -1: it failed, and does not say why
    gone = isinstance(cause, FileNotFoundError | PermissionError)
    if error is not None and out_of_memory(error):
        return True
    return gone or (isinstance(cause, OSError) and cause.errno in PASSING)


def state() -> tuple[int, int]:
    """Size and time of change of the file of verdicts: as long as both stay, no file was decoded."""
    store = _store()
    store.write()
    try:
        facts = os.stat(store.path)
    except OSError:
        return 0, 0
    return facts.st_size, facts.st_mtime_ns


@functools.cache
def versions() -> bytes:
    """8 digits for the versions of everything that decodes."""
    import importlib.metadata  # slow, and needed for broken files only

    found = [__version__]
    for name in DECODERS:
        try:
            found.append(importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            found.append("")
    return hashlib.blake2b(" ".join(found).encode(), digest_size=4).hexdigest().encode()


class _Store:
    """The verdicts of one cache folder: what was read of its file, and what is to be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sound: set[bytes] = set()
        self.faulty: dict[bytes, str] = {}
        self.read = 0  # bytes of the file
        self.waiting: list[bytes] = []  # lines to be written
        self.written = time.monotonic()  # when
        self.writable = True

    def verdict(self, key: bytes) -> str | None:
        found = self._verdict(key)
        if found is None and self._read_on():
            found = self._verdict(key)
        return found

    def _verdict(self, key: bytes) -> str | None:
        reason = self.faulty.get(key)
        if reason is not None:  # here it cannot be used, even if it could elsewhere
            return reason
        return "" if key in self.sound else None

    def _read_on(self) -> bool:
        """Read what was appended since, by any process; whether there was something."""
        try:
            if not os.path.isfile(self.path) or os.path.getsize(self.path) <= self.read:
                return False
            with open(self.path, "rb") as file:
                file.seek(self.read)
                data = file.read()
        except OSError:
            return False
        end = data.rfind(b"\n") + 1  # what follows is still being written
        self.read += end
        for line in data[:end].split(b"\n"):
            if len(line) == 26 and line.endswith(b" +"):
                self.sound.add(line[:24])
            elif line[24:26] == b" -" and line[26:35] == versions() + b" " and line[35:]:
                self.faulty[line[:24]] = line[35:].decode("utf-8", "replace")
        return end > 0

    def keep(self, key: bytes, reason: str, lasting: bool) -> None:
        before = self._verdict(key)
        if before or before == reason:  # what failed once is not tried again
            return
        if reason:
            self.faulty[key] = reason
            line = b"%s -%s %s" % (key, versions(), reason.encode("utf-8", "backslashreplace"))
        else:
            self.sound.add(key)
            line = key + b" +"
        if lasting and self.writable:
            self.waiting.append(line)
            if len(self.waiting) >= WAITING or time.monotonic() - self.written > SECONDS:
                self.write()

    def write(self) -> None:
        """Append what waits, in one piece; begun with a line end, since the last may be torn."""
        lines, self.waiting = self.waiting, []
        self.written = time.monotonic()
        if not lines:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not self.path.is_file():
                raise FileExistsError(errno.EEXIST, "it is no file")
            with open(self.path, "ab", buffering=0) as file:
                file.write(b"\n" + b"\n".join(lines) + b"\n")
        except OSError as error:
            self.writable = False
            log.warning(
                "Which media files can be decoded is remembered in this process only: %s cannot "
                "be written (%s). Set %s to a folder of yours.",
                *(self.path, error.strerror, paths.CACHE_VARIABLE),
            )


_stores: dict[Path, _Store] = {}


def _store() -> _Store:
    root = paths.cache_root()
    if root not in _stores:
        _stores[root] = _Store(root / f"media-verdicts-{RULES}.txt")
    return _stores[root]


@atexit.register
def flush() -> None:
    """Write what waits."""
    for store in _stores.values():
        store.write()
