"""Rows of CSV files that did not fit their header: where they are, and what that does to row numbers.

DuckDB sets them aside while it reads; a file that mostly does not fit is refused.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from drift_core.errors import InputError
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN, first_rows, rows_have

_FAULTS = {
    "MISSING COLUMNS": "fewer columns than the header",
    "TOO MANY COLUMNS": "more columns than the header",
    "UNQUOTED VALUE": "text after a closing quote",
    "LINE SIZE OVER MAXIMUM": "more than 2 MB of text",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejects:
    """Rejected rows, and the problem said about them.

    Attributes
    ----------
    places
        Places in the file, counted from 0 without the header, sorted; empty for several files, where a place says
        nothing about the rows of the others.
    problems
        At most one.
    """

    places: np.ndarray
    problems: tuple[Problem, ...] = ()

    def source_rows(self, kept: np.ndarray) -> np.ndarray:
        """Turn places among the rows that were read into places in the source."""
        n_kept_before = self.places - np.arange(len(self.places))
        return kept + np.searchsorted(n_kept_before, kept, side="right")


def find_rejects(connection: Any, label: str, n_read: int) -> Rejects:
    """Collect what the last query rejected; raise if it is more than what was read, or if it swallowed other rows."""
    # All is fetched each time: what is left of an answer bars the connection for others.
    [(n_tables,)] = connection.execute(
        "select count(*) from duckdb_tables() where table_name = 'reject_errors'"
    ).fetchall()
    if not n_tables:
        return Rejects(places=np.empty(0, dtype=np.int64))
    found = connection.execute(
        "select line - 2, any_value(error_type), any_value(csv_line) from reject_errors "
        "group by file_id, line order by 1, file_id"
    ).fetchall()
    if not found:
        return Rejects(places=np.empty(0, dtype=np.int64))
    _check_rejects(found, label, n_read)
    rows = tuple(int(place) + 1 for place, _, _ in found)
    faults = " or ".join(sorted({_FAULTS.get(kind, kind.lower()) for _, kind, _ in found}))
    message = f"{rows_have(len(rows))} {faults}: {first_rows(rows)}.{_span(found)} Left out."
    problem = Problem(name="unreadable_row", message=message, n_rows=len(rows), rows=rows[:N_SHOWN], left_out=True)
    [(n_files,)] = connection.execute("select count(distinct file_id) from reject_scans").fetchall()
    places = np.array(rows, dtype=np.int64) - 1 if n_files == 1 else np.empty(0, dtype=np.int64)
    return Rejects(places=places, problems=(problem,))


def _span(found: list[tuple[int, str, str]]) -> str:
    """Say how many lines the rejected rows take up, where they hold text of several lines or a stray quote."""
    n_lines = _n_lines(found)
    return f" They span {n_lines:,} lines; a quote out of place could be the cause." if n_lines > len(found) else ""


def _n_lines(found: list[tuple[int, str, str]]) -> int:
    return sum(1 + line.strip().count("\n") for _, _, line in found)


def _check_rejects(found: list[tuple[int, str, str]], label: str, n_read: int) -> None:
    for place, kind, line in found:
        if kind == "UNQUOTED VALUE" and "\n" in line.strip():
            raise InputError(
                f"{label}, row {place + 1}: a quote is opened and not closed, so the rows after it cannot be told "
                "apart. Close the quote, or write quotes inside a text twice."
            )
    n_lines = _n_lines(found)
    if n_lines > n_read:
        place, kind, _ = found[0]
        raise InputError(
            f"{label}: {n_lines:,} of {n_lines + n_read:,} lines cannot be read as CSV; the first row of them, row "
            f"{place + 1}, has {_FAULTS.get(kind, kind.lower())}. Check the separator and the quotes."
        )
