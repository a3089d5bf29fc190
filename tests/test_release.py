"""What names the version besides the package itself."""

import re
from pathlib import Path

import yaml

from lm_eval_generalbench import __version__, cli

CHECKOUT = Path(__file__).resolve().parents[1]


def read(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def test_the_changelog_begins_with_this_version():
    first = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.M)
    assert first and first[1] == __version__


def test_the_citation_names_this_version():
    assert yaml.safe_load(read("CITATION.cff"))["version"] == __version__


def test_contributors_are_told_of_commands_that_exist():
    text = read("CONTRIBUTING.md") + read("docs/releasing.md") + read("docs/architecture.md")
    named = set(re.findall(r"\bgeneralbench ([a-z]+)", text))
    assert named and named <= cli.COMMANDS.keys()
    for path in re.findall(r"\bpython ((?:benchmarks|tests)/\S+\.py)", text):
        assert (CHECKOUT / path).is_file(), path


def test_hooks_run_what_ci_runs():
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    entries = {hook["entry"].removeprefix("python -m lm_eval_") for hook in hooks}
    assert entries == {"ruff check", "ruff format", "mypy", "generalbench yamls --check"}
    ci = read(".ci/run")
    assert all(line in ci for line in ("ruff check .", "ruff format --check .", "\nmypy\n"))


def test_the_map_of_the_package_names_every_module():
    named = set(re.findall(r"`([\w/.]+)`", read("docs/architecture.md")))
    package = CHECKOUT / "lm_eval_generalbench"
    for folder in ("answers", "metrics", "loaders", "media", "runs", "levels", "harness", "models"):
        here = {path.stem for path in (package / folder).glob("*.py")} - {"__init__"}
        assert here <= named, (folder, here - named)
