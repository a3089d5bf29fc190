"""Small networks with random weights in the place of the pretrained ones: the same files, the same code."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lm_eval_generalbench.metrics import features, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.networks import running

WIDTH = 16  # of a row of the small CLIP
SIZES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def byte_letters() -> list[str]:
    """The letters by which byte-level vocabularies write the 256 bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in shown]
    letters = {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(others)}
    return [letters[b] for b in range(256)]


def clip_config(side: int = 32, patch: int = 8, vocabulary: int = 1000) -> Any:
    from transformers import CLIPConfig

    text = SIZES | {
        "vocab_size": vocabulary,
        "bos_token_id": vocabulary - 2,
        "eos_token_id": vocabulary - 1,
        "pad_token_id": vocabulary - 1,
    }
    vision = SIZES | {"image_size": side, "patch_size": patch}
    return CLIPConfig(text_config=text, vision_config=vision, projection_dim=WIDTH)


def save_vocabulary(folder: Path) -> int:
    """A vocabulary of letters; how many tokens it has."""
    letters = byte_letters()
    words = [*letters, *(x + "</w>" for x in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}), "utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    return len(words)


def save_clip(folder: Path) -> None:
    """A small CLIP for pictures of 224 x 224, with a vocabulary of letters."""
    import torch
    from transformers import CLIPModel

    torch.manual_seed(2 if "large" in folder.name else 7)  # unlike each other, few cosines below 0
    CLIPModel(clip_config(224, 32, save_vocabulary(folder))).save_pretrained(folder)


def stirred(network: Any) -> Any:
    """A network with weights so large that it tells its inputs apart."""
    import torch

    for parameter in network.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=parameter[0].numel() ** -0.5)
    return network


def save_owlv2(folder: Path) -> None:
    """A small OWLv2 of 36 patches, for pictures of the size that is set."""
    import torch
    from transformers import Owlv2Config, Owlv2ForObjectDetection

    from lm_eval_generalbench.metrics.networks import owlv2

    vocabulary = save_vocabulary(folder)
    text = SIZES | {
        "vocab_size": vocabulary,
        "max_position_embeddings": 16,
        "bos_token_id": vocabulary - 2,
        "eos_token_id": vocabulary - 1,
        "pad_token_id": 0,
    }
    vision = SIZES | {"image_size": owlv2.SIDE, "patch_size": owlv2.SIDE // 6}
    torch.manual_seed(3)
    config = Owlv2Config(text_config=text, vision_config=vision, projection_dim=32)
    stirred(Owlv2ForObjectDetection(config)).save_pretrained(folder)


def save_classes(folder: Path) -> None:
    """A small ViT with 1000 classes, the first of which have names."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification

    torch.manual_seed(4)
    names = {0: "tench, Tinca tinca", 1: "goldfish, Carassius auratus"}
    labels = {i: names.get(i, f"class {i}") for i in range(1000)}
    config = ViTConfig(**SIZES, image_size=224, patch_size=32, id2label=labels)
    stirred(ViTForImageClassification(config)).save_pretrained(folder)


def save_dino(folder: Path) -> None:
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    config = ViTConfig(**SIZES, image_size=224, patch_size=16)
    ViTModel(config, add_pooling_layer=False).save_pretrained(folder)


def save_aesthetic(folder: Path) -> None:
    import torch

    torch.manual_seed(0)
    state = {"weight": torch.randn(1, WIDTH), "bias": torch.tensor([5.0])}
    torch.save(state, folder / "sa_0_4_vit_l_14_linear.pth")


# module -> what saves its files, and the length of rows that are shorter than the published ones
SAVED: dict[str, tuple[Callable[[Path], None], dict[str, int]]] = {
    "clip": (save_clip, {"": WIDTH}),
    "dino": (save_dino, {"": 32}),
    "aesthetic": (save_aesthetic, {}),
    "owlv2": (save_owlv2, {"owlv2-text": 32}),
    "classes": (save_classes, {}),
}


def put_in(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small networks for all lines of BACKBONES whose module is in SAVED, below a new cache."""
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("transformers", reason="transformers is not installed")
    from lm_eval_generalbench.metrics.networks import owlv2

    monkeypatch.setattr(owlv2, "SIDE", 96)
    monkeypatch.setenv("GENERALBENCH_CACHE", str(cache))
    for name, line in list(BACKBONES.items()):
        if line.module in SAVED:
            save, widths = SAVED[line.module]
            width = widths.get(name, widths.get("", line.dimension))
            monkeypatch.setitem(BACKBONES, name, dataclasses.replace(line, dimension=width))
            folder = weights.own_folder(line)
            if not folder.is_dir():
                folder.mkdir(parents=True)
                save(folder)


def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What a fixture does: put the networks in, and let go of them afterwards."""
    put_in(tmp_path / "cache", monkeypatch)
    yield tmp_path / "cache"
    running.release()
    features._head.cache_clear()


def pictures(count: int, size: tuple[int, int] = (40, 56), seed: int = 0) -> list[np.ndarray]:
    """Smooth pictures that differ, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = rng.uniform(0.02, 0.4, (count, 3, 2))
    found = [
        np.stack([127 + 120 * np.sin(a * y + b * x + i) for a, b in of_one], axis=-1)
        for i, of_one in enumerate(waves)
    ]
    return [np.rint(picture).astype(np.uint8) for picture in found]
