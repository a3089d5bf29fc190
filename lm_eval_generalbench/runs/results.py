"""What models reached: results files of the harness and of lmms-eval -> runs.

`read` takes tables and spreadsheets as well. Every value leaves this module in the
unit of the published tables, with what is known about how it came about.
"""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from lm_eval_generalbench import catalog, redact
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.metrics import METRICS
from lm_eval_generalbench.runs import networks, tables, workbook
from lm_eval_generalbench.runs.merge import merge
from lm_eval_generalbench.runs.records import (
    EXPECTED,
    FAILED,
    NAMED_BY,
    QUICK,
    VERSIONS,
    Part,
    Run,
    Value,
)
from lm_eval_generalbench.words import absent, inert, listed

WORKBOOK = ".xlsx"  # the official spreadsheet
# of ours that change what a model sees, or how its boxes are read
SETTINGS = ("gb_frames", "gb_views", "gb_audio_rate", "gb_boxes", "gb_clip", "gb_threshold")
SEEDS = ("random_seed", "numpy_seed", "torch_seed", "fewshot_seed")
PATTERNS = ("results_*.json", "[0-9]*_results.json")  # of the harness, of lmms-eval


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
    merged: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        alone = Path(part.source).stem if len(names) != 1 else names[0]
        merged[part.model or alone].append(part)
    return [merge(model, merged[model], allow_mixed) for model in sorted(merged)]


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


def settings_of(path: Path) -> dict[str, Any]:
    """A results file of the harness; an empty mapping if it cannot be read."""
    try:
        raw = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


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
            raise BadResults(absent(path))
        for file in inside:
            found.setdefault(file.resolve(), file)
    if not found:
        raise BadResults("No results were named. Give files or folders that hold some.")
    return list(found.values())


def _parts(path: Path) -> Iterator[Part]:
    if path.suffix.lower() == WORKBOOK:
        yield from workbook.parts(path)
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadResults(f"{inert(path)} is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise BadResults(f"{inert(path)} cannot be read: {inert(error)}.") from error
    if path.suffix.lower() in tables.SEPARATORS:
        yield from tables.parts(path, text)
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


def _harness(path: Path, raw: Any) -> Part:
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
    return Part(
        _model(raw),
        date_of(raw.get("date")),
        str(path),
        values,
        _versions(raw, entries.keys() - set(foreign)),
        tuple(foreign),
        tuple(unscored),
        quick=_quick(raw),
    )


def _quick(raw: dict[str, Any]) -> tuple[str, ...]:
    """The tasks of the quick board, which a run over its data writes down."""
    ids = raw.get(QUICK)
    return tuple(sorted(x for x in ids if isinstance(x, str))) if isinstance(ids, list) else ()


def date_of(raw: Any) -> float:
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
    name = named or kind or str(raw.get("model_name") or "unnamed model")
    return redact.redact_text(name, ())  # plain lm_eval keeps the password of an address


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
    metadata = _mapping(raw, "configs", name, "metadata")
    whole = _count(metadata.get(EXPECTED))  # of a copy of the data that is incomplete
    limited = limited or (whole is not None and n is not None and n < whole)
    shares = {
        name: _number(entry.get(_metric_key(entry, name) or ""))
        for name in ("unparsed", "broken", "errors")
    }
    value, stderr, failed = None, None, ""
    if key is None:
        failed = "every document is broken" if shares["broken"] == 1 else "its metric is missing"
        if not shares["broken"] and str(metadata.get("gb_split", "")).startswith("closeset"):
            failed = "the closed set has no references: hand its answers in"
        if shares["errors"]:
            failed = "the judge gave no verdict"
        failed = _text(metadata.get(FAILED)) or failed
    else:
        value = _number(entry[key])
        spread = _number(entry.get(f"{task.metric}_stderr,{key.partition(',')[2]}"))
        stderr = None if spread is None else _printed(spread, metric.printed)
        slack = 1e-9 * (1 + abs(metric.low))
        if value is None:
            needs = f"it needs {metric.needs}" if metric.needs else ""
            failed = needs or metric.undefined or "its value is not a number"
        elif not metric.low - slack <= value <= metric.high * (1 + 1e-9):
            failed = "its value is outside the range of the metric"
    version = _mapping(raw, "versions").get(name, "")
    metadata = _mapping(raw, "configs", name, "metadata")
    return Value(
        None if failed or value is None else _printed(value, metric.printed),
        failed,
        stderr,
        n,
        total,
        limited,
        shares["unparsed"],
        shares["broken"],
        shares["errors"],
        str(version),
        source,
        _text(metadata.get("gb_questions")),
        _text(metadata.get("gb_targets")),
        _text(_mapping(raw, "task_hashes").get(name)),
        _text(metadata.get(networks.NETWORKS)),
    )


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def _printed(value: float, factor: float) -> float:
    # 0.29 * 100 is not 29: a value that ties with a printed one has to look like it.
    return value if factor == 1 else float(f"{value * factor:.15g}")
