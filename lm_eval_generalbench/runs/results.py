"""What models reached: results files of the harness, and tables of printed values.

Every value leaves this module in the unit of the published tables, with what is
known about how it came about. Several files of one model are merged: of a task
that was run more than once, the latest run counts.
"""

import csv
import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from lm_eval_generalbench import catalog
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.words import inert, listed

TABLES = {".csv": ",", ".tsv": "\t"}
WORKBOOK = ".xlsx"  # the official spreadsheet
UNSUPPORTED = ("", "-", "∞")  # cells of a table, beside 0, inf and nan
NAMED_BY = ("peft", "delta", "pretrained", "model", "path", "engine")  # as the harness does
VERSIONS = {
    "gb_package": "package",
    "gb_catalog": "catalog",
    "gb_prompts": "prompts",
    "gb_split": "data split",
}
SETTINGS = ("gb_frames", "gb_views", "gb_audio_rate")  # of ours that change what a model sees
SEEDS = ("random_seed", "numpy_seed", "torch_seed", "fewshot_seed")
FREE = {"seed"}  # what runs of one model may differ in
PATTERNS = ("results_*.json", "[0-9]*_results.json")  # of the harness, of lmms-eval


@dataclass(frozen=True)
class Value:
    """What one model reached in one task."""

    value: float | None  # in the printed unit; None if the task failed or is not supported
    failed: str = ""  # why there is no value although the task was run
    stderr: float | None = None  # standard error of the value, printed unit
    n: int | None = None  # documents that were run
    total: int | None = None  # documents that the task has
    limited: bool = False  # not all of them, as far as is known
    unparsed: float | None = None  # share of answers that could not be read, 0..1
    broken: float | None = None  # share of documents that were unusable, 0..1
    version: str = ""  # of the task
    source: str = ""  # file

    @property
    def partial(self) -> bool:
        """Whether the value stands for a part of the task's documents only."""
        return self.limited or bool(self.broken)


@dataclass
class Run:
    """All that is known about one model."""

    model: str
    values: dict[str, Value] = field(default_factory=dict)  # by task id
    versions: dict[str, list[str]] = field(default_factory=dict)  # harness, package ...
    files: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _Part(NamedTuple):
    """What one file says about one model."""

    model: str  # "" for a table that names none
    date: float | None  # seconds since 1970; None for a table, which has none
    source: str
    values: dict[str, Value]
    versions: dict[str, str]
    foreign: tuple[str, ...] = ()  # entries that are no tasks of ours
    unscored: tuple[str, ...] = ()  # tasks that were run with --predict_only
    problems: tuple[str, ...] = ()  # lines about what could not be used


def read(paths: Sequence[str | Path], allow_mixed: bool = False) -> list[Run]:
    """All models that the files and folders speak of, by name.

    Args:
        paths: Results files of the harness or of lmms-eval, folders that hold some
            at any depth (`results_*.json`, `<time>_results.json`), and tables (`.csv`, `.tsv`): a column `id` or `key`,
            then `value` or one column a model. Tables are in printed units; an
            empty cell, 0 and inf mean that the model does not support the task. A
            table with the column `value` names no model: it adds to the one that
            it is given with, where that has no value, and else has its file's name.
        allow_mixed: Accept values of other versions of a task than the catalog's,
            of unlike versions, prompts or settings, and the later one of two
            different values that no date puts in order.

    Raises:
        BadResults: A file cannot be used, there is none, or what is mixed is not
            allowed.
    """
    parts = [part for path in _files(paths) for part in _parts(path)]
    names = sorted({part.model for part in parts if part.model})
    merged: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        alone = Path(part.source).stem if len(names) != 1 else names[0]
        merged[part.model or alone].append(part)
    return [_merge(model, merged[model], allow_mixed) for model in sorted(merged)]


def read_one(paths: Sequence[str | Path], allow_mixed: bool = False) -> Run:
    """The one model that the files and folders speak of; see `read`.

    Raises:
        BadResults: As `read`; or there are several models.
    """
    runs = read(paths, allow_mixed)
    if len(runs) > 1:
        raise BadResults(
            f"There are {len(runs)} models: {listed([run.model for run in runs], 5)}. "
            "Name the files of one, or use `generalbench compare`."
        )
    return runs[0]


