"""The tables of a history as this version reads and writes them, and which version of them a history has.

How they are made is in `migrations`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError
from drift_core.history.migrations import STEPS, Step
from drift_core.history.queries import VERSION_REACHED, query_of
from drift_core.version import VERSION

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

# Held by whoever writes, so that steps are taken once and records are numbered one by one, as in SQLite, which has one
# writer at a time: any number that nobody else locks.
POSTGRESQL_LOCK = 5_302_041_977
VERSIONS = """
    CREATE TABLE canary_schema (
        version INTEGER PRIMARY KEY,
        reached_at_utc TIMESTAMP NOT NULL,
        written_by TEXT NOT NULL
    )
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables, by what a row is."""

    run: "Table"
    region: "Table"
    decision: "Table"
    version: "Table"


def read_version(connection: "Connection") -> int | None:
    """The number of the last step taken; None where there are no tables yet."""
    from sqlalchemy import inspect

    if not inspect(connection).has_table("canary_schema"):
        return None
    number: int = query_of(connection)(VERSION_REACHED)[0][0]
    return number


def check_version(found: int | None, *, shown: str, steps: Sequence[Step] = STEPS) -> None:
    """Raise when a newer version of the package wrote the history.

    Raises
    ------
    InputError
        Names both versions.
    """
    if found is not None and found > len(steps):
        raise InputError(
            f"The history {shown} has version {found} of its tables; this installation ({VERSION}) knows versions up "
            f"to {len(steps)}. Nothing was changed. Update distillation-drift, or name another history."
        )


def prepare(connection: "Connection", *, shown: str, steps: Sequence[Step] = STEPS) -> None:
    """Be the only writer until the transaction of `connection` ends, and take the steps that are missing within it.

    Raises
    ------
    InputError
        When a newer version of the package wrote the history.
    """
    from sqlalchemy import insert, text

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": POSTGRESQL_LOCK})
    found = read_version(connection)
    check_version(found, shown=shown, steps=steps)
    if found is None:
        connection.execute(text(VERSIONS))
    for number in range(1 + (found or 0), 1 + len(steps)):
        steps[number - 1](connection)
        now = datetime.now(UTC).replace(tzinfo=None)
        row = {"version": number, "reached_at_utc": now, "written_by": VERSION}
        connection.execute(insert(tables().version), row)


@cache
def tables() -> Tables:
    """Give the tables, made at first use because they need SQLAlchemy."""
    from sqlalchemy import Boolean, Column, DateTime, Float, Integer, MetaData, String, Table
    from sqlalchemy.types import TypeEngine

    metadata = MetaData()
    kinds: dict[str, type[TypeEngine[Any]]] = {
        "n_pairs": Integer,
        "n_queries": Integer,
        "number": Integer,
        "k": Integer,
        "place": Integer,
        "version": Integer,
    }
    kinds |= dict.fromkeys(("at_utc", "recorded_at_utc", "reached_at_utc"), DateTime)
    kinds |= dict.fromkeys(("is_new", "drifted"), Boolean)
    kinds |= dict.fromkeys(("share", "agreement_heldout"), Float)
    kinds |= {f"{name}{limit}": Float for name in ("agreement", "overlap") for limit in ("", "_low", "_high")}

    def table(name: str, columns: str) -> Table:
        return Table(name, metadata, *(Column(each, kinds.get(each, String)) for each in columns.split()))

    agreement = "agreement agreement_low agreement_high"
    return Tables(
        run=table(
            "canary_run",
            "run_key at_utc recorded_at_utc student_version teacher_model teacher_revision n_pairs n_queries "
            f"{agreement} overlap overlap_low overlap_high k cause heldout_digest production_digest origin document "
            "number digest",
        ),
        region=table(
            "canary_region",
            f"run_key place partition name n_pairs share {agreement} agreement_heldout is_new drifted document digest",
        ),
        decision=table("canary_decision", "decision_key at_utc kind decided_by reason run_key document"),
        version=table("canary_schema", "version reached_at_utc written_by"),
    )
