"""CPU seconds of reading hostile annotations as they double, against a limit; slow random ones.

    python benchmarks/annotations.py [--mutations 2000] [--seed 1]

An annotation takes the whole way: it is parsed, its records become documents, and they are
counted and hashed. Hostile texts (those of replies.py) stand as a question, an id, an option,
an answer and in the header, 50 to 200 KB long; hostile lists hold 2,000 to 8,000 records,
options, files or keys. Printed are the slowest of each and the largest growth where the
size doubles. In a checkout the slowest of the seeded mutations of the demo's annotations
follow, those that the tests try. Exit status 1 if growth is more than 2.5-fold anywhere.
"""

import argparse
import functools
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from growth import LIMIT, line, measured, seconds
from replies import HOSTILE

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.loaders import completeness, folders, headers, identity
from lm_eval_generalbench.loaders.documents import Settings, documents

LENGTHS = (50_000, 100_000, 200_000)  # characters
COUNTS = (2_000, 4_000, 8_000)
SLOWEST = 5  # mutations that are shown

Json = dict[str, Any]


def record(id: Any = "1", output: Any = None, **fields: Any) -> Json:
    """One record of a question with two options."""
    asked = {"question": "Which?", "options": ["x", "y"], **fields}
    return {"id": id, "input": asked, "output": output or {"answer": "A"}}


# where a text stands in an annotation
PLACES: dict[str, Callable[[str], Json]] = {
    "question": lambda text: {"data": [record(question=text)]},
    "text of the input": lambda text: {"data": [{"input": text, "output": "A"}]},
    "id": lambda text: {"data": [record(text), record(text)]},
    "option": lambda text: {"data": [record(options=[text, "y"])]},
    "answer": lambda text: {"data": [record(output={"answer": text})]},
    "file": lambda text: {"data": [record(image=text)]},
    "header": lambda text: {"task": text, "labels": text, "data": [record()]},
}
# lists of many things
LISTS: dict[str, Callable[[int], Json]] = {
    "records of one id": lambda n: {"data": [record("7") for _ in range(n)]},
    "records of numbered ids": lambda n: {"data": [record(f"7#{i % 50}") for i in range(n)]},
    "records without id": lambda n: {"data": [record("") for _ in range(n)]},
    "records of one video": lambda n: {
        "data": [{**record(""), "original_video_id": "v"} for _ in range(n)]
    },
    "records that are none": lambda n: {"data": [None] * n},
    "options": lambda n: {"data": [record(options=[f"o{i}" for i in range(n)])]},
    "options by letter": lambda n: {"data": [record(**{f"option_{i}": "x" for i in range(n)})]},
    "equal options": lambda n: {"data": [record(options=["x"] * n)]},
    "options in records": lambda n: {
        "data": [record(str(i), options=[f"a{i}", f"b{i}"]) for i in range(n)]
    },
    "answers": lambda n: {"data": [record(output={"answer": ["A"] * n})]},
    "answers in records": lambda n: {"data": [record(str(i), f"word {i}") for i in range(n)]},
    "keys": lambda n: {"data": [record(**{f"key {i}": i for i in range(n)})]},
    "files": lambda n: {"data": [record(image=[f"{i}.png" for i in range(n)])]},
    "lists in lists": lambda n: {"data": [record(list=[[[]] * n] * 3)]},
    "labels": lambda n: {"labels": [f"l{i}" for i in range(n)], "data": [record()] * 3},
    "keys of the header": lambda n: {**{f"k{i}": i for i in range(n)}, "data": [record()]},
    "turns": lambda n: {"data": [record(question=[{"role": "user", "content": "x"}] * n)]},
}
TASKS = ("L-1.2", "L-4.1", "I-C-28.6")  # options, words, a picture


def read(task: Task, root: Path) -> None:
    """What `data status` and `run` do with the annotation of a task."""
    with suppress(GeneralBenchError):
        docs = documents(task, root, Settings())
        completeness.shortage(task, docs)
        identity.of_task(docs)


def once(root: Path, id: str, make: Callable[[str, int], Json], name: str, size: int) -> float:
    """CPU seconds of reading an annotation of a task."""
    task = catalog.task(id)
    parts = [task.modality, *([] if task.modality == "nlp" else [task.paradigm]), task.title]
    path = root.joinpath(*parts) / "annotation.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(make(name, size)))
    return seconds(lambda: read(task, root))


def in_place(place: str, name: str, size: int) -> Json:
    """An annotation with a hostile text."""
    return PLACES[place](HOSTILE[name](size))


def in_list(name: str, size: int) -> Json:
    """An annotation with a long list."""
    return LISTS[name](size)


def mutations(count: int, seed: int) -> None:
    """Print the slowest of random changes to the demo's annotations."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    try:
        from tests import mutations
    except ImportError:
        print("The mutations of tests/mutations.py are not here.")
        return
    chance, found = random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve() / "data"
        shutil.copytree(paths.demo_root(), root)
        places = folders.places(root)
        tasks = []
        for id, folder in places.folders.items():
            path = headers.annotation_file(folder, catalog.task(id))
            if path is not None and id not in places.shares:
                tasks.append((catalog.task(id), path, path.read_text(encoding="utf-8")))
        for number in range(count):
            task, path, text = chance.choice(tasks)
            changed = mutations.mutated(json.loads(text), chance)
            path.write_text(json.dumps(changed), encoding="utf-8")
            found.append((seconds(functools.partial(read, task, root)), number, task.id, len(text)))
            path.write_text(text, encoding="utf-8")
    print(f"\nThe slowest of {count} mutations of seed {seed}")
    for taken, number, id, size in sorted(found, reverse=True)[:SLOWEST]:
        print(f"  {taken:8.3f} s  mutation {number} of {id}, {size:,} characters")


def main() -> int:
    """Print a line for every place and every task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        for id in TASKS:
            root = Path(name).resolve() / id
            once(root, id, in_list, "keys", 1)  # imports what the task needs
            print(f"{id:20}" + "".join(f"{size / 1000:>7.1f} KB" for size in LENGTHS), "  growth")
            for place in PLACES:
                timed = functools.partial(once, root, id, functools.partial(in_place, place))
                found = measured(HOSTILE, timed, LENGTHS)
                print(line(place, found, 20), flush=True)
                worst = max(worst, found.growth)
            print(" " * 20 + "".join(f"{size:>10,}" for size in COUNTS))
            found = measured(LISTS, functools.partial(once, root, id, in_list), COUNTS)
            print(line("lists", found, 20), flush=True)
            worst = max(worst, found.growth)
    print(f"at most {worst:.2f}-fold a doubling; the limit is {LIMIT}")
    mutations(args.mutations, args.seed)
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
