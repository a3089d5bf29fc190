"""Annotations that were changed at random, from a seed: documents, or one of our errors; nothing else."""

import json
import random
import shutil

import pytest

from lm_eval_generalbench import catalog, paths
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.loaders import completeness, folders, headers, identity
from lm_eval_generalbench.loaders.documents import Settings, documents
from tests import mutations

FEW, ALL = 500, 10_000


def read(task, root) -> None:
    """What `data status` and `run` do with the data of a task, media aside."""
    try:
        docs = documents(task, root, Settings())
    except GeneralBenchError as error:
        assert "\n" not in str(error).strip()
        return
    for doc in docs:
        assert all(isinstance(text, str) for text in doc.values())
        json.loads(doc["target"]), json.loads(doc["extra"]), json.loads(doc["files"])
    completeness.shortage(task, docs)
    identity.of_task(docs)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """The demo data, to be changed: tasks and their annotations, texts and values."""
    root = tmp_path_factory.mktemp("fuzz") / "data"
    shutil.copytree(paths.demo_root(), root)
    places = folders.places(root)
    found = []
    for id in places.folders:
        path = headers.annotation_file(places.folders[id], catalog.task(id))
        if path is not None and id not in places.shares:
            text = path.read_text("utf-8")
            found.append((catalog.task(id), path, text, json.loads(text)))
    assert len(found) > 50
    return root, found


@pytest.mark.parametrize(
    "seed, count", [(0, FEW), pytest.param(1, ALL, marks=pytest.mark.slow)], ids=["few", "all"]
)
def test_mutated_annotations_raise_only_our_errors(copies, seed, count):
    root, found = copies
    chance = random.Random(seed)
    texts = [text[:2000] for _, _, text, _ in found]
    for number in range(count):
        task, path, text, value = chance.choice(found)
        if chance.random() < 0.7:
            changed = json.dumps(mutations.mutated(value, chance))
        else:
            changed = mutations.text(text, texts, chance)
        path.write_text(changed, encoding="utf-8", errors="surrogatepass")
        try:
            read(task, root)
        except Exception:
            print(f"{task.id}, mutation {number} of seed {seed}: {changed[:1500]!r}")
            raise
        finally:
            path.write_text(text, encoding="utf-8")


def test_the_seed_decides(copies):
    values = [value for *_, value in copies[1]][:5]
    twice = [[mutations.mutated(v, random.Random(7)) for v in values] for _ in range(2)]
    assert json.dumps(twice[0]) == json.dumps(twice[1]) != json.dumps(values)
