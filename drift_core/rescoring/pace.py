"""How fast the endpoint is asked, and how long to wait before asking again."""

import random
from dataclasses import dataclass

from drift_core.errors import SettingError

MOST_IN_FLIGHT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Limits of speed and patience.

    Attributes
    ----------
    concurrency
        Calls in flight at once.
    requests_per_minute
        None where the endpoint sets no such limit.
    attempts
        Calls for one pair in one run, after which it has failed.
    timeout_seconds
        How long one call may take.
    first_wait_seconds, longest_wait_seconds
        Wait before the second attempt at most, and before any at most.
    longest_asked_wait_seconds
        When the endpoint asks to wait longer, the run stops.

    Raises
    ------
    SettingError
        When a number is out of range.
    """

    concurrency: int = 8
    requests_per_minute: float | None = None
    attempts: int = 6
    timeout_seconds: float = 60.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 60.0
    longest_asked_wait_seconds: float = 600.0

    def __post_init__(self) -> None:
        _check("concurrency", self.concurrency, 1, MOST_IN_FLIGHT)
        _check("attempts", self.attempts, 1, 100)
        _check("timeout_seconds", self.timeout_seconds, 0.01, 3600)
        for name in ("first_wait_seconds", "longest_wait_seconds", "longest_asked_wait_seconds"):
            _check(name, getattr(self, name), 0, 86400)
        if self.requests_per_minute is not None:
            _check("requests_per_minute", self.requests_per_minute, 0.1, 1_000_000)

    def wait_seconds(self, attempt: int, rng: random.Random) -> float:
        """How long to wait after a failed attempt, counted from 1: exponential back-off with full jitter [1]_.

        References
        ----------
        .. [1] Brooker, M. (2015). Exponential Backoff and Jitter. AWS Architecture Blog.

        Examples
        --------
        >>> pace = Pace(first_wait_seconds=1, longest_wait_seconds=8)
        >>> all(0 <= pace.wait_seconds(3, random.Random(seed)) <= 4 for seed in range(50))
        True
        """
        return rng.uniform(0, min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** min(attempt - 1, 30)))

    @property
    def silent_calls(self) -> int:
        """So many calls in a row without a sign of the endpoint, and it is not there."""
        return 10 + 3 * max(self.attempts, self.concurrency)


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingError(f"{name} must be in [{low:g}, {high:,g}]; found {value!r}.")
