import re

import pytest

from drift_core.simulation.scenarios import SCENARIOS
from tests.pages.walk import address, opened, said
from tests.sweeps import sweep

QUESTIONS = [
    "What was promised",
    "What happened",
    "Where",
    "Since when",
    "Why",
    "What we do, and what it costs",
]


def shown(page):
    """The words of the screen, without its style."""
    html = " ".join(str(each.proto.body) for each in page.get("html"))
    return " ".join(re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", html, flags=re.DOTALL).split())


@pytest.mark.parametrize("scenario", sweep(SCENARIOS, "query-drift"))
def test_six_screens_answer_six_questions(scenario):
    page = opened("present", scenario=scenario, n_clusters=6)

    for number, question in enumerate(QUESTIONS, start=1):
        assert f"{number} of 6 · {question}" in shown(page)
        if number < len(QUESTIONS):
            page = page.button("present_next").click().run()

    assert page.button("present_next").disabled


def test_the_address_holds_the_screen_and_back_leads_to_the_one_before():
    page = opened("present", n_clusters=6, screen=4)

    page = page.button("present_back").click().run()

    assert "3 of 6" in shown(page)
    assert address(page)["screen"] == "3"


def test_a_screen_that_is_not_there_is_said_and_the_first_is_shown():
    page = opened("present", n_clusters=6, screen=7)

    assert "1 of 6" in shown(page)
    assert "screen=7" in said(page)


def test_the_screens_stand_alone_and_need_two_samples():
    page = opened("present", scenario="")

    assert not page.sidebar.children
    assert page.button("to_samples").label


def test_the_keys_turn_the_screens_and_escape_leads_out():
    page = opened("present", n_clusters=6, screen=2)

    keys = {each.key: each.proto.shortcut for each in page.button}
    assert keys["present_back"].lower() == "left"
    assert keys["present_next"].lower() == "right"
    assert keys["present_end"].lower() in ("esc", "escape")


def test_the_figures_on_the_screens_are_those_of_the_verdict_page():
    happened, verdict = shown(opened("present", n_clusters=6, screen=2)), said(opened("verdict", n_clusters=6))

    [loss] = re.findall(r"Held-out minus production: (\+\S+ \(\S+ to \S+\))", happened)
    assert f"Loss of agreement **{loss}**" in verdict
    assert "costs at most" not in shown(opened("present", n_clusters=6, screen=6))
    priced = shown(opened("present", n_clusters=6, screen=6, list_price=5))
    assert "Re-scoring 747 pairs costs at most 3.73" in priced


def test_where_nothing_can_be_diagnosed_the_page_says_why_and_leads_out(monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "/nowhere")

    page = opened("present", n_clusters=6)

    assert "'/nowhere' is not on this machine" in said(page)
    assert page.title[0].value
    assert "To the samples" in page.button("to_samples").label
