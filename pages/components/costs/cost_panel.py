"""Parts of the cost page: the prices, and what follows from them."""

import pandas as pd
import streamlit as st

from drift_core.charts.costs import costs_chart
from drift_core.options.costs import CanaryCosts
from pages.components.costs import cost_prices
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS
from pages.components.session import cached, session

_BY = {"pair": "a pair", "token": "a million tokens"}


def prices() -> None:
    """What has to be entered; every figure in one currency."""
    st.subheader("Your prices", anchor=False)
    by = session.field("cost_by", options=list(_BY), default="pair")
    st.radio("The teacher's price is for", list(_BY), format_func=lambda each: _BY[each], horizontal=True, **by)
    if session.view().cost_by == "token":
        _price("Price of a million tokens", "cost_million")
        _count("Tokens of a pair, question and answer", "cost_tokens")
    else:
        _price("Price of one pair scored by the teacher", "cost_pair")
    _price("Price of 1,000 calls of the student", "cost_student")
    _count("Calls a week", "cost_calls")
    _count("Pairs in the weekly sample", "cost_canary")
    st.number_input(
        "Pairs on the retrain list",
        **session.bounds("cost_retrain"),
        step=100,
        **cost_prices.field("cost_retrain", cost_prices.retrain_pairs()),
    )
    most, asked = cost_prices.drawable_pairs(), cost_prices.asked_pairs()
    if most is not None and most < asked:
        has = f"The open production sample has {most:,} pairs that held-out lacks"
        st.caption(f"{has}; draw more for {asked:,}. Priced are {most:,}, on the verdict page too.")
    st.number_input(
        "Drifted share of the calls, percent",
        **session.bounds("cost_drifted"),
        step=1.0,
        format="%.1f",
        value=None,  # until it is known; without it an empty field is 0
        placeholder="not known",
        **cost_prices.field("cost_drifted", cost_prices.drifted_percent()),
    )
    known = cost_prices.known_drifted_percent()
    if known is None and session.current() is not None:
        st.caption("The open investigation knows the share once its regions are compared.")
        frame.link("Compare them: Verdict →", STEPS["verdict"].page)
    if known is not None:
        st.caption(f"In the open investigation {known:.3g}% of the production pairs lie in drifted regions.")


def answer(found: CanaryCosts | None) -> None:
    """The costs as a sentence, or what is still to be entered."""
    if found is None:
        results.verdict("Enter the teacher's price and the calls a week.")
        return
    results.verdict(found.sentence)
    st.caption("In the currency of your prices. A year has 52 weeks of equal traffic.")


def figures(found: CanaryCosts) -> None:
    """The picture, what it means, every amount."""
    st.subheader("The canary beside what it protects", anchor=False)
    results.chart(cached.drawn(costs_chart, found), key="costs_chart")
    st.markdown(_meaning(found))
    lines = {name[0].upper() + name[1:]: f"{amount:,.2f}" for name, amount in found.lines.items()}
    st.table(pd.DataFrame({"Amount": lines.values()}, index=list(lines)))
    st.caption("What drift costs that nobody notices is not here: it does not follow from prices.")


def _meaning(found: CanaryCosts) -> str:
    prices = found.prices
    retrain = f"Scoring a retrain list once costs **{found.retrain:,.2f}**; the training itself is not in it."
    if prices.drifted_share is None:
        return f"{retrain} The drifted share of the calls is not known, nor what a fallback costs: open Verdict first."
    if not prices.drifted_share:
        return f"{retrain} No drifted share is entered, so no fallback is needed."
    return (
        f"{retrain} Sending the drifted {100 * prices.drifted_share:.3g}% of the calls back to the teacher costs "
        f"**{found.fallback_a_year:,.2f}** a year more, all calls **{found.teacher_a_year:,.2f}**."
    )


def _price(label: str, name: str) -> None:
    st.number_input(label, step=0.001, format="%.6g", **session.bounds(name), **session.field(name))


def _count(label: str, name: str) -> None:
    st.number_input(label, step=1, **session.bounds(name), **session.field(name))
