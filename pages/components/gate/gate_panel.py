"""Parts of the release gate's page: the answer, its checks, what it was decided by, the override."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import streamlit as st

from drift_core.calibration.calibration_file import CalibrationRecord
from drift_core.canary.decision import WITHDRAWING, Decision, Kind
from drift_core.comparison.comparison_json import ComparisonRecord
from drift_core.errors import DriftError
from drift_core.gate.checks import CHECK_WORDS, GateCheck
from drift_core.gate.context import as_sentence
from drift_core.gate.gate_decision import GateDecision
from drift_core.gate.headline import gate_headline, gate_lines
from drift_core.gate.triggers import floor_of
from drift_core.measured import limit
from drift_core.simulation import canary_year_samples
from pages.components.canary import canary_history, canary_panel, history_owner
from pages.components.card import card_panel
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS, State, gate_state
from pages.components.gate import gate_calibration, gate_reading
from pages.components.gate.gate_reading import GateReading
from pages.components.session import session, visitor_store

_NOTE = "gate_note"
_ORDER: Mapping[str, tuple[State, str]] = MappingProxyType(
    {
        "blocked": ("fell", "blocks"),
        "inconclusive": ("cannot tell", "cannot tell"),
        "overridden": ("to check", "overridden"),
        "held": ("held", "held"),
        "skipped": ("not yet", "nothing to check"),
    }
)
_NAME_THEM = "The gate needs the names of both students of the comparison. Name them there; no file is asked for again."
_WAYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "no_run": ("canary", "The gate needs a week of this student. Record one there."),
        "student": ("canary", "The gate needs a week of the card's student. Record one there."),
        "gap": ("canary", "A larger sample of this week lets it be measured."),
        "clock": ("canary", "A record with a wrong date is withdrawn there."),
        "stale": ("canary", "The newest week is too old. A new one lets the gate decide."),
        "calibration": ("spread", "The calibration is made there; its file goes in here."),
        "review": ("review", "The review of disagreements is done there."),
    }
)
_KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "override": "Override",
        "end_override": "Override taken back",
        "accept_level": "New level accepted",
        "withdraw": "Record withdrawn",
        "restore": "Record restored",
        "name_region": "Region named",
        "forget_region": "Region followed no longer",
    }
)


def bring_a_history() -> None:
    """Where a history comes from, and the shipped one."""
    st.markdown(
        "The gate reads the canary's history and the judge card, and answers pass, blocked or inconclusive: the same "
        "answer as `distillation-drift gate` gives in a build pipeline (CI)."
    )
    frame.go("Open a history: Canary", STEPS["canary"].page, key="gate_to_canary", kind="primary")
    st.button(
        f"Open the scenario: {canary_year_samples.TITLE}",
        key="gate_open_scenario",
        on_click=history_owner.open_example,
    )
    fault = canary_history.take_fault()
    if fault:
        st.error(results.message(fault))


def show_notes() -> None:
    """What the last action did."""
    note = visitor_store.take(_NOTE)
    if note:
        st.info(results.message(note))


def answer(read: GateReading) -> None:
    """The verdict as CI prints it, its state, and since when."""
    decision = read.decision
    results.verdict(gate_headline(decision))
    since = f" · since {decision.first_reason_since:%Y-%m-%d}" if decision.first_reason_since else ""
    st.markdown(f"**{results.state_line(gate_state(decision))}**{since} · decided for {decision.now:%Y-%m-%d}")
    lines = gate_lines(decision)
    if lines:
        st.markdown("\n".join(f"- {results.escape(line)}" for line in lines))


def checks(read: GateReading) -> None:
    """Every check with its finding, what keeps the release from passing first."""
    order = list(_ORDER)
    found = sorted(read.decision.checks, key=lambda check: order.index(check.outcome))
    st.subheader("What was checked", anchor=False)
    for check in found:
        if check.outcome not in ("held", "skipped"):
            with st.container(border=True):
                st.markdown(_told(check))
    st.markdown("  \n".join(_told(check, separator=": ") for check in found if check.outcome == "held"))
    skipped = [check for check in found if check.outcome == "skipped"]
    if skipped:
        with st.expander(f"Nothing to check ({len(skipped)})"):
            st.markdown("  \n".join(_told(check, separator=": ") for check in skipped))


def triggers(read: GateReading) -> None:
    """The card's retrain triggers, which block nothing by themselves; nothing without a card."""
    if read.decision.triggers:
        card_panel.show_triggers(read.decision.triggers)
        st.caption("A trigger asks for a retraining. What stops a release stands among the checks.")


