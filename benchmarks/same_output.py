"""Does this checkout write what another commit wrote? Both run the same commands on the same data.

    python benchmarks/same_output.py COMMIT [--sample FOLDER] [--keep FOLDER]

Commands: a run of the naive model and of the oracle with sample logs, data status and verify,
tasks, metrics, levels (card, JSON, CSV, Markdown, LaTeX, page), compare, sota, score, export xlsx
and export submission; on the demo data, and on a piece of the data set if one is given. What
differs from run to run is taken out on both sides (times, paths, environment, versions) and so are
the source texts of functions, which the harness copies into results. Prints a line for each
output that differs, with the first lines of the difference; exit status 1 if any does.
"""

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
MODELS = ("generalbench-naive", "generalbench-oracle")
# Keys of results whose values are of the moment, the machine or the version.
MOMENTARY = (
    *("date", "total_evaluation_time_seconds", "pretty_env_info", "git_hash", "upper_git_hash"),
    *("gb_package", "gb_catalog", "package", "catalog", "transformers_version", "model_name"),
    *("model_name_sanitized", "files", "source", "signature", "versions", "task_hashes"),
)
SHOWN = 12  # lines of a difference


def main() -> int:
    """Run both sides and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("commit", help="what to compare with")
    parser.add_argument("--sample", type=Path, help="a piece of the data set")
    parser.add_argument("--keep", type=Path, help="folder for the outputs of both sides")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="same-") as scratch:
        top = args.keep or Path(scratch)
        other = Path(scratch) / "other"
        git("worktree", "add", "--detach", str(other), args.commit)
        try:
            data = Path(scratch) / "demo"
            shutil.copytree(other / "lm_eval_generalbench" / "demo" / "data", data)
            roots = {"demo": data} | ({"sample": args.sample.resolve()} if args.sample else {})
            found = {}
            for side, checkout in (("before", other), ("after", HERE)):
                folder = top / side
                for name, root in roots.items():
                    produce(checkout, root, folder / name)
                places = [str(checkout), str(top), scratch]
                found[side] = dict(outputs(folder, places, version_of(checkout)))
        finally:
            git("worktree", "remove", "--force", str(other))
    return report(found["before"], found["after"])


def version_of(checkout: Path) -> str:
    """The version of the package in a checkout."""
    text = (checkout / "lm_eval_generalbench" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    return found[1] if found else "unknown"


def git(*words: str) -> None:
    """A command of git in this checkout."""
    subprocess.run(["git", "-C", str(HERE), *words], check=True, capture_output=True)


def produce(checkout: Path, root: Path, folder: Path) -> None:
    """Everything that the commands of one checkout write about one data root."""
    folder.mkdir(parents=True)
    outputs_ = folder / "made"
    outputs_.mkdir()
    environment = os.environ | {
        "PYTHONPATH": str(checkout),
        "HF_HUB_OFFLINE": "1",
        "COLUMNS": "140",
        "GENERALBENCH_CACHE": str(folder / "cache"),
        "SOURCE_DATE_EPOCH": "0",
    }

    def command(name: str, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "lm_eval_generalbench", *words],
            cwd=folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        said = f"exit {done.returncode}\n{done.stdout}"
        (folder / f"{name}.txt").write_text(said, encoding="utf-8")

    # paths in documents must be equal on both sides: files that models name lie in one place
    settings = json.dumps({"gb_root": str(root)})
    for model in MODELS:
        command(
            f"run-{model}", "run", "--model", model, "--tasks", "generalbench_*",
            "--metadata", settings, "--output_path", f"runs/{model}", "--log_samples",
        )  # fmt: skip
        alike(folder / "runs" / model, model)
    naive, oracle = (f"runs/{model}" for model in MODELS)
    command("status", "data", "status", "--root", str(root))
    command("verify", "data", "verify", "--root", str(root))
    command("tasks", "tasks")
    command("metrics", "metrics", "--markdown")
    for model in (naive, oracle):
        name = Path(model).name
        files = [w for kind in ("json", "csv", "markdown", "latex", "html") for w in (f"--{kind}", f"levels-{name}.{kind}")]  # fmt: skip
        command(f"levels-{name}", "levels", model, "--next-wins", "--media", str(root), *files)
        command(f"scope-{name}", "levels", model, "--scope", "image", "--json", "-")
        command(f"score-{name}", "score", model, "--output_path", f"scored-{name}", "--root", str(root), "--log_samples")  # fmt: skip
        command(f"submission-{name}", "export", "submission", model, "--output", f"submission-{name}", "--root", str(root))  # fmt: skip
    command("official", "levels", oracle, "--compat", "official", "--json", "-")
    command(
        "compare", "compare", naive, oracle, "--with-sota", "--json", "compare.json",
        "--csv", "compare.csv",
    )  # fmt: skip
    command("sota", "sota", "diff", "--model", oracle, "--json", "sota.json")
    command("xlsx", "export", "xlsx", naive, oracle, "--output", "official.xlsx", "--sota", "repo")


def alike(folder: Path, model: str) -> None:
    """Give the folder and the files of a run names and a time that are the same on both sides."""
    for path in [p for p in folder.iterdir() if p.is_dir()]:
        path.rename(folder / f"{model}-folder")
    for path in list(folder.rglob("*")):
        name = re.sub(r"\d{4}-\d\d-\d\dT[\d.-]+(?=\.json)", "2026-01-01T00-00-00", path.name)
        path.rename(path.with_name(name))


def outputs(folder: Path, places: list[str], version: str) -> Iterator[tuple[str, str]]:
    """(name, text) of every file that a side wrote, without what is of the moment."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = str(path.relative_to(folder))
        if "/cache/" in name:
            continue
        if path.suffix in (".xlsx", ".zip"):
            with zipfile.ZipFile(path) as book:
                parts = [f"{i.filename} {i.CRC}" for i in book.infolist() if "core.xml" not in i.filename]  # fmt: skip
            yield name, "\n".join(parts)
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".jsonl":
            text = "\n".join(dumped(json.loads(line)) for line in text.splitlines())
        elif path.suffix == ".json":
            text = dumped(json.loads(text))
        yield name, plain(text, places, version)


