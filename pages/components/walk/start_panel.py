"""Parts of the start page: the files, the scenarios with their outcome, the open investigation as a row of steps."""

import streamlit as st

from drift_core.simulation import canary_year_samples
from drift_core.simulation.scenarios import SCENARIOS
from drift_core.tables.columns import listed
from drift_core.wording import in_a_row
from pages.components.canary import history_owner
from pages.components.frame import frame, results, steps
from pages.components.samples import intake
from pages.components.samples.kind_panel import kind_panel
from pages.components.samples.sample_panel import MEANING, bring
from pages.components.samples.split_panel import split_panel
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation
from pages.components.session.session import SIDE_WORDS, SIDES, Side

SCORES = {"teacher", "student"}
TILE_WIDTH = 150  # two beside each other on a phone


def two_files() -> None:
    """Both samples as they come in; what needs a closer look has its page."""
    for column, side in zip(st.columns(2, gap="medium"), SIDES, strict=True):
        with column:
            _one_file(side)
    split_panel()
    st.caption(
        "One file is enough where a date or a column tells held-out from production: bring it, and split it here.  \n"
        "A row is a pair: query, teacher's and student's score or label; doc, timestamp and other columns help. CSV, "
        "JSON lines, Parquet or Arrow. Common column names are recognised."
    )
    if session.current() is None:
        hint = "Bring both files first, or split one."
        st.button("Diagnose", key="diagnose", type="primary", disabled=True, help=hint)
    frame.link("Columns, large files, a template →", steps.STEPS["samples"].page)


def scenario_list() -> None:
    """A button a shipped scenario with its outcome; a click opens it and goes to its verdict."""
    for scenario in SCENARIOS.values():
        if _opens(scenario.name, scenario.title, f"{scenario.outcome}. {scenario.story[0]}"):
            session.open_scenario(scenario.name)
            st.switch_page(steps.STEPS["verdict"].page, query_params=session.address("verdict"))
    if _opens("canary", canary_year_samples.TITLE, f"An alarm in week 41. {canary_year_samples.STORY[0]}"):
        history_owner.open_example()
        st.switch_page(steps.STEPS["canary"].page, query_params=session.address("canary"))


def _opens(name: str, title: str, outcome: str) -> bool:
    is_pressed = st.button(title, key=f"open_{name}", width="stretch")
    st.caption(outcome)
    return is_pressed


def where_it_stands(inv: Investigation) -> None:
    """The verdict so far, the way to the whole one, and each step with its state and figure."""
    results.verdict(steps.verdict_so_far(inv))
    results.doubted(cached.ready_diagnosis(inv))
    states = steps.step_states(inv) | steps.watch_states()
    label = "Diagnose" if states["verdict"].state == "not yet" else "Back to the verdict"
    frame.go(label, steps.STEPS["verdict"].page, key="diagnose", kind="primary")
    row = st.container(horizontal=True, gap="small")
    for step in (*steps.WALK, *steps.WATCH):
        with row.container(width=TILE_WIDTH, gap="xxsmall"):
            frame.go(f"**{step.label}**", step.page, key=f"tile_{step.name}", kind="tertiary")
            st.markdown(results.state_line(states[step.name], separator="  \n"))
    if told := history_owner.said(inv):
        st.caption(results.escape(told))


def _one_file(side: Side) -> None:
    st.markdown(f"**{SIDE_WORDS[side]}**  \n:small[{MEANING[side]}]")
    source, sample = session.source(side), session.sample(side)
    if source is None:
        bring(side)
        return
    if source.failure:
        missing, ask = intake.missing_columns(source), "Say which column is what"
        if source.export and missing and {*missing} <= SCORES:
            scores = " and which ".join(f"the {role}'s" for role in missing)
            ask = "Say which score is whose"
            st.info(
                f"{results.escape(source.name)}: {results.escape(source.export)}. Which score is {scores}? It has: "
                f"{results.escape(listed(source.names))}."
            )
        elif source.names and missing:
            st.warning(
                f"{results.escape(source.name)} was not read: no column was recognised for {in_a_row(missing)}. It "
                f"has: {results.escape(listed(source.names))}."
            )
        else:
            st.error(results.message(source.failure))
        if source.names:
            frame.go(ask, steps.STEPS["samples"].page, key=f"columns_{side}")
    elif sample is not None:
        st.markdown(f"{results.shape('held')} {results.escape(sample.name)}: {results.counted(len(sample), 'pair')}")
    kind_panel(side)
    st.button("Choose another file", key=f"remove_{side}", on_click=session.remove_sample, args=(side,))
