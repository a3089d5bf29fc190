"""Made sounds, by what networks hear in them: words, likeness to a text or to another sound.

An answer is the path of a file. One that cannot be decoded raises BadAnswer in every function
here that takes one, and `metrics.sampled` counts it as no answer; so counts silence where words
are to be said: Whisper hears words in it that nobody said.
"""

import functools
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lm_eval_generalbench.catalog.variants import variant
from lm_eval_generalbench.errors import NoReference
from lm_eval_generalbench.media.kinds import kind_of
from lm_eval_generalbench.metrics import backbones, features, similarity, speech, text, weights
from lm_eval_generalbench.metrics.generated import Reference, opened, reference
from lm_eval_generalbench.optional import lookup

# ---- words


def heard(path: str | None, language: str) -> str | None:
    """The words that Whisper hears in a sound; None for no answer, or silence.

    Args:
        path: Of the answer.
        language: ISO 639-1, one of those of networks/whisper.py.

    Raises:
        BadAnswer: The file cannot be used.
        MissingWeights: Whisper's files are not here.
        MissingExtra: torch or transformers is not.
    """
    name = f"whisper-turbo-{language}"
    features.ready([name])
    rows = opened(lambda file: features.of_file(name, file), path)
    return None if rows is None else str(_whisper("text")(rows, _folder(name)))


def _whisper(function: str) -> Any:
    return lookup("lm_eval_generalbench.metrics", f"networks.whisper.{function}")


def _folder(name: str) -> Path:
    return weights.folder(name, backbones.backbone(name))


@functools.lru_cache(maxsize=4)
def _normaliser(language: str, folder: Path) -> Any:
    spelling = _whisper("spelling")(folder) if language == "en" else None
    return speech.normaliser(language, spelling)


def _language(known: Reference) -> str:
    return variant(known.task).language or "en"


def word_errors(prediction: str | None, target: Any) -> list[int]:
    """`speech.word_errors` of what Whisper hears, both normalised as its authors do.

    Characters in place of words in Chinese.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `generated.reference` takes; `said` gives the words.

    Raises:
        NoReference: The record does not give the words.
        MissingWeights: Whisper's files are not here.
    """
    language, wanted = _language(reference(target)), spoken(target)
    text = heard(prediction, language)
    normal = _normaliser(language, _folder(f"whisper-turbo-{language}"))
    errors = speech.character_errors if language == "zh" else speech.word_errors
    return errors(text, wanted, normal)


def wer(statistics: Sequence[Any]) -> float:
    """`speech.wer`: errors over words, both added up over all documents.

    Range: 0 to inf, lower is better.

    Args:
        statistics: What `word_errors` returned for each document.

    Returns:
        NaN if a document could not be listened to.
    """
    return speech.wer(statistics) if _all_known(statistics) else math.nan


def wer_by_document(statistics: Sequence[Any]) -> float:
    """`speech.wer_by_document`: the mean of each document's rate.

    Range: 0 to inf, lower is better.

    Args:
        statistics: As for `wer`.
    """
    return speech.wer_by_document(statistics) if _all_known(statistics) else math.nan


def caption_pair(prediction: str | None, target: Any) -> list[Any]:
    """`text.cider_pair` of what Whisper hears with the record's captions.

    Args:
        prediction: As for `word_errors`.
        target: As for `word_errors`.

    Raises:
        NoReference: The record has no caption.
        MissingWeights: Whisper's files are not here.
    """
    wanted = spoken_captions(target)
    return text.cider_pair(heard(prediction, _language(reference(target))), wanted)


def speech_cider(statistics: Sequence[Any]) -> float:
    """`text.cider` of transcripts.

    Range: 0 to 10, higher is better.

    Args:
        statistics: What `caption_pair` returned for each document.

    Returns:
        NaN if a document could not be listened to.
    """
    return text.cider(statistics) if _all_known(statistics) else math.nan


def _all_known(statistics: Sequence[Any]) -> bool:
    """Whether every document has statistics: one whose network is missing has NaN in their place."""
    return not any(isinstance(x, float) for x in statistics)


# ---- which of a record's texts is meant

SAID = (  # fields that hold words to be said, the surest first
    *("target_text", "text_to_speak", "translation", "target_transcript", "reference_text"),
    *("transcript", "transcription", "text", "sentence", "utterance", "script", "content"),
)
CAPTIONS = (
    *("target_captions", "target_caption", "target_prompt", "captions", "caption"),
    *("descriptions", "description", "sentences", "text", "caption1", "caption2"),
    *("caption_1", "caption_2", "text1", "text2"),
)
STYLES = ("target_style", "style_text", "style_prompt", "style_description", "style", "genre")
STYLE_SOUNDS = ("style_audio", "style_file", "style_path", "audio_style", "style", "target_style")


