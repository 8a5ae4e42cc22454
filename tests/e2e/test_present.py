"""The presentation in a browser: by keys alone, without scrolling at a desk, readable in the light and the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from drift_core.report.render import render_report
from tests.drift_core.report.test_pdf import hostile, layout_of
from tests.drift_core.small_case import small_diagnosis
from tests.e2e.test_every_page import misfits
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.sweeps import sweep

N_SCREENS = 6
HEIGHT = 900
_SCROLLS = """
() => { const main = document.querySelector('[data-testid="stMain"]'); return main.scrollHeight - main.clientHeight; }
"""


def at(visitor: Visitor, number: int) -> None:
    """Wait until this screen is shown and stands in the address."""
    expect(visitor.main).to_contain_text(f"{number} of {N_SCREENS} · ")
    visitor.settle()


def fill_the_screen_and_leave_it(visitor: Visitor) -> None:
    button = visitor.page.get_by_role("button", name="Full screen")
    button.click()
    visitor.page.wait_for_function("() => document.fullscreenElement !== null")
    button.click()
    visitor.page.wait_for_function("() => document.fullscreenElement === null")


def below_the_screen(visitor: Visitor) -> list[str]:
    below = visitor.page.evaluate(_SCROLLS)
    return [f"{below} px are below the screen"] if below > 1 else []


@pytest.mark.parametrize("every", sweep((1, 3), 3))  # so many of the screens in the light and in the dark
def test_every_screen_is_reached_by_keys_fits_and_can_be_read(visit_quick: Callable[..., Visitor], every: int) -> None:
    visitor = visit_quick()
    faults = []

    visitor.open("verdict", scenario="query-drift")
    visitor.press("to_present")
    visitor.page.wait_for_url(re.compile(r"/present(\?.*)?$"))
    for number in range(1, N_SCREENS + 1):
        at(visitor, number)
        found = misfits(visitor, at_desk=below_the_screen, in_both=(number - 1) % every == 0)
        faults += [f"{number}: {each}" for each in (*found, *visitor.tracebacks.all_inner_texts())]
        visitor.page.keyboard.press("ArrowRight")

    assert "\n".join(faults + visitor.faults) == ""
    assert f"screen={N_SCREENS}" in visitor.page.url
    visitor.page.keyboard.press("ArrowLeft")
    at(visitor, N_SCREENS - 1)
    fill_the_screen_and_leave_it(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.page.wait_for_url(re.compile(r"/verdict(\?.*)?$"))


def test_the_story_is_the_first_screen_of_the_report_and_fits_a_phone(chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": DESK, "height": HEIGHT})
    page.set_content(render_report(small_diagnosis(), layout=layout_of(small_diagnosis())))

    below = page.evaluate("() => document.querySelector('.first').getBoundingClientRect().bottom - innerHeight")
    sizes = []
    for shown in (render_report(small_diagnosis()), render_report(hostile())):
        page.set_content(shown)
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            sizes.append((width, page.evaluate("() => document.documentElement.scrollWidth")))
    page.close()

    assert below <= 0
    assert all(wide <= width for width, wide in sizes)


_COMPOSED = """
() => {
  const boxes = [...document.querySelectorAll('.screen, .beside')].map(each => each.getBoundingClientRect());
  const top = Math.min(...boxes.map(box => box.top)), bottom = Math.max(...boxes.map(box => box.bottom));
  const pictures = [...document.querySelectorAll('.beside img')];
  return {
    off: Math.abs((top + bottom) / 2 - innerHeight / 2) / innerHeight,
    pictured: pictures.every(each => each.naturalWidth > 0 && each.clientWidth > 0.4 * innerWidth),
  };
}
"""


def test_every_screen_stands_in_the_middle_beside_a_large_picture(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick()
    faults = []

    for number in range(1, N_SCREENS + 1):
        visitor.open("present", scenario="healthy", screen=str(number))
        at(visitor, number)
        found = visitor.page.evaluate(_COMPOSED)
        if found["off"] > 0.1 or not found["pictured"]:
            faults.append(f"{number}: {found}")

    assert faults == []
