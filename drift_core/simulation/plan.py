"""Plans: what a simulated pair of samples contains, every cause that can be planted and how large it is.

Holds settings only; drawing is `simulate`'s work, exact values of what was planted are `planting`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from drift_core.errors import SettingError

Cause = Literal["healthy", "query_drift", "document_drift", "teacher_drift", "query_and_teacher_drift"]
CLEAR_FALL = 0.05  # a part counts as drifted from this fall below the familiar mean; the rule's region_loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to simulate. Agreements are Spearman correlations in (-1, 1) before scores are cut into levels.

    Familiar topics are in both samples; everything called new, and every cohort, document style, revision and scale
    change, is in production alone.
    """

    n_heldout: int = 1200
    n_production: int = 1500
    docs_per_query: tuple[int, int] = (1, 3)  # fewest and most; each number in between is as likely
    levels: Literal[2, 4, 10] | None = None  # values the teacher can give (0-1, 0-3, 1-10); None is continuous
    query_effect: float = 0.3  # share of the variance of scores and errors that docs of one query have in common
    # Familiar topics, one entry a topic; empty shares are equal, and production's are held-out's.
    agreement: tuple[float, ...] = (0.94, 0.93, 0.92, 0.91, 0.90)
    shares_heldout: tuple[float, ...] = ()
    shares_production: tuple[float, ...] = ()
    mean_spread: float = 0.0  # topics lie by turns this much above and below the mean relevance, in sd
    # Query drift: topics that held-out never saw, or a cohort spread over all topics that only a slice shows.
    new_shares: tuple[float, ...] = ()  # of production, each
    new_agreement: tuple[float, ...] = ()
    new_range: float = 1.0  # spread of relevance in new topics, in sd of the others
    cohort_share: float = 0.0
    cohort_agreement: float = 0.5
    # Document drift: docs of another style, in every topic.
    document_share: float = 0.0
    document_agreement: float = 0.6
    # Teacher drift: agreement that production loses because the teacher was revised; 0 or less is no drift.
    teacher_loss: float = 0.0
    revision_correlation: float | None = None  # Spearman of both revisions; None: what the loss alone implies
    revision_unevenness: float = 0.0  # 0 the same in every topic; 0.5 by turns half and one and a half as strong
    with_pinned: bool = False  # add the pinned revision's score of every pair
    # Look-alikes that leave the student's errors alone.
    n_narrow_topics: int = 0  # the first topics' relevance narrows in production
    narrow_range: float = 0.35
    teacher_gamma: float = 1.0  # score ** gamma + offset on the 0-1 scale; the ranks stay
    teacher_offset: float = 0.0
    student_gamma: float = 1.0
    student_offset: float = 0.0
    # A student that answers a teacher of two values (levels 2) with its exact chance of the higher one, which
    # production may have otherwise: odds ** sureness * tilt. The ranks stay.
    with_chances: bool = False
    student_sureness: float = 1.0
    student_tilt: float = 1.0
    with_verdicts: bool = False  # both say pass or fail (levels 2); agreements hold before they are cut so
    # Texts.
    topics: tuple[str, ...] = ()  # names from the vocabulary, familiar ones first; empty takes the first ones
    with_texts: bool = True  # False writes placeholders, for many draws with synthetic embeddings

    def __post_init__(self) -> None:
        if min(self.n_heldout, self.n_production) < 2:
            raise SettingError("A plan needs at least 2 pairs a sample.")
        if not 1 <= self.docs_per_query[0] <= self.docs_per_query[1]:
            raise SettingError(f"docs_per_query must be (fewest, most) from 1 up; found {self.docs_per_query}.")
        if self.levels not in (None, 2, 4, 10):
            raise SettingError(f"levels must be one of None, 2, 4, 10; found {self.levels!r}.")
        if (self.with_chances or self.with_verdicts) and self.levels != 2:
            raise SettingError("Chances and verdicts are of a teacher of two values alone: levels must be 2.")
        if self.with_verdicts and (self.with_chances or self.mean_spread or self.n_narrow_topics):
            raise SettingError("Verdicts are planted without chances, and with all topics around one mean.")
        self._check_lengths()
        self._check_fractions()
        if self.document_share and (self.new_shares or self.cohort_share or self.teacher_loss > 0):
            raise SettingError("Document drift is planted alone; found another cause beside it.")

    def _check_lengths(self) -> None:
        if not self.agreement:
            raise SettingError("agreement needs one entry for each familiar topic; found none.")
        for name in ("shares_heldout", "shares_production"):
            if getattr(self, name) and len(getattr(self, name)) != len(self.agreement):
                raise SettingError(f"{name} needs one entry for each of the {len(self.agreement)} familiar topics.")
        if len(self.new_shares) != len(self.new_agreement):
            raise SettingError("new_shares and new_agreement need one entry for each new topic.")
        if self.n_narrow_topics > len(self.agreement):
            raise SettingError(f"n_narrow_topics must be in [0, {len(self.agreement)}]; found {self.n_narrow_topics}.")

    def _check_fractions(self) -> None:
        for name in ("query_effect", "cohort_share", "document_share", "revision_unevenness"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingError(f"{name} must be in [0, 1]; found {getattr(self, name)}.")
        if sum(self.new_shares) >= 1 or any(share <= 0 for share in self.new_shares):
            raise SettingError(f"new_shares must be above 0 and leave room for the rest; found {self.new_shares}.")
        agreements = (*self.agreement, *self.new_agreement, self.cohort_agreement, self.document_agreement)
        if not all(-1 < value < 1 for value in agreements):
            raise SettingError(f"Every agreement must be in (-1, 1); found {agreements}.")

    @property
    def n_familiar(self) -> int:
        return len(self.agreement)

    @property
    def n_topics(self) -> int:
        return len(self.agreement) + len(self.new_shares)

    @property
    def familiar_mean(self) -> float:
        return sum(self.agreement) / len(self.agreement)

    @property
    def drifted_topics(self) -> tuple[bool, ...]:
        """Whether the student is clearly worse on each topic than on the familiar ones together."""
        fallen = (value < self.familiar_mean - CLEAR_FALL for value in self.new_agreement)
        return (False,) * self.n_familiar + tuple(fallen)

    @property
    def cause(self) -> Cause:
        query = any(self.drifted_topics) or self.cohort_share > 0
        if self.document_share:
            return "document_drift"
        if query:
            return "query_and_teacher_drift" if self.teacher_loss > 0 else "query_drift"
        return "teacher_drift" if self.teacher_loss > 0 else "healthy"

    @property
    def is_revised(self) -> bool:
        return self.teacher_loss != 0 or self.revision_correlation is not None

    @property
    def findings(self) -> tuple[str, ...]:
        """Facts that a diagnosis should tell beside the cause."""
        planted = {
            "teacher_revised": self.is_revised,
            "teacher_scale_moved": (self.teacher_gamma, self.teacher_offset) != (1.0, 0.0),
            "student_scale_moved": (self.student_gamma, self.student_offset) != (1.0, 0.0),
            "calibration_moved": (self.student_sureness, self.student_tilt) != (1.0, 1.0),
            "mix_moved": bool(self.shares_production) and self.shares_production != self.shares_heldout,
            "weak_student": self.familiar_mean < WEAK_BELOW,
        }
        return tuple(name for name, is_planted in planted.items() if is_planted)


WEAK_BELOW = 0.70  # held-out agreement under which the pattern says that a student no longer approximates its teacher
_WITH_NEW = Plan(new_shares=(0.18, 0.16), new_agreement=(0.5, 0.55))

# One plan for each thing that can be planted, at the pattern's size; vary them with `dataclasses.replace`.
PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "none": Plan(),
        "query": _WITH_NEW,
        "cohort": Plan(cohort_share=0.3),
        "document": Plan(document_share=0.6),
        "teacher": Plan(teacher_loss=0.1),
        "both": replace(_WITH_NEW, teacher_loss=0.1),
        "revision": Plan(revision_correlation=0.9, with_pinned=True),
        "mix": Plan(
            agreement=(0.94, 0.93, 0.91, 0.72, 0.68),
            shares_heldout=(0.35, 0.3, 0.2, 0.1, 0.05),
            shares_production=(0.1, 0.15, 0.15, 0.3, 0.3),
        ),
        "teacher_scale": Plan(teacher_gamma=1.6, teacher_offset=0.05),
        "student_scale": Plan(student_gamma=0.6, student_offset=-0.05),
        "narrow_range": Plan(n_narrow_topics=2),
        "weak_student": Plan(agreement=(0.7, 0.66, 0.62, 0.58, 0.54)),
    }
)
