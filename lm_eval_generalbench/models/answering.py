"""What our models share: they answer document by document, without a prompt."""

from typing import Any

from lm_eval.api.instance import Instance
from lm_eval.api.model import LM
from tqdm import tqdm

from lm_eval_generalbench.answers import Document
from lm_eval_generalbench.errors import GeneralBenchError


class AnsweringModel(LM):
    """A model that looks at the document of a request; subclasses write `reply`."""

    MULTIMODAL = True  # the harness gives media to no other model

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()

    def reply(self, doc: Document) -> str:
        raise NotImplementedError

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """The reply to every request, in order."""
        replies = []
        for request in tqdm(requests, disable=disable_tqdm, desc="Answering"):
            doc = request.doc
            if not isinstance(doc, dict) or "gb_task" not in doc:
                raise GeneralBenchError(
                    f"{request.task_name} is not a General-Bench task; this model answers no other."
                )
            reply = self.reply(doc)
            replies.append(reply)
            self.cache_hook.add_partial("generate_until", request.args, reply)
        return replies

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        raise GeneralBenchError("This model has no likelihoods; all our tasks ask for replies.")

    def loglikelihood_rolling(self, requests: list[Instance]) -> list[float]:
        raise GeneralBenchError("This model has no likelihoods; all our tasks ask for replies.")

    @property
    def tokenizer_name(self) -> str:
        """Part of the key of the harness's request cache."""
        return type(self).__name__

    def apply_chat_template(
        self, chat_history: list[dict[str, str]], add_generation_prompt: bool = True
    ) -> str:
        """The turns one after another; these models read documents, not prompts."""
        return "\n\n".join(turn["content"] for turn in chat_history)
