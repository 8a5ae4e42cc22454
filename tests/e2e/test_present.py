"""The presentation in a browser: by keys alone, without scrolling at a desk, readable in the light and the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.test_every_page import misfits
from tests.e2e.visitor import Visitor

N_SCREENS = 6
_SCROLLS = """
() => { const main = document.querySelector('[data-testid="stMain"]'); return main.scrollHeight - main.clientHeight; }
"""


def at(visitor: Visitor, number: int) -> None:
    """Wait until this screen is shown and stands in the address."""
    expect(visitor.main).to_contain_text(f"{number} of {N_SCREENS} · ")
    visitor.settle()


@pytest.mark.parametrize("width", [1440, 390])
def test_every_screen_is_reached_by_keys_fits_and_can_be_read(visit_quick: Callable[..., Visitor], width: int) -> None:
    visitor = visit_quick(width=width)
    faults = []

    visitor.open("verdict", scenario="query-drift")
    visitor.press("to_present")
    visitor.page.wait_for_url(re.compile(r"/present(\?.*)?$"))
    for number in range(1, N_SCREENS + 1):
        at(visitor, number)
        faults += [f"{number}: {each}" for each in (*misfits(visitor), *visitor.tracebacks.all_inner_texts())]
        if width == 1440 and (below := visitor.page.evaluate(_SCROLLS)) > 1:
            faults.append(f"{number}: {below} px are below the screen")
        visitor.turn("light")
        visitor.page.keyboard.press("ArrowRight")

    assert "\n".join(faults + visitor.faults) == ""
    assert f"screen={N_SCREENS}" in visitor.page.url
    visitor.page.keyboard.press("ArrowLeft")
    at(visitor, N_SCREENS - 1)
    visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_url(re.compile(r"/verdict(\?.*)?$"))


def test_the_button_fills_the_screen_and_leaves_it_again(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick(width=1440)
    visitor.open("verdict", scenario="query-drift")
    visitor.press("to_present")
    at(visitor, 1)

    button = visitor.page.get_by_role("button", name="Full screen")
    button.click()
    visitor.page.wait_for_function("() => document.fullscreenElement !== null")
    button.click()

    visitor.page.wait_for_function("() => document.fullscreenElement === null")
