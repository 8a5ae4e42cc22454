"""Own embeddings on the samples page: a file comes in by upload or path, is read at once and used by all pages."""

from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from drift_core.errors import DriftError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.embeddings_reader import read_embeddings
from pages.components.frame import results
from pages.components.samples import intake, own_embeddings
from pages.components.session import session, visitor_store
from pages.components.session.investigation import Investigation

_FAULT = "own_embeddings_fault"
_UPLOAD, _PATH = "upload_embeddings", "path_embeddings"
MAX_NAME_BYTES = 150  # file systems take 255 with the suffix
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
            st.error(results.escape(fault))
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
    if not upload:
        return
    name = _file_name(upload.name)
    with TemporaryDirectory(prefix="distillation-drift-") as folder:
        path = Path(folder) / name
        path.write_bytes(upload.getvalue())
        _take(inv, path, name)


def _file_name(name: str) -> str:
    """Name that a file on this machine can have, with the suffix kept."""
    given = Path(name)
    start = given.stem.encode()[:MAX_NAME_BYTES].decode(errors="ignore")
    return start + given.suffix[: MAX_NAME_BYTES // 4]


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


def _take(inv: Investigation, path: Path, name: str) -> None:
    """Read the file; what is wrong is kept to be said, by the name that the visitor knows."""
    try:
        read: QueryEmbeddings = read_embeddings(path, inv.heldout, inv.production)
    except DriftError as error:
        visitor_store.put(_FAULT, str(error).replace(str(path), name))
        return
    own_embeddings.keep(inv.samples_key, name, read)
