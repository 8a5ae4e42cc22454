"""The movable threshold of the spread page: how many pairs changed side."""

import streamlit as st

from drift_core.charts.spread import side_changes
from drift_core.measures.threshold_crossings import measure_side, measure_side_changes
from pages.components.frame import results
from pages.components.session import cached, session
from pages.components.session.investigation import Investigation


@st.fragment
def threshold_panel(inv: Investigation) -> None:
    """Slider, figures and chart; moving the slider runs this part alone."""
    heldout, production = cached.scores(inv)
    changes = cached.result("sides", inv, (), lambda: measure_side_changes(heldout, production))
    options = list(dict.fromkeys(f"{value:.4g}" for value in changes.thresholds))
    place = changes.nearest(float(_choose(options)))
    threshold, cut = float(changes.thresholds[place]), float(changes.cuts[place])
    shares = [
        format(measure_side(side, threshold=threshold, cut=cut, confidence=inv.settings.rule.confidence), ".0%")
        for side in (heldout, production)
    ]
    st.markdown(
        f"At a threshold of {threshold:.4g}, **{shares[1]} of production pairs** are on one side for the teacher and "
        f"on the other for the student; on held-out it is {shares[0]}."
    )
    results.chart(cached.drawn(side_changes, changes, threshold=threshold))
    if not changes.one_scale:
        st.caption(
            f"Student and teacher score on different scales. The student is cut at {cut:.4g}, which has as many "
            "held-out pairs above it as the teacher's threshold."
        )


def _choose(options: list[str]) -> str:
    middle = options[len(options) // 2]
    if len(options) == 1:  # a teacher of two values leaves nothing to choose
        return str(session.fitting("threshold", options, middle))
    tied = session.field("threshold", options=options, default=middle)
    return str(st.select_slider("Threshold on the teacher's score", options, **tied))
