"""A measured number with its interval, and the state of not having been measured.

Holds values only; how they are computed is in the other modules of this chapter.
"""

from dataclasses import dataclass, replace

SIGNS = ("+", "-")
AGREES = 0.005  # by how much two rounded figures may be further apart than their difference says


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number, its interval and what it rests on.

    Formatted as a number is, it says both: ``f"{measured:+.3f}"`` is "+0.083 (+0.061 to +0.105)"; by default ``.2f``.
    A share says per cent in as many digits, "91.7% (89.5% to 93.9%)". A difference of two shares, which is told by a
    sign in the format ("+", or "-" for none before a gain), says points: "+8.3 (+6.1 to +10.5) points".

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
    is_share
        Whether it is a share of pairs or a difference of two, such as the agreement of labels.
    """

    estimate: float
    low: float
    high: float
    confidence: float
    standard_error: float
    n_pairs: int
    n_queries: int
    is_share: bool = False

    def __format__(self, spec: str) -> str:
        estimate, low, high = (_digits(value, spec, self.is_share) for value in (self.estimate, self.low, self.high))
        return f"{estimate} ({low} to {high}){_unit(spec, self.is_share)}"

    def figure(self, spec: str = "") -> str:
        """The estimate alone."""
        return figure(self.estimate, spec, is_share=self.is_share)

    def __str__(self) -> str:
        return format(self, "")

    def moved(self, by: float) -> "Measured":
        """The number and its interval, higher by so much."""
        return replace(self, estimate=self.estimate + by, low=self.low + by, high=self.high + by)

    def to_json(self) -> dict[str, float | int]:
        return {
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
            "standard_error": self.standard_error,
            "n_pairs": self.n_pairs,
            "n_queries": self.n_queries,
            **({"is_share": True} if self.is_share else {}),
        }


def figure(value: float, spec: str = "", *, is_share: bool) -> str:
    """Write a number as a measured one of its kind is written: 0.86, or 86% where it is a share."""
    written = _digits(value, spec, is_share)
    unit = _unit(spec, is_share)
    return f"{written}{unit[:-1] if written.strip('+-') == '1' else unit}"


def limit(value: float) -> str:
    """Write a limit that somebody set, such as a floor: in as many digits as the figures beside it, and no fewer."""
    return f"{value:.3f}".removesuffix("0")


def figures_apart(first: Measured, second: Measured) -> tuple[str, str]:
    """Two figures beside their difference, in as many digits as it takes for them to be as far apart as it says."""
    spec = digits_apart(first, second)
    return first.figure(spec), second.figure(spec)


def digits_apart(first: Measured, second: Measured) -> str:
    """The format in which two figures are as far apart as their difference."""
    ends = (first.estimate, second.estimate)
    told = round(ends[0], 2) - round(ends[1], 2)
    return ".2f" if abs(told - (ends[0] - ends[1])) < AGREES else ".3f"


def _digits(value: float, spec: str, is_share: bool) -> str:
    sign, spec = spec[: spec.startswith(SIGNS)], spec.lstrip("+-") or ".2f"
    if not is_share or spec.endswith("%"):
        return format(value, f"{sign}z{spec}")
    decimals = max(0, int(spec[1:-1]) - 2)  # as many digits as the number between 0 and 1 would have
    return format(100 * value, f"{sign}z.{decimals}f") if sign else format(value, f"z.{decimals}%")


def _unit(spec: str, is_share: bool) -> str:
    return " points" if is_share and spec.startswith(SIGNS) else ""


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
