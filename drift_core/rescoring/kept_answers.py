"""Answers that a ledger keeps, read again by other rules: nobody is asked and nothing is spent."""

import sqlite3

from drift_core.rescoring.ledger import Pin, read_answers
from drift_core.rescoring.ledger_schema import ANSWER, OTHER_REVISION, PUT_SCORE, PUT_UNSCORED
from drift_core.rescoring.score_format import CUT, ScoreFormat, Unread

_PUT = "UPDATE answer SET state = ?, score = ?, reason = ? WHERE pair_digest = ?"
_LAST_CALLS = "SELECT pair_digest, max(id), reason FROM call WHERE outcome = ? GROUP BY pair_digest"
_ASIDE = (
    "SELECT id, pair_digest, answer, reason, model, fingerprint, at_utc FROM call WHERE outcome = ? "
    "AND answer IS NOT NULL AND pair_digest NOT IN (SELECT pair_digest FROM answer WHERE state = 'scored')"
)


def read_again(connection: sqlite3.Connection, form: ScoreFormat) -> None:
    """Read every answer as if it had been read in this way from the start; the caller has begun a transaction."""
    answers: list[tuple[object, ...]] = []
    texts: list[tuple[object, ...]] = []
    last = {digest: call for digest, *call in connection.execute(_LAST_CALLS, (ANSWER,))}
    for digest, known in read_answers(connection).items():
        if known.state not in ("scored", "unparsed") or known.answer is None:
            continue
        number, reason = last.get(digest, (None, None))
        found = form.read(known.answer, is_cut=CUT in (reason, known.reason))
        if isinstance(found, Unread):
            answers.append(("unparsed", None, found.reason, digest))
        else:
            answers.append(("scored", found, None, digest))
        # Calls hold every text that gave no score, and no other.
        texts.append((known.answer if isinstance(found, Unread) else None, number))
    connection.executemany(_PUT, answers)
    connection.executemany("UPDATE call SET answer = ? WHERE id = ?", texts)


def take_back(connection: sqlite3.Connection, pin: Pin, form: ScoreFormat) -> None:
    """Take the answers that were put aside as another revision's and that the pin allows now; within a transaction."""
    aside = connection.execute(_ASIDE, (OTHER_REVISION,)).fetchall()
    for number, digest, text, reason, model, fingerprint, at_utc in aside:
        if not pin.allows(model, fingerprint):
            continue
        found = form.read(text, is_cut=reason == CUT)
        if isinstance(found, Unread):
            row = (digest, "unparsed", None, text, found.reason, model, fingerprint, at_utc)
            connection.execute(PUT_UNSCORED, row)
        else:
            connection.execute(PUT_SCORE, (digest, "scored", found, text, None, model, fingerprint, at_utc))
        kept = text if isinstance(found, Unread) else None
        connection.execute("UPDATE call SET outcome = ?, answer = ? WHERE id = ?", (ANSWER, kept, number))
