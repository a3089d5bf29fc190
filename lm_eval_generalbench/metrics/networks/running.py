"""The network in memory, and batches that run through it; `metrics/features.py` asks for their rows.

One network at a time, on the device that is set. Items of one shape are stacked; where memory
runs out, a batch is halved, and those after it are no larger.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import BadMedia, GeneralBenchError, TooShort
from lm_eval_generalbench.optional import lookup, require

if TYPE_CHECKING:
    from lm_eval_generalbench.metrics.backbones import Backbone

BATCH_BYTES = 20_000_000  # of a batch: 32 pictures of 224 x 224 pixels
BATCH_ITEMS = 64
WAITING_BYTES = 8 * BATCH_BYTES  # of items of all shapes whose batches are not full


def function(line: "Backbone", reference: str) -> Callable[..., Any]:
    """A function that a line names: of its own module, or of another one."""
    own = f"networks.{line.module}.{reference}"
    return lookup("lm_eval_generalbench.metrics", reference if "." in reference else own)


class Loaded(NamedTuple):
    """The network in memory, and what is known of it."""

    key: tuple[Any, ...]
    network: Any  # torch.nn.Module
    device: Any  # torch.device
    most: list[int]  # items of a batch; one number, less after memory ran out


resident: list[Loaded] = []  # one at most


def release() -> None:
    """Let go of the network in memory, and of what torch keeps of its memory on a device."""
    if not resident:
        return
    import torch

    loaded = resident.pop()
    loaded.network.cpu()
    if loaded.device.type == "cuda":
        torch.cuda.empty_cache()
    elif loaded.device.type == "mps":
        torch.mps.empty_cache()


def _network(line: "Backbone", where: Path) -> Loaded:
    device = _device()
    key = (line.module, line.files, where, str(device))
    if not resident or resident[0].key != key:
        release()
        network = function(line, "load")(where)
        network = network.float().eval().to(device)
        resident.append(Loaded(key, network, device, [BATCH_ITEMS]))
    return resident[0]


def _device() -> Any:
    """The device that is set, else CUDA, else MPS, else the CPU.

    Raises:
        GeneralBenchError: torch knows none of this name, or there is none.
    """
    torch = require("torch", "hf")
    given = paths.device()
    if not given:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(given)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0][:100]
        raise GeneralBenchError(
            f"{paths.DEVICE_VARIABLE} is {given[:20]!r}: {reason} Set it to cpu, cuda, cuda:1 or mps."
        ) from None
    return device


def computed(
    line: "Backbone", where: Path, sources: Sequence[Any], read: Callable[[Any], Iterable[Any]]
) -> list[np.ndarray | BadMedia]:
    """The rows of each source. Items wait until a batch of their shape is full."""
    loaded = _network(line, where)
    prepare: Callable[[Any], Any] = getattr(loaded.network, "tokens", np.asarray)
    if line.preprocess:
        prepare = function(line, line.preprocess)
    rows: list[dict[int, np.ndarray] | BadMedia] = []
    waiting: dict[tuple[int, ...], list[tuple[int, int, np.ndarray]]] = {}
    held = 0  # bytes that wait

    def empty(shape: tuple[int, ...]) -> None:
        nonlocal held
        batch = waiting.pop(shape)
        held -= sum(array.nbytes for _, _, array in batch)
        made = _forward(loaded, np.stack([item for _, _, item in batch]), line.dimension)
        for (source, item, _), row in zip(batch, made, strict=True):
            of_source = rows[source]
            if isinstance(of_source, dict):
                of_source[item] = row

    for source, given in enumerate(sources):
        rows.append({})
        count = 0
        try:
            for item in read(given):
                array = np.asarray(prepare(item))
                waiting.setdefault(array.shape, []).append((source, count, array))
                count += 1
                held += array.nbytes
                if held > WAITING_BYTES:
                    empty(max(waiting, key=lambda shape: len(waiting[shape])))
                elif len(waiting[array.shape]) >= _most(loaded, array.nbytes):
                    empty(array.shape)
            if not count:
                raise TooShort(f"{given} holds nothing that {line.module} looks at.")
        except BadMedia as error:
            rows[source] = error
    for shape in list(waiting):
        empty(shape)
    return [
        np.stack([each[i] for i in range(len(each))]) if isinstance(each, dict) else each
        for each in rows
    ]


def _most(loaded: Loaded, item_bytes: int) -> int:
    return max(1, min(loaded.most[0], BATCH_BYTES // max(item_bytes, 1)))


def _forward(loaded: Loaded, batch: np.ndarray, dimension: int) -> np.ndarray:
    """The rows of a batch; where memory runs out, of its halves."""
    torch = require("torch", "hf")
    try:
        with _exact(), torch.inference_mode():
            tensor = torch.from_numpy(np.ascontiguousarray(batch)).to(loaded.device)
            made = loaded.network(tensor).float().cpu().numpy()
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        half = len(batch) // 2
        if not half:
            raise GeneralBenchError(
                f"One item does not fit into the memory of {loaded.device}. Set "
                f"{paths.DEVICE_VARIABLE}=cpu, or free the device."
            ) from error
    else:
        if made.shape != (len(batch), dimension):
            wanted = f"({len(batch)}, {dimension})"
            raise GeneralBenchError(f"A network gave {made.shape} in place of {wanted} numbers.")
        return np.asarray(made, np.float32)
    if loaded.device.type == "cuda":
        torch.cuda.empty_cache()
    loaded.most[0] = min(loaded.most[0], half)
    parts = (batch[:half], batch[half:])
    return np.concatenate([_forward(loaded, part, dimension) for part in parts])


def _is_out_of_memory(error: BaseException) -> bool:
    said = str(error).casefold()
    known = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, MemoryError) or any(words in said for words in known)


@contextlib.contextmanager
def _exact() -> Iterator[None]:
    """float32 as it is written, and the same numbers on every call."""
    import torch

    places: list[tuple[Any, str, Any]] = [
        (torch.backends.cuda.matmul, "allow_tf32", False),
        (torch.backends.cudnn, "allow_tf32", False),
        (torch.backends.cudnn, "benchmark", False),
        (torch.backends.cudnn, "deterministic", True),
    ]
    before = [getattr(place, attribute) for place, attribute, _ in places]
    for place, attribute, value in places:
        setattr(place, attribute, value)
    try:
        yield
    finally:
        for (place, attribute, _), value in zip(places, before, strict=True):
            setattr(place, attribute, value)
