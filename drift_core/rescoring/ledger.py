"""The ledger of one list: every call before it goes out, every answer as it comes, in one SQLite file.

The texts of the pairs are not in it. Writing while a run goes on is in `ledger_writer`, its tables in `ledger_schema`.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from drift_core.errors import InputError
from drift_core.rescoring.ledger_schema import APPLICATION, CREATE, LAST_REJECTED, NOT_SENT, SCHEMA
from drift_core.tables.paths import is_file, kind_of

PairState = Literal["scored", "unparsed", "refused", "failed", "pending"]
STATES: tuple[PairState, ...] = ("scored", "unparsed", "refused", "failed", "pending")
BUSY_SECONDS = 10.0
MEND = "Take a copy of before, or begin a new one."
_RANGE = re.compile(r"-?[0-9.]+(?:e[+-]?[0-9]+)? to -?[0-9.]+(?:e[+-]?[0-9]+)?")
WRITTEN = {
    **dict.fromkeys(("range", "asked_range"), _RANGE),
    "answers_since": re.compile("[0-9]{1,18}"),
    "answer_tokens": re.compile("[0-9]{1,18}"),
}
TYPES = {"INTEGER": "integer", "REAL": "real", "TEXT": "text"}
# What a call for this pair costs with these tokens, in picos; with tokens unknown the most that it can.
CallCost = Callable[[str, int | None, int | None], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """What every answer must name: `named` as its model or its fingerprint; else both as the first answer had them."""

    named: str | None = None
    model: str | None = None
    fingerprint: str | None = None

    @property
    def is_set(self) -> bool:
        return self.named is not None or self.model is not None

    @property
    def revision(self) -> str | None:
        """The teacher's revision: what was named, else the model of the first answer."""
        return self.named or self.model

    @property
    def shown(self) -> str:
        """The pin in words, with the fingerprint where it is held to as well."""
        is_held = self.fingerprint and self.named is None
        return f"{self.revision or 'unnamed'}{f' ({self.fingerprint})' if is_held else ''}"

    def allows(self, model: str | None, fingerprint: str | None) -> bool:
        if self.named is not None:
            return self.named in (model, fingerprint)
        return (model, fingerprint) == (self.model, self.fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAnswer:
    """What is known of one pair; `is_rejected` where the endpoint rejected the request itself."""

    pair_digest: str
    state: PairState
    score: float | None
    answer: str | None
    reason: str | None
    model: str | None
    fingerprint: str | None
    at_utc: str
    is_rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the calls of a ledger count for; `picos` has the calls whose cost is not known at their reserve.

    `calls` leaves out those that never went out, because no connection was got; `next_call` numbers the next one.
    """

    calls: int
    next_call: int
    picos: int
    n_unknown: int
    seconds_a_call: float | None
    picos_a_score: float | None


def ledger_place(ledger: str | Path) -> Path:
    """Give where a ledger really lies, so that two names of one share its lock.

    Raises
    ------
    InputError
        When something else than a file stands there.
    """
    kind = kind_of(ledger)
    if kind not in ("file", "nothing"):
        raise InputError(f"The ledger {ledger} is a {kind}. Choose another place for it.")
    return Path(ledger).resolve()


@contextmanager
def open_ledger(path: str | Path, *, is_created: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a ledger, and check that it is one.

    Raises
    ------
    InputError
        When it is not there, is no ledger, is of a newer version or cannot be opened.
    """
    path = Path(path)
    if not is_created and not is_file(path):
        raise InputError(f"There is no ledger at {path}. Name the one of an earlier run, or begin a new one.")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            _prepare(connection, path, is_created=is_created)
            _check_types(connection, path)
            yield connection
    except sqlite3.Error as error:
        raise InputError(f"The ledger {path} cannot be used: {error}. Choose another place for it.") from error


def read_spent(connection: sqlite3.Connection, worth: CallCost) -> Spent:
    """Count the calls, each at no less than its price today: an earlier run may have known lower prices, or none."""
    rows = connection.execute(
        "SELECT coalesce(cost, reserve), cost IS 0 AND outcome IN ('trouble', 'rejected'), pair_digest, tokens_in, "
        "tokens_out FROM call WHERE outcome IS NOT ?",
        (NOT_SENT,),
    ).fetchall()
    picos = sum(counted if is_free else max(counted, worth(*call)) for counted, is_free, *call in rows)
    n_unknown, last = connection.execute("SELECT count(*) - count(cost), coalesce(max(id), 0) FROM call").fetchone()
    seconds, picos_a_score = connection.execute(
        "SELECT avg(seconds), avg(cost) FROM (SELECT seconds, cost FROM call WHERE outcome = 'answer' "
        "ORDER BY id DESC LIMIT 1000)"
    ).fetchone()
    return Spent(
        calls=len(rows),
        next_call=last + 1,
        picos=picos,
        n_unknown=n_unknown,
        seconds_a_call=seconds,
        picos_a_score=picos_a_score,
    )


def read_answers(connection: sqlite3.Connection) -> dict[str, PairAnswer]:
    """Every pair that has an answer or failed, by its digest."""
    rows = connection.execute(
        "SELECT pair_digest, state, score, answer, reason, model, fingerprint, at_utc FROM answer"
    )
    names = ("pair_digest", "state", "score", "answer", "reason", "model", "fingerprint", "at_utc")
    rejected = {digest for (digest,) in connection.execute(LAST_REJECTED)}
    return {row[0]: PairAnswer(**dict(zip(names, row, strict=True)), is_rejected=row[0] in rejected) for row in rows}


def read_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Pairs by state, those without an answer left out."""
    return dict(connection.execute("SELECT state, count(*) FROM answer GROUP BY state"))


def read_pin(connection: sqlite3.Connection) -> Pin:
    """What the answers of a ledger are held to."""
    return pin_of(read_settings(connection))


def read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    """What a ledger is for, and what was learned of its endpoint."""
    known = dict(connection.execute("SELECT name, value FROM setting"))
    for name, pattern in WRITTEN.items():
        if name in known and not pattern.fullmatch(known[name]):
            path = connection.execute("PRAGMA database_list").fetchone()[2]
            raise InputError(f"The ledger {path} is damaged: its setting {name} is {known[name]!r}. {MEND}")
    return known


def pin_of(known: dict[str, str]) -> Pin:
    """The pin among the settings of a ledger."""
    return Pin(named=known.get("pin_named"), model=known.get("pin_model"), fingerprint=known.get("pin_fingerprint"))


def _check_types(connection: sqlite3.Connection, path: Path) -> None:
    """Raise where a value is of another type than its column: SQLite would give back whatever a damaged file holds."""
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = connection.execute('SELECT name, type, "notnull" FROM pragma_table_info(?)', (table,)).fetchall()
        faults = [
            f"typeof({name}) NOT IN ('{TYPES[kind]}', '{TYPES[kind] if is_needed else 'null'}')"
            for name, kind, is_needed in columns
            if kind in TYPES
        ]
        if faults and connection.execute(f"SELECT 1 FROM {table} WHERE {' OR '.join(faults)} LIMIT 1").fetchone():
            raise InputError(
                f"The ledger {path} is damaged: a value in its table {table} is of another type than its column. {MEND}"
            )


def _is_older(connection: sqlite3.Connection) -> bool:
    """Whether a version before 0.2.0 began it: those kept no runs, or their prompt's settings as a digest alone."""
    has_runs = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'run'").fetchone()
    if not has_runs:
        return True
    names = {name for (name,) in connection.execute("SELECT name FROM setting")}
    return "prompt_digest" in names and "template" not in names


def _prepare(connection: sqlite3.Connection, path: Path, *, is_created: bool) -> None:
    application, version = (connection.execute(f"PRAGMA {each}").fetchone()[0] for each in APPLICATION)
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if is_empty and is_created:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(CREATE)
    elif application != APPLICATION["application_id"]:
        raise InputError(f"{path} is no ledger of a re-scoring. Choose another place for it.")
    elif version > SCHEMA:
        raise InputError(f"The ledger {path} is of version {version}; this program reads up to {SCHEMA}. Update it.")
    elif _is_older(connection):
        raise InputError(
            f"The ledger {path} was begun with a version before 0.2.0, which this one does not go on with. Its answers "
            "stay in it. Choose another place for a new one."
        )
    connection.execute("PRAGMA synchronous=NORMAL")  # `ledger_writer` sees to the disk itself
