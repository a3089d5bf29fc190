"""Find the file that a record names, however its path was written."""

import functools
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from lm_eval_generalbench import media

FILE_NAME = re.compile(r"[^\n\r\t<>|*?\"]{1,300}\.[A-Za-z0-9]{1,8}")
LABEL_FILES = {".label", ".seg", ".normals"}  # labels and normals of points
# where files of one role usually lie; earlier is better
INPUT_FOLDERS = (
    "images image img imgs frames videos video audios audio sounds pointclouds pointcloud points "
    "meshes source_images sketch"
).split()
OUTPUT_FOLDERS = (
    "masks mask annotations annotation ann segs seg segmentation labels label gt groundtruth "
    "ground_truth depths depth flows flow disparity target_images target_image targets"
).split()
# words in the names of folders that hold what is given, and what is kept back
GIVEN_WORDS = frozenset(
    "input inputs noisy noise pred preds prediction predictions lq lr masked source sources src hazy "
    "haze foggy rainy rain blurry blurred blur degraded corrupted corrupt damaged distorted lowlight "
    "low partial incomplete condition conditions".split()
)
KEPT_WORDS = frozenset(
    "gt gts groundtruth truth target targets reference references ref refs clean sharp label labels "
    "annotation annotations mask masks seg segs segmentation answer answers".split()
)


class Foreign(NamedTuple):
    """What a path is not taken to mean where it is not written in full."""

    words: frozenset[str] = frozenset()  # in names of folders of the other role
    paths: frozenset[str] = frozenset()  # files and folders of the same record


NOTHING = Foreign()


def is_file_name(text: str) -> bool:
    """Whether a text looks like the name of a media file or of a file of labels."""
    ending = Path(text).suffix.lower()
    return bool(FILE_NAME.fullmatch(text)) and (ending in media.KINDS or ending in LABEL_FILES)


