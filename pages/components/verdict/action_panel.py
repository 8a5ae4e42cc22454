"""The one thing to do next, with its price and its button, and what can be taken away."""

import streamlit as st

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.options.costs import rescoring_cost
from drift_core.options.weigh import Options
from drift_core.report.render import render_report
from drift_core.tables.json_text import json_text
from pages.components.costs import cost_prices
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS
from pages.components.session import session


def recommended(made: Diagnosis, routes: Options) -> None:
    """What to do, why, what it costs, and the primary button that leads there."""
    st.subheader("What to do next", anchor=False)
    cause, is_left = made.verdict.cause, routes.cheapest == "nothing"
    if cause == "inconclusive":
        settling = next((each.sentence for each in made.settling if each.aim != "overturn"), "Bring a larger sample.")
        _say("Settle it first", settling)
        _lead("samples", "Bring more pairs")
    elif cause == "healthy" or is_left:
        _say("Keep the student, and watch it", routes.sentence)
        _lead("canary", "Watch it week by week")
    elif routes.cheapest == "route":
        _say("Let the teacher answer the drifted regions", routes.sentence)
        _lead("costs", "See what routing costs")
    else:
        _say("Re-score and retrain", f"{routes.sentence} {_price_of_the_list()}")
        _lead("retrain", "Draw the retrain list")


def downloads(made: Diagnosis, routes: Options) -> None:
    """The report to send, and the diagnosis as data."""
    as_page, as_json = st.columns(2)
    as_page.download_button(
        "Report (HTML)",
        lambda: render_report(made, routes=routes),
        file_name="report.html",
        mime="text/html",
        key="verdict_report",
        on_click="ignore",
        width="stretch",
    )
    as_json.download_button(
        "Diagnosis (JSON)",
        lambda: json_text(diagnosis_to_json(made) | {"options": routes.to_json()}),
        file_name="diagnosis.json",
        mime="application/json",
        key="verdict_json",
        on_click="ignore",
        width="stretch",
    )


def _say(title: str, reason: str) -> None:
    st.markdown(f"**{title}**  \n{results.escape(reason)}")


def _lead(name: str, label: str) -> None:
    frame.go(label, STEPS[name].page, key=f"next_{name}", kind="primary")


def _price_of_the_list() -> str:
    now = session.view()
    n_pairs = cost_prices.priced_pairs()
    basis = "the price that you entered" if now.teacher_price else "an example, until you enter yours under Costs"
    cost = rescoring_cost(n_pairs, price_per_1000=now.rescoring_price)
    return f"Re-scoring {n_pairs:,} pairs costs at most {cost:,.2f} ({now.rescoring_price:,.2f} for 1,000: {basis})."
