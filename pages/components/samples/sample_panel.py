"""One side of the samples page: how a sample comes in, and what it is once it is there."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from drift_core.charts.samples import score_histograms
from drift_core.charts.theme import SAMPLE_COLOURS
from drift_core.errors import DriftError
from drift_core.samples.costs_and_latencies import OPERATIONS
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import Spelling, named_slices, other_spellings
from drift_core.tables.columns import recognise_columns, version_of
from drift_core.tables.problem import Problem
from drift_core.tables.repeats import N_REPEATS, REPEAT_ROLES
from drift_core.tables.roles import ROLES
from pages.components.frame import results
from pages.components.samples import intake
from pages.components.samples.kind_panel import kind_panel
from pages.components.samples.source import Source
from pages.components.session import cached, session
from pages.components.session.session import SIDE_WORDS, Side

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

MEANING: Mapping[Side, str] = MappingProxyType(
    {
        "heldout": "Pairs the student was checked on before it shipped.",
        "production": "A fresh sample of today's traffic, scored by both.",
    }
)
_OF: Mapping[Side, str] = MappingProxyType({"heldout": "held-out", "production": "production"})
_UNUSED = "(not used)"
_NOT_ASKED = (*REPEAT_ROLES, *OPERATIONS, "student_before")  # runs are asked for together, the others play no part here


def sample_panel(side: Side) -> None:
    """Draw one side."""
    st.subheader(SIDE_WORDS[side], anchor=False)
    sample, source = session.sample(side), session.source(side)
    if source is None:
        st.caption(MEANING[side])
        bring(side)
        return
    if source.failure:
        st.error(said_here(source.failure))
    kind_panel(side)
    if sample is not None:
        _facts(sample)
        other = next((session.sample(each) for each in SIDE_WORDS if each != side), None)
        drawn = cached.drawn(score_histograms, sample, colour=SAMPLE_COLOURS[_OF[side]], beside=other)
        results.chart(drawn, key=f"histogram_{side}")
        _problems(sample, source, side)
    if source.names:
        _mapping(side, source, sample)
    st.button(f"Replace {SIDE_WORDS[side].lower()}", key=f"remove_{side}", on_click=session.remove_sample, args=(side,))


def bring(side: Side, *, is_pinned: bool = False) -> None:
    """Ask for one side: an upload, or a path; one with pinned scores takes production's place once it could be read."""
    upload = st.file_uploader(
        "File with pinned scores" if is_pinned else f"{SIDE_WORDS[side]} file",
        key=f"upload_{side}",
        help="CSV, TSV, JSON lines (also .gz, .zst), Parquet or Arrow; also what tracing and evaluation tools export.",
    )
    if upload is not None:
        _take(side, upload, is_pinned=is_pinned)
    with st.form(f"path_form_{side}", border=False):
        path = st.text_input(
            f"Or a path on this machine ({'pinned scores' if is_pinned else SIDE_WORDS[side].lower()})",
            key=f"path_{side}",
            placeholder="to_pin.csv" if is_pinned else "data/*.parquet",
            help=results.escape(f"A file or pattern in {' or '.join(map(str, intake.roots()))}."),
        )
        is_asked = st.form_submit_button("Read the path", key=f"read_{side}") and path.strip()
    if is_asked:
        _take(side, path, is_pinned=is_pinned)


def bring_again() -> None:
    """Ask for some of production's pairs with the student's new scores, which take the place of its old ones."""
    upload = st.file_uploader(
        "File with the new scores",
        key="upload_again",
        help="The pairs as they were downloaded, with the new scores in the student's column.",
    )
    if upload is not None:
        with st.spinner("Reading the file"):
            failure = intake.take_scored_again(upload)
        if not failure:
            st.rerun()
        st.error(results.message(f"{failure} Production stays as it is."))


def _take(side: Side, brought: "UploadedFile | str", *, is_pinned: bool) -> None:
    failure = ""
    with st.spinner("Reading the file"):
        if is_pinned:
            failure = intake.take_as_production_was(brought, with_pinned=True)
        else:
            intake.take_brought(side, brought)
    if not failure:
        st.rerun()
    st.error(results.message(f"{failure} Production stays as it is."))


def said_here(message: str) -> str:
    """What the library says is wrong, as Markdown, with the place on this page where it is mended."""
    return results.message(message.replace("on the samples page", "under Columns below"))


def limits_panel() -> None:
    """From what size on a file is sampled, and with which seed; holds for the next file that is read."""
    with st.expander("Large files"):
        st.caption("A file over a limit is sampled by whole queries. Both samples and the record say so.")
        rows, size, seed = st.columns(3)
        tied = {name: session.bounds(name) | session.field(name) for name in ("max_rows", "max_megabytes", "seed")}
        rows.number_input("Rows at most", step=10_000, **tied["max_rows"])
        size.number_input("Megabytes of text and numbers at most", step=100, **tied["max_megabytes"])
        seed.number_input("Seed of the draw", step=1, **tied["seed"])


def _facts(sample: ScoredPairs) -> None:
    whose = {name: version_of(name, dict.fromkeys(values)) for name, values in sample.slices.items()}
    versions = [name for name, of in whose.items() if of not in (None, "app")]  # of a judge: no slice of the traffic
    slices = [name for name in sample.slices if name not in versions]
    facts = [
        f"**{sample.n_pairs:,} pairs** of {sample.n_queries:,} queries, {sample.n_pairs / sample.n_queries:.1f} docs a "
        "query",
        f"File: {results.escape(sample.name)}",
        f"Period: {_period(sample)}",
        f"Slices: {results.escape(', '.join(slices)) or 'none found'}",
        *([f"Versions: {results.escape(', '.join(versions))}"] if versions else []),
    ]
    st.markdown("  \n".join(facts))
    if sample.sampling is not None:
        drawn = sample.sampling
        st.info(
            results.escape(
                f"Sampled: {drawn.reason}. {len(sample):,} of {drawn.n_pairs_before:,} pairs were kept, by whole "
                f"queries, with seed {drawn.seed}."
            )
        )


