"""The app as a visitor's browser sees it: one server, a Chromium of this machine, and when a page has settled.

Used by the browser tests and by the script that takes the documentation's pictures.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from playwright.sync_api import Browser, Error, Page, Playwright, TimeoutError

ROOT = Path(__file__).parents[1]
STREAMLIT = ("streamlit", "run", "app.py", "--server.headless", "true", "--server.port", "{port}")
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")  # the first takes a fifth less
NO_BROWSER = (
    f"no browser was found ({', '.join(BROWSERS)}, or Playwright's own). Get one: apt-get install "
    "chromium-headless-shell, or .venv/bin/playwright install --with-deps --only-shell chromium"
)
# Chromium itself must ask no host for anything, or nobody could tell its requests from the app's.
BROWSER_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PAGES = {
    "start": "/",
    "samples": "/samples",
    "spread": "/spread",
    "overlap": "/overlap",
    "regions": "/regions",
    "verdict": "/verdict",
    "retrain": "/retrain",
    "rescore": "/rescore",
    "comparison": "/comparison",
    "review": "/review",
    "canary": "/canary",
    "gate": "/gate",
    "card": "/card",
    "costs": "/costs",
}
BESIDE_THE_STEPS = {"present": "/present"}  # no step of the list; a button leads there
START_SECONDS = 120  # a loaded machine takes long to import; a quiet one needs five
SETTLE_SECONDS = 400  # the first map of a server compiles its code, which a loaded machine does in minutes
CLICK_SECONDS = 60  # a link that has led nowhere for so long was not hit
QUIET_MS = 250  # a page that has not moved for so long is done
POLL_MS = 100  # looked at in every frame, a page would be drawn sixty times a second
_SETTLED = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && document.querySelector('h1, [data-testid="stException"]')
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"], [data-testid="stProgress"]')
    && !document.querySelector('[data-testid="stVegaLiteChart"]:not(:has(svg, canvas))')
    && !document.getAnimations().length;
}
"""


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium without a window, else the one that Playwright has fetched, or say how to get one."""
    own = playwright.chromium.executable_path if Path(playwright.chromium.executable_path).is_file() else None
    found = next((path for name in BROWSERS if (path := shutil.which(name))), own)
    try:
        return playwright.chromium.launch(executable_path=found, args=list(BROWSER_ARGS))  # None: Playwright's shell
    except Error as error:
        if found is None and "Executable doesn't exist" in error.message:
            raise FileNotFoundError(NO_BROWSER) from error
        raise


@contextmanager
def serve(
    folder: Path,
    *,
    encoder: str,
    command: Sequence[str] = STREAMLIT,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """Serve the app with its cache and data in a folder; yields its address and ends it afterwards."""
    port = _free_port()
    chosen = {"DISTILLATION_DRIFT_ENCODER": encoder, "OMP_NUM_THREADS": "2"}
    chosen |= {"OPENBLAS_NUM_THREADS": "1"}  # threads that wait for one another take what many visitors need
    chosen |= {"XDG_CACHE_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    log = folder / "server.log"
    words = [sys.executable, "-m", *(word.format(port=port) for word in command)]
    with log.open("wb") as out:
        server = subprocess.Popen(words, cwd=ROOT, env=os.environ | chosen | environment, stdout=out, stderr=out)
        try:
            address = f"http://localhost:{port}"
            wait_until_up(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def settle(page: Page) -> None:
    """Wait until the page's script has ended, everything it drew is on screen, and nothing moves any more."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        page.wait_for_function(_SETTLED, timeout=SETTLE_SECONDS * 1000, polling=POLL_MS)
        seen = _look(page)
        page.wait_for_timeout(QUIET_MS)
        if page.evaluate(_SETTLED) and _look(page) == seen:
            return
    raise TimeoutError(f"{page.url} did not settle in {SETTLE_SECONDS} seconds.")


def open_page(page: Page, address: str, name: str, **settings: str) -> None:
    """Open a page by its own address and wait until it has settled."""
    query = "&".join(f"{key}={value}" for key, value in settings.items())
    page.goto(f"{address}{(PAGES | BESIDE_THE_STEPS)[name]}" + (f"?{query}" if query else ""))
    settle(page)


def go_to(page: Page, name: str) -> None:
    """Go to a page through the step list, as a visitor does; where a narrow screen hides the list, it closes again."""
    links = page.locator('[data-testid="stSidebar"] [data-testid="stPageLink"] a')
    target = links.nth(list(PAGES).index(name))
    opener = page.get_by_test_id("stExpandSidebarButton")
    opened = opener.is_visible()
    if opened:
        opener.click()
    there = re.compile(f"{re.escape(PAGES[name])}(\\?.*)?$")
    target.click()
    try:
        page.wait_for_url(there, timeout=CLICK_SECONDS * 1000)
    except TimeoutError:  # the list was drawn anew under the mouse; a visitor clicks again
        target.click()
        page.wait_for_url(there)
    settle(page)
    if opened:
        opener.wait_for(state="visible")


def _look(page: Page) -> tuple[int, ...]:
    """What changes while a page is being drawn: its height, its number of parts, the pictures in it."""
    return tuple(
        page.evaluate(
            """() => [document.querySelector('[data-testid="stMain"]').scrollHeight,
            document.querySelectorAll('[data-testid="stMain"] *').length]"""
        )
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server answers, or say what it wrote."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The app did not start:\n{log.read_text(errors='replace')[-2000:]}")
