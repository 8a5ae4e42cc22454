"""Regions that somebody named: written to the history beside a week, called otherwise, or followed no longer."""

import streamlit as st

from drift_core.canary.named_regions import followed_regions
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import DriftError, SettingError
from drift_core.regions.named_region import LONGEST_NAME, NamedRegion
from pages.components.canary import canary_history
from pages.components.canary.canary_history import CanaryReading
from pages.components.frame import results
from pages.components.session import named_regions
from pages.components.session.investigation import Investigation


def ask(inv: Investigation) -> str:
    """Ask who names the regions of the investigation, where it has some that can be followed."""
    rules = _rules(inv)
    if not rules:
        return ""
    names = ", ".join(each.name for each in rules)
    help_text = "With each week of this history that is recorded after this one, they are measured and can alarm."
    return st.text_input(
        f"Your name: the named regions {results.escape(names)} are followed from the next week on",
        key=f"canary_named_by_{inv.samples_key}",
        help=help_text,
    )


def check(inv: Investigation, by: str) -> None:
    """Raise where regions would be named by nobody."""
    if _rules(inv) and not by.strip():
        raise SettingError("Regions are named with the week, and nobody is named. Type your name, or delete them.")


def follow(inv: Investigation, made: Diagnosis, by: str) -> tuple[str, ...]:
    """Have the open history follow what is not followed yet; a note on each."""
    notes = []
    for each in _rules(inv):
        if each.id in {known.id for known in canary_history.followed()}:
            continue
        try:
            canary_history.name_region(each, by=by, reason=f"Drawn by hand in {made.production.name}.")
            notes.append(f"{each.name} is followed from the next week on.")
        except DriftError as error:
            notes.append(str(error))
    return tuple(notes)


def followed(read: CanaryReading) -> None:
    """The regions that the history follows because somebody named them, with a form to change that."""
    known = {each.name: each for each in followed_regions(read.decisions)}
    if not known:
        return
    with st.expander(f"Named regions ({len(known)})"):
        lines = [
            f"- **{results.escape(name)}**: by {results.escape(each.rule_in_words)}" for name, each in known.items()
        ]
        st.markdown("\n".join(lines))
        with st.form("canary_named_form", border=False):
            n = len(read.decisions)  # empty again after each decision
            which, called = st.columns(2)
            name = which.selectbox("Region", list(known), key=f"canary_named_region_{n}")
            new = called.text_input("Called from now on", key=f"canary_named_new_{n}", max_chars=LONGEST_NAME)
            who, why = st.columns(2)
            by = who.text_input("Your name", key=f"canary_named_who_{n}")
            reason = why.text_input("Why", key=f"canary_named_why_{n}")
            rename, forget = st.columns(2)
            is_renamed = rename.form_submit_button("Rename it", key="canary_named_rename", width="stretch")
            is_forgotten = forget.form_submit_button("Follow it no longer", key="canary_named_forget", width="stretch")
        st.caption("What was recorded of a region stays. One called otherwise keeps its weeks.")
    if is_renamed or is_forgotten:
        _decide(str(name), new if is_renamed else None, by=by, reason=reason)


def _decide(name: str, new: str | None, *, by: str, reason: str) -> None:
    try:
        if new is None:
            canary_history.forget_region(name, by=by, reason=reason)
            note = f"{name} is followed no longer."
        else:
            note = f"{name} is called {canary_history.rename_region(name, new, by=by, reason=reason).name} now."
    except DriftError as error:
        st.error(results.escape(error))
        return
    canary_history.put_notes((note,))
    st.rerun()


def _rules(inv: Investigation) -> tuple[NamedRegion, ...]:
    """Rules of the regions named in the open investigation that stand for what was drawn."""
    drawn = named_regions.drawn_of(inv.samples_key, (len(inv.heldout), len(inv.production)))
    return tuple(each.rule for each in drawn if each.rule is not None and each.rule.is_close)
