"""The page of a real run, driven in a browser. Screenshots go to artifacts/."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, levels, paths
from lm_eval_generalbench.harness import run
from lm_eval_generalbench.reports import excerpts, schema
from lm_eval_generalbench.reports import html as html_report
from lm_eval_generalbench.runs import results
from tests.reports.browser import ARTIFACTS, Browser, needs_chromium
from tests.reports.examples import clip, comparison, model

pytestmark = needs_chromium

FILMED = "generalbench_video_comprehension_video_event_relation_prediction"
TASKS = (  # of the demo: pictures, sound, video, 3D, masks, text
    "generalbench_image_comprehension_bird_detection",
    "generalbench_image_comprehension_animal_image_matting",
    "generalbench_image_comprehension_car_brands_recognition",
    FILMED,
    "generalbench_audio_comprehension_bird_sound_detection",
    "generalbench_3d_comprehension_3d_tableware_classification",
    "generalbench_nlp_causal_reasoning",
    "generalbench_nlp_code_repair",
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of a real run with its samples, of it beside another model, and of hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    output = folder / "results"
    status = run.run(
        [
            *("--model", "generalbench-naive", "--tasks", ",".join(TASKS), "--log_samples"),
            *("--output_path", str(output)),
            *("--metadata", json.dumps({"gb_root": str(paths.demo_root())})),
        ]
    )
    assert status == 0
    found = results.read_one([output])
    one = schema.to_json(found, levels.of_run(found))
    samples = excerpts.samples_for_report([output], roots=[paths.demo_root()])
    film = clip(folder / "made.webm", "libvpx").read_bytes()  # the demo's are of another codec
    src = f"data:video/webm;base64,{base64.b64encode(film).decode()}"
    media = samples["tasks"][catalog.task(FILMED).id][0]["media"]
    media.append({"of": "reply", "kind": "video", "name": "made.webm", "src": src})
    other = model("another model", {task.id: 1.0 for task in list(catalog.tasks().values())[::9]})
    name = (
        "<img src=x onerror=document.title='taken'></script><script>document.title='taken'</script>"
    )
    id = catalog.task(TASKS[0]).id
    texts = dict.fromkeys(("id", "prompt", "reply", "target"), name) | {"scores": [[name, name]]}
    media = [{"of": "reply", "kind": "image", "name": name, "src": "javascript:alert(1)"}]
    logs = {"tasks": {id: [{**texts, "unparsed": True, "broken": True, "media": media}]}}
    written = {
        "one": ([one], samples),
        "several": (
            [one, other, model("third", {})],
            [samples],
            comparison("generalbench-naive", "another model", verdict="It is ahead."),
        ),
        "hostile": ([{**one, "model": name, "warnings": [name]}, {**other, "model": name}], logs),
    }
    for key, given in written.items():
        html_report.write_html(folder / f"{key}.html", *given)
    return {key: folder / f"{key}.html" for key in written}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture
def page(chromium: Browser, pages: dict[str, Path]) -> Iterator[Browser]:
    """The page of one model; afterwards nothing was complained about or asked for."""
    chromium.open(pages["one"])
    yield chromium
    assert chromium.complaints() == []
    assert chromium.requests() == [pages["one"].as_uri()]


@pytest.fixture
def compared(chromium: Browser, pages: dict[str, Path]) -> Iterator[Browser]:
    chromium.open(pages["several"])
    yield chromium
    assert chromium.complaints() == []
    assert chromium.requests() == [pages["several"].as_uri()]


def titles(browser: Browser) -> list[str]:
    return browser.texts("#task-table tbody th .open")


def test_search_finds_by_title_id_skill_and_metric(page):
    assert page.texts("#count")[0].startswith("699 of 699 tasks, ")
    page.type("#search", "animal image MATT")
    assert titles(page) == ["Animal Image Matting"]
    page.one("#filters button[type=reset]").click()
    page.type("#search", "L-1.2")
    assert "Causal Reasoning" in titles(page)
    page.picture("search")


def test_filters_work_together_and_tell_how_many_are_left(page):
    page.choose("#modality", "audio")
    count = sum(task.modality == "audio" for task in catalog.tasks().values())
    assert page.texts("#count")[0].startswith(f"{count} of 699 tasks")
    page.choose("#state", "3")
    assert titles(page) == ["Bird Sound Detection"]
    page.choose("#win", "1")
    assert titles(page) == [] and page.texts("#count")[0].startswith("0 of 699 tasks")
    page.js("document.getElementById('filters').reset()")
    page.choose("#skill", "L-1")
    skill = [task for task in catalog.tasks().values() if task.skill_id == "L-1"]
    assert sorted(titles(page)) == sorted(task.title for task in skill)
    page.js("document.getElementById('filters').reset()")
    page.one("#sampled").click()
    assert sorted(titles(page)) == sorted(catalog.task(name).title for name in TASKS)


def test_heads_sort_both_ways_and_say_so(page):
    head = page.all("#task-table thead button")[0]
    head.click()
    up = titles(page)
    assert up == sorted(up, key=str.lower)[: len(up)]
    assert page.all("#task-table thead th")[0].get_attribute("aria-sort") == "ascending"
    head.click()
    assert page.all("#task-table thead th")[0].get_attribute("aria-sort") == "descending"
    assert titles(page)[0] > up[-1]
    page.all("#task-table thead button")[4].send_keys("\ue007")  # Enter, by keyboard
    scores = [
        float(text) for text in page.texts("#task-table tbody td:nth-child(5)") if text != "–"
    ]
    assert scores == sorted(scores, reverse=True) and len(scores) >= 4


def test_more_tasks_come_on_demand(page):
    assert len(titles(page)) == 25
    page.all("#task-more button")[1].click()
    assert len(titles(page)) == 699 and not page.all("#task-more button")


def test_filtering_all_tasks_is_fast(page):
    script = """document.querySelectorAll('#task-more button')[1].click();
    const box = document.getElementById('search'), start = performance.now();
    for (const text of ['a', 'ab', '', 'image']) {
      box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); }
    return (performance.now() - start) / 4;"""
    assert page.js(script) < 250  # milliseconds; about 5 on a free machine


def test_theme_goes_from_auto_to_light_to_dark_and_stays(page):
    ground = "return getComputedStyle(document.body).backgroundColor"
    theme = page.one("#theme")
    theme.click()
    light = page.js(ground)
    theme.click()
    assert theme.text == "Theme: dark" and page.js(ground) != light
    page.picture("dark", whole=True)
    page.driver.refresh()
    assert page.one("#theme").text == "Theme: dark"
    page.one("#theme").click()
    assert page.one("#theme").text == "Theme: auto"
    page.driver.get_log("performance")  # the second loading
    page.command("Emulation.setEmulatedMedia", features=[])
    page.driver.refresh()


def test_dark_is_taken_from_the_system(page):
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = page.js(ground)
    page.command("Emulation.setEmulatedMedia", features=dark)
    assert page.js(ground) != light
    page.command("Emulation.setEmulatedMedia", features=[])


def show(browser: Browser, name: str) -> None:
    title = catalog.task(name).title
    browser.js("document.getElementById('filters').reset()")
    browser.one("#search").clear()
    browser.type("#search", catalog.task(name).id)
    next(one for one in browser.all("#task-table .open") if one.text == title).click()


def test_samples_show_prompt_reply_target_score_and_pictures(page):
    show(page, "generalbench_image_comprehension_animal_image_matting")
    assert page.texts("#detail-title") == ["Animal Image Matting"]
    assert page.js("return document.getElementById('detail').open")
    first = page.all("#detail .sample")[0].text
    for word in ("Document", "Prompt", "Reply", "Target", "sad"):
        assert word in first
    widths = page.js(
        "return [...document.querySelectorAll('#detail img')].map((i) => i.naturalWidth)"
    )
    assert widths and all(0 < width <= 160 for width in widths)
    page.picture("samples")
    page.type("#close", "\ue00c")  # Escape
    assert not page.js("return document.getElementById('detail').open")
    focused = "return document.activeElement.textContent"
    assert page.js(focused) == "Animal Image Matting"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("generalbench_audio_comprehension_bird_sound_detection", "audio"),
        (FILMED, "video"),
        ("generalbench_3d_comprehension_3d_tableware_classification", "img"),
    ],
)
def test_sound_video_and_3d_can_be_seen_and_heard(page, name, kind):
    show(page, name)
    assert page.all(f"#detail .media {kind}")
    script = """const [element, done] = arguments, ready = () => done('');
    if (element.complete || element.readyState > 0) done('');
    if (element.error) done(element.error.message);
    element.onload = element.onloadedmetadata = ready;
    element.onerror = () => done(element.error ? element.error.message : 'broken');"""
    element = page.one(f"#detail .media {kind}")
    page.driver.set_script_timeout(10)
    assert page.driver.execute_async_script(script, element) == ""
    page.picture(f"samples-{kind}")


def test_next_task_follows_the_order_of_the_list(page):
    first, second = titles(page)[:2]
    page.all("#task-table .open")[0].click()
    assert not page.one("#before").is_enabled()
    page.one("#after").click()
    assert page.texts("#detail-title") == [second]
    page.one("#before").click()
    assert page.texts("#detail-title") == [first]


def test_a_skill_is_reached_by_keyboard_and_lists_its_tasks(page):
    stops = page.all(".skill[tabindex='0']")
    assert len(stops) == 1
    stops[0].send_keys("\ue014")  # right
    told = page.js("return document.activeElement.getAttribute('aria-label')")
    assert told == page.all(".skill")[1].get_attribute("aria-label")
    assert page.texts(".readout") == [told]
    page.js("return document.activeElement").send_keys("\ue007")
    skill = page.all(".skill")[1].get_attribute("data-skill")
    assert page.js("return document.getElementById('skill').value") == skill
    assert page.texts("#count")[0].split()[0] == str(
        sum(task.skill_id == skill for task in catalog.tasks().values())
    )


@pytest.mark.parametrize("key", ["one", "several"])
def test_a_phone_needs_no_sideways_scrolling(chromium, pages, key):
    chromium.open(pages[key])
    chromium.size(360, 740)
    assert chromium.js("return document.documentElement.scrollWidth") == 360
    chromium.picture(f"phone-{key}", whole=True)
    chromium.all("#task-table .open")[0].click()
    script = "const d = document.getElementById('detail'); return d.scrollWidth <= d.clientWidth"
    assert chromium.js(script)
    chromium.picture(f"phone-{key}-task")
    assert chromium.complaints() == []


def test_print_shows_all_tasks_on_white(page):
    page.js("document.documentElement.dataset.theme = 'dark'")
    sheet = page.command("Page.printToPDF", printBackground=True)
    pdf = base64.b64decode(sheet["data"])
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / "print.pdf").write_bytes(pdf)
    assert pdf.count(b"/Type /Page\n") > 5
    assert len(titles(page)) == 25  # as before


# Lightness as WCAG 2.2 defines it for contrast.
CONTRAST = """
const lum = (c) => { const v = c.map((x) => x / 255).map((x) => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
  return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
  if (getComputedStyle(e).backgroundColor.startsWith("rgb") && (c.length < 4 || c[3] === 1)) return c.slice(0, 3); } return [255, 255, 255]; };
