"""Whisper and CLAP of a few thousand random weights, saved as the real ones are."""

import functools
import json
import shutil
import string
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.metrics import backbones

MARKS = [
    *("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|mn|>"),
    *("<|translate|>", "<|transcribe|>", "<|nospeech|>", "<|notimestamps|>"),
]


def _tokenizer(marks: list[str], start: str, end: str, pad: str):
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = [*string.ascii_lowercase, " ", *string.digits, "'", ".", ",", "今", "天"]
    core = Tokenizer(
        models.WordLevel({t: i for i, t in enumerate([*marks, *words])}, unk_token=words[0])
    )
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.decoder = decoders.Fuse()
    core.add_special_tokens(marks)
    core.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        special_tokens=[(x, core.token_to_id(x)) for x in {start, end}],
    )
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token=end, pad_token=pad)


@functools.cache
def whisper() -> str:
    """Folder of a Whisper of one layer."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    tokenizer = _tokenizer(MARKS, MARKS[1], MARKS[0], MARKS[0])
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(
        WhisperConfig(
            vocab_size=len(tokenizer), d_model=16, num_mel_bins=128, encoder_layers=1, decoder_layers=1,
            encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=32,
            decoder_ffn_dim=32, max_target_positions=40, bos_token_id=0, eos_token_id=0,
            pad_token_id=0, decoder_start_token_id=1, init_std=0.4,
        )
    )  # fmt: skip
    settings = model.generation_config
    settings._from_model_config = False
    settings.suppress_tokens = [9, 10]
    settings.begin_suppress_tokens = [0, tokenizer.convert_tokens_to_ids(" ")]
    settings.is_multilingual = True
    settings.no_timestamps_token_id = MARKS.index("<|notimestamps|>")
    settings.lang_to_id = {x: MARKS.index(x) for x in ("<|en|>", "<|zh|>", "<|mn|>")}
    settings.task_to_id = {x: MARKS.index(f"<|{x}|>") for x in ("translate", "transcribe")}
    folder = tempfile.mkdtemp(prefix="tiny-whisper-")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (Path(folder) / "normalizer.json").write_text(json.dumps({"colour": "color"}), "utf-8")
    return folder


@functools.cache
def clap() -> str:
    """Folder of a CLAP of small layers."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from transformers import ClapConfig, ClapModel

    marks = ["<s>", "<pad>", "</s>"]
    tokenizer = _tokenizer(marks, "<s>", "</s>", "<pad>")
    torch.manual_seed(1)
    config = ClapConfig(
        audio_config={
            "window_size": 8, "num_mel_bins": 64, "spec_size": 256, "patch_size": 4,
            "patch_stride": [4, 4], "patch_embeds_hidden_size": 8, "depths": [1, 1, 1, 1],
            "num_attention_heads": [1, 1, 2, 2], "hidden_size": 64, "enable_fusion": False,
        },
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 32,
            "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 100,
            "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2,
        },
        projection_dim=16,
    )  # fmt: skip
    folder = tempfile.mkdtemp(prefix="tiny-clap-")
    ClapModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `tests.metrics.backbones` save these in the place of the pretrained ones."""
    for module, made, width in (("whisper", whisper, 226), ("clap", clap, 16)):
        save = functools.partial(_copy, made)
        monkeypatch.setitem(backbones.SAVED, module, (save, {"": width}))


def _copy(made: Callable[[], str], folder: Path) -> None:
    shutil.copytree(made(), folder, dirs_exist_ok=True)
