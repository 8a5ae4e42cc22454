"""Ways to a comparison: the shipped retraining, or the visitor's files."""

from typing import TYPE_CHECKING

import streamlit as st

from drift_core.errors import DriftError
from drift_core.simulation import retrained_samples
from pages.components.comparison import comparison_open
from pages.components.frame import results
from pages.components.walk import recent_panel

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ["parquet", "csv", "tsv", "jsonl", "ndjson", "arrow", "feather", "gz", "zst"]
_UPLOADS = {
    "frozen": (
        "Frozen set",
        "The pairs that every student is tested on, with the teacher's and both students' scores.",
    ),
    "fresh": ("Fresh production pairs", "Pairs from today's traffic, scored in the same way."),
    "tail": (
        "Tail set",
        "The hardest pairs, as distillation-drift tail drew them, scored in the same way. Where the open judge card "
        "has a tail set, it must be that one.",
    ),
    "trained_on": (
        "Pairs it was trained on",
        "The retrain list and the pairs replayed with it, in any number of files. They are left out: agreement on them "
        "flatters.",
    ),
}
_SEVERAL = ("trained_on",)
_BEFORE = {
    "frozen_before": "Frozen set, scored by the student before",
    "fresh_before": "Fresh pairs, scored by the student before",
    "tail_before": "Tail set, scored by the student before",
}


def open_one() -> None:
    """The shipped retraining beside a form for files."""
    own, story = st.columns([3, 2], gap="large")
    with story.container(border=True):
        st.subheader(retrained_samples.TITLE, anchor=False)
        st.markdown(" ".join(retrained_samples.STORY))
        st.caption(retrained_samples.TEACHES)
        st.button(
            "Open",
            key="comparison_open_scenario",
            on_click=comparison_open.open_scenario,
        )
        fault = comparison_open.take_fault()
        if fault:
            st.error(results.message(fault))
    with own.container(border=True):
        st.subheader("Your files", anchor=False)
        _form()
        recent_panel.of_others("comparison")


def _form() -> None:
    with st.form("comparison_form", border=False):
        st.caption(
            "Columns: query, doc, teacher_score, student_score (after), student_score_before. Text columns of few "
            "values divide the pairs into regions."
        )
        rows = (*st.columns(2), *st.columns(2))  # so that all of it lies on one screen
        uploads = {
            role: place.file_uploader(
                label,
                type=TYPES,
                key=f"comparison_{role}",
                help=meaning,
                accept_multiple_files=role in _SEVERAL,
            )
            for place, (role, (label, meaning)) in zip(rows, _UPLOADS.items(), strict=True)
        }
        with st.expander("The student before is in files of its own"):
            st.caption("The same pairs, found again by query and doc, with that student's score as student_score.")
            for role, label in _BEFORE.items():
                uploads[role] = st.file_uploader(label, type=TYPES, key=f"comparison_{role}")
        first, second = st.columns(2)
        before = first.text_input("Version of the student before", key="comparison_before")
        after = second.text_input("Version of the student after", key="comparison_after")
        st.caption("The gate needs both names, as the canary's history and the judge card have them.")
        is_sent = st.form_submit_button(results.on_primary("Compare"), key="comparison_compare", type="primary")
    if not is_sent:
        return
    given = {role: _files(found) for role, found in uploads.items() if found}
    try:
        with st.spinner("Reading the files"):
            comparison_open.open_files(given, before=before, after=after)
    except DriftError as error:  # columns are chosen on another page, and for the samples alone
        st.error(results.message(str(error).replace("Choose on the samples page", "Name them in the file")))
        return
    st.rerun()


def _files(found: "UploadedFile | list[UploadedFile]") -> list[comparison_open.File]:
    uploads = found if isinstance(found, list) else [found]
    return [(each.name, each.getvalue()) for each in uploads]
