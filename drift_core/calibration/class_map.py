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


class ClassMap(BaseModel):
    """A map of probabilities of labels.

    Attributes
    ----------
    method
        Probabilities are divided by their sum first, over these labels alone: what a student gives to a label that
        nobody answers with is left out. "none" leaves these; "temperature" multiplies the logarithms of all by one
        slope, "vector" by one each and adds an intercept; the exponentials are divided by their sum.
    labels
        Of the columns, with `slopes` and `intercepts`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    method: ClassMethod
    labels: tuple[str, ...] = Field(min_length=2, strict=False)
    slopes: tuple[Annotated[FiniteFloat, Field(ge=0)], ...] = Field(strict=False)
    intercepts: tuple[FiniteFloat, ...] = Field(strict=False)

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
        """Probabilities of the labels, float64, shape (n, n_labels), for such as the student gives; NaN stays.

        They sum to 1 over these labels, so that they can be read back.
        """
        import numpy as np
        from scipy.special import softmax

        if self.method == "none":
            return _of_these(chances)
        return np.asarray(softmax(logits_of(chances) * np.array(self.slopes) + np.array(self.intercepts), axis=1))


def logits_of(chances: "np.ndarray") -> "np.ndarray":
    """Logarithms of the probabilities of labels, divided by their sum; shape (n, n_labels)."""
    import numpy as np

    return np.asarray(np.log(np.maximum(_of_these(chances), NEAREST)))


def _of_these(chances: "np.ndarray") -> "np.ndarray":
    """Probabilities divided by their sum; all are equal where a student gives them nothing."""
    import numpy as np

    total = chances.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total == 0, 1 / chances.shape[1], chances / np.where(total == 0, 1, total)), dtype=float)
