"""One server with the quick encoder and one browser for all browser tests; a visitor each test.

The walk and the week that alarms have a server as it ships, with the default encoder.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from drift_core.regions.encoding import DEFAULT_ENCODER, HASHING_ENCODER
from scripts.running_app import SETTLE_SECONDS, launch, serve
from tests.e2e.visitor import Visitor, new_visitor

expect.set_options(timeout=SETTLE_SECONDS * 1000)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with started_playwright() as playwright:
        try:
            browser = launch(playwright)
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield browser
        browser.close()


@contextmanager
def started_playwright() -> Iterator[Playwright]:
    """Start what drives the browser, or leave these tests out where a library that it needs is not installed."""
    asked = [sys.executable, "-m", "playwright", "--version"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode:
        reason = " ".join(found.stderr.split())[-200:]
        pytest.skip(f"what drives the browser does not start: {reason}. On Debian get it: apt-get install libatomic1")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory, kept_embeddings: Path) -> Iterator[str]:
    cache = {"XDG_CACHE_HOME": str(kept_embeddings)}
    with serve(tmp_path_factory.mktemp("server"), encoder=DEFAULT_ENCODER, environment=cache) as address:
        yield address


@pytest.fixture(scope="package")
def quick_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("quick"), encoder=HASHING_ENCODER) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, app: str) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: a browser profile that nobody else is in."""
    with visitors(chromium, app) as make:
        yield make


@pytest.fixture
def visit_quick(chromium: Browser, quick_app: str) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor of the server with the quick encoder."""
    with visitors(chromium, quick_app) as make:
        yield make


@contextmanager
def visitors(chromium: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    """Give what makes visitors of a server; they leave at the end, and a test that fails tells what they saw."""
    made: list[Visitor] = []

    def make(**look: object) -> Visitor:
        made.append(new_visitor(chromium, address, **look))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        parts = (each.main.locator("h2"), each.messages, each.tracebacks)
        print(each.page.url, *(part.all_inner_texts() for part in parts), each.faults, sep="\n")
        each.leave()
