"""The page on which people rate, and the whole way: run, page, table, score, levels."""

import base64
import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.cli import main
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.reports import rating
from lm_eval_generalbench.reports.playable import playable
from lm_eval_generalbench.reports.rating import Asked
from lm_eval_generalbench.runs import results
from tests.factories import make_file, make_task
from tests.reports import rated
from tests.reports.examples import clip
from tests.reports.rated import SOUNDS, SPOKEN, STYLED

HEAD = "document,task,rater,rating,time,answer,against\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("rated")
    rated.ran(made)
    return made


def data(page: Path) -> dict:
    text = page.read_text(encoding="utf-8")
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', text)[1]
    )


def written(folder: Path, page: Path, **asked) -> dict:
    assert rating.write(page, Asked([folder / "out"], **asked)) == 0
    return data(page)


def test_the_page_holds_every_answer_and_nothing_that_tells_whose_it_is(folder, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert main(["rate", str(folder / "out"), "-o", str(page)]) == 0
    assert "13 answers to 2 tasks" in capsys.readouterr().out
    found = data(page)
    assert [task["scale"] for task in found["tasks"]] == ["opinion", "preference"]
    assert sorted(item[1] for item in found["items"]) == [*SOUNDS, "v0", "v1", "v2"]
    assert all(one["src"].startswith("data:") for one in found["media"].values())
    text = page.read_text()
    for word in ("replay", str(folder), "prediction", ".wav", ".mp4", "http:", "https:"):
        assert word not in text.replace(found["key"], ""), word
    assert "default-src 'none'" in text and "file:" not in text
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_an_opinion_is_about_one_file_and_a_preference_about_two(folder, tmp_path):
    found = written(folder, tmp_path / "page.html")
    for number, document, prompt, given, pair, answer, against in found["items"]:
        if found["tasks"][number]["id"] == SPOKEN:
            assert (len(pair), given, against) == (1, [], "") and document in prompt
        else:
            assert (len(pair), len(given), against) == (2, 1, "reference")
            assert found["media"][pair[0]]["src"].startswith("data:video/webm")  # was MPEG-4
        assert answer == pair[0]


def test_another_run_can_be_what_the_answers_are_compared_with(folder, tmp_path):
    other = tmp_path / "another-model"
    shutil.copytree(next((folder / "out").iterdir()), other)
    found = written(folder, tmp_path / "page.html", against=[other])
    styled = [item for item in found["items"] if item[1].startswith("v")]
    assert {item[6] for item in styled} == {"another-model"}
    assert all(item[4][0] == item[4][1] for item in styled)  # the same answers


def test_what_does_not_fit_lies_beside(folder, tmp_path):
    page = tmp_path / "page.html"
    assert rating.write(page, Asked([folder / "out"]), embedded=20_000) == 0
    media = data(page)["media"].values()
    inside = [one for one in media if one["src"].startswith("data:")]
    beside = [one for one in media if not one["src"].startswith("data:")]
    assert inside and beside and "'self' file:" in page.read_text()
    for one in beside:
        assert re.fullmatch(r"page_media/[0-9a-f]{16}\.(wav|webm)", one["src"])
        assert (tmp_path / one["src"]).is_file()


def test_documents_are_drawn_with_the_seed(folder, tmp_path):
    def drawn(seed: int) -> list[str]:
        found = written(folder, tmp_path / "page.html", most=3, seed=seed)
        return [item[1] for item in found["items"] if item[1].startswith("s")]

    assert len(drawn(0)) == 3 and drawn(0) == drawn(0)
    assert len({tuple(drawn(seed)) for seed in range(5)}) > 1


def test_answers_to_documents_that_the_data_lacks_are_not_on_the_page(folder, tmp_path, capsys):
    make_task(
        tmp_path / "data",
        SPOKEN,
        [{"id": id, "input": {"text": f"Say {id}."}, "output": {}} for id in SOUNDS[:8]],
    )
    page = tmp_path / "page.html"
    assert rating.write(page, Asked([folder / "out"], root=tmp_path / "data")) == 1
    said = capsys.readouterr().err
    assert "2 replies are to documents that the data lacks, such as s08; they are left out." in said
    found = [item[1] for item in data(page)["items"]]
    assert sorted(found) == [*SOUNDS[:8], "v0", "v1", "v2"]


def test_no_document_is_too_few(folder, tmp_path, capsys):
    argv = ["rate", str(folder / "out"), "-o", str(tmp_path / "page.html"), "--documents", "0"]
    assert main(argv) == 2 and "At least one document" in capsys.readouterr().err


def test_a_record_without_a_file_needs_another_run_to_compare_with(folder, tmp_path, capsys):
    (log,) = (folder / "out").rglob(f"samples_{catalog.task(STYLED).name}_*.jsonl")
    lines = [json.loads(text) for text in log.read_text().splitlines()]
    for line in lines:
        line["doc"]["target"] = "null" if line["doc"]["id"] == "v0" else line["doc"]["target"]
    copy = tmp_path / log.name
    copy.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["rate", str(copy), "-o", str(tmp_path / "page.html")]) == 1
    said = capsys.readouterr().err
    assert "document v0 has no file to compare with. `--against` names another run." in said
    assert [item[1] for item in data(tmp_path / "page.html")["items"]] == ["v1", "v2"]


