"""Around the queue: ways to a review, what it found, and its files in and out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.errors import DriftError
from drift_core.measured import Measured
from drift_core.review.exchange import export_review
from drift_core.review.pairs import RIGHT_WORDS, ReviewDraw, ReviewSettings
from drift_core.review.readiness import Readiness
from drift_core.review.result import ReviewResult, against_band
from drift_core.tables.writing import to_zip
from pages.components.frame import file_names, frame, results
from pages.components.frame.steps import STEPS
from pages.components.review import review_open
from pages.components.review.review_open import OpenReview, ReviewReading
from pages.components.session.investigation import Investigation
from pages.components.walk import recent_panel

FORMS = {
    "csv": "Sheet (zip)",
    "label-studio": "Label Studio (zip)",
    "argilla": "Argilla (zip)",
    "answers": "Answers (zip)",
}
LIST_TYPES = ["parquet", "csv", "jsonl"]
STEPS_OF_A_RUN = (
    "1. Send all traffic to both judges for two weeks, and let the teacher's answer decide.\n"
    "2. When they are over, diagnose that traffic and draw the pairs on which both differ.\n"
    "3. Review them, best by two people. The page says what is missing.\n"
    "4. Ready: canary at 10% of traffic. Not ready: retrain on the regions where the student is wrong."
)


def open_one(inv: Investigation | None) -> None:
    """Ways to a review: draw disagreements, a spot check of a list, a file."""
    drawn, others = st.columns([3, 2], gap="large")
    with drawn.container(border=True):
        _draw(inv)
    with others:
        with st.container(border=True):
            _spot_check()
        with st.container(border=True):
            _file()
            recent_panel.of_others("review")


def answer(read: ReviewReading) -> None:
    """The verdict line of a reviewer who has answered everything."""
    if read.readiness is None:
        results.verdict(read.result.sentence)
    else:
        results.verdict(read.readiness.sentence)
        _missing(read.readiness)


def found(read: ReviewReading, draw: ReviewDraw, *, is_done: bool) -> None:
    """What the answers say so far, by who is right and by region; once all are there, or when it is asked for."""
    result = read.result
    st.subheader("What was found", anchor=False)
    if draw.shadow is not None:
        st.caption(f"Shadow run from {draw.shadow.start} to {draw.shadow.end}.")
    if not is_done:
        st.caption("A result that is seen before the end can move the answers that are left.")
        if not st.toggle("Show the result so far", key="review_show"):
            return
        if read.readiness is not None:
            st.markdown(f"**{results.escape(read.readiness.sentence)}**")
            _missing(read.readiness)
    st.markdown(results.escape(result.sentence))
    if not isinstance(result.wrong, Measured):
        return
    if read.readiness is not None:
        st.caption(results.escape(result.against_pattern))
    rights = {RIGHT_WORDS[name].capitalize(): f"{share:.0%}" for name, share in result.rights.items()}
    st.dataframe(pd.DataFrame({"Share": rights}), alt="Share of the pairs by who is right")
    st.dataframe(_regions(result), hide_index=True, alt="Each region with its reviewed pairs and the share found wrong")
    for name, n in sorted(result.n_by_reviewer.items()):
        st.caption(results.escape(f"{name}: {results.counted(n, 'pair')}"))
    if result.agreement is not None:
        st.markdown(results.escape(result.agreement.sentence))


def files(opened: OpenReview) -> None:
    """The review and its answers as files, answers from elsewhere, and letting go of it."""
    st.subheader("Files: review elsewhere, bring answers back", anchor=False)
    st.markdown(f"Open: **{results.escape(opened.kept.name)}**, {opened.where}.")
    for place, (form, word) in zip(st.columns(len(FORMS)), FORMS.items(), strict=True):
        told = "What every reviewer answered. For afterwards." if form == "answers" else None
        _download(
            partial(place.download_button, help=told), word, f"review-{form}", "zip", partial(_packed, opened, form)
        )
    with st.form("review_import_form", border=False, clear_on_submit=True):
        upload = st.file_uploader("Answers (sheet, Label Studio, Argilla)", type=["csv", "json"], key="review_import")
        is_sent = st.form_submit_button("Import", key="review_import_now")
    if is_sent and upload is not None:
        _tried(lambda: review_open.import_file(upload.name, upload.getvalue()))
    if (done := review_open.take_imported()) is not None:
        st.info(f"Read {results.counted(done.n_read, 'answer')}, {done.n_new:,} of them new; {done.n_blank:,} blank.")
        for problem in done.problems:
            st.warning(results.escape(problem))
    own, another = st.columns(2)
    _download(own.download_button, "The review (SQLite)", "review", "db", opened.review.path.read_bytes)
    another.button("Open another review", key="review_close", on_click=review_open.close, width="stretch")


def _missing(readiness: Readiness) -> None:
    for each in readiness.further:
        st.markdown(f"- {results.escape(each)}")


def _draw(inv: Investigation | None) -> None:
    st.subheader("Disagreements, or a shadow run", anchor=False)
    st.markdown(STEPS_OF_A_RUN)
    if inv is None:
        frame.go("Choose the samples", STEPS["samples"].page, key="review_samples")
        return
    with st.form("review_draw_form", border=False):
        size, gap, day = st.columns(3)
        n = size.number_input("Pairs", min_value=1, value=ReviewSettings().n, key="review_n")
        settings = ReviewSettings(n=int(n))
        if inv.production.kind.is_answered:
            settings = replace(settings, threshold=_threshold(gap))
        else:
            settings = replace(settings, gap=_gap(gap, is_ranked=inv.production.kind.is_ranked))
        start: date | None = day.date_input("Shadow run began", value=None, key="review_start")
        is_sent = st.form_submit_button(results.on_primary("Draw"), type="primary", key="review_draw")
    if is_sent:
        _tried(lambda: review_open.draw(inv, settings, start))


def _threshold(place: DeltaGenerator) -> float:
    default = ReviewSettings().threshold
    return place.number_input(
        "Student passes from", min_value=0.0, max_value=1.0, value=default, step=0.01, key="review_threshold"
    )


def _gap(place: DeltaGenerator, *, is_ranked: bool) -> float:
    percent = place.number_input(
        "Ranks differ by more than (%)",
        min_value=0,
        max_value=99,
        value=round(100 * ReviewSettings().gap),
        key="review_gap",
        disabled=not is_ranked,
    )
    return percent / 100


def _spot_check() -> None:
    st.subheader("Spot check of a list", anchor=False)
    with st.form("review_check_form", border=False):
        upload = st.file_uploader("Retrain list, re-scored", type=LIST_TYPES, key="review_list")
        share = st.slider("Share of it (%)", min_value=1, max_value=20, value=10, key="review_share")
        is_sent = st.form_submit_button("Draw the check", key="review_check")
    if is_sent and upload is not None:
        _tried(lambda: review_open.draw_check(upload.name, upload.getvalue(), share / 100))


def _file() -> None:
    st.subheader("A review that was begun", anchor=False)
    with st.form("review_file_form", border=False):
        upload = st.file_uploader("Its file", type=["db"], key="review_upload")
        path = st.text_input("Or a path on this machine, shared with other reviewers", key="review_path")
        is_sent = st.form_submit_button("Open", key="review_open")
    if is_sent and upload is not None:
        _tried(lambda: review_open.open_upload(upload.name, upload.getvalue()))
    elif is_sent and path.strip():
        _tried(lambda: review_open.open_path(path))


def _tried(act: Callable[[], object]) -> None:
    """Act and draw the page anew, which shows something else then; or say what is wrong."""
    try:
        act()
    except DriftError as error:
        st.error(results.escape(error))
    else:
        st.rerun()


def _packed(opened: OpenReview, form: str) -> bytes:
    return to_zip(export_review(opened.review, form))


def _download(place: Callable[..., object], label: str, what: str, kind: str, make: Callable[[], bytes]) -> None:
    mime = "application/zip" if kind == "zip" else "application/octet-stream"
    name = file_names.of_investigation(what, kind)
    place(label, make, file_name=name, mime=mime, key=f"review_file_{what}", on_click="ignore", width="stretch")


def _regions(result: ReviewResult) -> pd.DataFrame:
    who = "Teacher" if result.kind == "spot check" else "Student"
    return pd.DataFrame(
        [
            {
                "Region": each.name,
                "Share of it": f"{each.share:.0%}",
                "Reviewed": f"{each.n_answered:,} of {each.n_drawn:,}",
                f"{who} wrong": f"{each.wrong:.0%}" if isinstance(each.wrong, Measured) else "",
            }
            | ({} if result.kind == "spot check" else {"Against 30 to 40%": against_band(each.wrong)})
            for each in result.regions
        ]
    )
