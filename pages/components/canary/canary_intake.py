"""Parts of the canary page that take in and give out: a history, this week's sample, past weeks, the export."""

from datetime import UTC, date, datetime, time

import numpy as np
import streamlit as st

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.baselines import bridge_refusal
from drift_core.canary.run import CanaryRun
from drift_core.errors import DriftError
from drift_core.history.record_week import RecordSettings
from drift_core.history.recorder import RecordOutcome
from drift_core.simulation import canary_year_samples
from pages.components.canary import canary_history, canary_named, canary_week, history_owner
from pages.components.canary.canary_history import CanaryReading
from pages.components.card import card_open
from pages.components.frame import file_names, frame, progress, results
from pages.components.samples import sample_panel
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation
from pages.components.session.session import SIDE_WORDS, SIDES, Side
from pages.components.walk import recent_panel

PASSING = (
    "This history is gone with a reload. Download it under Past weeks in, all weeks out, or open a file of yours by "
    "its path."
)
SHIPPED_WEEK = "week-41"
HISTORY_TYPES = ["db", "sqlite", "sqlite3", "csv"]


def open_one() -> None:
    """Ways to a history: the shipped year, a file, a path, an empty one."""
    story, own = st.columns([3, 2], gap="large")
    with story.container(border=True):
        st.subheader(canary_year_samples.TITLE, anchor=False)
        st.markdown(" ".join(canary_year_samples.STORY))
        st.caption(canary_year_samples.TEACHES)
        st.button(
            results.on_primary("Open"),
            key="canary_open_scenario",
            on_click=history_owner.open_example,
            type="primary",
        )
    with own.container(border=True):
        st.subheader("Your own history", anchor=False)
        _upload()
        _path()
        st.button("Begin a new history", key="canary_begin", on_click=canary_history.begin)
        recent_panel.of_others("history")


def show_notes() -> None:
    """What the last action noted, and what could not be opened."""
    fault = canary_history.take_fault()
    if fault:
        st.error(results.message(fault))
    for note in canary_history.take_notes():
        st.info(results.message(note))


def add_week(read: CanaryReading | None) -> None:
    """Record this week; open where the open sample, or the one that is offered, is not in the history yet."""
    inv, runs = session.current(), read.runs if read else ()
    is_new = inv is not None and inv.production.digest not in {run.production_digest for run in runs}
    with st.expander("Add this week's sample", expanded=is_new or not runs or _is_offered(inv), key="canary_add"):
        _week(inv, read.weeks if read else ())


def _week(inv: Investigation | None, weeks: tuple[WeekAssessment, ...]) -> None:
    """The open investigation, who was compared, and the day."""
    _offer_shipped_week(inv)
    if inv is None:
        _bring()
        return
    run = weeks[-1].run if weeks else None
    st.markdown(
        f"Held-out: **{results.escape(inv.heldout.name)}**, {len(inv.heldout):,} pairs · production: "
        f"**{results.escape(inv.production.name)}**, {len(inv.production):,} pairs"
    )
    _say_other_heldout(inv, run)
    with st.form("canary_week", border=False):
        revision, student, day = st.columns(3)
        of_this = inv.samples_key  # other samples begin with their own defaults
        typed_revision = revision.text_input(
            "Revision of the teacher",
            value=inv.current_revision or (run.teacher_revision if run else ""),
            key=f"canary_revision_{of_this}",
        )
        version = student.text_input(
            "Version of the student", value=(run.student_version or "") if run else "", key=f"canary_student_{of_this}"
        )
        at = day.date_input("Day that the sample stands for", value=_last_day(inv), key=f"canary_day_{of_this}")
        by = canary_named.ask(inv)
        fault = st.container()
        is_sent = st.form_submit_button(results.on_primary("Record this week"), type="primary", key="canary_record")
    st.caption("With pinned scores in the sample and another revision than before, the week is a bridge.")
    canary_week.another(inv)
    if is_sent:
        try:
            _record(inv, revision=typed_revision, version=version, at=at, by=by)
        except DriftError as error:
            fault.error(results.escape(error))


def accept_level(weeks: tuple[WeekAssessment, ...]) -> None:
    """Offer to take the level of an alarmed week as the baseline, with name and reason."""
    if not weeks or weeks[-1].status != "alarm":
        return
    with st.expander("Accept this level as the new baseline"), st.form("canary_accept_form", border=False):
        st.caption("Where the fall is known and bearable. Later weeks are held against it; it is kept in the history.")
        by = st.text_input("Your name", key="canary_by")
        reason = st.text_input("Why it is accepted", key="canary_reason")
        is_sent = st.form_submit_button("Accept the level", key="canary_accept")
    if not is_sent:
        return
    try:
        version = weeks[-1].run.student_version or ""
        run = canary_history.accept(by=by, reason=reason, student_version=version)
    except DriftError as error:
        st.error(results.escape(error))
        return
    canary_history.put_notes((f"The level of {run.at:%Y-%m-%d} is the baseline from that week on, accepted by {by}.",))
    st.rerun()


def weeks_in_and_out() -> None:
    """Import, export, and letting go of the history."""
    opened = canary_history.current()
    if opened is None:
        return
    st.subheader("Past weeks in, all weeks out", anchor=False)
    st.markdown(f"Open: **{results.escape(opened.name)}**, {opened.where}.")
    _import()
    export, another = st.columns(2)
    export.download_button(
        "All weeks (CSV)",
        lambda: canary_history.export(opened),
        file_name=file_names.of_history("weeks", "csv", name=opened.name),
        mime="text/csv",
        key="canary_export",
        on_click="ignore",
        width="stretch",
    )
    another.button("Open another history", key="canary_close", on_click=canary_history.close, width="stretch")


