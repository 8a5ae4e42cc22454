"""Runs and decisions as rows, written within a transaction that `history` opens."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from drift_core.canary.decision import Decision
from drift_core.canary.run import CanaryRun, RegionFigure
from drift_core.errors import InputError
from drift_core.history.from_json import fault_of
from drift_core.history.queries import digest_of
from drift_core.history.schema import tables
from drift_core.measured import Measurement, Unmeasured

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def insert_run(connection: "Connection", run: CanaryRun) -> bool:
    """Write a run with its regions, as the last of the order of recording; False when it is there already."""
    is_new = _insert(connection, tables().run, _run_row(run, _next_number(connection)))
    for place, region in enumerate(run.regions if is_new else ()):
        _insert(connection, tables().region, _region_row(run.key, place, region))
    return is_new


def insert_decision(connection: "Connection", decision: Decision) -> None:
    """Write a decision; one that is there already stays as it is."""
    at = decision.at.astimezone(UTC)
    document = _json({**asdict(decision), "at": at.isoformat()})
    row = {
        "decision_key": digest_of(document),
        "at_utc": _naive(at),
        "kind": decision.kind,
        "decided_by": _plain(decision.by),
        "reason": _plain(decision.reason),
        "run_key": decision.run_key,
        "document": document,
    }
    _insert(connection, tables().decision, row)


def _next_number(connection: "Connection") -> int:
    """One writer at a time holds the history; see `schema.prepare`."""
    from sqlalchemy import func, select

    last: int = connection.execute(select(func.coalesce(func.max(tables().run.c.number), 0))).scalar_one()
    return last + 1


def has_run(connection: "Connection", key: str) -> bool:
    from sqlalchemy import select

    run = tables().run
    return connection.execute(select(run.c.run_key).where(run.c.run_key == key)).first() is not None


def _insert(connection: "Connection", table: "Table", row: Mapping[str, object]) -> bool:
    """Write a row; False when it is there already."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing()
    return connection.execute(statement, row, execution_options={"preserve_rowcount": True}).rowcount == 1


def _run_row(run: CanaryRun, number: int) -> dict[str, object]:
    document = _document(replace(run, regions=()).to_json(), run)
    texts = {
        "student_version": run.student_version,
        "teacher_model": run.teacher_model,
        "teacher_revision": run.teacher_revision,
        "cause": run.cause,
        "heldout_digest": run.heldout.digest if run.heldout else None,
        "production_digest": run.production_digest,
    }
    return {
        "run_key": run.key,
        "at_utc": _naive(run.at),
        "recorded_at_utc": _naive(run.recorded_at),
        **{name: value if value is None else _plain(value) for name, value in texts.items()},
        "n_pairs": run.n_pairs,
        "n_queries": run.n_queries,
        **_figures("agreement", run.agreement),
        **_figures("overlap", run.overlap),
        "k": run.k,
        "origin": run.origin,
        "document": document,
        "number": number,
        "digest": digest_of(run.key, number, document),
    }


def _region_row(run_key: str, place: int, region: RegionFigure) -> dict[str, object]:
    document = _document(asdict(region), region)
    return {
        "run_key": run_key,
        "place": place,
        "partition": _plain(region.partition),
        "name": _plain(region.name),
        "n_pairs": region.n_pairs,
        "share": region.share,
        **_figures("agreement", region.agreement),
        "agreement_heldout": region.agreement_heldout,
        "is_new": region.is_new,
        "drifted": region.drifted,
        "document": document,
        "digest": digest_of(run_key, place, document),
    }


def _figures(name: str, measured: Measurement) -> dict[str, float | None]:
    if isinstance(measured, Unmeasured):
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: measured.estimate, f"{name}_low": measured.low, f"{name}_high": measured.high}


def _document(content: Mapping[str, object], value: CanaryRun | RegionFigure) -> str:
    """Refuse what would be refused when it is read."""
    fault = fault_of(value)
    if fault is not None:
        raise InputError(
            f"The run could not be recorded: {fault}. Give `Unmeasured` and its reason where none is known."
        )
    return _json(content)


def _json(content: Mapping[str, object]) -> str:
    """Half a surrogate pair, which is no text anywhere else, becomes a question mark."""
    written = json.dumps(content, allow_nan=False, ensure_ascii=False, sort_keys=True)
    return written.encode(errors="replace").decode()


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)


def _plain(text: str) -> str:
    """The text as any database keeps it: PostgreSQL takes no NUL, and nothing takes half a surrogate pair."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
