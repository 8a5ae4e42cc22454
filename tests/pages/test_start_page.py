from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from drift_core.diagnosis.rule import Rule
from drift_core.simulation.scenarios import SCENARIOS
from tests.pages.walk import SECONDS, address, ran, said

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def app():
    return ran(AppTest.from_file(APP, default_timeout=SECONDS))


def test_the_first_page_offers_every_scenario_the_files_and_the_idea(app):
    assert app.title[0].value == "Does the student still agree with its teacher?"
    assert all(app.button(f"open_{name}") for name in SCENARIOS)
    assert app.button("own_files")
    assert "The idea in a minute" in said(app)


def test_a_scenario_opens_from_the_sidebar_and_its_state_is_on_the_first_page(app):
    app.button("foot_query-drift").click()
    ran(app)

    assert address(app)["scenario"] == "query-drift"
    assert "Agreement fell" in said(app)
    assert app.button("continue").label == ":violet[Continue: Where does it disagree? Regions]"


def test_every_page_opens_without_an_investigation_and_leads_to_the_samples(app):
    for name in ("spread", "overlap", "regions", "verdict", "retrain"):
        page = ran(app.switch_page(f"pages/{name}.py"))

        assert page.button("to_samples"), name
        assert "needs two samples" in said(page), name


def test_opening_a_scenario_where_one_is_needed_shows_the_page(app):
    page = ran(app.switch_page("pages/spread.py"))

    page.button("needed_teacher-drift").click()
    ran(page)

    assert "Where it scatters" in said(page)


def test_the_rule_is_shown_in_its_dialog(app):
    app.button("edit_rule").click()
    ran(app)

    assert app.number_input("rule_spread_confirmed").value == Rule().spread_confirmed


def changed_rule():
    import streamlit as st

    from pages.components.session import session

    session.start("start")
    session.change_rule(spread_confirmed=0.2)
    st.write(session.rule().spread_confirmed)
    try:
        session.change_rule(spread_suspect=0.5)
    except ValueError as error:
        st.write(str(error))
    session.start("start")


def test_a_changed_rule_stays_in_the_address_and_one_that_contradicts_itself_is_refused():
    page = ran(AppTest.from_function(changed_rule))

    assert page.markdown[0].value == "`0.2`"
    assert "must not be above" in page.markdown[1].value
    assert address(page)["rule"] == "spread_confirmed:0.2"
