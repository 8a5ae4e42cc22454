"""Scored pairs are read from files, patterns of files, standard input, frames and tables.

Opening is in `tables.scan`, columns in `tables.columns`, checks in `checks`; this module is their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift_core.exports.adapter import as_pairs, named_scores
from drift_core.samples.checks import (
    RowCheck,
    check_identical,
    check_optional,
    check_pair_ids,
    check_queries,
    check_sample,
    check_scores,
    check_weights,
)
from drift_core.samples.class_probabilities import CHANCES, chances_of, judged_columns
from drift_core.samples.costs_and_latencies import OPERATIONS, check_operations
from drift_core.samples.explained_answers import without_reasons
from drift_core.samples.limits import Draw, Limits, draw_queries, sampled
from drift_core.samples.no_answers import told_apart
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import Part, sides_of
from drift_core.samples.read_options import ReadOptions
from drift_core.samples.recognition import recognise_kind
from drift_core.samples.score_columns import common_denominator
from drift_core.samples.score_kind import Kind, ScoreKind, asked_kind
from drift_core.samples.shown_orders import joined_answers, order_columns, shown_orders
from drift_core.samples.slices import (
    check_named_slices,
    constant_values,
    named_slices,
    offered_slices,
    possible_slices,
    slice_values,
)
from drift_core.samples.texts_left_out import columns_left_out
from drift_core.samples.unscored import unscored_rows
from drift_core.samples.written_scores import words_for_scores
from drift_core.tables.columns import assign_columns
from drift_core.tables.problem import Problem
from drift_core.tables.rejects import find_rejects
from drift_core.tables.repeats import REPEAT_ROLES, find_same_pairs, gather_repeats
from drift_core.tables.scan import open_scan
from drift_core.tables.source import PLACE, Scan
from drift_core.tables.values import has_text, read_numbers, read_texts, read_times

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.scan import Source

TEXT_ROLES = ("query", "doc", "pair_id", "query_id")
SCORE_ROLES = ("teacher", "student", "teacher_pinned", "student_before", "label", *REPEAT_ROLES)


def read_table(
    source: "Source", *, n_rows: int | None = None, part: Part | None = None, tool: str | None = None
) -> "pa.Table":
    """Read a source as it is, to show its columns before they are mapped.

    Parameters
    ----------
    source, tool
        As for `read_pairs`.
    n_rows
        Read only the first rows.
    part
        Which side of a file that holds both samples.

    Returns
    -------
    pyarrow.Table
        Columns of CSV and JSON lines are text.

    Raises
    ------
    InputError
        If the source cannot be read.
    """
    with open_scan(source, adapt=as_pairs(tool)) as scan:
        if part is not None:
            _keep_side(scan, part)
        return scan.fetch(n_rows=n_rows)


def read_pairs(
    source: "Source",
    *,
    columns: Mapping[str, str] | None = None,
    slices: Sequence[str] | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    seed: int = 0,
    name: str | None = None,
    part: Part | None = None,
    kind: Kind | None = None,
    labels: Sequence[str] = (),
    tool: str | None = None,
) -> ScoredPairs:
    """Read a sample of scored pairs and check it.

    Parameters
    ----------
    source
        Path of a Parquet, CSV, TSV, JSON lines (the text formats also as .gz or .zst) or Arrow file, a pattern that
        names several, ``"-"`` for standard input, an open binary file, a pandas frame or an Arrow table.
    columns
        Role to column where a column is not recognised by its name; empty text leaves an optional role unused. A name
        that is no role is what a slice shall be called: ``{"market": "Home Market"}``.
    slices
        Columns that divide the pairs, by the names in `columns` where they have one there; by default those and what
        `slice_candidates` offers.
    limits
        What is over is sampled by whole queries.
    seed
        Seed of that draw, a whole number.
    name
        What the sample is called; by default the name of the file.
    part
        Which side of a file that holds both samples; see `read_split`. The column that splits it is no slice.
    kind
        Kind of the scores: numeric, ordinal, binary, nominal, pairwise or probability; told by the values.
    labels
        Labels of this kind: of grades lowest first, of binary the positive one last. Other values are left out.
    tool
        Whose export it is, where its fields do not tell; see docs/files.md.

    Returns
    -------
    ScoredPairs
        The usable pairs in the order of the source; its problems tell what was left out and why. Rows of several files
        are counted through them in the order of their names.

    Raises
    ------
    InputError
        If the source cannot be read, a required column is missing, a score column holds neither numbers nor labels or
        is constant, its labels can mean two things, or fewer than 20 pairs are usable.
    SettingError
        If `columns` has a name that is neither a role nor can be a slice, or there is no such kind or labels.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = [i / 20 for i in range(20)]
    >>> frame = pd.DataFrame({"q": ["how to return shoes"] * 20, "judge": scores, "student": scores[::-1]})
    >>> pairs = read_pairs(frame, name="monday")
    >>> pairs.n_pairs, pairs.n_queries, dict(pairs.columns)
    (20, 1, {'query': 'q', 'teacher': 'judge', 'student': 'student'})
    """
    asked = asked_kind(kind, labels)
    columns = columns or {}
    told = ReadOptions(columns=columns, kind=kind, labels=tuple(labels), slices=slices, tool=tool, limits=limits.sizes)
    with open_scan(source, adapt=as_pairs(tool, columns)) as scan:
        names = scan.names
        columns = named_scores(columns, names)
        part = None if part is None else _keep_side(scan, part)
        assigned, ambiguities = assign_columns(names, columns, scan.label, unfit=words_for_scores(scan, names, columns))
        orders = order_columns(names, assigned.values())
        ambiguities = (*ambiguities, *columns_left_out(scan, assigned | orders, columns, slices))
        named = named_slices(columns)
        check_named_slices(named, names, slices, scan.label)
        wanted = None if slices is None else {name: named.get(name, name) for name in slices}
        possible = (*named.values(), *possible_slices(scan, assigned, wanted, part))
        scan.narrow(tuple(dict.fromkeys((*assigned.values(), *orders.values(), *possible))))
        draw = draw_queries(scan, assigned, limits=limits, seed=seed)
        table, rows, rejected = _fetch(scan, draw)
        check = RowCheck(
            label=scan.label,
            columns=assigned,
            rows=rows,
            problems=[*scan.problems, *ambiguities, *rejected, *sampled(draw, len(rows))],
        )
        content, used, found, chance_labels = _read_roles(table, check, asked, orders, is_chosen="pair_id" in columns)
        taken = {role: column for role, column in assigned.items() if role != "weight" or role in used}
        sliced = offered_slices(table, taken, named, names, scan.label) if wanted is None else wanted
        values = {name: slice_values(table[c], f"Column {c!r} of {scan.label}") for name, c in sliced.items()}
        constants = constant_values(table, {*taken.values(), *sliced.values()}) if wanted is None else {}
        operations = {role: content.pop(role)[check.usable] for role in OPERATIONS if role in content}
        return ScoredPairs(
            **{role: array[check.usable] for role, array in content.items()},
            operations=operations,
            name=name or scan.name,
            slices={name: array[check.usable] for name, array in values.items()},
            constants=constants,
            row=rows[check.usable],
            columns=used | named,
            problems=tuple(check.problems),
            chance_labels=chance_labels,
            unscored=unscored_rows(content["query"], content["student"], content.get("doc"), values, check.unscored),
            sampling=None if draw is None else draw.sampling,
            part=part,
            kind=found,
            read_options=told,
            source=str(source) if isinstance(source, str | Path) else None,
        )


def _keep_side(scan: Scan, part: Part) -> Part:
    """Keep one side of a file, which the scan is called by from then on; gives the part with the size of the whole."""
    sides = sides_of(scan, part.split)
    scan.keep(sides.rows[part.side])
    scan.label, scan.name = (f"{text} ({sides.words[part.side]})" for text in (scan.label, scan.name))
    scan.problems = (*scan.problems, *sides.problems)
    return replace(part, n_rows=len(sides.rows[part.side]))


def _fetch(scan: Scan, draw: Draw | None) -> tuple["pa.Table", np.ndarray, tuple[Problem, ...]]:
    """Read the rows, with their places in the source and what is said about rows that could not be read."""
    if draw is None:
        table = scan.fetch()
        places = np.arange(len(table), dtype=np.int64)
    else:
        table = scan.fetch_where(draw.condition)
        places = table[PLACE].to_numpy().astype(np.int64)
    n_read = len(table) if scan.kept is None else int(scan.kept[-1]) + 1
    places = places if scan.kept is None else scan.kept[places]
    if not scan.may_reject:
        return table, places, ()
    rejects = find_rejects(scan.connection, scan.label, n_read)
    return table, rejects.source_rows(places), rejects.problems


def _read_roles(
    table: "pa.Table", check: RowCheck, asked: ScoreKind | None, orders: Mapping[str, str], *, is_chosen: bool
) -> tuple[dict[str, np.ndarray], dict[str, str], ScoreKind, tuple[str, ...]]:
    """Read and check the column of every role; give the columns used, the kind and labels that have probabilities."""
    column = {role: table[name] for role, name in check.columns.items()}
    where = {role: f"Column {name!r} of {check.label}" for role, name in check.columns.items()}
    texts = {role: read_texts(column[role], where[role]) for role in TEXT_ROLES if role in column}
    scored = {role: column[role] for role in SCORE_ROLES if role in column}
    judged = told_apart(judged_columns(without_reasons(scored, check, asked), where, check, asked), asked, check)
    sides = {role: judged[role] for role in ("teacher", "student")}
    kind = recognise_kind(sides, asked, check)
    denominator, is_closed = common_denominator(sides.values()), asked is not None and bool(asked.labels)
    scores = {role: each.read(kind, denominator=denominator, is_closed=is_closed) for role, each in sides.items()}
    check_scores(check, "teacher", scores["teacher"], kind)
    has_others = has_text(texts["query"]) & np.isfinite(scores["student"].values)
    check.unscored = ~check.usable & has_others
    check_scores(check, "student", scores["student"], kind)
    check_queries(check, texts["query"])
    content = texts | joined_answers(table, orders, kind, check)
    content |= {role: reading.values for role, reading in scores.items()}
    for role in (each for each in (*SCORE_ROLES[2:], "timestamp") if each in column):
        reading = judged[role].read(kind, denominator=denominator) if role in judged else read_times(column[role])
        values = check_optional(check, role, reading, kind)
        content |= {} if values is None else {role: values}
    weights = check_weights(check, read_numbers(column["weight"])) if "weight" in column else None
    content |= {} if weights is None else {"weight": weights}
    content |= check_operations(check, {role: column[role] for role in OPERATIONS if role in column})
    used = {role: column for role, column in check.columns.items() if role in content}
    runs = [content.pop(role) for role in REPEAT_ROLES if role in content]
    is_other = np.zeros(len(check.rows), dtype=bool)
    shown = shown_orders(table, orders, content, check) if kind.name == "pairwise" else None
    if shown is not None:
        content["answers"], is_other = shown.answers, shown.is_other
    same = find_same_pairs(check.usable, content)
    repeated = np.zeros(len(check.rows), dtype=bool) if same is None else same.later
    if "pair_id" in content and not check_pair_ids(check, content, is_other, is_chosen=is_chosen, repeated=repeated):
        del content["pair_id"], used["pair_id"]
    check_sample(check, {role: content[role] for role in scores}, kind, is_asked=asked is not None)
    check.mention("repeated_pair", repeated, "the query, doc and student score of an earlier row, scored again")
    if same is None:
        check_identical(check, content)
    else:
        runs.extend(gather_repeats(same, check.usable, content).T)
    if runs:
        content["teacher_repeats"] = np.column_stack(runs)
    chances, labels = chances_of({role: judged[role] for role in CHANCES if role in judged}, kind)
    content |= {CHANCES[role]: found for role, found in chances.items()}
    if shown is not None:
        del content["answers"]
        content |= {} if shown.shown is None else {"shown": shown.shown}
    return _filled(content, check), used, kind, labels


def _filled(content: dict[str, np.ndarray], check: RowCheck) -> dict[str, np.ndarray]:
    """Put something in place of missing texts: no doc, the row for a pair id, the query's text for its id."""
    instead = {
        "doc": (np.full(len(check.rows), "", dtype=object), "no doc"),
        "pair_id": (
            np.array([f"row {row + 1}" for row in check.rows], dtype=object),
            "no pair id, so the number of the row is used",
        ),
        "query_id": (content["query"], "no query id, so the query's text is used"),
    }
    filled = dict(content)
    for role, (values, fault) in instead.items():
        if role in content.keys() & check.columns.keys():
            missing = ~has_text(content[role])
            check.mention(f"missing_{role}", missing, f"{fault} (column {check.columns[role]!r})")
            filled[role] = np.where(missing, values, content[role])
    return filled
