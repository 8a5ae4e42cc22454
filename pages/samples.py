"""Step 1: what are we comparing?"""

import pandas as pd
import streamlit as st

from drift_core.samples.versions import versions_inside
from pages.components.frame import frame, results
from pages.components.samples import again_panel, embeddings_panel, schema_panel
from pages.components.samples.sample_panel import limits_panel, said_here, sample_panel, spelling_buttons
from pages.components.samples.split_panel import split_panel
from pages.components.session import cached, revisions, session

EXAMPLE = pd.DataFrame(
    {
        "query": ["return a pair of shoes", "return a pair of shoes", "reset my password"],
        "doc": ["Shoes go back within 30 days.", "Our opening hours.", "Choose Forgot password."],
        "teacher_score": [0.94, 0.08, 0.97],
        "student_score": [0.91, 0.15, 0.95],
        "query_id": ["q1", "q1", "q2"],
    }
)

with frame.page("samples") as inv:
    if inv is None:
        st.markdown(
            "Two samples of scored (query, doc) pairs: **held-out**, which the student was checked on, and "
            "**production**, drawn from today's traffic. Needed are query, teacher's and student's score or label. "
            "Bring yours below, or open a scenario:"
        )
        with st.container(horizontal=True):
            frame.scenario_buttons("samples", kind="secondary")
        with st.expander("What a file looks like", expanded=session.source("heldout") is None):
            st.dataframe(EXAMPLE, hide_index=True, alt="Example of a sample: three pairs with their scores")
            st.caption(
                "Other columns that help: pinned teacher score, human label, sampling weight, timestamp, pair id, and "
                "any column that divides the traffic. Common names are recognised."
            )
            st.download_button(
                "Template (CSV)", EXAMPLE.to_csv(index=False), "pairs-template.csv", "text/csv", key="template"
            )
    else:
        results.verdict(f"{len(inv.heldout):,} held-out pairs against {len(inv.production):,} production pairs.")
        for problem in cached.problems(inv):
            st.warning(said_here(problem.message))
        results.doubted(cached.ready_diagnosis(inv))
        spelling_buttons(inv.heldout, inv.production)
        again_panel.asked(inv)

    heldout, production = st.columns(2, gap="large")
    with heldout:
        sample_panel("heldout")
    with production:
        sample_panel("production")

    if inv is None:
        split_panel()
        limits_panel()
    else:
        st.subheader("Teacher", anchor=False)
        pinned, current = st.columns(2, gap="large")
        pinned.text_input("Pinned revision, which the student was trained against", **revisions.field("pinned"))
        current.text_input("Current revision, which scores today", **revisions.field("current"))
        for each in (*versions_inside(inv.heldout), *versions_inside(inv.production)):
            st.info(results.escape(each.sentence))
        st.markdown(results.pinned_scores(inv.production))
        embeddings_panel.panel(inv)
        schema_panel.panel(inv)
        frame.next_step("spread", "Both samples are here. The cheapest test comes first: it takes a second.")
