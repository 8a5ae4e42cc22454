"""The form on the canary page that takes a wrong record back, or lets a withdrawn one count again."""

import streamlit as st

from drift_core.canary.run import CanaryRun
from drift_core.canary.withdrawals import SHOWN
from drift_core.errors import DriftError
from drift_core.wording import one_line
from pages.components.canary import canary_history
from pages.components.canary.canary_history import CanaryReading
from pages.components.frame import results


def form(read: CanaryReading) -> None:
    """Choose a record; then name and reason, and the one button that fits its state."""
    states = {week.run.key: week.status for week in read.weeks} | dict.fromkeys(_withdrawn(read), "withdrawn")
    runs = {run.key: run for run in reversed(read.runs)}
    key = st.selectbox(
        "Record",
        list(runs),
        format_func=lambda each: _named(runs[each], states[each]),
        key=f"canary_withdraw_run_{len(runs)}",  # a further record begins with the newest
    )
    is_withdrawn = key in _withdrawn(read)
    with st.form("canary_withdraw_form", border=False):
        who, why = st.columns(2)
        n = len(read.decisions)  # empty again after each decision
        by = who.text_input("Your name", key=f"canary_withdraw_by_{n}")
        reason = why.text_input("Why", key=f"canary_withdraw_reason_{n}")
        label = "Restore it" if is_withdrawn else "Withdraw this record"
        is_sent = st.form_submit_button(label, key="canary_withdraw")
    st.caption(
        "A withdrawn record stays here and in exports, marked with name and reason. It raises no alarm, moves no "
        "baseline and is not the gate's newest week."
    )
    if is_sent and key is not None:
        _decide(key, by=by, reason=reason, is_withdrawn=is_withdrawn)


def _decide(key: str, *, by: str, reason: str, is_withdrawn: bool) -> None:
    try:
        if is_withdrawn:
            run = canary_history.restore(key, by=by, reason=reason)
            note = f"The record of {run.at:%Y-%m-%d} counts again, restored by {one_line(by)}."
        else:
            note = canary_history.withdraw(key, by=by, reason=reason).sentence
    except DriftError as error:
        st.error(results.escape(error))
        return
    canary_history.put_notes((note,))
    st.rerun()


def _withdrawn(read: CanaryReading) -> tuple[str, ...]:
    return tuple(each.run.key for each in read.withdrawn)


def _named(run: CanaryRun, state: str) -> str:
    told = (f"{run.at:%Y-%m-%d}", state, str(run.agreement), run.production_name, run.key[:SHOWN])
    return " · ".join(each for each in told if each)
