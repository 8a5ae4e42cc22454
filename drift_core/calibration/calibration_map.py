"""Maps from a student's score to a probability: how each is written in a file, and what it makes of scores.

Reading a map needs no numpy; how one is fitted is in `recalibrate`.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

if TYPE_CHECKING:
    import numpy as np

Method = Literal["none", "temperature", "platt", "isotonic"]
METHOD_WORDS: dict[Method, str] = {
    "none": "as it is",
    "temperature": "temperature",
    "platt": "Platt's scaling",
    "isotonic": "isotonic regression",
}
NEAREST = 1e-6  # probabilities are kept so far from 0 and 1 before their logit is taken


class CalibrationMap(BaseModel):
    """A non-decreasing map from score to probability.

    Attributes
    ----------
    method
        "none" leaves a probability as it is; "temperature" and "platt" map its logit by `slope` and `intercept`, the
        latter also a score that is no probability; "isotonic" interpolates between `scores` and `probabilities`.
    takes_probability
        Whether the score is a probability, whose logit is taken; else it is used as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: Method
    takes_probability: bool = True
    slope: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    intercept: float = Field(default=0.0, allow_inf_nan=False)
    scores: tuple[FiniteFloat, ...] = Field(default=(), strict=False)
    probabilities: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _rises(self) -> "CalibrationMap":
        if self.method == "isotonic":
            steps = (
                zip(self.scores, self.scores[1:], strict=False),
                zip(self.probabilities, self.probabilities[1:], strict=False),
            )
            is_rising = all(one <= two for step in steps for one, two in step)
            if not self.scores or len(self.scores) != len(self.probabilities) or not is_rising:
                raise ValueError("scores and probabilities of an isotonic map must rise together")
        return self

    @property
    def temperature(self) -> float:
        """What logits are divided by."""
        return 1 / self.slope if self.slope else float("inf")

    @property
    def is_flat(self) -> bool:
        """Whether every score gets one and the same probability."""
        if self.method == "isotonic":
            return len(set(self.probabilities)) == 1
        return self.method != "none" and self.slope == 0

    @property
    def words(self) -> str:
        """What it is called, with its figures."""
        if self.method == "temperature":
            return f"temperature {self.temperature:.2f}"
        if self.method == "platt":
            return f"Platt's scaling, slope {self.slope:.2f}, intercept {self.intercept:+.2f}"
        if self.method == "isotonic":
            return f"isotonic regression, {len(set(self.probabilities)):,} steps"
        return "the student's own probability"

    def apply(self, score: "np.ndarray") -> "np.ndarray":
        """Probabilities of these scores, float64 in 0..1, shape (n,)."""
        import numpy as np

        if self.method == "none":
            return np.asarray(np.clip(score, 0, 1), dtype=float)
        if self.method == "isotonic":
            return np.interp(score, self.scores, self.probabilities)
        from scipy.special import expit

        return np.asarray(expit(self.slope * as_logit(score, self.takes_probability) + self.intercept))


def as_logit(score: "np.ndarray", is_probability: bool) -> "np.ndarray":
    """The logit of a probability; a score that is none as it is."""
    import numpy as np
    from scipy.special import logit

    return np.asarray(logit(np.clip(score, NEAREST, 1 - NEAREST)) if is_probability else score, dtype=float)
