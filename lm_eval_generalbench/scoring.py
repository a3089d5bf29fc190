"""The joint to the harness: one reply -> the values that the harness gathers."""

import json
import logging
import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from lm_eval_generalbench import answers, catalog, media, metrics, optional, paths
from lm_eval_generalbench.answers import Document, document, reference_files
from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.errors import (
    BadData,
    GeneralBenchError,
    MissingWeights,
    NoReference,
    NoVerdict,
)
from lm_eval_generalbench.words import inert

log = logging.getLogger(__name__)
FILES = "files"  # column of tasks in which files are made: how many an answer has


def process_results(
    doc: Document, results: list[str], ratings: Sequence[float] | None = None
) -> dict[str, Any]:
    """Score one reply, or hand its statistics on to a metric over the whole task.

    Args:
        doc: The document.
        results: The reply, alone in a list.
        ratings: What people gave the file that the reply names; None if they rated nothing.

    Returns:
        The task's metric and those beside it, each a value or statistics, and
        `unparsed` and `broken`, and of a metric with a judge or raters `errors`, which are
        0 or 1. A broken document, one without a reference or without a verdict, and every document of
        a task whose metric cannot be computed, lack the metric: the harness averages over
        the rest.
    """
    reply = _text(results[0])
    if document.without_reference(doc):
        return {"unparsed": 0.0, "broken": 0.0}
    reason = fault(doc)
    return broken(doc, reason) if reason else values(doc, reply, ratings)


def _text(reply: Any) -> str:
    return reply if isinstance(reply, str) else json.dumps(reply, default=str)


def ahead(replies: Sequence[tuple[Document, Any]]) -> None:
    """Have the metric's judge or networks, if it has any, look at many replies of a task at once.

    `values` gives the same without it, one request after the other.
    """
    if not replies:
        return
    task = catalog.task(replies[0][0]["gb_task"])
    metric = metrics.metric(task.metric)
    if not metric.together:
        return
    pairs = []
    for doc, reply in replies:
        if doc["broken"] or document.without_reference(doc):
            continue
        prediction = answers.read(doc, _text(reply))
        if prediction is not None:
            with suppress(BadData):
                pairs.append((prediction, reference_files.read(doc)))
    with suppress(GeneralBenchError):  # which every document will say
        if metric.judged:
            from lm_eval_generalbench.metrics import judged

            judged.judge(pairs)
        else:
            from lm_eval_generalbench.metrics import embeddings

            embeddings.ahead(metric.weights, pairs, task.id)


def at_hand(doc: Document) -> bool:
    """Whether it can be told from a document and its media if it is broken."""
    return bool(doc["broken"]) or all(map(os.path.exists, document.files(doc)))


def fault(doc: Document) -> str:
    """What is wrong with a document's record or its files, whoever looked at them; "" if nothing."""
    if doc["broken"]:
        return str(doc["broken"])
    try:
        own = reference_files.unusable(doc) if reference_files.is_file(doc) else ()
        return next(chain(media.unusable(doc), own), "")
    except BadData as error:
        return str(error)


def values(doc: Document, reply: str, ratings: Sequence[float] | None = None) -> dict[str, Any]:
    """`process_results` of a document without asking whether its media can be decoded."""
    task = catalog.task(doc["gb_task"])
    kind = answers.answer(doc["answer"])
    prediction = answers.read(doc, reply)
    counts = {"unparsed": float(prediction is None), "broken": 0.0}
    if kind.handed_in == "file":
        counts[FILES] = float(len(getattr(prediction, "several", ())))
    rated = metrics.metric(task.metric).rated
    predicted = _predicted(task.metric, prediction, ratings is not None) if rated else {}
    try:
        target = ratings if rated else reference_files.read(doc)
        found = {
            name: scored(name, prediction, target)
            for name in chain([task.metric], () if rated else _beside(task.metric))
            if metrics.metric(name).available
        }
    except BadData as error:
        if not isinstance(error, NoReference):
            reference_files.refuse(doc, error)
        return broken(doc, str(error))
    except NoVerdict as error:
        reason = re.split("[\"']", str(error))[0]  # a reply that is quoted may be new each time
        line = f"{task.name}: document {doc['id']}, and others like it, count as errors: {error}"
        say_once(line, f"{task.name}: {reason}")
        return predicted | counts | {"errors": 1.0}
    except GeneralBenchError as error:
        why = unmet(task.metric) if isinstance(error, MissingWeights) else ""
        say_once(f"{task.name} is not scored: {why or error}")
        return {task.metric: math.nan} | predicted | counts
    scores = {name: one.value for name, one in found.items()}
    if task.metric not in scores:
        why = metrics.metric(task.metric).why
        say_once(
            f"{task.name} is not scored: metric {task.metric} not available yet; it needs {why}."
        )
    if metrics.metric(task.metric).by_others:
        counts["errors"] = 0.0
    if task.metric in found and (why := found[task.metric].unusable):
        counts["unparsed"] = 1.0
        about = f"{task.name}: answers whose file cannot be opened count as unparsed"
        say_once(f"{about}, such as that to document {doc['id']}: {inert(why, 400)}", about)
    if task.metric in scores and (note := variant(task.id).note):
        say_once(f"{task.id}: {note}.")
    return scores | predicted | counts


