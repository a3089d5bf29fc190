"""Chromium without a screen, for tests of pages; tests that need it are skipped where it is missing."""

import base64
import json
import os
import shutil
from pathlib import Path

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium and chromium-driver, which Debian has"
)

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900"),
)


class Browser:
    """Chromium with one page, and what it complained about or asked the network for."""

    def __init__(self, profile: Path):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(DRIVER, env={**os.environ, "SE_OFFLINE": "true"})
        self.driver = webdriver.Chrome(options=options, service=service)
        self.js("return 0")

    def js(self, script: str, *given: object) -> object:
        return self.driver.execute_script(script, *given)

    def command(self, name: str, **given: object) -> dict:
        return self.driver.execute_cdp_cmd(name, given)

    def size(self, width: int, height: int) -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    def open(self, page: Path) -> None:
        self.size(1280, 900)
        self.driver.get(page.as_uri())
        self.js("localStorage.clear()")
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.refresh()

    def one(self, selector: str) -> object:
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list:
        return self.driver.find_elements("css selector", selector)

    def type(self, selector: str, *keys: str) -> None:
        self.one(selector).send_keys(*keys)

    def choose(self, selector: str, value: str) -> None:
        script = "arguments[0].value = arguments[1]; for (const kind of ['input', 'change'])"
        script += "arguments[0].dispatchEvent(new Event(kind, {bubbles: true}))"
        self.js(script, self.one(selector), value)

    def texts(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
        return list(self.js(script, selector))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses that were asked for, those inside the page left out."""
        asked = []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
        return [url for url in asked if not url.startswith("data:")]

    def picture(self, name: str, whole: bool = False) -> None:
        ARTIFACTS.mkdir(exist_ok=True)
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        (ARTIFACTS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
