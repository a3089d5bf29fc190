import csv
import math

import numpy as np
import pytest

from lm_eval_generalbench import levels
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.levels import scopes


def table(*models):
    return levels.arrays(np.stack([levels.row(values) for values in models]))


def test_there_are_145_boards_of_one_skill_and_14_wider_ones():
    kinds = [scope.kind for scope in scopes.scopes().values()]
    assert {kind: kinds.count(kind) for kind in "ABCD"} == {"A": 1, "B": 5, "C": 8, "D": 145}
    for kind in "BD":
        ids = [id for scope in scopes.scopes().values() if scope.kind == kind for id in scope.ids]
        assert sorted(ids) == sorted(levels.ids()), "every task is on one board of the kind"
    tops = {scope.kind: scope.top for scope in scopes.scopes().values() if scope.name != "nlp"}
    assert tops == {"A": 5, "B": 4, "C": 3, "D": 3}
    assert scopes.scope("nlp").top == 3


def test_a_board_is_found_by_name_and_a_wrong_name_is_answered_with_a_near_one():
    assert scopes.scope(" Image/Comprehension ").kind == "C"
    assert scopes.scope("i-c-28").name == "I-C-28"
    with pytest.raises(GeneralBenchError, match=r"'I-C-999'.*Did you mean I-C-9"):
        scopes.scope("I-C-999")
    with pytest.raises(GeneralBenchError, match="No scope is called"):
        scopes.scope("\x1b[2J")


def test_the_scores_of_a_board_come_out_as_by_hand():
    sota = specialists()
    # A-C-1 has 4 tasks: one won with 100, one not won with 1.
    found = table({"A-C-1.1": 100.0, "A-C-1.2": 1.0})
    assert sota["A-C-1.2"] > 1 and len(scopes.scope("A-C-1").ids) == 4

    def scores(name):
        return scopes.level_scores(found, scopes.scope(name))[0].tolist()

    assert scores("A-C-1") == pytest.approx([101 / 4, 100 / 4, math.nan, math.nan], nan_ok=True)
    assert scores("audio/comprehension") == pytest.approx(
        [101 / 24, 100 / 24, math.nan, math.nan], nan_ok=True
    )
    assert scores("audio") == pytest.approx([101 / 48, 100 / 48, 0, math.nan], nan_ok=True)
    assert scores("all") == pytest.approx([101 / 192, 100 / 192, 0, 0])
    assert scores("nlp") == pytest.approx([0, 0, math.nan, math.nan], nan_ok=True)


def test_language_has_a_board_whose_level_3_is_its_weight():
    found = levels.levels(specialists())
    scores = scopes.level_scores(table(specialists()), scopes.scope("nlp"))[0]
    assert scores[1] == pytest.approx(100 * found.weight)


def test_a_higher_level_comes_first_then_the_score_at_it():
    nan = math.nan
    scores = np.array([[90, 0, 0, nan], [10, 5, 0, nan], [10, 6, 0, nan], [10, 5, 0, nan], [0] * 4])
    places = scopes.ranking(scores)
    assert [(p.rank, p.model, p.level) for p in places] == [
        (1, 2, 3),
        (2, 1, 3),
        (2, 3, 3),
        (4, 0, 2),
        (5, 4, 0),
    ]


def test_published_models_rank_by_their_published_scores(reference):
    models = {}
    for path in sorted((reference / "published-example").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file, delimiter="\t"):
                for model in line.keys() - {"key"}:
                    value = float(line[model] or 0)
                    usable = value and math.isfinite(value)
                    models.setdefault(model, {})[line["key"]] = value if usable else None
    names = list(models)
    found = levels.arrays(np.stack([levels.row(models[name]) for name in names]), "paper")

    def first(name, count):
        places = scopes.ranking(scopes.level_scores(found, scopes.scope(name)))
        return [names[place.model] for place in places[:count]]

    assert first("image", 2) == ["Emu2-32B", "GPT4V"], "only Emu2 reaches Level 4"
    assert first("image/comprehension", 2) == ["GPT4V", "Emu2-32B"]
    assert first("video", 2) == ["InternVL-2.5-8B", "LM4LV"]
    assert first("audio", 2) == ["Qwen2-Audio-Instruct", "AudioGPT"]
    assert first("3d", 2) == ["PointLLM-13B", "LLaMA-Mesh"]
    assert first("nlp", 1) == ["GPT-4o"]


@pytest.mark.parametrize(
    "official, name",
    [
        ("A", "all"),
        ("A-full", "all"),
        ("S-A-Full", "all"),
        ("full", "all"),
        ("B-image", "image"),
        ("S-B-3D", "3d"),
        ("C-image-comprehension", "image/comprehension"),
        ("S-C-Video-Generation", "video/generation"),
        ("D-I-C-28", "I-C-28"),
        ("D-C-1", "D-C-1"),
        ("B-nlp", "nlp"),
    ],
)
def test_boards_are_known_by_their_official_names(official, name):
    assert scopes.scope(official).name == name


def test_the_quick_board_of_all_tasks_is_the_full_board():
    board = scopes.scope("quick", levels.ids())
    assert (board.kind, board.top, len(board.columns)) == ("A", 5, 699)
    found = table(specialists())
    assert scopes.level_scores(found, board) == pytest.approx(found.level)
    part = scopes.scope("quick", ["I-C-28.6", "I-G-1.1", "L-1.2", "unheard of"])
    assert len(part.ids) == 3 and part.title != board.title
    s2, s3, s4, s5 = scopes.level_scores(found, part)[0]
    score = dict(zip(levels.ids(), found.score[0], strict=True))
    c, g = score["I-C-28.6"], score["I-G-1.1"]
    assert (s2, s3, s4) == pytest.approx(((c + g) / 2, (c + g) / 2, 2 * c * g / (c + g)))
    assert s5 == pytest.approx(s4 * score["L-1.2"] / 100)


def test_a_side_that_the_quick_board_lacks_is_left_out():
    found = table(specialists())
    score = dict(zip(levels.ids(), found.score[0], strict=True))
    only = scopes.level_scores(found, scopes.scope("quick", ["I-C-28.6"]))[0]
    assert only == pytest.approx([score["I-C-28.6"]] * 2 + [0, 0])
    language = scopes.level_scores(found, scopes.scope("quick", ["L-1.2"]))[0]
    assert language == pytest.approx([0, 0, 0, 0])
    with pytest.raises(GeneralBenchError, match="Name a copy of that folder with --root"):
        scopes.scope("quick")
