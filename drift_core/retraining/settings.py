"""What a user chooses about a retraining; the defaults are the pattern's."""

import math
from dataclasses import asdict, dataclass

from drift_core.errors import SettingError
from drift_core.setting import check_settings, setting

LEAST_PAIRS = 20  # with a score; fewer are not trained on (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainSettings:
    """How a student is fine-tuned."""

    replay_share: float = setting(
        0.25, "Old pairs among all training pairs, where old pairs are given.", allowed="(0, 1)", kind="SHARE"
    )  # ours
    learning_rate: float = setting(
        1e-5, "The highest learning rate; it falls to 0 in a straight line.", allowed="(0, 1)", kind="RATE"
    )  # pattern, treatment step 2
    n_epochs: int = setting(
        1, "Passes over the training pairs.", allowed=1, option="--epochs"
    )  # pattern, treatment step 2
    # Ours: at this rate the number of steps decides how far a student moves.
    batch_size: int = setting(8, "Pairs a step.", allowed=1)
    warmup_share: float = setting(
        0.1, "Fraction of the steps in which the rate rises from 0.", allowed="[0, 1)", kind="SHARE"
    )  # ours
    checkpoint_steps: int = setting(100, "Steps between two checkpoints: what a kill loses at most.", allowed=1)  # ours
    seed: int = setting(
        0, "Seed of the order of the pairs, of the old pairs drawn, and of dropout.", allowed=0, kind="SEED"
    )

    def __post_init__(self) -> None:
        check_settings(self, "The retraining's ")

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