def test_answers_in_the_reply_itself_are_rated_however_many_there_are(tmp_path):
    # more data: URIs than stay on disk at a time
    make_task(
        tmp_path / "data",
        SPOKEN,
        [{"id": str(i), "input": {"text": "Speak."}, "output": {}} for i in range(40)],
    )
    folder = tmp_path / "answers" / SPOKEN
    replies = []
    for i in range(40):
        make_file(folder / "a.wav", {"sound": 0.01 + i / 1000})
        content = base64.b64encode((folder / "a.wav").read_bytes()).decode()
        replies.append({"id": str(i), "prediction": f"data:audio/wav;base64,{content}"})
    (folder / "prediction.json").write_text(json.dumps(replies))
    assert rating.write(tmp_path / "page.html", Asked([folder], root=tmp_path / "data")) == 0
    found = data(tmp_path / "page.html")
    assert len(found["media"]) == len(found["items"]) == 40
    assert all(found["media"][item[4][0]]["src"] for item in found["items"])
    given = table(tmp_path / "a.csv", "ann", {str(i): 1 + i % 5 for i in range(40)})
    argv = ["score", str(folder), "--root", str(tmp_path / "data"), "--output_path"]
    assert main([*argv, str(tmp_path / "scored"), "--ratings", str(given)]) == 0
    assert rated.entry(tmp_path / "scored", SPOKEN)["mos,none"] == 3


def test_odd_names_of_documents_come_back_through_the_table(tmp_path):
    odd = ["1\udcff", "a\nb", ' x, "y" ', "=1+1", "\u2028z"]
    records = [{"id": id, "input": {"text": f"Say {id}"}, "output": {}} for id in odd]
    make_task(tmp_path / "data", SPOKEN, records)
    folder = tmp_path / "answers" / SPOKEN
    make_file(folder / "a.wav", {"sound": 0.05})
    replies = [{"id": id, "prediction": "a.wav"} for id in odd]
    (folder / "prediction.json").write_text(json.dumps(replies))
    assert rating.write(tmp_path / "page.html", Asked([folder], root=tmp_path / "data")) == 0
    with open(tmp_path / "a.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, quoting=csv.QUOTE_ALL)
        rows.writerow(["document", "task", "rater", "rating"])
        rows.writerows(
            [item[1], SPOKEN, "ann", 4] for item in data(tmp_path / "page.html")["items"]
        )
    argv = ["score", str(folder), "--root", str(tmp_path / "data"), "--output_path"]
    assert main([*argv, str(tmp_path / "scored"), "--ratings", str(tmp_path / "a.csv")]) == 0
    assert rated.entry(tmp_path / "scored", SPOKEN)["ratings"]["rated"] == len(odd)


def test_two_runs_on_one_page_are_an_error_and_so_is_nothing(folder, tmp_path):
    shutil.copytree(folder / "out", tmp_path / "copy")
    with pytest.raises(BadResults, match="two runs"):
        rating.write(tmp_path / "p.html", Asked([folder / "out", tmp_path / "copy"]))
    name = catalog.task("L-1.1").name
    line = {"doc": {"gb_task": "L-1.1"}}
    (tmp_path / f"samples_{name}_2026-01-01T00-00-00.jsonl").write_text(json.dumps(line))
    with pytest.raises(BadResults, match="nothing to rate"):
        rating.write(
            tmp_path / "p.html", Asked([tmp_path / f"samples_{name}_2026-01-01T00-00-00.jsonl"])
        )


def test_a_results_file_stands_for_the_logs_beside_it(folder, tmp_path):
    (path,) = (folder / "out").rglob("results_*.json")
    assert rating.write(tmp_path / "page.html", Asked([path])) == 0
    assert len(data(tmp_path / "page.html")["items"]) == 13


def test_hostile_prompts_stay_text(tmp_path):
    text = "</script><script>alert(1)</script>"
    page = rating.render(
        [{"id": "A", "title": text, "scale": "opinion"}], [[0, text, text, [], [], "", ""]], {}
    )
    assert page.count("<script") == 2 and "<script>alert" not in page


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("a.png", "image/png"),
        ("a.bmp", "image/png"),
        ("a.flac", "audio/flac"),
        ("a.aiff", "audio/wav"),
        ("frames", "video/webm"),
        ("a.webm", "video/webm"),
        ("a.avi", "video/webm"),
    ],
)
def test_what_browsers_do_not_play_is_written_again(name, type_, tmp_path):
    path = tmp_path / name
    if name.endswith(("flac", "aiff")):
        make_file(path, {"sound": 0.2})
    elif name.endswith(("png", "bmp")):
        make_file(path, {"picture": [7, 5]})
    elif name == "frames":
        make_file(path, {"picture": [33, 31], "frames": 3})
    else:
        clip(path, "mpeg4" if name.endswith("avi") else "libvpx")
    found, content = playable(path)
    assert found == type_
    same = name in ("a.png", "a.flac", "a.webm")
    assert (path.is_file() and content == path.read_bytes()) == same
    if type_ == "video/webm" and not same:
        from lm_eval_generalbench.media.pixels import frames

        copy = tmp_path / "copy.webm"
        copy.write_bytes(content)
        before, after = list(frames(path)), list(frames(copy))
        assert len(before) == len(after) and before[0].shape == after[0].shape
        assert all(abs(a.astype(int) - b).mean() < 4 for a, b in zip(before, after, strict=True))


