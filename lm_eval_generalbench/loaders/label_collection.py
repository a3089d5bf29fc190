"""`generalbench data labels`: collect the candidates of every task once, from the open set."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lm_eval_generalbench import catalog
from lm_eval_generalbench.answers import document
from lm_eval_generalbench.catalog import Task
from lm_eval_generalbench.errors import BadData, DataMissing, GeneralBenchError
from lm_eval_generalbench.loaders import labels, options
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.loaders.labels import Vocabulary
from lm_eval_generalbench.words import counted


def vocabulary(task: Task, root: Path) -> Vocabulary | None:
    """The candidates that the answers of a task hold; None if it has answers and no need of any.

    Raises:
        DataMissing: The task has no data, or no answers.
        BadData: They cannot be read.
    """
    docs = documents(task, root, Settings(gb_labels=labels.NONE))
    known = [doc for doc in docs if document.target(doc) is not None]
    if not known:
        raise DataMissing(f"{task.name} has no answers below {root}.")
    held = [doc for doc in known if document.extra(doc).get(document.HELD)]
    candidates = document.options(held[0]) if held else []
    if not 0 < len(candidates) <= options.LISTED_OPTIONS:
        return None
    counts = Counter(
        found.casefold()
        for doc in known
        for found in options.occurrences(task, document.target(doc))
    )
    return Vocabulary(
        task.id,
        candidates,
        options.is_complete(candidates),
        len(known),
        task.documents,
        counts.total(),
        sum(count == 1 for count in counts.values()),
    )


def collect(root: Path, tasks: Sequence[Task], folder: Path | None, as_json: bool) -> int:
    """Write the vocabularies of tasks and say what they cover.

    Args:
        root: Data root of the open set.
        tasks: Tasks to look at.
        folder: Where to write; by default where every data root looks for them.
        as_json: Print JSON in place of lines.

    Returns:
        0; 1 if a task cannot be read.

    Raises:
        GeneralBenchError: There are no answers, or the folder cannot be written.
    """
    folder = folder or labels.store(root)
    assert folder is not None  # only "none" gives no folder
    found: list[Vocabulary] = []
    problems: list[str] = []
    answered = 0
    for task in tasks:
        try:
            one = vocabulary(task, root)
        except DataMissing:
            continue
        except BadData as error:
            problems.append(str(error))
            continue
        answered += 1
        if one is None:
            labels.remove(task, folder)
        else:
            labels.save(one, folder)
            found.append(one)
    if not answered:
        raise GeneralBenchError(
            "; ".join(problems[:1])
            or f"No task below {root} has answers, from which candidates could be "
            "collected. Name the data root of the open set."
        )
    if as_json:
        rows = [asdict(one) | {"share": one.share} for one in found]
        print(json.dumps({"folder": str(folder), "tasks": rows, "problems": problems}, indent=1))
    else:
        for one in found:
            print(line(one))
        for problem in problems:
            print(f"problem    {problem}")
        print(
            f"{len(found)} of {answered} tasks with answers have candidates that their records do "
            f"not list: {folder} ({labels.fingerprint(root, str(folder))}). Prompts of both sets "
            "name them from now on; --metadata gb_labels=none leaves them out."
        )
    return 1 if problems else 0


def line(one: Vocabulary) -> str:
    """What a vocabulary covers, in words."""
    task = catalog.task(one.task)
    seen = f"{one.documents} of {one.expected} documents"
    if one.complete:
        rest = "there are no others"
    else:
        rest = (
            f"{one.once} seen once: about {100 * (1 - one.share):.1f} % of the answers of the other "
            "documents may be another"
        )
    return (
        f"{one.task:10}  {task.name}  {counted(len(one.candidates), 'candidate')} in {seen}; {rest}"
    )
