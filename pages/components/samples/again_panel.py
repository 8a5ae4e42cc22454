"""Pairs that the student is to score again: their file, how to score it, and the place that takes the new scores."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.options.next_action import pairs_to_score_again, what_to_score_again
from drift_core.samples.scored_again import not_written, to_score_csv
from pages.components.frame import file_names, results
from pages.components.samples import pinned_panel
from pages.components.samples.sample_panel import bring_again
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation

BY_THE_FILE = (
    "So score the rows of your production file again, with the student's new scores in its column, and bring the whole "
    "file: choose Replace production above."
)


def asked(inv: Investigation) -> None:
    """Where the verdict is there: what it asks to be scored first, by whom, and the place for the answer."""
    made = cached.ready_diagnosis(inv)
    what, again = (None, None) if made is None else (what_to_score_again(made), pairs_to_score_again(made))
    if made is None or what is None or again is None:
        pinned_panel.asked(inv)
        return
    with st.container(border=True):
        st.subheader("Bring the new scores", anchor=False)
        st.markdown(results.escape(what.sentence))
        if why := not_written(made.production):
            st.markdown(results.escape(f"{why} {BY_THE_FILE}"))
            in_a_shell(what.commands, of="student")
            return
        file, answer = st.columns(2, gap="large")
        with file:
            download(made, again, key="samples_again")
            in_a_shell(what.commands, of="student")
        with answer:
            bring_again()
            st.caption("Its scores take the place of the student's on these pairs; then the verdict is made again.")
    with st.expander("Bring pinned scores"):
        pinned_panel.asked(inv)


def download(made: Diagnosis, again: np.ndarray, *, key: str) -> None:
    """The pairs as a file with the columns that production has, as it was read: with the rows that were set aside."""
    whole = session.sample("production") or made.production.as_read
    chosen = None if again.all() else np.isin(whole.row, made.production.row[again])
    n = len(whole) + len(whole.unscored or ()) if chosen is None else int(chosen.sum())
    st.download_button(
        results.on_primary(f"Download the {results.counted(n, 'pair')} to score"),
        lambda: to_score_csv(whole, chosen),
        file_name=file_names.of_investigation("to_score_again", "csv"),
        mime="text/csv",
        key=key,
        on_click="ignore",
        type="primary",
    )


def in_a_shell(commands: Sequence[str], *, of: str | None) -> None:
    """Commands for who works at the command line, closed."""
    if commands:
        with st.expander("At the command line"):
            pinned_panel.draw(commands, of=of)
