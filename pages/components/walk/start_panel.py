"""Parts of the start page: the scenarios as cards, and the open investigation as a row of steps."""

import streamlit as st

from drift_core.simulation import canary_year_samples
from drift_core.simulation.scenarios import SCENARIOS, Scenario
from pages.components.canary import canary_history
from pages.components.frame import frame, results, steps
from pages.components.session import session
from pages.components.session.investigation import Investigation

TILE_WIDTH = 150  # two beside each other on a phone


def scenario_cards() -> None:
    """One card a shipped scenario; a click opens it and goes to its samples."""
    for column, scenario in zip(st.columns(len(SCENARIOS), gap="small"), SCENARIOS.values(), strict=True):
        with column.container(border=True, height="stretch", vertical_alignment="distribute"):
            _card(scenario)


def canary_card() -> None:
    """The shipped year of weekly runs; a click opens it and goes to the canary."""
    with st.container(border=True):
        st.subheader(canary_year_samples.TITLE, anchor=False)
        st.markdown(" ".join(canary_year_samples.STORY))
        st.caption(canary_year_samples.TEACHES)
        if st.button("Open", key="open_canary", help=f"Open the scenario: {canary_year_samples.TITLE}"):
            canary_history.open_scenario()
            st.switch_page(steps.STEPS["canary"].page, query_params=session.address())


def where_it_stands(inv: Investigation) -> None:
    """The verdict so far, each step with its state and figure, and the way to go on."""
    results.verdict(steps.verdict_so_far(inv))
    states = steps.step_states(inv) | steps.watch_states()
    row = st.container(horizontal=True, gap="small")
    for step in (*steps.WALK, *steps.WATCH):
        with row.container(width=TILE_WIDTH, gap="xxsmall"):
            frame.go(f"**{step.label}**", step.page, key=f"tile_{step.name}", kind="tertiary")
            st.markdown(results.state_line(states[step.name], separator="  \n"))
    following = steps.next_open(states)
    frame.go(f"Continue: {following.question} {following.label}", following.page, key="continue", kind="primary")


def _card(scenario: Scenario) -> None:
    with st.container():
        st.subheader(scenario.title, anchor=False)
        st.markdown(" ".join(scenario.story))
        st.caption(scenario.teaches)
    if st.button("Open", key=f"open_{scenario.name}", help=f"Open the scenario: {scenario.title}"):
        session.open_scenario(scenario.name)
        st.switch_page(steps.STEPS["samples"].page, query_params=session.address())
