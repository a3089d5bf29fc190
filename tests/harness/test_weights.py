"""`generalbench data weights`: what is listed, what is fetched, and what is said without a network."""

import dataclasses
import hashlib
import io
import json
import re
import urllib.error
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub.utils import EntryNotFoundError, LocalEntryNotFoundError

from lm_eval_generalbench import cli
from lm_eval_generalbench.metrics import METRICS, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES, Backbone

NETWORKS = {(line.repository, line.address, line.files) for line in BACKBONES.values()}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "cache"


def command(*argv: str) -> int:
    return cli.main(["data", "weights", *argv])


def put(line: Backbone) -> Path:
    folder = weights.own_folder(line)
    folder.mkdir(parents=True)
    for choice in line.files:
        (folder / choice.split("|")[-1]).write_bytes(b"{}")
    return folder


def test_every_network_is_listed_once_with_size_licence_and_state(capsys):
    put(BACKBONES["dino-b16"])
    assert command() == 0
    shown = capsys.readouterr().out
    lines = [x.split()[:2] for x in shown.splitlines() if x.startswith(("here", "missing"))]
    assert len(lines) == len(NETWORKS) and ["here", "dino-b16"] in lines
    assert ["missing", "clip-b32"] in lines and "605 MB  MIT" in shown
    assert "`generalbench data weights fetch` gets them" in shown
    assert command("--json") == 0
    rows = {row["network"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["clip-b32"]["pin"] == BACKBONES["clip-b32"].revision
    assert "clip_text" in rows["clip-b32"]["metrics"] and rows["dino-b16"]["state"] == "here"


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.weights])
def test_of_a_metric_what_it_needs_is_listed(name, capsys):
    assert command("--metric", name) == 0
    shown = capsys.readouterr().out
    for needed in METRICS[name].weights:
        line = BACKBONES[needed]
        assert (line.repository or line.address) in shown
        if weights.located(line) is None:
            put(line)
    assert command("--metric", name) == 0
    assert "Nothing is missing." in capsys.readouterr().out


def test_what_is_kept_is_told_and_stays(capsys, cache):
    assert command("--clear") == 0
    assert "No features are kept." in capsys.readouterr().out
    kept = cache / "features" / "clip-b32-text-3d74acf9-1" / "ab" / "abc.npy"
    kept.parent.mkdir(parents=True)
    np.save(kept, np.zeros((1, 100_000), np.float32))
    assert command("--clear") == 0
    shown = capsys.readouterr().out
    assert str(cache / "features" / "clip-b32-text-3d74acf9-1") in shown
    assert "would free 0.4 MB" in shown and kept.is_file()
    assert command("--clear", "--json", "--only", "clip-b32-text") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["network"], row["files"], row["MB"]) == ("clip-b32-text", 1, 0.4)
    assert command("--clear", "--only", "clip-b32") == 0
    assert "No features are kept." in capsys.readouterr().out


def test_networks_that_no_commit_or_hash_pins_are_named_in_the_docs():
    page = Path(__file__).parents[2] / "docs" / "generation.md"
    (part,) = re.findall(r"\*\*How far a pin goes\.\*\*(.*?)\n\n", page.read_text("utf-8"), re.S)
    named = set(re.findall(r"`([^`]+)`", part))
    whole = {n for n, line in BACKBONES.items() if line.revision or len(line.sha256) == 64}
    files = {BACKBONES[n].files for n in named if n in BACKBONES}
    assert {BACKBONES[n].files for n in set(BACKBONES) - whole} - files == set()
    assert not named & whole


def test_names_that_are_none_are_told(capsys):
    assert command("--metric", "clip_texts") == 2
    assert "clip_text" in capsys.readouterr().err
    assert command("--metric", "psnr") == 2
    assert "psnr needs no weights" in capsys.readouterr().err
    assert command("--only", "clip-b23") == 2
    assert "clip-b32" in capsys.readouterr().err


def test_without_a_network_it_says_what_to_put_where(capsys, monkeypatch, cache):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def unreached(*_: Any, **__: Any) -> str:
        raise LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", unreached)
    assert command("fetch", "--metric", "aesthetic", "dino_consistency") == 1
    lines = [x for x in capsys.readouterr().err.splitlines() if x.startswith("generalbench: ")]
    assert len(lines) == 3
    for line, repository in ((lines[0], "openai--clip-vit-large-patch14"),
                             (lines[2], "facebook--dino-vitb16")):  # fmt: skip
        assert "config.json" in line and str(cache / "weights" / repository) in line
    assert "HF_HUB_OFFLINE is set" in lines[1] and BACKBONES["aesthetic"].address in lines[1]


def test_of_the_hub_the_pinned_commit_is_asked_and_a_second_file_where_the_first_is_none(
    tmp_path, capsys, monkeypatch
):
    line = BACKBONES["clip-b32"]
    asked = []

    def download(repository: str, file: str, revision: str | None) -> str:
        asked.append((repository, file, revision))
        if file == "model.safetensors":
            raise EntryNotFoundError("404")
        folder = (
            tmp_path / "hub" / "models--openai--clip-vit-base-patch32" / "snapshots" / str(revision)
        )
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"{}")
        return str(folder / file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert command("fetch", "--only", "clip-b32") == 0
    files = ["model.safetensors", "pytorch_model.bin", "config.json", "vocab.json", "merges.txt"]
    assert asked == [(line.repository, file, line.revision) for file in files]
    assert "Nothing is missing." in capsys.readouterr().out
    assert command("fetch", "--only", "clip-b32-text") == 0 and len(asked) == 5


def test_a_file_from_elsewhere_is_held_against_its_sha256(monkeypatch, capsys):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    content = b"a linear layer"
    digest = hashlib.sha256(content).hexdigest()
    opened = []

    def answer(address: str, timeout: float) -> io.BytesIO:
        opened.append(address)
        if len(opened) == 1:
            raise urllib.error.URLError("no route to host")
        return io.BytesIO(content)

    monkeypatch.setattr("urllib.request.urlopen", answer)
    right = dataclasses.replace(BACKBONES["aesthetic"], sha256=digest[:8])
    wrong = dataclasses.replace(right, sha256="00000000")
    monkeypatch.setitem(BACKBONES, "aesthetic", right)
    assert command("fetch", "--only", "aesthetic") == 1
    assert "no route to host" in capsys.readouterr().err
    monkeypatch.setitem(BACKBONES, "aesthetic", wrong)
    assert command("fetch", "--only", "aesthetic") == 1
    assert "does not begin with 00000000" in capsys.readouterr().err
    assert weights.located(wrong) is None  # nothing is left behind
    monkeypatch.setitem(BACKBONES, "aesthetic", right)
    assert command("fetch", "--only", "aesthetic") == 0
    assert (weights.own_folder(right) / right.files[0]).read_bytes() == content
    assert set(opened) == {right.address} and right.address.startswith("https://")
