"""What task files of others can use by name: text metrics, aggregations and a filter.

Newer versions of the harness find these by the entry points in setup.cfg; in
0.4.13 `import lm_eval_generalbench.harness.plugin` registers them. Our own tasks need
none of this: they name functions of the package.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import lm_eval.api.metrics  # noqa: F401  first: it registers "mean"
from lm_eval.api.filter import Filter
from lm_eval.api.registry import register_aggregation, register_filter, register_metric

from lm_eval_generalbench import metrics
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.answers.reply import TEXT, find
from lm_eval_generalbench.answers.stated_answers import conclusion
from lm_eval_generalbench.harness.generated import PREFIX


def _metric(name: str) -> Callable[..., float]:
    """A text metric with the harness's calling convention, registered as generalbench_NAME."""
    sample = metrics.function(metrics.metric(name).sample)

    @functools.wraps(sample)
    def metric(references: Sequence[Any], predictions: Sequence[str], **_: Any) -> float:
        accepted = [x for r in references for x in (r if isinstance(r, list) else [r])]
        return float(sample(predictions[0], [str(x) for x in accepted]))

    higher = metrics.metric(name).better == "higher"
    registered: Callable[..., float] = register_metric(
        metric=PREFIX + name, higher_is_better=higher, aggregation="mean"
    )(metric)
    return registered


# Attributes of this module by the metrics' own names: entry points lead to them.
globals().update({n: _metric(n) for n, line in metrics.METRICS.items() if line.registered})

for _name, _line in metrics.METRICS.items():
    if _line.available and _line.total:
        register_aggregation(PREFIX + _name)(metrics.function(_line.total))


def _concluded(reply: str) -> str:
    answer = find(reply, TEXT).answer
    return conclusion(answer) or answer


@register_filter("generalbench_conclusion")
class Conclusion(Filter):
    """Keeps what follows the last "answer is" or stands in the last boxed expression of a reply."""

    def apply(self, resps: Iterable[list[str]], docs: Sequence[Document]) -> list[list[str]]:
        """The replies of every document, shortened; one without such a mark stays whole."""
        return [[_concluded(r) for r in replies] for replies in resps]
