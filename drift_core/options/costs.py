"""What re-scoring, the canary and a fallback to the teacher cost, from prices that the user enters; none is guessed."""

import math
from dataclasses import asdict, dataclass, fields

from drift_core.errors import SettingError
from drift_core.measured import Unmeasured

WEEKS_A_YEAR = 52
# What a user types, by the field that takes it.
TYPED = {
    "teacher_per_pair": "The teacher's price of a pair (--teacher-price)",
    "student_per_1000": "The student's price of 1,000 calls (--student-price)",
    "calls_a_week": "The number of calls a week (--calls)",
    "canary_pairs": "The number of pairs in the weekly sample (--pairs)",
    "retrain_pairs": "The number of pairs on the retrain list (--retrain-pairs)",
    "drifted_share": "The share of the calls in drifted regions (--drifted-share)",
    "per_million_tokens": "The teacher's price of a million tokens (--token-price)",
    "tokens_per_pair": "The number of tokens of a pair (--tokens)",
}


def price_per_pair(*, per_million_tokens: float, tokens_per_pair: float) -> float:
    """Price of one pair by the tokens it takes, question, doc and answer together.

    Raises
    ------
    SettingError
        When either is negative, infinite or no number.

    Examples
    --------
    >>> price_per_pair(per_million_tokens=2.5, tokens_per_pair=800)
    0.002
    """
    _check("per_million_tokens", per_million_tokens)
    _check("tokens_per_pair", tokens_per_pair)
    return per_million_tokens * tokens_per_pair / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What the user enters; all amounts in one currency.

    Attributes
    ----------
    teacher_per_pair
        Price of one pair scored by the teacher; see `price_per_pair` for a price by tokens.
    student_per_1000
        Price of 1,000 pairs scored by the student.
    calls_a_week
        Pairs that production scores in a week.
    canary_pairs
        Pairs in the weekly sample, each scored once by the teacher.
    retrain_pairs
        Pairs on the retrain list; 0 when none is planned.
    drifted_share
        Fraction of the calls in drifted regions, in [0, 1]; None where it is not known.
    """

    teacher_per_pair: float
    student_per_1000: float
    calls_a_week: float
    canary_pairs: float
    retrain_pairs: float = 0
    drifted_share: float | None = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, is_share = getattr(self, field.name), field.name == "drifted_share"
            if value is not None or not is_share:
                _check(field.name, value, most=1.0 if is_share else math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryCosts:
    """What follows from the prices, in their currency.

    Attributes
    ----------
    prices
        What was entered.
    teacher_per_1000, student_per_1000
        Price of 1,000 calls.
    saving_a_week
        What production saves in a week by the student in the teacher's place; negative when the student costs more.
    canary_a_week, canary_a_year
        Teacher calls of the canary.
    canary_share_of_saving
        Fraction of the saving that the canary takes; unmeasured when there is no saving.
    retrain
        Scoring the retrain list once with the teacher; the training itself is not in it.
    fallback_a_year
        What it costs more, in a year, to send the drifted regions' calls to the teacher; None where their share is not
        known.
    teacher_a_year
        What it costs more to send all calls there.
    """

    prices: Prices
    teacher_per_1000: float
    student_per_1000: float
    saving_a_week: float
    canary_a_week: float
    canary_a_year: float
    canary_share_of_saving: float | Unmeasured
    retrain: float
    fallback_a_year: float | None
    teacher_a_year: float

    @property
    def sentence(self) -> str:
        """What the canary costs a year, and as a share of the saving."""
        share = self.canary_share_of_saving
        of_saving = share.reason if isinstance(share, Unmeasured) else f"{share:.3%} of what the student saves."
        return f"The canary costs {self.canary_a_year:,.2f} a year: {of_saving}"

    @property
    def lines(self) -> dict[str, float]:
        """Every amount by what it is for, the canary before what it protects."""
        prices, fallback = self.prices, {}
        if prices.drifted_share is not None and self.fallback_a_year is not None:
            drifted = f"{100 * prices.drifted_share:.3g}%"
            fallback[f"{drifted} of the calls back to the teacher, a year more"] = self.fallback_a_year
        return {
            "1,000 calls of the teacher": self.teacher_per_1000,
            "1,000 calls of the student": self.student_per_1000,
            f"canary of {prices.canary_pairs:,.0f} pairs, a week": self.canary_a_week,
            "canary, a year": self.canary_a_year,
            "saved by the student, a week": self.saving_a_week,
            f"scoring {prices.retrain_pairs:,.0f} pairs to retrain on, once": self.retrain,
            **fallback,
            "all calls back to the teacher, a year more": self.teacher_a_year,
        }

    def to_json(self) -> dict[str, object]:
        """Plain values; what is unmeasured or not known is null."""
        values = asdict(self)
        if isinstance(self.canary_share_of_saving, Unmeasured):
            values["canary_share_of_saving"] = None
        return values


def canary_costs(prices: Prices) -> CanaryCosts:
    """Compute what the canary costs and what it protects.

    Notes
    -----
    A year has 52 weeks of equal traffic. What unnoticed drift costs is not among the figures: it does not follow from
    prices.

    Examples
    --------
    >>> costs = canary_costs(
    ...     Prices(teacher_per_pair=0.002, student_per_1000=0.02, calls_a_week=1_000_000, canary_pairs=300)
    ... )
    >>> round(costs.saving_a_week, 2), round(costs.canary_a_year, 2), f"{costs.canary_share_of_saving:.3%}"
    (1980.0, 31.2, '0.030%')
    """
    student = prices.student_per_1000 / 1000
    share, saving = prices.drifted_share, prices.calls_a_week * (prices.teacher_per_pair - student)
    canary = prices.canary_pairs * prices.teacher_per_pair
    return CanaryCosts(
        prices=prices,
        teacher_per_1000=1000 * prices.teacher_per_pair,
        student_per_1000=prices.student_per_1000,
        saving_a_week=saving,
        canary_a_week=canary,
        canary_a_year=WEEKS_A_YEAR * canary,
        canary_share_of_saving=canary / saving if saving > 0 else Unmeasured(reason=_no_saving(prices)),
        retrain=prices.retrain_pairs * prices.teacher_per_pair,
        fallback_a_year=None if share is None else WEEKS_A_YEAR * share * saving,
        teacher_a_year=WEEKS_A_YEAR * saving,
    )


def _no_saving(prices: Prices) -> str:
    if not prices.calls_a_week:
        return "There are no calls a week, so the student saves nothing."
    return "A call of the student costs no less than one of the teacher, so the student saves nothing."


def _check(name: str, value: float, *, most: float = math.inf) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= most or math.isinf(value):
        allowed = "[0, 1]" if most == 1 else "[0, inf)"
        raise SettingError(f"{TYPED[name]} must be a number in {allowed}; found {value!r}.")
