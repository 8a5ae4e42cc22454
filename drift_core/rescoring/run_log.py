"""The runs over one ledger: when each began, where it asked, how many calls it made, how it ended.

They are kept in the ledger itself, so that a run which is killed leaves its trace.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from drift_core.rescoring.ledger import open_ledger
from drift_core.rescoring.ledger_schema import ANSWER, NOT_SENT
from drift_core.rescoring.stop_reason import End, EndKind

# Ledgers of earlier versions lack it, and those versions do not look at it.
CREATE_RUNS = (
    "CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, began_utc TEXT NOT NULL, endpoint TEXT NOT NULL, "
    "first_call INTEGER NOT NULL, ended_utc TEXT, end_kind TEXT, end_sentence TEXT)"
)
UNTOLD = "It ended without telling why, as when it is killed."
UNTOLD_LAST = "It was killed, or still goes on."
NO_CALL = 2**63 - 1  # the largest number that SQLite holds
BEFORE = "Calls of an earlier version, which did not keep runs."
_Row = tuple[str, str, str | None, EndKind | None, str | None, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreRun:
    """One run.

    Attributes
    ----------
    began_utc, ended_utc
        Times in ISO 8601; `ended_utc` is None where the run did not live to tell.
    endpoint
        The address asked, without what is secret in it; None where it was not kept.
    calls, answers
        Calls that went out, and those of them that the teacher answered.
    end
        How it ended; None where that is not known.
    note
        Why the end is not known; empty where it is.
    """

    began_utc: str
    endpoint: str | None
    calls: int
    answers: int = 0
    ended_utc: str | None = None
    end: End | None = None
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain values; an end that is not known has the kind ``unknown`` and the reason."""
        kind, sentence = ("unknown", self.note) if self.end is None else (self.end.kind, self.end.sentence)
        return {
            "began_utc": self.began_utc,
            "ended_utc": self.ended_utc,
            "endpoint": self.endpoint,
            "calls": self.calls,
            "answers": self.answers,
            "end": {"kind": kind, "sentence": sentence},
        }


def begin_run(ledger: Path, *, endpoint: str, first_call: int) -> int:
    """Write down that a run begins, before its first call; gives its number."""
    with open_ledger(ledger) as connection:
        connection.execute(CREATE_RUNS)
        put = "INSERT INTO run (began_utc, endpoint, first_call) VALUES (?, ?, ?) RETURNING id"
        number: int = connection.execute(put, (_now(), endpoint, first_call)).fetchone()[0]
    return number


def end_run(ledger: Path, number: int, end: End) -> None:
    """Write down how a run ended."""
    with open_ledger(ledger) as connection:
        put = "UPDATE run SET ended_utc = ?, end_kind = ?, end_sentence = ? WHERE id = ?"
        connection.execute(put, (_now(), end.kind, end.sentence, number))


def read_runs(ledger: Path) -> tuple[RescoreRun, ...]:
    """Read all runs, the newest last; calls of a version that kept no runs come first, as one."""
    with open_ledger(ledger) as connection:
        is_kept = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'run'").fetchone()[0]
        rows = _rows(connection) if is_kept else []
        edges = [0, *(first for *_, first in rows), NO_CALL]
        calls = [_calls(connection, first, after) for first, after in pairwise(edges)]
        before = connection.execute("SELECT min(at_utc) FROM call WHERE id < ?", (edges[1],)).fetchone()[0]
    runs = [_run(row, n, UNTOLD if row != rows[-1] else UNTOLD_LAST) for row, n in zip(rows, calls[1:], strict=True)]
    n_calls, n_answers = calls[0]
    first = RescoreRun(began_utc=before, endpoint=None, calls=n_calls, answers=n_answers, note=BEFORE)
    return (*((first,) if before else ()), *runs)


def _rows(connection: sqlite3.Connection) -> list[_Row]:
    columns = "began_utc, endpoint, ended_utc, end_kind, end_sentence, first_call"
    return connection.execute(f"SELECT {columns} FROM run ORDER BY id").fetchall()


def _calls(connection: sqlite3.Connection, first: int, after: int) -> tuple[int, int]:
    """Calls that went out, and those that were answered."""
    count = "SELECT count(*), coalesce(sum(outcome IS ?), 0) FROM call WHERE id >= ? AND id < ? AND outcome IS NOT ?"
    n_calls, n_answers = connection.execute(count, (ANSWER, first, after, NOT_SENT)).fetchone()
    return n_calls, n_answers


def _run(row: _Row, counts: tuple[int, int], note: str) -> RescoreRun:
    began, endpoint, ended, kind, sentence, _ = row
    calls, answers = counts
    end = None if kind is None else End(kind=kind, sentence=sentence or "")
    note = note if end is None else ""
    return RescoreRun(
        began_utc=began, endpoint=endpoint, calls=calls, answers=answers, ended_utc=ended, end=end, note=note
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
