"""What each reply means: for its pair, for the ledger, for the cap, and for the run, which it may end."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from drift_core.errors import DriftError, EndpointError
from drift_core.rescoring import ledger_schema
from drift_core.rescoring.budget import Budget
from drift_core.rescoring.client import Caller
from drift_core.rescoring.endpoint_faults import Faults
from drift_core.rescoring.first_calls import MOST_IN_VAIN, FirstCalls, Known
from drift_core.rescoring.ledger import PairState, Pin, Spent
from drift_core.rescoring.ledger_writer import LedgerWriter, Statement
from drift_core.rescoring.reply import Answer, Trouble
from drift_core.rescoring.request_errors import LIMITS
from drift_core.rescoring.score_format import CUT, Unparsed
from drift_core.rescoring.settings import Rescoring
from drift_core.rescoring.turns import Turn, TurnQueue
from drift_core.rescoring.unscored import REFUSED, Unreadable, commonest_reason
from drift_core.retrain_list.reader import RetrainList


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A list with its ledger as a run finds them.

    Attributes
    ----------
    retrain_list, rescoring
        The pairs, and how they are scored.
    pin, spent, known
        What answers are held to, what earlier runs spent, and what they found.
    pending
        Rows that the run asks.
    n_left
        Pairs that are left in all.
    """

    retrain_list: RetrainList
    rescoring: Rescoring
    pin: Pin
    spent: Spent
    known: Known
    pending: Sequence[int]
    n_left: int


