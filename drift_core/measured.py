"""A measured number with its interval, and the state of not having been measured.

Holds values only; how they are computed is in the other modules of this chapter.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number, its interval and what it rests on.

    Formatted as a number is, it says both: ``f"{measured:+.3f}"`` is "+0.083 (+0.061 to +0.105)"; by default ``.2f``.

    Attributes
    ----------
    estimate, low, high
        The number and the limits of its interval, in the unit of the measure.
    confidence
        Confidence level of the interval, in (0, 1).
    standard_error
        Standard error of the estimate on its own scale.
    n_pairs, n_queries
        Pairs that were used, and the distinct queries among them.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    standard_error: float
    n_pairs: int
    n_queries: int

    def __format__(self, spec: str) -> str:
        spec = spec or ".2f"
        unsigned_zero = f"+z{spec[1:]}" if spec.startswith("+") else f"z{spec}"
        estimate, low, high = (format(value, unsigned_zero) for value in (self.estimate, self.low, self.high))
        return f"{estimate} ({low} to {high})"

    def __str__(self) -> str:
        return format(self, "")

    def to_json(self) -> dict[str, float | int]:
        return {
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "standard_error": self.standard_error,
            "n_pairs": self.n_pairs,
            "n_queries": self.n_queries,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmeasured:
    """The state of a number that could not be measured, and why; formatted in any way, it says the reason."""

    reason: str
    n_pairs: int = 0
    n_queries: int = 0

    def __format__(self, spec: str) -> str:
        return self.reason

    def __str__(self) -> str:
        return self.reason

    def to_json(self) -> dict[str, object]:
        return {
            "estimate": None,
            "low": None,
            "high": None,
            "reason": self.reason,
            "n_pairs": self.n_pairs,
            "n_queries": self.n_queries,
        }


Measurement = Measured | Unmeasured
