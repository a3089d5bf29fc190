"""Start-up: `generalbench run` against plain `lm_eval run`, and this checkout against another.

    python benchmarks/startup.py
    python benchmarks/startup.py FOLDER     # a checkout of an older commit

The first also measures the two indexes of tasks. Needs a normal (not editable) install, or
it gives plain `lm_eval` the task files by --include_path. The second measures `--help`,
`tasks` and `run` of both checkouts with this interpreter, one after the other and round
again. Prints seconds and the ratio of each pair, measured in the same run.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lm_eval_generalbench import paths

REPEATS = 3
ROUNDS = {"--help": 25, "tasks": 25, "run": 7}
TASK = "generalbench_nlp_causal_reasoning"
ENVIRONMENT = {
    **os.environ,
    "HF_HUB_OFFLINE": "1",
    "GENERALBENCH_DATA": str(paths.demo_root()),
    "PYTHONDONTWRITEBYTECODE": "",  # an installed package is compiled; so are these
}
COMMON = ["--tasks", TASK, "--limit", "2", "--model"]
# plain lm_eval does not know our models: it is told by one import, and is itself otherwise
PLAIN = (
    "import lm_eval_generalbench.models; from lm_eval.__main__ import cli_evaluate as main; main()"
)
INDEX = """
import sys, time
from lm_eval.tasks import TaskManager
start = time.perf_counter()
manager = TaskManager(**{arguments})
print(time.perf_counter() - start, len(manager.all_subtasks))
"""


def best_of(command: list[str]) -> float:
    """Seconds of the fastest of REPEATS runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as output:
            subprocess.run(
                [*command, "--output_path", output],
                env=ENVIRONMENT,
                check=True,
                capture_output=True,
            )
        times.append(time.perf_counter() - start)
    return min(times)


def index(arguments: str) -> tuple[float, int]:
    """Seconds that the harness takes to index, best of REPEATS, and the number of tasks."""
    runs = []
    for _ in range(REPEATS):
        done = subprocess.run(
            [sys.executable, "-c", INDEX.format(arguments=arguments)],
            env=ENVIRONMENT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        seconds, count = done.stdout.split()[-2:]
        runs.append((float(seconds), int(count)))
    return min(runs)


def seconds(checkout: Path, argv: list[str]) -> float:
    """Seconds that one call of the command of a checkout takes."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(checkout)}
    command = [sys.executable, "-m", "lm_eval_generalbench", *argv]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    return taken


def against(other: Path) -> None:
    """Print the medians of this checkout and another, in turns, and their ratio."""
    here = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as output:
        run = ["run", *COMMON, "generalbench-naive", "--output_path", output]
        for argv in (["--help"], ["tasks"], run):
            times: dict[Path, list[float]] = {here: [], other: []}
            for checkout in times:  # the first call writes compiled modules
                seconds(checkout, argv)
            for _ in range(ROUNDS[argv[0]]):
                for checkout, taken in times.items():
                    taken.append(seconds(checkout, argv))
            ours, theirs = (statistics.median(taken) for taken in times.values())
            print(
                f"generalbench {argv[0]:7} here {ours:6.3f} s   there {theirs:6.3f} s   "
                f"ratio {ours / theirs:.2f} (wanted: at most 1.1)"
            )


def main() -> None:
    if len(sys.argv) > 1:
        against(Path(sys.argv[1]).resolve())
        return
    scripts = Path(sys.executable).parent
    folder = str(paths.task_yamls())
    ours, our_count = index(f"{{'include_path': {folder!r}, 'include_defaults': False}}")
    theirs, their_count = index("{}")
    print(f"index of our {our_count} tasks        {ours:7.2f} s")
    print(
        f"index of the harness's {their_count}  {theirs:7.2f} s   ratio {theirs / ours:.1f} (wanted: 8)"
    )
    for model in ("generalbench-naive", "dummy"):
        run = ["run", *COMMON, model]
        quick = best_of([str(scripts / "generalbench"), *run])
        plain = best_of([sys.executable, "-c", PLAIN, *run, "--include_path", folder])
        print(f"one small task with {model}")
        print(f"  generalbench run {quick:7.2f} s")
        print(f"  lm_eval run      {plain:7.2f} s   ratio {plain / quick:.1f} (wanted: 3)")


if __name__ == "__main__":
    main()
