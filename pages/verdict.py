"""The verdict: what caused it, and how sure is that?"""

import streamlit as st

from drift_core.charts.verdict import loss_waterfall
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.diagnosis.textbook_reading import read_by_textbook
from drift_core.options.treatment_steps import treatment_steps
from drift_core.report.render import render_report
from drift_core.tables.json_text import json_text
from pages.components.frame import frame, progress, results
from pages.components.frame.steps import verdict_state
from pages.components.session import cached
from pages.components.verdict import ceiling_panel, options_panel, verdict_panel

with frame.page("verdict") as inv:
    place = st.container()
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
    with place:
        results.verdict(made.verdict.summary, verdict_state(made).state)
        verdict_panel.confidence(made)

    left, right = st.columns([1, 1], gap="large")
    with left:
        st.subheader("Where the loss comes from", anchor=False)
        results.chart(loss_waterfall(made.attribution))
        st.caption("Parts of held-out minus production agreement, each with its interval; they add up to the whole.")
        verdict_panel.numbers(made)
    with right:
        st.subheader("What it rests on", anchor=False)
        verdict_panel.evidence(made)

    st.subheader("What would change the verdict", anchor=False)
    verdict_panel.would_change(made)

    st.subheader("What it is easily taken for", anchor=False)
    verdict_panel.lookalikes(made)

    st.subheader("What to do, in this order", anchor=False)
    found = [finding.name for finding in made.findings]
    done = verdict_panel.done_steps()
    cause, pinned = made.verdict.cause, inv.pinned_revision
    verdict_panel.steps(treatment_steps(cause, findings=found, pinned_revision=pinned, done=done))

    st.subheader("Retrain, route or leave", anchor=False)
    routes = options_panel.weighed(inv, made)
    options_panel.show(routes)

    st.subheader("The textbook's reading beside it", anchor=False)
    verdict_panel.strict(made, read_by_textbook(made))

    ceiling_panel.ceiling(made)
    ceiling_panel.quality(made)

    st.subheader("Take it with you", anchor=False)
    as_json, as_page, _ = st.columns([2, 2, 3])
    as_json.download_button(
        "Diagnosis (JSON)",
        lambda: json_text(diagnosis_to_json(made) | {"options": routes.to_json()}),
        file_name="diagnosis.json",
        mime="application/json",
        key="verdict_json",
        on_click="ignore",
        width="stretch",
    )
    as_page.download_button(
        "Report (HTML)",
        lambda: render_report(made, routes=routes),
        file_name="report.html",
        mime="text/html",
        key="verdict_report",
        on_click="ignore",
        width="stretch",
    )
    frame.next_step("retrain", "The list holds the pairs to re-score: every region gets its part, drifted ones more.")
