"""The joint to the harness of metrics that ask a judge: all replies at once, before any is scored."""

from collections.abc import Iterable, Sequence
from typing import Any

from lm_eval.api.filter import Filter

from lm_eval_generalbench import scoring
from lm_eval_generalbench.answers import Document


class Verdicts(Filter):
    """Hands replies on as they are, after their verdicts were asked for, several at a time."""

    def apply(self, resps: Iterable[Any], docs: Sequence[Document]) -> list[Any]:
        """Replies, one a document, unchanged."""
        replies = list(resps)
        scoring.ahead(list(zip(docs, replies, strict=True)))
        return replies
