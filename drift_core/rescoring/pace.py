"""How fast the endpoint is asked, and how long to wait before asking again."""

import random
from dataclasses import dataclass

from drift_core.setting import check_settings, setting

MOST_IN_FLIGHT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Limits of speed and patience."""

    concurrency: int = setting(8, "Calls in flight at once.", allowed=f"[1, {MOST_IN_FLIGHT}]")
    requests_per_minute: float | None = setting(
        None, "None where the endpoint sets no such limit.", allowed="[0.1, 1000000]"
    )
    attempts: int = setting(6, "Calls for one pair in one run, after which it has failed.", allowed="[1, 100]")
    timeout_seconds: float = setting(60.0, "How long one call may take.", allowed="[0.01, 3600]")
    first_wait_seconds: float = setting(1.0, "Wait before the second attempt at most.", allowed="[0, 86400]")
    longest_wait_seconds: float = setting(60.0, "Wait before any attempt at most.", allowed="[0, 86400]")
    longest_asked_wait_seconds: float = setting(
        600.0, "When the endpoint asks to wait longer, the run stops.", allowed="[0, 86400]"
    )

    def __post_init__(self) -> None:
        check_settings(self)

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