class Index:
    """All files and folders below a task's folder, by lower-cased name.

    A name is compared part by part from its end: `./data/x/images/7.jpg` finds
    `images/7.jpg`. Of several equally good files the one in a folder that is
    usual for the role wins, then the shortest path. A path of several parts
    that is right as it stands, or below a usual folder, is not compared with
    the others: a thousand videos may all have a frame 00001.jpg. A file that the
    folder it is written in lacks is not looked for in other folders, and a reference
    is not looked for among the inputs, nor an input among the references. Nothing
    outside the folder is ever returned. Case, the composition of accents, blanks
    around a name, and what an address adds to it (%20, ?download=true) do not matter.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_path: dict[str, str] = {}
        for here, folders, files in os.walk(folder, followlinks=True):
            relative = os.path.relpath(here, folder)
            prefix = "" if relative == "." else relative.replace(os.sep, "/") + "/"
            folders[:] = sorted(x for x in folders if not x.startswith("."))
            if prefix.count("/") > 12:  # a link back to a parent
                folders[:] = []
            for name in [*folders, *files]:
                self._by_name[_plain(name)].append(prefix + name)
                self._by_path[_plain(prefix + name)] = prefix + name

    def find(
        self, name: str, usual: list[str] | None = None, foreign: Foreign = NOTHING
    ) -> Path | None:
        """The file or folder that `name` means, or None.

        Args:
            name: Path as written in the record.
            usual: Folder names that are usual for the role, best first.
            foreign: What is of the other role.
        """
        for spelling in _spellings(name):
            parts = PurePosixPath(spelling.replace("\\", "/")).parts
            wanted = [_plain(part) for part in parts if part not in (".", "..", "/")]
            if wanted and wanted[-1] in self._by_name:
                return self._best(wanted, usual or [], foreign)
        return None

    def _best(self, wanted: list[str], usual: list[str], foreign: Foreign) -> Path | None:
        candidates = self._by_name[wanted[-1]]
        exact: list[str] = []
        if len(wanted) > 1:
            whole = "/".join(wanted)
            places = [whole, *(f"{folder}/{whole}" for folder in usual)]
            exact = [self._by_path[x] for x in places if x in self._by_path]
            candidates = exact or candidates
            if self._lacks(wanted, candidates, usual):
                return None
        ranks = {folder: i for i, folder in enumerate(usual)}

        def badness(path: str) -> tuple[int, int, int, str]:
            have = _plain(path).split("/")
            common = _common(wanted, have)
            role = min((ranks[p] for p in have[:-1] if p in ranks), default=len(ranks))
            return -common, role, len(have), path

        if exact or foreign == NOTHING:
            return self.folder / min(candidates, key=badness)
        ordered = sorted(candidates, key=badness)
        own = next((x for x in ordered if not self._is_foreign(x, wanted, foreign)), None)
        if own is None or (len(wanted) > 1 and self._lacks(wanted, [own], usual)):
            return None
        return self.folder / own

    def _is_foreign(self, path: str, wanted: list[str], foreign: Foreign) -> bool:
        """Whether a file whose path differs from the one that is written is of the other role."""
        place = self.folder / path
        inside = not foreign.paths.isdisjoint((str(place), str(place.parent)))
        if inside and (str(place) in foreign.paths or not place.is_dir()):
            return True
        have = _plain(path).split("/")
        common = _common(wanted, have)
        if common == min(len(wanted), len(have)):  # no folder stands in the place of another
            return False
        beside = {str(Path(x).parent) for x in foreign.paths}
        written = _words(wanted[:-common])
        return str(place.parent) in beside or bool(
            foreign.words & _words(have[:-common]) and not foreign.words & written
        )

    def _lacks(self, wanted: list[str], candidates: list[str], usual: list[str]) -> bool:
        """Whether the folder that a path names is there, and the file is in others only.

        A frame that is missing in its video is not that of another video.
        """
        parent = wanted[-2]
        if parent in (*INPUT_FOLDERS, *OUTPUT_FOLDERS, *usual):
            return False
        if any(_plain(path).split("/")[-2:-1] == [parent] for path in candidates):
            return False
        return any((self.folder / path).is_dir() for path in self._by_name.get(parent, []))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().lower()


def _common(wanted: list[str], have: list[str]) -> int:
    """How many parts at the end of two paths are the same."""
    pairs = zip(reversed(wanted), reversed(have), strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(wanted), len(have)))


def _words(parts: Iterable[str]) -> set[str]:
    """The words of which names of folders are made.

    >>> sorted(_words(["source_images", "v-2"]))
    ['2', 'images', 'source', 'v']
    """
    return {word for part in parts for word in re.split(r"[\W_]+", part) if word}


def is_kept(folder: str) -> bool:
    """Whether the name of a folder says that references lie in it.

    >>> is_kept("ground-truth"), is_kept("frames")
    (True, False)
    """
    return not KEPT_WORDS.isdisjoint(_words([_plain(folder)]))


def _spellings(name: str) -> Iterator[str]:
    """A path as it is written, and as it may be meant."""
    yield name
    if "%" in name:
        yield unquote(name)
    address = re.sub(r"^\s*[a-z][a-z0-9+.-]+://", "", name, flags=re.IGNORECASE)
    bare = re.split(r"[?#]", address, maxsplit=1)[0]
    if bare not in ("", name):
        yield unquote(bare)


@functools.lru_cache(maxsize=4)
def index(folder: Path) -> Index:
    """The index of a folder; the last few are kept."""
    return Index(folder)


def find(
    name: str, folders: Iterable[Path], usual: Sequence[str], foreign: Foreign = NOTHING
) -> Path | None:
    """The file or folder that `name` means in the first of the folders that has it, or None."""
    found = (index(folder).find(name, list(usual), foreign) for folder in folders)
    return next((path for path in found if path is not None), None)


def is_written(name: str, path: Path) -> bool:
    """Whether a path ends as it is written in a record, with all its folders."""
    wanted = [
        _plain(x) for x in PurePosixPath(name.replace("\\", "/")).parts if x not in (".", "/")
    ]
    return _common(wanted, [_plain(x) for x in path.parts]) == len(wanted)


def given(name: str, folders: Iterable[Path], references: Iterable[str] = ()) -> Path | None:
    """The file or folder of a record's input; none of its references, which are never shown."""
    return find(name, folders, INPUT_FOLDERS, Foreign(KEPT_WORDS, frozenset(references)))


def reference(name: str, folders: Iterable[Path], inputs: Iterable[str] = ()) -> Path | None:
    """The file or folder of a record's reference; none of its inputs."""
    return find(name, folders, OUTPUT_FOLDERS, Foreign(GIVEN_WORDS, frozenset(inputs)))
