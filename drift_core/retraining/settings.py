"""What a user chooses about a retraining; the defaults are the pattern's."""

import math
from dataclasses import asdict, dataclass

from drift_core.errors import SettingError

LEAST_PAIRS = 20  # with a score; fewer are not trained on (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainSettings:
    """How a student is fine-tuned.

    Attributes
    ----------
    n_epochs
        Passes over the training pairs.
    learning_rate
        Its highest value; it falls to 0 in a straight line.
    batch_size
        Pairs a step.
    warmup_share
        Fraction of the steps in which the rate rises from 0.
    replay_share
        Old pairs as a fraction of all training pairs, where old pairs are given.
    checkpoint_steps
        Steps between two checkpoints: what a kill loses at most.
    seed
        Seed of the order of the pairs, of the old pairs drawn, and of dropout.
    """

    n_epochs: int = 1  # pattern, treatment step 2
    learning_rate: float = 1e-5  # pattern, treatment step 2
    batch_size: int = 8  # ours: at this rate the number of steps decides how far a student moves
    warmup_share: float = 0.1  # ours
    replay_share: float = 0.25  # ours
    checkpoint_steps: int = 100  # ours
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("n_epochs", 1), ("batch_size", 1), ("checkpoint_steps", 1), ("seed", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise SettingError(f"The retraining's {name} must be a whole number from {least} up; found {value!r}.")
        for name, interval in (("learning_rate", "(0, 1)"), ("warmup_share", "[0, 1)"), ("replay_share", "(0, 1)")):
            value = getattr(self, name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            if not is_number or not (0 < value < 1 or (interval.startswith("[") and value == 0)):
                raise SettingError(f"The retraining's {name} must be a number in {interval}; found {value!r}.")

    def to_json(self) -> dict[str, int | float]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRange:
    """The teacher's scale: its lowest and highest score."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise SettingError(f"A score range is two numbers, the lower first; found {self.low:g} and {self.high:g}.")
