"""Which version of the teacher, the student or the app made which pairs, where a column of a sample tells it."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from drift_core.measured import Measured, Measurement
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.slices import NO_VALUE
from drift_core.tables.columns import version_of
from drift_core.tables.version_names import Whose
from drift_core.wording import counted, one_line

N_SHOWN = 4
FINDINGS: Mapping[Whose, str] = MappingProxyType(  # name of the finding, by whose version it is
    {"teacher": "teacher_versions", "student": "student_versions", "app": "app_versions", "open": "open_versions"}
)
_TO_KNOW: Mapping[Whose, str] = MappingProxyType(
    {
        "teacher": "What that costs, scores of the pinned revision tell.",
        "student": "What that costs, held-out scored by the new one tells.",
        "app": "",
        "open": "",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Versions:
    """A column of a sample that names several versions.

    Attributes
    ----------
    whose
        Whose they are.
    column
        The column.
    pairs
        Of each version its pairs, bool of shape (n,); the version that came first comes first.
    sentence
        How many pairs each has, and when; where the name leaves open whose they are, how to say it.
    """

    whose: Whose
    column: str
    pairs: Mapping[str, np.ndarray]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """A version that production alone has, and the sentence that says so."""

    whose: Whose
    sentence: str


def tells_version(sample: ScoredPairs, column: str) -> Whose | None:
    """Whose version a slice column of a sample tells; None where it tells none."""
    return version_of(column, _values(sample, column))


def versions_inside(sample: ScoredPairs) -> tuple[Versions, ...]:
    """Find the columns by which a version changed inside a sample."""
    found = []
    for column in sample.slices:
        whose = tells_version(sample, column)
        if whose and len(pairs := _versions(sample, column)) > 1:
            sentence = _sentence(whose, column, pairs, sample)
            found.append(Versions(whose=whose, column=column, pairs=pairs, sentence=sentence))
    return tuple(found)


def versions_between(heldout: ScoredPairs, production: ScoredPairs) -> tuple[VersionChange, ...]:
    """Say by which columns one version made production, and others held-out."""
    told = []
    for column in heldout.slices.keys() & production.slices.keys():
        whose = tells_version(production, column)
        before, after = (list(_versions(sample, column) if whose else ()) for sample in (heldout, production))
        if whose and before and len(after) == 1 and after[0] not in before:
            named = ", ".join(map(one_line, before[:N_SHOWN]))
            opening = f"The {whose} changed between the samples, as the column {one_line(column)} tells"
            made = f"{one_line(after[0])} scored production, {named} held-out."
            if whose in ("app", "open"):
                made = f"production has {one_line(after[0])}, held-out {named}."
            if whose == "open":
                opening = f"The column {one_line(column)} tells another version of some software"
            sentence = " ".join(filter(None, (f"{opening}: {made}", _TO_KNOW[whose], _asked(whose, column))))
            told.append(VersionChange(whose=whose, sentence=sentence))
    return tuple(sorted(told, key=lambda each: each.sentence))


def less_of(
    versions: Mapping[str, np.ndarray],
    agreement: Mapping[str, Measurement],
    errs_more: Callable[[np.ndarray, np.ndarray], bool | None],
) -> str:
    """The version that surely agrees less than another, and errs more on like queries, as a clause; else empty.

    `versions` has the pairs of each.
    """
    known = [(figure, each) for each in versions if isinstance(figure := agreement.get(each), Measured)]
    if len(known) < 2:
        return ""
    (low, worse), (high, better) = (pick(known, key=lambda each: each[0].estimate) for pick in (min, max))
    told = f"{one_line(worse)} agrees less than {one_line(better)} ({low.figure()} against {high.figure()})"
    return told if low.high < high.low and errs_more(versions[worse], versions[better]) else ""


def _values(sample: ScoredPairs, column: str) -> list[object]:
    return [value for value in dict.fromkeys(sample.slices[column]) if value != NO_VALUE]


def _versions(sample: ScoredPairs, column: str) -> dict[str, np.ndarray]:
    pairs = {str(value): sample.slices[column] == value for value in _values(sample, column)}
    return dict(sorted(pairs.items(), key=lambda item: (_days(sample, item[1])[:1], -int(item[1].sum()), item[0])))


def _days(sample: ScoredPairs, pairs: np.ndarray) -> tuple[str, ...]:
    """First and last day of some pairs; empty where none is known."""
    stamps = pd.Series([] if sample.timestamp is None else sample.timestamp[pairs]).dropna()
    return (f"{stamps.min():%Y-%m-%d}", f"{stamps.max():%Y-%m-%d}") if len(stamps) else ()


def _sentence(whose: Whose, column: str, versions: Mapping[str, np.ndarray], sample: ScoredPairs) -> str:
    told = []
    for version, pairs in list(versions.items())[:N_SHOWN]:
        days = _days(sample, pairs)
        when = f" from {days[0]} to {days[1]}" if days else ""
        verb = "has" if whose in ("app", "open") else "scored"
        told.append(f"{one_line(version)} {verb} {counted(int(pairs.sum()), 'pair', 'pairs')}{when}")
    more = f"; and {len(versions) - N_SHOWN:,} more" if len(versions) > N_SHOWN else ""
    opening = f"The {whose} changed inside {sample.name}, as the column {one_line(column)} tells"
    if whose == "open":
        opening = f"The column {one_line(column)} tells several versions of some software in {sample.name}"
    return " ".join(filter(None, (f"{opening}: {'; '.join(told)}{more}.", _asked(whose, column))))


def _asked(whose: Whose, column: str) -> str:
    """What settles whose version it is, where the name does not; empty where it does."""
    if whose != "open":
        return ""
    option = f"--column {shlex.quote(f'teacher_version={column}')}"
    return f"Is it the teacher's, the student's or the app's? Call it so, such as {option}."
