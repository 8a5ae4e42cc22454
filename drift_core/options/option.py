"""One way of treating drift with its price, and the agreement to expect of it."""

from dataclasses import dataclass

from drift_core.measured import Measurement, Unmeasured
from drift_core.options.expected_agreement import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way of treating drift.

    Attributes
    ----------
    way, title
        "nothing", "route" (the teacher answers the calls of drifted regions) or "retrain", and in words.
    teacher_share
        Fraction of the traffic that goes to the teacher.
    once, a_year
        Price once and per year, in the currency of the prices, beyond what is paid today; the training itself is not
        in it.
    agreement
        Agreement of all traffic with one run of the teacher.
    assumes
        What that figure assumes, in one sentence.
    note
        What the price is for, where that is not what was asked for, or why the way is closed; else empty.
    is_open
        Whether it can be gone with what there is: retraining needs pairs.
    is_noise
        Whether it wins nothing, as the teacher is too noisy in the drifted regions to learn from.
    """

    way: Way
    title: str
    teacher_share: float
    once: float | Unmeasured
    a_year: float | Unmeasured
    agreement: Measurement
    assumes: str
    note: str = ""
    is_open: bool = True
    is_noise: bool = False

    @property
    def first_year(self) -> float | None:
        """Price of the first year, None where it is unknown."""
        if isinstance(self.once, Unmeasured) or isinstance(self.a_year, Unmeasured):
            return None
        return self.once + self.a_year

    @property
    def price(self) -> str:
        """What it costs in words, or a dash where that is unknown."""
        if isinstance(self.once, Unmeasured) or isinstance(self.a_year, Unmeasured):
            return "–"
        parts = [(self.once, "once"), (self.a_year, "a year")]
        return " and ".join(f"{_money(amount)} {when}" for amount, when in parts if amount) or "0"

    @property
    def price_in_words(self) -> str:
        """What it costs for who reads no table."""
        return {"–": "price open", "0": "no more than today"}.get(self.price, self.price)

    def to_json(self) -> dict[str, object]:
        """Plain values; what is unmeasured is null."""
        return {
            "way": self.way,
            "title": self.title,
            "teacher_share": self.teacher_share,
            "once": known(self.once),
            "a_year": known(self.a_year),
            "agreement": self.agreement.to_json(),
            "assumes": self.assumes,
            "note": self.note,
        }


def known(value: float | Unmeasured) -> float | None:
    """Give a number as it is written to JSON, None where it is unmeasured."""
    return None if isinstance(value, Unmeasured) else value


def _money(amount: float) -> str:
    return f"{amount:,.2f}" if amount < 1000 else f"{amount:,.0f}"
