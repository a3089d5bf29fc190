"""Anomalies in replies and records."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lm_eval_generalbench.answers import anomaly
from lm_eval_generalbench.metrics import anomalies
from tests.answers.pictures import SIZE, corner, grey_picture, polygon, save_png


@pytest.fixture
def doc(tmp_path: Path) -> dict[str, str]:
    return grey_picture(tmp_path)


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ("0.83", 0.83),
        ("83%", 0.83),
        ("1", 1.0),
        ('{"score": 0.8}', 0.8),
        ('```json\n{"anomaly_score": 0.25, "label": "anomaly"}\n```', 0.25),
        ("Anomaly score: 0.9 out of 1", 0.9),
        ("The anomaly probability is 12%.", 0.12),
        ("Score: 7/10", 0.7),
        *(("概率：0.05", 0.05), ("异常概率为5%", 0.05), ("分数: 0.05", 0.05), ("大约0.05", 0.05)),
        *(("I would say 0.05.", 0.05), ("I'd estimate about 5%.", 0.05), ("Around 0.05", 0.05)),
        *(("There is a 5% chance of a defect.", 0.05), ("a 5% chance of no defect", 0.95)),
        ("Anomaly score - 0.4", 0.4),  # a dash
        ("anomaly score: 1e-3", 0.001),
        ("Yes", 1.0),
        ("no", 0.0),
        ("The bottle looks normal.", 0.0),
        ("Defective!", 1.0),
        ("There is no visible defect.", 0.0),
        ("This is not normal.", 1.0),
        ("Yes, the surface is scratched", 1.0),
        # what is stated, whatever the words beside it
        ("The probability that something is wrong is 0.85.", 0.85),
        ("The likelihood of a defect is 0.1", 0.1),
        ("There's a 0.9 probability of a defect.", 0.9),
        ("The probability that the bottle is defective is about 10%.", 0.1),
        ("The chance that there is an anomaly would be roughly 35 percent.", 0.35),
        ("I'd put the risk of damage at 15%.", 0.15),
        *(("Nothing seems to be wrong, so 0.05.", 0.05), ("There is a scratch, hence 0.95.", 0.95)),
        ("I can see no defect, so I would give it a score of 0.1.", 0.1),
        *(("0.8 (80%)", 0.8), ("95% (0.95)", 0.95)),
        *(("The probability of a defect is low.", 0.0), ("A defect is very unlikely.", 0.0)),
        *(("There is a small risk of damage.", 0.0), ("It is unlikely that it is broken.", 0.0)),
        *(
            ("The probability of a defect is high.", 1.0),
            ("Probability of a defect: low (0.1)", 0.1),
        ),
        # of nothing being wrong
        *(("The probability that nothing is wrong is 0.95.", 0.05), ("正常的概率为0.9", 0.1)),
        *(("I am 90% sure that it is intact.", 0.1), ("Normal (confidence: 0.95)", 0.05)),
        ("The bottle is normal with a probability of 0.95.", 0.05),
        ("Normal (confidence: 0.05)", 0.05),
        # counted
        *(("0 defects found", 0.0), ("Defects: none", 0.0), ("Defects found: 2", 1.0)),
        ("[]", 0.0),
        ('{"label": "good"}', 0.0),
        ('{"mask": [[0, 0, 4, 0, 4, 4]]}', 1.0),
    ],
)
def test_anomaly_scores_are_read(reply: str, score: float, doc: dict[str, str]) -> None:
    found = anomaly.read_anomaly(reply, doc)
    assert found is not None and found["score"] == pytest.approx(score)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "maybe",
        "7",
        "250%",
        "Is it normal or defective?",
        "-1",
        "Anomaly score: -1",
        "Anomaly score: −1",
        "anomaly probability is -0.5",
        '{"score": -1}',
        '{"score": "-1"}',
        "Anomaly score: 85",
        '{"score": 5}',
        "anomaly confidence 1.5",
        "The probability of a defect is -0.5",
        "The probability that it is broken is 1.5",
    ],
)
def test_unclear_anomaly_answers_are_none(reply: str, doc: dict[str, str]) -> None:
    assert anomaly.read_anomaly(reply, doc) is None


def test_anomaly_targets_in_every_form(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "mask.png", corner(4, 4).astype(np.uint8) * 255)
    empty = save_png(tmp_path / "empty.png", np.zeros(SIZE, np.uint8))
    cases: list[tuple[Any, int, int | None]] = [
        *[("good", 0, 0), ("normal", 0, 0), ("broken_large", 1, None), ("anomaly", 1, None)],
        *[(0, 0, 0), (1, 1, None), (True, 1, None), ("1", 1, None), ("no", 0, 0)],
        *[(path, 1, 16), (empty, 0, 0), ({"mask": path}, 1, 16), ([], 0, 0)],
        *[({"label": "good", "mask": empty}, 0, 0), ({"label": 1, "mask": path}, 1, 16)],
        *[({"bbox": [[0, 0, 4, 4]]}, 1, None), ([[0, 0, 4, 4]], 1, None)],
        *[({"segmentation": [polygon(4, 4)]}, 1, 16), ({"label": "crack"}, 1, None)],
        ([{"label": "crack", "bbox": [0, 0, 4, 4]}], 1, None),
    ]
    for output, label, pixels in cases:
        target = anomaly.target_anomaly(output, doc)
        found = None if target["mask"] is None else int(target["mask"].sum())
        assert (target["label"], found) == (label, pixels), output
        read = anomaly.read_anomaly(anomaly.write_anomaly(output, doc), doc)
        assert read is not None and read["score"] == label


def test_anomalies_perfect_half_right_and_malformed(doc: dict[str, str], tmp_path: Path) -> None:
    path = save_png(tmp_path / "mask.png", corner(4, 4).astype(np.uint8) * 255)
    outputs = [path, "good", "crack"]

    def scores(replies: list[str]) -> tuple[float, float]:
        pairs = [
            (anomaly.read_anomaly(r, doc), anomaly.target_anomaly(o, doc))
            for r, o in zip(replies, outputs, strict=True)
        ]
        image = anomalies.anomaly_ap([anomalies.anomaly_scores(p, t) for p, t in pairs])
        pixel = anomalies.anomaly_pixel_ap([anomalies.anomaly_pixels(p, t) for p, t in pairs])
        return image, pixel

    assert scores([anomaly.write_anomaly(o, doc) for o in outputs]) == (1, 1)
    # images ranked 1 0 1: (1 + 2/3) / 2; half of the anomalous pixels found, then all at 16/384
    half = json.dumps({"score": 0.9, "mask": polygon(4, 2)})
    assert scores([half, '{"score": 0.6, "mask": []}', "0.3"]) == pytest.approx(
        (5 / 6, 0.5 + 0.5 * 16 / 384)
    )
    assert scores(["?", "?", "?"]) == (0, 0)


def test_an_anomaly_map_may_be_a_file(doc: dict[str, str], tmp_path: Path) -> None:
    save_png(tmp_path / "out" / "map.png", corner(4, 4).astype(np.uint8) * 51)
    for reply, score in (('{"score": 0.7, "map": "map.png"}', 0.7), ("map.png", 0.2)):
        found = anomaly.read_anomaly(reply, doc)
        assert found is not None and found["score"] == pytest.approx(score)
        assert found["map"].sum() == pytest.approx(16 * 0.2)


NORMAL = (
    *(
        "正常",
        "正常。",
        "产品正常，没有缺陷。",
        "没有异常",
        "无异常",
        "未发现缺陷。",
        "未见异常",
        "合格",
        "良品",
        "不存在异常",
        "没问题",
    ),
    *(
        "正常です",
        "異常なし",
        "異常はありません。",
        "정상",
        "이상 없음",
        "Sin anomalías",
        "kein Defekt",
        "Aucun défaut",
    ),
    *(
        "нормально",
        "Нет дефектов",
        "Pass.",
        "clean",
        "unremarkable",
        "undamaged",
        "There is nothing wrong with it.",
    ),
    *("I don't see any defects.", "I cannot see any damage.", "No problem found"),
)
WRONG = (
    *(
        "异常",
        "有异常",
        "存在缺陷",
        "有缺陷",
        "不正常",
        "不合格",
        "有划痕",
        "破损",
        "異常",
        "異常あり",
        "비정상",
        "불량",
        "이상 있음",
    ),
    *(
        "Anómalo",
        "defekt",
        "défectueux",
        "аномалия",
        "fail",
        "NG",
        "torn",
        "hole",
        "a dent",
        "missing part",
        "stained",
    ),
    *(
        "There is something wrong.",
        "The screw is misplaced.",
        "bad",
        "deformed",
        "the surface is chipped",
    ),
    "I do not think that it is normal.",
)
OPEN = (
    "Is it normal?",
    "无法判断",
    "无法判断是否正常",
    "不确定是否正常",
    "既正常又异常",
    "I cannot tell whether it is damaged.",
    "瓶子",
)


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        *((reply, 0.0) for reply in NORMAL),
        *((reply, 1.0) for reply in WRONG),
        ("异常（0.8）", 0.8),
        ("异常概率：0.8", 0.8),
    ],
)
def test_words_of_several_languages_say_whether_something_is_wrong(reply, score, doc):
    assert anomaly.read_anomaly(reply, doc) == {"score": score, "map": None}


@pytest.mark.parametrize("reply", OPEN)
def test_what_is_left_open_is_no_score(reply, doc):
    assert anomaly.read_anomaly(reply, doc) is None
