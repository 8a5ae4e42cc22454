"""One server and one browser for all browser tests; a visitor each test.

The server runs as it ships, with the default encoder; only the cold server beside it takes the quick one.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from drift_core.regions.encoding import DEFAULT_ENCODER
from scripts.running_app import find_browser, launch, serve
from tests.e2e.visitor import Visitor, new_visitor

expect.set_options(timeout=60_000)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    try:
        find_browser()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("server"), encoder=DEFAULT_ENCODER) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, app: str) -> Iterator[Callable[..., Visitor]]:
    """Make a visitor: a browser profile of their own."""
    visitors: list[Visitor] = []

    def make(**look: object) -> Visitor:
        visitors.append(new_visitor(chromium, app, **look))  # type: ignore[arg-type]
        return visitors[-1]

    yield make
    for each in visitors:
        each.page.context.close()