def dumped(value: Any) -> str:
    return json.dumps(without(value), indent=1, ensure_ascii=False)


def without(value: Any) -> Any:
    """A JSON value without what is momentary and without source texts of functions."""
    if isinstance(value, dict):
        return {k: without(v) for k, v in value.items() if k not in MOMENTARY}
    if isinstance(value, list):
        return [without(v) for v in value]
    if isinstance(value, str) and re.match(r"\s*(@\w.*\n)*def \w+\(", value):
        return "a function"
    return value


def plain(text: str, places: list[str], version: str) -> str:
    """Text without paths, times, versions and addresses of objects."""
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, "PLACE")
    text = text.replace(f"generalbench {version}", "generalbench VERSION")
    text = text.replace(f'"{version}"', '"VERSION"')
    text = re.sub(r"PLACE(/before|/after)", "PLACE", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d[:-]\d\d[:-]\d\d[.\d]*", "TIME", text)
    text = re.sub(r"sha256-[\w+/=]+", "HASH", text)
    text = re.sub(r"<(function|class) [^>]*>", "a function", text)
    return re.sub(
        r"(lm_eval_generalbench|catalog|package)( |\": \")[0-9a-f.]+", r"\1\2VERSION", text
    )


def report(before: dict[str, str], after: dict[str, str]) -> int:
    """Print what differs.

    Returns:
        0 if nothing does, else 1.
    """
    different = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in sorted(different):
        print(f"differs: {name}")
        lines = difflib.unified_diff(
            before.get(name, "").splitlines(), after.get(name, "").splitlines(), lineterm="", n=0
        )
        for line in list(lines)[2 : 2 + SHOWN]:
            print(f"    {line[:200]}")
    print(f"{len(before)} outputs compared, {len(different)} differ.")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