class Bookkeeping:
    """Counts and writes down every reply of a run.

    Attributes
    ----------
    fault
        Why the run has to end before its time, None while it has not.
    n_done, n_priced, picos
        Pairs that are done; answers of known cost, and that cost.
    paused_until
        No call before this time of the loop's clock.
    """

    def __init__(
        self,
        task: Task,
        *,
        digests: list[str],
        caller: Caller,
        faults: Faults,
        budget: Budget,
        writer: LedgerWriter,
        agenda: TurnQueue,
        clock: Callable[[], float],
    ) -> None:
        self.fault: Exception | None = None
        known = task.known
        self.n_done = self.n_priced = self.picos = 0
        self.paused_until = 0.0
        self.first_calls = FirstCalls(is_passed=known.is_passed, n_in_vain=len(known.unread))
        self._prompt, self._pace = task.rescoring.prompt, task.rescoring.pace
        self._digests, self._pin = digests, task.pin
        self._caller, self._faults, self._budget, self._writer = caller, faults, budget, writer
        self._agenda, self._clock, self._rng = agenda, clock, random.Random()
        self._has_scores, self._has_answers, self._is_answered = known.has_scores, known.has_answers, False
        self._unread = list(known.unread)
        self._n_silent = 0
        self._is_reached: bool | None = None  # None before the first call
        self._in_vain: list[Statement] = []  # given up while nobody was reached: no word on the pair if it stays so
        self._held: list[tuple[Turn, Trouble]] = []  # rejected before anything was answered
        self._refused_limits: set[str] = set()
        self._doubted: dict[str, int] = {}  # the first pair whose words alone say that a parameter is refused
        self._renamed: set[int] = set()  # pairs that were asked again with the other name of the limit

    def settle(self, turn: Turn, number: int, reserve: int, reply: Answer | Trouble, seconds: float) -> None:
        """Count a call and write down what it gave; nothing is awaited, so that the next call goes out at once."""
        cost = self._cost(reply)
        was_sent = isinstance(reply, Answer) or reply.was_sent
        self._is_reached = was_sent or bool(self._is_reached)
        self._budget.settle(reserve, cost, was_sent=was_sent)
        if isinstance(reply, Answer):
            outcome, statements = self._take(turn, reply, cost)
            gave_score = any(text == ledger_schema.PUT_SCORE for text, _ in statements)
            seen: tuple[object, ...] = (reply.tokens_in, reply.tokens_out, reply.model, reply.fingerprint)
            seen += (None if gave_score else reply.text,)
            reason = CUT if reply.is_cut else None  # so that no later reading takes a part of a number for the whole
        else:
            reason, seen = reply.reason, (None,) * 5
            outcome, statements = self._take_trouble(turn, reply)
        settled = (cost, outcome, reason, seconds, *seen, number)
        if self._is_reached and self._in_vain:
            statements, self._in_vain = [*self._in_vain, *statements], []
        self._writer.write((ledger_schema.SETTLE_CALL, settled), *statements)
        if cost is not None and cost > reserve:
            self.halt(self._faults.counts_too_much(reply))
        if self.fault is None and self.first_calls.has_failed:
            self._end_probation()

    def close(self, *, is_all_asked: bool) -> None:
        """Decide on what was held back until the end."""
        if self._is_reached is False and (self.fault is None or isinstance(self.fault, EndpointError)):
            self.n_done -= len(self._in_vain)
            self.fault = self._faults.unreachable(has_scores=self._has_scores)
        if not self._held or self.fault is not None:
            return
        if is_all_asked and all(trouble.error.is_too_long for _, trouble in self._held):
            self._writer.write(*self._released())
        else:
            self._end_by(self._held[-1][1])

    def halt(self, error: Exception) -> None:
        if self.fault is None or (isinstance(error, DriftError) and not isinstance(self.fault, DriftError)):
            self.fault = error

    def _cost(self, reply: Answer | Trouble) -> int | None:
        """Cost of a call in picos; None where it is not known, so that the reserve counts."""
        prices = self._budget.cap.prices
        if isinstance(reply, Trouble):
            return 0 if reply.is_free else None
        if not (prices.per_million_in or prices.per_million_out):
            return prices.cost(0, 0)
        if reply.tokens_in is None or reply.tokens_out is None:
            return None
        return prices.cost(reply.tokens_in, reply.tokens_out)

    def _take(self, turn: Turn, reply: Answer, cost: int | None) -> tuple[str, list[Statement]]:
        """What an answer says about its pair; an answer of another revision says nothing and ends the run."""
        self._n_silent, self._is_answered = 0, True
        statements: list[Statement] = []
        if not self._pin.is_set:
            self._pin = Pin(model=reply.model, fingerprint=reply.fingerprint)
            pin = {"pin_model": reply.model, "pin_fingerprint": reply.fingerprint}
            statements = [(ledger_schema.PUT_SETTING, each) for each in pin.items() if each[1] is not None]
        if not self._pin.allows(reply.model, reply.fingerprint):
            self.halt(self._faults.other_revision(self._pin, reply))
            return ledger_schema.OTHER_REVISION, []
        statements += self._released()
        if cost is not None:
            self.n_priced, self.picos = self.n_priced + 1, self.picos + cost
        score = self._prompt.answer.read(reply.text, is_cut=reply.is_cut)
        if not reply.is_refusal and not isinstance(score, Unparsed):
            self._has_scores = True
            self.first_calls.count_score()
            return ledger_schema.ANSWER, [*statements, self._answered(turn, "scored", reply, score=score)]
        self.first_calls.count_without_score()
        reason = score.reason if isinstance(score, Unparsed) and not reply.is_refusal else None
        self._unread.append(Unreadable(reason=reason or REFUSED, text=reply.text))
        state: PairState = "refused" if reply.is_refusal else "unparsed"
        return ledger_schema.ANSWER, [*statements, self._answered(turn, state, reply, reason=reason)]

    def _take_trouble(self, turn: Turn, trouble: Trouble) -> tuple[str, list[Statement]]:
        """Ask again later, give the pair up, or end the run."""
        outcome = ledger_schema.TROUBLE if trouble.was_sent else ledger_schema.NOT_SENT
        self._n_silent = self._n_silent + 1 if trouble.is_silence else 0
        if trouble.kind == "endpoint":
            self._give_out(f"{trouble.reason}.")
            return outcome, []
        if trouble.kind == "refused":
            self.first_calls.count_without_score()
            self._unread.append(Unreadable(reason=REFUSED, text=trouble.reason))
            return outcome, [self._answered(turn, "refused", None, reason=trouble.reason)]
        if trouble.kind == "rejected":
            return self._take_rejection(turn, trouble)
        self._wait_as_asked(trouble)
        if self._n_silent >= self._pace.silent_calls:
            self._give_out(f"The endpoint failed {self._n_silent} calls in a row, last: {trouble.reason}")
        if turn.attempt >= self._pace.attempts:
            reason = f"{turn.attempt} attempts, last: {trouble.reason}"
            self._in_vain.append(self._answered(turn, "failed", None, reason=reason))
            return outcome, []
        self._ask_later(turn, trouble.wait_seconds or 0.0)
        return outcome, []

    def _take_rejection(self, turn: Turn, trouble: Trouble) -> tuple[str, list[Statement]]:
        """The fault of the settings where they were never answered, else of the pair."""
        parameter = trouble.error.parameter
        is_of_before = parameter in LIMITS and parameter != self._caller.limit  # sent before the limit's name changed
        is_known = self._is_answered or (self._has_answers and parameter not in LIMITS)
        if parameter is not None and (is_of_before or not is_known):
            if self._is_sure(turn, trouble, parameter):
                return ledger_schema.TROUBLE, self._mend(turn, trouble, parameter)
            self.first_calls.count_repeated()
            self._ask_later(turn, 0.0)
            return ledger_schema.TROUBLE, []
        self.first_calls.count_rejected(trouble.reason)
        self._held.append((turn, trouble))
        is_pairs = self._has_answers or self._is_answered
        if self.first_calls.are_all_rejected and not (is_pairs and trouble.error.is_too_long):
            self._end_by(trouble)
        return ledger_schema.REJECTED, self._released() if is_pairs else []

    def _is_sure(self, turn: Turn, trouble: Trouble, parameter: str) -> bool:
        """Whether a parameter is refused, and not words of the pair that name it: another pair's say the same."""
        if trouble.error.is_named:
            return True
        first = self._doubted.setdefault(parameter, turn.position)
        return first != turn.position or turn.attempt >= self._pace.attempts

    def _ask_later(self, turn: Turn, least_seconds: float) -> None:
        wait = max(least_seconds, self._pace.wait_seconds(turn.attempt, self._rng))
        self._agenda.put_back(replace(turn, due=self._clock() + wait, attempt=turn.attempt + 1))

    def _mend(self, turn: Turn, trouble: Trouble, parameter: str) -> list[Statement]:
        """Ask again with the other name of a limit that is refused, or end the run with the option that mends it."""
        option, caller = trouble.error.mended_by, self._caller
        if option or parameter not in LIMITS:
            self.halt(self._faults.refuses(f"{trouble.reason}.", option, has_scores=self._has_scores))
            return []
        self.first_calls.count_repeated()
        self._refused_limits.add(parameter)
        other = LIMITS[parameter == LIMITS[0]]
        if other in self._refused_limits or turn.position in self._renamed:
            self._give_out(f"{trouble.reason}.")
            return []
        self._renamed.add(turn.position)
        self._agenda.put_back(turn)
        if caller.limit == other:
            return []
        caller.limit = other
        return [(ledger_schema.PUT_SETTING, ("limit_name", other))]

    def _end_by(self, trouble: Trouble) -> None:
        n = len(self._held)
        many = f"The endpoint rejected {n} calls and answered none, last: " if n > 1 else ""
        if self._is_answered or self._has_answers:
            many = "The endpoint rejected call after call for one reason: "
        self._give_out(f"{many}{trouble.reason}.")

    def _end_probation(self) -> None:
        if self._unread:
            self.halt(self._faults.unreadable(commonest_reason(self._unread[-MOST_IN_VAIN:], self._prompt)))
        elif self._held:
            self._end_by(self._held[-1][1])
        else:
            self._give_out("The first calls gave no score.")

    def _released(self) -> list[Statement]:
        """Pairs that were rejected have failed, now that others are answered."""
        held, self._held = self._held, []
        return [self._answered(turn, "failed", None, reason=trouble.reason) for turn, trouble in held]

    def _wait_as_asked(self, trouble: Trouble) -> None:
        if trouble.wait_seconds is None:
            return
        if trouble.wait_seconds > self._pace.longest_asked_wait_seconds:
            self._give_out(f"The endpoint asks to wait {trouble.wait_seconds:,.0f} seconds.")
        self.paused_until = max(self.paused_until, self._clock() + trouble.wait_seconds)

    def _answered(
        self,
        turn: Turn,
        state: PairState,
        reply: Answer | None,
        *,
        score: float | None = None,
        reason: str | None = None,
    ) -> Statement:
        self.n_done += 1
        said = (None, reason, None, None) if reply is None else (reply.text, reason, reply.model, reply.fingerprint)
        put = ledger_schema.PUT_UNSCORED if score is None else ledger_schema.PUT_SCORE
        return put, (self._digests[turn.position], state, score, *said, now_utc())

    def _give_out(self, what: str) -> None:
        self.halt(self._faults.gave_out(what, has_scores=self._has_scores))


def now_utc() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
