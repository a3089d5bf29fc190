"""Features of pretrained networks: computed once, kept by content, the same in any batch."""

import dataclasses
import itertools
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench.errors import BadMedia, GeneralBenchError, MissingWeights, UnknownName
from lm_eval_generalbench.media import pixels
from lm_eval_generalbench.metrics import METRICS, disk_cache, features, weights
from lm_eval_generalbench.metrics.backbones import BACKBONES, Backbone, backbone
from lm_eval_generalbench.metrics.networks import running
from tests.metrics import backbones

torch = pytest.importorskip("torch", reason="torch is not installed")

MODULE = "lm_eval_generalbench.metrics.networks.sums"


class Sums(torch.nn.Module):
    """Means of the channels of a picture; memory runs out above `most` pictures."""

    def __init__(self, most: int = 1000):
        super().__init__()
        self.most, self.calls = most, []

    def forward(self, batch: Any) -> Any:
        self.calls.append(len(batch))
        if len(batch) > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return batch.mean(dim=(2, 3))


@pytest.fixture
def network(tmp_path, monkeypatch) -> Iterator[Sums]:
    """A line `sums` in BACKBONES, of a module that is made here."""
    found = Sums()
    module = types.ModuleType(MODULE)
    module.__dict__.update(
        load=lambda folder: found,
        preprocess=lambda picture: picture.transpose(2, 0, 1).astype(np.float32),
    )
    monkeypatch.setitem(sys.modules, MODULE, module)
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(running, "lookup", running.lookup.__wrapped__)
    line = Backbone("sums", ("sums.bin",), 3, 1, "none", sha256="")
    monkeypatch.setitem(BACKBONES, "sums", line)
    put(line, b"weights")
    yield found
    running.release()


def put(line: Backbone, content: bytes) -> None:
    folder = weights.own_folder(line)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sums.bin").write_bytes(content)


def saved(folder: Path, pictures: list[np.ndarray], start: int = 0) -> list[str]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i}.png" for i in range(start, start + len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path)
    return [str(path) for path in paths]


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """Names of the files that are decoded."""
    found: list[str] = []
    real = pixels.opened_image
    monkeypatch.setattr(
        pixels, "opened_image", lambda path: (found.append(Path(path).name), real(path))[1]
    )
    return found


# ---- the table


def test_a_line_of_the_table_says_all_there_is_to_know():
    for name, line in BACKBONES.items():
        assert line.dimension > 0 and line.megabytes > 0 and line.licence, name
        by_hand = name == "kit-motion"  # a part of an archive behind a form
        assert bool(line.repository) + bool(line.address) == (not by_hand), name
        assert not line.revision or len(line.revision) == 40, name
        assert "/" not in name and line.files


def test_metrics_name_backbones_that_exist():
    named = {name for line in METRICS.values() for name in line.weights}
    assert named <= set(BACKBONES)


def test_a_name_that_is_none_is_told():
    with pytest.raises(UnknownName, match="clip-b32"):
        backbone("clip-b-32")


# ---- kept


def test_rows_are_computed_once_and_a_second_run_decodes_nothing(tmp_path, network, opened):
    files = saved(tmp_path / "a", backbones.pictures(5))
    first = list(features.of_files("sums", files))
    assert [rows.shape for rows in first] == [(1, 3)] * 5 and first[0].dtype == np.float32
    means = [picture.mean(axis=(0, 1)) for picture in backbones.pictures(5)]
    np.testing.assert_allclose(np.concatenate(first), means, rtol=1e-5)
    assert network.calls == [5] and len(opened) == 5
    again = list(features.of_files("sums", files))
    np.testing.assert_array_equal(first, again)
    assert network.calls == [5] and len(opened) == 5
    moved = saved(tmp_path / "b", backbones.pictures(5))  # the same content elsewhere
    np.testing.assert_array_equal(features.of_file("sums", moved[3]), first[3])
    assert network.calls == [5]


def test_another_pin_or_version_or_file_of_weights_is_another_row(tmp_path, network, monkeypatch):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    line = BACKBONES["sums"]
    changed = [
        dataclasses.replace(line, version=2),
        dataclasses.replace(line, revision="0" * 40),
        dataclasses.replace(line, revision="1" * 40),
    ]
    features.of_file("sums", file)
    for number, other in enumerate(changed, 2):
        monkeypatch.setitem(BACKBONES, "sums", other)
        features.of_file("sums", file)
        assert len(network.calls) == number
    monkeypatch.setitem(BACKBONES, "sums", line)
    put(line, b"other weights, of another length")
    weights._digest.cache_clear()  # should both lie within one tick of the clock
    features.of_file("sums", file)
    assert len(network.calls) == 5


