"""Retrain, route or leave, as a part of the verdict page: the answer, the table, the prices it needs."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.judge_card.card import JudgeCard
from drift_core.measured import Unmeasured
from drift_core.options.weigh import Options, weigh_options
from pages.components.canary import history_owner
from pages.components.card import card_open
from pages.components.costs import cost_prices
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation

_PRICES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cost_pair": ("Teacher, one pair", "%.6g"),
        "cost_student": ("Student, 1,000 calls", "%.6g"),
    }
)


BEGUN_WITH = JudgeCard().floors.agreement  # where every card begins, which nobody has set for this student


def weighed(inv: Investigation, made: Diagnosis) -> Options:
    """The options at the prices and the floor that are entered; agreements are kept with the investigation."""
    opened = card_open.current() if history_owner.card_is_of(inv) else None
    floor = opened.card.floors.agreement if opened else None
    return weigh_options(
        made,
        prices=cost_prices.entered(),
        floor=None if floor == BEGUN_WITH else floor,
        expected=cached.expected_agreement(inv, made),
        n_drawable=cost_prices.drawable_pairs(),
    )


def show(inv: Investigation, routes: Options) -> None:
    """The answer, the table, what each figure assumes, the prices."""
    st.markdown(results.escape(routes.sentence))
    table(routes)
    if open_price := cost_prices.still_open():
        st.caption(open_price)
    if told := _whose_floor(inv):
        st.caption(results.escape(told))
    for note in routes.notes:
        st.caption(results.escape(note))
    if routes.assumptions:
        with st.expander("What these figures assume"):
            lines = [f"- **{title}.** {results.escape(assumes)}" for title, assumes in routes.assumptions.items()]
            st.markdown("\n".join(lines))
    _prices(routes)


def _whose_floor(inv: Investigation) -> str:
    """Whose card the floor is from; empty where none is open."""
    opened = card_open.current()
    if opened is None:
        return ""
    if opened.card.floors.agreement == BEGUN_WITH:
        return ""
    whose = f"{opened.name}, the judge card of student {opened.card.student.version or 'without a version'}"
    if history_owner.card_is_of(inv):
        return f"The floor is that of {whose}."
    return f"{whose}, is open, but the history of that student has no week on these samples: its floor is not taken."


def table(routes: Options) -> None:
    """The ways side by side, and what the columns mean."""
    st.markdown(_as_markdown(routes))
    st.caption(
        "Agreement of all traffic with the teacher. Routing: the teacher answers the calls of drifted regions. Prices "
        "are beyond today's, without the training itself, in the currency of the prices that you enter."
    )


def _as_markdown(routes: Options) -> str:
    """The table as Markdown, whose cells wrap on a narrow screen."""
    ways = routes.table.drop(columns="Assumes")
    head = ["| " + " | ".join(ways.columns) + " |", "|---|---|--:|---|"]
    rows = ["| " + " | ".join(map(results.escape, row)) + " |" for row in ways.itertuples(index=False, name=None)]
    return "\n".join(head + rows)


def _prices(routes: Options) -> None:
    with st.expander("Your prices", expanded=cost_prices.entered() is None):
        columns = st.columns(len(_PRICES) + 1)
        for column, (name, (label, style)) in zip(columns, _PRICES.items(), strict=False):
            if name == "cost_pair" and session.view().cost_by == "token":
                column.caption(f"Teacher: {session.view().teacher_price:g} a pair, by its tokens")
                continue
            tied = session.bounds(name) | session.field(name, widget="verdict")
            column.number_input(label, step=0.001, format=style, **tied)
        tied = session.bounds("cost_calls") | session.field("cost_calls", widget="verdict")
        columns[-1].number_input("Calls a week", step=1, **tied)
        if not isinstance(routes.options[-1].once, Unmeasured):
            st.caption(f"Retraining is priced for {cost_prices.priced_pairs():,} pairs on the list.")
        frame.link("All prices are on the page Cost →", STEPS["costs"].page)
