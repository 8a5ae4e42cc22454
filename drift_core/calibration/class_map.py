"""A map from a probability for each label to a better one: how it is written in a file, and what it makes of them.

Reading a map needs no numpy; how one is fitted is in `calibrate_classes`.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

if TYPE_CHECKING:
    import numpy as np

ClassMethod = Literal["none", "temperature", "vector"]
CLASS_METHOD_WORDS: dict[ClassMethod, str] = {
    "none": "as they are",
    "temperature": "temperature",
    "vector": "vector scaling",
}
NEAREST = 1e-6  # probabilities are kept so far from 0 before their logarithm is taken
NOTHING = -1e6  # logarithm of nothing left to 1


class ClassMap(BaseModel):
    """A map of probabilities of labels.

    Attributes
    ----------
    method
        "none" leaves them; "temperature" multiplies the logarithms of all by one slope, "vector" by one each and adds
        an intercept; the exponentials are divided by their sum.
    labels
        Of the columns, with `slopes` and `intercepts`.
    other_slope
        Slope of what is left to 1, which no label has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: ClassMethod
    labels: tuple[str, ...] = Field(min_length=2, strict=False)
    slopes: tuple[Annotated[FiniteFloat, Field(ge=0)], ...] = Field(strict=False)
    intercepts: tuple[FiniteFloat, ...] = Field(strict=False)
    other_slope: Annotated[FiniteFloat, Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _fits(self) -> "ClassMap":
        if not len(self.labels) == len(self.slopes) == len(self.intercepts):
            raise ValueError("labels, slopes and intercepts must be as many")
        return self

    @property
    def words(self) -> str:
        """What it is called, with its figure."""
        if self.method == "temperature":
            return f"temperature {1 / self.slopes[0]:.2f}" if self.slopes[0] else "temperature inf"
        return "vector scaling" if self.method == "vector" else "the student's own probabilities"

    def apply(self, chances: "np.ndarray") -> "np.ndarray":
        """Probabilities of the labels, float64, shape (n, n_labels), for such as the student gives; NaN stays."""
        import numpy as np
        from scipy.special import softmax

        if self.method == "none":
            return np.asarray(chances, dtype=float)
        logits = logits_of(chances) * np.array([*self.slopes, self.other_slope]) + np.array([*self.intercepts, 0.0])
        return np.asarray(softmax(logits, axis=1)[:, :-1])


def logits_of(chances: "np.ndarray") -> "np.ndarray":
    """Logarithms of the probabilities of labels and of what is left to 1, shape (n, n_labels + 1)."""
    import numpy as np

    rest = 1 - chances.sum(axis=1)
    left = np.where(rest > NEAREST, np.log(np.maximum(rest, NEAREST)), NOTHING)
    return np.column_stack((np.log(np.maximum(chances, NEAREST)), left))
