"""Calibration on the spread page: whether the student's probabilities still mean what they meant."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from types import MappingProxyType

import pandas as pd
import streamlit as st

from drift_core.agreement.spread import SpreadTest
from drift_core.calibration.calibrate import Calibration, calibrate
from drift_core.calibration.calibrate_classes import ClassCalibration, calibrate_classes
from drift_core.calibration.calibration_error import CalibrationError
from drift_core.calibration.calibration_test import CalibrationTest, State
from drift_core.calibration.class_calibration import moved_chances
from drift_core.calibration.settings import CalibrationSettings
from drift_core.charts.calibration import reliability_diagram
from drift_core.errors import DriftError
from drift_core.tables.json_text import json_text
from pages.components.card import card_open
from pages.components.frame import file_names, results
from pages.components.frame.steps import State as Shown
from pages.components.session import cached
from pages.components.session.investigation import Investigation

_STATES: Mapping[State, Shown] = MappingProxyType(
    {
        "calibrated": "held",
        "cannot tell": "to check",
        "moved": "fell",
        "came right": "to check",
        "not calibrated": "fell",
    }
)


def calibration_panel(inv: Investigation, test: SpreadTest) -> None:
    """The section; nothing where the student gives no probability of one of the teacher's answers."""
    confidence, seed = inv.settings.rule.confidence, inv.settings.seed

    def measure() -> CalibrationTest | None:
        scores = cached.scores(inv)
        return moved_chances(inv.heldout, inv.production, scores, None, test.reading, confidence=confidence, seed=seed)

    found = cached.result("calibration", inv, (confidence, seed), measure)
    if found is None:
        return
    st.subheader("Whether probabilities mean what they say", anchor=False)
    st.markdown(f"{results.shape(_STATES[found.state])} {results.escape(found.sentence)}")
    if found.next_step:
        st.markdown(f"**Next:** {results.escape(found.next_step)}")
    sides = {"held-out": found.heldout, "production": found.production}
    samples = {name: each for name, each in sides.items() if isinstance(each, CalibrationError)}
    if not samples:
        return
    of_answer = found.labels is not None
    results.chart(cached.drawn(reliability_diagram, samples, of_answer=of_answer))
    told = "its answer is the teacher's" if of_answer else "the teacher passes"
    st.caption(
        f"Each point is a tenth of the pairs, with the interval of how often {told}; on the dashed line the student is "
        "right. Chance alone gives a calibrated student an error in bins; the calibration error has none."
    )
    shares = ("Sure of its answer", "Right") if of_answer else ("Expected to pass", "Passed")
    st.table(_figures(samples, shares), border="horizontal")  # which breaks its lines on a phone
    (_recalibration_of_labels if of_answer else _recalibration)(inv)


def _recalibration_of_labels(inv: Investigation) -> None:
    """What recalibrating the probabilities of labels gives."""
    st.subheader("Recalibrate", anchor=False)
    settings = CalibrationSettings(confidence=inv.settings.rule.confidence, seed=inv.settings.seed)
    try:
        made = cached.result(
            "recalibration",
            inv,
            astuple(settings),
            lambda: calibrate_classes(inv.heldout, inv.production, settings=settings),
        )
    except DriftError as error:
        st.markdown(results.escape(error))
        return
    st.markdown("\n".join(f"- {results.escape(line)}" for line in made.lines))
    _offer(inv, made)


@st.fragment
def _recalibration(inv: Investigation) -> None:
    """What recalibrating gives, and what a threshold costs that keeps an error; an input runs this part alone."""
    st.subheader("Recalibrate, and set a threshold again", anchor=False)
    asked = {}
    words = ("misses", "of what the teacher passes"), ("false passes", "of what the teacher stops")
    for column, (error, share) in zip(st.columns(2, gap="large"), words, strict=True):
        key = f"calibration_{error.replace(' ', '_')}"
        percent = column.number_input(f"At most {error}, % {share}", 0.1, 99.9, None, 1.0, key=key, placeholder="none")
        asked[error] = None if percent is None else round(percent / 100, 6)
    label = "Threshold in use, on the student's own score"
    in_use = st.number_input(
        label, value=None, format="%.6g", key="calibration_threshold", placeholder="what held-out would have set"
    )
    try:
        settings = CalibrationSettings(
            max_misses=asked["misses"],
            max_false_passes=asked["false passes"],
            threshold=in_use,
            material_loss=inv.settings.rule.material_loss,
            confidence=inv.settings.rule.confidence,
            seed=inv.settings.seed,
        )
        made = cached.result(
            "recalibration", inv, astuple(settings), lambda: calibrate(inv.heldout, inv.production, settings=settings)
        )
    except DriftError as error:
        st.markdown(results.escape(error))
        return
    lines = (*made.warnings, made.sentence, *(each.sentence for each in made.thresholds))
    st.markdown("\n".join(f"- {results.escape(line)}" for line in lines))
    _offer(inv, made)


def _offer(inv: Investigation, made: Calibration | ClassCalibration) -> None:
    """The file of a calibration."""
    label = "Version of the student, without which a gate with a judge card does not take the file"
    card = card_open.current()
    known = (card and card.card.student.version) or ""
    version = st.text_input(label, known, key="calibration_student").strip()
    st.download_button(
        "Calibration (JSON)",
        lambda: json_text(made.to_json(made_at=datetime.now(UTC), student_version=version or None)),
        file_name=file_names.of_investigation("calibration", "json"),
        mime="application/json",
        key="calibration_json",
        on_click="ignore",
    )
    st.caption("`distillation-drift score --calibration FILE` applies it, `gate --calibration FILE` reads it.")


def _figures(samples: dict[str, CalibrationError], shares: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: {
                "Calibration error": each.gap.told,
                "In bins": f"{each.gap.as_binned:.1%}",
                "By chance up to": f"{each.gap.by_chance_high:.1%}",
                shares[0]: f"{each.expected:.0%}",
                shares[1]: f"{each.passed:.0%}",
                "Brier's score": f"{each.brier.score:.3f}",
            }
            for name, each in reversed(samples.items())  # today's beside its name, where a phone has room
        }
    )
