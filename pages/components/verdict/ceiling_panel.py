"""Beside the verdict: how high agreement could be, and how good teacher and student are at the task itself."""

import pandas as pd
import streamlit as st

from drift_core.diagnosis.diagnosis import Diagnosis
from pages.components.frame import results


def ceiling(made: Diagnosis) -> None:
    """The noise ceiling in one line, its numbers below."""
    st.subheader("How high could it be", anchor=False)
    st.markdown(results.escape(made.ceiling.sentence))
    _numbers(made.ceiling.table, "The teacher against itself, and what that leaves a student")


def quality(made: Diagnosis) -> None:
    """Teacher and student against human labels in one line, the numbers below."""
    st.subheader("Task quality beside agreement", anchor=False)
    st.markdown(results.escape(made.quality.sentence))
    _numbers(made.quality.table, "Teacher and student against human labels")


def _numbers(table: pd.DataFrame, title: str) -> None:
    if not table.empty:
        with st.expander("Numbers"):
            st.dataframe(table, hide_index=True, alt=title)
