"""The cheapest honest answer of every kind: the floor of every task."""

from lm_eval.api.registry import register_model

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.models.answering import AnsweringModel


@register_model("generalbench-naive")
class Naive(AnsweringModel):
    """First option, first candidate, whole-image box, last value of a series and so on.

    Deterministic and without weights. Targets are taken out of the document
    before it is looked at.
    """

    def reply(self, doc: Document) -> str:
        return answers.naive_reply(doc)
