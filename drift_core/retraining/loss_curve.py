"""The loss in the course of a training: kept in windows of steps, and whether it still falls at the end."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.wording import counted

Trend = Literal["plateau", "unmoved", "falling", "unknown"]
N_WINDOWS = 60  # ours; a third of them tells a mean to about a fifth of their scatter
LEAST_WINDOWS = 30  # ours
FLAT = 0.10  # a fall of less than this share is none (ours)
CONFIDENCE = 0.90  # of the interval; either side is wrong in 5 %


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCurve:
    """The loss of a training.

    Attributes
    ----------
    steps, losses
        The last step of each window, and the mean squared error over its pairs as they were trained on.
    """

    steps: tuple[int, ...] = ()
    losses: tuple[float, ...] = ()

    @property
    def fall(self) -> Measurement:
        """By what share the loss fell from the middle third of the windows to the last.

        Notes
        -----
        Welch's interval on the windows' means. Windows are taken to scatter alike within a third and not to hang on
        each other, which holds for shuffled pairs as long as the weights move little within a third. The learning rate
        falls to 0, and with it the loss flattens: a flat end is no proof that more steps at a higher rate do nothing.
        """
        return self._fall_from(1)

    def _fall_from(self, third: int) -> Measurement:
        n = len(self.losses)
        if n < LEAST_WINDOWS:
            return Unmeasured(reason=f"{counted(n, 'step is', 'steps are')} too few to see a trend", n_pairs=n)
        thirds = np.array_split(np.array(self.losses), 3)
        before, after = float(thirds[third].mean()), float(thirds[2].mean())
        if not (np.isfinite(before) and np.isfinite(after) and before > 0):
            return Unmeasured(reason="the loss is not a number above 0", n_pairs=n)
        return _relative_fall(thirds[third], thirds[2])

    @property
    def trend(self) -> Trend:
        """What the loss did at the end of the training.

        "plateau": its fall is surely below a tenth, after one since the first third that is surely above 0. "unmoved":
        it is as flat, and no fall before it is sure. "falling": it surely falls. "unknown": neither is sure.
        """
        late, whole = self.fall, self._fall_from(0)
        if isinstance(late, Unmeasured) or isinstance(whole, Unmeasured):
            return "unknown"
        if late.high < FLAT:
            return "plateau" if whole.low > 0 else "unmoved"
        return "falling" if late.low > 0 else "unknown"

    @property
    def sentence(self) -> str:
        """The trend in words."""
        fall = self.fall
        if isinstance(fall, Unmeasured):
            return f"Whether the loss still falls cannot be told: {fall.reason}."
        moved = "fell" if fall.estimate >= 0 else "rose"
        by = f"from the middle third of the steps to the last it {moved} by {abs(fall.estimate):.0%}"
        said: dict[Trend, str] = {
            "plateau": f"The loss has reached a plateau: {by}.",
            "unmoved": "The loss did not fall in this training.",
            "falling": f"The loss was still falling: {by}.",
            "unknown": f"Whether the loss still falls cannot be told: {by}.",
        }
        return said[self.trend]

    def to_json(self) -> dict[str, object]:
        return {
            "steps": list(self.steps),
            "losses": list(self.losses),
            "trend": self.trend,
            "fall": self.fall.to_json(),
            "sentence": self.sentence,
        }


def _relative_fall(first: np.ndarray, last: np.ndarray) -> Measured:
    from scipy.stats import ttest_ind

    before = float(first.mean())
    fall = before - float(last.mean())
    error = float(np.hypot(first.std(ddof=1) / len(first) ** 0.5, last.std(ddof=1) / len(last) ** 0.5))
    low = high = fall
    if error > 0:
        limits = ttest_ind(first, last, equal_var=False).confidence_interval(CONFIDENCE)
        low, high = float(limits.low), float(limits.high)
    return Measured(
        estimate=fall / before,
        low=low / before,
        high=high / before,
        confidence=CONFIDENCE,
        standard_error=error / before,
        n_pairs=len(first) + len(last),
        n_queries=len(first) + len(last),
    )