def _texts(known: Reference, names: Sequence[str]) -> list[str]:
    """The texts of the first field of these names that has any; of numbered ones, all."""
    for name in names:
        found = [x for x in known.fields.get(name, ()) if x.strip() and not _is_sound(x)]
        if found and name[-1:] == "1":
            found += [
                x for x in known.fields.get(f"{name[:-1]}2", ()) if x.strip() and not _is_sound(x)
            ]
        if found:
            return found
    return []


def _is_sound(text: str) -> bool:
    return os.path.isabs(text) and kind_of(text) == "audio"


def spoken(target: Any) -> str:
    """The words that were to be said, in the language of the task: `said`."""
    known = reference(target)
    return said(known, _language(known))


def spoken_captions(target: Any) -> list[str]:
    """The captions that a spoken one is compared with.

    Raises:
        NoReference: There is none.
    """
    known = reference(target)
    found = _texts(known, CAPTIONS) or list(known.text)
    if not found:
        raise NoReference("The record has no caption. Correct its output.")
    return found


def captions(target: Any) -> list[str]:
    """The captions that a sound is compared with; where there is none, the prompt.

    Raises:
        NoReference: There is neither.
    """
    known = reference(target)
    return _worded(_texts(known, CAPTIONS) or list(known.text) or [known.prompt])


def style(target: Any) -> str | list[str]:
    """The style that a sound is compared with: its texts, or else the path of its sound.

    Raises:
        NoReference: There is neither, and no prompt.
    """
    known = reference(target)
    texts = _texts(known, STYLES) or [x for x in [known.style] if x.strip()]
    sounds = [x for name in STYLE_SOUNDS for x in known.fields.get(name, ()) if _is_sound(x)]
    if sounds and not texts:
        return sounds[0]
    return _worded(texts or list(known.text) or [known.prompt])


def _worded(texts: list[str]) -> list[str]:
    found = [words for words in texts if words.strip()]
    if not found:
        raise NoReference("The record names neither a caption nor a style. Correct its output.")
    return found


def said(known: Reference, language: str) -> str:
    """The words that were to be said.

    Of the fields that may hold them the first one in the language that is to be heard: a
    record of translated speech may hold both. The prompt is taken where nothing else was
    given: then it is what is to be read out.

    Args:
        known: The record's reference.
        language: ISO 639-1.

    Raises:
        NoReference: There are none.
    """
    found = [*(x for name in SAID for x in _texts(known, [name])), *known.text]
    if not known.inputs:
        found.append(known.prompt)
    for words in found:
        if words.strip() and _is_in(words, language):
            return words
    raise NoReference(f"The record names no words to be said ({language}). Correct its output.")


SCRIPTS = {  # first and last letter of the scripts that a language is written in
    "zh": (("\u3400", "\u9fff"),),
    "mn": (("\u0400", "\u04ff"), ("\u1800", "\u18af")),
    "en": (("A", "Z"), ("a", "z"), ("0", "9")),
}


def _is_in(words: str, language: str) -> bool:
    """Whether most letters of a text are of the script of a language."""
    letters = [letter for letter in words if letter.isalnum()]
    scripts = SCRIPTS.get(language)
    if not letters or scripts is None:
        return bool(letters)
    inside = sum(any(low <= letter <= high for low, high in scripts) for letter in letters)
    return 2 * inside > len(letters)


# ---- likeness


def clap(prediction: str | None, target: Any) -> float:
    """`similarity.likeness` of a sound with the caption of what was wanted, by LAION-CLAP.

    Range: 0 to 1, higher is better.

    Args:
        prediction: Path of the answer; None for no answer.
        target: What `generated.reference` takes; its caption counts, or else its prompt.

    Raises:
        NoReference: The record has neither.
        MissingWeights: The network's files are not here.
    """
    return _like_texts(prediction, captions(target))


def style_clap(prediction: str | None, target: Any) -> float:
    """`similarity.likeness` of a sound with the style that was wanted, by LAION-CLAP.

    Range: 0 to 1, higher is better.

    Args:
        prediction: As for `clap`.
        target: What `generated.reference` takes: the text of the style counts, or else its
            sound, or else the prompt.

    Raises:
        NoReference: The record has none of them.
        MissingWeights: The network's files are not here.
    """
    wanted = style(target)
    if not isinstance(wanted, str):
        return _like_texts(prediction, wanted)
    features.ready(["clap"])
    return similarity.likeness(_of_sound(prediction), features.of_file("clap", wanted))


def _like_texts(prediction: str | None, wanted: list[str]) -> float:
    features.ready(["clap", "clap-text"])
    return similarity.likeness(_of_sound(prediction), features.of_texts("clap-text", wanted))


def _of_sound(path: str | None) -> np.ndarray | None:
    """The mean of the normalised embeddings of a sound's windows, (1, d); None for no answer."""
    rows = opened(lambda file: features.of_file("clap", file), path)
    return None if rows is None else similarity.unit(rows).mean(axis=0, keepdims=True)
