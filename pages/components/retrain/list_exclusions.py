"""Canary weeks and the tail set, kept off the retrain list: which files, and what is not among them."""

import streamlit as st

from drift_core.canary.run import CanaryRun
from drift_core.canary.unchecked_weeks import unchecked_weeks
from drift_core.errors import DriftError
from drift_core.retrain_list.exclusions import is_kept_off, read_excluded, weeks_in_words
from drift_core.retrain_list.sampling_frame import SamplingFrame
from pages.components.canary import canary_history
from pages.components.card import card_open
from pages.components.frame import results
from pages.components.session import excluded_files, session
from pages.components.session.investigation import Investigation

FILE_TYPES = ["parquet", "csv", "tsv", "jsonl", "ndjson", "arrow"]


def unchecked() -> tuple[str, ...] | None:
    """Weeks of the open history whose pairs are not known here; None where no history is open."""
    runs = _runs()
    return None if runs is None else unchecked_weeks(runs, excluded_files.given())


def say(inv: Investigation, frame: SamplingFrame | None) -> None:
    """Which canary weeks and which tail set are left out, and a way to bring more or take them back."""
    weeks = [run for run in _runs() or () if run.production_digest == inv.production.digest]
    if weeks:
        st.warning(
            f"This production sample is the canary week of {weeks[0].at:%Y-%m-%d}. Retrain on other pairs, or that "
            "week no longer says how the student does on traffic that it has not seen."
        )
    card = card_open.current()
    if card is not None and not is_kept_off(card.card.tail_set.digest, excluded_files.given()):
        st.warning("The judge card has a tail set. Bring its file below, or the list may take pairs of it.")
    with st.expander("Keep canary weeks and the tail set off the list", expanded=frame is None):
        _bring(inv)
        if frame is None:
            return
        for each, (_, n) in zip(frame.excluded, frame.left_out.of_files, strict=True):
            st.markdown(f"**{results.escape(each.name)}**: {len(each.pair_digests):,} pairs, {n:,} of them left out.")
        weeks_lacking = unchecked()
        if weeks_lacking:
            st.caption(f"Recorded canary weeks whose pairs are not known here: {weeks_in_words(weeks_lacking)}.")
        st.caption(frame.left_out.near_by)


def _bring(inv: Investigation) -> None:
    with st.form("list_excluded_form", border=False, clear_on_submit=True):
        uploads = st.file_uploader(
            "Samples of canary weeks, the tail set",
            type=FILE_TYPES,
            accept_multiple_files=True,
            key="list_excluded_files",
        )
        is_sent = st.form_submit_button("Leave these pairs out", key="list_excluded_now")
    if excluded_files.given():
        st.button("Take the files back", key="list_excluded_clear", on_click=excluded_files.put, args=((),))
    if not is_sent or not uploads:
        return
    try:
        read = [read_excluded(upload, name=upload.name, read_as=inv.production.columns) for upload in uploads]
    except DriftError as error:
        st.error(results.escape(error))
        return
    excluded_files.put((*excluded_files.given(), *read))
    st.rerun()


def _runs() -> tuple[CanaryRun, ...] | None:
    read = canary_history.reading(session.rule())
    return None if read is None else tuple(week.run for week in read.weeks)
