"""What calls cost and how far they may go: prices, the cap, a budget reserved before a call and settled after it.

Money is counted in whole picos, millionths of a millionth of the currency, so that no sum rounds past the cap.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from drift_core.errors import SettingError

PICOS = 10**12
MOST_MONEY = 1_000_000
# What an endpoint puts around a prompt: roles take about ten tokens, a system prompt of its own may take a hundred.
OVERHEAD_TOKENS = 256
CALLS_A_PAIR = 2  # of a cap that leaves room for retries: while fewer than half of the calls fail, it is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPrices:
    """Prices of the endpoint, in one currency: by million tokens of prompts and answers, or by call, or both.

    Raises
    ------
    SettingError
        When a price is negative or no number.
    """

    per_million_in: float = 0.0
    per_million_out: float = 0.0
    per_call: float = 0.0

    def __post_init__(self) -> None:
        for name in ("per_million_in", "per_million_out", "per_call"):
            value = getattr(self, name)
            if not 0 <= value <= MOST_MONEY:
                raise SettingError(f"The price {name} must be in [0, {MOST_MONEY:,}]; found {value!r}.")

    def cost(self, tokens_in: int, tokens_out: int, *, n_calls: int = 1) -> int:
        """Cost of a call in picos, rounded up; or of several together.

        Examples
        --------
        >>> CallPrices(per_million_in=2.5, per_million_out=10).cost(1000, 10) / PICOS
        0.0026
        """
        by_token = tokens_in * _exact(self.per_million_in) + tokens_out * _exact(self.per_million_out)
        return math.ceil(by_token * (PICOS // 10**6) + n_calls * _exact(self.per_call) * PICOS)

    @property
    def are_free(self) -> bool:
        return not (self.per_million_in or self.per_million_out or self.per_call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """What is never passed, counted over every run of one ledger; None where there is no such cap.

    Raises
    ------
    SettingError
        When there is no cap at all, one is negative, or money is capped without a price.
    """

    max_spend: float | None = None
    max_calls: int | None = None
    prices: CallPrices = field(default_factory=CallPrices)

    def __post_init__(self) -> None:
        if self.max_spend is not None and self.prices.are_free:
            raise SettingError("A cap in money needs the endpoint's prices. Enter them, or cap the calls alone.")
        if self.max_spend is None and self.max_calls is None:
            raise SettingError("Re-scoring needs a cap: the most to spend with the prices, or the most calls.")
        if self.max_spend is not None and not 0 <= self.max_spend <= MOST_MONEY:
            raise SettingError(f"The most to spend must be in [0, {MOST_MONEY:,}]; found {self.max_spend!r}.")
        if self.max_calls is not None and not 0 <= self.max_calls <= 10**9:
            raise SettingError(f"The most calls must be in [0, 1,000,000,000]; found {self.max_calls!r}.")

    @property
    def picos(self) -> float:
        """The most to spend in picos, rounded down; infinite without such a cap."""
        return math.inf if self.max_spend is None else math.floor(_exact(self.max_spend) * PICOS)

    @property
    def calls(self) -> float:
        return math.inf if self.max_calls is None else self.max_calls


def worst_tokens(prompt: str, schema_bytes: int) -> int:
    """Most tokens that a prompt can be: an encoding by bytes never makes more tokens than there are bytes."""
    return len(prompt.encode("utf-8", "replace")) + schema_bytes + OVERHEAD_TOKENS


class Budget:
    """What is spent and reserved against a cap, in picos and calls.

    Parameters
    ----------
    cap
        What is never passed.
    spent, calls
        What earlier runs of the ledger count for, calls of unknown cost at their reserve.
    """

    def __init__(self, cap: Cap, *, spent: int = 0, calls: int = 0) -> None:
        self.cap = cap
        self.spent = spent
        self.calls = calls
        self.in_flight = 0

    def fits(self, reserve: int) -> bool:
        """Whether one more call stays under the cap if it costs as much as it can."""
        return self.calls + 1 <= self.cap.calls and self.spent + reserve <= self.cap.picos

    def reserve(self, amount: int) -> None:
        self.spent += amount
        self.calls += 1
        self.in_flight += 1

    def settle(self, reserved: int, cost: int | None, *, was_sent: bool = True) -> None:
        """Count a call at its cost, or at its reserve where the cost is not known; one that was not sent not at all."""
        self.in_flight -= 1
        self.calls -= not was_sent
        if cost is not None:
            self.spent += cost - reserved


def _exact(amount: float) -> Fraction:
    """The number as it was typed: 0.1 is a tenth."""
    return Fraction(repr(float(amount)))
