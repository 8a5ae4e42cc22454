"""Beside the verdict: how high agreement could be, how good both are at the task, whether outputs keep structure."""

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


def structure(made: Diagnosis) -> None:
    """Whether outputs keep their structure, where the samples hold outputs."""
    if not made.outputs:
        return
    st.subheader("Structure of the outputs", anchor=False)
    st.markdown(results.escape(made.outputs.sentence))
    _numbers(made.outputs.table, "Outputs of teacher and student that keep the structure, by region")


def _numbers(table: pd.DataFrame, title: str) -> None:
    if not table.empty:
        with st.expander("Numbers"):
            st.dataframe(table, hide_index=True, alt=title)
