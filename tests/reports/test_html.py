import base64
import functools
import json
import re
from html.parser import HTMLParser
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults, GeneralBenchError
from lm_eval_generalbench.reports import excerpts
from lm_eval_generalbench.reports import html as html_report
from lm_eval_generalbench.runs.records import Run, Value
from tests.reports.test_tables import HOSTILE, model

TASK = "I-C-26.32"
PAGE_HOSTILE = {
    **HOSTILE,
    "end of script": "</script><img src=x onerror=alert(1)>",
    "comment": "<!--<script>",
    "attribute": '" onmouseover="alert(1)" x="',
    "apostrophe": "' onfocus='alert(1)",
    "address": "javascript:alert(1)",
    "placeholder": "{{data}} {{script}}",
    "half a character": "\ud800",
}


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and texts by element."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shape(self):
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def data(self):
        return json.loads(next(text for tag, text in self.texts if text.startswith('{"areas"')))


def sample(**changed):
    one = dict.fromkeys(("id", "prompt", "reply", "target"), "")
    one |= {"scores": [], "unparsed": False, "broken": False, "media": []}
    return {"tasks": {TASK: [{**one, **changed}]}, "left_out": 0, "media": False}


def write_log(folder, lines, name=None):
    task = catalog.task(TASK)
    path = folder / (name or f"samples_{task.name}_2026-01-01T00-00-00.000000.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def line(id, reply="[]", files=(), target="{}", **more):
    doc = {"gb_task": TASK, "id": id, "prompt": f"question {id}", "files": json.dumps(list(files))}
    doc |= {"target": target, "broken": "", "options": "[]", "extra": "{}"}
    doc |= {"answer": catalog.task(TASK).answer, "outputs": ""}
    resps = {"resps": [[reply]], "filtered_resps": [reply], "filter": "none"}
    return {"doc_id": 0, "doc": doc, "target": target, **resps, "unparsed": 0.0, **more}


@functools.cache
def some_model():
    return model("some model")


@functools.cache
def page_about(name):
    """A page that holds `name` wherever text can come from elsewhere."""
    task = {**some_model()["tasks"][0], "id": "X-1", "name": name, "metric": name, "unit": name}
    one = {**some_model(), "model": name, "tasks": [task, *some_model()["tasks"][:9]]}
    one |= {"uncertainty": {"notes": [name]}, "warnings": [name], "signature": name}
    media = [{"of": "reply", "kind": name, "name": name, "src": ""}]
    texts = {"id": name, "prompt": name, "reply": name, "target": name}
    logs = sample(**texts, scores=[[name, name]], media=media)
    page = html_report.render(
        [{**one, "sota_version": name}, one], logs, comparison(name, name, verdict=name)
    )
    page.encode()
    return page


# The page


def test_page_holds_every_task_and_the_levels():
    page = Page(html_report.render([model("some model")]))
    assert len(page.data["tasks"]) == len(page.data["models"][0]["rows"]) == len(catalog.tasks())
    assert page.data["models"][0]["name"] == "some model"
    assert len([a for tag, a in page.elements if "data-skill" in a]) == 145
    texts = " ".join(text for _, text in page.texts)
    assert "Synergy with language" in texts and "catalog" in texts


def test_page_loads_nothing_and_allows_only_its_own_script_and_style():
    text = html_report.render([model()])
    page = Page(text)
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy and "http" not in policy
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("src", "href", "action", "data", "poster"):
            assert attributes.get(name, "#")[:5] in ("#", "#task", "data:")
    assert "http://" not in text and "https://" not in text


def test_page_names_what_it_shows_for_those_who_do_not_see_it():
    page = Page(html_report.render([model("a"), model("b")]))
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        for name in attributes.get("aria-labelledby", "").split():
            assert name in ids
        if tag == "svg":
            assert attributes.get("aria-labelledby")
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
    assert len(page.all("caption")) == len(page.all("table"))
    assert page.all("html") == [{"lang": "en"}]
    assert page.all("a")[0]["class"] == "skip"
    controls = len(page.all("select")) + len(page.all("input"))
    assert controls == len(page.all("label"))


@pytest.mark.parametrize("text", PAGE_HOSTILE.values(), ids=PAGE_HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(text):
    plain, hostile = Page(page_about("name")), Page(page_about(text))
    assert hostile.shape == plain.shape
    assert hostile.data["samples"][0][TASK][0]["scores"] == [[excerpts.shown(text)] * 2]
    shown = "".join(inside for tag, inside in hostile.texts if tag != "script")
    assert not set("\x1b\u202e\x07") & set(shown + json.dumps(hostile.data, ensure_ascii=False))


def test_text_of_the_page_keeps_lines_and_languages_but_no_commands():
    assert excerpts.shown("one\ntwo 模型 \u00a0é") == "one\ntwo 模型 \u00a0é"
    assert excerpts.shown("a\u202eb\x1b[2Jc\ud800\u2066") == "a\ufffdb\ufffd[2Jc\ufffd\ufffd"
    assert excerpts.shown("abcdef", 3) == "abc … (3 more characters)"
    family = "\U0001f468\u200d\U0001f469"
    assert excerpts.shown(family) == family


def test_ladder_tells_scores_intervals_and_specialists():
    known = {"levels": {"2": [0.125, 0.75]}, "level_probability": {"2": 0.9}, "notes": []}
    texts = " ".join(t for _, t in Page(html_report.render([model(uncertainty=known)])).texts)
    assert re.search(r"S2 0\.\d\d \(95 % interval 0\.12 to 0\.75\), specialists 62\.90", texts)
    without = " ".join(t for _, t in Page(html_report.render([model(uncertainty=None)])).texts)
    assert "The uncertainty is unknown." in without


def test_specialists_as_one_model_reach_their_published_levels():
    # formats: S2 62.898, S4 61.456, S5 38.884 of the official spreadsheet
    found = html_report.specialists(model())
    assert [round(found[level], 3) for level in "2345"] == [62.898, 62.898, 61.456, 38.884]


def test_skill_score_is_the_mean_over_all_its_tasks():
    one = next(skill for skill in html_report.skills(model()) if skill.id == "L-1")
    ids = [task.id for task in catalog.tasks().values() if task.skill_id == "L-1"]
    assert (one.tasks, one.scored, one.ran) == (len(ids), 1, 1)
    assert one.score == pytest.approx(50.0 / len(ids))


def test_page_of_several_models_ranks_them():
    page = Page(html_report.render([model("weak", {}), model("strong")]))
    rows = [attributes["data-model"] for attributes in page.all("tr") if "data-model" in attributes]
    assert rows == ["1", "0"]
    assert len([a for a in page.all("section") if a.get("class") == "model"]) == 2


def comparison(*names, verdict="a is ahead"):
    test = {"id": TASK, "method": "McNemar", "n": 9, "p": 0.01, "adjusted": 0.04}
    rows = [{"model": name, "intervals": {"2": [0.25, 0.5]}} for name in names]
    pair = {"model": names[0], "baseline": names[1], "verdict": verdict, "tests": [test]}
    return {"scope": {"kind": "A"}, "models": rows, "pairs": [pair]}


def test_verdicts_tests_and_intervals_of_a_comparison_are_in_the_page():
    models = [{**some_model(), "model": name} for name in ("a", "b")]
    page = Page(html_report.render(models, None, comparison("b", "a")))
    assert page.data["pairs"] == [
        {"of": [0, 1], "verdict": "a is ahead", "tests": {TASK: ["McNemar", 9.0, 0.01, 0.04]}}
    ]
    assert "0.25–0.50" in [text for _, text in page.texts]
    strangers = Page(html_report.render(models, None, comparison("b", "c")))
    assert strangers.data["pairs"] == []
    board = {**comparison("b", "a"), "scope": {"kind": "B"}}
    assert "0.25–0.50" not in html_report.render(models, None, board)


def test_page_of_no_model_is_refused_and_of_a_bare_one_is_not():
    with pytest.raises(GeneralBenchError, match="no model"):
        html_report.render([])
    task = {"id": "X-1", "name": "new", "state": "strange", "value": "inf", "score": float("nan")}
    page = Page(html_report.render([{"model": "m", "tasks": [task]}]))
    assert page.data["models"][0]["rows"][0][:4] == ["inf", None, None, 0.0]


def test_page_replaces_an_earlier_one_only_when_it_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "page.html"
    html_report.write_html(path, [model()])
    before = path.read_bytes()
    monkeypatch.setattr(html_report, "render", lambda *_: "x\ud800")
    with pytest.raises(UnicodeEncodeError):
        html_report.write_html(path, [model()])
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        html_report.write_html(path / "below a file.html", [model()])


# Samples


def test_samples_are_the_first_documents_of_every_log(tmp_path):
    write_log(tmp_path / "m", [line(f"d{i}", f"reply {i}", ap75=0.5) for i in range(5)])
    found = html_report.samples_for_report([tmp_path], per_task=2)
    assert [one["id"] for one in found["tasks"][TASK]] == ["d0", "d1"]
    one = found["tasks"][TASK][1]
    assert (one["prompt"], one["reply"], one["scores"]) == (
        "question d1",
        "reply 1",
        [["ap75", "0.5"]],
    )


def test_the_latest_log_of_a_task_is_read(tmp_path):
    name = catalog.task(TASK).name
    write_log(tmp_path, [line("old")], f"samples_{name}_2025-01-01T00-00-00.000000.jsonl")
    write_log(tmp_path, [line("new")], f"samples_{name}_2026-01-01T00-00-00.000000.jsonl")
    found = html_report.samples_for_report([tmp_path])
    assert [one["id"] for one in found["tasks"][TASK]] == ["new"]


def test_logs_beside_the_results_of_a_model_are_found(tmp_path):
    log = write_log(tmp_path, [line("a")])
    source = str(tmp_path / "results_2026-01-01T00-00-00.000000.json")
    run = Run("m", {TASK: Value(1.0, source=source), "L-1.1": Value(1.0, source=source)})
    assert excerpts.logs_of(run) == [log]


def test_logs_of_lmms_eval_and_with_odd_names_are_found(tmp_path):
    write_log(tmp_path, [line("a")], f"20260101_000000_samples_{catalog.task(TASK).name}.jsonl")
    assert list(html_report.samples_for_report([tmp_path])["tasks"]) == [TASK]
    path = write_log(tmp_path, [line("b")], "renamed.jsonl")
    assert html_report.samples_for_report([path])["tasks"][TASK][0]["id"] == "b"


def test_lines_that_are_cut_off_foreign_or_no_samples_are_left_out(tmp_path):
    path = write_log(tmp_path, [line("a"), [], {"doc": None}, line("a"), line("b")])
    with path.open("a", encoding="utf-8") as file:
        file.write("\n[" * 3 + "[" * 100_000 + "\n" + json.dumps(line("c"))[:50])
    found = html_report.samples_for_report([tmp_path], per_task=9)
    assert [one["id"] for one in found["tasks"][TASK]] == ["a", "b"]


def test_a_log_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(BadResults, match="no sample log"):
        html_report.samples_for_report([tmp_path / "none"])


def picture(path, size=(640, 320), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, 1).save(path)
    return path


def embedded(medium):
    return base64.b64decode(medium["src"].partition(",")[2])


def test_pictures_below_the_roots_become_small_ones(tmp_path):
    file = picture(tmp_path / "data" / "a.png")
    write_log(tmp_path / "logs", [line("a", files=[str(file)])])
    found = html_report.samples_for_report([tmp_path / "logs"], roots=[tmp_path / "data"])
    (medium,) = found["tasks"][TASK][0]["media"]
    assert (medium["of"], medium["kind"], medium["name"]) == ("prompt", "image", "a.png")
    assert medium["src"].startswith("data:image/jpeg;base64,")
    assert Image.open(BytesIO(embedded(medium))).size == (160, 80)


@pytest.mark.parametrize("roots", [True, False])
def test_files_outside_the_roots_are_named_and_not_shown(tmp_path, roots):
    secret = picture(tmp_path / "home" / "secret.png")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "link.png").symlink_to(secret)
    names = [str(secret), "../home/secret.png", str(tmp_path / "data" / "link.png"), "gone.png"]
    target = json.dumps({"image": str(secret)})
    write_log(tmp_path / "logs", [line("a", files=names, target=target)])
    given = [tmp_path / "data"] if roots else []
    one = html_report.samples_for_report([tmp_path / "logs"], roots=given)["tasks"][TASK][0]
    assert [medium["src"] for medium in one["media"]] == [""] * 5
    assert str(tmp_path) not in json.dumps(one)


def test_media_that_cannot_be_decoded_are_told_as_text(tmp_path):
    for name in ("bad.png", "bad.mp4", "bad.npy", "bad.obj"):
        (tmp_path / name).write_bytes(b"nonsense")
    (tmp_path / "big.wav").write_bytes(b"RIFF" + bytes(excerpts.MEDIA_BYTES))
    names = ["bad.png", "bad.mp4", "bad.npy", "big.wav"]
    write_log(tmp_path, [line("a", files=names, reply='{"mesh": "bad.obj"}')])
    media = html_report.samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    assert [medium["name"].partition(" ")[0] for medium in media] == [*names, "bad.obj"]
    by_name = {medium["name"].partition(" ")[0]: medium for medium in media}
    assert by_name["bad.png"]["src"] == by_name["big.wav"]["src"] == ""
    assert "(" in by_name["bad.png"]["name"] and "(" not in by_name["big.wav"]["name"]


def test_boxes_of_target_and_reply_are_drawn_into_the_picture(tmp_path):
    Image.new("RGB", (320, 320), "white").save(tmp_path / "a.png")
    reply, target = "[[160, 160, 100, 100]]", '{"bird": [[20, 20, 100, 100]]}'
    one = line("a", reply, ["a.png"], target)
    one["doc"] |= {"options": '["bird"]', "extra": "{}"}
    write_log(tmp_path, [one, line("b", "?", ["a.png"], '"no boxes"')])
    samples = html_report.samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK]
    picture = Image.open(BytesIO(embedded(samples[0]["media"][0]))).convert("RGB")
    # Boxes are scaled by 160 / 320: the left upper corners are at 10 and at 80.
    blue, orange, white = (picture.getpixel((x, x)) for x in (10, 80, 150))
    assert blue[2] > blue[0] + 80 and orange[0] > orange[2] + 80 and min(white) > 240
    assert samples[0]["media"][0]["name"] == "a.png (target blue, reply orange)"
    assert samples[1]["media"][0]["name"] == "a.png"


