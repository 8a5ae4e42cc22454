"""The weekly sample: pairs for the canary, drawn from a log by stratum and whole query, with their weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drift_core.errors import InputError
from drift_core.exports.adapter import as_pairs
from drift_core.weekly_sample.allocation import queries_per_stratum
from drift_core.weekly_sample.candidates import count_candidates
from drift_core.weekly_sample.clusters import ClusterTexts, draw_first_phase, make_clusters
from drift_core.weekly_sample.log import Log, open_log
from drift_core.weekly_sample.population import SIZES, Population, count_population
from drift_core.weekly_sample.settings import CLUSTER, WeekSettings
from drift_core.weekly_sample.warehouse import Database, choose_candidates
from drift_core.weekly_sample.writing import check_target, write_rows
from drift_core.wording import counted

__all__ = ["ClusterTexts", "Database", "Stratum", "WeekSample", "WeekSettings", "draw_week"]

LARGEST = 2.0**60  # numbers of queries lie below it, evenly
FAR = 10  # standard deviations of the largest number that is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One stratum's part of the sample.

    Attributes
    ----------
    name
        The value of the column, or the terms of the cluster.
    n_rows, n_queries
        Its rows and queries in the log; estimated from the first phase where strata are clusters. A query cut into
        parts counts once a part.
    n_pairs_drawn, n_queries_drawn
        Its rows and queries in the sample.
    probability
        With which each of its queries was drawn; one divided by it is the weight.
    """

    name: str
    n_rows: int
    n_queries: int
    n_pairs_drawn: int
    n_queries_drawn: int
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSample:
    """A drawn weekly sample; its rows are in the file.

    Attributes
    ----------
    path
        The file.
    sources
        The log's files and patterns, as given.
    settings
        Size, strata, floor and seed.
    n_rows_log, n_queries_log
        Rows of the log that have a query, and their queries.
    n_without_query
        Rows that were left out for want of a query.
    n_first_phase
        Queries that clusters were made of; None where strata are values of a column.
    strata
        What each stratum gave, in the order of the alphabet, or clusters from the largest.
    notes
        What is worth telling, in sentences.
    """

    path: str
    sources: tuple[str, ...]
    settings: WeekSettings
    n_rows_log: int
    n_queries_log: int
    n_without_query: int
    n_first_phase: int | None
    strata: tuple[Stratum, ...]
    notes: tuple[str, ...]

    @property
    def n_pairs(self) -> int:
        return sum(stratum.n_pairs_drawn for stratum in self.strata)

    @property
    def n_queries(self) -> int:
        return sum(stratum.n_queries_drawn for stratum in self.strata)

    @property
    def sentence(self) -> str:
        """The sample in words."""
        # A query that was cut, or that lies in several strata, is drawn by its parts.
        one, several = (
            ("query", "queries")
            if self.n_queries <= self.n_queries_log
            else ("part of a query", "parts of queries, cut by size or stratum,")
        )
        drawn = f"{self.n_pairs:,} pairs of {counted(self.n_queries, one, several)}"
        strata = counted(len(self.strata), "stratum", "strata")
        of_all = f"{self.n_rows_log:,} rows of {counted(self.n_queries_log, 'query', 'queries')}"
        return f"{drawn} from {strata}, seed {self.settings.seed}, drawn from {of_all}."


