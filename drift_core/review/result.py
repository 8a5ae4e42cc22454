"""What a review found: how often the student is wrong where both differ, by region, and how far reviewers agree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.chance_corrected import gwet_ac
from drift_core.measures.proportion import proportion
from drift_core.measures.scores import Scores
from drift_core.measures.stratified_share import stratified_share
from drift_core.review.pairs import RIGHT_WORDS, GivenAnswer, ReviewDraw, ReviewPair, Right
from drift_core.wording import counted

RIGHTS: tuple[Right, ...] = tuple(RIGHT_WORDS)
BAND = (0.3, 0.4)  # pattern, shadow mode: a student that is wrong in more of the disagreements is not ready
AGAINST = MappingProxyType({"above": "above", "below": "below", "cannot tell": "not told apart from"})


def against_band(wrong: Measurement) -> str:
    """Where a share lies by its whole interval: above the pattern's 30 to 40 %, below, or it cannot be told."""
    if not isinstance(wrong, Measured):
        return "cannot tell"
    return "above" if wrong.low > BAND[1] else "below" if wrong.high < BAND[0] else "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionResult:
    """One region: its share of what is reviewed, pairs drawn and answered, and how often the student is wrong there."""

    name: str
    share: float
    n_pairs: int
    n_drawn: int
    n_answered: int
    wrong: Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerAgreement:
    """Two reviewers on the pairs that both answered: share answered alike, and Gwet's coefficient beyond chance."""

    reviewers: tuple[str, str]
    n_pairs: int
    same: Measurement
    gwet: Measurement

    @property
    def sentence(self) -> str:
        """Who agrees how far, on how many pairs."""
        pairs, beyond = counted(self.n_pairs, "pair", "pairs"), ""
        if isinstance(self.gwet, Measured):
            beyond = f"; Gwet's coefficient {self.gwet:.2f}"
        told = f"alike in {self.same:.0%}{beyond}" if isinstance(self.same, Measured) else "too few to compare"
        return f"{' and '.join(self.reviewers)} both answered {pairs}, {told}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewResult:
    """What was answered so far.

    Attributes
    ----------
    n_by_reviewer
        Pairs that each reviewer answered.
    n_answered
        Pairs with an answer by anybody; where several answered, each counts for its part.
    wrong
        Share of the traffic that is reviewed in which the student is wrong; of a spot check, the teacher.
    rights
        Share by who is right.
    agreement
        Of the two reviewers with most pairs in common; None where no two have any.
    """

    kind: str
    n_pairs: int
    n_answered: int
    n_by_reviewer: Mapping[str, int]
    wrong: Measurement
    rights: Mapping[Right, Measurement]
    regions: tuple[RegionResult, ...]
    agreement: ReviewerAgreement | None

    @property
    def sentence(self) -> str:
        """The result in one sentence, with what it rests on."""
        if isinstance(self.wrong, Unmeasured):
            return f"{self.n_answered:,} of {self.n_pairs:,} pairs are reviewed: {self.wrong}"
        what = "The student is wrong in {} of the disagreements"
        if self.kind == "spot check":
            what = "The teacher's new score is wrong in {} of the list"
        queries = counted(self.wrong.n_queries, "query", "queries")
        return f"{what.format(f'{self.wrong:.0%}')}, by {self.n_answered:,} reviewed pairs from {queries}."

    @property
    def against_pattern(self) -> str:
        """The share against what shadow mode allows, in one sentence."""
        return (
            "Shadow mode: a student that is wrong in more than 30 to 40% of the disagreements is not ready. The share "
            f"is {AGAINST[against_band(self.wrong)]} that."
        )


def estimate_review(draw: ReviewDraw, answers: Sequence[GivenAnswer], *, confidence: float = 0.95) -> ReviewResult:
    """Estimate from the answers so far; see `stratified_share` for the interval and what it supposes.

    Pairs stand in the queue in an order drawn by the seed, so that those answered first are a sample of all.
    """
    pairs = {pair.place: pair for pair in draw.pairs}
    said: dict[int, dict[str, Right]] = {}
    for each in answers:
        if each.answer is not None:
            said.setdefault(each.place, {})[each.reviewer] = pairs[each.place].right(each.answer)
    answered = [pairs[place] for place in sorted(said)]
    by_right = {
        right: np.array([np.mean([each == right for each in said[pair.place].values()]) for pair in answered])
        for right in RIGHTS
    }
    other: Right = "student" if draw.kind == "spot check" else "teacher"
    wrong = by_right[other] + by_right["neither"]
    return ReviewResult(
        kind=draw.kind,
        n_pairs=len(pairs),
        n_answered=len(answered),
        n_by_reviewer=Counter(name for each in said.values() for name in each),
        wrong=_share(draw, answered, wrong, confidence),
        rights={right: _share(draw, answered, values, confidence) for right, values in by_right.items()},
        regions=_regions(draw, answered, wrong, confidence),
        agreement=_agreement(pairs, said, confidence),
    )


def _share(draw: ReviewDraw, answered: Sequence[ReviewPair], values: np.ndarray, confidence: float) -> Measurement:
    places = {region.name: place for place, region in enumerate(draw.regions)}
    return stratified_share(
        values,
        np.array([places[pair.region] for pair in answered], dtype=np.int64),
        sizes=np.array([pair.size for pair in answered]),
        totals=np.array([region.total for region in draw.regions]),
        queries=np.array([pair.query_code for pair in answered], dtype=np.int64),
        n_queries=draw.n_queries,
        confidence=confidence,
    )


def _regions(
    draw: ReviewDraw, answered: Sequence[ReviewPair], wrong: np.ndarray, confidence: float
) -> tuple[RegionResult, ...]:
    total = sum(region.total for region in draw.regions)
    found = []
    for region in draw.regions:
        inside = np.array([pair.region == region.name for pair in answered], dtype=bool)
        held = [pair for pair in answered if pair.region == region.name]
        found.append(
            RegionResult(
                name=region.name,
                share=region.total / total,
                n_pairs=region.n_pairs,
                n_drawn=region.n_drawn,
                n_answered=len(held),
                wrong=proportion(wrong[inside], _scores(held, wrong[inside], wrong[inside]), confidence=confidence),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.share, each.name)))


def _agreement(
    pairs: Mapping[int, ReviewPair], said: Mapping[int, Mapping[str, Right]], confidence: float
) -> ReviewerAgreement | None:
    common = Counter(both for each in said.values() for both in combinations(sorted(each), 2))
    if not common:
        return None
    two = min(common, key=lambda both: (-common[both], both))
    held = [place for place, each in sorted(said.items()) if all(name in each for name in two)]
    first, second = (np.array([float(RIGHTS.index(said[place][name])) for place in held]) for name in two)
    scores = _scores([pairs[place] for place in held], first, second)
    return ReviewerAgreement(
        reviewers=two,
        n_pairs=len(held),
        same=proportion(first == second, scores, confidence=confidence),
        gwet=gwet_ac(scores, n_labels=len(RIGHTS), confidence=confidence),
    )


def _scores(pairs: Sequence[ReviewPair], first: np.ndarray, second: np.ndarray) -> Scores:
    """Values of pairs with the queries and sizes that their interval counts."""
    codes = np.unique([pair.query_code for pair in pairs], return_inverse=True)[1] if pairs else np.empty(0, np.int64)
    return Scores(
        student=second, teacher=first, queries=codes, weights=np.array([pair.size for pair in pairs]), is_ranked=False
    )
