"""What a history holds, read with plain SQL and checked: through SQLite's own module or a SQLAlchemy connection.

A file is read without SQLAlchemy, which takes long to load; writing is in `rows`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from drift_core.canary.decision import WITHDRAWING, Decision
from drift_core.canary.run import CanaryRun, RegionFigure, in_time
from drift_core.errors import InputError
from drift_core.history.from_json import decision_from, region_from, run_from

if TYPE_CHECKING:
    from sqlalchemy import Connection

Value = TypeVar("Value")

VERSION_REACHED = "SELECT max(version) FROM canary_schema"
RUNS = "SELECT run_key, number, at_utc, digest, document FROM canary_run"
REGIONS = "SELECT run_key, place, digest, document FROM canary_region"
RUN, REGIONS_OF_RUN = (f"{statement} WHERE run_key = ?" for statement in (RUNS, REGIONS))
DECISIONS = "SELECT decision_key, at_utc, document FROM canary_decision"
RESTORE = "Restore the history from a copy."


class DamagedRecordError(InputError):
    """A record that is not what was recorded; who opened the history says where it is."""


class Query(Protocol):
    """Gives the rows of a statement whose values stand as question marks."""

    def __call__(self, statement: str, *values: str) -> Sequence[Sequence[Any]]: ...


def query_of(connection: "Connection") -> Query:
    """Query through SQLAlchemy, in the way that the driver writes values."""
    is_postgresql = connection.dialect.name == "postgresql"

    def query(statement: str, *values: str) -> Sequence[Sequence[Any]]:
        written = statement.replace("?", "%s") if is_postgresql else statement
        return connection.exec_driver_sql(written, values).all()

    return query


def digest_of(*parts: object) -> str:
    """What tells a record that was changed after it was recorded; 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(map(str, parts)).encode(errors="replace")).hexdigest()


def read_runs(query: Query, *, with_regions: bool) -> tuple[CanaryRun, ...]:
    """Read all runs in the order of time.

    Raises
    ------
    InputError
        When a record is not what was recorded; names the record and the field.
    """
    rows = query(RUNS)
    return _runs(rows, query(REGIONS) if with_regions else ())


def read_run_of(query: Query, key: str) -> CanaryRun | None:
    """Read one run with its regions."""
    return next(iter(_runs(query(RUN, key), query(REGIONS_OF_RUN, key))), None)


def read_decisions(query: Query) -> tuple[Decision, ...]:
    """Read all decisions in the order of time."""
    found = [(_decision(*row), str(row[0])) for row in query(DECISIONS)]
    return tuple(decision for decision, _ in sorted(found, key=lambda each: (each[0].at, each[1])))


def read_withdrawing(query: Query) -> tuple[Decision, ...]:
    """Read the decisions by which runs count or do not, in the order of time."""
    return tuple(each for each in read_decisions(query) if each.kind in WITHDRAWING and each.run_key is not None)


def _runs(rows: Sequence[Sequence[Any]], region_rows: Sequence[Sequence[Any]]) -> tuple[CanaryRun, ...]:
    regions: dict[Any, list[tuple[Any, RegionFigure]]] = {}
    for key, place, digest, document in region_rows:
        what = f"Region {place} of the run with key {str(key)[:8]}"
        region = _read(region_from, document, what=what)
        _check(digest, digest_of(key, place, document), what=what)
        regions.setdefault(key, []).append((place, region))
    return tuple(sorted((_run(row, regions.get(row[0], [])) for row in rows), key=in_time))


def _run(row: Sequence[Any], regions: list[tuple[Any, RegionFigure]]) -> CanaryRun:
    key, number, at, digest, document = row
    what = f"The run of {at!s:.10} (key {str(key)[:8]})"
    run = _read(run_from, document, what=what)
    _check(digest, digest_of(key, number, document), what=what)
    return replace(run, number=number, regions=tuple(region for _, region in sorted(regions, key=lambda each: each[0])))


def _decision(key: Any, at: Any, document: Any) -> Decision:
    what = f"The decision of {at!s:.10} (key {str(key)[:8]})"
    decision = _read(decision_from, document, what=what)
    _check(key, digest_of(document), what=what)
    return decision


def _read(make: Callable[[object], Value], document: object, *, what: str) -> Value:
    try:
        return make(document)
    except InputError as error:
        raise DamagedRecordError(f"{what} cannot be read: {error}. {RESTORE}") from None


def _check(held: object, expected: str, *, what: str) -> None:
    if held != expected:
        raise DamagedRecordError(f"{what} is not what was recorded: it was changed or damaged since. {RESTORE}")
