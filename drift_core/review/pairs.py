"""What a review holds: the pairs of its queue, the regions they were drawn from, and what reviewers answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from drift_core.setting import check_settings, setting

Answer = Literal["first", "second", "both", "neither"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
Kind = Literal["disagreements", "spot check"]
Right = Literal["teacher", "student", "both", "neither"]
RIGHT_WORDS: Mapping[Right, str] = MappingProxyType(
    {
        "teacher": "the teacher alone is right",
        "student": "the student alone is right",
        "both": "both are right",
        "neither": "neither is right",
    }
)
LONGEST_NAME, LONGEST_NOTE = 80, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSettings:
    """How a review is drawn, and what makes a student ready; kept with it, so that neither moves with the answers."""

    n: int = setting(
        100, "Pairs in the queue; more where the floors need more, at most what there is.", allowed=1
    )  # ours
    gap: float = setting(
        0.2, "Scores whose ranks differ by more than this share of all pairs disagree.", allowed="[0, 1)", kind="G"
    )  # ours
    threshold: float = setting(
        0.5,
        "Probability from which a student passes a pair, where the teacher passes or fails it.",
        allowed="[0, 1]",
        kind="T",
    )
    floor: int = setting(5, "Pairs that each region gets at least, or all of it.", allowed=0)  # ours
    limit: float = setting(
        0.4,
        "Share of the disagreements with a wrong student that is too much; shadow mode has 0.3 to 0.4.",
        allowed="(0, 1)",
        kind="L",
    )  # pattern, shadow mode
    days: int = setting(14, "Days of the shadow run.", allowed=1)  # pattern, shadow mode
    seed: int = setting(0, "Seed of the draw and of the sides, 0 or more.", allowed=0, kind="SEED")

    def __post_init__(self) -> None:
        check_settings(self, "The review's ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPair:
    """One pair of the queue, whose two sides hide who said which.

    Attributes
    ----------
    place
        Its place in the queue, from 1.
    first, second
        What either side says: a label, or where it ranks the pair.
    teacher_first
        Whether the first side is the teacher.
    size
        How many pairs of the traffic it is.
    query_code
        The same for pairs of one query.
    """

    place: int
    pair_digest: str
    query: str
    doc: str
    region: str
    first: str
    second: str
    teacher_first: bool
    size: float
    query_code: int

    def right(self, answer: Answer) -> Right:
        """Who is right by an answer; where both sides say the same, one cannot be right alone."""
        if answer in ("both", "neither"):
            return answer
        if self.first == self.second:
            return "both"
        return "teacher" if (answer == "first") == self.teacher_first else "student"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRegion:
    """A region: different pairs that could be drawn, how many were, and how much traffic all of them are."""

    name: str
    n_pairs: int
    n_drawn: int
    total: float

    @property
    def probability(self) -> float:
        """With which each of its pairs was drawn."""
        return self.n_drawn / self.n_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRun:
    """Teacher and student on all traffic, from a day on; `first`, `last` are days of the sample's pairs, if known."""

    start: date
    days: int
    first: date | None = None
    last: date | None = None

    @property
    def end(self) -> date:
        """The day after its last."""
        return self.start + timedelta(days=self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraw:
    """A drawn review.

    Attributes
    ----------
    name
        Of the sample or list.
    pairs
        The queue, in an order drawn by the seed.
    n_sample
        Pairs of the sample, or of the shadow run's days in it.
    n_queries
        Queries of all pairs that could be drawn.
    digest
        Of the sample or list.
    """

    kind: Kind
    name: str
    pairs: tuple[ReviewPair, ...]
    regions: tuple[ReviewRegion, ...]
    n_sample: int
    n_queries: int
    settings: ReviewSettings
    digest: str
    shadow: ShadowRun | None = None

    @property
    def why_fewer(self) -> str:
        """Why the queue is shorter than was asked for, as a sentence; empty where it is not."""
        n, asked = len(self.pairs), self.settings.n
        if n >= asked:
            return ""
        there = "the list has" if self.kind == "spot check" else "teacher and student differ that far on"
        return f"{asked:,} were asked for; {there} no more, equal pairs counted once."


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What a reviewer says of a pair: an answer, a note, or both."""

    place: int
    reviewer: str
    answer: Answer | None = None
    note: str = ""
    at: datetime | None = None
