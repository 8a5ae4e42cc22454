"""A JSON Schema of the outputs on the samples page, where the samples hold outputs."""

import streamlit as st

from drift_core.errors import DriftError
from drift_core.samples.costs_and_latencies import OUTPUTS
from pages.components.frame import results
from pages.components.samples import own_schema
from pages.components.session import session, visitor_store
from pages.components.session.investigation import Investigation

_FAULT, _UPLOAD = "own_schema_fault", "upload_schema"


def panel(inv: Investigation) -> None:
    """Say what outputs are held against, and offer to bring or to let go a schema of one's own."""
    if not set(OUTPUTS.values()) & (set(inv.heldout.operations) | set(inv.production.operations)):
        return
    fault, own = visitor_store.take(_FAULT), own_schema.current()
    with st.expander("Schema of the outputs", expanded=bool(fault or own)):
        if fault:
            st.error(results.message(fault))
        if own is not None:
            st.markdown(f"Outputs are held against **{results.escape(own.name)}** in this visit.")
            st.button("Use what the teacher's outputs share", key="remove_schema", on_click=own_schema.let_go)
            return
        st.markdown("Outputs are held against what the teacher's held-out outputs share. Or bring a JSON Schema:")
        st.file_uploader("JSON Schema", type=["json"], key=_UPLOAD, on_change=_take)


def _take() -> None:
    upload = session.event(_UPLOAD)
    if upload:
        try:
            own_schema.take(upload.getvalue(), upload.name)
        except DriftError as error:
            visitor_store.put(_FAULT, str(error))
