"""Folders that hold the records of several tasks: which record belongs to which of them."""

import csv
import fnmatch
import functools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import names
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders import archives, headers, wrappers
from lm_eval_generalbench.words import counted

# fields of a record that may name its task, and those that may name its object
TASK_FIELDS = (
    "task sub_task subtask task_name category sub_category super_category domain class class_name"
).split()
CLASS_FIELDS = (
    *TASK_FIELDS,
    *("label", "object", "object class", "object category", "shape", "synset", "synset id", "name"),
)
FILLERS = set("and of the in on for a to".split())  # of titles
VAGUE = {"item"}  # too common in names of files to mean a task
BESIDE = set("image render view model object point cloud".split())  # words of file names


class Share(NamedTuple):
    """How the records of a folder are given to tasks."""

    rules: tuple[str, ...] = ()  # ids of the tasks that names and fields tell apart
    conditions: tuple[
        tuple[str, str], ...
    ] = ()  # (id, `where`) of generalbench.csv; they come first
    rest: str = ""  # id of the task that gets what is left


class Part(NamedTuple):
    """Some records of one annotation."""

    path: Path  # of the annotation
    base: Path  # folder in which its files are looked for
    numbers: tuple[int, ...]  # positions of the records


class Split(NamedTuple):
    """Who gets what of a folder."""

    parts: dict[str, tuple[Part, ...]]  # by task id; no record is in two
    problems: tuple[str, ...]  # what belongs to nobody, in lines
    broken: dict[str, str]  # task id -> why its annotation cannot be read
    short: tuple[str, ...]  # annotations that lack records, as their headers say, in lines


# -- tables -------------------------------------------------------------------------------


def share_named(name: str, modality: str, paradigm: str) -> Share | None:
    """The share of a folder that is known to hold several tasks, by its name."""
    ids = _known().get(catalog.canonical(name), {})
    fitting = [x for group, x in ids.items() if group in names.groups(modality, paradigm)]
    return Share(fitting[0]) if len(fitting) == 1 else None


@functools.cache
def _known() -> dict[str, dict[tuple[str, str], tuple[str, ...]]]:
    found: dict[str, dict[tuple[str, str], tuple[str, ...]]] = defaultdict(dict)
    for row in _rows("shared_folders.csv"):
        skills = row["skills"].split(";")
        ids = tuple(task.id for task in catalog.tasks().values() if task.skill_id in skills)
        for name in row["folders"].split(";"):
            found[catalog.canonical(name)][row["modality"], row["paradigm"]] = ids
    return found


@functools.cache
def object_classes() -> dict[str, dict[str, str]]:
    """Of every task whose documents are objects of known classes: canonical class -> task id.

    The keys of the outer mapping are names of the data sets the objects come from.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("object_classes.csv"):
        for spelling in [row["class"], *row["spellings"].split(";")]:
            if spelling:
                found[row["data_set"]][catalog.canonical(spelling)] = row["id"]
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (catalog.FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.lru_cache
def _classes(ids: tuple[str, ...]) -> dict[str, str]:
    """Canonical class -> id, of the data set whose classes these tasks divide."""
    for classes in object_classes().values():
        if set(classes.values()) <= set(ids):
            return classes
    return {}


# -- words that tell tasks apart ------------------------------------------------------------


class Words(NamedTuple):
    """How the tasks of a folder are told apart by words."""

    exact: dict[str, str]  # canonical names and abbreviations -> id
    single: dict[str, str]  # words that one title alone has -> id
    common: set[str]  # words of all titles
    wider: set[str]  # words of skills alone: what has one of these means several tasks


@functools.lru_cache
def _words(ids: tuple[str, ...]) -> Words:
    tasks = [catalog.task(id) for id in ids]
    counts = Counter(word for task in tasks for word in set(_tokens(task.title)))
    exact: dict[str, set[str]] = defaultdict(set)
    single: dict[str, str] = {}
    for task in tasks:
        own = [word for word in _tokens(task.title) if counts[word] == 1]
        single |= dict.fromkeys(own, task.id)
        shorts = [x for x in re.split(r"[^A-Za-z]+", task.official_short) if x]
        for name in (task.title, task.official_short, task.name, " ".join(own), *own, *shorts):
            exact[catalog.canonical(name)].add(task.id)
    common = {word for word, count in counts.items() if count == len(ids)}
    skills = {word for task in tasks for word in _tokens(task.skill)}
    once = {name: min(owners) for name, owners in exact.items() if len(owners) == 1}
    return Words(once, single, common, skills - counts.keys() - BESIDE)


def _tokens(name: str) -> list[str]:
    """The words of a name in small letters and singular, without fillers and numbers."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[a-z]+", spaced.lower())
    return [_singular(word) for word in words if word not in FILLERS]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def told(name: str, ids: tuple[str, ...], by_file: bool = False) -> str | None:
    """Id of the one task of `ids` that a name means; None if it means none, or several.

    Args:
        name: Of a folder, a file (without ending) or a field's value.
        ids: The tasks.
        by_file: It is a name somewhere in a record, which has no other words then.
    """
    words = _words(ids)
    match = names.ID.fullmatch(name.strip())
    if match:
        task = names.named(name)
        return task.id if task and task.id in ids else None
    if not by_file and (found := words.exact.get(catalog.canonical(name))):
        return found
    tokens = [word for word in _tokens(name) if not (by_file and word in VAGUE)]
    meant = {words.single[word] for word in tokens if word in words.single}
    if not words.wider.isdisjoint(tokens):
        return None
    if by_file and any(x not in words.single and x not in words.common | BESIDE for x in tokens):
        return None
    return meant.pop() if len(meant) == 1 else None


