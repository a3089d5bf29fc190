"""The rating page driven by the keyboard: two raters, a reload in between, and the tables they export."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lm_eval_generalbench.cli import main
from lm_eval_generalbench.reports import rating
from lm_eval_generalbench.reports.rating import Asked
from tests.reports import rated
from tests.reports.browser import Browser, needs_chromium
from tests.reports.rated import SPOKEN
from tests.reports.test_html_in_chromium import CONTRAST
from tests.reports.test_rating import ANN, BOB, by_hand, data

pytestmark = needs_chromium
ENTER, LEFT, RIGHT = "\ue007", "\ue012", "\ue014"
WAIT = 20  # seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("rated")
    rated.ran(made)
    (log,) = (made / "out").rglob("samples_*multimodal_tts_*.jsonl")
    for name, given in (("sounds", [log]), ("both", [made / "out"])):
        assert rating.write(made / f"{name}.html", Asked(given)) == 0
    assert rating.write(made / "beside.html", Asked([made / "out"]), embedded=0) == 0
    return made


@pytest.fixture(scope="module")
def chromium(tmp_path_factory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


def press(browser: Browser, *keys: str) -> None:
    """Keys without a mouse, to whatever has the focus."""
    for key in keys:
        browser.js("return document.activeElement").send_keys(key)


def until(browser: Browser, script: str) -> object:
    end = time.monotonic() + WAIT
    while not (found := browser.js(f"return {script}")):
        assert time.monotonic() < end, f"{script} never came true"
        time.sleep(0.02)
    return found


def shown(browser: Browser) -> str:
    """The document that is on the page, by its prompt."""
    return browser.texts("#prompt")[0].partition("Say ")[2].rstrip(".")


def heard(browser: Browser) -> None:
    """Play what is on the page until it may be rated."""
    press(browser, " ")
    until(browser, "document.getElementById('hint').textContent === ''")


def begin(browser: Browser, name: str) -> None:
    press(browser, name, ENTER)


def rate(browser: Browser, given: dict[str, int], count: int) -> list[str]:
    order = []
    for _ in range(count):
        order.append(shown(browser))
        heard(browser)
        press(browser, str(given[order[-1]]))
    return order


def exported(browser: Browser, folder: Path) -> Path:
    folder.mkdir()
    browser.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    press(browser, "e")
    end = time.monotonic() + WAIT
    while not (found := list(folder.glob("*.csv"))):
        assert time.monotonic() < end, "nothing was exported"
        time.sleep(0.05)
    return found[0]


def test_two_raters_with_the_keyboard_a_reload_and_the_score(chromium, folder, tmp_path):
    page = folder / "sounds.html"
    chromium.open(page)
    begin(chromium, "Ann")
    before = rate(chromium, ANN, 4)
    chromium.driver.refresh()
    begin(chromium, "Ann")
    assert chromium.texts("#progress")[0].endswith("4 rated")
    after = rate(chromium, ANN, 6)
    assert sorted(before + after) == sorted(ANN)
    assert chromium.texts("#done-title") == ["All is rated"]
    tables = [exported(chromium, tmp_path / "ann")]
    chromium.picture("rating-done")
    chromium.one("#change").send_keys(ENTER)
    begin(chromium, "Bob")
    assert rate(chromium, BOB, 10) != before + after, "each rater has an order"
    tables.append(exported(chromium, tmp_path / "bob"))
    assert chromium.complaints() == []
    assert {url for url in chromium.requests() if not url.startswith("blob:")} == {page.as_uri()}
    for path, name in zip(tables, ("Ann", "Bob"), strict=True):
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert len(rows) == 10 and {row["rater"] for row in rows} == {name}
        assert {row["task"] for row in rows} == {SPOKEN} and all(
            row["time"][-1] == "Z" for row in rows
        )
    out = tmp_path / "scored"
    argv = ["score", str(folder / "out"), "--output_path", str(out), "--ratings", *map(str, tables)]
    assert main(argv) == 0
    by_hand(rated.entry(out, SPOKEN))


def test_nothing_is_rated_unheard_and_a_mind_can_be_changed(chromium, folder):
    chromium.open(folder / "sounds.html")
    begin(chromium, "Cay")
    first = shown(chromium)
    press(chromium, "4")
    assert shown(chromium) == first and "Play it first" in chromium.texts("#hint")[0]
    heard(chromium)
    press(chromium, "4")
    assert shown(chromium) != first
    press(chromium, LEFT)
    assert shown(chromium) == first
    pressed = "#scale button[aria-pressed=true]"
    assert chromium.texts(pressed)[0].startswith("4  Good")
    press(chromium, "2", LEFT)
    assert chromium.texts(pressed)[0].startswith("2  Poor")
    press(chromium, RIGHT)
    assert not chromium.all(pressed)
    assert chromium.complaints() == []


def test_preferences_are_of_the_answer_whatever_side_it_is_on(chromium, folder, tmp_path):
    found = data(folder / "both.html")
    own = {item[1]: found["media"][item[4][0]]["src"] for item in found["items"]}
    chromium.open(folder / "both.html")
    begin(chromium, "Dan")
    wanted = {}
    for _ in range(13):  # once through the order
        prompt = chromium.texts("#prompt")[0]
        if "cartoon" not in prompt:
            press(chromium, RIGHT)
            continue
        assert chromium.texts("#answers figcaption") == ["A", "B"]
        assert chromium.all("#given video")
        press(chromium, " ")
        until(chromium, "document.querySelectorAll('#answers video')[0].played.length > 0")
        press(chromium, "q", "w")
        until(chromium, "document.getElementById('hint').textContent === ''")
        chromium.picture("rating-pair", whole=True)
        left = chromium.js("return document.querySelector('#answers video').src")
        document = prompt.partition("cartoon ")[2].rstrip(".")
        wanted[document] = "1" if left == own[document] else "0"
        if document == "v1":
            wanted[document] = "0.5"
        press(chromium, "t" if document == "v1" else "a")
    path = exported(chromium, tmp_path / "dan")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {row["document"]: row["rating"] for row in rows} == wanted and len(wanted) == 3
    assert set(wanted.values()) == {"0", "0.5", "1"}, "this rater sees either on the left"
    assert {row["against"] for row in rows} == {"reference"}
    assert chromium.complaints() == []


def test_media_beside_the_page_play_too(chromium, folder):
    page = folder / "beside.html"
    chromium.open(page)
    begin(chromium, "Eve")
    press(chromium, " ")
    until(
        chromium,
        "[...document.querySelectorAll('#answers audio, #answers video')].some((x) => x.played.length)",
    )
    assert chromium.complaints() == []
    assert all(url.startswith(folder.as_uri()) for url in chromium.requests())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_a_phone_needs_no_sideways_scrolling(chromium, folder, scheme):
    chromium.open(folder / "both.html")
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chromium.command("Emulation.setEmulatedMedia", features=features)
    assert chromium.js(CONTRAST) == []
    chromium.picture(f"rating-start-{scheme}")
    begin(chromium, "Fay")
    assert chromium.js(CONTRAST) == []
    chromium.picture(f"rating-{scheme}", whole=True)
    chromium.size(360, 740)
    assert chromium.js("return document.documentElement.scrollWidth") == 360
    chromium.command("Emulation.setEmulatedMedia", features=[])