def test_short_sounds_are_embedded_whole(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF1234")
    write_log(tmp_path, [line("a", reply='{"audio": "a.wav"}')])
    (medium,) = html_report.samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0][
        "media"
    ]
    assert (medium["of"], medium["kind"]) == ("reply", "audio")
    assert embedded(medium) == b"RIFF1234" and medium["src"].startswith("data:audio/wav;")


def clip(path, codec):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for i in range(8):
            frame = np.full((32, 32, 3), 30 * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode(None))
    return path


def test_videos_are_embedded_if_browsers_play_them_and_else_one_frame_is(tmp_path):
    clip(tmp_path / "a.webm", "libvpx")
    clip(tmp_path / "b.mp4", "mpeg4")
    write_log(tmp_path, [line("a", files=["a.webm", "b.mp4"])])
    media = html_report.samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    assert [medium["kind"] for medium in media] == ["video", "video"]
    assert media[0]["src"].startswith("data:video/webm;base64,")
    assert embedded(media[0]) == (tmp_path / "a.webm").read_bytes()
    assert Image.open(BytesIO(embedded(media[1]))).size == (32, 32)


def test_depth_and_class_maps_are_stretched_to_what_can_be_seen(tmp_path):
    np.save(tmp_path / "depth.npy", np.linspace(0.5, 3, 64).reshape(8, 8))
    Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 9).save(tmp_path / "deep.png")
    Image.fromarray((np.arange(64, dtype=np.uint8) // 16).reshape(8, 8)).save(tmp_path / "c.png")
    for name in ("depth.npy", "deep.png", "c.png"):
        grey = np.asarray(Image.open(BytesIO(excerpts.thumbnail(tmp_path / name, "image"))))
        assert grey.min() < 20 and grey.max() > 235


def test_of_many_frames_a_few_from_all_over_are_shown(tmp_path):
    names = [picture(tmp_path / "frames" / f"{i:02}.jpg", (8, 8)).name for i in range(10)]
    write_log(tmp_path, [line("a", files=[f"frames/{name}" for name in names])])
    media = html_report.samples_for_report([tmp_path], roots=[tmp_path])["tasks"][TASK][0]["media"]
    shown = [medium["name"] for medium in media]
    assert shown == ["frames/00.jpg", "frames/03.jpg", "frames/06.jpg", "frames/09.jpg"]


def test_samples_stay_within_their_bytes_and_tasks_share_them(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(3):
        noise = rng.integers(0, 256, (80, 80, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
    write_log(tmp_path, [line(f"d{i}", files=[f"{i}.png"]) for i in range(3)])
    other = {**line("other"), "doc": {**line("other")["doc"], "gb_task": "L-1.1"}}
    write_log(tmp_path, [other], f"samples_{catalog.task('L-1.1').name}_2026.jsonl")
    found = html_report.samples_for_report([tmp_path], limit_bytes=10_000, roots=[tmp_path])
    assert len(json.dumps(found, ensure_ascii=False)) < 10_500
    assert set(found["tasks"]) == {TASK, "L-1.1"}
    shown = [bool(one["media"][0]["src"]) for one in found["tasks"][TASK]]
    assert shown == [True, False, False]
    assert html_report.samples_for_report([tmp_path], limit_bytes=10)["left_out"] == 4
    few = html_report.samples_for_report([tmp_path], most=1)
    assert sum(map(len, few["tasks"].values())) == 1 and few["left_out"] == 3