def decided_by(read: GateReading) -> None:
    """The day, the card and the rule, and how to change each."""
    st.subheader("Decided by", anchor=False)
    st.date_input(
        "Day to decide for",
        value=read.decision.now.date(),
        key="gate_day",
        on_change=gate_reading.keep_day,
        args=("gate_day",),
    )
    if read.card is None:
        st.markdown("No judge card: the rule's floors decide, and no teacher revision is checked.")
    else:
        card = read.card.card
        n_slices = len(card.critical_slices)
        slices = results.counted(n_slices, "critical slice") if n_slices else "no critical slices"
        floors = f"agreement {limit(floor_of(card))}, overlap {limit(card.floors.overlap)}"
        st.markdown(f"**{results.escape(read.card.name)}** · floors: {floors} · {slices}")
    rule = "your settings of the rule" if read.is_own_rule else "those that the student's newest run was recorded with"
    whose = f"{read.opened.name}, of {owner}" if (owner := history_owner.owner()) else read.opened.name
    st.caption(f"History: {results.escape(whose)}. Thresholds: {rule}.")
    if told := history_owner.said(session.current()):
        st.caption(results.escape(told))
    _comparison(gate_reading.open_comparison())
    _calibration(read.calibration)
    frame.go("Edit the judge card" if read.card else "Bring a judge card", STEPS["card"].page, key="gate_to_card")


def _comparison(opened: ComparisonRecord | None) -> None:
    """Which comparison with the student before is checked, and whether it is."""
    if opened is None:
        st.caption("No comparison with the student before is open, so nothing is checked of it.")
        return
    names = " → ".join(str(name or "unnamed") for name in (opened.student_before, opened.student_after))
    made = f", made on {opened.made_at:%Y-%m-%d}" if opened.made_at else ""
    if gate_reading.is_of_others(opened):
        st.caption(results.escape(f"Neither student of the open comparison, {names}, is in this history or its card."))
    st.checkbox(
        results.escape(f"Check the open comparison too: {names}{made}"),
        gate_reading.takes_comparison(),
        key="gate_with_comparison",
        on_change=gate_reading.keep_comparison_choice,
        args=("gate_with_comparison",),
    )


def _calibration(found: CalibrationRecord | None) -> None:
    """A place for the file of a calibration, and whose is checked."""
    label = "Calibration (JSON, of the page Spread or of calibrate)"
    st.file_uploader(label, "json", key=gate_calibration.KEY, on_change=gate_calibration.open_upload)
    if (fault := gate_calibration.take_fault()) is not None:
        st.error(results.message(fault))
    if found is not None:
        whose = results.escape(found.student_version or "a student that it does not name")
        st.caption(f"Checked: the calibration of {whose}, made on {found.made_at:%Y-%m-%d}.")


def override(read: GateReading) -> None:
    """Let a release ship for the reasons that stop it now, with name and reason."""
    st.subheader("Override", anchor=False)
    if read.decision.override is not None and read.decision.reasons:
        st.markdown("An override is kept. It does not cover what keeps the gate shut now.")
    elif read.decision.override is not None:
        st.markdown("An override is in force. It ends with the next canary run, at the latest when that is overdue.")
    if read.can_end_override:
        _take_back(read)
    if not read.decision.reasons:
        if read.decision.override is None:
            st.markdown("Nothing to override: the gate lets the release pass.")
        return
    with st.form("gate_override_form", border=False):
        by = st.text_input("Your name", key="gate_by")
        reason = st.text_area("Why it may ship anyway", key="gate_reason", height=80)
        is_sent = st.form_submit_button("Override until the next run", key="gate_override")
    st.caption(f"Both are kept in the history: {read.opened.where}.")
    if is_sent:
        _keep(lambda: gate_reading.override(read, by=by, reason=reason), "recorded")


