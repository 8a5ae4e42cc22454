"""Another week's sample on the canary page: it takes production's place there, and the last one's in the list."""

import streamlit as st

from pages.components.frame import results
from pages.components.samples import intake
from pages.components.session import investigation_store, recent, session, visitor, visitor_store
from pages.components.session.investigation import Investigation

_TAKEN = "canary_week_taken"


def another(inv: Investigation) -> None:
    """Ask for the pairs of another week; read as the open ones were, they are recorded here with the same held-out."""
    upload = st.file_uploader("Another week's pairs, with the same held-out", key=f"canary_next_{inv.samples_key}")
    if upload is None:
        return
    with st.spinner("Reading the file"):
        given_way = _gives_way(inv)
        failure = intake.take_as_production_was(upload)
    if failure:
        st.error(results.message(f"{failure} Production stays as it is."))
        return
    if given_way:
        investigation_store.delete(visitor.token(), given_way)
    now = session.current()
    visitor_store.put(_TAKEN, now.samples_key if now else None)
    st.rerun()


def _gives_way(inv: Investigation) -> str:
    """The token of the open investigation where it is one of these weeks, in which nothing was chosen; else empty."""
    is_used = any(recent.chosen(name) is not None for name in recent.CHOSEN)
    return session.token() if visitor_store.get(_TAKEN) == inv.samples_key and not is_used else ""
