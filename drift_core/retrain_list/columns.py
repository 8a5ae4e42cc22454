"""The columns of a retrain list: those of its contract, those that re-scoring adds, and the sample's slices."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pandas as pd

CONTRACT: Mapping[str, str] = MappingProxyType(
    {
        "row": "Row in the production sample, counted from 0.",
        "pair_id": "Identifier of the pair.",
        "query_id": "Identifier of the query, the same for all its docs.",
        "pair_digest": "Digest of the pair's texts.",
        "query": "Text of the query.",
        "doc": "Text of the document.",
        "teacher_score": "Score by the teacher.",
        "student_score": "Score by the student.",
        "region": "Part of the traffic that the pair lies in.",
        "drifted": "Whether the pair lies in a drifted region.",
        "probability": "Probability with which the pair was drawn; one divided by it is its weight.",
    }
)
ADDED_BY_RESCORING = (
    "teacher_score_listed",
    "state",
    "answer",
    "answer_model",
    "answer_fingerprint",
    "scored_at_utc",
    "state_reason",
)
SLICE_PREFIX = "slice_"


def names_of_slices(slices: Iterable[str]) -> dict[str, str]:
    """Name the column of each slice: its own name, with a prefix where a column of the list has it.

    Names are told apart as a reader without regard to case, blanks and underscores would.

    Examples
    --------
    >>> names_of_slices(["cohort", "Region"])
    {'cohort': 'cohort', 'Region': 'slice_Region'}
    """
    taken = {_alike(name) for name in (*CONTRACT, *ADDED_BY_RESCORING)}
    named: dict[str, str] = {}
    for name in slices:
        column = name
        while _alike(column) in taken:
            column = SLICE_PREFIX + column
        taken.add(_alike(column))
        named[name] = column
    return named


def other_columns(table: pd.DataFrame) -> tuple[str, ...]:
    """Columns of a list that neither its contract nor re-scoring brings: its slices, and what a user has added."""
    return tuple(str(name) for name in table.columns if name not in CONTRACT and name not in ADDED_BY_RESCORING)


def _alike(name: str) -> str:
    return "_".join(name.casefold().replace("_", " ").split())
