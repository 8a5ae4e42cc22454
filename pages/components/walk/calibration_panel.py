"""Calibration on the spread page: whether the student's probabilities still mean what they meant."""

import pandas as pd
import streamlit as st

from drift_core.calibration.calibration_error import CalibrationError
from drift_core.calibration.calibration_test import CalibrationTest, compare_calibration
from drift_core.charts.calibration import reliability_diagram
from drift_core.diagnosis.spread import SpreadTest
from pages.components.frame import results
from pages.components.session import cached
from pages.components.session.investigation import Investigation


def calibration_panel(inv: Investigation, test: SpreadTest) -> None:
    """The section; nothing where the student gives no probability of one of the teacher's two answers."""
    confidence, seed = inv.settings.rule.confidence, inv.settings.seed

    def measure() -> CalibrationTest | None:
        return compare_calibration(*cached.scores(inv), ranks=test.reading, confidence=confidence, seed=seed)

    found = cached.result("calibration", inv, (confidence, seed), measure)
    if found is None:
        return
    st.header("Whether probabilities mean what they say", anchor=False)
    state = {"calibrated": "held", "cannot tell": "to check"}.get(found.state, "fell")
    st.markdown(f"{results.shape(state)} {results.escape(found.sentence)}")
    if found.next_step:
        st.markdown(f"**Next:** {results.escape(found.next_step)}")
    sides = {"held-out": found.heldout, "production": found.production}
    samples = {name: each for name, each in sides.items() if isinstance(each, CalibrationError)}
    if not samples:
        return
    chart, figures = st.columns([3, 2], gap="large")
    with chart:
        results.chart(reliability_diagram(samples))
    with figures:
        st.dataframe(_figures(samples), alt="Calibration of both samples")
    st.caption(
        "Each point is a tenth of the pairs, with the interval of what the teacher passes; on the dashed line the "
        "student is right. Chance alone gives a calibrated student an error in bins; the calibration error is without."
    )


def _figures(samples: dict[str, CalibrationError]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: {
                "Calibration error": f"{each.gap.error:.1%}",
                "In bins": f"{each.gap.as_binned:.1%}",
                "By chance": f"{each.gap.by_chance:.1%}, up to {each.gap.by_chance_high:.1%}",
                "Expected to pass": f"{each.expected:.0%}",
                "Passed": f"{each.passed:.0%}",
                "Brier's score": f"{each.brier.score:.3f}",
            }
            for name, each in samples.items()
        }
    )