@pytest.mark.parametrize("how", ["cut", "empty", "text", "another shape", "not finite", "pickle"])
def test_a_damaged_row_is_computed_again(tmp_path, network, how):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    rows = features.of_file("sums", file)
    (kept,) = (tmp_path / "cache" / "features").rglob("*.npy")
    if how == "cut":
        kept.write_bytes(kept.read_bytes()[:-5])
    elif how in ("empty", "text"):
        kept.write_bytes(b"" if how == "empty" else b"no array")
    else:
        others = {
            "another shape": np.ones((1, 4), np.float32),
            "not finite": np.full((1, 3), np.nan, np.float32),
            "pickle": np.array([[object()]]),
        }
        np.save(kept, others[how], allow_pickle=True)
    np.testing.assert_array_equal(features.of_file("sums", file), rows)
    assert len(network.calls) == 2
    np.testing.assert_array_equal(np.load(kept), rows)


def test_a_cache_that_cannot_be_written_costs_a_line(tmp_path, network, monkeypatch, caplog):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    (tmp_path / "cache" / "features").write_text("in the way")
    disk_cache.say_once.cache_clear()
    for _ in "12":
        assert features.of_file("sums", file).shape == (1, 3)
    assert len(network.calls) == 2
    assert [r.message for r in caplog.records if "cannot be kept" in r.message]


def test_a_folder_of_frames_is_known_by_its_frames(tmp_path, network):
    frames = backbones.pictures(3)
    saved(tmp_path / "a", frames)
    saved(tmp_path / "b", frames)
    saved(tmp_path / "c", frames[::-1])
    rows = [features.of_file("sums", str(tmp_path / name)) for name in "abc"]
    assert rows[0].shape == (3, 3) and network.calls == [3, 3]
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2][::-1])


# ---- computed


def test_items_of_several_files_and_shapes_are_computed_together_and_stay_in_order(
    tmp_path, network, monkeypatch
):
    small, large = backbones.pictures(4, (8, 8)), backbones.pictures(4, (12, 8), seed=1)
    mixed = list(itertools.chain(*zip(small, large, strict=True)))
    files = saved(tmp_path / "a", mixed)
    found = np.concatenate(list(features.of_files("sums", files)))
    assert sorted(network.calls) == [4, 4]
    np.testing.assert_allclose(found, [p.mean(axis=(0, 1)) for p in mixed], rtol=1e-5)
    monkeypatch.setattr(features, "FILES", 3)
    others = saved(tmp_path / "b", backbones.pictures(7, (8, 8), seed=2))
    assert len(list(features.of_files("sums", others))) == 7
    assert network.calls[2:] == [3, 3, 1]


def test_a_batch_has_so_many_bytes_at_most(tmp_path, network, monkeypatch):
    folder = tmp_path / "a"
    saved(folder, backbones.pictures(10, (8, 8)))
    monkeypatch.setattr(running, "BATCH_BYTES", 4 * 3 * 8 * 8 * 4)
    assert features.of_file("sums", str(folder)).shape == (10, 3)
    assert network.calls == [4, 4, 2]


def test_items_of_many_shapes_do_not_fill_the_memory(tmp_path, network, monkeypatch):
    monkeypatch.setattr(running, "WAITING_BYTES", 4 * 3 * 8 * 20 * 4)
    sizes = [(8, 8 + i % 6) for i in range(30)]
    shown = [backbones.pictures(1, size, seed=i)[0] for i, size in enumerate(sizes)]
    files = saved(tmp_path / "a", shown)
    found = np.concatenate(list(features.of_files("sums", files)))
    np.testing.assert_allclose(found, [p.mean(axis=(0, 1)) for p in shown], rtol=1e-5)
    assert len(network.calls) > 6 and sum(network.calls) == 30


def test_where_memory_runs_out_batches_are_halved_and_stay_so(tmp_path, network, monkeypatch):
    frames = backbones.pictures(20, (8, 8))
    saved(tmp_path / "a", frames)
    network.most = 3
    found = features.of_file("sums", str(tmp_path / "a"))
    np.testing.assert_allclose(found, [p.mean(axis=(0, 1)) for p in frames], rtol=1e-5)
    network.calls.clear()
    (other,) = saved(tmp_path / "b", backbones.pictures(1, (8, 8), seed=9))
    saved(tmp_path / "c", backbones.pictures(5, (8, 8), seed=8))
    features.of_file("sums", str(tmp_path / "c"))
    assert network.calls == [2, 2, 1]
    network.most = 0
    with pytest.raises(GeneralBenchError, match="does not fit .* GENERALBENCH_DEVICE=cpu"):
        features.of_file("sums", other)


