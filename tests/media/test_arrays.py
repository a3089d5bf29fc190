"""Stored numbers are read as numpy wrote them, and nothing else is."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import arrays


@pytest.mark.parametrize("dtype", ["u1", ">i2", "<f4", "f8", "?"])
def test_npy_reads_what_numpy_wrote(tmp_path: Path, dtype: str):
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    for name, stored in (("c.npy", array), ("f.npy", np.asfortranarray(array))):
        np.save(tmp_path / name, stored)
        read = arrays.load_array(tmp_path / name)
        assert read.dtype == array.dtype
        np.testing.assert_array_equal(read, array)


def test_npz_gives_the_named_or_only_or_usual_array(tmp_path: Path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(2), disparity=np.arange(3), depth=np.ones(1))
    assert arrays.load_array(path).tolist() == [0, 1, 2]
    assert arrays.load_array(path, key="depth").tolist() == [1]
    np.savez(path, anything=np.arange(4))
    assert arrays.load_array(path).tolist() == [0, 1, 2, 3]
    with pytest.raises(BadMedia, match=r"holds \['anything'\], not x"):
        arrays.load_array(path, key="x")


def test_pickles_are_never_opened(tmp_path: Path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", np.array([Trap()], dtype=object))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(BadMedia, match="holds object, not numbers"):
            arrays.load_array(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_header_that_promises_too_much_is_refused_before_allocation(tmp_path: Path):
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    (tmp_path / "a.npy").write_bytes(buffer.getvalue())
    with pytest.raises(BadMedia, match="beyond 200,000,000 elements"):
        arrays.load_array(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("depth.npy", buffer.getvalue())
    with pytest.raises(BadMedia, match="beyond 200,000,000 elements"):
        arrays.load_array(tmp_path / "a.npz")


def test_zip_bomb_is_refused_by_its_unpacked_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrays, "MAX_BYTES", 1_000_000)
    np.savez_compressed(tmp_path / "a.npz", np.zeros(10**6))
    assert (tmp_path / "a.npz").stat().st_size < 20_000
    with pytest.raises(BadMedia, match="unpacks to 8,000,128 bytes"):
        arrays.load_array(tmp_path / "a.npz")


@pytest.mark.parametrize(
    "text", ["1,2\n3,4\n", "1 2\n3 4", "x;y\n1;2\n3;4\n", "\ufeff1\t2\n\n3\t4"]
)
def test_text_of_numbers_is_read_with_any_separator(tmp_path: Path, text: str):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    assert arrays.load_array(path).tolist() == [[1, 2], [3, 4]]


def test_errors_are_one_line_that_names_the_file_and_what_to_do(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("1 2\n3\n")
    with pytest.raises(BadMedia) as caught:
        arrays.load_array(path)
    message = str(caught.value)
    assert str(path) in message and message.endswith("Replace the file.") and "\n" not in message
    with pytest.raises(BadMedia, match="does not exist"):
        arrays.load_array(tmp_path / "none.npy")
