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
    def done_and_left(self) -> str:
        """What is done and what is left, at the start of a run."""
        return f"{self.n_done:,} of {self.n_pairs:,} done, {self.n_left:,} to ask"

    @property
    def counted(self) -> str:
        """Calls, and what was spent."""
        spent = f", {money_in_words(self.spent)} spent" if self.spent else ""
        return f"{self.calls:,} calls{spent}."

    @property
    def left(self) -> str:
        """Time and cost left; empty before they can be told."""
        if self.seconds_left is None or not self.n_left:
            return ""
        cost = f" and {money_in_words(self.cost_left)} more" if self.cost_left else ""
        return f"About {time_in_words(self.seconds_left)}{cost} left."

    @property
    def sentence(self) -> str:
        """The progress in words."""
        return f"{self.n_done:,} of {self.n_pairs:,} pairs. {self.counted} {self.left}".strip()


Report = Callable[[RescoreProgress], None]


def time_in_words(seconds: float) -> str:
    """A time as one reads it.

    Examples
    --------
    >>> time_in_words(1), time_in_words(42), time_in_words(600), time_in_words(9000)
    ('1 second', '42 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 100:
        return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 6000 else f"{seconds / 3600:.1f} hours"


def money_in_words(amount: float) -> str:
    """An amount as one reads it, small ones with the figures that tell.

    Examples
    --------
    >>> money_in_words(1234.5), money_in_words(0.00321), money_in_words(0)
    ('1,234.50', '0.0032', '0.00')
    """
    return f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:.2g}"
