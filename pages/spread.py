"""Step 2, test 1: has agreement fallen?"""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from drift_core.charts.spread import agreement_intervals, rank_cells, rank_density
from drift_core.measured import figure
from drift_core.measures.rank_gaps import rank_gaps
from drift_core.report.why_green import why_heldout_is_green
from drift_core.samples.score_kind import AGREEMENT_IS, Measure
from pages.components.frame import frame, results, steps
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation
from pages.components.walk.calibration_panel import calibration_panel
from pages.components.walk.distribution_panel import distribution_panel
from pages.components.walk.label_panel import label_panel
from pages.components.walk.threshold_panel import threshold_panel

MEANING = {
    "fell": "The fall is larger than chance and large enough to act on. The next tests add where it fell, and what "
    "changed there.",
    "held": "No loss that is worth acting on. Single regions can still have moved, which an average over all pairs "
    "hides.",
    "cannot tell": "The interval holds both a loss worth acting on and none. More pairs, from more queries, would "
    "decide it.",
}
_PAST_OVERLAP = "Agreement speaks of all pairs. Regions say where {}; the queries are embedded first."
NEXT: Mapping[Measure, tuple[str, str]] = {
    "Spearman": (
        "overlap",
        "Agreement speaks of all pairs; what ships is the top. Overlap tells whether the top moved. It takes seconds.",
    ),
    "same label": ("regions", _PAST_OVERLAP.format("labels differ")),
    "area under the curve": ("regions", _PAST_OVERLAP.format("the student errs")),
}
N_LISTED = 200


@st.fragment
def scatter(inv: Investigation) -> None:
    """Where ranks scatter, and the pairs of the cells that are clicked there; else those ranked furthest apart."""
    key = f"spread_cells_{inv.samples_key}"  # cells of other samples are let go
    st.subheader("Where it scatters", anchor=False)
    sides = zip(("held-out", "production"), cached.scores(inv), strict=True)
    for column, (name, scores) in zip(st.columns(2, gap="large"), sides, strict=True):
        with column:
            st.markdown(f"#### {name.capitalize()}")
            is_clickable = name == "production"
            click = {"key": key, "on_select": "rerun", "selection_mode": "cell"} if is_clickable else {}
            results.chart(cached.drawn(rank_density, scores, name=name, is_clickable=is_clickable), **click)
    st.caption(
        "Each cell holds pairs by the teacher's and the student's rank. Pairs off the diagonal are ranked apart. Click "
        "cells of production to list their pairs."
    )

    gaps = cached.result("gaps", inv, (), lambda: rank_gaps(inv.production.student, inv.production.teacher))
    cells = [int(each["cell"]) for each in session.event(key).get("selection", {}).get("cell", [])]
    cell_of = cached.result("rank_cells", inv, (), lambda: rank_cells(cached.scores(inv)[1])) if cells else None
    within = None if cell_of is None else np.isin(cell_of, cells)
    chosen = "Pairs of the chosen cells" if cells else "Pairs that disagree most"
    st.subheader(f"{chosen}, in production", anchor=False)
    largest = gaps.largest(N_LISTED, within=within)
    ranks = {"Teacher's rank": gaps.teacher, "Student's rank": gaps.student}
    whole = {name: side[largest].round().astype(int) for name, side in ranks.items()}
    names = cached.region_names(inv)
    region = {} if names is None else {"Region": names[largest]}
    results.pair_list(inv.production, largest, key="spread_pairs", extra=whole | region)
    n_within = len(inv.production) if within is None else int(within.sum())
    st.caption(
        f"Ranks count from the top of {len(inv.production):,} pairs; equal scores share one. {len(largest):,} of "
        f"{n_within:,} are listed, the furthest apart first."
    )


def by_rank(inv: Investigation) -> None:
    """Where ranks scatter, and which pairs change side at a threshold."""
    scatter(inv)
    st.subheader("Pairs that changed side", anchor=False)
    threshold_panel(inv)


with frame.page("spread") as inv:
    rule = inv.settings.rule
    test = cached.spread(inv)
    results.verdict(test.sentence, steps.spread_state(test).state, textbook=test.band)
    textbook = session.view().textbook
    bands = rule if textbook and not test.is_answered else None
    results.chart(cached.drawn(agreement_intervals, test, bands=bands))
    st.caption(f"{AGREEMENT_IS[test.measure]} Intervals at {rule.confidence:.0%} count queries.")
    if textbook:
        limits = (
            figure(each, "-", is_share=not test.is_ranked) for each in (rule.spread_suspect, rule.spread_confirmed)
        )
        st.caption("Textbook spread: suspect from {}, confirmed above {}.".format(*limits))
    st.markdown(MEANING[test.reading])

    label_panel(inv)
    calibration_panel(inv, test)
    if test.is_ranked:
        by_rank(inv)
    distribution_panel(inv)

    if test.reading == "fell":
        st.subheader("Why the held-out check cannot see this", anchor=False)
        st.markdown(results.escape(why_heldout_is_green(cached.ready_diagnosis(inv))))
    frame.next_step(*NEXT[test.measure])
