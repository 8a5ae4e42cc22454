"""A whole log in the regions of a diagnosis: shares and agreement by period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from drift_core.errors import InputError
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.intervals import proportion_interval
from drift_core.traffic.frozen_regions import ELSEWHERE, NOWHERE
from drift_core.traffic.log import Log, Period, open_log
from drift_core.traffic.placing import TextVectors, check_encoder, place_texts
from drift_core.traffic.read_frozen import DiagnosedRegions
from drift_core.traffic.scored_rows import Agreements, measure_agreements
from drift_core.wording import counted

Sums = tuple[int, int, float]  # queries, rows, and the sum of the squares of the queries' rows
NO_ROWS: Sums = (0, 0, 0.0)
LEAST_QUERIES = 2
HALF = 0.5  # of a region's share of the whole, below which it is not there yet (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPeriod:
    """One region in one period.

    Attributes
    ----------
    region
        Its name; `ELSEWHERE` for texts beyond the reach of all.
    n_rows, n_queries
        Rows of the log and distinct queries among them.
    share
        Of the period's rows.
    agreement
        Of the rows with both scores.
    """

    region: str
    n_rows: int
    n_queries: int
    share: Measurement
    agreement: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPeriod:
    """One day, week or month of the log; `start` is its first day, None for all rows together.

    `drifted` is the share of the regions that drifted in the diagnosis, together.
    """

    start: date | None
    n_rows: int
    n_queries: int
    drifted: Measurement
    agreement: Measurement
    regions: tuple[RegionPeriod, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficShares:
    """A whole log in the regions of a diagnosis.

    Attributes
    ----------
    whole
        All rows of the log.
    periods
        By time; none where the log has no times.
    by
        What a period is.
    drifted
        Names of the regions that drifted in the diagnosis.
    told_alone
        See `FrozenRegions`.
    encoder
        What made the vectors.
    notes
        What is worth telling, in sentences.
    """

    whole: LogPeriod
    periods: tuple[LogPeriod, ...]
    by: Period
    drifted: frozenset[str]
    told_alone: float
    encoder: str
    notes: tuple[str, ...]

    def since(self, region: str) -> date | None:
        """First day of the period from which a region never again had clearly less than half of its share of the whole.

        None where the last period has less, and of a log without times.
        """
        place = [each.region for each in self.whole.regions].index(region)
        usual = self.whole.regions[place].share
        less = [at for at, period in enumerate(self.periods) if _is_clearly_less(period.regions[place].share, usual)]
        first = less[-1] + 1 if less else 0
        return self.periods[first].start if first < len(self.periods) else None


def measure_shares(
    source: str | Path,
    regions: DiagnosedRegions,
    *,
    by: Period = "week",
    columns: Mapping[str, str] | None = None,
    vectors: TextVectors,
) -> TrafficShares:
    """Give every row of a log its region and count, by period.

    Parameters
    ----------
    source
        A file, a folder of Parquet files or a pattern, larger than memory or not; scores and times need not be there.
    regions
        Of a diagnosis; see `read_frozen`.
    by
        What is told apart: days, weeks from Monday, or months, in UTC.
    columns
        Role to column, for ``query``, ``timestamp``, ``teacher``, ``student`` and ``doc``, where names do not tell.
    vectors
        What the queries are embedded with, each distinct one once.

    Raises
    ------
    InputError
        When the log cannot be read or has no queries, vectors are of another encoder than the diagnosis's, or a query
        has none.

    Notes
    -----
    A share's interval reads the period's queries as drawn from traffic of its kind: the share is a ratio of sums over
    queries, its error comes from what each query contributes to it [1]_, the limits are Wilson's at the number of rows
    that would scatter as much. Of the log itself the share is exact.

    References
    ----------
    .. [1] Liang, K.-Y. and Zeger, S. (1986). Longitudinal data analysis using generalized linear models. Biometrika 73.
    """
    encoder = vectors.id
    check_encoder(encoder, regions.frozen)
    with open_log(source, columns=columns) as log:
        log.scan.execute(
            f"create table traffic as select number, period, count(*)::bigint as n, sum(scored)::bigint as scored "
            f"from (select {log.number} as number, {log.period(by)} as period, ({log.has_scores})::bigint as scored "
            f"from ({log.scan.query}) where {log.has_query}) group by all"
        )
        n_all = int(log.scan.rows(f"select count(*) from ({log.scan.query})")[0][0])
        n_rows, n_timed, n_texts, n_scored = map(
            int,
            log.scan.rows(
                "select coalesce(sum(n), 0), coalesce(sum(n) filter (period is not null), 0), "
                "count(distinct number), coalesce(sum(scored), 0) from traffic"
            )[0],
        )
        if not n_rows:
            raise InputError(f"{log.label} has no row with a query. Name the column with --column query=COLUMN.")
        place_texts(log, regions.frozen, vectors, n_texts)
        counts = log.scan.rows(
            "select period, region, count(*), sum(n)::bigint, sum(n * n)::double from ("
            "select period, coalesce(region, -1) as region, n from traffic left join placed using (number)) "
            "group by period, region"
        )
        over_all = log.scan.rows(
            "select region, count(*), sum(n)::bigint, sum(n * n)::double from (select coalesce(region, -1) as region, "
            "n from (select number, sum(n) as n from traffic group by number) left join placed using (number)) "
            "group by region"
        )
        measured = measure_agreements(log, regions, by=by, n_scored=n_scored)
        notes = (*log.notes, *_notes(log, n_all - n_rows, n_rows - n_timed), *measured.notes)
    names = (*regions.frozen.regions, ELSEWHERE)
    cells: dict[date | None, dict[int, Sums]] = {None: {row[0]: row[1:] for row in over_all}}
    for period, region, *figures in counts:
        if period is not None:
            cells.setdefault(period, {})[region] = tuple(figures)
    found = {
        start: _period(start, cell, names, measured, regions)
        for start, cell in sorted(cells.items(), key=lambda item: (item[0] is not None, item[0]))
    }
    whole = found.pop(None)
    return TrafficShares(
        whole=whole,
        periods=tuple(found.values()),
        by=by,
        drifted=regions.drifted,
        told_alone=regions.frozen.told_alone,
        encoder=encoder or regions.frozen.encoder,
        notes=notes,
    )


def _notes(log: Log, n_without_query: int, n_without_time: int) -> tuple[str, ...]:
    found = []
    if n_without_query:
        found.append(f"{counted(n_without_query, 'row', 'rows')} without a query left out.")
    if "timestamp" not in log.columns:
        found.append("The log has no times, so there is one line for all. Name them with --column timestamp=COLUMN.")
    elif n_without_time:
        rows = f"{counted(n_without_time, 'row', 'rows')} without a readable time in {log.columns['timestamp']!r}"
        found.append(f"{rows}: counted in the whole, in no period.")
    return tuple(found)


def _period(
    start: date | None,
    cell: Mapping[int, Sums],
    names: tuple[str, ...],
    measured: Agreements,
    diagnosed: DiagnosedRegions,
) -> LogPeriod:
    total = _added(cell.values())
    codes = [*range(len(names) - 1), NOWHERE]
    drifted = _added(cell.get(code, NO_ROWS) for code in codes[:-1] if names[code] in diagnosed.drifted)
    regions = [
        RegionPeriod(
            region=name,
            n_rows=cell.get(code, NO_ROWS)[1],
            n_queries=cell.get(code, NO_ROWS)[0],
            share=_share(cell.get(code, NO_ROWS), total, diagnosed.confidence),
            agreement=measured.of(start, code),
        )
        for code, name in zip(codes, names, strict=True)
    ]
    return LogPeriod(
        start=start,
        n_rows=total[1],
        n_queries=total[0],
        drifted=_share(drifted, total, diagnosed.confidence),
        agreement=measured.of(start, None),
        regions=tuple(regions),
    )


def _added(sums: Iterable[Sums]) -> Sums:
    each = tuple(sums)
    return sum(row[0] for row in each), sum(row[1] for row in each), sum(row[2] for row in each)


def _share(inside: Sums, total: Sums, confidence: float) -> Measurement:
    (_, rows, own), (n_queries, n_rows, squares) = inside, total
    if n_queries < LEAST_QUERIES:
        reason = f"{counted(n_queries, 'query', 'queries')}; at least {LEAST_QUERIES} are needed."
        return Unmeasured(reason=reason, n_pairs=n_rows, n_queries=n_queries)
    share = rows / n_rows
    variance = ((1 - share) ** 2 * own + share**2 * (squares - own)) / n_rows**2 * n_queries / (n_queries - 1)
    error = max(np.sqrt(variance), np.sqrt(share * (1 - share) / n_rows))
    effective = n_rows**2 / squares
    low, high = proportion_interval(
        share, error, n_queries=effective, degrees=max(1.0, effective - 1), confidence=confidence
    )
    return Measured(
        estimate=share,
        low=float(low),
        high=float(high),
        confidence=confidence,
        standard_error=float(error),
        n_pairs=n_rows,
        n_queries=n_queries,
        is_share=True,
    )


def _is_clearly_less(share: Measurement, usual: Measurement) -> bool:
    """Whether a share is below half of the usual one, and their intervals are apart."""
    if not (isinstance(share, Measured) and isinstance(usual, Measured)):
        return False
    return share.estimate < HALF * usual.estimate and share.high < usual.low
