"""Opinions that networks predict of sounds, which stand beside those of people and never for them.

`pip install onnxruntime && pip install --no-deps speechmos==0.0.1.1 useful-moonshine-onnx==20251121`
brings the networks and ten seconds of speech; nothing of these packages is imported.
"""

import hashlib
import importlib.util
import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lm_eval_generalbench import catalog, metrics, optional, paths, scoring
from lm_eval_generalbench.cli import main
from lm_eval_generalbench.errors import MissingWeights
from lm_eval_generalbench.metrics import METRICS, features, no_reference_quality, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES
from lm_eval_generalbench.metrics.networks import running
from lm_eval_generalbench.runs import results
from tests.factories import docs_of
from tests.metrics import made

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "opinions_golden.json").read_text("utf-8")
)
NAMES = METRICS["mos"].beside
SPOKEN = catalog.task("A-G-2.1")  # of the demo, scored by people
LEFT_OUT = range(7, 24)  # windows that the published code leaves out of a longer sound


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    scoring.told.clear()
    yield tmp_path / "cache"
    running.release()


def package(name: str) -> Path:
    """The folder of a package that is not imported."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        pytest.skip(f"{name} is not installed: `pip install --no-deps` brings it")
    return Path(found.origin).parent


@pytest.fixture
def networks(cache) -> None:
    """The files of speechmos, where `data weights fetch` puts them."""
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("onnxruntime", reason="onnxruntime (extra notes) is missing")
    folder = package("speechmos") / "dnsmos_models"
    for name in ("dnsmos", "dnsmos-p808"):
        line = BACKBONES[name]
        file = folder / line.files[0]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == line.sha256
        weights.own_folder(line).mkdir(parents=True)
        shutil.copyfile(file, weights.own_folder(line) / file.name)


def written(path: Path, samples: np.ndarray) -> str:
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    return str(path)


def sound(name: str, folder: Path) -> str:
    """A file with one of the recordings."""
    recordings = made.recordings()
    if name not in recordings:
        speech, _ = soundfile.read(package("moonshine_onnx") / "assets" / "beckett.wav")
        recordings = made.spoken(speech)
    return written(folder / f"{name}.wav", recordings[name])


def uncut(path: str) -> dict[str, float]:
    """What the networks say of a sound, on no scale."""
    sig, bak, ovrl = no_reference_quality.opinions(features.of_file("dnsmos", path))
    (one,) = no_reference_quality.opinions(features.of_file("dnsmos-p808", path))
    return dict(zip(NAMES, (ovrl, sig, bak, one), strict=True))


@pytest.mark.golden(*NAMES)
@pytest.mark.parametrize("name", ["tone", "noise", "short", "speech", "noisy"])
def test_opinions_are_those_of_speechmos_cut_to_the_scale(networks, name, tmp_path, monkeypatch):
    # speechmos 0.0.1.1 with librosa 0.11.0
    file, theirs = sound(name, tmp_path), GOLDEN["opinions"][name]
    ours = {one: metrics.function(METRICS[one].sample)(file, None) for one in NAMES}
    monkeypatch.setattr(running, "computed", None)  # kept: nothing is computed again
    assert uncut(file) == pytest.approx(theirs, abs=1e-5)
    assert ours == pytest.approx({n: min(max(x, 1), 5) for n, x in theirs.items()}, abs=1e-5)


def test_the_recorded_opinions_are_those_of_the_field():
    known = {  # as they were agreed on
        "tone": {
            "dnsmos": 0.96098, "dnsmos_sig": 1.23651, "dnsmos_bak": 0.98936, "dnsmos_p808": 2.26234,
        },
        "noise": {
            "dnsmos": 1.08400, "dnsmos_sig": 1.17639, "dnsmos_bak": 1.12126, "dnsmos_p808": 2.12338,
        },
        "speech": {"dnsmos": 3.361, "dnsmos_sig": 3.6405, "dnsmos_bak": 4.1205},
        "noisy": {"dnsmos": 1.1478},
    }  # fmt: skip
    for name, opinions in known.items():
        told = {one: GOLDEN["opinions"][name][one] for one in opinions}
        assert told == pytest.approx(opinions, abs=6e-5), name


def test_all_windows_of_a_longer_sound_count(networks, tmp_path, monkeypatch):
    from lm_eval_generalbench.metrics.networks import dnsmos

    file, theirs = sound("both", tmp_path), GOLDEN["opinions"]["both"]
    rows = features.of_file("dnsmos", file)
    assert len(rows) == 10
    sig, bak, ovrl = no_reference_quality.opinions(
        np.delete(rows, [i for i in LEFT_OUT if i < len(rows)], 0)
    )
    published = {"dnsmos": ovrl, "dnsmos_sig": sig, "dnsmos_bak": bak}
    assert published == pytest.approx({name: theirs[name] for name in published}, abs=1e-5)
    assert no_reference_quality.dnsmos(file, None) < theirs["dnsmos"] - 0.1  # the noise comes last
    stops = [int((i + 9.01) * dnsmos.RATE) - i * dnsmos.STEP for i in range(60)]
    assert [i for i, stop in enumerate(stops) if stop < dnsmos.WINDOW] == list(LEFT_OUT)


@pytest.mark.golden("dnsmos", "dnsmos_sig", "dnsmos_bak")
def test_a_row_is_worth_what_the_published_fit_says(monkeypatch):
    # speechmos 0.0.1.1
    sig, bak, ovrl = GOLDEN["opinions of the row"]
    rows = np.array([GOLDEN["row"]], np.float32)
    monkeypatch.setattr(features, "ready", lambda names: None)
    monkeypatch.setattr(features, "of_file", lambda name, file: rows)
    assert no_reference_quality.dnsmos("a.wav", None) == pytest.approx(ovrl, abs=1e-6)
    assert no_reference_quality.dnsmos_sig("a.wav", None) == pytest.approx(sig, abs=1e-6)
    assert no_reference_quality.dnsmos_bak("a.wav", None) == pytest.approx(bak, abs=1e-6)
    rows = np.array([GOLDEN["row"], [9, 9, 9]], np.float32)
    of_nines = [np.polyval(by, 9) for by in no_reference_quality.FITTED]
    assert no_reference_quality.opinions(rows) == pytest.approx(
        (np.array([sig, bak, ovrl]) + of_nines) / 2
    )


def test_spectra_are_those_of_librosa():
    # librosa 0.11.0, by the settings of speechmos
    pytest.importorskip("torch", reason="torch is not installed")
    from lm_eval_generalbench.metrics.networks import dnsmos

    both = made.recordings()
    found = dnsmos.spectrum((both["tone"] + both["noise"])[: dnsmos.WINDOW])
    assert found.shape == (900, dnsmos.BANDS) and found.dtype == np.float32 and found.max() == 1
    assert found[::90, ::8] == pytest.approx(np.array(GOLDEN["spectrum"]), abs=1e-5)
    assert (dnsmos.spectrum(np.zeros(dnsmos.WINDOW)) == 1).all()  # as librosa has it


def test_a_sound_is_doubled_until_it_fills_a_window(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed")
    from lm_eval_generalbench.metrics.networks import dnsmos

    noise = made.g(1).uniform(-1, 1, 30 * dnsmos.RATE).astype(np.float32)
    counts = {1: 7, 20_000: 1, 80_000: 1, 95_000: 2, 144_159: 9, 144_160: 1, 175_999: 1, 176_000: 2}
    for length, count in counts.items():
        windows = list(dnsmos.read(written(tmp_path / "a.wav", noise[:length])))
        assert len(windows) == count, length
        repeated = np.resize(noise[:length], dnsmos.WINDOW + dnsmos.STEP * (count - 1))
        for i, window in enumerate(windows):
            assert window.shape == (dnsmos.WINDOW,)
            assert (window == repeated[i * dnsmos.STEP :][: dnsmos.WINDOW]).all()


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_and_a_damaged_one_are_the_worst(networks, name, tmp_path):
    line = METRICS[name]
    assert line.doc_line in metrics.function(line.sample).__doc__
    damaged = tmp_path / "a.wav"
    damaged.write_bytes(b"RIFF")
    assert scoring.score(name, None, None) == scoring.score(name, str(damaged), None) == 1
    assert scoring.score(name, sound("noise", tmp_path), None) > 1


def test_without_the_network_nothing_is_predicted(tmp_path):
    with pytest.raises(MissingWeights, match="generalbench data weights fetch --only dnsmos"):
        no_reference_quality.dnsmos(sound("noise", tmp_path), None)


# ---- beside people's ratings, the whole way


def rated_run(folder: Path, *more: str) -> list[dict]:
    """What results say of the demo's task: of a run, and of its answers after people rated them.

    They rate all but the last document.
    """
    out = folder / "out"
    assert main([
        "run", "--model", "generalbench-naive", "--tasks", SPOKEN.name, "--log_samples",
        "--metadata", json.dumps({"gb_root": str(paths.demo_root())}), "--output_path", str(out),
    ]) == 0  # fmt: skip
    (log,) = out.rglob(f"samples_{SPOKEN.name}_*.jsonl")
    ids = [json.loads(line)["doc"]["id"] for line in log.read_text("utf-8").splitlines()]
    rows = [
        f"{id},{SPOKEN.id},{who},{2 + i % 3}\n" for id in ids[:-1] for i, who in enumerate("ab")
    ]
    (folder / "a.csv").write_text("document,task,rater,rating\n" + "".join(rows))
    scored = ("score", str(out), "--output_path", str(folder / "rated"), "--ratings")
    assert main([*scored, str(folder / "a.csv"), *more]) == 0
    found = []
    for part in ("out", "rated"):
        (path,) = (folder / part).rglob("results_*.json")
        found.append(json.loads(path.read_text("utf-8"))["results"][SPOKEN.name])
    return found


def test_what_is_predicted_stands_beside_what_people_say(networks, tmp_path, capsys):
    live, after = rated_run(tmp_path)
    assert math.isnan(live["mos,none"]) and after["mos,none"] == 2.5
    for name in NAMES:  # of all documents, rated or not: silence for each
        assert 1 <= after[f"{name},none"] <= 5 and after[f"{name},none"] != 2.5
        assert after[f"{name},none"] == pytest.approx(live[f"{name},none"])
    assert after["errors,none"] == pytest.approx(1 / after["sample_len"])
    assert results.read_one([tmp_path / "out"]).values[SPOKEN.id].value is None
    value = results.read_one([tmp_path / "rated"]).values[SPOKEN.id]
    assert (value.value, value.n) == (2.5, after["sample_len"])
    capsys.readouterr()
    argv = [
        "levels",
        str(tmp_path / "rated"),
        "--no-uncertainty",
        "--json",
        str(tmp_path / "l.json"),
    ]
    assert main(argv) == 0
    told = json.loads((tmp_path / "l.json").read_text("utf-8"))
    (task,) = [task for task in told["tasks"] if task["id"] == SPOKEN.id]
    assert task["metric"] == "mos" and task["value"] == 2.5
    assert "dnsmos-269fbebd-1" in told["signature"]


@pytest.mark.parametrize("installed", [True, False])
def test_without_the_networks_a_line_says_what_is_left_out(
    installed, tmp_path, caplog, monkeypatch
):
    if installed:
        pytest.importorskip("onnxruntime", reason="onnxruntime (extra notes) is missing")
    else:
        monkeypatch.setattr(optional, "lack", lambda module, extra: f"{module} of {extra} is not.")
    live, after = rated_run(tmp_path)
    assert math.isnan(live["mos,none"]) and after["mos,none"] == 2.5
    assert not any(name.startswith("dnsmos") for name in (*live, *after))
    left_out = [line for line in caplog.messages if "beside mos" in line]
    if not installed:
        said = f"{', '.join(NAMES)}, beside mos, are left out: onnxruntime of notes is not."
        assert left_out == [said]
        return
    first, second = left_out
    assert first.startswith(f"{', '.join(NAMES[:3])}, beside mos, are left out: they need weights")
    assert second.startswith("dnsmos_p808, beside mos, is left out: it needs weights: ")
    assert first.endswith("`generalbench data weights fetch --only dnsmos` brings it.")


def test_what_keeps_a_network_from_running_costs_people_nothing(
    networks, tmp_path, monkeypatch, caplog
):
    doc = docs_of(SPOKEN.id, paths.demo_root(), gb_outputs=str(tmp_path))[0]
    reply = Path(sound("short", tmp_path)).name
    assert set(NAMES) < scoring.values(doc, reply, [4.0, 5.0]).keys()
    damaged = tmp_path / "damaged.wav"
    damaged.write_bytes(b"RIFF")
    found = scoring.values(doc, damaged.name, [4.0, 5.0])  # the raters heard something
    assert found["mos"] == 4.5 and found["unparsed"] == 0 and found["dnsmos"] == 1
    monkeypatch.setenv("GENERALBENCH_DEVICE", "nonsense")
    reply = Path(sound("noise", tmp_path)).name
    found = scoring.values(doc, reply, [4.0, 5.0])
    assert found["mos"] == 4.5 and not any(name in found for name in NAMES)
    assert "dnsmos, beside mos, is left out: GENERALBENCH_DEVICE is 'nonsense'" in caplog.text


def test_a_run_without_ratings_and_networks_says_nothing_of_them(tmp_path, caplog):
    doc = docs_of(SPOKEN.id, paths.demo_root(), gb_outputs=str(tmp_path))[0]
    found = scoring.values(doc, Path(sound("short", tmp_path)).name)
    assert math.isnan(found["mos"]) and found.keys() == {"mos", "unparsed", "broken", "files"}
    assert "beside" not in caplog.text
