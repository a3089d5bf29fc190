"""What a model class of the harness takes, and what it would do with the rest.

The harness knows one flag, MULTIMODAL. A class that has it and takes pictures alone is given
sounds as well, drops them without a word, and answers the question blind.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lm_eval_generalbench import media
from lm_eval_generalbench.answers import Document, document
from lm_eval_generalbench.errors import GeneralBenchError

TEXT, PICTURES, SOUND = "text", "pictures", "sound"
ALL = frozenset({TEXT, PICTURES, SOUND})
# Name of a class, or of one that it is made from -> what it takes; the first that fits decides
TAKES = {
    "AnsweringModel": ALL,  # ours: they look at the document
    "LocalChatCompletion": frozenset({TEXT, PICTURES}),
    "LiteLLMChatCompletion": frozenset({TEXT, PICTURES}),
    "AnthropicChat": frozenset({TEXT, PICTURES}),
    "TemplateAPI": frozenset({TEXT}),  # prompts that are no messages, which pictures need
    "HFMultimodalLM": frozenset({TEXT, PICTURES}),
    "VLLM_VLM": frozenset({TEXT, PICTURES}),
}
CHAT = ("LocalChatCompletion", "LiteLLMChatCompletion", "AnthropicChat")
LOOKED_AT = 20  # documents of a task whose media tell what it needs
KINDS = {"image": PICTURES, "video": PICTURES, "3d": PICTURES, "frames": PICTURES, "audio": SOUND}


def taken(model: Any) -> frozenset[str]:
    """What a model class, or an object of it, takes.

    A class says so itself in an attribute TAKES of words of ALL. One that nobody knows takes
    what the harness gives it.
    """
    cls = model if isinstance(model, type) else type(model)
    if own := getattr(cls, "TAKES", None):
        return frozenset(own)
    known = next((TAKES[name] for name in _ancestors(cls) if name in TAKES), None)
    if known is not None:
        return known
    return ALL if getattr(cls, "MULTIMODAL", False) else frozenset({TEXT})


def needed(docs: Iterable[Document]) -> frozenset[str]:
    """What has to be shown of the first documents of a task.

    >>> sorted(needed([{"files": '["/a.png", "/b.wav"]'}, {"files": "[]"}]))
    ['pictures', 'sound', 'text']
    """
    found = {TEXT}
    for doc, _ in zip(docs, range(LOOKED_AT), strict=False):
        for path in document.files(doc):
            # a folder of frames has no ending
            kind = media.KINDS.get(Path(path).suffix.lower(), "" if Path(path).suffix else "frames")
            if str(doc.get("gb_task", "")).startswith("D-"):
                kind = "3d"  # clouds in files of numbers are shown, too
            found.update(KINDS[kind] for kind in [kind] if kind in KINDS)
    return frozenset(found)


def is_chat(cls: type) -> bool:
    """Whether objects of a class send a server messages, made of prompts if the harness is told to."""
    return any(name in CHAT for name in _ancestors(cls))


def check(name: str, cls: type, arguments: dict[str, Any]) -> None:
    """See that a class does not sample where nothing says so.

    Raises:
        GeneralBenchError: It would.
    """
    model = str(arguments.get("model") or arguments.get("pretrained") or "")
    if "OpenAIChatCompletion" in _ancestors(cls) and "5" in model and "gpt-5" not in model:
        raise GeneralBenchError(
            f"The model class {name} takes every model with a 5 in its name ({model}) for one that "
            "is sampled at temperature 1. Use `--model local-chat-completions` with base_url=..."
        )


def _ancestors(cls: type) -> list[str]:
    return [base.__name__ for base in cls.__mro__]
