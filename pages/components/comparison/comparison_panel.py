"""Parts of the page before and after: the verdict, what got worse, the chart, cost and latency, files, the way on."""

import pandas as pd
import streamlit as st

from drift_core.charts.comparison import comparison_chart, comparison_table
from drift_core.comparison.compare import ComparedSample, Comparison
from drift_core.comparison.comparison_json import comparison_to_json, parse_comparison
from drift_core.comparison.part_change import TAIL
from drift_core.comparison.sentences import OUTCOME_WORDS, none_worse, part_sentence
from drift_core.comparison.versions import Version, versions_of
from drift_core.errors import DriftError
from drift_core.measured import Measured, figure
from drift_core.report.summaries import comparison_page
from drift_core.samples.score_kind import AGREEMENT_IS
from drift_core.tables.json_text import json_text
from pages.components.comparison import comparison_open
from pages.components.comparison.comparison_open import OpenComparison
from pages.components.frame import file_names, frame, page_files, progress, results
from pages.components.frame.steps import State, comparison_state
from pages.components.session import cached

_TITLES = {"frozen": "Frozen set", "fresh": "Fresh production pairs"}
_OF_PARTS = (
    "A region is measured in the order of all pairs, so that the regions average to the whole. A narrow range of "
    "scores does not lower it, and a region that moved as a whole is seen."
)
_INTERVALS = (
    "The intervals of the two students are each one's own; the change is measured on the same pairs and known better."
)

_LEAST = (
    "A sample counts as changed from {} on, a region from {}; the same is what lies within that with its "
    "whole interval. Regions are tested together, so one may be chance though its own interval leaves out 0."
)


def answer(made: Comparison, opened: OpenComparison) -> None:
    """The verdict, its state, and who is compared."""
    results.verdict(made.headline)
    names = " → ".join(results.escape(name or "unnamed") for name in (made.students.before, made.students.after))
    st.markdown(f"**{results.state_line(comparison_state(made))}** · {results.escape(opened.title)} · {names}")
    st.markdown("\n".join(f"- {results.escape(line)}" for line in (*made.lines, *made.cautions)))


def names(made: Comparison) -> None:
    """Ask for the students' names where one lacks: the gate holds them against its history and card."""
    if None not in (made.students.before, made.students.after):
        return
    st.markdown("**The gate needs the names of both students**, as the canary's history and the judge card have them.")
    first, second, button = st.columns([2, 2, 1], vertical_alignment="bottom")
    opened = comparison_open.current()
    of_this = hash(opened.key) if opened is not None else ""  # so that another comparison's names do not stand here
    before = first.text_input("Student before", made.students.before or "", key=f"comparison_before_{of_this}")
    after = second.text_input("Student after", made.students.after or "", key=f"comparison_after_{of_this}")
    if button.button("Name them", key="comparison_name", width="stretch"):
        try:
            comparison_open.name_students(before, after)
        except DriftError as error:
            st.error(results.message(error))
            return
        st.rerun()


def worse(made: Comparison) -> None:
    """What got worse, each once for both samples, with what only overlaps it in a line, and with what to do."""
    if not made.worse:
        return
    st.subheader("What got worse", anchor=False)
    own: dict[str, list[str]] = {}
    overlapping: dict[str, str] = {}
    for part in made.worse:
        of = f"{part.sample} pairs" if part.partition not in (None, TAIL) else "pairs"
        line = results.escape(f"{part.n_pairs:,} {of}: {part.reason}")
        if part.explained_by is None:
            own.setdefault(part.title, []).append(line)
        else:
            overlapping[part.title] = part.explained_by
    for title, lines in own.items():
        with st.container(border=True):
            st.markdown("  \n".join([f"{results.shape('fell')} **{results.escape(title)}**", *lines]))
    for title, by in overlapping.items():
        st.caption(results.escape(f"{title} overlaps {by}, whose pairs made it worse."))
    st.markdown(
        "The gate blocks a release with a part that got worse. Retrain with pairs of it, or keep the old student."
    )


def samples(made: Comparison) -> None:
    """The chart of each sample, side by side where there are two."""
    for place, sample in zip(st.columns(len(made.samples), gap="large"), made.samples, strict=True):
        with place:
            st.subheader(f"{_TITLES[sample.whole.sample]}: {sample.whole.n_pairs:,} pairs", anchor=False)
            if isinstance(sample.whole.change, Measured):
                drawn = cached.drawn(comparison_chart, sample.whole, sample.regions)
                results.chart(drawn, key=f"comparison_chart_{sample.whole.sample}")
            else:
                st.markdown(results.escape(sample.whole.reason))
            _left_out(sample)
    whole = made.samples[0].whole
    least = [
        figure(each, "-", is_share=not whole.is_ranked) for each in (made.rule.smallest_loss, made.rule.alarm_loss)
    ]
    st.caption(
        " ".join([AGREEMENT_IS[whole.measure], *[_OF_PARTS] * whole.is_ranked, _INTERVALS, _LEAST.format(*least)])
    )