def test_text_is_no_medium(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(ValueError, match="no image, sound or video"):
        playable(tmp_path / "a.txt")


# The whole way

ANN = dict(zip(SOUNDS, [5, 4, 4, 3, 2, 5, 1, 3, 4, 2], strict=True))
BOB = dict(zip(SOUNDS, [4, 4, 3, 3, 1, 5, 2, 3, 5, 2], strict=True))


def table(path: Path, rater: str, given: dict, task: str = SPOKEN, more: str = "") -> Path:
    rows = [f"{document},{task},{rater},{value}\n" for document, value in given.items()]
    path.write_text("document,task,rater,rating\n" + "".join(rows) + more, encoding="utf-8")
    return path


def by_hand(entry: dict) -> None:
    """What two raters' ten ratings come to.

    Sums 33 and 32: the mean is 65 / 20 = 3.25; squares add up to 243, about the mean to 31.75.
    By item: both ratings less 6.5 are 2.5 1.5 .5 -.5 -3.5 3.5 -3.5 -.5 2.5 -2.5, squares 58.5,
    over 20 squared, times 10/9: 0.1625. By rater: .5 and -.5, squares .5 / 400, times 2: 0.0025.
    Together less single ones (31.75 / 400 times 20/19) less than the former, which counts.
    Degrees: .165^2 / (.1625^2 / 9 + .0025^2) = 9.2593; Student's quantile 2.2527.
    Alpha: differences 1 0 1 0 1 0 1 0 1 0: 2 * 5 observed, 2 * 20 * 31.75 / 19 expected.
    """
    told = entry["ratings"]
    assert entry["mos,none"] == pytest.approx(3.25)
    assert entry["mos_stderr,none"] == pytest.approx(0.1625**0.5)
    assert told["low"] == pytest.approx(3.25 - 2.2527 * 0.1625**0.5, abs=1e-4)
    assert told["high"] == pytest.approx(3.25 + 2.2527 * 0.1625**0.5, abs=1e-4)
    assert told["alpha"] == pytest.approx(1 - 10 * 19 / 1270)
    assert (told["raters"], told["ratings"], told["rated"], told["made"]) == (2, 20, 10, 10)


def test_ratings_become_value_interval_and_alpha_and_levels_reads_them(folder, tmp_path, capsys):
    tables = [table(tmp_path / "a.csv", "ann", ANN), table(tmp_path / "b.csv", "bob", BOB)]
    preferred = {"v0": 1, "v1": 0.5, "v2": 0}
    tables.append(table(tmp_path / "c.csv", "ann", preferred, STYLED))
    status = main(
        [
            *("score", str(folder / "out"), "--output_path", str(tmp_path / "scored")),
            *("--log_samples", "--ratings", *map(str, tables)),
        ]
    )
    captured = capsys.readouterr()
    assert status == 0, captured.err
    assert f"{SPOKEN} mos 3.25 (2.342 to 4.158): 20 ratings by 2 raters of 10 of 10" in captured.out
    assert f"{STYLED} user_preference 50" in captured.out
    by_hand(rated.entry(tmp_path / "scored", SPOKEN))
    assert rated.entry(tmp_path / "scored", STYLED)["user_preference,none"] == 0.5
    run = results.read_one([tmp_path / "scored"])
    assert run.values[SPOKEN].value == 3.25 and run.values[SPOKEN].failed == ""
    assert run.values[SPOKEN].stderr == pytest.approx(0.1625**0.5)
    assert not run.values[SPOKEN].errors and run.values[STYLED].value == 50
    (log,) = (tmp_path / "scored").rglob(f"samples_{catalog.task(SPOKEN).name}_*.jsonl")
    said = {x["doc"]["id"]: x["mos"] for x in map(json.loads, log.read_text().splitlines())}
    assert said == {id: (ANN[id] + BOB[id]) / 2 for id in SOUNDS}
    assert main(["levels", str(tmp_path / "scored"), "--json", str(tmp_path / "l.json")]) == 0
    told = {task["id"]: task for task in json.loads((tmp_path / "l.json").read_text())["tasks"]}
    assert (told[SPOKEN]["value"], told[SPOKEN]["state"]) == (3.25, "scored")


def test_without_ratings_the_task_has_failed_and_says_what_it_needs(folder, tmp_path):
    run = results.read_one([folder / "out"])
    assert run.values[SPOKEN].value is None
    assert run.values[SPOKEN].failed == "it needs ratings: `generalbench rate`"
    assert main(["score", str(folder / "out"), "--output_path", str(tmp_path)]) == 0
    assert results.read_one([tmp_path]).values[STYLED].failed == run.values[STYLED].failed


def test_a_document_that_nobody_rated_makes_the_task_partial(folder, tmp_path, capsys):
    few = {id: ANN[id] for id in SOUNDS[:4]}
    given = table(tmp_path / "a.csv", "ann", few)
    out = tmp_path / "scored"
    assert (
        main(["score", str(folder / "out"), "--output_path", str(out), "--ratings", str(given)])
        == 0
    )
    found = results.read_one([out]).values[SPOKEN]
    assert found.value == 4 and found.errors == 0.6 and found.partial
    assert "4 ratings by 1 rater of 4 of 10 files." in capsys.readouterr().out
    main(["levels", str(out), "--no-uncertainty"])
    said = " ".join("".join(capsys.readouterr()).split())
    assert "1 task had documents that nobody rated" in said and "tries again" not in said


def test_an_answer_without_a_file_is_the_worst(folder, tmp_path):
    (log,) = (folder / "out").rglob(f"samples_{catalog.task(SPOKEN).name}_*.jsonl")
    lines = [json.loads(text) for text in log.read_text().splitlines()]
    for line in lines[:5]:
        line["resps"], line["filtered_resps"] = [["I cannot."]], ["I cannot."]
    (tmp_path / "in").mkdir()
    copy = tmp_path / "in" / log.name
    copy.write_text("".join(json.dumps(line) + "\n" for line in lines))
    given = table(tmp_path / "a.csv", "ann", {line["doc"]["id"]: 5 for line in lines[5:]})
    out = tmp_path / "scored"
    assert main(["score", str(copy), "--output_path", str(out), "--ratings", str(given)]) == 0
    entry = rated.entry(out, SPOKEN)
    assert entry["mos,none"] == 3 and entry["unparsed,none"] == 0.5 and entry["errors,none"] == 0
    assert (entry["ratings"]["rated"], entry["ratings"]["made"]) == (5, 5)


def test_faults_of_a_table_get_a_line_each_and_lose_nothing_else(folder, tmp_path, capsys):
    more = (
        f"nowhere,{SPOKEN},ann,3\n" f"s00,{SPOKEN},ann,9\n" f"s01,{SPOKEN},,3\n"
        f"s02,{SPOKEN},ann,4\n" "s02,L-1.1,ann,4\n" "s02,none,ann,4\n" "x,A-G-2.1,ann,4\n\n"
    )  # fmt: skip
    tables = [
        table(tmp_path / "a.csv", "ann", ANN, more=more),
        table(tmp_path / "b.csv", "bob", BOB),
        tmp_path / "missing.csv",
        make_other(tmp_path / "other.csv", "a,b\n1,2\n"),
        make_other(tmp_path / "empty.csv", ""),
        make_other(tmp_path / "head.csv", "document,task,rater,rating\n"),
        table(tmp_path / "c.csv", "Bob", {"s00": 4}),
    ]
    out = tmp_path / "scored"
    status = main(
        ["score", str(folder / "out"), "--output_path", str(out), "--ratings", *map(str, tables)]
    )
    lines = [x for x in capsys.readouterr().err.splitlines() if x.startswith("generalbench: ")]
    assert status == 1
    for part in (
        "a.csv, line 12 (ann, nowhere, '3') is of no document",
        "a.csv, line 13 (ann, s00, '9') is no value of 1 to 5",
        "a.csv, line 14 (nobody, s01, '3') says not who rated",
        "a.csv, line 15 (ann, s02, '4') is this rater's second: that of a.csv, line 4",
        "a.csv, line 16: L-1.1 is scored by",
        "a.csv, line 17: 'none' is the id of no task",
        "1 rating of A-G-2.1, of which no answers are here",
        "missing.csv cannot be read",
        "other.csv is no table of ratings: it lacks the column document, task, rater",
        "empty.csv is no table of ratings",
        "head.csv holds no rating",
        "the raters Bob, bob differ in capital letters only and count as 2",
    ):
        assert sum(part in line for line in lines) == 1, (part, lines)
    assert len(lines) == 12
    assert rated.entry(out, SPOKEN)["ratings"]["ratings"] == 21


def make_other(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_ratings_of_another_answer_do_not_count(folder, tmp_path, capsys):
    found = written(folder, tmp_path / "page.html")
    keys = {item[1]: item[5] for item in found["items"]}
    rows = [f"s00,{SPOKEN},ann,5,,{keys['s00']},\n", f"s01,{SPOKEN},ann,1,,{keys['s02']},\n"]
    given = make_other(tmp_path / "a.csv", HEAD + "".join(rows))
    out = tmp_path / "scored"
    assert (
        main(["score", str(folder / "out"), "--output_path", str(out), "--ratings", str(given)])
        == 1
    )
    assert "is of another answer to this document" in capsys.readouterr().err
    assert rated.entry(out, SPOKEN)["mos,none"] == 5


def test_the_later_rating_counts_whatever_the_order_of_the_tables(folder, tmp_path):
    late = make_other(tmp_path / "a.csv", f"{HEAD}s00,{SPOKEN},ann,5,2026-02-01T10:00:00.000Z,,\n")
    soon = make_other(tmp_path / "b.csv", f"{HEAD}s00,{SPOKEN},ann,1,2026-01-01T10:00:00.000Z,,\n")
    out = tmp_path / "scored"
    argv = [
        "score",
        str(folder / "out"),
        "--output_path",
        str(out),
        "--ratings",
        str(late),
        str(soon),
    ]
    assert main(argv) == 1
    assert rated.entry(out, SPOKEN)["mos,none"] == 5


def test_tables_of_spreadsheets_with_semicolons_and_a_mark_are_read(folder, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        f"\ufeffTask;Document;Rating;Rater\r\n{SPOKEN};s00;4;Jörg\r\n", encoding="utf-8"
    )
    out = tmp_path / "scored"
    assert (
        main(["score", str(folder / "out"), "--output_path", str(out), "--ratings", str(path)]) == 0
    )
    assert rated.entry(out, SPOKEN)["mos,none"] == 4


def test_answers_of_a_prediction_json_are_rated_alike(folder, tmp_path):
    given = table(tmp_path / "a.csv", "ann", ANN)
    out, root = tmp_path / "scored", str(folder / "data")
    answers = str(folder / "answers" / SPOKEN)
    argv = ["score", answers, "--root", root, "--output_path", str(out), "--ratings", str(given)]
    assert main(argv) == 0
    assert rated.entry(out, SPOKEN)["mos,none"] == pytest.approx(3.3)
    assert rating.write(tmp_path / "p.html", Asked([answers], root=folder / "data")) == 0


def test_naive_answers_are_rated_too(folder, tmp_path):
    out = tmp_path / "out"
    settings = {"gb_root": str(folder / "data"), "gb_outputs": str(tmp_path / "made")}
    (tmp_path / "made").mkdir()
    argv = ["run", "--model", "generalbench-naive", "--tasks", STYLED, "--output_path", str(out)]
    assert main([*argv, "--log_samples", "--metadata", json.dumps(settings)]) == 0
    assert rating.write(tmp_path / "page.html", Asked([out])) == 0
    assert len(data(tmp_path / "page.html")["items"]) == 3
