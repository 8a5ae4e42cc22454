"""Pinned scores: what to bring where the verdict asks for them, how to get it, and the place that takes it."""

from collections.abc import Sequence

import streamlit as st

from drift_core.samples.settling import BEFORE, PINNED_COLUMN
from pages.components.frame import results
from pages.components.samples.sample_panel import bring
from pages.components.session import cached
from pages.components.session.investigation import Investigation


def asked(inv: Investigation) -> None:
    """Where the verdict is there and asks for pinned scores: what to bring, and the place for it."""
    made = cached.ready_diagnosis(inv)
    if made is None or made.to_pin is None:
        return
    with st.container(border=True):
        st.subheader("Bring pinned scores", anchor=False)
        st.markdown(results.escape(made.to_pin.sentence))
        draw(made.to_pin.commands[:1], of="pinned")
        st.markdown(f"Then {PINNED_COLUMN}: the file with this column takes the place of production.")
        bring("production", is_pinned=True)


def draw(commands: Sequence[str], *, of: str | None) -> None:
    """Commands of an aim, each in a block of its own that can be copied; what comes between them is said."""
    for command, before in zip(commands, BEFORE.get(of or "", ()), strict=False):
        st.caption(before)
        st.code(command, language=None, wrap_lines=True)
