"""The retrain list: what should be re-scored?"""

import streamlit as st

from pages.components.frame import frame, progress
from pages.components.retrain import list_exclusions, list_panel
from pages.components.session import cached

with frame.page("retrain") as inv:
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
    is_wanted, drawn_from = list_panel.is_wanted(inv, made), None
    if is_wanted:
        words = {"embedding": "Embedding docs for near-duplicates"}
        with progress.shown("Looking for near-duplicates", words, meanwhile=list_panel.announced()) as report:
            drawn_from = list_panel.frame_of(inv, made, report)
    if not is_wanted:
        frame.next_step("canary", "Measure it every week, so that a fall is seen when it comes.")
    elif drawn_from is None:
        list_exclusions.say(inv, None)
        frame.next_step("samples", "A production sample with pairs that held-out and these files lack gives a list.")
    else:
        is_open = list_panel.cause_is_open(inv, made)
        list_panel.show(inv, made, drawn_from, is_open=is_open)
        list_exclusions.say(inv, drawn_from)
        list_panel.cut(made, drawn_from)
        list_panel.by_hand(drawn_from)
        list_panel.named(inv)

        with st.expander("How the list is drawn"):
            st.markdown(
                "Every region gets its floor, or all of it, and a drifted one at least its share of the traffic; the "
                "rest is shared out by traffic, drifted pairs counting more. No pair is drawn twice, none that "
                "held-out or a given canary week has, and of pairs that are nearly the same one stands for the others. "
                "Each pair carries its region and the probability with which it was drawn, so that sums over the list "
                "can be weighted back to the traffic. The same seed draws the same list, whatever the order of the "
                "rows."
            )
        if is_open:
            frame.next_step("verdict", "The verdict says what settles the cause first; the list can wait.")
        else:
            frame.next_step("rescore", "The current teacher scores this list; nothing is spent before you start it.")
