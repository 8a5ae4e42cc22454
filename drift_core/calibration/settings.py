"""What to calibrate for, checked."""

from dataclasses import dataclass
from math import isfinite

from drift_core.calibration.calibration_map import Method
from drift_core.calibration.class_map import ClassMethod
from drift_core.calibration.recalibrate import METHODS
from drift_core.calibration.threshold import Error
from drift_core.errors import SettingError


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSettings:
    """What to calibrate for.

    Attributes
    ----------
    method
        "none", "temperature", "platt" or "isotonic", or "vector" of probabilities of labels; None chooses by log loss.
    max_misses, max_false_passes
        Levels in (0, 1) that thresholds keep; see `set_threshold`.
    threshold
        The threshold in use, on the student's score, to tell what a new one costs; by default the one that held-out
        would set.
    passes_from
        Where the teacher gives scores: the score from which a pair passes.
    material_loss
        Fall of the area under the curve from which it is told; the rule's.
    confidence
        Of intervals and of what thresholds keep.
    seed
        Of folds and simulations.
    """

    method: Method | ClassMethod | None = None
    max_misses: float | None = None
    max_false_passes: float | None = None
    threshold: float | None = None
    passes_from: float | None = None
    material_loss: float = 0.03
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method is not None and self.method not in (*METHODS, "vector"):
            raise SettingError(f"The method must be one of {', '.join((*METHODS, 'vector'))}; found {self.method!r}.")
        for error, level in self.levels.items():
            if not 0 < level < 1:
                raise SettingError(f"The most {error.replace('_', ' ')} must be in (0, 1); found {level!r}.")
        if not 0.5 < self.confidence < 1:
            raise SettingError(f"The confidence must be in (0.5, 1); found {self.confidence!r}.")
        for name in ("threshold", "passes_from"):
            if (value := getattr(self, name)) is not None and not isfinite(value):
                raise SettingError(f"{name} must be a finite number; found {value!r}.")

    @property
    def levels(self) -> dict[Error, float]:
        """The errors to keep."""
        named: dict[Error, float | None] = {"misses": self.max_misses, "false_passes": self.max_false_passes}
        return {error: level for error, level in named.items() if level is not None}
