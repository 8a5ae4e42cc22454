"""Every page by its own address, with samples that the server has computed nothing of."""

import pytest

from scripts.running_app import PAGES
from tests.e2e.wire import wire_visitor
from tests.sweeps import sweep

TITLES = {
    "start": "Does the student still agree with its teacher?",
    "samples": "What are we comparing?",
    "spread": "Has agreement fallen?",
    "overlap": "Does it still promote the same pairs?",
    "regions": "Where does it disagree?",
    "verdict": "What caused it, and how sure is that?",
    "retrain": "What should be re-scored?",
    "rescore": "What does the current teacher say?",
    "comparison": "Did retraining help?",
    "review": "Who is right where they differ?",
    "canary": "Is it still healthy, week by week?",
    "gate": "May it ship?",
    "card": "What is this student?",
    "costs": "What does the canary cost?",
}
LAST_BUTTON = {
    "start": "diagnose",
    "samples": "next_spread",
    "spread": "next_overlap",
    "overlap": "next_regions",
    "regions": "next_verdict",
    "verdict": "next_retrain",
    "retrain": "next_rescore",
    "rescore": "rescore_to_list",
    "comparison": "comparison_open_scenario",
    "review": "review_open",
    "canary": "canary_open_scenario",
    "gate": "gate_open_scenario",
    "card": "next_gate",
    "costs": "next_canary",
}


@pytest.mark.parametrize("name", sweep(PAGES, "start", "regions", "verdict", "canary"))
def test_a_page_with_a_scenario_in_its_address_is_complete(quick_app: str, name: str) -> None:
    seed = str(list(PAGES).index(name) + 1)  # another for each page, so that none finds what an earlier one computed
    with wire_visitor(quick_app) as visitor:
        elements = visitor.open(name, f"scenario=query-drift&seed={seed}")

    headings = {each.heading.tag: each.heading.body for each in reversed(elements) if each.HasField("heading")}
    buttons = [each.button.id for each in elements if each.HasField("button")]
    assert headings["h1"] == TITLES[name]
    assert headings["h2"]
    assert any(each.endswith(f"-{LAST_BUTTON[name]}") for each in buttons)
    assert not [each for each in elements if each.HasField("exception")]
