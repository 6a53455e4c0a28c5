"""A person at a real browser, before a platform that runs in this process."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from greensilk.web.platform import Platform

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "javascript" / "node_modules" / "axe-core" / "axe.min.js"
SCRIPTS = ROOT / "src" / "greensilk" / "web" / "static" / "js"
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WIDTHS = {"wide": 1440, "narrow": 375}
HEIGHT = 900
PATIENCE_MS = 90_000  # a rating of the example, or the first map of a machine, while it does other work too


def needed(path: Path, reason: str) -> None:
    """Skips a test where something is not installed; fails it where everything has to be."""
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def needs_scripts() -> None:
    """Skips a test where the JavaScript of pages is not installed."""
    needed(SCRIPTS / "htmx.min.js", "needs the JavaScript that an installation with npm's registry in reach puts there")


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium, drawing without a graphics card."""
    needed(CHROMIUM, "needs Debian's chromium at /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", *SOFTWARE_GL])
        yield found
        found.close()


@contextmanager
def served_here(folder: Path, sqlite_file: Path, *, worker: bool = False) -> Iterator[tuple[str, Platform]]:
    """A platform on an empty database of its own, on a port that is free: its address, and what its requests share."""
    import uvicorn

    from greensilk.jobs.worker import work
    from greensilk.store.opening import SQLITE_FILE
    from greensilk.web.app import create_app
    from greensilk.web.settings import Settings

    shutil.copy(sqlite_file, folder / SQLITE_FILE)
    app = create_app(Settings(folder))
    platform, stop = app.state.platform, threading.Event()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    answers = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    works = threading.Thread(target=work, args=(platform.store, platform.vault, stop, "test"), daemon=True)
    answers.start()
    if worker:
        works.start()
    while not server.started:
        assert answers.is_alive()
        answers.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", platform
    stop.set()
    if worker:
        works.join()
    server.should_exit = True
    answers.join()


@dataclass
class Reader:
    """A person at a page, and what the page complained of: errors, dialogs, requests to other hosts."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("a dialog"), dialog.dismiss()))
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.base}/", "data:", "blob:")):
            self.complaints.append(f"asked {url}")

    def words(self) -> str:
        """What stands on the page."""
        return self.page.locator("body").inner_text()

    def faults(self) -> list[str]:
        """What axe calls serious or worse."""
        needed(AXE, "needs axe-core, which an installation with npm's registry in reach puts there")
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")
        ]

    def sound(self, where: str = "[^ ]*") -> None:
        """Checks the page, wide and narrow: no fault, nothing sideways. where: its address after the host"""
        self.page.wait_for_url(re.compile(f"{re.escape(self.base)}{where}$"))
        for width in WIDTHS.values():
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            assert self.page.evaluate("document.documentElement.scrollWidth") <= width, f"{self.page.url} at {width}"
            assert self.faults() == [], f"{self.page.url} at {width}"
        self.page.set_viewport_size({"width": WIDTHS["wide"], "height": HEIGHT})


def signed_in(browser: Browser, base: str, token: str, lang: str, width: int = WIDTHS["wide"]) -> Page:
    """An empty page of a browser of its own, for somebody who is signed in. token: of the session"""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT})
    cookies = {"greensilk": token, "lang": lang}
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    return context.new_page()
