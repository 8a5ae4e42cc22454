"""The one thing to do next, with its price and its button, and what can be taken away."""

import re
from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.options.next_action import NextAction, next_action, pairs_to_score_again
from drift_core.options.treatment_steps import TreatmentStep
from drift_core.options.weigh import Options
from drift_core.regions.projection import draw_map
from drift_core.report.pdf import render_pdf
from drift_core.report.render import render_report
from drift_core.samples.scored_again import not_written
from drift_core.tables.json_text import json_text
from pages.components.costs import cost_prices
from pages.components.frame import file_names, frame, results
from pages.components.frame.steps import STEPS
from pages.components.samples import again_panel, pinned_panel
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation

_SENTENCES = re.compile(r"(?<=[.:]) (?=[A-Z])")


def recommended(made: Diagnosis, routes: Options) -> None:
    """What to do and why in a line, the primary button that leads there, and all else that is to be said of it."""
    action = next_action(made, routes)
    first, *others = _SENTENCES.split(action.reason)
    price = price_of(action) or ("Its price: enter the teacher's under Costs." if action.page == "retrain" else "")
    st.subheader("What to do next", anchor=False)
    st.markdown(f"**{action.title}**  \n{results.escape(first)}")
    is_here = action.way in ("settle", "student") and not not_written(made.production)
    again = pairs_to_score_again(made) if is_here else None
    if again is not None:
        again_panel.download(made, again, key="verdict_again")
    kind: frame.ButtonKind = "primary" if again is None else "secondary"
    frame.go(action.label, STEPS[action.page].page, key=f"next_{action.page}", kind=kind)
    more = " ".join((*others, price)).strip()
    if more or action.commands:
        with st.expander("Why, and what it takes"):
            st.markdown(results.escape(more))
            pinned_panel.draw(action.commands, of=action.way)


def downloads(inv: Investigation, made: Diagnosis, routes: Options, steps: Sequence[TreatmentStep]) -> None:
    """The way to the presentation, the report to send, on paper and as a page, and the diagnosis as data."""
    left, right = st.columns(2)
    if left.button("Present", key="to_present", icon=":material/slideshow:", width="stretch"):
        session.change(screen=1)
        st.switch_page(STEPS["present"].page, query_params=session.address("present"))
    drawn = cached.ready_map_layout(inv)  # what is called below runs outside the page, without its caches
    price, revisions = price_of(next_action(made, routes)), (inv.pinned_revision, inv.current_revision)

    def as_page() -> str:
        layout = drawn or draw_map(made.embeddings, seed=made.settings.seed)
        return render_report(made, routes=routes, layout=layout, steps=steps, price=price, revisions=revisions)

    def on_paper() -> bytes:
        layout = drawn or draw_map(made.embeddings, seed=made.settings.seed)
        return render_pdf(made, routes=routes, layout=layout, price=price, revisions=revisions)

    def as_data() -> str:
        return json_text(diagnosis_to_json(made) | {"options": routes.to_json()})

    files: tuple[tuple[DeltaGenerator, str, str, str, Callable[[], str | bytes]], ...] = (
        (right, "Report (PDF)", "pdf", "application/pdf", on_paper),
        (left, "Report (HTML)", "html", "text/html", as_page),
        (right, "Diagnosis (JSON)", "json", "application/json", as_data),
    )
    for place, label, kind, mime, content in files:
        place.download_button(
            label,
            content,
            file_name=file_names.of_investigation("diagnosis" if kind == "json" else "report", kind),
            mime=mime,
            key=f"verdict_{kind}",
            on_click="ignore",
            width="stretch",
        )


def price_of(action: NextAction) -> str:
    """What re-scoring the list costs, where that is what to do next and its price is entered; else empty."""
    n_pairs = min(cost_prices.list_size(), cost_prices.drawable_pairs() or 0)  # as on the list, once it is drawn
    cost = cost_prices.rescoring(n_pairs)
    if action.page != "retrain" or not cost:
        return ""
    price = f"{session.view().rescoring_price:,.2f} for 1,000, in your currency: the price that you entered"
    return f"Re-scoring {n_pairs:,} pairs costs at most {cost} ({price})."
