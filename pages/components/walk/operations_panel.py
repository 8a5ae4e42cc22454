"""Cost, latency and failures of the calls beside the teacher's, where the files tell them."""

import pandas as pd
import streamlit as st

from drift_core.operations.operating_figures import OperatingFigure
from drift_core.operations.operations import Operations
from pages.components.frame import results


def operations(made: Operations, *, key: str) -> None:
    """The finding, then the table."""
    if not made:
        return
    st.subheader("Cost, latency and failures of calls", anchor=False)
    for sentence in made.findings:
        st.markdown(f"{results.shape('to check')} {results.escape(sentence)}")
    table = pd.DataFrame([_row(each) for each in made.figures])
    if not any(each.of_before for each in made.figures):
        table = table.drop(columns="Of the student before's")
    st.dataframe(table, hide_index=True, key=key, alt="Cost, latency and failures of calls beside the teacher's")


def _row(figure: OperatingFigure) -> dict[str, object]:
    shares = {"Of the teacher's": figure.of_teacher, "Of the student before's": figure.of_before}
    return {
        "Figure": figure.figure,
        "Of": figure.who.replace("_", " ").capitalize(),
        "Value": figure.text,
        **{name: "" if share is None else format(share, ".1%") for name, share in shares.items()},
        "Calls": figure.value.n_pairs,
    }
