"""The numbered steps that make the tables of a history, from nothing or from an older one.

A step that was released stays as it is: a change of the tables is a further step.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

Step = Callable[["Connection"], None]


def digest_of(*parts: object) -> str:
    """What tells a record that was changed after it was recorded; 64 hexadecimal digits."""
    return hashlib.sha256("\n".join(map(str, parts)).encode(errors="replace")).hexdigest()


VERSIONS = """
    CREATE TABLE canary_schema (
        version INTEGER PRIMARY KEY,
        reached_at_utc TIMESTAMP NOT NULL,
        written_by TEXT NOT NULL
    )
    """

RUNS = """
    CREATE TABLE canary_run (
        run_key VARCHAR(64) PRIMARY KEY,
        at_utc TIMESTAMP NOT NULL,
        recorded_at_utc TIMESTAMP NOT NULL,
        student_version TEXT,
        teacher_model TEXT,
        teacher_revision TEXT NOT NULL,
        n_pairs INTEGER NOT NULL,
        n_queries INTEGER NOT NULL,
        agreement DOUBLE PRECISION,
        agreement_low DOUBLE PRECISION,
        agreement_high DOUBLE PRECISION,
        overlap DOUBLE PRECISION,
        overlap_low DOUBLE PRECISION,
        overlap_high DOUBLE PRECISION,
        k INTEGER NOT NULL,
        cause TEXT,
        heldout_digest TEXT,
        production_digest TEXT,
        origin TEXT NOT NULL,
        document TEXT NOT NULL
    )
    """
DECISIONS = """
    CREATE TABLE canary_decision (
        decision_key VARCHAR(64) PRIMARY KEY,
        at_utc TIMESTAMP NOT NULL,
        kind TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        reason TEXT NOT NULL,
        run_key VARCHAR(64),
        document TEXT NOT NULL
    )
    """
REGIONS = """
    CREATE TABLE canary_region (
        run_key VARCHAR(64) NOT NULL REFERENCES canary_run (run_key),
        place INTEGER NOT NULL,
        partition TEXT NOT NULL,
        name TEXT NOT NULL,
        n_pairs INTEGER NOT NULL,
        share DOUBLE PRECISION NOT NULL,
        agreement DOUBLE PRECISION,
        agreement_low DOUBLE PRECISION,
        agreement_high DOUBLE PRECISION,
        agreement_heldout DOUBLE PRECISION,
        is_new BOOLEAN NOT NULL,
        drifted BOOLEAN NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (run_key, place)
    )
    """
INSERT_REGION = """
    INSERT INTO canary_region VALUES (:run_key, :place, :partition, :name, :n_pairs, :share, :agreement, :agreement_low,
        :agreement_high, :agreement_heldout, :is_new, :drifted, :document)
    """
NUMBERED = {
    "canary_run": ("number INTEGER NOT NULL DEFAULT 0", "digest VARCHAR(64) NOT NULL DEFAULT ''"),
    "canary_region": ("digest VARCHAR(64) NOT NULL DEFAULT ''",),
}
POOLED = {"canary_region": ("n_queries INTEGER", "error_level DOUBLE PRECISION")}


def create_runs(connection: "Connection") -> None:
    """Make the tables of runs and decisions; regions stand inside the document of their run."""
    for statement in (RUNS, "CREATE INDEX canary_run_at ON canary_run (at_utc)", DECISIONS):
        connection.execute(text(statement))


def move_regions(connection: "Connection") -> None:
    """Give regions a table of their own, so that reading the runs does not read them too."""
    connection.execute(text(REGIONS))
    for run_key, written in connection.execute(text("SELECT run_key, document FROM canary_run")).all():
        document = json.loads(written)
        for place, region in enumerate(document.pop("regions", ())):
            connection.execute(text(INSERT_REGION), _region_row(run_key, place, region))
        changed = {"run_key": run_key, "document": json.dumps(document)}
        connection.execute(text("UPDATE canary_run SET document = :document WHERE run_key = :run_key"), changed)


def _region_row(run_key: str, place: int, region: dict[str, Any]) -> dict[str, object]:
    kept = ("partition", "name", "n_pairs", "share", "agreement_heldout", "is_new", "drifted")
    agreement = region["agreement"]
    return {
        "run_key": run_key,
        "place": place,
        **{name: region[name] for name in kept},
        "agreement": agreement.get("estimate"),
        "agreement_low": agreement.get("low"),
        "agreement_high": agreement.get("high"),
        "document": json.dumps(region),
    }


def let_withdrawals_count(_: "Connection") -> None:
    """Change nothing: a version before this step would count withdrawn records, so it must not read them."""


def number_records(connection: "Connection") -> None:
    """Give each run its place in the order of recording, and runs and regions what tells a record that was changed."""
    is_sqlite = connection.dialect.name == "sqlite"
    _add(connection, NUMBERED)
    # SQLite counts its rows as they come; in PostgreSQL the clock of the time is all that is known.
    order = "rowid" if is_sqlite else "recorded_at_utc, at_utc, run_key"
    runs = connection.execute(text(f"SELECT run_key, document FROM canary_run ORDER BY {order}")).all()
    for number, (key, document) in enumerate(runs, start=1):
        numbered = {"key": key, "number": number, "digest": digest_of(key, number, document)}
        connection.execute(
            text("UPDATE canary_run SET number = :number, digest = :digest WHERE run_key = :key"), numbered
        )
    for key, place, document in connection.execute(text("SELECT run_key, place, document FROM canary_region")).all():
        held = {"key": key, "place": place, "digest": digest_of(key, place, document)}
        connection.execute(
            text("UPDATE canary_region SET digest = :digest WHERE run_key = :key AND place = :place"), held
        )


def pool_regions(connection: "Connection") -> None:
    """Give regions what their weeks are pooled by; a version before this step would not hear them alarm."""
    _add(connection, POOLED)


def _add(connection: "Connection", added: Mapping[str, tuple[str, ...]]) -> None:
    for table, columns in added.items():
        for column in columns:
            connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column}"))


STEPS: tuple[Step, ...] = (create_runs, move_regions, let_withdrawals_count, number_records, pool_regions)
