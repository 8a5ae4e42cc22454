"""The judge card: what is this student?"""

import streamlit as st

from drift_core.judge_card.completeness import check_card
from pages.components.card import card_form, card_open, card_panel
from pages.components.frame import frame, results

with frame.page("card"):
    card_panel.show_notes()
    opened = card_open.current()
    if opened is None:
        results.verdict("No judge card is open.")
        st.markdown(
            "A judge card says what a student is, what it was trained on and what its releases are held to: "
            "`judges.yaml`, kept beside the student and read by the gate."
        )
        card_panel.open_one()
    else:
        check = check_card(opened.card)
        card_panel.verdict(opened, check)
        missing, form = st.columns([2, 3], gap="large")
        with missing:
            card_panel.gaps(opened, check)
            card_panel.triggers(opened)
            card_panel.named_regions(opened)
            card_panel.last_canary(opened)
            card_panel.tail_set(opened)
            card_panel.shadow_review(opened)
            card_panel.file(opened)
        with form:
            card_form.edit(opened)
        card_panel.way_on()
