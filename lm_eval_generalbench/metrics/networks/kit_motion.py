"""The encoder of human motions that distances on KIT-ML are measured with: poses -> 512 numbers.

Two strided convolutions make one movement of four poses, a recurrent network
reads the movements both ways. Parameters have the names of the published
checkpoint; what it holds besides, the text encoder and the optimiser, is left out.

Reference: Guo et al. 2022, Generating Diverse and Natural 3D Human Motions from Text.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import BadData, BadMedia
from lm_eval_generalbench.media.arrays import load_array

POSE = 251  # numbers a pose; the last four tell which feet touch the ground
CONTACTS = 4
UNIT = 4  # poses a movement
MOST = 196  # poses
SIZE = 512  # of a feature

CONVERTED = "kit_motion.safetensors"  # beside the published files
PARTS = ("movement_encoder", "motion_encoder")  # keys of the published checkpoint


class Movements(nn.Module):
    """Poses (n, poses, 247) -> movements (n, poses / 4, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv1d(POSE - CONTACTS, 512, 4, stride=2, padding=1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(512, 512, 4, stride=2, padding=1),
            nn.Dropout(0.2),
            nn.LeakyReLU(0.2),
        )
        self.out_net = nn.Linear(512, 512)

    def forward(self, poses: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.out_net(self.main(poses.transpose(1, 2)).transpose(1, 2))
        return made


class Motions(nn.Module):
    """Movements (n, most, 512) and how many of them count -> features (n, 512)."""

    def __init__(self) -> None:
        super().__init__()
        self.input_emb = nn.Linear(512, 1024)
        self.gru = nn.GRU(1024, 1024, batch_first=True, bidirectional=True)
        self.output_net = nn.Sequential(
            nn.Linear(2048, 1024), nn.LayerNorm(1024), nn.LeakyReLU(0.2), nn.Linear(1024, SIZE)
        )
        self.hidden = nn.Parameter(torch.zeros(2, 1, 1024))

    def forward(self, movements: torch.Tensor, lengths: Sequence[int]) -> torch.Tensor:
        packed = pack_padded_sequence(
            self.input_emb(movements), list(lengths), batch_first=True, enforce_sorted=False
        )
        start = self.hidden.repeat(1, len(movements), 1)
        _, last = self.gru(packed, start)
        made: torch.Tensor = self.output_net(torch.cat([last[0], last[1]], dim=1))
        return made


class KitMotion(nn.Module):
    """Both parts, and the mean and the deviation that poses are normalised with."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.movement_encoder = Movements()
        self.motion_encoder = Motions()
        self.register_buffer("mean", torch.zeros(POSE))
        self.register_buffer("std", torch.ones(POSE))

    def forward(self, motions: torch.Tensor) -> torch.Tensor:
        """Features (n, 512) of motions (n, MOST, 252), as `preprocess` makes each."""
        inside = motions[..., POSE:]
        # normalised poses end in zeros, as in the published evaluator: a convolution sees them
        normal = (motions[..., :POSE] - self.mean) / self.std * inside
        movements = self.movement_encoder(normal[..., :-CONTACTS])
        lengths = inside[..., 0].sum(dim=1).round().long() // UNIT
        made: torch.Tensor = self.motion_encoder(movements, lengths.tolist())
        return made


def load(folder: Path) -> KitMotion:
    """The network in a folder, from the published files there; they are converted once."""
    from safetensors.torch import load_file, save

    made = folder / CONVERTED
    source = folder / "finest.tar"
    if not made.is_file() or made.stat().st_mtime_ns < source.stat().st_mtime_ns:
        state = converted(source, folder / "mean.npy", folder / "std.npy")
        with contextlib.suppress(OSError), paths.replacing(made, "wb") as file:
            file.write(save(state))
    else:
        state = load_file(made)
    network = KitMotion()
    network.load_state_dict(state)
    return network


def read(path: str) -> Iterator[np.ndarray]:
    """The one motion of an array file, float (poses, 251).

    Raises:
        BadMedia: The file is missing, damaged, holds something else or less than a movement.
    """
    motion = load_array(path)
    if motion.ndim == 3 and len(motion) == 1:
        motion = motion[0]
    if motion.ndim != 2 or motion.shape[1] != POSE or len(motion) < UNIT:
        raise BadMedia(
            f"{path} is no motion: its shape is {motion.shape}, not (4 or more, {POSE})."
        )
    if motion.dtype.kind not in "fiu" or not np.isfinite(motion).all():
        raise BadMedia(f"{path} is no motion: it holds what is no number.")
    yield motion


def preprocess(motion: np.ndarray) -> np.ndarray:
    """MOST poses of 252 numbers, float32: those of the motion, then zeros.

    The last number of a pose is 1 where it counts: whole movements do.

    Args:
        motion: float (poses, 251), at least 4 poses.
    """
    length = min(len(motion), MOST) // UNIT * UNIT
    poses = np.zeros((MOST, POSE + 1), np.float32)
    poses[:length, :POSE] = motion[:length]
    poses[:length, POSE] = 1
    return poses


# ---- the published files


def converted(checkpoint: str | Path, mean: str | Path, std: str | Path) -> dict[str, Any]:
    """The state of a `KitMotion` from the published files, for one file of safetensors.

    Args:
        checkpoint: finest.tar of text_mot_match/model.
        mean: mean.npy of text_mot_match/meta, float (251,).
        std: std.npy beside it.

    Raises:
        BadData: A file holds something else; a checkpoint that is code is not run.
    """
    try:
        held = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever unpickling says of what it must not build
        raise BadData(f"{checkpoint} holds more than weights: {error}") from None
    state = {
        f"{part}.{name}": tensor.float().contiguous()
        for part in PARTS
        for name, tensor in _part(held, part, checkpoint).items()
    }
    for name, path in (("mean", mean), ("std", std)):
        state[name] = torch.from_numpy(np.load(path, allow_pickle=False).astype(np.float32))
    _check(state, checkpoint)
    return state


def _part(held: Any, part: str, path: str | Path) -> Mapping[str, torch.Tensor]:
    found = held.get(part) if isinstance(held, Mapping) else None
    if not isinstance(found, Mapping):
        raise BadData(f"{path} has no {part}. Give finest.tar of kit/text_mot_match/model.")
    return found


def _check(state: Mapping[str, torch.Tensor], path: str | Path) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in KitMotion().state_dict().items()}
    there = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if wrong := sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    ):
        raise BadData(
            f"{path} is no encoder of KIT-ML motions: {', '.join(wrong[:3])} differ. "
            "HumanML3D's has the same name."
        )
