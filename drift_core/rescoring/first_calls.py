"""The first calls of a run: until one gives a score, few go out, so that few are paid for in vain.

What the first answers of a ledger say of its settings counts too, so that no run pays to learn it again.
"""

import re
import sqlite3
from dataclasses import dataclass

from drift_core.rescoring.ledger import read_settings
from drift_core.rescoring.ledger_schema import ANSWER, PUT_SETTING
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.unscored import REFUSED, Unreadable

MOST_IN_VAIN = 20  # calls of a run that give no score, those in flight among them, before the first score
AT_FIRST = 15  # of these in flight at once, so that some are left when the first ones show a fault that can be mended
IN_A_ROW = 10  # requests that are rejected for one reason with no answer in between
_NUMBER = re.compile(r"\d+")
_UNREAD = (
    "SELECT coalesce(answer.reason, ?), call.answer FROM call JOIN answer USING (pair_digest) "
    "WHERE call.outcome = ? AND call.answer IS NOT NULL AND call.id >= ? AND state IN ('unparsed', 'refused')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What earlier runs found with the same settings.

    Attributes
    ----------
    has_scores, has_answers
        Whether there are any.
    is_passed
        Whether the settings need show no more that they give scores.
    unread
        Answers without a score that count as the first ones of this run.
    limit
        The name that the endpoint takes for the most tokens of an answer, where that was learned.
    """

    has_scores: bool = False
    has_answers: bool = False
    is_passed: bool = False
    unread: tuple[Unreadable, ...] = ()
    limit: str | None = None


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


class FirstCalls:
    """Counts what a run has spent in vain.

    Parameters
    ----------
    is_passed
        Whether the settings have given scores before.
    n_in_vain
        Answers without a score that earlier runs got with the settings.
    """

    def __init__(self, *, is_passed: bool, n_in_vain: int) -> None:
        self._is_passed = is_passed
        self._n_in_vain = n_in_vain
        self._n_in_a_row, self._reason = 0, ""
        self._n_without = 0  # answers without a score since the last one with

    def admits(self, in_flight: int) -> bool:
        """Whether one more call may go out."""
        return self._is_passed or (in_flight < AT_FIRST and self._n_in_vain + in_flight < MOST_IN_VAIN)

    @property
    def has_failed(self) -> bool:
        is_failed = not self._is_passed and self._n_in_vain >= MOST_IN_VAIN
        return is_failed or self._n_without >= MOST_IN_VAIN

    def count_score(self) -> None:
        self._is_passed = True
        self._n_in_a_row = self._n_without = 0

    def count_without_score(self) -> None:
        """An answer came that gives no score."""
        self._n_in_vain += 1
        self._n_without += 1
        self._n_in_a_row = 0

    def count_rejected(self, reason: str) -> None:
        """A request was rejected; the same reason with other numbers is the same."""
        self._n_in_vain += 1
        reason = _NUMBER.sub("0", reason)
        self._n_in_a_row = self._n_in_a_row + 1 if reason == self._reason else 1
        self._reason = reason

    def count_repeated(self) -> None:
        """A call has to be made again in another way."""
        self._n_in_vain += 1

    @property
    def are_all_rejected(self) -> bool:
        """Whether so many requests were rejected in a row that it is not their pairs' fault."""
        return self._n_in_a_row >= IN_A_ROW
