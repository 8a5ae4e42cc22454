"""Agreement by region and period, of the rows of a log that have both scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError
from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import code_queries
from drift_core.samples.reading import read_pairs

if TYPE_CHECKING:
    from drift_core.traffic.log import Log, Period
    from drift_core.traffic.read_frozen import DiagnosedRegions

MOST_ROWS = 1_000_000  # with both scores that are read; of more, whole queries are drawn
LARGEST = 16**15  # numbers of queries lie below it, evenly
NONE = Unmeasured(reason="no row has both scores.")
Cell = tuple[date | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """Agreement by first day of the period and region, None for all of either; what is worth telling."""

    cells: Mapping[Cell, Measurement] = field(default_factory=dict)
    otherwise: Unmeasured = NONE
    notes: tuple[str, ...] = ()

    def of(self, start: date | None, region: int | None) -> Measurement:
        return self.cells.get((start, region), self.otherwise)


def measure_agreements(log: "Log", regions: "DiagnosedRegions", *, by: "Period", n_scored: int) -> Agreements:
    """Measure agreement in every region and period; rows of a query are counted together.

    Of more than `MOST_ROWS` rows, the queries with the smallest numbers stand for all, which is told.
    """
    if not n_scored:
        return Agreements()
    share = min(1.0, MOST_ROWS / n_scored)
    drawn = "" if share == 1 else f"and {log.number} < {int(share * LARGEST)}"
    table = log.scan.relation(
        "select number::varchar as query, row_number() over ()::varchar as doc, teacher, student, "
        "coalesce(region, -1)::varchar as region, coalesce(period::varchar, '') as period from ("
        f"select {log.number} as number, {_score(log, 'teacher')} as teacher, {_score(log, 'student')} as student, "
        f"{log.period(by)} as period from ({log.scan.query}) where {log.has_query} and {log.has_scores} {drawn}"
        ") left join placed using (number) order by number, period, teacher, student"
    ).to_arrow_table()
    try:
        pairs = read_pairs(
            table,
            columns={each: each for each in ("query", "doc", "teacher", "student")},
            slices=("region", "period"),
            name=log.label,
            kind=regions.kind,
            labels=regions.labels,
        )
    except InputError as error:
        return Agreements(otherwise=Unmeasured(reason=str(error)), notes=(f"No agreement is measured: {error}",))
    [queries] = code_queries(pairs)
    scores = Scores.of(pairs, queries)
    cells: dict[Cell, Measurement] = {}
    region, period = (pairs.slices[name].astype(str) for name in ("region", "period"))
    for start in ("", *np.unique(period[period != ""])):
        inside = np.ones(len(pairs), dtype=bool) if start == "" else period == start
        day = date.fromisoformat(start) if start else None
        cells[day, None] = agreement(scores.take(inside), confidence=regions.confidence)
        for code in np.unique(region[inside]):
            rows = np.flatnonzero(inside & (region == code))
            cells[day, int(code)] = agreement(scores.take(rows), confidence=regions.confidence)
    notes = [problem.message for problem in pairs.problems]
    if drawn:
        notes.append(
            f"{n_scored:,} rows have both scores; agreement is that of {len(pairs):,}, whole queries drawn by number."
        )
    return Agreements(cells=cells, notes=tuple(notes))


def _score(log: "Log", role: str) -> str:
    from drift_core.tables.dialects import name_sql

    return name_sql(log.columns[role])
