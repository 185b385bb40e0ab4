"""A page in a real Chromium, driven by its own chromedriver; nothing of it reaches a network."""

from __future__ import annotations

import json
import pathlib
import shutil
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, DRIVER = "chromium", "chromedriver"
#: A resolver that knows no name, a proxy that is not there: what the page asked for would be in the log as an error.
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # which root cannot have
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:1",
    "--window-size=1280,900",
)


class Browser:
    """Chromium with one page in it. Sizes are in CSS pixels."""

    def __init__(self) -> None:
        options = Options()
        options.binary_location = shutil.which(CHROMIUM) or ""
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which(DRIVER)))

    def open(self, page: pathlib.Path) -> None:
        self.driver.get(page.as_uri())

    def close(self) -> None:
        self.driver.quit()

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def complaints(self) -> list[str]:
        """What Chromium has to say against the page, such as errors of the script and what the policy has blocked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the last time."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def emulate(self, width: int, height: int, mobile: bool, scheme: str) -> None:
        """A screen of a size, and the user's choice between light and dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )


def missing() -> str:
    """Why there is no browser here; empty where there is one."""
    lacking = [name for name in (CHROMIUM, DRIVER) if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not installed (apt-get install chromium chromium-driver)" if lacking else ""


needed = pytest.mark.skipif(bool(missing()), reason=missing())
