"""Pairs of a sample as a file with their own columns, to be scored again, and the sample with the new scores."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import NO_VALUE
from drift_core.samples.unscored import Unscored
from drift_core.tables.writing import to_csv, with_mark

_TEXTS, _SCORES = ("pair_id", "query_id", "query", "doc"), ("teacher", "student", "teacher_pinned", "student_before")
ROW = "row_in_production"  # column of a pair that has no id of its own, by which its answer is placed
SAME = 1e-12  # relative, of scores: a spreadsheet keeps 15 digits
PAIRWISE = "These are comparisons of two answers, and a table of pairs does not hold which was shown first."
WITH_CHANCES = "These have the chance of each label, which a table of pairs does not hold."
BRING_THE_PAIRS = (
    "Bring the downloaded pairs with the student's new scores in its column, and change nothing else in them."
)


def pairs_csv(sample: ScoredPairs) -> bytes:
    """Write a sample as CSV under the names that its columns had where they were read, rows without a teacher's too.

    Notes
    -----
    What the sample holds is written: roles, runs of the teacher, operations and slices. A text that a spreadsheet would
    run as a formula gets an apostrophe in front, with the digest by which our readers take it off again.
    """
    return _csv(sample, _columns(sample))


def to_score_csv(sample: ScoredPairs, chosen: np.ndarray | None = None) -> bytes:
    """Write pairs that are to be scored again, as `pairs_csv`, with the row of each where the sample has no pair ids.

    Parameters
    ----------
    chosen
        bool of shape (n,); None for all, then with the rows that have no score by the teacher.
    """
    ids = {} if sample.pair_id is not None else {ROW: _ids(sample)}
    return _csv(sample, {**_columns(sample), **ids}, chosen)


def not_written(sample: ScoredPairs) -> str:
    """Why a sample cannot be written as a table of pairs and read again whole; empty where it can."""
    if sample.kind.name == "pairwise":
        return PAIRWISE
    return WITH_CHANCES if sample.chances is not None or sample.chances_before is not None else ""


def columns_back(production: ScoredPairs, names: Collection[str]) -> dict[str, str]:
    """The role and column that tell the rows of a file of `to_score_csv`, by its columns; empty where none does."""
    return {"pair_id": ROW} if production.pair_id is None and ROW in names else {}


def with_new_scores(production: ScoredPairs, again: ScoredPairs) -> ScoredPairs:
    """Give the sample with the student's scores of another file in the place of its own, for the pairs of that file.

    A pair is known by its pair id or its row, see `columns_back`, and must have the texts and the teacher's score that
    it has in the sample. In a file without either, a pair that the sample has once is known by these.

    Raises
    ------
    InputError
        If a row of the file cannot be placed, or no score differs.
    """
    if why := not_written(production):
        raise InputError(f"{why} Bring the whole file, scored again, in place of {production.name}.")
    try:
        production, again = align_kinds(production, again)
    except InputError as error:
        told = f"{again.name} holds {again.kind.words}, and {production.name} holds {production.kind.words}."
        raise InputError(told) from error
    place = _places(production, again)
    student = production.student.copy()
    student[place] = again.student
    if np.array_equal(student, production.student):
        raise InputError(f"{again.name} holds the scores that {production.name} holds already.")
    return replace(production, student=student, unscored=_unscored(production, again), read_digest=None)


def _places(production: ScoredPairs, again: ScoredPairs) -> np.ndarray:
    """The row of production of each row, int64 of shape (n,); raises where one of them has none."""
    asked = ROW if production.pair_id is None else production.columns.get("pair_id", "pair_id")
    is_told = again.pair_id is not None and again.columns.get("pair_id") == asked
    ids, asked_ids = (_ids(production), again.pair_id) if is_told else (_keys(production), _keys(again))
    codes = pd.factorize(np.concatenate([ids, asked_ids]))[0]
    known = pd.Series(np.arange(len(production)), index=codes[: len(production)])
    n_alike = known.groupby(level=0).size().reindex(codes[len(production) :]).fillna(0).to_numpy()
    several = n_alike > 1
    found = known[~known.index.duplicated()].reindex(codes[len(production) :]).to_numpy(dtype=np.float64)
    place = np.nan_to_num(found, nan=0).astype(np.int64)
    is_other = np.isnan(found) | ~_are_same(production, again, place)
    n_left_out = sum(each.n_rows for each in again.problems if each.left_out) - len(again.unscored or ())
    n_lost = n_left_out if len(again) < len(production) else 0  # else all have an answer
    faults = {
        f"are not in {production.name} with this query, doc and teacher's score": int(is_other.sum()),
        f"come several times in {production.name}, and no {asked} tells which one": int((several & ~is_other).sum()),
        "have no score that can be read, or the id of an earlier row": n_lost,
    }
    told = [f"{n:,} of {len(again) + n_lost:,} pairs {fault}" for fault, n in faults.items() if n]
    if told:
        raise InputError(f"{again.name}: {'; '.join(told)}. No score was taken. {BRING_THE_PAIRS}")
    return place


def _are_same(production: ScoredPairs, again: ScoredPairs, place: np.ndarray) -> np.ndarray:
    """Whether each row has the texts and the teacher's score of its place, bool of shape (n,)."""
    same = np.asarray(production.query[place] == again.query, dtype=bool)
    same &= np.isclose(production.teacher[place], again.teacher, rtol=SAME, atol=0)
    if production.doc is not None and again.doc is not None:
        same &= np.asarray(production.doc[place] == again.doc, dtype=bool)
    return same & ((production.doc is None) == (again.doc is None))


