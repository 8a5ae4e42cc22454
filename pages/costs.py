"""The cost: what does the canary cost, and what does it protect?"""

import streamlit as st

from pages.components.costs import cost_panel, cost_prices
from pages.components.frame import frame

with frame.page("costs"):
    verdict = st.container()
    entered, result = st.columns([2, 3], gap="large")
    with entered:
        cost_panel.prices()
    found = cost_prices.found()
    with verdict:
        cost_panel.answer(found)
    if found is not None:
        with result:
            cost_panel.figures(found)
    frame.next_step("canary", "The canary says week by week whether the student is still healthy.")