const bad = [];
for (const e of document.querySelectorAll("body *")) {
  if (e.closest("script, style, option, .skip, button:disabled") || !e.getClientRects().length) continue;
  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
  const style = getComputedStyle(e), fore = parse(e instanceof SVGElement ? style.fill : style.color).slice(0, 3);
  const [a, b] = [lum(fore), lum(ground(e))].sort((x, y) => y - x);
  if ((a + .05) / (b + .05) < 4.5) bad.push(e.tagName + " " + e.className + " " + e.textContent.slice(0, 30));
}
return bad;
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_has_enough_contrast(page, theme):
    page.js("document.documentElement.dataset.theme = arguments[0]", theme)
    assert page.js(CONTRAST) == []
    page.picture(f"page-{theme}", whole=True)
    show(page, TASKS[0])
    assert page.js(CONTRAST) == []


# Several models


def test_verdict_and_tests_belong_to_their_pair(compared):
    assert compared.texts("#pair-verdict") == ["It is ahead."]
    compared.choose("#pair-show", "all")
    heads = compared.texts("#pair-tasks thead button")
    compared.all("#pair-tasks thead button")[heads.index("p")].click()
    first = f"#pair-tasks tbody tr:first-child td:nth-child({heads.index('p') + 1})"
    assert compared.texts(first) == ["0.040McNemar, 0.010 before Holm"]
    compared.choose("#pair-from", "2")
    assert compared.texts("#pair-verdict") == [""]
    assert "p" not in compared.texts("#pair-tasks thead button")


