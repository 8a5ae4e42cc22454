"""Which pair is asked next: those that wait for another attempt when their time has come, else the next fresh one."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Turn:
    """One attempt for a pair, not before `due` on the loop's clock."""

    due: float
    position: int
    attempt: int = field(default=1, compare=False)


class TurnQueue:
    """Turns in their order; a pair that waits holds up nobody."""

    def __init__(self, positions: Iterable[int]) -> None:
        self._fresh = iter(positions)
        self._waiting: list[Turn] = []

    def take(self, now: float) -> Turn | None:
        """The next turn that may be taken now."""
        if self._waiting and self._waiting[0].due <= now:
            return heapq.heappop(self._waiting)
        position = next(self._fresh, None)
        return None if position is None else Turn(due=now, position=position)

    def put_back(self, turn: Turn) -> None:
        heapq.heappush(self._waiting, turn)

    @property
    def next_due(self) -> float | None:
        """When the first of those that wait may be taken; None when none waits."""
        return self._waiting[0].due if self._waiting else None
