"""Labels on the spread page: how often student and teacher differ, beyond chance, and in which labels."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from drift_core.charts.labels import confusion_chart
from drift_core.distributions.label_measures import LabelMeasures, LabelSample, measure_labels
from pages.components.frame import results
from pages.components.session import cached
from pages.components.session.investigation import Investigation

N_LISTED = 200
SIDES = ("teacher", "student")


def label_panel(inv: Investigation) -> None:
    """The section; nothing where scores have no labels."""
    confidence = inv.settings.rule.confidence

    def measure() -> LabelMeasures | None:
        return measure_labels(inv.heldout, inv.production, confidence=confidence)

    measures = cached.result("labels", inv, (confidence,), measure)
    if measures is None:
        return
    samples = {"held-out": measures.heldout, "production": measures.production}
    st.subheader("How often labels differ", anchor=False)
    for sentence in (measures.in_short, *measures.order_sentences):
        st.markdown(results.escape(sentence))
    for column, (name, sample) in zip(st.columns(2, gap="large"), samples.items(), strict=True):
        with column:
            st.markdown(f"#### {name.capitalize()}")
            results.chart(cached.drawn(confusion_chart, sample, name=name), key=f"confusion_{name}")
    st.caption("Each cell is a share of all pairs. Off the diagonal the student gives another label than the teacher.")
    with st.expander(results.ANALYSTS, key="spread_labels"):
        st.table(_figures(samples), border="horizontal")  # which breaks its lines on a phone
        st.caption(_beyond_chance(measures))
        st.dataframe(_labels(samples), hide_index=True, alt="Recall and precision of each label on both samples")
    if not measures.kind.is_ranked:
        st.subheader("Pairs with different labels, in production", anchor=False)
        _differing(inv)


def _figures(samples: Mapping[str, LabelSample]) -> pd.DataFrame:
    rows = {
        name: {
            "Different labels": f"{each.disagreement:.1%}",
            "Kappa": f"{each.kappa:.2f}",
            "Gwet's coefficient": f"{each.gwet:.2f}",
        }
        | {f"Wins of the first by {who}": f"{share:.1%}" for who, share in zip(SIDES, each.wins, strict=False)}
        for name, each in samples.items()
    }
    return pd.DataFrame(rows)


def _beyond_chance(measures: LabelMeasures) -> str:
    weighted = " Grades further apart count more, by the square." if measures.kind.name == "ordinal" else ""
    rare = any(each.is_extreme for each in (measures.heldout, measures.production))
    which = " One label is given to most pairs, where kappa says little: read Gwet's coefficient." if rare else ""
    return f"Kappa and Gwet's coefficient are agreement beyond chance; 1 is perfect.{weighted}{which}"


def _labels(samples: Mapping[str, LabelSample]) -> pd.DataFrame:
    rows = []
    for each in zip(*(sample.labels for sample in samples.values()), strict=True):
        row = {"Label": each[0].label}
        for name, found in zip(samples, each, strict=True):
            row |= {f"Recall, {name}": f"{found.recall:.1%}", f"Precision, {name}": f"{found.precision:.1%}"}
        rows.append(row)
    return pd.DataFrame(rows)


def _differing(inv: Investigation) -> None:
    rows = np.flatnonzero(inv.production.teacher != inv.production.student)[:N_LISTED]
    results.pair_list(inv.production, rows, key="label_pairs")