def _take_back(read: GateReading) -> None:
    """End the overrides since the newest run, with name and reason."""
    with st.expander("Take the override back"), st.form("gate_end_form", border=False):
        by = st.text_input("Your name", key="gate_end_by")
        reason = st.text_input("Why it no longer holds", key="gate_end_reason")
        is_sent = st.form_submit_button("Take it back", key="gate_end")
        st.caption("The override and that it was taken back stay among the decisions.")
    if is_sent:
        _keep(lambda: gate_reading.end_override(read, by=by, reason=reason), "taken back")


def _keep(decide: Callable[[], GateDecision], what: str) -> None:
    """Keep a decision about an override, and say what the gate says then; or say what is wrong with it."""
    try:
        done = decide()
    except DriftError as error:
        st.error(results.escape(error))
        return
    visitor_store.put(_NOTE, f"The override is {what}. The gate says: {done.status}.")
    st.rerun()


def decisions(read: GateReading) -> None:
    """What people decided before, the newest first."""
    st.subheader("Decisions so far", anchor=False)
    if not read.decisions:
        st.markdown("Nobody has overridden the gate, accepted a level or withdrawn a record in this history.")
    st.markdown("\n".join(_decided(each, read) for each in read.decisions))


def way_on(read: GateReading) -> None:
    """The diagnosis that an alarm asks for, the judge card where the pin is missing, then what the answer asks for."""
    card, decision = read.card, read.decision
    alarms = any(each.name == "alarm" and each.is_blocking for each in decision.reasons)
    if alarms and decision.measured is not None:
        step = canary_panel.where_to_diagnose(decision.measured)
        frame.next_step(step, "The alarm asks for a diagnosis first: its cause decides whether a retraining helps.")
    elif decision.reasons and (way := _way_of(decision, read.comparison)) is not None:
        frame.next_step(*way)
    elif decision.status == "blocked":
        frame.next_step("retrain", "Retraining takes the block away: the list says which pairs to score again.")
    elif card is None or card.card.teacher.revision is None:
        frame.next_step("card", "A judge card with a pinned teacher revision lets the gate check that revision too.")
    elif decision.status == "inconclusive":
        frame.next_step("canary", "The gate cannot tell. A larger sample of this week lets it.")
    else:
        frame.next_step("costs", "The release may ship. What remains is the price of watching it.")


def _way_of(decision: GateDecision, compared: ComparisonRecord | None) -> tuple[str, str] | None:
    """Page and reason that fit the first reason; None where the answer as a whole says the way."""
    first = decision.reasons[0]
    if first.name == "before_after" and first.subject is None:  # a part that got worse is its subject
        lacks = compared is not None and None in (compared.student_before, compared.student_after)
        return "comparison", _NAME_THEM if lacks else "What the comparison lacks stands above; it is made again there."
    if first.name == "review" and first.is_blocking:
        return None
    return _WAYS.get(first.name)


def _told(check: GateCheck, separator: str = "  \n") -> str:
    state, word = _ORDER[check.outcome]
    name = check.words[0].upper() + check.words[1:] + (f", {results.escape(check.subject)}" if check.subject else "")
    since = f" since {check.since:%Y-%m-%d}" if check.since else ""
    told = "" if check.outcome in ("held", "skipped") else f" · {word}{since}"
    return f"{results.shape(state)} **{name}**{told}{separator}{results.escape(check.sentence)}"


def _decided(each: Decision, read: GateReading) -> str:
    in_force = " · in force" if each in read.decision.overrides else ""
    covered = ", ".join(CHECK_WORDS.get(name, name) for name in each.reasons)
    covers = f" Covers: {covered}." if covered else ""
    day = read.run_days.get(each.run_key or "")
    about = f" of {day:%Y-%m-%d}" if day and each.kind in WITHDRAWING else ""
    who = f"{each.at:%Y-%m-%d} · **{results.escape(each.by)}** · {_KINDS[each.kind]}{about}{in_force}"
    return f"- {who}: {results.escape(as_sentence(each.reason))}{covers}"
