"""The canary: is it still healthy, week by week?"""

import streamlit as st

from pages.components.canary import canary_history, canary_intake, canary_named, canary_panel
from pages.components.frame import frame, results
from pages.components.session import session

with frame.page("canary"):
    canary_intake.show_notes()
    rule = session.rule()
    read = canary_history.reading(rule)
    if read is None:
        results.verdict("No history is open.")
        st.markdown(
            "A canary is one fresh sample a week, scored by the student and by today's teacher. Kept week by week, it "
            "stays quiet while nothing moves and alarms when something does."
        )
        canary_intake.open_one()
        canary_intake.add_week(None)
    else:
        canary_panel.newest(read, rule)
        canary_panel.whose()
        canary_intake.add_week(read)
        if read.weeks:
            canary_panel.time_line(read)
            canary_panel.take_away(read, rule)
            if read.has_overlap:
                canary_panel.overlap(read)
            canary_panel.entropy(read)
            moved, beside = st.columns([3, 2], gap="large")
            with moved:
                canary_panel.what_moved(read, rule)
            with beside:
                if session.view().textbook:
                    canary_panel.textbook(read, rule)
                canary_intake.accept_level(read.weeks)
            canary_panel.regions(read)
        canary_named.followed(read)
        if read.runs:
            canary_panel.all_weeks(read)
        canary_panel.how_it_is_decided(rule)
    canary_intake.weeks_in_and_out()
    if read is not None:
        frame.next_step("gate", "The gate reads this history and says whether a release may ship.")
