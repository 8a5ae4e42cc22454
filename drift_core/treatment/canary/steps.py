"""The numbered steps that make the tables of a history, from nothing or from an older one.

A step that was released stays as it is: a change of the tables is a further step.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection

Step = Callable[["Connection"], None]

RUNS = (
    """
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
    """,
    "CREATE INDEX canary_run_at ON canary_run (at_utc)",
    """
    CREATE TABLE canary_decision (
        decision_key VARCHAR(64) PRIMARY KEY,
        at_utc TIMESTAMP NOT NULL,
        kind TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        reason TEXT NOT NULL,
        run_key VARCHAR(64),
        document TEXT NOT NULL
    )
    """,
)
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


def create_runs(connection: "Connection") -> None:
    """Make the tables of runs and decisions; regions stand inside the document of their run."""
    from sqlalchemy import text

    for statement in RUNS:
        connection.execute(text(statement))


def move_regions(connection: "Connection") -> None:
    """Give regions a table of their own, so that reading the runs does not read them too."""
    from sqlalchemy import text

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


STEPS: tuple[Step, ...] = (create_runs, move_regions, let_withdrawals_count)