def test_another_error_of_a_network_is_no_want_of_memory(tmp_path, network):
    (file,) = saved(tmp_path / "a", backbones.pictures(1, (8, 8)))
    network.forward = lambda batch: batch @ torch.ones(5)
    with pytest.raises(RuntimeError, match="size"):
        features.of_file("sums", file)


def test_files_that_cannot_be_used_do_not_disturb_the_others(tmp_path, network):
    files = saved(tmp_path / "a", backbones.pictures(3))
    Path(files[1]).write_bytes(b"no image")
    found = list(features.of_files("sums", [*files, str(tmp_path / "none.png")]))
    assert [isinstance(x, BadMedia) for x in found] == [False, True, False, True]
    with pytest.raises(BadMedia, match="no usable image"):
        features.of_file("sums", files[1])


def test_one_network_is_in_memory_at_a_time(tmp_path, network, monkeypatch):
    for seeds in backbones.small(tmp_path, monkeypatch):
        assert seeds.is_dir()
        put(BACKBONES["sums"], b"weights")
        (file,) = saved(tmp_path / "a", backbones.pictures(1))
        features.of_file("clip-b32", file)
        loaded = running.resident[0].network
        features.of_file("clip-b32-frames", file)
        features.of_texts("clip-b32-text", ["a dog"])
        assert running.resident[0].network is loaded  # three lines, one network
        features.of_file("sums", file)
        assert [x.network for x in running.resident] == [network]


def test_the_device_is_the_one_that_is_set(tmp_path, network, monkeypatch):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    monkeypatch.setenv("GENERALBENCH_DEVICE", "toaster")
    with pytest.raises(GeneralBenchError, match=r"'toaster'.*Set it to cpu, cuda"):
        features.of_file("sums", file)
    monkeypatch.setenv("GENERALBENCH_DEVICE", "cpu")
    assert features.of_file("sums", file).shape == (1, 3)


def test_flags_of_torch_are_as_they_were(tmp_path, network):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    torch.backends.cudnn.allow_tf32 = True
    seen = []
    forward = network.forward
    network.forward = lambda b: (
        seen.append((torch.backends.cudnn.allow_tf32, torch.is_inference_mode_enabled())),
        forward(b),
    )[1]
    features.of_file("sums", file)
    assert seen == [(False, True)] and torch.backends.cudnn.allow_tf32 is True


# ---- weights


def test_weights_that_are_missing_are_told_with_what_brings_them(tmp_path, monkeypatch):
    monkeypatch.setenv("GENERALBENCH_CACHE", str(tmp_path))
    with pytest.raises(MissingWeights) as error:
        features.of_file("clip-b32", "a.png")
    assert str(error.value) == (
        "needs weights: clip-b32 (605 MB) is not here. "
        "`generalbench data weights fetch --only clip-b32` brings it."
    )


def test_a_file_of_weights_that_is_another_than_the_pinned_one_is_not_used(
    tmp_path, network, monkeypatch
):
    (file,) = saved(tmp_path / "a", backbones.pictures(1))
    line = BACKBONES["sums"]
    monkeypatch.setitem(BACKBONES, "sums", dataclasses.replace(line, sha256="0123abcd"))
    with pytest.raises(GeneralBenchError, match="does not begin with 0123abcd"):
        features.of_file("sums", file)


# ---- the networks of transformers


def test_the_small_clip_has_the_cosines_of_transformers():
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    from lm_eval_generalbench.metrics.networks.clip import Clip

    torch.manual_seed(0)
    network = Clip(transformers.CLIPModel(backbones.clip_config())).eval()
    torch.manual_seed(1)
    images = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        rows = torch.nn.functional.normalize(network(images), dim=-1)
        text = torch.nn.functional.normalize(
            network(torch.tensor([[998, 1, 2, 3, 999, 999, 999, 999]])), dim=-1
        )
    # transformers 5.23.0 on torch 2.13.0+cpu, cosines of CLIPModel's image_embeds and text_embeds
    assert float(rows[0] @ rows[1]) == pytest.approx(0.9228182, abs=1e-4)
    cosines = (rows @ text.T).ravel().tolist()
    assert cosines == pytest.approx([-0.0326038, 0.0203759], abs=1e-4)


