"""A source over the limit is reduced by whole queries, drawn by a seed and not by the order of the rows.

The draw runs inside DuckDB, so that a large file is never held as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drift_core.errors import InputError, SettingError
from drift_core.samples.checks import MIN_PAIRS
from drift_core.samples.pairs import Sampling
from drift_core.tables.dialects import name_sql
from drift_core.tables.problem import Problem
from drift_core.tables.source import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a source is taken as it is; what is over is sampled by whole queries.

    Attributes
    ----------
    max_rows
        Rows, from 20 up.
    max_bytes
        Bytes of the columns used: texts as UTF-8, 8 for a number. Not the size of the file, which may be compressed.
    """

    max_rows: int = 1_000_000
    max_bytes: int = 500_000_000

    @property
    def sizes(self) -> tuple[int, int]:
        return self.max_rows, self.max_bytes

    def __post_init__(self) -> None:
        if self.max_rows < MIN_PAIRS:
            raise SettingError(f"The limit of rows must be in [{MIN_PAIRS}, inf); found {self.max_rows}.")
        if self.max_bytes < 1:
            raise SettingError(f"The limit of bytes must be in [1, inf); found {self.max_bytes}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which rows are kept: an SQL condition, and how the source was reduced."""

    condition: str
    sampling: Sampling


def draw_queries(scan: Scan, columns: Mapping[str, str], *, limits: Limits, seed: int) -> Draw | None:
    """Choose the queries to keep if the source is over a limit, else give None.

    Every query gets a number from the MD5 of seed and query; queries are kept from the smallest number up while the
    limits hold [1]_. So the same seed keeps the same queries whatever the order of the rows, and two samples that share
    queries keep the same ones.

    References
    ----------
    .. [1] Broder, A. (1997). On the resemblance and containment of documents. SEQUENCES '97: bottom-k sampling.
    """
    size = _size_sql(scan.types())
    n_rows, n_bytes = scan.one(f"select count(*), coalesce(sum({size}), 0) from ({scan.query})")
    if n_rows <= limits.max_rows and n_bytes <= limits.max_bytes:
        return None
    key = _key_sql(columns)
    number = f"md5_number_lower('{int(seed)}:' || {key})"
    n_queries, last = scan.one(
        f"with queries as (select {key} as key, count(*) as n, sum({size}) as b from ({scan.query}) group by 1), "
        f"drawn as (select md5_number_lower('{int(seed)}:' || key) as number, n, b from queries), "
        "cut as (select number, sum(n) over o as rows, sum(b) over o as bytes from drawn "
        "window o as (order by number)) "
        f"select count(*), max(number) filter (rows <= {limits.max_rows} and bytes <= {limits.max_bytes}) from cut"
    )
    if last is None:
        raise InputError(
            f"{scan.label}: the first query drawn alone is over the limit of {limits.max_rows:,} rows or "
            f"{limits.max_bytes:,} bytes. Raise the limit, or give a query id that divides the rows."
        )
    reason = _reason(n_rows, n_bytes, limits)
    sampling = Sampling(
        n_pairs_before=n_rows,
        n_queries_before=n_queries,
        seed=seed,
        reason=reason,
        max_rows=limits.max_rows,
        max_bytes=limits.max_bytes,
    )
    return Draw(condition=f"{number} <= {last}", sampling=sampling)


def sampled(draw: Draw | None, n_kept: int) -> tuple[Problem, ...]:
    """Say that a source was reduced, where it was."""
    if draw is None:
        return ()
    before = draw.sampling
    message = (
        f"{before.reason}: whole queries were drawn with seed {before.seed}, {n_kept:,} of {before.n_pairs_before:,} "
        "rows. Raise the limit to use all."
    )
    n_left = before.n_pairs_before - n_kept
    return (Problem(name="sampled", message=message, n_rows=n_left, left_out=True),)


def _size_sql(types: Mapping[str, str]) -> str:
    """Bytes of a row."""
    texts = [name for name, kind in types.items() if kind in ("VARCHAR", "BLOB") or kind.startswith("ENUM")]
    lengths = [f"coalesce(strlen({name_sql(name)}::varchar), 0)" for name in texts]
    return _sum_sql([str(8 * (len(types) - len(texts))), *lengths])


def _sum_sql(terms: Sequence[str]) -> str:
    """Add by halves: a sum of thousands of terms in a row is too deep for the parser."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({_sum_sql(terms[:half])} + {_sum_sql(terms[half:])})"


def _key_sql(columns: Mapping[str, str]) -> str:
    """What a query is drawn by: its id where there is one, else its text."""
    query = f"coalesce({name_sql(columns['query'])}::varchar, '')"
    if "query_id" not in columns:
        return query
    return f"coalesce(nullif(trim({name_sql(columns['query_id'])}::varchar), ''), {query})"


def _reason(n_rows: int, n_bytes: int, limits: Limits) -> str:
    over = []
    if n_rows > limits.max_rows:
        over.append(f"{n_rows:,} rows, the limit is {limits.max_rows:,}")
    if n_bytes > limits.max_bytes:
        over.append(f"{n_bytes / 1e6:,.1f} MB of texts and numbers, the limit is {limits.max_bytes / 1e6:,.1f} MB")
    return "; ".join(over)
