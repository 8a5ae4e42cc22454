"""The result of a review as `review result` writes it, as far as the gate asks; needs no numpy to be read."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from drift_core.calibration.calibration_file import Share, Utc
from drift_core.errors import InputError
from drift_core.review.pairs import ReviewSettings
from drift_core.tables.small_files import read_small

LIMIT = ReviewSettings().limit


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class WrongShare(_Part):
    """Share of the disagreements in which the student is wrong; None where it could not be measured."""

    estimate: Share | None
    low: Share | None
    high: Share | None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        known = [each for each in (self.low, self.estimate, self.high) if each is not None]
        if known != sorted(known):
            raise ValueError("expected low up to estimate up to high")
        return self


class ReviewLimit(_Part):
    """The share that the review was drawn to hold a student to."""

    limit: Annotated[float, Field(gt=0, lt=1)] = LIMIT


class ReviewReadiness(_Part):
    """What `review result` said."""

    status: Literal["ready", "not ready", "cannot tell"]
    reason: str


class ReviewRecord(_Part):
    """What the gate asks of a review."""

    schema_version: Literal[1] = Field(alias="schema")
    kind: Literal["disagreements"]
    made_at: Utc
    student_version: str | None = None
    settings: ReviewLimit = ReviewLimit()
    readiness: ReviewReadiness | None = None
    wrong: WrongShare


def read_review(path: str | Path) -> ReviewRecord:
    """Read the JSON of `review result`.

    Raises
    ------
    InputError
        When it cannot be read, or is no result of a review of disagreements.
    """
    content = read_small(path, called="The result of the review")
    try:
        return ReviewRecord.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(
            f"{path} is not the result of a review of disagreements ({field}: {first['msg'].lower()}). Give what "
            "distillation-drift review result REVIEW --json FILE wrote."
        ) from error
