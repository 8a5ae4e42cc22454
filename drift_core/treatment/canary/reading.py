"""What a history holds, read with plain SQL: through SQLite's own module or a SQLAlchemy connection.

Loading SQLAlchemy takes half of what a gate may take, so a file is read without it; writing is in `records`.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from drift_core.errors import InputError
from drift_core.treatment.canary.decision import Decision
from drift_core.treatment.canary.documents import decision_from, run_from
from drift_core.treatment.canary.run import CanaryRun

if TYPE_CHECKING:
    from sqlalchemy import Connection

VERSION_REACHED = "SELECT max(version) FROM canary_schema"
RUNS = "SELECT run_key, document FROM canary_run ORDER BY at_utc, recorded_at_utc, run_key"
REGIONS = "SELECT run_key, document FROM canary_region ORDER BY run_key, place"
RUN = "SELECT run_key, document FROM canary_run WHERE run_key = ?"
REGIONS_OF_RUN = "SELECT run_key, document FROM canary_region WHERE run_key = ? ORDER BY place"
DECISIONS = "SELECT document FROM canary_decision ORDER BY at_utc, decision_key"
WITHDRAWN = (
    "SELECT document FROM canary_decision WHERE kind IN ('withdraw', 'restore') AND run_key IS NOT NULL "
    "ORDER BY at_utc, decision_key"
)


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


def read_runs(query: Query, *, with_regions: bool) -> tuple[CanaryRun, ...]:
    """Read all runs in the order of time."""
    rows = query(RUNS)
    return _runs(rows, query(REGIONS) if with_regions else ())


def read_run_of(query: Query, key: str) -> CanaryRun | None:
    """Read one run with its regions."""
    return next(iter(_runs(query(RUN, key), query(REGIONS_OF_RUN, key))), None)


def read_decisions(query: Query) -> tuple[Decision, ...]:
    """Read all decisions in the order of time."""
    return tuple(decision_from(_plain(document)) for (document,) in query(DECISIONS))


def read_withdrawing(query: Query) -> tuple[Decision, ...]:
    """Read the decisions by which runs count or do not, in the order of time."""
    return tuple(decision_from(_plain(document)) for (document,) in query(WITHDRAWN))


def _runs(rows: Sequence[Sequence[Any]], region_rows: Sequence[Sequence[Any]]) -> tuple[CanaryRun, ...]:
    regions: dict[str, list[object]] = {}
    for key, document in region_rows:
        regions.setdefault(key, []).append(_plain(document))
    return tuple(run_from({**_plain(document), "regions": regions.get(key, [])}) for key, document in rows)


def _plain(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError as error:
        raise InputError(
            f"The history is damaged: a record in it is no JSON ({error}). Restore the history from a copy."
        ) from error
