"""Re-scoring: what does the current teacher say?"""

import streamlit as st

from pages.components.frame import frame, results
from pages.components.rescore import rescore_form, rescore_jobs, rescore_open, rescore_panel

with frame.page("rescore"):
    fault = rescore_open.take_fault()
    if fault:
        st.error(results.escape(fault))
    token = rescore_open.token()
    if not token:
        headline = st.container()
        if rescore_open.named():
            st.info("The re-scoring that this address names is not on this machine any more.")
        st.markdown(
            "A retrain list carries the teacher's scores of its day. The current teacher scores the same pairs again "
            "through any OpenAI-compatible endpoint, under a cap that is never passed; then the student is retrained "
            "on them."
        )
        found = rescore_form.choose()
        with headline:
            results.verdict(found)
    elif rescore_jobs.job_of(token).is_running:
        rescore_panel.running(token)
    elif rescore_jobs.runs_elsewhere(token):
        rescore_panel.running_elsewhere(token)
    else:
        if rescore_panel.ended(token):
            frame.next_step("comparison", "Retrain the student on this list, then hold it against the one before.")
