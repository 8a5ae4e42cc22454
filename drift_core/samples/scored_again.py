"""Pairs of a sample as a file with their own columns, to be scored again, and the sample with the new scores."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import NO_VALUE
from drift_core.tables.writing import to_csv, with_mark

_TEXTS, _SCORES = ("pair_id", "query_id", "query", "doc"), ("teacher", "student", "teacher_pinned", "student_before")


def pairs_csv(sample: ScoredPairs, chosen: np.ndarray | None = None) -> bytes:
    """Write pairs as CSV under the names that their columns had where they were read.

    Parameters
    ----------
    chosen
        bool of shape (n,); None for all.

    Notes
    -----
    What the sample holds is written: roles, runs of the teacher, operations and slices. A text that a spreadsheet would
    run as a formula gets an apostrophe in front, with the digest by which our readers take it off again.
    """
    kept = np.ones(len(sample), dtype=bool) if chosen is None else chosen
    table = pd.DataFrame({sample.columns.get(name, name): each[kept] for name, each in _columns(sample).items()})
    docs = None if sample.doc is None else sample.doc[kept]
    return to_csv(with_mark(table, query=sample.query[kept], doc=docs))


def with_new_scores(production: ScoredPairs, again: ScoredPairs) -> ScoredPairs:
    """Give the sample with the student's scores of another file in the place of its own, for the pairs of that file.

    A pair is known by its query, its doc and today's teacher's score; equal ones come in the order of their rows.

    Raises
    ------
    InputError
        If the file holds a pair that the sample lacks, or no score that differs.
    """
    if again.kind != production.kind:
        raise InputError(f"{again.name} holds {again.kind.words}, and {production.name} holds {production.kind.words}.")
    place = pd.Series(np.arange(len(production)), index=_keys(production)).reindex(_keys(again))
    if n_unknown := int(place.isna().sum()):
        raise InputError(
            f"{again.name}: {n_unknown:,} of {len(again):,} pairs are not in "
            f"{production.name}. Bring the downloaded pairs with the student's new scores in its column, and change "
            "nothing else in them."
        )
    student = production.student.copy()
    student[place.to_numpy(dtype=np.int64)] = again.student
    if np.array_equal(student, production.student):
        raise InputError(f"{again.name} holds the scores that {production.name} holds already.")
    return replace(production, student=student, read_digest=None)


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


def _keys(sample: ScoredPairs) -> pd.MultiIndex:
    told = pd.DataFrame({"query": sample.query, "teacher": sample.teacher})
    told["doc"] = "" if sample.doc is None else sample.doc
    return pd.MultiIndex.from_frame(told.assign(nth=told.groupby(list(told), sort=False).cumcount()))