# -- rules ----------------------------------------------------------------------------------


def _scopes(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record and the mappings in it, such as its input, output and notes."""
    inner = [x for x in record.values() if isinstance(x, dict)]
    return [record, *inner, *(x for scope in inner for x in scope.values() if isinstance(x, dict))]


def _values(record: dict[str, Any], fields: Collection[str]) -> Iterator[str]:
    """What fields of these names say; a list of several is one of candidates."""
    wanted = {catalog.canonical(field) for field in fields}
    for scope in _scopes(record):
        for key, value in scope.items():
            if isinstance(value, list):
                value = value[0] if len(value) == 1 else None
            if catalog.canonical(key) in wanted and isinstance(value, str | int):
                yield str(value)[:200]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value[:100]:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in list(value.values())[:100]:
            yield from _strings(item)


def _by_field(record: dict[str, Any], ids: tuple[str, ...]) -> set[str]:
    """A field that says task, category, domain or class."""
    return {id for value in _values(record, TASK_FIELDS) if (id := told(value, ids))}


def _by_class(record: dict[str, Any], ids: tuple[str, ...]) -> set[str]:
    """The class of the object, as a field or as the answer."""
    classes = _classes(ids)
    given = [*_values(record, CLASS_FIELDS), *_strings(record.get("output"))]
    return {id for value in given if (id := classes.get(catalog.canonical(value)))}


def _by_name(record: dict[str, Any], ids: tuple[str, ...]) -> set[str]:
    """The folders and names of the record's files, and its id."""
    classes = _classes(ids)
    found: set[str | None] = set()
    given = [x for x in _paths(record) if "\n" not in x]
    for text in [*given, str(record.get("id", ""))]:
        parts = [p for p in PurePosixPath(text.replace("\\", "/")).parts if p not in ("/", ".")]
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            bare = part.partition(".")[0] if last else part
            stem = re.sub(r"[\W_]*\d+$", "", bare)
            short = _words(ids).exact.get(catalog.canonical(stem)) if last else None
            of_class = (classes.get(catalog.canonical(x)) for x in (bare, stem))
            found.add(next(filter(None, of_class), None) or told(stem, ids, True) or short)
    return {id for id in found if id}


def _paths(record: dict[str, Any]) -> Iterator[str]:
    """Strings of a record that look like paths of files."""
    for scope in (record.get("input"), record.get("output"), record):
        given = (
            scope
            if scope is not record
            else {k: v for k, v in record.items() if k not in ("id", "input", "output")}
        )
        for text in _strings(given):
            if len(text) < 500 and re.search(r"[/\\]|\.\w{1,8}$", text):
                yield text


RULES: tuple[Callable[[dict[str, Any], tuple[str, ...]], set[str]], ...] = (
    _by_field,
    _by_class,
    _by_name,
)


def by_rules(record: Any, ids: tuple[str, ...]) -> set[str]:
    """What the first rule that says anything says: one task, or several that contradict each other."""
    if not isinstance(record, dict):
        return set()
    return next((found for rule in RULES if (found := rule(record, ids))), set())


def meets(record: Any, where: str) -> bool:
    """Whether a record meets a `where` of generalbench.csv.

    >>> record = {"class": "Tent", "input": {"points": "./data/tents/tent_01.off"}}
    >>> [meets(record, where) for where in ("class=tent", "class = lamp", "tents/*", "tent_*.off")]
    [True, False, True, True]
    """
    if not isinstance(record, dict):
        return False
    field, equals, wanted = where.partition("=")
    if equals and re.fullmatch(r"[\w .-]+", field):
        values = [*_looked_up(record, field.strip())]
        return any(fnmatch.fnmatchcase(x, _plain(wanted)) or x == _plain(wanted) for x in values)
    glob = where.strip().replace("\\", "/").casefold()
    texts = [x.replace("\\", "/").casefold() for x in _paths(record)]
    return any(fnmatch.fnmatchcase(x, y) for x in texts for y in (glob, f"*/{glob}"))


def _plain(value: Any) -> str:
    return str(value).strip().casefold()


def _looked_up(record: dict[str, Any], field: str) -> Iterator[str]:
    """The values of a field of the record, of its input or output; `a.b` looks into a."""
    for scope in _scopes(record):
        value: Any = scope
        for part in field.split("."):
            keys = {_plain(k): k for k in value} if isinstance(value, dict) else {}
            value = value[keys[_plain(part)]] if _plain(part) in keys else None
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str | int | float):
                yield _plain(item)


