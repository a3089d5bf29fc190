"""Published weights: a file of tensors, and nothing else, into a module that has exactly these."""

import pickle
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from lm_eval_generalbench.errors import BadData

M = TypeVar("M", bound=nn.Module)


def loaded(
    make: Callable[[], M],
    path: str | Path,
    inside: str = "",
    before: str = "",
    lacking: Callable[[M], dict[str, torch.Tensor]] | None = None,
) -> M:
    """A network with the weights of a file, which are all of its weights and no others.

    Args:
        make: Makes the network; it is called without memory for weights.
        path: A .safetensors file, or a state dict as `torch.save` writes it; it is
            read without running code that it may hold.
        inside: Key of a checkpoint that holds the weights beside other things, which
            may be anything and are not made.
        before: What all names of the file begin with, and the network's do not.
        lacking: Gives what is computed where the file lacks it, by its name.

    Returns:
        The network in float32 and evaluation mode, without gradients.

    Raises:
        BadData: The file is missing, damaged or holds more than tensors; or its names or
            shapes are not the network's.
    """
    with torch.device("meta"):
        network = make()
    wanted = f"weights of {type(network).__name__}"
    try:
        if Path(path).suffix == ".safetensors":
            from safetensors.torch import load_file

            state = load_file(str(path))
        elif inside:
            state = _checkpoint(path)[inside]
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what a damaged pickle or archive raises is not bounded
        raise BadData(
            f"{path} cannot be read as {wanted} ({type(error).__name__}). Fetch the file again."
        ) from error
    if not isinstance(state, dict):
        raise BadData(f"{path} holds no {wanted}: it is no mapping of names to tensors.")
    state = {str(name).removeprefix(before): tensor for name, tensor in state.items()}
    if lacking is not None:
        state = lacking(network) | state
    try:
        network.load_state_dict(state, assign=True)
    except (RuntimeError, TypeError, AttributeError) as error:
        unlike = _difference(network, state)
        raise BadData(f"{path} holds no {wanted}: {unlike}. Fetch the published file.") from error
    return network.float().eval().requires_grad_(False)


def _difference(network: nn.Module, state: dict) -> str:
    """The first thing in which a file is unlike the network."""
    own = {name: tuple(x.shape) for name, x in network.state_dict().items()}
    for name, shape in own.items():
        there = getattr(state.get(name), "shape", None)
        if there is None and name.endswith("num_batches_tracked"):
            continue  # older files lack it, and it counts for nothing
        if there is None:
            return f"{name} is missing"
        if tuple(there) != shape:
            return f"{name} has shape {tuple(there)}, not {shape}"
    return f"{next((repr(x) for x in state if x not in own), 'something')} is too much"


# ---- checkpoints of a training

SAFE = {
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
}


class Unmade:
    """What stands in for an object of a class that is not to be made."""

    def __init__(self, *_: Any, **__: Any):
        pass

    def __call__(self, *_: Any, **__: Any) -> "Unmade":
        return self

    def __setstate__(self, state: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def append(self, item: Any) -> None:
        pass


class _Unpickler(pickle.Unpickler):
    """Makes tensors, and of all else that is no builtin container nothing."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(module, name) if (module, name) in SAFE else Unmade


def _checkpoint(path: str | Path) -> Any:
    """What a checkpoint holds, with `Unmade` where it is neither a tensor nor plain."""
    guarded: Any = types.ModuleType("guarded")
    guarded.Unpickler, guarded.load = _Unpickler, _unpickled
    return torch.load(path, map_location="cpu", pickle_module=guarded, weights_only=False)


def _unpickled(file: Any, **options: Any) -> Any:
    return _Unpickler(file, **options).load()