def tail(made: Comparison) -> None:
    """The tail set, as one part."""
    if made.tail is None:
        return
    part = made.tail.whole
    st.subheader(f"Tail set: {results.counted(part.n_pairs, 'pair')}", anchor=False)
    state: State = "fell" if part.outcome == "worse" else "cannot tell" if part.outcome == "cannot tell" else "held"
    st.markdown(f"{results.shape(state)} **{OUTCOME_WORDS[part.outcome]}** · {results.escape(part_sentence(part))}")
    st.caption("The hardest pairs, the same for every student. They are judged as a region is.")
    _left_out(made.tail)


def tables(made: Comparison) -> None:
    """Every part in figures."""
    for sample in made.samples:
        title = _TITLES[sample.whole.sample]
        with st.expander(f"{title}: all {results.counted(len(sample.regions) + 1, 'part')} in figures"):
            table = comparison_table(sample.whole, sample.regions)
            st.dataframe(table, hide_index=True, key=f"comparison_table_{sample.whole.sample}", alt=f"{title}: parts")


def cluster() -> None:
    """Make regions of query clusters, or say why there are none; the verdict says then that topics are missing."""
    opened = comparison_open.current()
    if opened is None or opened.clusters is not None:
        return
    if not opened.unclustered:
        with progress.shown("Clustering queries") as report:
            comparison_open.add_clusters(report)
        st.rerun()
    st.warning(results.message(opened.unclustered))


def versions() -> None:
    """Every version on the identical frozen set, from the comparisons of earlier releases."""
    with st.expander("All versions on the frozen set"):
        uploads = st.file_uploader(
            "Comparisons (JSON), one a release", type=["json"], key="comparison_versions", accept_multiple_files=True
        )
        if not uploads:
            st.caption("The same table as distillation-drift versions. Comparisons on other pairs are refused.")
            return
        try:
            found = versions_of({each.name: parse_comparison(each.getvalue(), name=each.name) for each in uploads})
        except DriftError as error:
            st.error(results.message(error))
            return
        rows = [_version(each) for each in found.versions]
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="comparison_versions_table", alt="Versions")
        notes = (f"Frozen set {found.frozen_digest[:12]}.", *found.notes)
        st.caption("  \n".join(map(results.escape, notes)))


def files(made: Comparison) -> None:
    """The record that the gate reads in CI, and letting go."""
    page_files.offer(
        lambda: comparison_page(made), name=f"{made.students.before}-{made.students.after}", what="comparison"
    )
    as_json, another = st.columns(2)
    as_json.download_button(
        "Comparison (JSON)",
        lambda: json_text(comparison_to_json(made)),
        file_name=file_names.of(f"{made.students.before}-{made.students.after}", "comparison", "json"),
        mime="application/json",
        key="comparison_json",
        on_click="ignore",
        width="stretch",
    )
    another.button("Compare other files", key="comparison_close", on_click=comparison_open.close, width="stretch")
    command = "distillation-drift gate --history PLACE --comparison comparison.json"
    st.caption(f"In a build pipeline, saved as comparison.json: {command}")


def way_on(made: Comparison) -> None:
    """The gate, which takes this comparison."""
    if made.worse:
        frame.next_step("gate", "The gate takes this comparison, and blocks because a part got worse.")
    elif not made.is_measured:
        frame.next_step(
            "gate", "A sample could not be measured, so the gate cannot tell either. More pairs would tell."
        )
    elif made.outcome == "cannot tell":
        told = f"{_none_worse(made)} The gate lets this comparison pass; more pairs would tell."
        frame.next_step("gate", told)
    else:
        frame.next_step("gate", f"{_none_worse(made)} The gate takes this comparison and says whether it may ship.")


def _none_worse(made: Comparison) -> str:
    """That no region got worse, as the verdict says it; the samples as wholes where no region was compared."""
    told = none_worse(made.parts)
    return f"{told[:1].upper()}{told[1:]}."


def _left_out(sample: ComparedSample) -> None:
    notes = [problem.message for problem in sample.left_out]
    if notes:
        st.caption("  \n".join(map(results.message, notes)))


def _version(each: Version) -> dict[str, str]:
    day = f"{each.made_at:%Y-%m-%d}" if each.made_at else ""
    figures = {
        title: "" if found is None else found.text
        for title, found in (("Frozen set", each.frozen), ("Tail set", each.tail))
    }
    return {"Version": each.name, "Compared on": day} | figures | {"Entropy of outputs": each.entropy_text}
