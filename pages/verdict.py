"""The verdict: what caused it, and how sure is that?"""

import streamlit as st

from drift_core.charts.verdict import loss_parts, split_title, unknown_parts
from drift_core.options.next_action import next_action
from drift_core.options.treatment_steps import treatment_steps
from drift_core.report.textbook_reading import read_by_textbook
from pages.components.frame import frame, progress, results
from pages.components.session import cached
from pages.components.verdict import action_panel, ceiling_panel, options_panel, verdict_panel
from pages.components.walk import operations_panel

with frame.page("verdict") as inv:
    place = st.container()
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
    with place:
        results.verdict(made.verdict.headline)
        results.doubted(made)
        st.markdown(results.escape(f"{made.verdict.reason} {made.regions.same_pairs}".rstrip()))
        verdict_panel.confidence(made)

    routes = options_panel.weighed(inv, made)
    found, done = [finding.name for finding in made.findings], verdict_panel.done_steps(inv)
    action = next_action(made, routes)
    steps = treatment_steps(
        made.verdict.cause,
        findings=found,
        pinned_revision=inv.pinned_revision,
        done=done,
        way=action.way,
    )
    split, beside = st.columns([3, 2], gap="large")
    with split:
        st.subheader(split_title(made.verdict.cause), anchor=False)
        results.chart(cached.drawn(loss_parts, made.attribution))
        parts = "Parts of held-out minus production agreement, each with its interval; they add up to the whole."
        st.caption(f"{parts} {results.escape(unknown_parts(made.attribution))}".rstrip())
    with beside.container(border=True):
        action_panel.recommended(made, routes)
        action_panel.downloads(inv, made, routes, steps)
    verdict_panel.also_found(made)

    evidence, lookalikes, costs, treatment, textbook = verdict_panel.tabs()
    with evidence:
        verdict_panel.evidence(made)
        verdict_panel.names_of_chance()
        verdict_panel.drawn(made)
        st.subheader("What would change the verdict", anchor=False)
        verdict_panel.would_change(made, action.commands)
        ceiling_panel.ceiling(made)
        ceiling_panel.quality(made)
        ceiling_panel.structure(made)
        operations_panel.operations(made.operations, key="verdict_operations")
        verdict_panel.numbers(made)
    with lookalikes:
        st.subheader("What it is easily taken for", anchor=False)
        verdict_panel.lookalikes(made)
    with costs:
        st.subheader("Retrain, route or leave", anchor=False)
        options_panel.show(inv, routes)
    with treatment:
        st.subheader("What to do, in this order", anchor=False)
        verdict_panel.steps(steps, inv)
    with textbook:
        st.subheader("The textbook's reading beside it", anchor=False)
        verdict_panel.strict(made, read_by_textbook(made))