def _unscored(production: ScoredPairs, again: ScoredPairs) -> Unscored | None:
    """The rows that the teacher did not score, with the student's new scores where one row alone has their texts."""
    mine, brought = production.unscored, again.unscored
    if mine is None or brought is None:
        return mine
    keys, theirs = (pd.MultiIndex.from_arrays(_texts(each.query, each.doc)) for each in (mine, brought))
    new = pd.Series(brought.student, index=theirs)[~theirs.duplicated(keep=False)].reindex(keys).to_numpy()
    is_placed = ~np.isnan(new) & ~keys.duplicated(keep=False)
    return replace(mine, student=np.where(is_placed, new, mine.student))


def _ids(sample: ScoredPairs) -> np.ndarray:
    return (sample.row + 1).astype(str).astype(object) if sample.pair_id is None else sample.pair_id


def _csv(sample: ScoredPairs, columns: Mapping[str, np.ndarray], chosen: np.ndarray | None = None) -> bytes:
    kept = np.ones(len(sample), dtype=bool) if chosen is None else chosen
    table = pd.DataFrame({name: each[kept] for name, each in columns.items()})
    query, doc, more = sample.query[kept], None if sample.doc is None else sample.doc[kept], sample.unscored
    if chosen is None and more is not None:
        unscored = np.array([f"unscored {row}" for row in range(1, len(more) + 1)], dtype=object)  # no gap: no decimals
        texts = {"query": more.query, "doc": _texts(more.query, more.doc)[1], ROW: unscored}
        slices = {name: np.where(values == NO_VALUE, "", values) for name, values in more.slices.items()}
        given = {**texts, **slices, "student": sample.kind.written(more.student)}
        missing = {name: values for name, values in given.items() if name in table}
        table = pd.concat([table, pd.DataFrame(missing)], ignore_index=True)
        table = table.apply(lambda column: column.fillna("") if column.dtype == object else column)
        query = np.concatenate([query, more.query])
        doc = None if doc is None else np.concatenate([doc, _texts(more.query, more.doc)[1]])
    table = table.assign(**sample.constants)
    return to_csv(with_mark(table.rename(columns=dict(sample.columns)), query=query, doc=doc))


def _texts(query: np.ndarray, doc: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    return query, np.full(len(query), "", dtype=object) if doc is None else doc


def _columns(sample: ScoredPairs) -> Mapping[str, np.ndarray]:
    """Each column by its role or the name of its slice, as it is written."""
    written = sample.kind.written
    time = None if sample.timestamp is None else np.datetime_as_string(sample.timestamp, timezone="UTC").astype(object)
    if time is not None and sample.timestamp is not None:
        time[np.isnat(sample.timestamp)] = ""
    scores = {name: values for name in _SCORES if (values := getattr(sample, name)) is not None}
    runs = {} if sample.teacher_repeats is None else dict(enumerate(sample.teacher_repeats.T, start=1))
    found: dict[str, np.ndarray | None] = {
        **{name: getattr(sample, name) for name in _TEXTS},
        "timestamp": time,
        **{name: written(values) for name, values in scores.items()},
        **{f"teacher_repeat_{number}": written(values) for number, values in runs.items()},
        "label": None if sample.label is None else written(sample.label),
        "weight": sample.weight,
        **sample.operations,
        **{name: np.where(values == NO_VALUE, "", values) for name, values in sample.slices.items()},
    }
    return {name: values for name, values in found.items() if values is not None}


def _keys(sample: ScoredPairs) -> np.ndarray:
    """Each pair's texts and teacher's score, object array of tuples."""
    return pd.MultiIndex.from_arrays([*_texts(sample.query, sample.doc), sample.teacher]).to_numpy()
