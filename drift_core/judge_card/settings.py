"""What the gate goes by where no judge card says otherwise."""

from dataclasses import dataclass, field
from datetime import timedelta

from drift_core.diagnosis.rule import Rule
from drift_core.errors import SettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Limits of the release gate; floors come from the rule.

    Attributes
    ----------
    rule
        Floors of agreement and overlap without a card.
    cadence_days
        Days between two canary runs without a card (pattern: weekly).
    grace_days
        Days that a run may be late before it is stale (ours: a run that failed at night can be repeated by day).
    skew_minutes
        How far ahead of this clock a run may be dated (ours: two machines' clocks).
    """

    rule: Rule = field(default_factory=Rule)
    cadence_days: int = 7
    grace_days: float = 1
    skew_minutes: float = 10

    def __post_init__(self) -> None:
        if isinstance(self.cadence_days, bool) or not isinstance(self.cadence_days, int) or self.cadence_days < 1:
            raise SettingError(f"cadence_days must be a whole number from 1 up; found {self.cadence_days!r}.")
        for name in ("grace_days", "skew_minutes"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise SettingError(f"{name} must be a number in [0, inf); found {value!r}.")

    @property
    def skew(self) -> timedelta:
        return timedelta(minutes=self.skew_minutes)
