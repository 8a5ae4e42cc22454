"""Rows of a sample that the teacher gave no score."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Unscored:
    """Rows with a query and a student's score to which the teacher gave none.

    Attributes
    ----------
    query, doc
        Texts, object array of str, one entry a row; `doc` may be absent.
    student
        The student's scores, float64.
    slices
        Slice columns, as in `ScoredPairs`.
    """

    query: np.ndarray
    student: np.ndarray
    doc: np.ndarray | None = None
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.query)

    def drawn(self, most: int) -> "Unscored":
        """At most so many of the rows, by their texts, so the same whatever their order."""
        if len(self) <= most:
            return self
        hashes = [pd.util.hash_array(each.astype(object)) for each in (self.query, self.doc) if each is not None]
        rows = np.zeros(len(self), dtype=bool)
        rows[np.lexsort((self.student, *hashes))[:most]] = True
        found = self.take(rows)
        assert found is not None
        return found

    def take(self, rows: np.ndarray) -> "Unscored | None":
        """Some of the rows, bool of shape (n,); None where there are none."""
        return unscored_rows(self.query, self.student, self.doc, self.slices, rows)

    def joined(self, more: "Unscored") -> "Unscored":
        """These rows and more of the same source."""
        return Unscored(
            query=np.concatenate([self.query, more.query]),
            student=np.concatenate([self.student, more.student]),
            doc=None if self.doc is None or more.doc is None else np.concatenate([self.doc, more.doc]),
            slices={name: np.concatenate([values, more.slices[name]]) for name, values in self.slices.items()},
        )


def unscored_rows(
    query: np.ndarray, student: np.ndarray, doc: np.ndarray | None, slices: Mapping[str, np.ndarray], rows: np.ndarray
) -> Unscored | None:
    """The rows, bool of shape (n,), of a source's columns; None where there are none."""
    if not rows.any():
        return None
    return Unscored(
        query=query[rows],
        student=student[rows],
        doc=None if doc is None else doc[rows],
        slices={name: values[rows] for name, values in slices.items()},
    )
