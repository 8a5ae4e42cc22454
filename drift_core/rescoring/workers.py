"""One run over a list: workers that ask, each call reserved and written down before it goes out.

Memory does not grow with the list: there are as many workers as calls in flight. What replies mean is in `outcomes`.
"""

import asyncio
import threading
from typing import TYPE_CHECKING

from drift_core.rescoring import ledger_schema
from drift_core.rescoring.budget import PICOS, Budget
from drift_core.rescoring.client import Caller
from drift_core.rescoring.cost_estimate import most_cost
from drift_core.rescoring.endpoint_faults import Faults
from drift_core.rescoring.ledger_writer import LedgerWriter
from drift_core.rescoring.outcomes import Bookkeeping, Task, now_utc
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.progress import RescoreProgress
from drift_core.rescoring.turns import Turn, TurnQueue
from drift_core.retrain_list.reader import DIGEST

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

SLICE_SECONDS = 0.1  # how soon a stop is seen
FREED_SECONDS = 0.005  # how soon money that came back is seen
# Calls that begin at once end at once and wait for one another, round after round: the first ones go out one by one.
GAP_SECONDS, SPREAD_SECONDS = 0.01, 0.5


class Run:
    """Asks until all is asked, the cap is near, somebody stops it or the endpoint is no use.

    Attributes
    ----------
    next_reserve
        The reserve that did not fit under the cap, None when the cap was not the end.
    """

    def __init__(
        self,
        task: Task,
        *,
        caller: Caller,
        faults: Faults,
        budget: Budget,
        writer: LedgerWriter,
        stop: threading.Event,
    ) -> None:
        self.next_reserve: int | None = None
        self._task, self._caller, self._budget, self._writer, self._stop = task, caller, budget, writer, stop
        self._agenda = TurnQueue(task.pending)
        self._digests = list(task.retrain_list.table[DIGEST])
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._next_call = task.spent.next_call
        self._books = Bookkeeping(
            task,
            digests=self._digests,
            caller=caller,
            faults=faults,
            budget=budget,
            writer=writer,
            agenda=self._agenda,
            clock=self._loop.time,
        )

    @property
    def fault(self) -> Exception | None:
        """Why the run ended before its time, None when it did not."""
        return self._books.fault

    async def work(self) -> None:
        """Ask with as many workers as calls may be in flight; returns when no call is out any more."""
        n_workers = min(self._task.rescoring.pace.concurrency, len(self._task.pending))
        limiter = _limiter(self._task.rescoring.pace)
        gap = min(GAP_SECONDS, SPREAD_SECONDS / n_workers) if n_workers else 0.0
        await asyncio.gather(*(self._worker(limiter, place * gap) for place in range(n_workers)))
        self._books.close(is_all_asked=not self._is_ending)

    def progress(self) -> RescoreProgress:
        task, books, seconds = self._task, self._books, self._loop.time() - self._began
        n_left = len(task.pending) - books.n_done
        return RescoreProgress(
            n_pairs=task.retrain_list.n_pairs,
            n_done=task.retrain_list.n_pairs - task.n_left + books.n_done,
            calls=self._budget.calls,
            spent=self._budget.spent / PICOS,
            in_flight=self._budget.in_flight,
            seconds=seconds,
            seconds_left=n_left * seconds / books.n_done if books.n_done else None,
            cost_left=n_left * books.picos / books.n_priced / PICOS if books.n_priced else None,
        )

    @property
    def _is_ending(self) -> bool:
        return self.next_reserve is not None or self._books.fault is not None or self._stop.is_set()

    async def _worker(self, limiter: "AsyncLimiter | None", wait: float) -> None:
        try:
            await asyncio.sleep(wait)
            while (turn := await self._next_turn()) is not None:
                if not await self._may_call(turn, limiter):
                    return
                await self._attempt(turn)
        except Exception as error:  # the others end in order, then it is raised
            self._books.halt(error)

    async def _next_turn(self) -> Turn | None:
        """The next turn when its time has come; None when there is nothing left to do."""
        while not self._is_ending:
            now, paused_until = self._loop.time(), self._books.paused_until
            turn = self._agenda.take(now) if now >= paused_until else None
            if turn is not None:
                return turn
            if now >= paused_until and self._agenda.next_due is None:
                return None  # who has a call out takes its pair up again
            due = max(paused_until, self._agenda.next_due or 0.0)
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
        retrain_list, prompt = self._task.retrain_list, self._task.rescoring.prompt
        text = prompt.text(retrain_list.queries[turn.position], retrain_list.docs[turn.position])
        reserve = most_cost(text, prompt, self._budget.cap.prices)
        if not await self._has_room(reserve):
            self._agenda.put_back(turn)
            return
        self._budget.reserve(reserve)
        number, self._next_call = self._next_call, self._next_call + 1
        self._writer.write((ledger_schema.BEGIN_CALL, (number, self._digests[turn.position], now_utc(), reserve)))
        began = self._loop.time()
        reply = await self._caller.ask(text)
        self._books.settle(turn, number, reserve, reply, self._loop.time() - began)

    async def _has_room(self, reserve: int) -> bool:
        """Wait while calls in flight may leave room, under the cap and among the first calls."""
        while not (is_under_cap := self._budget.fits(reserve)) or not self._books.first_calls.admits(
            self._budget.in_flight
        ):
            if self._is_ending:
                return False
            if not is_under_cap and not self._budget.in_flight:
                self.next_reserve = reserve
                return False
            await asyncio.sleep(FREED_SECONDS)
        return not self._is_ending


def _limiter(pace: Pace) -> "AsyncLimiter | None":
    from aiolimiter import AsyncLimiter

    return AsyncLimiter(1, 60 / pace.requests_per_minute) if pace.requests_per_minute else None
