"""One file that holds both samples: which column and date or value tells them apart, with both sizes before."""

from datetime import date

import streamlit as st

from drift_core.errors import DriftError
from drift_core.samples.parts import Split
from drift_core.samples.split import SplitColumn, count_sides
from pages.components.frame import results
from pages.components.samples import intake
from pages.components.samples.source import Source
from pages.components.session import cached, session
from pages.components.session.investigation import key_of
from pages.components.session.session import SIDES


def split_panel() -> None:
    """Ask where the one file that is there is split; nothing where there are two, none, or one that cannot be."""
    there = {side: source for side in SIDES if (source := session.source(side)) is not None}
    if len(there) != 1:
        return
    ((side, source),) = there.items()
    columns, sample = intake.columns_that_split(side), session.sample(side)
    if not columns or sample is None:
        return
    with st.container(border=True):
        st.markdown(f"**Or does {results.escape(source.name)} hold both?**  \n:small[Split it by a date, or a value.]")
        names = [each.name for each in columns]
        name = st.selectbox("Column that tells them apart", names, key="split_column")
        split = _where(next(each for each in columns if each.name == name))
        if split is not None:
            _sizes(source, split, key_of(sample))


def _where(column: SplitColumn) -> Split | None:
    if column.days is None:
        at = st.selectbox("Production has this value", column.values, key=f"split_value_{column.name}")
        return Split(column=column.name, at=str(at))
    first, middle, last = map(date.fromisoformat, column.days)
    label = "Production from this day on, held-out before"
    day = st.date_input(label, middle, min_value=first, max_value=last, key=f"split_day_{column.name}")
    return Split(column=column.name, at=day.isoformat()) if isinstance(day, date) else None


def _sizes(source: Source, split: Split, key: str) -> None:
    try:
        sizes = cached.result_by_key("split", key, (split,), lambda: count_sides(source.open(), split))
    except DriftError as error:
        st.warning(results.escape(str(error)))
        return
    rows = {side: results.counted(sizes[side], "row") for side in SIDES}
    st.markdown(f"Held-out {rows['heldout']}, production {rows['production']}.")
    if st.button(results.on_primary("Split the file"), key="split_file", type="primary"):
        with st.spinner("Reading the file"):
            intake.take_split(source, split)
        st.rerun()
