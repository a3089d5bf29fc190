"""The files of pretrained networks: where they lie, whether they are right, and how they get here.

A network's files lie below the cache (`weights/<repository or file>/`), or in the Hub's own
cache. Nothing is fetched while something is scored.
"""

import functools
import hashlib
import os
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import GeneralBenchError, MissingWeights
from lm_eval_generalbench.media.faults import stamp

if TYPE_CHECKING:
    from lm_eval_generalbench.metrics.backbones import Backbone

BLOCK = 2**20  # bytes read at a time
COMMAND = "`generalbench data weights fetch --only {}`"


def folder(name: str, line: "Backbone") -> Path:
    """The folder that holds the files of a network.

    Raises:
        MissingWeights: One is missing.
        GeneralBenchError: The first one is another than the one that is pinned.
    """
    found = located(line)
    if found is None:
        from lm_eval_generalbench.metrics import backbones

        name = backbones.listed(name) if name in backbones.BACKBONES else name
        brings = COMMAND.format(name)
        raise MissingWeights(
            f"needs weights: {name} ({line.megabytes:,} MB) is not here. {brings} brings it."
        )
    _check(*stamp(found / _there(found, line)[0]), line.sha256)
    return found


def located(line: "Backbone") -> Path | None:
    """The folder that holds all files of a network; None if there is none.

    First that of the cache, where files can be put by hand; then the Hub's.
    """
    own = own_folder(line)
    if len(_there(own, line)) == len(line.files):
        return own
    if line.repository:
        from huggingface_hub import constants, try_to_load_from_cache

        for file in line.files[0].split("|"):
            revision = line.revision or None
            path = try_to_load_from_cache(
                line.repository, file, cache_dir=constants.HF_HUB_CACHE, revision=revision
            )
            if isinstance(path, str) and len(_there(Path(path).parent, line)) == len(line.files):
                return Path(path).parent
    return None


def own_folder(line: "Backbone") -> Path:
    """Where the files of a network lie below the cache."""
    called = line.repository.replace("/", "--") or Path(line.files[0].split("|")[0]).stem
    return paths.cache_root() / "weights" / called


def _there(where: Path, line: "Backbone") -> list[str]:
    """The last names of those of a network's files that lie in a folder."""
    found = []
    for choice in line.files:
        names = [Path(file).name for file in choice.split("|")]
        found += [file for file in names if (where / file).is_file()][:1]
    return found


def pin(line: "Backbone", where: Path) -> str:
    """What tells one version of a network's weights from another: hexadecimal digits.

    Without a pin in the table it is the sha256 of the first file.
    """
    own = line.revision or line.sha256
    return own or _digest(*stamp(where / _there(where, line)[0]))


@functools.lru_cache(maxsize=64)
def _digest(path: str, stamp: int) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


@functools.lru_cache(maxsize=64)
def _check(path: str, stamp: int, wanted: str) -> None:
    if wanted and not _digest(path, stamp).startswith(wanted):
        raise GeneralBenchError(
            f"{path} is not the file that is pinned: its sha256 does not begin with {wanted}. "
            "Remove it and fetch it again."
        )


# ---- getting them


def fetch(name: str, line: "Backbone") -> Path:
    """Get the files of a network that are not here.

    Returns:
        The folder that holds them.

    Raises:
        GeneralBenchError: They cannot be got, or are others than those that are pinned.
    """
    if located(line) is None:
        if line.repository:
            _from_hub(name, line)
        elif line.address:
            _from_address(name, line)
        else:
            raise GeneralBenchError(
                f"{name}: nobody offers {', '.join(line.files)} under an address that stays. "
                f"Put what its authors publish into {own_folder(line)}."
            )
    return folder(name, line)


def _from_hub(name: str, line: "Backbone") -> None:
    import huggingface_hub
    from huggingface_hub.utils import (
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
    )

    for choice in line.files:
        files = choice.split("|")
        for file in files:
            try:
                huggingface_hub.hf_hub_download(
                    line.repository, file, revision=line.revision or None
                )
                break
            except LocalEntryNotFoundError as error:
                raise _unfetched(name, line, "the Hub is not asked, or not reached") from error
            except EntryNotFoundError as error:
                if file == files[-1]:
                    raise _unfetched(name, line, f"{line.repository} has no {file}") from error
            except (HfHubHTTPError, OSError, ValueError) as error:
                reason = " ".join(str(error).split())[:160]
                raise _unfetched(name, line, reason) from error


def _from_address(name: str, line: "Backbone") -> None:
    if os.environ.get("HF_HUB_OFFLINE", "").casefold() in ("1", "true", "yes", "on"):
        raise _unfetched(name, line, "HF_HUB_OFFLINE is set")
    path = own_folder(line) / Path(line.files[0]).name
    if not re.match(r"https://", line.address):
        raise GeneralBenchError(f"{name}: {line.address} is no https address.")
    try:
        with (
            urllib.request.urlopen(line.address, timeout=60) as answer,
            paths.replacing(path, "wb") as file,
        ):
            shutil.copyfileobj(answer, file, BLOCK)
            file.flush()
            _check(*stamp(file.name), line.sha256)
    except (OSError, urllib.error.URLError) as error:
        raise _unfetched(name, line, " ".join(str(error).split())[:160]) from error


def _unfetched(name: str, line: "Backbone", reason: str) -> GeneralBenchError:
    files = ", ".join(choice.replace("|", " or ") for choice in line.files)
    at = f" at commit {line.revision}" if line.revision else ""
    source = f"https://huggingface.co/{line.repository}{at}" if line.repository else line.address
    return GeneralBenchError(
        f"{name} cannot be fetched: {reason.rstrip('.')}. Get {files} from {source} and put it into "
        f"{own_folder(line)}."
    )