def test_transformers_4_gives_rows_and_transformers_5_an_object_that_holds_them():
    from types import SimpleNamespace

    from lm_eval_generalbench.metrics.networks.clap import Clap
    from lm_eval_generalbench.metrics.networks.clip import Clip

    rows = torch.arange(6.0).reshape(2, 3)
    items, ids = torch.zeros(2, 3, 4, 4), torch.zeros(2, 5, dtype=torch.int64)

    for found in (rows, SimpleNamespace(pooler_output=rows, last_hidden_state=None)):

        class Model(torch.nn.Module):
            def get_text_features(self, found=found, **_):
                return found

            def get_image_features(self, pixel_values, found=found):
                return found

            def get_audio_features(self, spectra, found=found):
                return found

        for network in (Clip(Model()), Clap(Model(), SimpleNamespace(pad_token_id=1))):
            assert network(items) is rows and network(ids) is rows


@pytest.mark.parametrize("size", [(40, 56), (300, 224), (224, 500), (601, 333)])
def test_pictures_are_prepared_as_pillow_does_in_transformers(size):
    pytest.importorskip("transformers", reason="transformers is not installed")
    from transformers.models.clip import image_processing_pil_clip

    from lm_eval_generalbench.metrics.networks import clip

    (picture,) = backbones.pictures(1, size)
    theirs = image_processing_pil_clip.CLIPImageProcessorPil()(
        images=Image.fromarray(picture), return_tensors="np"
    )
    ours = clip.preprocess(picture)
    assert ours.shape == (3, 224, 224) and ours.dtype == np.float32
    np.testing.assert_allclose(ours, np.asarray(theirs["pixel_values"])[0], atol=2e-6)


def test_frames_are_scaled_without_anti_aliasing():
    from lm_eval_generalbench.metrics.networks import clip, dino

    noise = np.random.default_rng(8).integers(0, 256, (1024, 1792, 3), dtype=np.uint8)
    smooth, rough = clip.preprocess(noise), clip.frame(noise)
    assert rough.std() > 2.5 * smooth.std()
    whole = dino.preprocess(noise)
    assert whole.shape == (3, 224, 392)  # nothing is cut away
    assert whole.std() > 2.5 * smooth.std()


def test_a_long_text_is_cut_to_77_tokens_and_keeps_its_end(tmp_path, monkeypatch, caplog):
    for _ in backbones.small(tmp_path, monkeypatch):
        from lm_eval_generalbench.metrics.networks import clip

        where = weights.folder("clip-b32-text", BACKBONES["clip-b32-text"])
        network = clip.load(where)
        vocabulary = json.loads((where / "vocab.json").read_text("utf-8"))
        end = vocabulary["<|endoftext|>"]
        disk_cache.say_once.cache_clear()
        short, long = network.tokens("a dog"), network.tokens("dog " * 100)
        assert short.shape == long.shape == (77,) and short.dtype == np.int64
        assert short[0] == long[0] == vocabulary["<|startoftext|>"]
        assert long[-1] == end and end not in long[:-1]
        assert "more than 77 tokens" in caplog.text
        rows = features.of_texts("clip-b32-text", ["dog " * 100, "dog " * 100 + "cat", "a dog"])
        np.testing.assert_array_equal(rows[0], rows[1])
        # what stands behind the end of a text does not count
        with torch.inference_mode():
            alone = network(torch.from_numpy(short[None, :7]))
        np.testing.assert_allclose(alone[0], rows[2], atol=1e-5)


def test_dino_takes_frames_of_any_proportions(tmp_path, monkeypatch):
    for _ in backbones.small(tmp_path, monkeypatch):
        wide = saved(tmp_path / "a", backbones.pictures(2, (40, 71)))
        assert features.of_file("dino-b16", str(tmp_path / "a")).shape == (2, 32)
        square = saved(tmp_path / "b", backbones.pictures(1, (224, 224)))
        from transformers import ViTModel

        from lm_eval_generalbench.metrics.networks import dino

        where = weights.folder("dino-b16", BACKBONES["dino-b16"])
        theirs = ViTModel.from_pretrained(where, add_pooling_layer=False).eval()
        pixels_of = torch.from_numpy(dino.preprocess(pixels.rgb(square[0]))[None])
        with torch.inference_mode():
            token = theirs(pixel_values=pixels_of).last_hidden_state[0, 0]
        np.testing.assert_allclose(features.of_file("dino-b16", square[0])[0], token, atol=1e-4)
        assert len(wide) == 2
