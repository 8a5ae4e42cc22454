"""Runs and decisions as rows of a history, written and read within a connection that `history` opens.

Every record carries a digest, so that one that was changed or damaged is refused when it is read.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, func, select, text

from drift_core.canary.decision import WITHDRAWING, Decision
from drift_core.canary.figures import RegionFigure
from drift_core.canary.run import CanaryRun, in_time
from drift_core.errors import InputError
from drift_core.history.database import DamagedRecordError
from drift_core.history.from_json import decision_from, fault_of, region_from, run_from
from drift_core.history.migrations import digest_of
from drift_core.history.schema import DECISION, REGION, RUN
from drift_core.measured import Measured, Unmeasured

Value = TypeVar("Value")

# Plain statements: a cell that was damaged comes as it is, to be named.
RUNS = "SELECT run_key, number, at_utc, digest, document, agreement FROM canary_run"
REGIONS = "SELECT run_key, place, digest, document FROM canary_region"
DECISIONS = "SELECT decision_key, at_utc, document FROM canary_decision"
OF_RUN = " WHERE run_key = :key"
OF_THE_LAST = " WHERE run_key IN (SELECT run_key FROM canary_run ORDER BY number DESC LIMIT :n)"
RESTORE = "Restore the history from a copy."


class KnownRun(NamedTuple):
    """What is asked of a recorded run beside a new one; times in UTC."""

    run_key: str
    at_utc: datetime
    recorded_at_utc: datetime
    student_version: str | None
    teacher_revision: str
    heldout_digest: str | None
    production_digest: str | None


def known_run(run: CanaryRun) -> KnownRun:
    """Give a run as `read_known` gives it once it is recorded."""
    return KnownRun(
        run_key=run.key,
        at_utc=run.at,
        recorded_at_utc=run.recorded_at,
        student_version=run.student_version,
        teacher_revision=run.teacher_revision,
        heldout_digest=run.heldout.digest if run.heldout else None,
        production_digest=run.production_digest,
    )


def read_runs(connection: Connection, *, with_regions: bool | int) -> tuple[CanaryRun, ...]:
    """Read all runs in the order of time, with the regions of all, of none, or of a number recorded last.

    Raises
    ------
    InputError
        When a record is not what was recorded; names the record and the field.
    """
    statement, values = (REGIONS, {}) if with_regions is True else (REGIONS + OF_THE_LAST, {"n": int(with_regions)})
    regions = connection.execute(text(statement), values).all() if with_regions else ()
    return _runs(connection.execute(text(RUNS)).all(), regions)


def read_run_of(connection: Connection, key: str) -> CanaryRun | None:
    """Read one run with its regions."""
    runs, regions = (connection.execute(text(each + OF_RUN), {"key": key}).all() for each in (RUNS, REGIONS))
    return next(iter(_runs(runs, regions)), None)


def read_known(connection: Connection) -> list[KnownRun]:
    """Read what new runs are held against, in the order of recording."""
    columns = [RUN.c[name] for name in KnownRun._fields]
    try:
        rows = connection.execute(select(*columns).order_by(RUN.c.number)).all()
    except (TypeError, ValueError):
        raise DamagedRecordError(f"The time of a run cannot be read. {RESTORE}") from None
    in_utc = ((key, at.replace(tzinfo=UTC), recorded.replace(tzinfo=UTC), *rest) for key, at, recorded, *rest in rows)
    return [KnownRun(*row) for row in in_utc]


def read_decisions(connection: Connection) -> tuple[Decision, ...]:
    """Read all decisions in the order of time."""
    found = [(_decision(*row), str(row[0])) for row in connection.execute(text(DECISIONS)).all()]
    return tuple(decision for decision, _ in sorted(found, key=lambda each: (each[0].at, each[1])))


def read_withdrawing(connection: Connection) -> tuple[Decision, ...]:
    """Read the decisions by which runs count or do not, in the order of time."""
    return tuple(each for each in read_decisions(connection) if each.kind in WITHDRAWING and each.run_key is not None)


def insert_run(connection: Connection, run: CanaryRun) -> bool:
    """Write a run with its regions, as the last of the order of recording; False when it is there already."""
    # One writer at a time holds the history; see `schema.prepare`.
    number = connection.execute(select(func.coalesce(func.max(RUN.c.number), 0))).scalar_one() + 1
    document = _document(replace(run, regions=()).to_json(), run)
    is_new = _insert(
        connection,
        RUN,
        {
            **columns_of(run, RUN.columns.keys()),
            **known_run(run)._asdict(),
            "document": document,
            "number": number,
            "digest": digest_of(run.key, number, document),
        },
    )
    for place, region in enumerate(run.regions if is_new else ()):
        told = _document(region.to_json(), region)
        level = None if region.error is None else region.error.level
        row = {"run_key": run.key, "place": place, "document": told, "digest": digest_of(run.key, place, told)}
        row["error_level"] = level
        _insert(connection, REGION, columns_of(region, REGION.columns.keys()) | row)
    return is_new


def insert_decision(connection: Connection, decision: Decision) -> None:
    """Write a decision; one that is there already stays as it is."""
    at = decision.at.astimezone(UTC)
    held = {**asdict(decision), "at": at.isoformat()}
    if decision.region is None:
        del held["region"]  # as versions wrote it that knew no named regions
    document = _json(held)
    row = {
        "decision_key": digest_of(document),
        "at_utc": at,
        "kind": decision.kind,
        "decided_by": decision.by,
        "reason": decision.reason,
        "run_key": decision.run_key,
        "document": document,
    }
    _insert(connection, DECISION, row)


def columns_of(value: CanaryRun | RegionFigure, names: Iterable[str]) -> dict[str, Any]:
    """Give what a run or a region has of the columns of a table or a file; a measurement fills three of them."""
    found = {name: getattr(value, name) for name in names if hasattr(value, name)}
    for name, held in tuple(found.items()):
        if isinstance(held, Measured | Unmeasured):
            told = held.to_json()
            found |= {name: told["estimate"], f"{name}_low": told["low"], f"{name}_high": told["high"]}
    return found


def _insert(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Write a row; False when it is there already."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    kept = {name: _storable(value) for name, value in row.items()}
    return connection.execute(statement, kept, execution_options={"preserve_rowcount": True}).rowcount == 1


def _document(content: Mapping[str, object], value: CanaryRun | RegionFigure) -> str:
    """Refuse what would be refused when it is read."""
    fault = fault_of(value)
    if fault is not None:
        raise InputError(
            f"The run could not be recorded: {fault}. Give `Unmeasured` and its reason where none is known."
        )
    return _json(content)


def _json(content: Mapping[str, object]) -> str:
    written: str = _storable(json.dumps(content, allow_nan=False, ensure_ascii=False, sort_keys=True))
    return written


def _storable(value: Any) -> Any:
    """A text as any database keeps it: PostgreSQL takes no NUL, and nothing takes half a surrogate pair; UTC bare."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value.replace("\0", "\ufffd").encode(errors="replace").decode() if isinstance(value, str) else value


