"""The judge card as values: what a student is, what it was trained on, what its releases are held to.

Reading and writing `judges.yaml` is in `file`, what is missing in `completeness`.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from drift_core.agreement.rule import Rule
from drift_core.judge_card.settings import GateSettings

SCHEMA = 1
QUARTER_DAYS = 91
YEARS = range(1970, 2200)
RULE, SETTINGS = Rule(), GateSettings()

Inconclusive = Literal["block", "pass"]
SliceMeasure = Literal["agreement", "overlap", "precision", "recall", "kappa"]


def _checked_date(text: str) -> str:
    if date.fromisoformat(text).year not in YEARS:
        raise ValueError(text)
    return text


def _checked_time(text: str) -> str:
    if datetime.fromisoformat(text).year not in YEARS:
        raise ValueError(text)
    return text


def _yes_or_no(value: object) -> object:
    """YAML 1.1 writers turn yes into true."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip().lower() if isinstance(value, str) else value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Date = Annotated[Text, AfterValidator(_checked_date)]
Time = Annotated[Text, AfterValidator(_checked_time)]
Digest = Annotated[Text, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Days = Annotated[int, Field(ge=1, le=3660)]
Floor = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Figure = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
YesNo = Annotated[Literal["yes", "no"], BeforeValidator(_yes_or_no)]


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


class _Part(BaseModel):
    """Fields carry as description what is expected of them; messages and `card check` quote it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, values: Any) -> Any:
        """A name without a value, or with an empty text, is not filled in."""
        if not isinstance(values, dict):
            return values
        return {str(name): value for name, value in values.items() if not _is_empty(value)}


class Student(_Part):
    """Which model ships."""

    version: Text | None = Field(default=None, description="the student's version, in quotes, as given to canary")
    parent: Text | None = Field(default=None, description="version of the student it was fine-tuned from, in quotes")
    model_path: Text | None = Field(default=None, description="where its weights are, in quotes")


class Teacher(_Part):
    """Which teacher it imitates."""

    model: Text | None = Field(default=None, description="the teacher's name, in quotes")
    revision: Text | None = Field(
        default=None, description="the teacher's revision that the student was trained against, in quotes"
    )


class Training(_Part):
    """What it was trained on."""

    snapshot: Text | None = Field(default=None, description="name or date of the training snapshot, in quotes")
    n_pairs: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="number of training pairs, a whole number"
    )
    list_digest: Digest | None = Field(
        default=None, description="SHA-256 of the retrain list, 64 hexadecimal digits in quotes"
    )
    seed: Annotated[int, Field(ge=0)] | None = Field(default=None, description="seed of the training, from 0 up")
    date: Date | None = Field(default=None, description='day of the training, in quotes, as "2026-05-01"')
    capacity: Text | None = Field(
        default=None, description="how far the student stayed under its teacher, in quotes; written by retrain"
    )


class LastCanary(_Part):
    """The newest canary run that could be measured; written by `canary`."""

    at: Time | None = Field(default=None, description='time of the run, in quotes, as "2026-05-01T06:00:00+00:00"')
    agreement: Figure | None = Field(default=None, description="agreement of the run, a number in [-1, 1]")
    overlap: Fraction | None = Field(default=None, description="top-K overlap of the run, a number in [0, 1]")
    teacher_revision: Text | None = Field(default=None, description="the teacher's revision that scored it, in quotes")
    baseline: Figure | None = Field(
        default=None, description="of two answers beside a probability, held-out's agreement, a number in [-1, 1]"
    )


class Canary(_Part):
    """How often it is measured, and what was measured last."""

    cadence_days: Days = Field(
        default=SETTINGS.cadence_days, description="days between two runs, a whole number from 1 up"
    )
    last: LastCanary = Field(
        default=LastCanary(), description="at, agreement, overlap and teacher_revision of the last run"
    )


class Floors(_Part):
    """Agreement and overlap that a release may not fall below."""

    agreement: Floor = Field(default=RULE.agreement_healthy, description="lowest agreement, a number in (0, 1)")
    overlap: Floor = Field(default=RULE.overlap_healthy, description="lowest top-K overlap, a number in (0, 1)")


class CriticalSlice(_Part):
    """A region with a floor of its own."""

    partition: Text = Field(description="slice column or partition, in quotes")
    name: Text = Field(description="value or region in it, in quotes")
    floor: Floor = Field(description="lowest value of the measure there, a number in (0, 1)")
    measure: SliceMeasure = Field(default="agreement", description=", ".join(get_args(SliceMeasure)[:-1]) + " or kappa")


class FrozenTail(_Part):
    """The tail set, the hardest pairs, that every comparison is held to; written by `tail`."""

    digest: Digest | None = Field(
        default=None, description="SHA-256 of the texts of its pairs, 64 hexadecimal digits in quotes"
    )
    n_pairs: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        default=None, description="number of its pairs, a whole number"
    )


class ShadowReview(_Part):
    """The last review of disagreements that was complete; written by `review result`."""

    at: Time | None = Field(default=None, description='when it was read, in quotes, as "2026-05-01T06:00:00+00:00"')
    student_version: Text | None = Field(default=None, description="the student that was reviewed, in quotes")
    wrong: Fraction | None = Field(
        default=None, description="share of the disagreements in which the student is wrong, a number in [0, 1]"
    )
    wrong_low: Fraction | None = Field(default=None, description="lower limit of the share, a number in [0, 1]")
    wrong_high: Fraction | None = Field(default=None, description="upper limit of the share, a number in [0, 1]")


class GateChoice(_Part):
    """What the team does when the gate cannot tell."""

    inconclusive: Inconclusive | None = Field(default=None, description="block or pass")


class RetrainTriggers(_Part):
    """When the student is trained again."""

    teacher_revision_change: YesNo = Field(default="yes", description="yes or no")
    agreement_below_floor: YesNo = Field(default="yes", description="yes or no")
    overlap_below_floor: YesNo = Field(default="yes", description="yes or no")
    every_days: Days = Field(default=QUARTER_DAYS, description="days after which it is trained again anyway, from 1 up")


class Point(_Part):
    """One point of the governance checklist."""

    done: YesNo | None = Field(default=None, description="yes or no")
    by: Text | None = Field(default=None, description="who checked it, in quotes")
    date: Date | None = Field(default=None, description='when, in quotes, as "2026-05-01"')


class Governance(_Part):
    """The checklist before production."""

    teacher_terms: Point = Field(default=Point(), description="the teacher's terms permit distillation")
    bias_and_safety: Point = Field(
        default=Point(), description="bias, fairness and safety evaluated on the student itself"
    )
    critical_slices: Point = Field(default=Point(), description="accuracy measured by critical slice")
    calibration: Point = Field(default=Point(), description="calibration and thresholds verified")
    teacher_pinned: Point = Field(default=Point(), description="teacher version pinned and recorded")
    monitoring: Point = Field(
        default=Point(), description="retrain trigger and monitoring plan with an owner and a cadence"
    )


class JudgeCard(_Part):
    """The metadata of a distilled judge; None where nothing is filled in."""

    schema_version: Literal[1] = Field(default=1, alias="schema", description="the number 1")
    owner: Text | None = Field(default=None, description="who answers for this student, in quotes")
    review_every_days: Days = Field(
        default=QUARTER_DAYS, description="days between two reviews, a whole number from 1 up"
    )
    last_review: Date | None = Field(default=None, description='day of the last review, in quotes, as "2026-05-01"')
    student: Student = Field(default=Student(), description="version, parent and model_path")
    teacher: Teacher = Field(default=Teacher(), description="model and revision")
    training: Training = Field(default=Training(), description="snapshot, n_pairs, list_digest, seed and date")
    canary: Canary = Field(default=Canary(), description="cadence_days and last")
    floors: Floors = Field(default=Floors(), description="agreement and overlap")
    critical_slices: tuple[CriticalSlice, ...] = Field(
        default=(), strict=False, description="each with partition, name and floor"
    )
    tail_set: FrozenTail = Field(default=FrozenTail(), description="digest and n_pairs")
    shadow_review: ShadowReview = Field(
        default=ShadowReview(), description="at, student_version, wrong, wrong_low and wrong_high"
    )
    gate: GateChoice = Field(default=GateChoice(), description="inconclusive")
    retrain_triggers: RetrainTriggers = Field(default=RetrainTriggers(), description="the four triggers")
    governance: Governance = Field(default=Governance(), description="the six points, each with done, by and date")

    @property
    def measured_slices(self) -> frozenset[tuple[str, str]]:
        """Partition and name of the critical slices with a floor on another measure than agreement."""
        return frozenset((each.partition, each.name) for each in self.critical_slices if each.measure != "agreement")
