"""Weeks that alarm, a history changed behind its back, a comparison, and what the gate's command says of them."""

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from drift_core import open_history
from drift_core.agreement.rule import Rule
from drift_core.canary.figures import HeldoutFigure
from tests.drift_core.canary.runs_by_hand import measured
from tests.drift_core.canary.runs_by_hand import week as made_by_hand
from tests.drift_core.command_line import run as run_command

CARD = """
student: {version: "s1", parent: "s0"}
teacher: {revision: "r1"}
floors: {agreement: 0.3, overlap: 0.3}
gate: {inconclusive: "pass"}
"""
HELDOUT = HeldoutFigure(digest="held", agreement=measured(0.91, n_pairs=500), z_error=0.046)
FALLEN = measured(0.70)
NAMES = {"student_before": "s0", "student_after": "s1"}


def week(number, **changes):
    return made_by_hand(number, **{"heldout": HELDOUT} | changes)


def record(*runs, place="canary.db"):
    with open_history(place) as history:
        return [history.record(run) for run in runs]


def gate(*arguments, now="2026-01-20", card="judges.yaml", history="canary.db"):
    """The exit code, and all that is said."""
    of_team = ("--card", card) if card else ()
    where = ("--history", history, *of_team, "--now", now, "--annotations", "none")
    code, shown, said = run_command("gate", *where, *arguments)
    return code, shown + said


def alarm(**changes):
    """Two quiet weeks and one that alarms, of 2026-01-19."""
    return week(0), week(1), week(2, agreement=FALLEN, **changes)


def write(statement, *values):
    with closing(sqlite3.connect("canary.db")) as file, file:
        file.execute(statement, values)


def edit(change, run):
    """Change the stored document of a run as somebody would by hand."""
    document = json.loads(json.dumps({**run.to_json(), "regions": []}))
    change(document)
    write("UPDATE canary_run SET document = ? WHERE run_key = ?", json.dumps(document), run.key)


def store(decision):
    """Put a decision into the file as an earlier version would have."""
    document = json.dumps({**asdict(decision), "at": decision.at.isoformat()}, sort_keys=True)
    key = hashlib.sha256(document.encode()).hexdigest()
    row = (key, f"{decision.at:%Y-%m-%d %H:%M:%S}", decision.kind, decision.by, decision.reason, decision.run_key)
    write("INSERT INTO canary_decision VALUES (?, ?, ?, ?, ?, ?, ?)", *row, document)


def compared(*, worse=(), name="comparison.json", **changes):
    """Write a comparison in which all pairs are the same, or parts got worse."""
    parts = [{"partition": None, "name": None, "outcome": "same"}]
    parts += [{"partition": "country", "name": title, "outcome": "worse"} for title in worse]
    content = {
        "schema": 1,
        "kind": "before_after",
        "made_at": "2026-01-19T12:00:00+00:00",
        "outcome": "same",
        "sentence": "The same.",
        "is_measured": True,
        "worse": [{"title": title, "sentence": f"{title} fell."} for title in worse],
        "parts": parts,
        "rule": Rule().to_json(),
    }
    Path(name).write_text(json.dumps(content | NAMES | changes))
    return ("--comparison", name)
