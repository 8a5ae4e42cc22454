"""Which kind of score both files hold, as it was recognised, and the way to say otherwise."""

from dataclasses import replace

import streamlit as st

from drift_core.samples.score_kind import KIND_WORDS, NUMERIC, Kind
from pages.components.frame import results
from pages.components.samples import intake
from pages.components.session import session
from pages.components.session.session import SIDES, Side

_RECOGNISED = "Told by the values"
_KINDS: dict[str, Kind | None] = {_RECOGNISED: None} | {words: kind for kind, words in KIND_WORDS.items()}

_ORDERS = {"ordinal": ", the lowest first", "binary": ", the positive one last"}


def kind_panel(side: Side) -> None:
    """The kind of one side's scores; what is chosen holds for both files, for they are compared."""
    source, sample = session.source(side), session.sample(side)
    if source is None or not source.data or (sample is None and intake.missing_columns(source)):
        return
    kind = sample.kind if sample else NUMERIC
    with st.popover(f"Kind of score: {KIND_WORDS[kind.name] if sample else 'not known'}", key=f"kind_popover_{side}"):
        if kind.labels:
            st.caption(results.escape(f"Labels{_ORDERS.get(kind.name, '')}: {', '.join(kind.labels)}"))
        with st.form(f"kind_form_{side}", border=False):
            place = list(_KINDS.values()).index(source.kind)
            chosen = st.selectbox("Kind of score", list(_KINDS), index=place, key=f"kind_{side}")
            labels = st.text_input(
                "Labels in their order, with commas",
                ", ".join(source.labels),
                key=f"labels_{side}",
                placeholder="fail, pass",
                help="Grades with the lowest first, fail before pass. Empty: those in the file.",
            )
            if st.form_submit_button("Read both files so", key=f"take_kind_{side}"):
                _take(_KINDS[chosen], tuple(label.strip() for label in labels.split(",") if label.strip()))
                st.rerun()


def _take(kind: Kind | None, labels: tuple[str, ...]) -> None:
    for side in SIDES:
        if (source := session.source(side)) is not None and source.data:
            intake.take(side, replace(source, kind=kind, labels=labels))
