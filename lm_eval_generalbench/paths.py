"""Where things are: the data root and the task files. The only reader of the environment."""

import errno
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from lm_eval_generalbench.errors import DataMissing, GeneralBenchError
from lm_eval_generalbench.words import no_root

TASK_YAMLS = "task_yamls"  # the folder of a checkout
MADE_UP = "MADE_BY_DEMO.txt"  # in a data root that `lm_eval_generalbench.demo.make` wrote
DATA_VARIABLE = "GENERALBENCH_DATA"
CACHE_VARIABLE = "GENERALBENCH_CACHE"
JUDGE_VARIABLE = "GENERALBENCH_JUDGE_URL"
DEVICE_VARIABLE = "GENERALBENCH_DEVICE"
HALVES = "backslashreplace"  # how half characters are written: what JSON reads back


def data_root(given: str | Path | None = None) -> Path:
    """The folder that holds the data set: `given`, else GENERALBENCH_DATA.

    Raises:
        DataMissing: Neither is set, or the folder does not exist.
    """
    value = given or os.environ.get(DATA_VARIABLE)
    if not value:
        raise DataMissing(
            "No data root is set. Give `--metadata gb_root=FOLDER` or set "
            f"{DATA_VARIABLE}=FOLDER to the folder that holds image/, nlp/ and so on."
        )
    root = Path(value).expanduser()
    if not root.is_dir():
        raise DataMissing(
            f"{no_root(root)} Correct gb_root or {DATA_VARIABLE}; "
            "`generalbench data download` fetches the data set."
        )
    return root


def demo_root() -> Path:
    """The small data set inside the package."""
    return Path(__file__).parent / "demo" / "data"


def is_made_up(root: Path) -> bool:
    """Whether a data root is the small data set inside the package, or a copy of it."""
    return (root / MADE_UP).is_file()


def task_yamls() -> Path:
    """The folder of task files: beside the package in a checkout, else inside the harness.

    Raises:
        DataMissing: Neither place has them.
    """
    checkout = Path(__file__).parent.parent / TASK_YAMLS
    harness = importlib.util.find_spec("lm_eval")
    installed = (
        Path(harness.origin or "").parent / "tasks" / "generalbench" if harness else checkout
    )
    for folder in (checkout, installed):
        if folder.is_dir():
            return folder
    raise DataMissing(
        f"The task files are neither at {checkout} nor at {installed}. Install the package again."
    )


def judge_url() -> str | None:
    """Address of the OpenAI-compatible server that judges open answers, if one is set."""
    return os.environ.get(JUDGE_VARIABLE) or None


def judge_model() -> str | None:
    """Name of the model that the judge's server is asked for."""
    return os.environ.get("GENERALBENCH_JUDGE_MODEL") or None


def judge_key() -> str | None:
    """Key for the judge's server."""
    return os.environ.get("OPENAI_API_KEY") or None


def judge_requests() -> int:
    """How many requests to the judge are under way at a time.

    Raises:
        GeneralBenchError: The variable holds no whole number from 1 to 256.
    """
    given = os.environ.get("GENERALBENCH_JUDGE_REQUESTS") or "8"
    if not given.isdecimal() or not 1 <= int(given) <= 256:
        raise GeneralBenchError(
            f"GENERALBENCH_JUDGE_REQUESTS is {given[:20]!r}. Set it to a whole number from 1 to 256."
        )
    return int(given)


def device() -> str:
    """The torch device that metrics compute on, such as cuda:1; "" for the best that there is."""
    return os.environ.get(DEVICE_VARIABLE) or ""


def environment() -> Mapping[str, str]:
    """All variables of the environment, for those who have to keep their values to themselves."""
    return dict(os.environ)


def cache_root() -> Path:
    """Where verdicts are kept: the judge's, and those about media files that were decoded.

    GENERALBENCH_CACHE, else a folder of ours in the user's cache folder. It may not be there
    yet, and it may be impossible to write.
    """
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(os.path.expanduser(given))
    home = os.path.expanduser("~")  # stays "~" in a container whose user has none
    own = tempfile.gettempdir() if home == "~" else os.path.join(home, ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or own) / "lm_eval_generalbench"


@contextmanager
def replacing(path: Path, mode: str = "w") -> Iterator[IO]:
    """Open a temporary file that takes the place of `path` when all was written.

    If the block raises or the process dies, `path` stays as it was. What is replaced keeps
    its mode and its owner; where `path` is a symbolic link, the link stays and the file that
    it leads to is replaced. Three things are written into, when all is there, and never
    replaced: devices and pipes, an open standard output, and files with several names
    (hard links), which all show the new content.

    Half characters (lone surrogates), which UTF-8 cannot hold, become `\\ud83d`: the escape
    of JSON, so that a JSON text reads back as it was.

    Raises:
        OSError: It cannot be written.
    """
    target = Path(os.path.realpath(path))
    there = _status(path)
    stream = _own_stream(there)
    replaced = there is None or (stat.S_ISREG(there.st_mode) and there.st_nlink == 1)
    in_place = not replaced or stream is not None
    if there is not None and stat.S_ISDIR(there.st_mode):  # before all is written in vain
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not in_place:
        target.parent.mkdir(parents=True, exist_ok=True)
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115  closed below
        mode,
        encoding=None if "b" in mode else "utf-8",
        errors=None if "b" in mode else HALVES,
        dir=None if in_place else target.parent,
        prefix=f".{target.name[:40]}.",
        delete=False,
    )
    try:
        with handle:
            yield handle
        if in_place:
            with open(handle.name, "rb") as new, _opened(path, stream) as old:
                shutil.copyfileobj(new, old)
            os.unlink(handle.name)
        else:
            _take_over(handle.name, there)
            os.replace(handle.name, target)
    except BaseException:
        Path(handle.name).unlink(missing_ok=True)
        raise


def _status(path: Path) -> os.stat_result | None:
    """What `path` is, links followed; None if nothing is there."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _own_stream(there: os.stat_result | None) -> int | None:
    """The number of our standard output or error if that is the file (`--json /dev/stdout`)."""
    for number in (1, 2):
        with suppress(OSError):  # closed
            if there is not None and os.path.samestat(there, os.fstat(number)):
                return number
    return None


def _opened(path: Path, stream: int | None) -> BinaryIO:
    """`path` for writing; a stream goes on where it is, and loses nothing of what it holds."""
    if stream is None:
        return open(path, "wb")
    for shown in (sys.stdout, sys.stderr):
        if shown is not None:
            shown.flush()
    return os.fdopen(os.dup(stream), "wb")


def _take_over(name: str, there: os.stat_result | None) -> None:
    """Give a new file the mode and owner of the one that it replaces, or what is usual."""
    if there is None:
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        return
    if hasattr(os, "chown"):
        with suppress(OSError):  # only root gives files away
            os.chown(name, there.st_uid, there.st_gid)
    os.chmod(name, stat.S_IMODE(there.st_mode))