def _files(paths: Sequence[str | Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted({file for name in PATTERNS for file in path.rglob(name)})
            if not inside:
                raise BadResults(
                    f"{inert(path)} holds no results_*.json. Name the folder that was given to "
                    "`--output_path`, or a table (.csv, .tsv, .xlsx)."
                )
        elif path.is_file():
            inside = [path]
        else:
            raise BadResults(f"There is no file or folder {inert(path)}.")
        for file in inside:
            found.setdefault(file.resolve(), file)
    if not found:
        raise BadResults("No results were named. Give files or folders that hold some.")
    return list(found.values())


def _parts(path: Path) -> Iterator[_Part]:
    if path.suffix.lower() == WORKBOOK:
        yield from _workbook(path)
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadResults(f"{inert(path)} is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {inert(error)}.") from error
    if path.suffix.lower() in TABLES:
        yield from _table(path, text)
        return
    if path.suffix.lower() == ".jsonl":
        raise BadResults(
            f"{inert(path)} is a sample log, which holds answers but no task scores. "
            "Name the results_*.json beside it."
        )
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadResults(
            f"{inert(path)} is not complete JSON ({inert(error, 80)}). "
            "If a run was cut off, remove the file and run its tasks again."
        ) from error
    yield _harness(path, raw)


def _workbook(path: Path) -> Iterator[_Part]:
    """The models of an official spreadsheet; what it holds besides becomes warnings."""
    from lm_eval_generalbench.runs import workbook as spreadsheet

    book = spreadsheet.read(path)
    for model, printed in book.models.items():
        values = {
            id: Value(
                _cell("" if value is None else repr(value), catalog.task(id), str(path)),
                source=str(path),
            )
            for id, value in printed.items()
        }
        yield _Part(model, None, str(path), values, {}, problems=tuple(book.problems))


# Results files of the harness


def _harness(path: Path, raw: Any) -> _Part:
    entries = _mapping(raw, "results")
    if not entries and not (isinstance(raw, dict) and isinstance(raw.get("results"), dict)):
        raise BadResults(
            f'{inert(path)} has no "results", so it is no results file of the harness. '
            "Name the results_*.json that `--output_path` made."
        )
    values: dict[str, Value] = {}
    foreign, unscored = [], []
    for name, entry in entries.items():
        task = catalog.find(name) or catalog.find(f"generalbench_{name}")
        if task is None or not isinstance(entry, dict):
            foreign.append(name)
        elif any(key.partition(",")[0] == "bypass" for key in entry):
            unscored.append(task.name)
        else:
            values[task.id] = _value(task, name, entry, raw, str(path))
    foreign = [name for name in foreign if name not in _mapping(raw, "groups")]
    return _Part(
        _model(raw),
        _date(raw.get("date")),
        str(path),
        values,
        _versions(raw, entries.keys() - set(foreign)),
        tuple(foreign),
        tuple(unscored),
    )


def _date(raw: Any) -> float:
    """Seconds since 1970; lmms-eval writes 20260131_235959. 0 if the file does not tell."""
    if isinstance(raw, str):
        try:
            return datetime.strptime(raw, "%Y%m%d_%H%M%S").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            return 0.0
    return _number(raw) or 0.0


def _versions(raw: dict[str, Any], names: Collection[str]) -> dict[str, str]:
    """What a run was made with, as far as its file tells; runs that differ in it are unlike."""
    found = {}
    for key, meaning in (("lm_eval_version", "{}"), ("lmms_eval_version", "lmms-eval {}")):
        if raw.get(key):
            found["harness"] = meaning.format(raw[key])
    settings: dict[str, Any] = {}
    for config in _mapping(raw, "configs").values():
        metadata = _mapping(config, "metadata")
        found |= {VERSIONS[key]: str(metadata[key]) for key in VERSIONS if key in metadata}
        settings |= {key: metadata[key] for key in SETTINGS if key in metadata}
    if "package" in found:  # then what is not said was not set
        found["settings"] = ", ".join(f"{k}={settings[k]}" for k in sorted(settings)) or "default"
    shots = _mapping(raw, "n-shot")
    prompt = [f"{n}-shot" for n in sorted({str(shots[name]) for name in names if name in shots})]
    for key, what in (
        ("system_instruction_sha", "system instruction"),
        ("chat_template_sha", "chat template"),
    ):
        prompt += [f"{what} {str(raw[key])[:8]}"] if raw.get(key) else []
    if prompt:
        found["prompt"] = " and ".join(prompt)
    seeds = [str(_mapping(raw, "config").get(key)) for key in SEEDS]
    if set(seeds) != {"None"}:
        found["seed"] = "/".join(seeds)
    return found


def _mapping(raw: Any, *keys: str) -> dict[str, Any]:
    """raw[key][key]..., or an empty mapping where that is none."""
    for key in keys:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw if isinstance(raw, dict) else {}


def _number(raw: Any) -> float | None:
    """A finite or infinite number; None for anything else, "N/A" and NaN included."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        value = float(raw)
    except OverflowError:  # an integer of more than 308 digits
        return None
    return None if math.isnan(value) else value


def _count(raw: Any) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0 else None


def _model(raw: dict[str, Any]) -> str:
    config = _mapping(raw, "config")
    given = config.get("model_args")
    if isinstance(given, str):
        given = dict(pair.split("=", 1) for pair in given.split(",") if "=" in pair)
    args = given if isinstance(given, dict) else {}
    kind = str(config.get("model") or "")
    named = next((str(args[key]) for key in NAMED_BY if args.get(key)), "")
    # Where no argument names a model, the harness makes up a name of eight random letters.
    if args.get("gb_answers"):
        return f"{kind} {Path(str(args['gb_answers'])).name}"
    return named or kind or str(raw.get("model_name") or "unnamed model")


def _metric_key(entry: dict[str, Any], metric: str) -> str | None:
    """The key of a metric's value, "<metric>,<filter>"; without a filter where possible."""
    if f"{metric},none" in entry:
        return f"{metric},none"
    keys = [key for key in entry if key.partition(",")[0] == metric]
    return min(keys, key=lambda key: not key.endswith(",none"), default=None)


def _value(task: Task, name: str, entry: dict[str, Any], raw: dict[str, Any], source: str) -> Value:
    metric = METRICS[task.metric]
    key = _metric_key(entry, task.metric)
    samples = _mapping(raw, "n-samples", name)
    n, total = _count(samples.get("effective")), _count(samples.get("original"))
    if n is not None and total is not None:
        limited = n < total
    else:
        limited = _mapping(raw, "config").get("limit") is not None
    shares = {
        name: _number(entry.get(_metric_key(entry, name) or "")) for name in ("unparsed", "broken")
    }
    value, stderr, failed = None, None, ""
    if key is None:
        failed = "every document is broken" if shares["broken"] == 1 else "its metric is missing"
    else:
        value = _number(entry[key])
        spread = _number(entry.get(f"{task.metric}_stderr,{key.partition(',')[2]}"))
        stderr = None if spread is None else _printed(spread, metric.printed)
        slack = 1e-9 * (1 + abs(metric.low))
        if value is None:
            failed = f"it needs {metric.needs}" if metric.needs else "its value is not a number"
        elif not metric.low - slack <= value <= metric.high * (1 + 1e-9):
            failed = "its value is outside the range of the metric"
    version = _mapping(raw, "versions").get(name, "")
    return Value(
        None if failed or value is None else _printed(value, metric.printed),
        failed,
        stderr,
        n,
        total,
        limited,
        shares["unparsed"],
        shares["broken"],
        str(version),
        source,
    )


def _printed(value: float, factor: float) -> float:
    # 0.29 * 100 is not 29: a value that ties with a printed one has to look like it.
    return value if factor == 1 else float(f"{value * factor:.15g}")


# Tables


def _table(path: Path, text: str) -> Iterator[_Part]:
    rows = csv.reader(text.splitlines(), delimiter=TABLES[path.suffix.lower()])
    try:
        head, *lines = list(rows) or [[]]
    except csv.Error as error:
        raise BadResults(f"{inert(path)} is not a table: {error}.") from error
    head = [name.strip() for name in head]
    if len(head) < 2 or head[0] not in ("id", "key"):
        raise BadResults(
            f"{inert(path)} needs a first line with the column id (or key), "
            "then value or one column a model."
        )
    if len(set(head)) < len(head) or "" in head:
        raise BadResults(f"{inert(path)} has two columns of one name, or one without a name.")
    columns: dict[str, dict[str, Value]] = {model: {} for model in head[1:]}
    for number, line in enumerate(lines, start=2):
        where = f"{inert(path)}, line {number}"
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(head):
            raise BadResults(f"{where}: {len(line)} cells, but the first line names {len(head)}.")
        task = catalog.find(line[0].strip())
        if task is None:
            raise BadResults(f"{where}: {inert(line[0], 80)!r} is not the id of a task.")
        cells = line[1:] + [""] * (len(head) - len(line))
        for model, cell in zip(head[1:], cells, strict=True):
            if task.id in columns[model]:
                raise BadResults(f"{where}: {task.id} is there twice.")
            place = f"{where}, column {inert(model, 40)}"
            columns[model][task.id] = Value(_cell(cell, task, place), source=str(path))
    for model, values in columns.items():
        yield _Part("" if model == "value" else model, None, str(path), values, {})


def _cell(cell: str, task: Task, where: str) -> float | None:
    text = cell.strip()
    if text in UNSUPPORTED:
        return None
    try:
        value = float(text)
    except ValueError:
        raise BadResults(
            f"{where}: {inert(text, 40)!r} is not a number. Leave the cell empty if {task.id} "
            "is not supported; a column of other things has to be removed."
        ) from None
    if value == 0 or not math.isfinite(value):
        return None
    metric = METRICS[task.metric]
    low, high = metric.low * metric.printed, metric.high * metric.printed
    # Tables print an unsupported MOS as anything below its lowest rating of 1.
    if not min(low, 0) <= value <= high * (1 + 1e-9):
        raise BadResults(
            f"{where}: {task.id} cannot be {value:g}, {task.metric} goes from {low:g} to {high:g}. "
            "Leave the cell empty if the task is not supported."
        )
    return value


# Several files of one model


def _merge(model: str, parts: list[_Part], allow_mixed: bool) -> Run:
    run = Run(model, files=[part.source for part in parts])
    tables = {part.source for part in parts if part.date is None}
    # Tables come first, so that they fill gaps and replace no value of a run.
    ordered = sorted(parts, key=lambda part: -math.inf if part.date is None else part.date)
    seen: dict[str, list[_Part]] = defaultdict(list)  # parts with a value, by task
    for part in ordered:
        for id, value in part.values.items():
            seen[id].append(part)
            before = run.values.get(id)
            if (
                before is not None
                and before.source in tables
                and before.value is not None
                and value.failed
            ):
                continue
            run.values[id] = value
    counted = {value.source for value in run.values.values()}
    for part in ordered:
        for meaning, version in part.versions.items() if part.source in counted else ():
            known = run.versions.setdefault(meaning, [])
            if version not in known:
                known.append(version)
    run.warnings += _warnings(run, parts, {id for id, where in seen.items() if len(where) > 1})
    run.warnings += _replaced(run, seen)
    for problem, advice in (
        *_conflicts(seen),
        *_outdated(run),
        *_unlike(run),
    ):
        if not allow_mixed:
            raise BadResults(f"{inert(model)}: {problem}. {advice}")
        run.warnings.append(f"{problem}.")
    return run


def _replaced(run: Run, seen: dict[str, list[_Part]]) -> list[str]:
    """Latest runs that know less than an earlier one did."""
    failed, shorter = [], []
    for id, parts in seen.items():
        last, earlier = run.values[id], [part.values[id] for part in parts[:-1]]
        if last.failed and any(value.value is not None for value in earlier):
            failed.append(id)
        elif last.limited and any(v.value is not None and not v.limited for v in earlier):
            shorter.append(id)
    lines = []
    if failed:
        lines.append(
            f"Failed in the latest run, though an earlier one has a value: {listed(failed)}."
        )
    if shorter:
        lines.append(f"Partial in the latest run, though an earlier one is not: {listed(shorter)}.")
    return lines


def _conflicts(seen: dict[str, list[_Part]]) -> Iterator[tuple[str, str]]:
    """Different values that no date puts in order."""
    torn = []
    for id, parts in seen.items():
        last = [part.values[id] for part in parts if part.date == parts[-1].date]
        if len({(value.value, value.failed) for value in last}) > 1:
            torn.append((id, last))
    if torn:
        id, values = torn[0]
        files = " and ".join(inert(Path(value.source).name, 80) for value in values[-2:])
        yield (
            f"{_tasks(torn)} {'has' if len(torn) == 1 else 'have'} two values of one date, "
            f"such as {id} in {files}",
            "Leave one of the files out, or take the last with --allow-mixed.",
        )


def _outdated(run: Run) -> Iterator[tuple[str, str]]:
    mixed = [
        (catalog.task(id), value.version)
        for id, value in run.values.items()
        if value.version and not _same_version(value.version, catalog.task(id).version)
    ]
    if mixed:
        task, version = mixed[0]
        yield (
            f"{len(mixed)} of {len(run.values)} tasks have another version than "
            f"the catalog, such as {task.name} ({inert(version, 20)}, now {task.version})",
            "Run them again, or accept them with --allow-mixed.",
        )


def _unlike(run: Run) -> Iterator[tuple[str, str]]:
    for meaning, versions in run.versions.items():
        if len(versions) > 1 and meaning not in FREE:
            yield (
                f"the runs differ in {meaning}: {listed(versions)}",
                "Levels of unlike runs mean little: run with one, or accept it with --allow-mixed.",
            )


def _same_version(one: str, other: str) -> bool:
    try:  # the harness writes 1.0 as a number or as a text
        return float(one) == float(other)
    except ValueError:
        return one == other


def _tasks(names: Collection[Any]) -> str:
    return f"{len(names)} task{'' if len(names) == 1 else 's'}"


def _warnings(run: Run, parts: list[_Part], repeated: set[str]) -> list[str]:
    found = []
    reasons: dict[str, list[str]] = defaultdict(list)
    for id, value in run.values.items():
        if value.failed:
            reasons[value.failed].append(id)
    for reason, names in reasons.items():
        found.append(f"{_tasks(names)} failed, because {reason}: {listed(names)}.")
    limited = [id for id, value in run.values.items() if value.limited]
    if limited:
        found.append(
            f"Partial: {_tasks(limited)} ran on some of the documents only: {listed(limited)}."
        )
    broken = [id for id, value in run.values.items() if value.broken and not value.failed]
    if broken:
        found.append(
            f"Partial: {_tasks(broken)} had broken documents, which do not count: "
            f"{listed(broken)}. `generalbench data verify` names them."
        )
    unscored = {name for part in parts for name in part.unscored}
    if unscored:
        found.append(
            f"Without a score, because run with --predict_only: {_tasks(unscored)}: "
            f"{listed(sorted(unscored))}. The model generalbench-replay scores their answers."
        )
    found += dict.fromkeys(line for part in parts for line in part.problems)
    foreign = sorted({name for part in parts for name in part.foreign})
    if foreign:
        found.append(f"Left out, as not of General-Bench: {listed(foreign)}.")
    if repeated:
        found.append(
            f"The latest run counts of {_tasks(repeated)} with several results: "
            f"{listed(sorted(repeated))}."
        )
    for meaning, versions in run.versions.items():
        if len(versions) > 1 and meaning in FREE:
            found.append(f"The runs differ in {meaning}: {listed(versions)}.")
    runs = {value.source for value in run.values.values()} & {
        part.source for part in parts if part.date is not None
    }
    for meaning in VERSIONS.values():
        silent = [p for p in parts if p.source in runs and meaning not in p.versions]
        if meaning in run.versions and silent:
            found.append(
                f"{len(silent)} of {len(runs)} results files do not tell their {meaning}; "
                "`generalbench run` writes it."
            )
    tables = {part.source for part in parts if part.date is None}
    shares = [
        value.value
        for id, value in run.values.items()
        if value.source in tables
        and value.value is not None
        and METRICS[catalog.task(id).metric].printed == 100
    ]
    if len(shares) >= 5 and max(shares) <= 1:
        found.append(
            "All percentages of the table are at most 1. Tables are in printed units: "
            "45.4, not 0.454."
        )
    # A fraction makes a score lower, and so it is seen; it makes an error rate win.
    rates = defaultdict(list)
    for id, value in run.values.items():
        rate = METRICS[catalog.task(id).metric].rate
        if rate and value.source in tables and value.value is not None and value.value <= 1:
            rates[rate].append(id)
    for rate, ids in rates.items():
        found.append(
            f"A {rate} of at most 1% stands in the table for {listed(ids)}. "
            "Tables are in printed units: 5.6, not 0.056."
        )
    return found
