"""Disagreement review: who is right where teacher and student differ?"""

import streamlit as st

from pages.components.frame import frame, results
from pages.components.review import review_open, review_panel, review_queue

with frame.page("review") as inv:
    opened, read = review_open.current(), review_open.reading()
    fault = review_open.take_fault()
    if fault:
        st.error(results.escape(fault))
    if opened is None or read is None:
        results.verdict("No review is open.")
        st.markdown(
            "Where teacher and student differ, the student may be wrong, or the teacher. People who do not see who "
            "said what decide, pair by pair."
        )
        review_panel.open_one(inv)
    else:
        is_done = review_open.is_done()
        if is_done:
            review_panel.answer(read)
        if opened.reviewer:
            review_queue.queue(opened)
        else:
            review_queue.ask_name(opened)
        review_panel.found(read, opened.review.draw, is_done=is_done)
        review_panel.files(opened)
        frame.next_step("gate", "The gate says whether a release may ship; a review says whether people agree.")
