"""The file of a calibration: written by `calibrate`, applied by `score`, read by the gate; needs no numpy to be read.

The shape is a contract: keys may join, none leaves.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from drift_core.calibration.calibration_map import CalibrationMap
from drift_core.calibration.class_map import ClassMap
from drift_core.errors import InputError, SettingError
from drift_core.samples.label_words import fold
from drift_core.tables.small_files import read_small
from drift_core.wording import one_line

if TYPE_CHECKING:
    import numpy as np

SCHEMA = 1
KIND = "calibration"
ADDED = ("calibrated_score", "decision")  # columns of a table of scores
Share = Annotated[float, Field(ge=0, le=1)]
Utc = Annotated[datetime, AfterValidator(lambda at: at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC))]
Decision = Literal["pass", "stop", "teacher"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class CheckedCalibration(_Part):
    """What calibrated probabilities show on pairs that they were not fitted on."""

    sample: str
    reading: Literal["calibrated", "not calibrated", "cannot tell"]
    sentence: str


class KeptThreshold(_Part):
    """A threshold on the student's own score, and what it keeps."""

    error: Literal["misses", "false_passes"]
    level: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(gt=0, lt=1)]
    value: FiniteFloat
    sentence: str


class CalibrationRecord(_Part):
    """A map, its check, the thresholds and what they were made of."""

    kind: Literal["calibration"]
    schema_version: Literal[1] = Field(alias="schema")
    version: str
    made_at: Utc
    student_version: str | None = None
    fitted_on: str
    map: CalibrationMap | ClassMap
    check: CheckedCalibration
    thresholds: tuple[KeptThreshold, ...] = ()
    not_kept: tuple[str, ...] = ()

    def decide(self, score: "np.ndarray") -> "np.ndarray | None":
        """What becomes of each pair, object array of "pass", "stop" and "teacher"; None without a threshold.

        With both errors kept, pairs between the two thresholds are the teacher's.
        """
        import numpy as np

        values = {each.error: each.value for each in self.thresholds}
        if not values:
            return None
        stops_below = values.get("misses", values.get("false_passes"))
        passes_from = max(values.get("false_passes", -np.inf), stops_below)  # type: ignore[type-var]
        decided = np.where(score >= passes_from, "pass", "teacher").astype(object)
        decided[score < stops_below] = "stop"
        return decided

    def check_takes(self, labels: Sequence[str] = ()) -> None:
        """Raise SettingError where a student gives one score and the map takes labels, or they are other labels."""
        own = self.map.labels if isinstance(self.map, ClassMap) else ()
        if {*map(fold, own)} <= {*map(fold, labels)} and bool(own) == bool(labels):
            return
        takes, gives = (
            f"a probability for each of {', '.join(each)}" if each else "one score" for each in (own, labels)
        )
        raise SettingError(
            f"The calibration takes {takes} of a pair, and this student gives {gives}. Calibrate this student: "
            "distillation-drift calibrate on samples that it scored. Labels of a model on this machine stand in "
            "id2label of its config.json."
        )

    def columns(self, score: "np.ndarray", labels: Sequence[str] = ()) -> "dict[str, np.ndarray]":
        """Columns for a table of these scores: the calibrated score, and the decision where a threshold is kept.

        Parameters
        ----------
        score
            One a pair, shape (n,), or the probabilities of `labels`, shape (n, n_labels); then the calibrated ones are
            JSON texts.

        Raises
        ------
        SettingError
            When the map takes others than these, see `check_takes`, or probabilities and these scores are none.
        """
        self.check_takes(labels)
        if isinstance(self.map, ClassMap):
            from drift_core.samples.class_probabilities import written_chances

            places = [[*map(fold, labels)].index(fold(label)) for label in self.map.labels]
            return {ADDED[0]: written_chances(self.map.apply(score[:, places]), self.map.labels)}
        if self.map.takes_probability and len(score) and not 0 <= score.min() <= score.max() <= 1:
            raise SettingError(
                f"The calibration takes probabilities, and these scores reach from {score.min():.3g} to "
                f"{score.max():.3g}. Calibrate on scores that this student gives."
            )
        decided = self.decide(score)
        values = (self.map.apply(score), decided)
        return {name: each for name, each in zip(ADDED, values, strict=True) if each is not None}

    def notes_on(self, student_version: str | None) -> tuple[str, ...]:
        """That it is of another student than the one that scores, where both are named."""
        own = self.student_version
        if own is None or student_version is None or student_version == own:
            return ()
        whose = f"The calibration is of student {one_line(own)}, and this one is {one_line(student_version)}"
        return (f"{whose}: calibrate this one.",)


def read_calibration(path: str | Path) -> CalibrationRecord:
    """Read the file of a calibration.

    Raises
    ------
    InputError
        When it cannot be read, or is no calibration.
    """
    return parse_calibration(read_small(path, called="The calibration"), name=str(path))


def parse_calibration(content: bytes, *, name: str) -> CalibrationRecord:
    """Read the content of a file that messages call `name`; raises as `read_calibration`."""
    try:
        return CalibrationRecord.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the whole"
        fault = f"{field}: {first['msg'].lower()}"
        raise InputError(
            f"{name} is not a calibration ({fault}). Give the file that distillation-drift calibrate wrote."
        ) from error