# -- splitting ------------------------------------------------------------------------------


class _Source(NamedTuple):
    path: Path
    base: Path
    owner: str  # id of the task whose name it bears, or ""
    stray: bool = False  # left over: generalbench.csv alone gives its records


def split(folder: Path, share: Share) -> Split:
    """Give every record of a folder to one task or to none.

    What generalbench.csv says comes first. Then, for the known folders: sub-folders
    named like a task, annotations named like one, a field, the object's class, names of
    files. A record that several tasks claim by the same rule goes to none of them.
    """
    sources = _sources(folder, share)
    owned = {source.owner for source in sources if source.owner}
    numbers: dict[str, dict[_Source, list[int]]] = defaultdict(lambda: defaultdict(list))
    problems = []
    broken: dict[str, str] = {}
    counts: dict[Path, tuple[int, int]] = {}
    for source in sources:
        open_, doubled = [], 0
        try:
            items, stated = _items(source.path)
        except BadData as error:
            if source.stray:
                problems.append(str(error))
                continue
            others = {*share.rules, *(id for id, _ in share.conditions), share.rest} - owned
            broken |= dict.fromkeys([source.owner] if source.owner else others - {""}, str(error))
            continue
        counts[source.path] = len(items), stated
        for number, item in enumerate(items):
            claims = {id for id, where in share.conditions if meets(item, where)}
            if not claims and source.owner:
                claims = {source.owner}
            elif not claims and share.rules and not source.stray:
                claims = by_rules(item, share.rules)
                if claims <= owned and len(claims) == 1:
                    doubled += 1
                    continue
            if not claims and share.rest and not source.stray:
                claims = {share.rest}
            if len(claims) == 1:
                numbers[min(claims)][source].append(number)
            else:
                open_.append((number, item, claims))
        where = source.path
        if open_:
            number, item, claims = open_[0]
            id = item.get("id", "") if isinstance(item, dict) else ""
            why = f"{' and '.join(sorted(claims))} claim it" if claims else "no task claims it"
            if source.stray and not claims:
                why = "its folder and file mean no task, and another annotation is read"
            problems.append(
                f"{where}: {len(open_)} of {counted(len(items), 'record')} "
                f"{'belongs' if len(open_) == 1 else 'belong'} to no task, such as record {number} "
                f"(id {str(id)[:40]!r}): {why}. Such records load nowhere; lines "
                "`folder,id,where` in generalbench.csv settle them, where is `field=value` or a "
                "glob of their files."
            )
        if doubled:
            problems.append(
                f"{where}: {doubled} of {counted(len(items), 'record')} "
                f"{'is' if doubled == 1 else 'are'} of tasks that have an annotation of their own "
                "beside it; such records load nowhere."
            )
    parts = {
        id: tuple(Part(s.path, s.base, tuple(found)) for s, found in by_source.items())
        for id, by_source in numbers.items()
    }
    return Split(parts, tuple(problems), broken, tuple(_short(counts)))


def _short(counts: dict[Path, tuple[int, int]]) -> Iterator[str]:
    """Lines on annotations with fewer records than their headers count, all tasks together.

    A header may count its own records, or those of all annotations of the folder.
    """
    every = sum(have for have, _ in counts.values())
    common = len({stated for _, stated in counts.values() if stated}) == 1
    for path, (have, stated) in counts.items():
        if (every if common else have) < headers.LEAST * stated:
            yield (
                f"{path} has {have} records of all its tasks and should have {stated}, as its "
                "header says: an incomplete copy. `generalbench data download` fetches the rest."
            )


def _items(path: Path) -> tuple[list[Any], int]:
    """The records of an annotation, and how many its header says there are; 0 if it does not."""
    value = headers.read_json(path)
    stated = headers.count(value) if isinstance(value, dict) else 0
    items = value.get("data") if isinstance(value, dict) else value
    if not isinstance(items, list):
        raise BadData(
            f'{path} has no list of records under "data". Download the file again, or name the '
            "right file in generalbench.csv."
        )
    return items, stated


