"""Own embeddings on the samples page: a file comes in by upload or path, is read at once and used by all pages."""

from pathlib import Path

import streamlit as st

from drift_core.errors import DriftError
from pages.components.frame import results
from pages.components.samples import intake, own_embeddings
from pages.components.samples.own_embeddings import Own
from pages.components.session import session, visitor_store
from pages.components.session.investigation import Investigation

_FAULT = "own_embeddings_fault"
_UPLOAD, _PATH = "upload_embeddings", "path_embeddings"
SUFFIXES = ("npz", "npy", "parquet", "pq")
WHAT_FITS = (
    "Regions and map rest on embeddings by the app's encoder. Your own take its place: `.npz` with the arrays "
    "`heldout` and `production`, one row a pair; `.npy` with held-out's rows before production's; or Parquet with the "
    "column `query` or `pair_id` and a column of lists."
)


def panel(inv: Investigation) -> None:
    """Say which embeddings are used, and offer to bring or to let go one's own."""
    fault, own = visitor_store.take(_FAULT), inv.embeddings
    is_of_others = own is None and bool(own_embeddings.name())
    with st.expander("Own embeddings", expanded=bool(fault or own or is_of_others)):
        if fault:
            st.error(results.message(fault))
        if own is not None:
            n_texts, n_numbers = own.vectors.shape
            name = results.escape(own_embeddings.name())
            st.markdown(f"In use: **{name}**, {n_texts:,} distinct queries, {n_numbers:,} numbers each.")
            st.button("Use the app's encoder", key="remove_embeddings", on_click=own_embeddings.let_go)
            return
        if is_of_others:
            name = results.escape(own_embeddings.name())
            st.warning(f"The samples changed, so {name} is not used any more. Bring embeddings of these samples.")
        st.markdown(WHAT_FITS)
        st.file_uploader("File of embeddings", type=SUFFIXES, key=_UPLOAD, on_change=_take_upload, args=(inv,))
        with st.form("path_form_embeddings", border=False):
            st.text_input("Or a path on this machine (embeddings)", key=_PATH, placeholder="data/vectors.npz")
            st.form_submit_button("Read the path", key="read_embeddings", on_click=_take_path, args=(inv,))


def _take_upload(inv: Investigation) -> None:
    upload = session.event(_UPLOAD)
    if upload:
        _take(inv, upload.getvalue(), own_embeddings.file_name(upload.name))


def _take_path(inv: Investigation) -> None:
    text = str(session.event(_PATH) or "").strip()
    if not text:
        return
    try:
        path = intake.allowed_path(text)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))
        return
    _take(inv, path, path.name)


def _take(inv: Investigation, data: Path | bytes, name: str) -> None:
    """Read the file; what is wrong is kept to be said."""
    try:
        read = own_embeddings.read(data, name, inv.heldout, inv.production)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))
        return
    own_embeddings.keep(Own(samples_key=inv.samples_key, name=name, data=data, embeddings=read))