def _period(sample: ScoredPairs) -> str:
    if sample.timestamp is None:
        return "no timestamps"
    known = sample.timestamp[~np.isnat(sample.timestamp)]
    first, last = (np.datetime_as_string(day, unit="D") for day in (known.min(), known.max()))
    return f"{first} to {last}"


def _problems(sample: ScoredPairs, source: Source, side: Side) -> None:
    if not sample.problems:
        of_both = False
        with suppress(DriftError):  # two samples that cannot be compared are said above
            of_both = (inv := session.current()) is not None and bool(cached.problems(inv))
        alone = "in this file alone; what concerns both files stands above" if of_both else "found"
        st.markdown(f"{results.shape('held')} No problems {alone}.")
        return
    n_left_out = sum(problem.n_rows for problem in sample.problems if problem.left_out)
    left_out = f"{results.counted(n_left_out, 'row')} left out"
    st.markdown(f"{results.shape('to check')} **{len(sample.problems)} to know about**, {left_out}")
    rows_can_shift = any(problem.name == "unreadable_row" for problem in sample.problems)
    for number, problem in enumerate(sample.problems):
        st.markdown(f"- {said_here(problem.message)}")
        if problem.rows and source.data and not rows_can_shift:
            _rows_behind(problem, source, key=f"rows_{side}_{number}")


def _rows_behind(problem: Problem, source: Source, *, key: str) -> None:
    if st.toggle("Show the first rows", key=key):
        st.dataframe(intake.first_rows(source, problem.rows), hide_index=True, alt="First rows with this problem")


def _mapping(side: Side, source: Source, sample: ScoredPairs | None) -> None:
    form = f"{side}_{source.n_taken_over}" if source.n_taken_over else side  # with keys of its own it begins afresh
    with st.expander("Columns", expanded=sample is None), st.form(f"columns_{form}", border=False):
        st.caption("Which column is what. Change one where it was taken wrongly.")
        used = dict(sample.columns) if sample else recognise_columns(source.names) | dict(source.columns)
        chosen = {role: _role(form, role, source.names, used.get(role)) for role in ROLES if role not in _NOT_ASKED}
        chosen |= _repeats(form, source.names, [used[role] for role in REPEAT_ROLES if used.get(role)])
        slices = st.multiselect(
            "Slices: columns that divide the traffic",
            source.names,
            default=[
                column for name in (sample.slices if sample else ()) if (column := used.get(name, name)) in source.names
            ],
            key=f"slices_{form}",
        )
        other = intake.with_same_columns(side, source)
        is_alike = other is not None and dict(other.columns) == dict(source.columns)
        is_for_both = other is not None and st.checkbox(
            "The other file too, which has the same columns", is_alike, key=f"both_{form}{'' if is_alike else '_apart'}"
        )
        if st.form_submit_button("Read with these columns", key=f"remap_{form}"):
            mapped = {role: "" if column == _UNUSED else column for role, column in chosen.items()}
            required = {role: column for role, column in mapped.items() if column or not ROLES[role].required}
            called = {column: name for name, column in named_slices(source.columns).items() if column in slices}
            named = {name: column for column, name in called.items()}
            names = tuple(called.get(column, column) for column in slices)
            offered = tuple(sample.slices) if sample else ()  # nothing, where nothing was read yet
            is_usual = source.slices is None and names == offered
            mapped_so = replace(source, columns=required | named, slices=None if is_usual else names)
            (intake.take_both if is_for_both else intake.take)(side, mapped_so)
            st.rerun()


def spelling_buttons(heldout: ScoredPairs, production: ScoredPairs) -> None:
    """Offer to call a slice of production as held-out does, where the two spell it differently."""
    source = session.source("production")
    if source is None or not source.names:
        return
    for each in other_spellings(heldout, production):
        st.button(
            results.escape(f"Call {each.production} {each.heldout} in production too"),
            key=f"spelling_{each.production}",
            on_click=_call_slice,
            args=(source, production, each),
        )


def _call_slice(source: Source, production: ScoredPairs, spelling: Spelling) -> None:
    column = production.columns.get(spelling.production, spelling.production)
    kept = {name: each for name, each in source.columns.items() if name != spelling.production}
    slices = tuple(spelling.heldout if name == spelling.production else name for name in production.slices)
    columns = kept | {spelling.heldout: column}
    intake.take("production", replace(source, columns=columns, slices=slices))


def _role(form: str, role: str, names: tuple[str, ...], used: str | None) -> str:
    options = [_UNUSED, *names]
    entry = ROLES[role]
    label = f"{role.replace('_', ' ').capitalize()}{' (required)' if entry.required else ''}"
    place = options.index(used) if used in options else 0

    def words(name: str) -> str:
        return "(choose a column)" if entry.required and name == _UNUSED else name

    key = f"column_{form}_{role}"
    return str(st.selectbox(label, options, index=place, key=key, help=entry.meaning, format_func=words))


def _repeats(form: str, names: tuple[str, ...], used: list[str]) -> dict[str, str]:
    runs = st.multiselect(
        "Further runs of the same teacher",
        names,
        default=[name for name in used if name in names],
        max_selections=N_REPEATS,
        key=f"column_{form}_repeats",
        help="Scores of the same pairs by the same teacher. They tell how high agreement could be.",
    )
    return dict(zip_longest(REPEAT_ROLES, runs, fillvalue=_UNUSED))
