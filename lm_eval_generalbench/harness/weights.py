"""`generalbench data weights`: the pretrained networks that metrics need, and whether they are here."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from lm_eval_generalbench import metrics, paths
from lm_eval_generalbench.errors import GeneralBenchError, MissingWeights
from lm_eval_generalbench.metrics import backbones, weights
from lm_eval_generalbench.words import counted


def chosen(of_metrics: Sequence[str], only: Sequence[str]) -> list[str]:
    """Names of the lines of BACKBONES that are meant; all where nothing is said.

    Raises:
        UnknownName: There is no such metric or network.
        GeneralBenchError: A metric needs none.
    """
    names = [name for name in only if backbones.backbone(name)]
    for metric in of_metrics:
        if not needed(metric):
            raise GeneralBenchError(
                f"The metric {metric} needs no weights. `generalbench metrics` says what each needs."
            )
        names += needed(metric)
    found = dict.fromkeys(names) if of_metrics or only else backbones.BACKBONES
    return list(found)


def needed(metric: str) -> tuple[str, ...]:
    """Lines of BACKBONES that a metric needs, at times ones included."""
    line = metrics.metric(metric)
    return *line.weights, *line.sometimes


def rows(names: Sequence[str]) -> list[dict[str, Any]]:
    """What is known of each network: one row for the lines of BACKBONES that share files."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for name in names:
        line = backbones.backbone(name)
        key = backbones.files_of(line)
        users = [metric for metric in metrics.METRICS if name in needed(metric)]
        if key in found:
            found[key]["metrics"] = list(dict.fromkeys([*found[key]["metrics"], *users]))
            continue
        folder = weights.located(line)
        found[key] = {
            "network": backbones.listed(name),
            "MB": line.megabytes,
            "licence": line.licence,
            "state": "here" if folder else "missing",
            "source": line.repository or line.address,
            "pin": line.revision or line.sha256,
            "metrics": users,
            "folder": str(folder or weights.own_folder(line)),
        }
    return list(found.values())


def show(names: Sequence[str], as_json: bool) -> int:
    """Print the networks, and which of them are missing.

    Returns:
        0.
    """
    found = rows(names)
    missing = [row for row in found if row["state"] == "missing"]
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    for row in found:
        print(f"{row['state']:8} {row['network']:16} {row['MB']:6,} MB  {row['licence']}")
        files = ", ".join(backbones.backbone(row["network"]).files)
        source = row["source"] or f"{files}, by hand into {row['folder']}"
        print(f"         {source}" + (f" ({row['pin'][:12]})" if row["pin"] else ""))
        print(f"         for {', '.join(row['metrics']) or 'no metric yet'}")
    if missing:
        print(
            f"{len(missing)} of {counted(len(found), 'network')} "
            f"{'is' if len(missing) == 1 else 'are'} missing, "
            f"{sum(row['MB'] for row in missing):,} MB. `generalbench data weights fetch` gets "
            f"{'it' if len(missing) == 1 else 'them'}, with --metric those of some metrics."
        )
    else:
        print("Nothing is missing.")
    return 0


def kept(names: Sequence[str], as_json: bool) -> int:
    """Print what the features that are kept take on disk, a line for each folder of them.

    Nothing is removed: features took long to compute, and each model that is scored against the same
    references reads theirs again.

    Returns:
        0.
    """
    found: list[dict[str, Any]] = []
    for folder in sorted((paths.cache_root() / "features").glob("*")):
        network = folder.name.rsplit("-", 2)[0]  # of name, pin, version: `features.cache_file`
        if network in names:
            sizes = [file.stat().st_size for file in folder.rglob("*.npy")]
            megabytes = round(sum(sizes) / 1e6, 1)
            found.append(
                {"network": network, "files": len(sizes), "MB": megabytes, "folder": str(folder)}
            )
    if as_json:
        print(json.dumps(found, indent=1))
        return 0
    for row in found:
        print(f"{row['MB']:10,.1f} MB  {row['files']:9,} files  {row['folder']}")
    total = sum(row["MB"] for row in found)
    print(
        f"Removing these folders would free {total:,.1f} MB. Nothing was removed; what is "
        "gone is computed again when it is needed."
        if found
        else "No features are kept."
    )
    return 0


def fetch(names: Sequence[str], as_json: bool) -> int:
    """Get what is missing; one that cannot be got gets a line, and the others go on.

    Returns:
        0; 1 if something is still missing.
    """
    failed = False
    for row in rows(names):
        name = row["network"]
        line = backbones.backbone(name)
        if row["state"] == "missing":
            print(f"{name}: {row['MB']:,} MB, {row['licence']}, {row['source']}", file=sys.stderr)
        try:
            weights.fetch(name, line)
        except MissingWeights:
            failed = True
            where = weights.own_folder(line)
            print(f"generalbench: {name} is incomplete. Remove {where}.", file=sys.stderr)
        except GeneralBenchError as error:
            failed = True
            print(f"generalbench: {error}", file=sys.stderr)
    show(names, as_json)
    return int(failed)