def _runs(rows: Sequence[Sequence[Any]], region_rows: Sequence[Sequence[Any]]) -> tuple[CanaryRun, ...]:
    regions: dict[Any, list[tuple[Any, RegionFigure]]] = {}
    for key, place, digest, document in region_rows:
        what = f"Region {place} of the run with key {str(key)[:8]}"
        region = _read(region_from, document, digest, (key, place, document), what=what)
        regions.setdefault(key, []).append((place, region))
    return tuple(sorted((_run(row, regions.get(row[0], [])) for row in rows), key=in_time))


def _run(row: Sequence[Any], regions: list[tuple[Any, RegionFigure]]) -> CanaryRun:
    key, number, at, digest, document, agreement = row
    what = f"The run of {at!s:.10} (key {str(key)[:8]})"
    run = _read(run_from, document, digest, (key, number, document), what=what)
    shown: dict[str, tuple[Any, Any]] = {"at_utc": (str(at)[:19], f"{run.at:%Y-%m-%d %H:%M:%S}")}
    shown["agreement"] = agreement, run.agreement.estimate if isinstance(run.agreement, Measured) else None
    for name, (found, recorded) in shown.items():  # the columns beside the document, which SQL and dashboards read
        if found != recorded:
            raise DamagedRecordError(f"{what} is not what was recorded: its column {name} was changed since. {RESTORE}")
    return replace(run, number=number, regions=tuple(region for _, region in sorted(regions, key=lambda each: each[0])))


def _decision(key: Any, at: Any, document: Any) -> Decision:
    what = f"The decision of {at!s:.10} (key {str(key)[:8]})"
    return _read(decision_from, document, key, (document,), what=what)


def _read(
    make: Callable[[object], Value], document: object, digest: object, parts: Sequence[object], *, what: str
) -> Value:
    try:
        value = make(document)
    except InputError as error:
        raise DamagedRecordError(f"{what} cannot be read: {error}. {RESTORE}") from None
    if digest != digest_of(*parts):
        raise DamagedRecordError(f"{what} is not what was recorded: it was changed or damaged since. {RESTORE}")
    return value
