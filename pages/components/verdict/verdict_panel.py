"""Parts of the verdict page: confidence, evidence, what would change it, look-alikes, treatment, strict reading."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.lookalike_checks import lookalikes_table
from drift_core.measured import Measured
from drift_core.options.treatment_steps import TreatmentStep
from drift_core.report.confidence_words import confidence_of
from drift_core.report.textbook_reading import TextbookReading
from pages.components.canary import history_owner
from pages.components.frame import frame, results
from pages.components.frame.steps import STEPS, loop_states, watch_states
from pages.components.samples import pinned_panel
from pages.components.session import session
from pages.components.session.investigation import Investigation

TABS = ("Evidence", "Look-alikes", "Costs", "All steps", "Textbook")
_TOLD = ("held", "to check", "fell", "ready")


def confidence(made: Diagnosis) -> None:
    """How sure the verdict is, in words and in numbers."""
    spread = made.spread.spread
    words = results.escape(confidence_of(made))
    if isinstance(spread, Measured):
        sizes = f"{spread.n_pairs:,} pairs of {spread.n_queries:,} queries"
        words = f"Loss of agreement **{spread:+.3f}** at {spread.confidence:.0%} confidence, from {sizes}. {words}"
    st.markdown(words)


def tabs() -> Sequence[DeltaGenerator]:
    """The parts below the verdict; which is open stands in the address, and so outlives a reload."""

    def opened() -> None:
        tab = str(session.event("verdict_tabs") or "")
        session.change(tab="" if tab == TABS[0] else tab)

    shown = session.fitting("tab", TABS, TABS[0])
    return st.tabs(TABS, default=shown, key="verdict_tabs", on_change=opened)


def also_found(made: Diagnosis) -> None:
    """What is worth telling and is no cause, one line each."""
    lines = [each.sentence for each in made.other_findings]
    if lines:
        st.markdown("**Also found**\n" + "\n".join(f"- {results.escape(line)}" for line in lines))


def evidence(made: Diagnosis) -> None:
    """Evidence for and against, one line each; one marked list where no cause is named."""
    if made.verdict.cause == "inconclusive":
        marked = [f"- **{line.mark}:** {results.escape(line.sentence)}" for line in made.verdict.evidence]
        st.markdown("\n".join(marked) or "Nothing could be measured.")
        return
    for heading, supports in (("For", True), ("Against", False)):
        lines = [line.sentence for line in made.verdict.evidence if line.supports is supports]
        st.markdown(f"**{heading}**")
        st.markdown("\n".join(f"- {results.escape(line)}" for line in lines) or "Nothing speaks against it.")


def names_of_chance() -> None:
    """What a statistician calls the figures of the evidence."""
    with st.expander(results.ANALYSTS, key="verdict_chance"):
        st.markdown(
            "Chance is a p-value, for regions the false discovery rate over all of them; how well docs are told apart "
            "is an area under the curve."
        )


def drawn(made: Diagnosis) -> None:
    """The regions drawn by hand, which no cause rests on."""
    if made.regions.drawn:
        lines = "\n".join(f"- {results.escape(each.sentence)}" for each in made.regions.drawn)
        st.markdown(f"**Drawn by hand**\n{lines}")


def would_change(made: Diagnosis, told: Sequence[str]) -> None:
    """What would settle the verdict, at what price, then what would overturn it; commands told already stand above."""
    lines = [f"- {results.escape(each.sentence)}" for each in made.settling]
    st.markdown("\n".join(lines) or "Nothing that these samples leave open.")
    for each in made.settling:
        if each.commands != told:
            pinned_panel.draw(each.commands, of=each.aim)


def lookalikes(made: Diagnosis) -> None:
    """What it is easily taken for: pointed to first, then ruled out, then what these samples cannot tell."""
    pointed = [each for each in made.lookalikes if each.status == "points_to"]
    for each in pointed:
        title, why, look = (results.escape(text) for text in (each.title, each.sentence, each.look_next))
        st.markdown(f"{results.shape('to check')} **Points to: {title}.** {why}  \nLook at: {look}")
    if not pointed:
        st.markdown(f"{results.shape('held')} The data point to none of them.")
    ruled_out = lookalikes_table(made.lookalikes, "ruled_out")
    if len(ruled_out):
        st.markdown(_ruled_out(ruled_out))
    left = lookalikes_table(made.lookalikes, "not_checked")
    with st.expander(f"Not checked ({len(left)})"):
        rows = left.itertuples(index=False, name=None)
        st.markdown("\n".join(f"- **{results.escape(title)}.** {results.escape(why)}" for title, why in rows))


def _ruled_out(table: pd.DataFrame) -> str:
    """A table as Markdown, whose cells wrap on a narrow screen."""
    rows = table.itertuples(index=False, name=None)
    lines = [f"| {results.escape(title)} | {results.escape(why)} |" for title, why in rows]
    return "\n".join(["| Ruled out | Why |", "|---|---|", *lines])


def numbers(made: Diagnosis) -> None:
    """The numbers of the split, one click deeper."""
    with st.expander("Numbers of the split"):
        table = made.attribution.table
        st.dataframe(table, hide_index=True, alt="Parts of the loss with interval, pairs and queries.")
        if made.attribution.teacher_unknown:
            st.caption(f"The teacher's part: {results.escape(made.attribution.teacher_unknown)}")
        elif made.attribution.teacher_inferred:
            st.caption(
                f"{made.attribution.not_pinned}. The teacher's part is what familiar traffic lost at the "
                "same mix, as a share of its agreement; it takes for granted that a revision falls on all alike."
            )


def done_steps(inv: Investigation) -> tuple[str, ...]:
    """Names of the steps of the treatment that the other pages show to be done, for these samples."""
    states = loop_states() | watch_states()
    pages: dict[str, tuple[str, tuple[str, ...], Callable[[Investigation], bool]]] = {
        "rescore": ("rescore", ("ready",), history_owner.rescoring_is_of),
        "compare": ("comparison", _TOLD, history_owner.comparison_is_of),
        "canary": ("canary", _TOLD, lambda inv: history_owner.is_of(inv) is not False),
    }
    return tuple(name for name, (page, enough, is_of) in pages.items() if states[page].state in enough and is_of(inv))


def steps(treatment: Sequence[TreatmentStep], inv: Investigation) -> None:
    """The treatment in order, with what is done, then the way to its pages."""
    if told := history_owner.said(inv):
        st.caption(results.escape(told))
    lines = [
        f"{number}. **{each.title}**{_standing(each)}  \n   {results.escape(each.reason)}"
        + (f"  \n   `distillation-drift {each.command}`" if each.command else "")
        for number, each in enumerate(treatment, start=1)
    ]
    st.markdown("\n".join(lines))
    open_pages = [STEPS[each.page] for each in treatment if each.page and not each.is_done]
    for column, step in zip(st.columns(max(1, len(open_pages))), open_pages, strict=False):
        with column:
            frame.link(f"{step.label} →", step.page)  # an arrow shows that it leads on


def _standing(step: TreatmentStep) -> str:
    return " · :green[● done]" if step.is_done else " · **recommended next**" if step.is_next else ""


def strict(made: Diagnosis, reading: TextbookReading) -> None:
    """The textbook's bands, and why the evidence reads them otherwise where it does."""
    st.markdown(reading.sentence)
    lines = [
        f"- **{results.escape(line.number)}** {line.figure} · {results.mark(line.band)}"
        + (f"  \n  Read otherwise here: {results.escape(line.why_else)}" if line.why_else else "")
        for line in reading.lines
    ]
    st.markdown("\n".join(lines))
