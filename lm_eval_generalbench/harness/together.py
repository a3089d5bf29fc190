"""The joint to the harness of metrics that see many replies sooner at once than one by one."""

from collections.abc import Iterable, Sequence
from typing import Any

from lm_eval.api.filter import Filter

from lm_eval_generalbench import scoring
from lm_eval_generalbench.answers import Document


class Together(Filter):
    """Hands replies on as they are, after a judge or a network has seen them, several at a time."""

    def apply(self, resps: Iterable[Any], docs: Sequence[Document]) -> list[Any]:
        """Replies, one a document, unchanged."""
        replies = list(resps)
        scoring.ahead(list(zip(docs, replies, strict=True)))
        return replies
