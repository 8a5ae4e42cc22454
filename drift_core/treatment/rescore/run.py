"""One run over a list: workers that ask, each call reserved and written down before it goes out.

Memory does not grow with the list: there are as many workers as calls in flight.
"""

import asyncio
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drift_core.errors import DriftError, EndpointError
from drift_core.treatment.rescore import ledger_tables
from drift_core.treatment.rescore.agenda import Agenda, Turn
from drift_core.treatment.rescore.answers import Unread
from drift_core.treatment.rescore.calls import Caller
from drift_core.treatment.rescore.estimate import most_cost
from drift_core.treatment.rescore.faults import Faults
from drift_core.treatment.rescore.ledger import PairState, Pin
from drift_core.treatment.rescore.ledger_writer import LedgerWriter, Statement
from drift_core.treatment.rescore.listed import DIGEST, ListedPairs
from drift_core.treatment.rescore.pace import Pace
from drift_core.treatment.rescore.progress import RescoreProgress
from drift_core.treatment.rescore.prompt import Prompt
from drift_core.treatment.rescore.replies import Answer, Trouble
from drift_core.treatment.rescore.spending import PICOS, Budget

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

SLICE_SECONDS = 0.1  # how soon a stop is seen
FREED_SECONDS = 0.005  # how soon money that came back is seen
# Calls that begin at once end at once and wait for one another, round after round: the first ones go out one by one.
GAP_SECONDS, SPREAD_SECONDS = 0.01, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a run works on. `pending` are the rows to ask, `has_scores` whether earlier runs gave any."""

    listed: ListedPairs
    prompt: Prompt
    pace: Pace
    pending: Sequence[int]
    n_done: int
    next_call: int
    has_scores: bool


class Run:
    """Asks until all is asked, the cap is near, somebody stops it or the endpoint is no use.

    Attributes
    ----------
    next_reserve
        The reserve that did not fit under the cap, None when the cap was not the end.
    fault
        Why the run ended before its time, None when it did not.
    """

    def __init__(
        self,
        task: Task,
        *,
        caller: Caller,
        faults: Faults,
        budget: Budget,
        writer: LedgerWriter,
        pin: Pin,
        stop: threading.Event,
    ) -> None:
        self.next_reserve: int | None = None
        self.fault: Exception | None = None
        self._task, self._caller, self._budget, self._writer = task, caller, budget, writer
        self._pin, self._stop, self._faults = pin, stop, faults
        self._agenda = Agenda(task.pending)
        self._digests = task.listed.table[DIGEST].to_numpy()
        self._rng = random.Random()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._paused_until = 0.0
        self._n_silent = self._n_done = self._n_priced = self._picos = 0
        self._next_call = task.next_call
        self._has_scores, self._is_halted = task.has_scores, False
        self._is_reached: bool | None = None  # None before the first call
        self._in_vain: list[Statement] = []  # given up while nobody was reached: no word on the pair if it stays so

    async def work(self) -> None:
        """Ask with as many workers as calls may be in flight; returns when no call is out any more."""
        n_workers = min(self._task.pace.concurrency, len(self._task.pending))
        limiter = _limiter(self._task.pace)
        gap = min(GAP_SECONDS, SPREAD_SECONDS / n_workers) if n_workers else 0.0
        await asyncio.gather(*(self._worker(limiter, place * gap) for place in range(n_workers)))
        if self._is_reached is False and (self.fault is None or isinstance(self.fault, EndpointError)):
            self._n_done -= len(self._in_vain)
            self.fault = self._faults.unreachable(has_scores=self._has_scores)

    def progress(self) -> RescoreProgress:
        task, seconds = self._task, self._loop.time() - self._began
        n_left = len(task.pending) - self._n_done
        return RescoreProgress(
            n_pairs=task.listed.n_pairs,
            n_done=task.n_done + self._n_done,
            n_answered_now=self._n_done,
            calls=self._budget.calls,
            spent=self._budget.spent / PICOS,
            in_flight=self._budget.in_flight,
            seconds=seconds,
            seconds_left=n_left * seconds / self._n_done if self._n_done else None,
            cost_left=n_left * self._picos / self._n_priced / PICOS if self._n_priced else None,
        )

    @property
    def _is_ending(self) -> bool:
        return self._is_halted or self._stop.is_set()

    async def _worker(self, limiter: "AsyncLimiter | None", wait: float) -> None:
        try:
            await asyncio.sleep(wait)
            while (turn := await self._next_turn()) is not None:
                if not await self._may_call(turn, limiter):
                    return
                await self._attempt(turn)
        except Exception as error:  # the others end in order, then it is raised
            self._halt(error)

    async def _next_turn(self) -> Turn | None:
        """The next turn when its time has come; None when there is nothing left to do."""
        while not self._is_ending:
            now = self._loop.time()
            turn = self._agenda.take(now) if now >= self._paused_until else None
            if turn is not None:
                return turn
            if now >= self._paused_until and self._agenda.next_due is None:
                return None  # who has a call out takes its pair up again
            due = max(self._paused_until, self._agenda.next_due or 0.0)
            await asyncio.sleep(min(SLICE_SECONDS, max(0.001, due - now)))
        return None

    async def _may_call(self, turn: Turn, limiter: "AsyncLimiter | None") -> bool:
        """Wait until the rate allows a call; False when the run ends meanwhile."""
        while limiter is not None and not self._is_ending and not limiter.has_capacity():
            await asyncio.sleep(min(SLICE_SECONDS, limiter.time_period / 10))
        if self._is_ending:
            self._agenda.put_back(turn)
            return False
        if limiter is not None:
            await limiter.acquire()
        return True

    async def _attempt(self, turn: Turn) -> None:
        listed = self._task.listed
        text = self._task.prompt.text(listed.queries[turn.position], listed.docs[turn.position])
        reserve = most_cost(text, self._task.prompt, self._budget.cap.prices)
        if not await self._has_room(reserve):
            self._agenda.put_back(turn)
            return
        self._budget.reserve(reserve)
        number, self._next_call = self._next_call, self._next_call + 1
        begun = (ledger_tables.BEGIN_CALL, (number, self._digests[turn.position], _now(), reserve))
        await self._writer.write(begun)
        began = self._loop.time()
        reply = await self._caller.ask(text)
        self._settle(turn, number, reserve, reply, self._loop.time() - began)

    async def _has_room(self, reserve: int) -> bool:
        """Wait while calls in flight may leave room under the cap."""
        while not self._budget.fits(reserve):
            if self._is_ending:
                return False
            if not self._budget.can_be_freed:
                self.next_reserve = reserve
                self._is_halted = True
                return False
            await asyncio.sleep(FREED_SECONDS)
        return True

    def _settle(self, turn: Turn, number: int, reserve: int, reply: Answer | Trouble, seconds: float) -> None:
        """Count the call and write down what it gave; nothing is awaited, so that the next call goes out at once."""
        cost = self._cost(reply)
        was_sent = isinstance(reply, Answer) or reply.was_sent
        self._is_reached = was_sent or bool(self._is_reached)
        self._budget.settle(reserve, cost, was_sent=was_sent)
        if isinstance(reply, Answer):
            self._n_silent = 0
            outcome, statements = self._take(turn, reply, cost)
            told = (reply.tokens_in, reply.tokens_out, reply.model, reply.fingerprint)
            gave_score = any(text == ledger_tables.PUT_SCORE for text, _ in statements)
            self._has_scores |= gave_score
            seen: tuple[object, ...] = (*told, None if gave_score else reply.text)
            reason = None
        else:
            outcome = "trouble" if reply.was_sent else ledger_tables.NOT_SENT
            reason, seen = reply.reason, (None,) * 5
            statements = self._take_trouble(turn, reply)
        settled = (cost, outcome, reason, seconds, *seen, number)
        if self._is_reached and self._in_vain:
            statements, self._in_vain = [*self._in_vain, *statements], []
        self._writer.write((ledger_tables.SETTLE_CALL, settled), *statements)
        if cost is not None and cost > reserve:
            self._halt(self._faults.counts_too_much(reply))

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
        statements: list[Statement] = []
        if not self._pin.is_set:
            self._pin = Pin(model=reply.model, fingerprint=reply.fingerprint)
            pin = {"pin_model": reply.model, "pin_fingerprint": reply.fingerprint}
            statements = [(ledger_tables.PUT_SETTING, each) for each in pin.items() if each[1] is not None]
        if not self._pin.allows(reply.model, reply.fingerprint):
            self._halt(self._faults.other_revision(self._pin, reply))
            return "other revision", []
        if cost is not None:
            self._n_priced, self._picos = self._n_priced + 1, self._picos + cost
        score = self._task.prompt.answer.read(reply.text)
        if reply.is_refusal:
            return ledger_tables.ANSWER, [*statements, self._answered(turn, "refused", reply)]
        if isinstance(score, Unread):
            reason = "The answer was cut at its most tokens." if reply.is_cut else score.reason
            return ledger_tables.ANSWER, [*statements, self._answered(turn, "unparsed", reply, reason=reason)]
        return ledger_tables.ANSWER, [*statements, self._answered(turn, "scored", reply, score=score)]

    def _take_trouble(self, turn: Turn, trouble: Trouble) -> list[Statement]:
        """Ask again later, give the pair up, or end the run."""
        self._n_silent = self._n_silent + 1 if trouble.is_silence else 0
        if trouble.kind == "endpoint":
            self._give_out(f"{trouble.reason}.")
            return []
        if trouble.kind == "refused":
            return [self._answered(turn, "refused", None, reason=trouble.reason)]
        if trouble.kind == "pair":
            return [self._answered(turn, "failed", None, reason=trouble.reason)]
        self._wait_as_asked(trouble)
        if self._n_silent >= self._task.pace.silent_calls:
            self._give_out(f"The endpoint failed {self._n_silent} calls in a row, last: {trouble.reason}")
        if turn.attempt >= self._task.pace.attempts:
            self._in_vain.append(
                self._answered(turn, "failed", None, reason=f"{turn.attempt} attempts, last: {trouble.reason}")
            )
            return []
        wait = max(trouble.wait_seconds or 0.0, self._task.pace.wait_seconds(turn.attempt, self._rng))
        self._agenda.put_back(replace(turn, due=self._loop.time() + wait, attempt=turn.attempt + 1))
        return []

    def _wait_as_asked(self, trouble: Trouble) -> None:
        if trouble.wait_seconds is None:
            return
        if trouble.wait_seconds > self._task.pace.longest_asked_wait_seconds:
            self._give_out(f"The endpoint asks to wait {trouble.wait_seconds:,.0f} seconds.")
        self._paused_until = max(self._paused_until, self._loop.time() + trouble.wait_seconds)

    def _answered(
        self,
        turn: Turn,
        state: PairState,
        reply: Answer | None,
        *,
        score: float | None = None,
        reason: str | None = None,
    ) -> Statement:
        self._n_done += 1
        said = (None, reason, None, None) if reply is None else (reply.text, reason, reply.model, reply.fingerprint)
        put = ledger_tables.PUT_UNSCORED if score is None else ledger_tables.PUT_SCORE
        return put, (self._digests[turn.position], state, score, *said, _now())

    def _give_out(self, what: str) -> None:
        self._halt(self._faults.gave_out(what, has_scores=self._has_scores))

    def _halt(self, error: Exception) -> None:
        self._is_halted = True
        if self.fault is None or (isinstance(error, DriftError) and not isinstance(self.fault, DriftError)):
            self.fault = error


def _limiter(pace: Pace) -> "AsyncLimiter | None":
    from aiolimiter import AsyncLimiter

    return AsyncLimiter(1, 60 / pace.requests_per_minute) if pace.requests_per_minute else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
