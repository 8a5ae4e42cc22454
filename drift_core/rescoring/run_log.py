"""The runs over one ledger: when each began, where it asked, how many calls it made, how it ended.

They are kept in the ledger itself, so that a run which is killed leaves its trace.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal

from drift_core.rescoring.budget import PICOS, Cap
from drift_core.rescoring.ledger import Spent, open_ledger
from drift_core.rescoring.ledger_schema import ANSWER, NOT_SENT
from drift_core.rescoring.progress import money_in_words
from drift_core.wording import counted

EndKind = Literal["complete", "cap", "asked", "endpoint"]
UNTOLD = "It ended without telling why, as when it is killed."
UNTOLD_LAST = "It was killed, or still goes on."
NO_CALL = 2**63 - 1  # the largest number that SQLite holds
_RUNS = "SELECT began_utc, endpoint, ended_utc, end_kind, end_sentence, first_call FROM run ORDER BY id"
_Row = tuple[str, str, str | None, EndKind | None, str | None, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Why a run ended: all is asked, the cap is near, somebody stopped it, or the endpoint; with what is to be done."""

    kind: EndKind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreRun:
    """One run.

    Attributes
    ----------
    began_utc, ended_utc
        Times in ISO 8601; `ended_utc` is None where the run did not live to tell.
    endpoint
        The address asked, without what is secret in it.
    calls, answers
        Calls that went out, and those of them that the teacher answered.
    end
        How it ended; None where that is not known.
    note
        Why the end is not known; empty where it is.
    """

    began_utc: str
    endpoint: str
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


def end_of(states: list[str], n_rejected: int, next_reserve: int | None, spent: Spent, cap: Cap) -> End:
    """Tell the end from the states of all pairs and the reserve that did not fit under the cap, if any.

    Of the failed pairs the requests of `n_rejected` were rejected; they are not asked again by themselves.
    """
    n_pending, n_failed = states.count("pending"), states.count("failed") - n_rejected
    if next_reserve is not None:
        return End(kind="cap", sentence=_at_the_cap(n_pending + n_failed, next_reserve, spent, cap))
    if n_pending:
        return End(kind="asked", sentence=f"{_pairs(n_pending + n_failed)} still to be asked. Run it again to go on.")
    failed = f" {n_failed:,} failed; the next run asks those again." if n_failed else ""
    rejected = f" The endpoint rejected {n_rejected:,}; --retry-failed asks those again." if n_rejected else ""
    return End(kind="complete", sentence=f"All pairs have been asked.{failed}{rejected}")


def _at_the_cap(n_left: int, next_reserve: int, spent: Spent, cap: Cap) -> str:
    """How many pairs are left, and what more they would take."""
    left = f"Stopped at the cap; {_pairs(n_left)} left."
    if spent.calls + 1 > cap.calls:
        n_missing = spent.calls + n_left - (cap.max_calls or 0)
        made = f", as {spent.calls:,} are made already" if spent.calls > cap.calls else ""
        missing = counted(n_missing, "call", "calls")
        return f"{left} They take {missing} more than the {cap.max_calls:,} allowed{made}, and retries."
    usual = spent.picos_a_score if spent.picos_a_score is not None else next_reserve
    more = max(n_left * usual, spent.picos + next_reserve - cap.picos) / PICOS
    return (
        f"{left} The next call can cost {money_in_words(next_reserve / PICOS)}, and "
        f"{money_in_words(spent.picos / PICOS)} of {money_in_words(cap.max_spend or 0)} is spent. "
        f"The rest takes about {money_in_words(more)} more."
    )


def _pairs(n: int) -> str:
    return "1 pair is" if n == 1 else f"{n:,} pairs are"


def begin_run(ledger: Path, *, endpoint: str, first_call: int) -> int:
    """Write down that a run begins, before its first call; gives its number."""
    with open_ledger(ledger) as connection:
        put = "INSERT INTO run (began_utc, endpoint, first_call) VALUES (?, ?, ?) RETURNING id"
        number: int = connection.execute(put, (_now(), endpoint, first_call)).fetchone()[0]
    return number


def end_run(ledger: Path, number: int | None, end: End) -> None:
    """Write down how a run ended; None is no run."""
    if number is None:
        return
    with open_ledger(ledger) as connection:
        put = "UPDATE run SET ended_utc = ?, end_kind = ?, end_sentence = ? WHERE id = ?"
        connection.execute(put, (_now(), end.kind, end.sentence, number))


def read_runs(ledger: Path) -> tuple[RescoreRun, ...]:
    """Read all runs, the newest last."""
    with open_ledger(ledger) as connection:
        rows: list[_Row] = connection.execute(_RUNS).fetchall()
        edges = [*(first for *_, first in rows), NO_CALL]
        calls = [_calls(connection, first, after) for first, after in pairwise(edges)]
    return tuple(_run(row, n, UNTOLD if row != rows[-1] else UNTOLD_LAST) for row, n in zip(rows, calls, strict=True))


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
