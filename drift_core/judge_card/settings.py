"""What the gate goes by where no judge card says otherwise."""

from dataclasses import dataclass, field
from datetime import timedelta

from drift_core.agreement.rule import Rule
from drift_core.setting import check_settings, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Limits of the release gate; floors of agreement and overlap without a card come from the rule."""

    rule: Rule = field(default_factory=Rule)
    cadence_days: int = setting(7, "Days between two canary runs without a card (pattern: weekly).", allowed=1)
    grace_days: float = setting(
        1,
        "Days that a run may be late before it is stale (ours: a run that failed at night can be repeated by day).",
        allowed="[0, inf)",
    )
    skew_minutes: float = setting(
        10, "How far ahead of this clock a run may be dated (ours: two machines' clocks).", allowed="[0, inf)"
    )

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def skew(self) -> timedelta:
        return timedelta(minutes=self.skew_minutes)
