"""Which version of the teacher scored which pairs, where a column of a sample tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import NO_VALUE
from drift_core.tables.columns import tells_version
from drift_core.wording import counted, one_line

N_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TeacherVersions:
    """A column of a sample that names several versions of the teacher.

    Attributes
    ----------
    column
        The column.
    pairs
        Of each version its pairs, bool of shape (n,); the version that scored first comes first.
    sentence
        How many pairs each scored, and when.
    """

    column: str
    pairs: Mapping[str, np.ndarray]
    sentence: str


def teacher_versions(sample: ScoredPairs) -> tuple[TeacherVersions, ...]:
    """Find the columns by which the teacher changed inside a sample."""
    found = ((column, _versions(sample, column)) for column in sample.slices if tells_version(column))
    return tuple(
        TeacherVersions(column=column, pairs=pairs, sentence=_sentence(column, pairs, sample))
        for column, pairs in found
        if len(pairs) > 1
    )


def versions_between(heldout: ScoredPairs, production: ScoredPairs) -> tuple[str, ...]:
    """Say by which columns one version of the teacher scored production, and others held-out."""
    told = []
    for column in heldout.slices.keys() & production.slices.keys():
        before, after = (list(_versions(sample, column)) for sample in (heldout, production))
        if tells_version(column) and before and len(after) == 1 and after[0] not in before:
            named = ", ".join(map(one_line, before[:N_SHOWN]))
            told.append(
                f"The teacher changed between the samples, as the column {one_line(column)} tells: "
                f"{one_line(after[0])} scored production, {named} held-out. What that costs, scores of the pinned "
                "revision tell."
            )
    return tuple(sorted(told))


def _versions(sample: ScoredPairs, column: str) -> dict[str, np.ndarray]:
    values = sample.slices[column]
    pairs = {str(value): values == value for value in dict.fromkeys(values) if value != NO_VALUE}
    return dict(sorted(pairs.items(), key=lambda item: (_days(sample, item[1])[:1], -int(item[1].sum()), item[0])))


def _days(sample: ScoredPairs, pairs: np.ndarray) -> tuple[str, ...]:
    """First and last day of some pairs; empty where none is known."""
    stamps = pd.Series([] if sample.timestamp is None else sample.timestamp[pairs]).dropna()
    return (f"{stamps.min():%Y-%m-%d}", f"{stamps.max():%Y-%m-%d}") if len(stamps) else ()


def _sentence(column: str, versions: Mapping[str, np.ndarray], sample: ScoredPairs) -> str:
    told = []
    for version, pairs in list(versions.items())[:N_SHOWN]:
        days = _days(sample, pairs)
        when = f" from {days[0]} to {days[1]}" if days else ""
        told.append(f"{one_line(version)} scored {counted(int(pairs.sum()), 'pair', 'pairs')}{when}")
    more = f"; and {len(versions) - N_SHOWN:,} more" if len(versions) > N_SHOWN else ""
    return f"The teacher changed inside {sample.name}, as the column {one_line(column)} tells: {'; '.join(told)}{more}."
