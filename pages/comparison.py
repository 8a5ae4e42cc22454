"""Before and after: did retraining help?"""

import streamlit as st

from pages.components.comparison import comparison_intake, comparison_open, comparison_panel
from pages.components.frame import frame, results
from pages.components.walk import operations_panel

with frame.page("comparison"):
    comparison_panel.cluster()
    opened, made = comparison_open.current(), comparison_open.reading()
    if opened is None or made is None:
        results.verdict("No comparison is open.")
        st.markdown(
            "Both students are held to the teacher's scores on the very same pairs: the frozen set, and fresh pairs "
            "from production."
        )
        comparison_intake.open_one()
    else:
        comparison_panel.answer(made, opened)
        comparison_panel.worse(made)
        comparison_panel.samples(made)
        comparison_panel.tail(made)
        comparison_panel.names(made)
        operations_panel.operations(made.operations, key="comparison_operations")
        comparison_panel.tables(made)
        comparison_panel.versions()
        comparison_panel.files(made)
        comparison_panel.way_on(made)
