import functools
import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.reports import html as html_report
from lm_eval_generalbench.reports.markup import shown
from tests.reports.examples import HOSTILE, TASK, Page, comparison, model

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


def sample(**changed):
    one = dict.fromkeys(("id", "prompt", "reply", "target"), "")
    one |= {"scores": [], "unparsed": False, "broken": False, "media": []}
    return {"tasks": {TASK: [{**one, **changed}]}, "left_out": 0, "media": False}


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
    assert hostile.data["samples"][0][TASK][0]["scores"] == [[shown(text)] * 2]
    visible = "".join(inside for tag, inside in hostile.texts if tag != "script")
    assert not set("\x1b\u202e\x07") & set(visible + json.dumps(hostile.data, ensure_ascii=False))


def test_page_of_several_models_ranks_them():
    page = Page(html_report.render([model("weak", {}), model("strong")]))
    rows = [attributes["data-model"] for attributes in page.all("tr") if "data-model" in attributes]
    assert rows == ["1", "0"]
    assert len([a for a in page.all("section") if a.get("class") == "model"]) == 2


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
    monkeypatch.setattr(html_report, "render", lambda *_: 5)
    with pytest.raises(TypeError):
        html_report.write_html(path, [model()])
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]
    with pytest.raises(GeneralBenchError, match="cannot be written"):
        html_report.write_html(path / "below a file.html", [model()])