def draw_week(
    logs: "Sequence[str | Path] | Database",
    out: str | Path,
    *,
    settings: WeekSettings,
    columns: Mapping[str, str] | None = None,
    texts: ClusterTexts | None = None,
    tool: str | None = None,
    scores: Mapping[str, str] | None = None,
) -> WeekSample:
    """Draw the weekly sample from a log and write it, with all columns of the log.

    Parameters
    ----------
    logs
        Files and patterns of files: Parquet, CSV, TSV, JSON lines, larger than memory or not; or a database. Scores
        need not be there.
    out
        The file to write, ending in .parquet, .csv or .tsv. It gets three columns more: ``stratum``, ``probability``
        and ``weight``.
    settings
        Size, strata, floor and seed.
    columns
        Role to column where ``query`` or ``query_id`` are not recognised by their names.
    texts
        Encoder, cache and progress for strata by cluster; the default encoder without a cache by default.
    tool, scores
        Whose export the files are where their fields do not tell, and the names in it of the teacher's and the
        student's score, whose columns are called `teacher_score` and `student_score` in the sample.

    Raises
    ------
    InputError
        When the log cannot be read, has no queries, or the file cannot be written.
    SettingError
        When a setting is out of range.

    Notes
    -----
    A simple random sample of queries without replacement in every stratum: each query gets the first 15 hex digits of
    the MD5 of ``week SEED:`` and its id, else its text, in UTF-8, and a stratum gives its smallest ones [1]_, all rows
    of each. So the same content and seed give the same sample whatever the order of rows and files, and a database
    draws the same queries. `queries_per_stratum` says how many queries that are; the number
    of pairs is `n` on average and varies with the rows a query has. A query of more rows than ``most_docs`` is cut at
    random into parts, and parts are drawn. A row's weight is one divided by the probability of its query, so weighted
    sums are unbiased for the log [2]_; weighted means and rank correlations are ratios of such sums, with a bias of
    the order of one over the number of queries.

    Strata by cluster take two phases [3]_: queries drawn at random are embedded and clustered, and the sample is drawn
    from them by cluster; the two probabilities multiply.

    References
    ----------
    .. [1] Broder, A. (1997). On the resemblance and containment of documents. SEQUENCES '97: bottom-k sampling.
    .. [2] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement. JASA 47.
    .. [3] Neyman, J. (1938). Contribution to the theory of sampling human populations. JASA 33.
    """
    from drift_core.regions.encoding import load_encoder

    check_target(out)
    adapt = as_pairs(tool, scores=scores)
    given: Any = logs
    label = None
    if isinstance(logs, Database):
        settings.check_for_database()
        given, label = choose_candidates(logs, settings=settings, columns=columns), logs.label
    with open_log(given, columns=columns, label=label, having=settings.having, adapt=adapt) as log:
        if Path(out).resolve() in log.files:
            raise InputError(f"{out} is a file of the log. Name another file for the sample.")
        population = count_candidates(log, settings) if log.is_chosen else count_population(log, settings)
        n_first, names, notes = None, population.strata, population.notes
        if settings.by == CLUSTER:
            n_first = draw_first_phase(log, settings, n_units=population.n_units, n_rows=population.n_rows)
            names, reason = make_clusters(log, settings, texts or ClusterTexts(encoder=load_encoder()))
            notes = (*notes, reason)
        strata = _draw(log, settings, population, names, n_first)
        write_rows(log, out)
    if settings.n >= population.n_rows and n_first is None:
        notes = (*notes, f"{settings.n:,} pairs were wanted and the log has {population.n_rows:,}; all were taken.")
    return WeekSample(
        path=str(out),
        sources=(logs.label,) if isinstance(logs, Database) else tuple(map(str, logs)),
        settings=settings,
        n_rows_log=population.n_rows,
        n_queries_log=population.n_queries,
        n_without_query=population.n_without_query,
        n_first_phase=n_first,
        strata=strata,
        notes=notes,
    )


def _draw(
    log: Log, settings: WeekSettings, population: Population, names: Sequence[str], n_first: int | None
) -> tuple[Stratum, ...]:
    """Draw by stratum, as tables `strata` and `drawn`, and tell what each stratum gave."""
    frame, first_rate, found = "units", 1.0, population.sizes
    if n_first is not None:
        frame, first_rate = "first_phase", n_first / population.n_units
        found = tuple(log.scan.rows(SIZES.format(frame)))
    codes, n_queries, n_rows = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    take = queries_per_stratum(settings.n, n_rows=n_rows, n_queries=n_queries, floor=settings.floor)
    probability = first_rate * take / n_queries
    _put_strata(
        log,
        frame,
        list(zip(codes.tolist(), (names[c] for c in codes), take.tolist(), probability.tolist(), strict=True)),
    )
    n_pairs = dict(log.scan.rows("select stratum, sum(n)::bigint from drawn group by stratum"))
    return tuple(
        Stratum(
            name=names[code],
            n_rows=round(n_rows[i] / first_rate),
            n_queries=round(n_queries[i] / first_rate),
            n_pairs_drawn=n_pairs[code],
            n_queries_drawn=int(take[i]),
            probability=float(probability[i]),
        )
        for i, code in enumerate(codes.tolist())
    )


def _put_strata(log: Log, frame: str, strata: list[tuple[int, str, int, float]]) -> None:
    """Take the smallest numbers of each stratum; those far above are passed over before any are sorted."""
    log.scan.execute("create temp table strata (stratum bigint, name varchar, take bigint, probability double)")
    log.scan.connection.executemany("insert into strata values (?, ?, ?, ?)", strata)
    n_taken = sum(take for _, _, take, _ in strata)
    for near in (f"number <= {LARGEST} * probability * (1 + {FAR} / sqrt(take))", "true"):
        log.scan.execute(
            "create or replace temp table drawn as select h, part, parts, number, stratum, n from ("
            "select *, row_number() over (partition by stratum order by number, h, part) as place "
            f"from {frame} join strata using (stratum) where {near}) where place <= take"
        )
        if log.scan.rows("select count(*) from drawn")[0][0] == n_taken:
            return
    raise InputError(f"{log.label} lacks candidates of the week: some of their rows are gone. Run their SELECT again.")
