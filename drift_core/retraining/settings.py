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
    max_synthetic_share: float = setting(
        0.2, "Highest share of synthetic pairs among all training pairs.", allowed="[0, 1]", kind="SHARE"
    )  # ours: the pattern advises against them and gives no share
    max_difference: float | None = setting(
        None,
        "Pairs on which repeated teacher scores differ by more are left out, on the teacher's scale; by default by "
        "more than the teacher's own scatter explains in 95 % of pairs.",
        allowed="[0, inf)",
        kind="D",
    )
    held_back_share: float = setting(
        0.1,
        "Share of the listed pairs, whole queries, that is not trained on but used to see how far the new student "
        "stays under its teacher; 500 pairs at most, and none where it is less than 50.",
        allowed="[0, 0.5]",
        kind="SHARE",
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

    def n_steps(self, n_pairs: int) -> int:
        """Steps of a training on so many pairs."""
        return self.n_epochs * math.ceil(n_pairs / self.batch_size)

    def to_json(self) -> dict[str, int | float | None]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRange:
    """The teacher's scale: its lowest and highest score."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise SettingError(f"A score range is two numbers, the lower first; found {self.low:g} and {self.high:g}.")
