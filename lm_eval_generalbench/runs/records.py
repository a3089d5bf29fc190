"""What is known about the results of models: plain records."""

from dataclasses import dataclass, field
from typing import NamedTuple

from lm_eval_generalbench import __version__, catalog

STAMP = {"gb_package": __version__, "gb_catalog": catalog.fingerprint()}  # of a run, for `levels`
EXPECTED = "gb_expected"  # in a task's metadata: documents of a whole copy, if its data are a part
FAILED = "gb_failed"  # in a task's metadata: why it has no value
QUICK = "gb_quick"  # in a results file: ids of the tasks of the quick board that was run
VERSIONS = {  # key of a run's metadata -> what it tells
    "gb_package": "package",
    "gb_catalog": "catalog",
    "gb_prompts": "prompts",
    "gb_split": "data split",
    "gb_revision": "data revision",  # where the data were fetched from, if `data download` did
    "gb_labels": "labels",  # fingerprint of the vocabularies that prompts name, or "none"
}

# arguments of a model class that say which model it is, as the harness takes them
NAMED_BY = ("peft", "delta", "pretrained", "model", "path", "engine")
DATA = ("gb_questions", "gb_targets")  # of a task's metadata: the hashes of loaders/identity.py


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
    errors: float | None = None  # share of documents that an error left without a value, 0..1
    version: str = ""  # of the task
    source: str = ""  # file
    questions: str = ""  # hash of all that the task asks, whatever was run; "" if not told
    targets: str = ""  # hash of its references; "" if not told, or there are none
    samples: str = ""  # the harness's hash of what was run, where samples were logged
    networks: str = ""  # that its metric looked through, as runs/networks.py tells them

    @property
    def partial(self) -> bool:
        """Whether the value stands for a part of the task's documents only."""
        return self.limited or bool(self.broken) or bool(self.errors)


def other_data(one: Value, other: Value) -> str:
    """What two values of a task rest on that is not the same; "" as far as is known.

    References are compared where both have some: a closed set has none. The harness's own
    hash, which depends on more than the data, counts where ours is missing.
    """
    if one.questions and other.questions:
        if one.questions != other.questions:
            return "questions"
        restated = one.targets and other.targets and one.targets != other.targets
        return "references" if restated else ""
    told = one.samples and other.samples and one.n == other.n
    return "documents" if told and one.samples != other.samples else ""


@dataclass
class Run:
    """All that is known about one model."""

    model: str
    values: dict[str, Value] = field(default_factory=dict)  # by task id
    versions: dict[str, list[str]] = field(default_factory=dict)  # harness, package ...
    files: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    quick: tuple[str, ...] = ()  # ids of the quick board's tasks, if it was run over its data


class Part(NamedTuple):
    """What one file says about one model."""

    model: str  # "" for a table that names none
    date: float | None  # seconds since 1970; None for a table, which has none
    source: str
    values: dict[str, Value]
    versions: dict[str, str]
    foreign: tuple[str, ...] = ()  # entries that are no tasks of ours
    unscored: tuple[str, ...] = ()  # tasks that were run with --predict_only
    problems: tuple[str, ...] = ()  # lines about what could not be used
    quick: tuple[str, ...] = ()  # ids of the quick board's tasks, if it was run over its data