def _upload() -> None:
    upload = st.file_uploader("History file (SQLite or CSV)", type=HISTORY_TYPES, key="canary_upload")
    if upload is not None:
        with st.spinner("Reading the history"):
            canary_history.open_upload(upload.name, upload.getvalue())
        if canary_history.current() is not None:
            st.rerun()
        st.error(results.escape(canary_history.take_fault()))


def _path() -> None:
    with st.form("canary_path_form", border=False):
        path = st.text_input("Or a path on this machine", key="canary_path", placeholder="canary.db")
        if st.form_submit_button("Open the path", key="canary_open_path") and path.strip():
            canary_history.open_path(path)
            st.rerun()


def _import() -> None:
    with st.form("canary_import_form", border=False, clear_on_submit=True):
        upload = st.file_uploader("Past weeks (CSV)", type=["csv"], key="canary_import")
        st.caption("Columns: at, teacher_revision, n_pairs, agreement; more in docs/history.md. All rows or none.")
        is_sent = st.form_submit_button("Import", key="canary_import_now")
    if not is_sent or upload is None:
        return
    try:
        done = canary_history.import_weeks(upload.name, upload.getvalue())
    except DriftError as error:
        st.error(results.escape(error))
        return
    apart = f" Withdrawn, as the file says: {done.n_withdrawn:,}." if done.n_withdrawn else ""
    counts = f"Imported {results.counted(done.n_new, 'week')}; {done.n_known:,} known already.{apart}"
    unused = (f"Columns not used: {', '.join(done.unused)}.",) if done.unused else ()
    canary_history.put_notes((counts, *unused, *done.notes))
    st.rerun()


def _is_offered(inv: Investigation | None) -> bool:
    """Whether the shipped year is open, and its next week not."""
    opened = canary_history.current()
    is_taken = inv is not None and inv.production.name == SHIPPED_WEEK
    return opened is not None and opened.name == canary_year_samples.TITLE and not is_taken


def _offer_shipped_week(inv: Investigation | None) -> None:
    if not _is_offered(inv):
        return
    st.markdown("The sample of week 41 and the student's held-out sample lie ready. Or bring your own below.")
    st.button(results.on_primary("Take week 41"), key="canary_take_week", on_click=_take_shipped_week, type="primary")


def _say_other_heldout(inv: Investigation, run: CanaryRun | None) -> None:
    before = run.heldout.digest if run is not None and run.heldout is not None else None
    if before is not None and before != inv.heldout.digest:
        st.warning(
            "This held-out sample is not the one that the newest week was measured with. A version of the student "
            "keeps the baseline of its first held-out: take that one, or name the new version."
        )


def _bring() -> None:
    st.markdown("Bring held-out as it was when the student shipped, and this week's pairs scored by today's teacher.")
    for place, side in zip(st.columns(2, gap="large"), SIDES, strict=True):
        with place:
            sample = session.sample(side)
            if sample is None:
                sample_panel.bring(side)
                _say_unread(side)
            else:
                st.markdown(f"{SIDE_WORDS[side]}: **{results.escape(sample.name)}**, {len(sample):,} pairs")


def _say_unread(side: Side) -> None:
    """A file that was brought and could not be read yet: its columns are chosen on the samples page."""
    given = session.source(side)
    if given is not None:
        st.error(results.message(given.failure or f"{given.name} is not read yet."))
        frame.go("Choose its columns", "pages/samples.py", key=f"canary_columns_{side}")


def _take_shipped_week() -> None:
    from drift_core.simulation.canary_year import shipped_canary_files

    files = shipped_canary_files()
    session.open_files((files.heldout, files.week), (canary_year_samples.REVISED, canary_year_samples.REVISED))
    history_owner.enter(session.current(), along=("history",))


def _record(inv: Investigation, *, revision: str, version: str, at: date, by: str) -> None:
    canary_named.check(inv, by)
    card = card_open.current()
    week = RecordSettings(
        at=datetime.combine(at, time(), tzinfo=UTC),
        recorded_at=datetime.now(UTC),
        teacher_revision=revision,
        student_version=version.strip() or None,
        pinned_revision=inv.pinned_revision,
        rule=session.rule(),
        more=card.card.measured_slices if card else (),
    )
    with progress.shown("Comparing regions") as report:
        diagnosis = cached.diagnosis(inv, report)
    made = canary_history.record(diagnosis, week)
    followed = canary_named.follow(inv, diagnosis, by)
    recorded = made.recorded
    known = () if recorded.is_new else (_known_before(recorded),)
    told = f": {made.week.status}" if made.week else ""
    added = (f"Recorded the week of {at.isoformat()}{told}.",) if recorded.is_new else ()
    odd = recorded.notes if recorded.is_new else ()
    no_bridge = bridge_refusal(made.week.run, made.week.baseline) if made.week else None
    kept = canary_history.current()
    passing = (PASSING,) if kept and kept.folder and recorded.is_new else ()  # where a server keeps nothing
    canary_history.put_notes((*added, *known, *odd, *((no_bridge,) if no_bridge else ()), *followed, *passing))
    st.rerun()


def _known_before(recorded: RecordOutcome) -> str:
    if recorded.withdrawal is None:
        return "This run was recorded before; the first record stays."
    return f"{recorded.withdrawal.sentence} It stays withdrawn. Restore it under Take a wrong record back to count it."


def _last_day(inv: Investigation) -> date:
    stamps = inv.production.timestamp
    known = None if stamps is None else stamps[~np.isnat(stamps)]
    if known is None or not len(known):
        return datetime.now(UTC).date()
    return date.fromisoformat(str(known.max().astype("datetime64[D]")))
