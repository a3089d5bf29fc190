"""What goes wrong with a file, in one line, and how much of it is read at most."""

import errno
import math
import os
import struct
import tokenize
import traceback
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from lm_eval_generalbench.errors import BadMedia

MAX_ELEMENTS = 200_000_000  # numbers in one array
MAX_BYTES = 8 * MAX_ELEMENTS  # of one array in memory, or of one file that is read whole
MAX_TEXT_BYTES = 256_000_000  # of numbers written as text, which parse slowly
SPARE = 2**30  # bytes that a decoder may want besides
MAX_PIXELS = 178_956_970  # Pillow's own limit, which the code of a model may have changed

# What zipfile, soundfile and our own readers raise for damaged files.
DATA_FAULTS = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
# What else numpy, Pillow and trimesh raise when a header promises what does not follow. The
# same errors tell of a mistake in a program, see `_is_ours`.
PROGRAM_FAULTS = (AssertionError, AttributeError, BufferError, NameError, TypeError)
FAULTS = (*DATA_FAULTS, *PROGRAM_FAULTS)

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@contextmanager
def decoding(path: str | Path, kind: str, faults: tuple = FAULTS) -> Iterator[None]:
    """Turn whatever a library says about a damaged file into one BadMedia line.

    A mistake of ours, such as an argument that a library does not take, stays what it is: no
    file is called damaged because of it.
    """
    try:
        yield
    except BadMedia:
        raise
    except FileNotFoundError as error:
        raise missing(path) from error
    except faults as error:
        if isinstance(error, PROGRAM_FAULTS) and _is_ours(error):
            raise
        raise bad(path, kind, said(error)) from error


def out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that led to it, says that there was not enough memory.

    Some decoders say so in words only, and some say that the file is damaged: an allocation
    that fails after them tells.
    """
    done: set[int] = set()
    while error is not None and id(error) not in done:
        done.add(id(error))
        words = str(error).lower()
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        if any(word in words for word in ("out of memory", "malloc", "allocat")):
            return True
        error = error.__cause__ or error.__context__
    import numpy as np

    try:
        np.empty(SPARE, np.uint8)  # which costs nothing: it is never filled
    except MemoryError:
        return True
    return False


def ffmpeg_faults() -> tuple:
    """What PyAV raises for damaged files. A TypeError of it is a mistake of its caller."""
    import av

    return (*DATA_FAULTS, av.FFmpegError)


# what libsndfile says of a file that it cannot read to where its header says that it ends
EARLY = ("Internal psf_fseek() failed",)


def said(error: BaseException) -> str:
    """What an error says, in one short line; of FFmpeg's the words without number and path."""
    ffmpeg = type(error).__module__.startswith("av.")
    text = getattr(error, "strerror", None) if ffmpeg else None
    line = " ".join(str(text or error).split())[:200].rstrip(".")
    if line in EARLY or (isinstance(error, EOFError) and not line):
        return "it ends too early"
    return line or type(error).__name__


def _is_ours(error: BaseException) -> bool:
    """Whether an error arose in this package's own code, or in a call that it made wrongly.

    PyAV, which is compiled, raises such an error only when it is called wrongly.
    """
    innermost = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        innermost = frame.f_code.co_filename
    return innermost.startswith("av" + os.sep) or os.path.abspath(innermost).startswith(OURS)


def missing(path: str | Path) -> BadMedia:
    """The error for a file that is not there."""
    return BadMedia(f"{path} does not exist. `generalbench data verify` lists gaps.")


def bad(path: str | Path, kind: str, reason: str) -> BadMedia:
    """The error for a file that is there and cannot be used."""
    return BadMedia(f"{path} is no usable {kind}: {reason}. Replace the file.")


def check_count(shape: Sequence[int], path: str | Path, kind: str) -> int:
    """The number of elements of `shape`.

    Raises:
        BadMedia: A length is negative or there are more than MAX_ELEMENTS.
    """
    count = math.prod(shape)
    if any(length < 0 for length in shape) or count > MAX_ELEMENTS:
        raise bad(path, kind, f"shape {tuple(shape)} is beyond {MAX_ELEMENTS:,} elements"[:200])
    return count


def read_bytes(path: str | Path, kind: str, limit: int = MAX_BYTES) -> bytes:
    """The whole file.

    Raises:
        BadMedia: It is missing, empty, not a plain file, or larger than `limit` bytes.
    """
    with decoding(path, kind):
        if not Path(path).is_file():  # a pipe or device would block for ever
            raise FileNotFoundError(path)
        size = Path(path).stat().st_size
        if size == 0 or size > limit:
            raise bad(path, kind, f"it has {size:,} bytes, expected 1 to {limit:,}")
        return Path(path).read_bytes()


def stamp(path: str | Path) -> tuple[str, int]:
    """Path and time of change: caches notice when a file was replaced."""
    try:
        return str(path), os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return str(path), 0
