"""Parts of the verdict page: confidence, evidence, what would change it, the treatment, the strict reading."""

from collections.abc import Sequence

import streamlit as st

from drift_core.diagnosis.cause import CAUSE_WORDS
from drift_core.diagnosis.confidence import confidence_in_words
from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.diagnosis.strict_reading import StrictReading
from drift_core.measures.estimate import Measured
from drift_core.treatment.steps import TreatmentStep
from pages.components import results


def confidence(made: Diagnosis) -> None:
    """How sure the verdict is, in words and in numbers."""
    spread = made.spread.spread
    if isinstance(spread, Measured):
        sizes = f"{spread.n_pairs:,} pairs of {spread.n_queries:,} queries"
        st.markdown(
            f"Loss of agreement **{results.figure(spread, signed=True)}** at {spread.confidence:.0%} confidence, "
            f"from {sizes}."
        )
    st.markdown(confidence_in_words(made.verdict))
    for finding in made.findings:
        st.markdown(f"**Also found:** {results.escape(finding.sentence)}")


def evidence(made: Diagnosis) -> None:
    """Evidence for and against, one line each."""
    for heading, supports in (("For", True), ("Against", False)):
        lines = [line.sentence for line in made.verdict.evidence if line.supports is supports]
        st.markdown(f"**{heading}**")
        st.markdown("\n".join(f"- {results.escape(line)}" for line in lines) or "Nothing speaks against it.")


def would_change(made: Diagnosis) -> None:
    """What would change or settle the verdict."""
    lines = made.verdict.would_change
    st.markdown("\n".join(f"- {results.escape(line)}" for line in lines) or "Nothing that these samples leave open.")


def steps(treatment: Sequence[TreatmentStep]) -> None:
    """The treatment in order, with what is done."""
    lines = [
        f"{number}. **{each.title}**{' · :green[● done]' if each.is_done else ''}  \n   {results.escape(each.reason)}"
        for number, each in enumerate(treatment, start=1)
    ]
    st.markdown("\n".join(lines))


def strict(made: Diagnosis, reading: StrictReading) -> None:
    """The textbook's bands, and why the evidence reads them otherwise where it does."""
    cause, own = CAUSE_WORDS[reading.cause], CAUSE_WORDS[made.verdict.cause]
    same = "as here" if cause == own else f"while here it is {own}"
    st.markdown(f"By the fixed bands alone the cause would be **{cause}**, {same}.")
    lines = [
        f"- **{results.escape(line.number)}** {line.value:.2f} · {results.mark(line.band)}"
        + (f"  \n  Read otherwise here: {results.escape(line.why_else)}" if line.why_else else "")
        for line in reading.lines
    ]
    st.markdown("\n".join(lines))
