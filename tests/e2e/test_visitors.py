"""Who works with the app without a mouse, on a phone, or after others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.visitor import Visitor, new_visitor

MANY_TABS = 120
_FOCUSED = "key => !!document.activeElement.closest(`.st-key-${key}`)"
KEPT = "() => [localStorage.kept ?? null, sessionStorage.kept ?? null, document.cookie.includes('kept')]"


def test_the_keyboard_alone_reaches_the_next_step(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick()
    visitor.open("spread", scenario="query-drift")

    for _ in range(MANY_TABS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(_FOCUSED, "next_overlap"):
            break
    visitor.page.keyboard.press("Enter")

    expect(visitor.main.locator("h1")).to_have_text("Does it still promote the same pairs?")


def test_on_a_phone_the_step_list_closes_when_a_step_is_chosen_and_the_next_step_opens_at_its_top(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick(width=390)
    visitor.open("spread", scenario="query-drift")
    sidebar, opener = visitor.page.get_by_test_id("stSidebar"), visitor.page.get_by_test_id("stExpandSidebarButton")
    main, depth = visitor.main, "element => element.scrollTop"
    way_on = main.get_by_role("button", name="Does it still promote the same pairs?")
    way_on.scroll_into_view_if_needed()
    assert main.evaluate(depth) > 0

    way_on.click()
    expect(main.locator("h1")).to_contain_text("Does it still promote")
    visitor.settle()
    assert main.evaluate(depth) == 0

    opener.click()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    sidebar.get_by_role("link", name="Samples").first.click()
    expect(main.locator("h1")).to_contain_text("What are we comparing?")
    expect(sidebar).to_have_attribute("data-collapsed", "true")

    visitor.page.reload()
    visitor.settle()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    assert visitor.faults == []


@pytest.mark.slow  # of these tests' own visitors
def test_a_profile_that_is_used_again_holds_nothing_of_who_was_there_before(chromium: Browser, quick_app: str) -> None:
    first = new_visitor(chromium, quick_app)
    first.open("costs")
    profile = first.page.context
    first.page.evaluate(
        "() => { localStorage.kept = 'mine'; sessionStorage.kept = 'mine'; document.cookie = 'kept=mine' }"
    )
    assert first.page.evaluate(KEPT) == ["mine", "mine", True]

    first.leave()
    second = new_visitor(chromium, quick_app)
    second.open("costs")

    assert second.page.context is profile
    assert second.page.evaluate(KEPT) == [None, None, False]
    second.leave()