def _beside(main: str, told: bool = True) -> Iterator[str]:
    """The metrics beside the main one that have the networks that only they need.

    A line tells, where it is to be `told`, which have not, and why.
    """
    absent: dict[str, list[str]] = {}
    for name in metrics.metric(main).beside:
        own = set(metrics.metric(name).weights) - set(metrics.metric(main).weights)
        if own and (why := unmet(name)):
            absent.setdefault(why, []).append(name)
        else:
            yield name
    for why, names in absent.items() if told else ():
        are, they = ("are", "they need") if len(names) > 1 else ("is", "it needs")
        why = f"{they} {why.removeprefix('needs ')}" if why.startswith("needs ") else why
        say_once(f"{', '.join(names)}, beside {main}, {are} left out: {why}")


def _predicted(main: str, prediction: Any, told: bool) -> dict[str, Any]:
    """What networks say of an answer that people rate, whether or not they have.

    It stands beside what people say and never keeps that from counting.
    """
    found = {}
    for name in _beside(main, told):
        try:
            found[name] = score(name, prediction, None)
        except GeneralBenchError as error:
            say_once(f"{name}, beside {main}, is left out: {error}")
    return found


def unmet(name: str) -> str:
    """What keeps a metric from being computed here; "" if nothing does."""
    metric = metrics.metric(name)
    if not metric.available:
        return f"it is not available yet: it needs {metric.why}"
    if metric.rated or (metric.judged and paths.judge_url() is None):
        return f"it needs {metric.needs}"
    if metric.module and (why := optional.lack(metric.module, metric.extra)):
        return why
    try:
        if metric.weights:
            from lm_eval_generalbench.metrics import features

            if len(missing := features.missing(metric.weights)) > 1:
                return (
                    f"needs weights: {', '.join(missing)} are not here. `generalbench data weights "
                    f"fetch --metric {name}` brings them."
                )
            features.ready(metric.weights)
    except GeneralBenchError as error:
        return str(error)
    return ""


def score(name: str, prediction: Any, target: Any) -> Any:
    """Value or statistics of one document; no answer gets the worst value there is.

    Of several files for one prompt the mean counts, in which one that cannot be used, or is named
    and not there, is no answer; or the first file where the metric is one of all documents together.
    """
    return scored(name, prediction, target).value


def scored(name: str, prediction: Any, target: Any) -> metrics.Sampled:
    """`score`, and why none of the answer's files that it looks at can be used; "" if one can."""
    metric = metrics.metric(name)
    if prediction is None and metric.per == "sample" and math.isfinite(metric.worst):
        return metrics.Sampled(float(metric.worst if metric.nothing is None else metric.nothing))
    several = getattr(prediction, "several", ())
    missing = len(getattr(prediction, "missing", ()))
    if len(several) + missing < 2:
        return metrics.sampled(name, prediction, target)
    if metric.per == "task":
        say_once(f"Of several files for one prompt {name} counts the first.")
        return metrics.sampled(name, prediction, target)
    each = [metrics.sampled(name, made, target) for made in several]
    total = math.fsum(one.value for one in each)
    if missing:
        total += missing * score(name, None, target)
    unusable = each[0].unusable if all(one.unusable for one in each) else ""
    return metrics.Sampled(total / (len(several) + missing), unusable)


def broken(doc: Document, reason: str) -> dict[str, Any]:
    """What a document gives that the data's fault keeps from being scored."""
    if not doc["broken"]:  # what the loader knew it has told
        log.warning("%s, document %s is broken: %s", doc["gb_task"], doc["id"], reason)
    return {"unparsed": 0.0, "broken": 1.0}


told: set[str] = set()  # what lines were about


def say_once(line: str, about: str = "") -> None:
    """Warn with a line, however many documents it concerns; only the first that is about the same."""
    if (about or line) not in told:
        told.add(about or line)
        log.warning("%s", line)
