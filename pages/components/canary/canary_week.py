"""Another week's sample on the canary page: it takes production's place there; what was open stays in the list."""

import streamlit as st

from pages.components.frame import results
from pages.components.samples import intake
from pages.components.session.investigation import Investigation


def another(inv: Investigation) -> None:
    """Ask for the pairs of another week; read as the open ones were, they are recorded here with the same held-out."""
    upload = st.file_uploader("Another week's pairs, with the same held-out", key=f"canary_next_{inv.samples_key}")
    if upload is None:
        return
    with st.spinner("Reading the file"):
        failure = intake.take_as_production_was(upload)
    if failure:
        st.error(results.message(f"{failure} Production stays as it is."))
        return
    st.rerun()