def _sources(folder: Path, share: Share) -> list[_Source]:
    """The annotations of a folder: those that bear the name of a task, then the one of all."""
    if folder.is_file():
        return [_Source(folder, folder.parent, "")]
    found: list[_Source] = []
    for place in _containers(folder) if share.rules else ():
        for inner in headers.subfolders(place):
            owner = told(inner.name, share.rules)
            path = headers.annotation_file(inner)
            if path and not owner and not headers.is_part(inner.name, ""):
                owner = _told_by_header(path, share.rules, of_a_part=True)
            if owner and path:
                _add(found, _Source(path, _base(inner, folder), owner))
        for part in [place, *(x for x in headers.subfolders(place) if headers.is_part(x.name, ""))]:
            for path in sorted(x for x in part.iterdir() if x.suffix.lower() == ".json"):
                stem = re.sub("annotations?", "", path.stem, flags=re.IGNORECASE)
                owner = told(stem, share.rules) or _told_by_header(path, share.rules)
                if owner and path.stem.lower() not in headers.NOT_ANNOTATIONS:
                    _add(found, _Source(path, folder, owner))
    if not share.rules:
        mains = filter(None, map(headers.annotation_file, _containers(folder)))
        return [_Source(main, folder, "") for main in [*mains][:1]]
    read, *others = _of_all(folder, {source.path for source in found}) or [[]]
    found += [_Source(path, base, "") for path, base in read]
    return found + [_Source(path, base, "", True) for group in others for path, base in group]


def _of_all(folder: Path, taken: set[Path]) -> list[list[tuple[Path, Path]]]:
    """The annotations that bear no task's name, with the folders of their files, best first.

    A group is one file whose name is sure, or all others of a place. The first group is
    the folder's; what is in the others is left over.
    """
    groups: list[list[tuple[Path, Path]]] = []
    inside: list[tuple[Path, Path]] = []
    places = _containers(folder)
    for place in places:
        files = [*headers.annotations(place, place.name, without=taken)]
        sure = [x for x in files if headers.is_sure(x.relative_to(place).as_posix(), place.name)]
        groups += [[(x, folder) for x in sure[:1]], [(x, folder) for x in files if x not in sure]]
        for inner in headers.subfolders(place):
            if inner not in places and not wrappers.is_usual(inner.name):
                path = headers.annotation_file(inner, without=taken)
                inside += [(path, _base(inner, folder))] if path else []
    if len(inside) == 1 and not taken:  # it only wraps what belongs to the folder
        inside = [(inside[0][0], folder)]
    return [group for group in (*groups, inside) if group]


def _base(inner: Path, folder: Path) -> Path:
    """Where the files of a sub-folder's annotation are: beside it, or else anywhere in the folder."""
    return folder if all(x.suffix.lower() == ".json" for x in inner.iterdir()) else inner


def _add(found: list[_Source], source: _Source) -> None:
    """A task has one annotation: what was found first stays."""
    if source.owner not in {x.owner for x in found}:
        found.append(source)


def _told_by_header(path: Path, ids: tuple[str, ...], of_a_part: bool = False) -> str | None:
    """The task of an annotation: its name in the header, and of a part's its domain or class."""
    header = headers.header(path)
    found = {task.id for task in names.of_header(header) if task.id in ids}
    if not found and (of_a_part or not headers.is_sure(path.name, path.parent.name)):
        found = _by_field({k: v for k, v in header.items() if k not in ("data", "task")}, ids)
    return found.pop() if len(found) == 1 else None


def _containers(folder: Path) -> list[Path]:
    """The folder, and those inside that only wrap its content."""
    inner = headers.subfolders(folder)
    wraps = [
        x
        for x in inner
        if catalog.canonical(x.name) in (*archives.SETS, catalog.canonical(folder.name))
    ]
    return [folder, *wraps]


def has_annotation(folder: Path, share: Share) -> bool:
    """Whether there is anything to split."""
    return folder.exists() and not archives.is_archive(folder) and bool(_sources(folder, share))


def kept(share: Share | None) -> Callable[[str], bool] | None:
    """Which folders on top of an archive tell the task and have to stay; see `unpacking.unpack`."""
    if share is None or not share.rules:
        return None
    rules = share.rules
    return lambda name: told(name, rules) is not None


def owners(name: str, modality: str, paradigm: str) -> set[str]:
    """Ids of the tasks that a folder or an archive (without its ending) means by its name."""
    task = names.named(name, modality, paradigm)
    share = share_named(name, modality, paradigm)
    return {task.id} if task else set(share.rules) if share else set()
