"""A selection of production pairs as a file, for a closer look elsewhere."""

import numpy as np
import pandas as pd

from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.writing import to_csv, with_mark


def selection_csv(production: ScoredPairs, chosen: np.ndarray, *, region: np.ndarray | None = None) -> bytes:
    """Write the chosen pairs as CSV: row (from 1), pair id, texts, scores, region, slices.

    Parameters
    ----------
    chosen
        bool of shape (n_production,).
    region
        Name of each pair's region, shape (n_production,); without it there is no such column.

    Notes
    -----
    A text that a spreadsheet would run as a formula gets an apostrophe in front; then the digest of each pair follows,
    by which our readers take it off again.
    """
    texts = {"pair_id": production.pair_id, "query": production.query, "doc": production.doc, "region": region}
    written = production.kind.written
    scores = {"teacher_score": written(production.teacher), "student_score": written(production.student)}
    columns = {"row": production.row, **texts, **scores, **production.slices}
    table = pd.DataFrame({name: values[chosen] for name, values in columns.items() if values is not None})
    docs = None if production.doc is None else production.doc[chosen]
    return to_csv(with_mark(table, query=production.query[chosen], doc=docs))
