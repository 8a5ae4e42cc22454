"""Columns that were left out and may matter: texts in a sample without docs, and dates beside the timestamp."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drift_core.tables.columns import DATE, distinct_values, listed
from drift_core.tables.problem import Problem
from drift_core.tables.source import Scan
from drift_core.tables.values import is_text, plain

if TYPE_CHECKING:
    import pyarrow as pa

N_LOOKED_AT = 200  # rows
LEAST_WORDS, LEAST_DIFFERENT = 3, 0.3  # words of a text on average; share of different ones, from which they are texts
N_NAMED = 5


def columns_left_out(
    scan: Scan, assigned: Mapping[str, str], chosen: Mapping[str, str] | None, slices: Sequence[str] | None
) -> tuple[Problem, ...]:
    """Name the columns of texts, as `texts_left_out` does, and those of dates that no slice was asked for."""
    return (*texts_left_out(scan, assigned, chosen), *_dates_left_out(scan, assigned, chosen, slices))


def _dates_left_out(
    scan: Scan, assigned: Mapping[str, str], chosen: Mapping[str, str] | None, slices: Sequence[str] | None
) -> tuple[Problem, ...]:
    taken = {*assigned.values(), *(chosen or {}).values(), *(slices or ())}
    free = [name for name in scan.names if name not in taken]
    look = scan.fetch(n_rows=N_LOOKED_AT, names=free) if free else {}
    values = {name: distinct_values(look[name]) for name in free}
    found = [name for name in free if values[name] and all(map(DATE.match, values[name]))]
    if not found:
        return ()
    is_one = len(found) == 1
    held = f"{listed(map(repr, found), N_NAMED)} {'holds dates and was' if is_one else 'hold dates and were'}"
    of = "its months" if is_one else "the months of one"
    message = f"{held} not looked along. To compare {of}, as of docs, add --slice {shlex.quote(found[0])}."
    return (Problem(name="dates_left_out", message=message),)


def texts_left_out(scan: Scan, assigned: Mapping[str, str], chosen: Mapping[str, str] | None) -> tuple[Problem, ...]:
    """Name the columns of texts that are left out where no column is the doc; nothing where somebody wanted none.

    Parameters
    ----------
    scan
        The source, before its columns are narrowed.
    assigned, chosen
        Role to column as it is read, and as it was asked for.
    """
    if "doc" in assigned or "doc" in (chosen or {}):
        return ()
    taken = {*assigned.values(), *(chosen or {}).values()}
    free = [name for name in scan.names if name not in taken]
    if not free:
        return ()
    look = scan.fetch(n_rows=N_LOOKED_AT, names=free)
    found = [name for name in free if _holds_texts(look[name])]
    if not found:
        return ()
    held = f"{listed(map(repr, found), N_NAMED)} {'holds texts and is' if len(found) == 1 else 'hold texts and are'}"
    message = (
        f"No column was taken for the doc. {held} left out, so pairs are told apart by their queries and scores. If "
        f"{'it is' if len(found) == 1 else 'one of them is'} what was judged, choose it on the samples page, or with "
        f"--column doc={found[0]}."
    )
    return (Problem(name="texts_left_out", message=message),)


def _holds_texts(column: "pa.ChunkedArray") -> bool:
    if not is_text(plain(column).type):
        return False
    given = [str(text) for text in plain(column).to_pylist() if text and str(text).strip()]
    if not given or len(set(given)) < LEAST_DIFFERENT * len(given):
        return False
    return sum(len(text.split()) for text in given) >= LEAST_WORDS * len(given)
