"""The tables of a history as this version reads and writes them, and which version of them a history has.

How they are made is in `migrations`.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    text,
)

from drift_core.errors import InputError
from drift_core.history.migrations import DECISIONS, NUMBERED, POOLED, REGIONS, RUNS, STEPS, VERSIONS, Step
from drift_core.version import VERSION

# Held by whoever writes, so that steps are taken once and records are numbered one by one, as in SQLite, which has one
# writer at a time: any number that nobody else locks.
POSTGRESQL_LOCK = 5_302_041_977
VERSION_REACHED = "SELECT max(version) FROM canary_schema"
KINDS = {"INTEGER": Integer, "DOUBLE": Float, "BOOLEAN": Boolean, "TIMESTAMP": DateTime}


def _table(created: str) -> Table:
    """The table of a statement that creates it, with the columns that later steps added."""
    name, columns = re.findall(r"CREATE TABLE (\w+) \((.*)\)", created, re.DOTALL)[0]
    words = (line.split() for line in (*columns.split(",\n"), *NUMBERED.get(name, ()), *POOLED.get(name, ())))
    kept = (Column(word[0], KINDS.get(word[1], String)) for word in words if word[0] != "PRIMARY")
    return Table(name, MetaData(), *kept)


RUN, REGION, DECISION, REACHED = (_table(each) for each in (RUNS, REGIONS, DECISIONS, VERSIONS))


def read_version(connection: Connection) -> int | None:
    """The number of the last step taken; None where there are no tables yet."""
    if not inspect(connection).has_table("canary_schema"):
        return None
    number: int = connection.execute(text(VERSION_REACHED)).scalar_one()
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


def prepare(connection: Connection, *, shown: str, steps: Sequence[Step] = STEPS) -> None:
    """Be the only writer until the transaction of `connection` ends, and take the steps that are missing within it.

    Raises
    ------
    InputError
        When a newer version of the package wrote the history.
    """
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
        connection.execute(insert(REACHED), row)
