"""Makes video_golden.json: what VBench's copies of ViCLIP and of UMT give, with made-up weights.

Reads code out of a wheel that need not be installed:

    pip download --no-deps vbench
    python tests/golden/video_golden.py FOLDER

where FOLDER holds vbench/, the package itself. It needs torch, numpy, einops and opencv-python-headless
in an environment of its own. What VBench imports and does not use here is put in as empty
modules; of timm, DropPath is never reached and truncated normal numbers are written over.
Small copies of the networks, whose sizes are arguments, and the published sizes.
"""

import json
import sys
import types
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.golden.networks_golden import by_file, empty, shapes, summary
from tests.metrics import made_videos

PARENTS = ("vbench", "vbench.utils", "pkg_resources", "ftfy", "regex", "timm", "timm.models")
STEP = 13
TIMM = ("timm.models.layers", "timm.models.registry")


def fill(network: torch.nn.Module) -> torch.nn.Module:
    named = {name: tuple(shape) for name, shape in shapes(network).items()}
    for name, x in made_videos.state(named).items():
        network.state_dict()[name].copy_(torch.from_numpy(np.asarray(x)))
    return network.eval()


def modules(folder: Path) -> dict[str, Any]:
    """VBench's modules of ViCLIP, of its two parts, and of UMT."""
    with empty(*PARENTS, *TIMM):
        layers: Any = sys.modules["timm.models.layers"]
        layers.DropPath = lambda _: torch.nn.Identity()
        layers.to_2tuple = lambda x: (x, x)
        registry: Any = sys.modules["timm.models.registry"]
        registry.register_model = lambda function: function
        place = folder / "vbench" / "third_party"
        package = types.ModuleType("viclip")
        package.__path__ = [str(place / "ViCLIP")]  # type: ignore[attr-defined]
        sys.modules["viclip"] = package
        tokenizer: Any = types.ModuleType("viclip.simple_tokenizer")
        tokenizer.SimpleTokenizer = mock.MagicMock
        sys.modules["viclip.simple_tokenizer"] = tokenizer
        vision = by_file("viclip.viclip_vision", place / "ViCLIP" / "viclip_vision.py")
        text = by_file("viclip.viclip_text", place / "ViCLIP" / "viclip_text.py")
        whole = by_file("viclip.viclip", place / "ViCLIP" / "viclip.py")
        umt = by_file("umt", place / "umt" / "models" / "modeling_finetune.py")
    return {"viclip": whole, "vision": vision, "text": text, "umt": umt}


def viclip(theirs: dict[str, Any], small: bool) -> torch.nn.Module:
    """Their network, with smaller parts in place of the published ones."""

    def watcher(**arguments: Any) -> Any:
        width, depth, heads = made_videos.WATCHER
        return theirs["vision"].VisionTransformer(
            made_videos.SIDE, 14, width, depth, heads, made_videos.DIMENSIONS
        )

    def reader(**arguments: Any) -> Any:
        width, depth, heads = made_videos.READER
        sizes = (made_videos.DIMENSIONS, 32, made_videos.WORDS, width, heads, depth, 0)
        return theirs["text"].CLIP_TEXT(*sizes)

    whole = theirs["viclip"]
    if not small:
        return whole.ViCLIP(pretrain="")
    parts = {"clip_joint_l14": watcher, "clip_text_l14": reader}
    with mock.patch.multiple(whole, **parts):
        return whole.ViCLIP(pretrain="")


def umt(theirs: Any, small: bool) -> torch.nn.Module:
    """Their network as their scorer of actions makes it, or a smaller one."""
    settings = {"num_classes": 400, "all_frames": 16, "tubelet_size": 1, "init_scale": 0.001}
    with mock.patch("builtins.print"):
        if not small:
            return theirs.vit_large_patch16_224(**settings)
        width, depth, heads = made_videos.ACTIONS
        return theirs.VisionTransformer(
            img_size=made_videos.ACTION_SIDE,
            embed_dim=width,
            depth=depth,
            num_heads=heads,
            qkv_bias=True,
            norm_layer=lambda width: torch.nn.LayerNorm(width, eps=1e-6),
            **settings,
        )


def of_viclip(theirs: dict[str, Any], small: bool) -> dict[str, Any]:
    network: Any = viclip(theirs, small)
    named = shapes(network)
    fill(network)
    side = made_videos.SIDE if small else 224
    watched = torch.from_numpy(made_videos.clips(8, side, 2 if small else 1))
    words = torch.from_numpy(made_videos.texts(made_videos.WORDS if small else 49_408))
    with torch.inference_mode():
        seen = network.encode_vision(watched.transpose(1, 2), test=True)
        read = network.text_encoder(words)
    return {"shapes": named, "features": summary(seen), "texts": summary(read)}


def of_umt(theirs: Any, small: bool) -> dict[str, Any]:
    network: Any = umt(theirs, small)
    named = shapes(network)
    positions = network.pos_embed.detach()[0].clone()
    fill(network)
    side = made_videos.ACTION_SIDE if small else 224
    watched = torch.from_numpy(made_videos.clips(16, side, 2 if small else 1))
    with torch.inference_mode():
        logits = network(watched)
    chosen = positions[:: len(positions) // 8]
    return {"shapes": named, "features": summary(logits), "positions": summary(chosen)}


def pixels(folder: Path) -> dict[str, Any]:
    """A frame as their scorer of actions prepares it, every 13th pixel."""
    place = folder / "vbench" / "third_party" / "umt"
    theirs = by_file("umt_functional", place / "functional.py")
    (scaled,) = theirs.resize_clip([made_videos.frame()], 256, "bilinear")
    height, width = scaled.shape[:2]
    top, left = (round((x - 224) / 2) for x in (height, width))
    (square,) = theirs.crop_clip([scaled], top, left, 224, 224)
    mean, deviation = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    tensor = torch.from_numpy(square).permute(2, 0, 1)[:, None].float() / 255
    found = theirs.normalize(tensor, mean, deviation)[:, 0, ::STEP, ::STEP]
    return {"step": STEP, "pixels": found.double().numpy().round(8).tolist()}


def main(folder: str) -> None:
    torch.manual_seed(0)
    theirs = modules(Path(folder))
    values: dict[str, Any] = {"made with": f"torch {version('torch')}, vbench 0.1.5"}
    values["viclip, small"] = of_viclip(theirs, True)
    values["umt, small"] = of_umt(theirs["umt"], True)
    values["umt, pixels"] = pixels(Path(folder))
    values["viclip"] = of_viclip(theirs, False)
    values["umt"] = of_umt(theirs["umt"], False)
    path = Path(__file__).with_suffix(".json")
    text = json.dumps(values, separators=(",", ":"))
    path.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    for name in ("viclip", "umt"):
        print(name, values[name]["features"])


if __name__ == "__main__":
    main(sys.argv[1])
