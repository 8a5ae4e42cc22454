"""What the first answers of a ledger say of its settings, so that no run pays to learn it again."""

import sqlite3

from drift_core.rescoring.ledger import read_settings
from drift_core.rescoring.ledger_schema import ANSWER, PUT_SETTING
from drift_core.rescoring.outcomes import Known
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.unscored import REFUSED, Unreadable

_UNREAD = (
    "SELECT coalesce(answer.reason, ?), call.answer FROM call JOIN answer USING (pair_digest) "
    "WHERE call.outcome = ? AND call.answer IS NOT NULL AND call.id >= ? AND state IN ('unparsed', 'refused')"
)


def known_of(connection: sqlite3.Connection, rescoring: Rescoring, *, next_call: int) -> Known:
    """What is known before a run; other most tokens of an answer, or asking again, give the settings a new chance."""
    settings = read_settings(connection)
    tokens = str(rescoring.prompt.max_answer_tokens)
    is_as_before = settings.get("answer_tokens", tokens) == tokens and not rescoring.unparsed_again
    since = int(settings.get("answers_since", "0")) if is_as_before else next_call
    new = {"answer_tokens": tokens, "answers_since": str(since)}
    if any(settings.get(name) != value for name, value in new.items()):
        connection.executemany(PUT_SETTING, list(new.items()))
    counts = dict(connection.execute("SELECT state, count(*) FROM answer WHERE model IS NOT NULL GROUP BY state"))
    has_scores = "scored" in counts
    unread: tuple[Unreadable, ...] = ()
    if not has_scores and rescoring.n_tried is None:
        rows = connection.execute(_UNREAD, (REFUSED, ANSWER, since)).fetchall()
        unread = tuple(Unreadable(reason=reason, text=text) for reason, text in rows)
    return Known(
        has_scores=has_scores,
        has_answers=bool(counts),
        is_passed=has_scores and is_as_before,
        unread=unread,
        limit=settings.get("limit_name"),
    )
