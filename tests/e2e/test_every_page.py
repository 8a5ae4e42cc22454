"""Every page at a desk and on a phone, in the light and the dark: nothing sticks out or leaks, all can read it.

Each page as it stands with what it is about; `make stress` looks at it without that too. Contrast takes most of the
time: the suite looks at each page in one of them, at those with colours of their own in both, `make stress` at all.
"""

import re
from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from scripts.running_app import PAGES
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.sweeps import sweep

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
BAD = ("serious", "critical")
_OVERFLOW = """
() => [document.scrollingElement, document.querySelector('[data-testid="stMain"]')]
  .map(part => [part.scrollWidth, part.clientWidth]).filter(([wide, seen]) => wide > seen)
"""
_LINES = """
title => {
  const {paddingTop, paddingBottom, lineHeight} = getComputedStyle(title);
  return Math.round((title.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight));
}
"""
_VIOLATIONS = "async ([where, only]) => (await axe.run(where, {resultTypes: ['violations'], ...only})).violations"
_IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
EVERYTHING: dict[str, object] = {"preload": False}  # but the one rule that reads style sheets, the same on every page
STYLE_SHEETS: dict[str, object] = {"preload": True, "runOnly": {"type": "rule", "values": ["css-orientation-lock"]}}
OF_COLOURS = ("color-contrast", "link-in-text-block")
COLOURS: dict[str, object] = {"runOnly": {"type": "rule", "values": OF_COLOURS}}
ALL_BUT_COLOURS: dict[str, object] = EVERYTHING | {"rules": {each: {"enabled": False} for each in OF_COLOURS}}
# What another width can break: what is shown, and what can be reached there.
OF_WIDTH = (
    "aria-hidden-focus",
    "button-name",
    "label",
    "link-name",
    "nested-interactive",
    "scrollable-region-focusable",
)
WIDTH: dict[str, object] = EVERYTHING | {"runOnly": {"type": "rule", "values": OF_WIDTH}}
BESIDE_STEPS = {"exclude": ['[data-testid="stSidebar"]']}  # the list of steps is the same on every page
WITH_STEPS = {"start", "gate, decided"}  # where nothing is told there, and where all is
WITH_OWN_COLOURS = {"start", "regions", "verdict", "canary, open", "gate, decided"}


Check = Callable[[Visitor], list[str]]

# What fills a page, and what it says then; the gate's history is the canary's too.
FILLED = {
    "comparison": ("comparison_open_scenario", "Worse in surface: voice; the whole"),
    "gate": ("gate_open_scenario", "Blocked"),  # by the comparison
    "card": ("card_begin", "The card is incomplete"),
}
COSTS = {"cost_pair": "0.01", "cost_calls": "1000000", "cost_student": "0.02", "cost_drifted": "12"}
TAKE_BACK = "Take a wrong record back, or restore one"
WITHDRAWN = re.compile("The record of 2026-06-07 was withdrawn by Ada on .*: the file of another student")


def overflow(visitor: Visitor) -> list[str]:
    return [f"{wide} px in {seen} px" for wide, seen in visitor.page.evaluate(_OVERFLOW)]


def wrapped_title(visitor: Visitor) -> list[str]:
    """The page's question where a desk does not have it on one line."""
    title = visitor.main.locator("h1")
    lines = title.evaluate(_LINES)
    return [f"{title.inner_text()} takes {lines} lines"] if lines > 1 else []


