"""Models with a few thousand random weights, saved like real ones: nothing is downloaded."""

import functools
import string
import tempfile
from pathlib import Path
from typing import Any

import pytest

SPECIAL = ["<unk>", "<s>", "</s>", "<pad>", "<image>"]


def _tokenizer():
    """One token a printable character."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {t: i for i, t in enumerate([*SPECIAL, *string.printable])}
    core = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    core.decoder = decoders.Fuse()
    core.add_special_tokens(SPECIAL)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=8192,
        extra_special_tokens={"image_token": "<image>"},
    )


def _text_settings(vocabulary: int) -> dict:
    return {
        "vocab_size": vocabulary,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 8192,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 3,
    }


def _torch() -> Any:
    """torch, or the test is skipped: the base install and the extra test-core have none."""
    return pytest.importorskip("torch", reason="torch is not installed")


@functools.cache
def language_model() -> str:
    """Folder of a Llama of one layer, for `--model hf`."""
    torch = _torch()
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    folder = tempfile.mkdtemp(prefix="tiny-llama-")
    tokenizer = _tokenizer()
    LlamaForCausalLM(LlamaConfig(**_text_settings(len(tokenizer)))).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@functools.cache
def vision_language_model() -> str:
    """Folder of a LLaVA of one layer, for `--model hf-multimodal`: 4 tokens an image."""
    torch = _torch()
    from transformers import (
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    try:  # the processor that needs no torchvision
        from transformers import CLIPImageProcessorPil as ImageProcessor
    except ImportError:
        from transformers import CLIPImageProcessor as ImageProcessor

    torch.manual_seed(0)
    folder = tempfile.mkdtemp(prefix="tiny-llava-")
    tokenizer = _tokenizer()
    vision = CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=16,
        patch_size=8,
        projection_dim=16,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=LlamaConfig(**_text_settings(len(tokenizer))),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    LlavaProcessor(
        image_processor=ImageProcessor(
            size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
        ),
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    ).save_pretrained(folder)
    assert (Path(folder) / "config.json").exists()
    return folder


if __name__ == "__main__":
    print(language_model(), vision_language_model())