def test_models_are_ranked_and_can_be_chosen(compared):
    names = compared.texts("table.levels tbody th")
    assert sorted(names) == ["another model", "generalbench-naive", "third"]
    compared.choose("#model", "1")
    shown = "return [...document.querySelectorAll('section.model')].map((s) => !s.hidden)"
    assert compared.js(shown) == [False, True, False]
    assert compared.texts("#tasks-title") == ["Tasks of another model"]
    compared.all("table.levels .open")[names.index("third")].click()
    assert compared.js(shown) == [False, False, True]
    heads = compared.all("table.levels thead button")
    heads[2].click()
    cells = compared.all("table.levels tbody td:nth-child(3)")
    scores = [float(cell.get_attribute("data-value")) for cell in cells]
    assert scores == sorted(scores, reverse=True)
    compared.picture("several", whole=True)


def test_wins_gained_and_lost_add_up(compared):
    compared.choose("#pair-from", "1")
    compared.choose("#pair-to", "0")
    compared.choose("#pair-show", "gained")
    gained = len(compared.texts("#pair-tasks tbody th"))
    assert set(compared.texts("#pair-tasks tbody td:nth-child(5) small")) == {"gained"}
    told = compared.texts("#pair-sum")[0]
    assert told.startswith(f"generalbench-naive wins {gained} task") and "loses" in told
    column = compared.texts("#pair-areas tbody td:nth-child(2)")
    assert sum(int(text) for text in column) == gained
    compared.choose("#pair-to", "1")
    assert compared.texts("#pair-sum") == ["Choose two different models."]


def test_hostile_names_and_answers_do_nothing(chromium, pages):
    chromium.open(pages["hostile"])
    show(chromium, TASKS[0])
    assert chromium.js("return document.querySelectorAll('img, iframe, object').length") == 0
    assert chromium.js("return document.scripts.length") == 2
    assert chromium.driver.title.startswith("General-Level of")
    assert "<img src=x" in chromium.texts("#detail pre")[0]
    assert chromium.complaints() == []
    assert chromium.requests() == [pages["hostile"].as_uri()]
    chromium.picture("hostile")
