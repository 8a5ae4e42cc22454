"""The first page: what this is, two ways in, where the investigation stands. As a module: what serves all pages."""

import streamlit as st

from drift_core.charts.idea import idea_picture
from drift_core.charts.specification import specified
from pages.components.frame import frame, results
from pages.components.session import cached, server_life, visitor
from pages.components.walk.recent_panel import recent_list
from pages.components.walk.start_panel import scenario_list, two_files, where_it_stands

IDEA = (
    "A student that imitates a teacher is checked on held-out pairs, passes, and ships. "
    "Then the traffic changes: new topics arrive that the student never saw. "
    "Or the teacher changes: its vendor revises the model, and the student still follows the old one. "
    "Held-out knows neither, so its check stays green. "
    "Compare it with a fresh production sample, and see whether agreement fell, where, and why."
)

# `streamlit run` imports this file to serve all pages, and runs it for each visitor of the first.
if __name__ != "__main__":
    app = st.App(__file__, middleware=visitor.MIDDLEWARE, lifespan=server_life.lifespan)
else:
    with frame.page("start") as inv:
        if inv is not None:
            where_it_stands(inv)
        else:
            st.header("Compare the pairs it was checked on with today's traffic.", anchor=False)
            st.markdown(
                "Leave with a verdict and a list of pairs to retrain on. Your data stays on this machine, unless you "
                "have a list re-scored by a teacher."
            )

        files, examples = st.columns([3, 2], gap="medium")
        with files.container(border=True, height="stretch"):
            st.subheader("Your pairs: two files, or one to split", anchor=False)
            two_files()
            recent_list()
        with examples.container(border=True, height="stretch"):
            st.subheader("Or see it on an example", anchor=False)
            scenario_list()

        st.subheader("The idea in a minute", anchor=False)
        picture, words = st.columns([3, 2], gap="large", vertical_alignment="center")
        with picture:
            results.chart(cached.per_server("idea", lambda: specified(idea_picture())), key="idea")
        words.markdown(IDEA)
