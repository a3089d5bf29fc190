"""Makes networks_golden.json: what other people's networks give, with made-up weights.

Reads code out of wheels that need not be installed, each unpacked in a folder of its name:

    pip download --no-deps torch-fidelity torchvision torchvggish pyiqa
    python tests/golden/networks_golden.py FOLDER [NETWORK ...]

where FOLDER holds torch_fidelity/, torchvision/, torchvggish/ and pyiqa/, the packages
themselves, and pytorch_i3d.py of the repository piergiaj/pytorch-i3d. With names of networks only
their values are made anew. It needs torch, numpy, pillow, scipy, resampy and soundfile in an environment of its own. Of
torchvision and pyiqa single files are run, with what they import and do not use put in
as empty modules; neither imports as a whole beside the CPU build of torch.
"""

import contextlib
import importlib.util
import json
import sys
import tempfile
import types
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.metrics import made_networks as made

FIRST = 16  # features that are kept
RELEASES = (
    "torch-fidelity 0.4.0, torchvision 0.29.1, torchvggish 0.2, pyiqa 0.1.16, pytorch-i3d 05783d1"
)


class Anything(types.ModuleType):
    """A module that has every name."""

    __path__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=name)


def by_file(name: str, path: Path) -> Any:
    """A module from its file, under a name of a package that is not run."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def empty(*names: str) -> Iterator[None]:
    with mock.patch.dict(sys.modules, {name: Anything(name) for name in names}):
        yield


def shapes(network: torch.nn.Module) -> dict[str, list[int]]:
    return {name: list(x.shape) for name, x in network.state_dict().items()}


def weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    named = {name: tuple(shape) for name, shape in shapes(network).items()}
    return {name: torch.from_numpy(np.asarray(x)) for name, x in made.state(named).items()}


def summary(features: torch.Tensor) -> dict[str, Any]:
    rows = features.detach().double().numpy().reshape(len(features), -1)
    return {
        "dimensions": rows.shape[1],
        "first": [[round(float(x), 8) for x in row[:FIRST]] for row in rows],
        "norm": [round(float(np.linalg.norm(row)), 8) for row in rows],
    }


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    """The Fréchet distance of torch-fidelity."""
    with empty("torch_fidelity.utils"):
        from torch_fidelity import metric_fid as theirs

    with contextlib.redirect_stderr(None):
        moments = [theirs.fid_features_to_statistics(x.double()) for x in (one, other)]
        return float(theirs.fid_statistics_to_metric(*moments, False)["frechet_inception_distance"])


def inception(folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(folder))
    package = types.ModuleType("torch_fidelity")
    package.__path__ = [str(folder / "torch_fidelity")]  # type: ignore[attr-defined]
    sys.modules["torch_fidelity"] = package
    with empty("torchvision", "tqdm", "torch_fidelity.utils"):
        loops: Any = sys.modules["tqdm"]
        loops.tqdm = lambda steps, **_: steps
        from torch_fidelity import feature_extractor_inceptionv3 as theirs
        from torch_fidelity.interpolate_compat_tensorflow import (
            interpolate_bilinear_2d_like_tensorflow1x as resize,
        )

        bare = theirs.FeatureExtractorInceptionV3
        with mock.patch.object(bare, "load_state_dict"), mock.patch.object(torch, "load"):
            named = shapes(bare("bare", ["2048"], "none"))
            filled = weights(bare("bare", ["2048"], "none"))
        with tempfile.NamedTemporaryFile(suffix=".pth") as file:
            torch.save(filled, file.name)
            network = bare("filled", ["2048", "logits"], file.name)
        pictures = torch.from_numpy(made.pictures()).permute(0, 3, 1, 2)
        pooled, logits = network(pictures)
        pixels = resize(pictures.float(), size=(299, 299), align_corners=False)
        sets = [torch.from_numpy(x).permute(0, 3, 1, 2) for x in made.picture_sets()]
        of_sets = [network(x)[0] for x in sets]
        from torch_fidelity.metric_kid import kid_features_to_metric

        whole = {"kid_subsets": 1, "kid_subset_size": 3, "verbose": False}
        kid = kid_features_to_metric(*of_sets, **whole)
        return {
            "kid": kid["kernel_inception_distance_mean"],
            "distance": distance(*of_sets),
            "shapes": named,
            "features": summary(pooled),
            "logits": summary(logits),
            "legacy pixels": summary((pixels - 128) / 128),
        }


def r3d(folder: Path) -> dict[str, Any]:
    package = "torchvision.models.video"
    parents = ("torchvision", "torchvision.models", package)
    unused = ("transforms._presets", "utils", "models._api", "models._meta", "models._utils")
    with empty(*parents, *(f"torchvision.{name}" for name in unused)):
        api: Any = sys.modules["torchvision.models._api"]
        api.WeightsEnum = object
        api.register_model = lambda: lambda function: function
        utils: Any = sys.modules["torchvision.models._utils"]
        utils.handle_legacy_interface = lambda **_: lambda function: function
        path = folder / "torchvision" / "models" / "video" / "resnet.py"
        theirs = by_file(f"{package}.resnet", path)
        builders = [theirs.Conv3DSimple] * 4
        network = theirs.VideoResNet(theirs.BasicBlock, builders, [2] * 4, theirs.BasicStem).eval()
    named = shapes(network)
    network.load_state_dict(weights(network))
    clips = torch.from_numpy(made.clips())
    with torch.inference_mode():
        logits = network(clips)
        network.fc = torch.nn.Identity()
        colours = torch.tensor([[0.43216, 0.394666, 0.37645], [0.22803, 0.22145, 0.216989]])
        mean, deviation = colours.view(2, 3, 1, 1, 1)
        sets = [torch.from_numpy(x).permute(0, 4, 1, 2, 3) / 255 for x in made.video_sets()]
        return {
            "distance": distance(*(network((x - mean) / deviation) for x in sets)),
            "shapes": named,
            "features": summary(network(clips)),
            "logits": summary(logits),
        }


def i3d(folder: Path) -> dict[str, Any]:
    network = by_file("pytorch_i3d", folder / "pytorch_i3d.py").InceptionI3d().eval()
    named = shapes(network)
    network.load_state_dict(weights(network))
    with torch.inference_mode():
        whole = network(torch.from_numpy(made.whole_clip()))[..., 0]
        network.avg_pool = torch.nn.AdaptiveAvgPool3d(1)  # theirs wants 7 x 7 points
        sets = [torch.from_numpy(x).permute(0, 4, 1, 2, 3) / 127.5 - 1 for x in made.video_sets()]
        return {
            "shapes": named,
            "distance": distance(*(network(x)[..., 0] for x in sets)),
            "features": summary(network(torch.from_numpy(made.clips()))[..., 0]),
            "at the published size": summary(whole),
        }


def vggish(folder: Path) -> dict[str, Any]:
    sys.path.insert(0, str(folder))
    from torchvggish import torchvggish as theirs
    from torchvggish import vggish_input

    network = theirs._vgg().eval()
    named = shapes(network)
    network.load_state_dict(weights(network))
    network.embeddings = torch.nn.Sequential(*list(network.embeddings)[:-1])
    patches = vggish_input.waveform_to_examples(made.sound(), 16_000)

    def of_set(sounds: list[np.ndarray]) -> torch.Tensor:
        heard = [vggish_input.waveform_to_examples(x / 32768.0, 16_000) for x in sounds]
        return network(torch.cat(heard))

    with torch.inference_mode():
        return {
            "distance": distance(*map(of_set, made.sound_sets())),
            "shapes": named,
            "patches": summary(patches.flatten(1)),
            "features": summary(network(patches)),
        }


def musiq(folder: Path) -> dict[str, Any]:
    root = folder / "pyiqa"
    names = ("pyiqa", "pyiqa.archs", "pyiqa.data", "pyiqa.utils", "pyiqa.matlab_utils")
    with empty(*names, "pyiqa.utils.registry", "pyiqa.archs.arch_util"):
        registry: Any = sys.modules["pyiqa.utils.registry"]
        registry.ARCH_REGISTRY = mock.MagicMock()
        registry.ARCH_REGISTRY.register.return_value = lambda kind: kind
        utility: Any = sys.modules["pyiqa.archs.arch_util"]
        utility.dist_to_mos = lambda scores: scores  # of one class
        utility.to_2tuple = lambda x: x if isinstance(x, tuple) else (x, x)
        padding = by_file("pyiqa.matlab_utils.padding", root / "matlab_utils" / "padding.py")
        package: Any = sys.modules["pyiqa.matlab_utils"]
        package.exact_padding_2d = padding.exact_padding_2d
        package.ExactPadding2d = padding.ExactPadding2d
        name = "multiscale_trans_util"
        by_file(f"pyiqa.data.{name}", root / "data" / f"{name}.py")
        theirs = by_file("pyiqa.archs.musiq_arch", root / "archs" / "musiq_arch.py")
        network = theirs.MUSIQ(pretrained=False).eval()
    named = shapes(network)
    network.load_state_dict(weights(network))
    pictures = torch.from_numpy(made.pictures()).permute(0, 3, 1, 2).float() / 255
    large = torch.from_numpy(made.large_picture()).permute(2, 0, 1).float()[None]
    # torchvision.transforms.Resize(antialias=False) of 8-bit tensors, in torch
    shrunk = torch.nn.functional.interpolate(large, (512, 243), mode="bilinear")
    shrunk = shrunk.round() / 255
    with torch.inference_mode():
        return {
            "shapes": named,
            "features": summary(network(pictures)),
            "large": summary(network(large / 255)),
            "large, shrunk": summary(network(shrunk)),
            "shrunk pixels": summary(shrunk),
        }


def main(folder: str, *names: str) -> None:
    torch.manual_seed(0)
    makers = {"inception": inception, "r3d": r3d, "i3d": i3d, "vggish": vggish, "musiq": musiq}
    makers = {name: make for name, make in makers.items() if name in names or not names}
    path = Path(__file__).with_suffix(".json")
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if names else {}
    values["made with"] = f"torch {version('torch')}, {RELEASES}"
    values |= {name: make(Path(folder)) for name, make in makers.items()}
    text = json.dumps(values, separators=(",", ":"))
    path.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    for name in makers:
        print(name, values[name]["features"])


if __name__ == "__main__":
    main(*sys.argv[1:])
