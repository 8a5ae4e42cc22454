"""How far a re-scoring is, and what is left of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoreProgress:
    """Where a run stands.

    Attributes
    ----------
    n_pairs, n_done
        Different pairs on the list; those with an answer, over all runs.
    n_answered_now
        Those answered in this run.
    calls, spent
        Counted against the cap, over all runs.
    in_flight
        Calls that are out.
    seconds, seconds_left
        Since this run began; what is left at its pace, None before there is one.
    cost_left
        What is left at the mean cost of a call that gave an answer, None before there is one.
    """

    n_pairs: int
    n_done: int
    n_answered_now: int
    calls: int
    spent: float
    in_flight: int
    seconds: float
    seconds_left: float | None
    cost_left: float | None

    @property
    def n_left(self) -> int:
        return self.n_pairs - self.n_done

    @property
    def sentence(self) -> str:
        """The progress in words."""
        time_left = f", about {time_in_words(self.seconds_left)} left" if self.seconds_left is not None else ""
        cost_left = f", about {self.cost_left:,.2f} more" if self.cost_left else ""
        return (
            f"{self.n_done:,} of {self.n_pairs:,} pairs{time_left}. "
            f"{self.calls:,} calls, {self.spent:,.2f} spent{cost_left}."
        )


Report = Callable[[RescoreProgress], None]


def time_in_words(seconds: float) -> str:
    """A time as one reads it.

    Examples
    --------
    >>> time_in_words(42), time_in_words(600), time_in_words(9000)
    ('42 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 100:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"