def violations(visitor: Visitor, only: dict[str, object] = EVERYTHING, *, has_steps: bool = True) -> list[str]:
    if not visitor.page.evaluate("() => 'axe' in window"):
        visitor.page.evaluate(AXE.read_text(encoding="utf-8"))
    where = {"include": ["html"]} if has_steps else BESIDE_STEPS
    found = [each for each in visitor.page.evaluate(_VIOLATIONS, [where, only]) if each["impact"] in BAD]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def misfits(
    visitor: Visitor,
    *,
    at_desk: Check = lambda _: [],
    in_both: bool = True,
    on_phone: dict[str, object] = WIDTH,
    has_steps: bool = False,
) -> list[str]:
    """What sticks out or cannot be read: at a desk in the light and in the dark, and on a phone, of the same colours.

    Light and dark differ in colours alone; what is on comes first, so that a page is drawn anew once and not twice. The
    visitor is back at the desk afterwards: there the list of steps stays open.
    """
    visitor.settle()
    now, other = ("dark", "light") if visitor.page.evaluate(_IS_DARK) else ("light", "dark")
    seen = (*overflow(visitor), *violations(visitor, has_steps=has_steps))
    found = [*at_desk(visitor), *(f"{now}: {each}" for each in seen)]
    if in_both:
        visitor.turn(other)
        seen = (*overflow(visitor), *violations(visitor, COLOURS, has_steps=has_steps))
        found += [f"{other}: {each}" for each in seen]
    visitor.resize(PHONE)
    found += [f"phone: {each}" for each in (*overflow(visitor), *violations(visitor, on_phone))]
    visitor.resize(DESK)
    return found


def take_a_record_back(visitor: Visitor) -> None:
    visitor.unfold(TAKE_BACK)
    visitor.fill("canary_withdraw_by_0", "Ada")
    visitor.fill("canary_withdraw_reason_0", "the file of another student")
    visitor.press("canary_withdraw")
    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026, 3 weeks")
    visitor.settle()
    expect(visitor.main.get_by_test_id("stVegaLiteChart").first.locator("svg")).to_contain_text("withdrawn")
    expect(visitor.main.get_by_label(WITHDRAWN).first).to_be_attached()
    if not visitor.by_key("canary_withdraw").is_visible():
        visitor.unfold(TAKE_BACK)
    expect(visitor.by_key("canary_withdraw")).to_have_text("Restore it")


@pytest.mark.parametrize("is_thorough", sweep((False, True), False))
def test_every_page_fits_stays_on_this_machine_and_is_accessible(
    visit_quick: Callable[..., Visitor], is_thorough: bool
) -> None:
    visitor = visit_quick()
    faults = []
    on_phone = ALL_BUT_COLOURS if is_thorough else WIDTH

    def look(name: str, *, at_desk: Check = lambda _: []) -> None:
        in_both = is_thorough or name in WITH_OWN_COLOURS
        has_steps = is_thorough or name in WITH_STEPS
        found = misfits(visitor, at_desk=at_desk, in_both=in_both, on_phone=on_phone, has_steps=has_steps)
        faults.extend(f"{name}: {each}" for each in (*found, *visitor.tracebacks.all_inner_texts()))

    visitor.open("start", scenario="query-drift")
    for name in PAGES if is_thorough else (each for each in PAGES if each not in ("canary", "costs")):
        if name != "start":
            visitor.go_to(name)
        if is_thorough or name not in FILLED:
            look(name, at_desk=wrapped_title)
        if name in FILLED:
            key, said = FILLED[name]
            visitor.press(key)
            expect(visitor.verdict).to_contain_text(said)
        if name == "comparison":
            look("comparison, open", at_desk=wrapped_title)
        if name == "card":
            visitor.main.get_by_text("Preview", exact=True).click()
            look("card, begun", at_desk=wrapped_title)
    visitor.go_to("gate")  # with history, comparison and card
    visitor.main.get_by_test_id("stCode").scroll_into_view_if_needed()
    look("gate, decided", at_desk=wrapped_title)
    visitor.go_to("canary")
    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026, 4 weeks")
    look("canary, open", at_desk=wrapped_title)
    visitor.resize(PHONE)
    take_a_record_back(visitor)
    visitor.resize(DESK)
    look("canary, withdrawn")
    visitor.open("costs", **COSTS)
    expect(visitor.verdict).to_contain_text("The canary costs 156.00 a year")
    look("costs, filled", at_desk=wrapped_title)

    assert faults + visitor.faults == []


def test_the_first_screen_without_data_and_the_open_step_list_are_accessible(
    visit_quick: Callable[..., Visitor],
) -> None:
    visitor = visit_quick(width=PHONE)

    visitor.open("samples")
    visitor.page.get_by_test_id("stExpandSidebarButton").click()
    visitor.settle()
    found = overflow(visitor) + violations(visitor) + violations(visitor, STYLE_SHEETS)
    visitor.resize(DESK)

    assert found + overflow(visitor) + violations(visitor) + visitor.faults == []
