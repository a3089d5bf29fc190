"""What several test modules share."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")
os.environ["HF_HUB_OFFLINE"] = "1"  # a hub that is not there costs 45 seconds
os.environ.pop("GENERALBENCH_DATA", None)
os.environ.pop("GENERALBENCH_JUDGE_URL", None)
# of several threads each waits for the slowest, minutes where other work runs beside
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# nothing is written into the cache folder of whoever runs the tests
os.environ["GENERALBENCH_CACHE"] = tempfile.mkdtemp(prefix="generalbench-cache-")
atexit.register(shutil.rmtree, os.environ["GENERALBENCH_CACHE"], ignore_errors=True)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def sample_root() -> Path:
    """A real piece of the data set: 3 image and 5 language tasks."""
    root = SHARED / "openset-sample"
    if not root.is_dir():
        pytest.skip("needs ../shared/openset-sample, which is not beside the checkout")
    return root


@pytest.fixture
def reference() -> Path:
    """The published facts that the catalog was made from."""
    folder = SHARED / "reference"
    if not folder.is_dir():
        pytest.skip("needs ../shared/reference, which is not beside the checkout")
    return folder
