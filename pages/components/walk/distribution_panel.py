"""Distributions on the spread page: whether outputs are spread as on held-out, and how evenly the student uses them."""

import streamlit as st

from drift_core.charts.samples import output_histograms
from drift_core.distributions.output_distances import OutputDistances, compare_outputs
from drift_core.distributions.usual import N_DRAWS, SIDES
from drift_core.measured import Unmeasured
from pages.components.frame import results
from pages.components.session import cached
from pages.components.session.investigation import Investigation


def distribution_panel(inv: Investigation) -> None:
    """The section: in plain words; for analysts in figures, as a chart of each side, and as a table of distances."""
    confidence, seed, kind = inv.settings.rule.confidence, inv.settings.seed, inv.production.kind

    def measure() -> OutputDistances | Unmeasured:
        return compare_outputs(*cached.scores(inv), kind=kind, confidence=confidence, seed=seed)

    found = cached.result("distributions", inv, (confidence, seed), measure)
    st.subheader("How outputs are spread", anchor=False)
    if isinstance(found, Unmeasured):
        st.markdown(results.escape(found.reason))
        return
    st.markdown(results.escape(found.reading))
    with st.expander(results.ANALYSTS, key="spread_outputs", on_change="rerun") as analysts:
        st.markdown("\n".join(f"- {results.escape(line)}" for line in found.sentences))
        # Of two charts that are drawn in a closed expander, the browser now and then leaves one out for good.
        for column, side in zip(st.columns(2, gap="large"), SIDES if analysts.open else (), strict=False):
            with column:
                st.markdown(f"#### The {side}'s")
                chart = cached.drawn(output_histograms, inv.heldout, inv.production, side=side)
                results.chart(chart, key=f"outputs_{side}")
        st.dataframe(found.table, hide_index=True, alt="Distances of distributions of outputs")
        ways = "; Wasserstein's is the mean way between them, in the scores' unit" if kind.is_ranked else ""
        st.caption(
            "A side alone is compared between held-out and production, both with each other in one sample. "
            f"Jensen-Shannon's distance is 0 for equal distributions and 1 for ones that share nothing{ways}. Usual "
            f"is what held-out alone shows, drawn {N_DRAWS} times at the sizes of both samples, in all but 5% of them."
        )
