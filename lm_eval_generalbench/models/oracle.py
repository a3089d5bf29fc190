"""Gives every document's target back: a self-test of loaders, readers and metrics."""

from lm_eval.api.registry import register_model

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.models.answering import AnsweringModel


@register_model("generalbench-oracle")
class Oracle(AnsweringModel):
    """The target, written the way its answer kind asks for.

    A task that does not reach its metric's best value with it has a fault in
    its data, or we have one in its reader. Its scores are no model's scores.
    """

    def reply(self, doc: Document) -> str:
        return answers.perfect_reply(doc)
