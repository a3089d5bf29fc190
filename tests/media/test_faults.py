"""Whatever the bytes, a reader raises one line that names the file."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import arrays, depth, masks, points

LOADERS = {
    arrays.load_array: (".npy", ".npz", ".txt", ".csv"),
    depth.load_depth: (".npz", ".png", ".pfm"),
    depth.load_flow: (".flo", ".png", ".npy"),
    masks.load_mask: (".png", ".npy", ".jpg"),
    masks.load_binary_mask: (".png", ".gif"),
    points.load_points: (".ply", ".pcd", ".obj", ".glb", ".off", ".stl", ".bin", ".pts", ".sens"),
    points.load_mesh: (".ply", ".obj", ".glb", ".off", ".stl"),
}
MAGICS = (
    b"",
    b"\x93NUMPY\x01\x00",
    b"PK\x03\x04",
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"PIEH",
    b"Pf\n3 3\n-1\n",
    b"ply\nformat binary_little_endian 1.0\nelement vertex 9\nproperty float x\nend_header\n",
    b"glTF\x02\x00\x00\x00",
    b"OFF\n3 1 0\n",
    b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 ",
    b"VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 3\nHEIGHT 1\nDATA binary\n",
)


@pytest.mark.parametrize(
    ("loader", "suffix"), [(loader, suffix) for loader, all_ in LOADERS.items() for suffix in all_]
)
def test_random_bytes_raise_nothing_but_bad_media(tmp_path: Path, loader, suffix: str):
    path = tmp_path / f"a{suffix}"

    @given(st.sampled_from(MAGICS), st.binary(max_size=120))
    @settings(
        max_examples=25,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def check(magic: bytes, tail: bytes) -> None:
        path.write_bytes(magic + tail)
        try:
            result = loader(path)
        except BadMedia as error:
            assert "\n" not in str(error) and str(path) in str(error)
        else:
            assert result is not None

    check()
