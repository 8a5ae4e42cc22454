"""Thresholds set on today's traffic beside the ones before: what each keeps, and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass

from drift_core.calibration.settings import CalibrationSettings
from drift_core.calibration.threshold import Error, Threshold, error_at, passed_share, set_threshold
from drift_core.measured import Measurement, Unmeasured
from drift_core.measures.scores import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChange:
    """A threshold set on today's traffic, beside the one before.

    Attributes
    ----------
    error, level
        What is kept.
    now
        The threshold; or why none keeps it.
    before
        The one in use, on the same score, else the one that held-out would set; None where none is known.
    is_before_given
        Whether it is the one in use.
    error_before, passed_before, passed_now
        The error of the one before, and the share of traffic that passes then and now.
    """

    error: Error
    level: float
    now: Threshold | Unmeasured
    before: float | None
    is_before_given: bool
    error_before: Measurement | None
    passed_before: Measurement | None
    passed_now: Measurement | None

    @property
    def sentence(self) -> str:
        if isinstance(self.now, Unmeasured):
            return self.now.reason
        share = f"{self.passed_now:.1%} of the traffic passes"
        if self.before is None:
            return f"{self.now.sentence} {share}."
        whose = "the threshold in use" if self.is_before_given else "which held-out would have set"
        return (
            f"{self.now.sentence} {share}; at {self.before:.4g}, {whose}, {self.passed_before:.1%} pass with "
            f"{self.error_before:.1%} {self.error.replace('_', ' ')}."
        )

    def to_json(self) -> dict[str, object]:
        measured = {name: getattr(self, name) for name in ("error_before", "passed_before", "passed_now")}
        own = self.now.to_json() if isinstance(self.now, Threshold) else {"value": None, "reason": self.now.reason}
        return {
            **own,
            "error": self.error,
            "level": self.level,
            "sentence": self.sentence,
            "value_before": self.before,
            **{name: None if value is None else value.to_json() for name, value in measured.items()},
        }


def set_thresholds(
    before: Scores, today: Scores, has_production: bool, settings: CalibrationSettings
) -> Iterator[ThresholdChange]:
    """Set one for each error to keep, on today's pairs; the one before is held-out's unless it is given."""
    for error, level in settings.levels.items():
        how = {"confidence": settings.confidence}
        now = set_threshold(today, error, level=level, **how)
        old = settings.threshold
        if old is None and has_production:
            earlier = set_threshold(before, error, level=level, **how)
            old = earlier.value if isinstance(earlier, Threshold) else None
        yield ThresholdChange(
            error=error,
            level=level,
            now=now,
            before=old,
            is_before_given=settings.threshold is not None,
            error_before=None if old is None else error_at(today, error, old, **how),
            passed_before=None if old is None else passed_share(today, old, **how),
            passed_now=passed_share(today, now.value, **how) if isinstance(now, Threshold) else None,
        )
