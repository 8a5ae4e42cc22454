"""Samples with regions for a review, without a diagnosis, and reviewers who know who is right."""

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.retrain_list.diagnosed_pairs import DiagnosedPairs, PairRegions
from drift_core.review.pairs import Answer, GivenAnswer, ReviewDraw, ReviewPair
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import ScoreKind

PASS_FAIL = ScoreKind(name="binary", labels=("fail", "pass"))


def labelled(n=60, *, regions=("new", "old"), docs=1, **more) -> ScoredPairs:
    """Pairs of which every second has unlike labels; its query and its doc name its row."""
    row = np.arange(n)
    return ScoredPairs(
        name="production",
        query=np.array([f"query {each // docs}" for each in row], dtype=object),
        doc=np.array([f"doc {each}" for each in row], dtype=object),
        teacher=np.ones(n),
        student=(row % 2).astype(float),
        kind=PASS_FAIL,
        **more,
    )


def with_regions(sample: ScoredPairs, region: np.ndarray, names=("new", "old")) -> DiagnosedPairs:
    """The sample as a diagnosis keeps it, each pair in the region of this number."""
    cut = PairRegions(name="topic", regions=tuple(names), production=np.asarray(region, dtype=np.int64))
    return DiagnosedPairs(
        heldout=sample,
        production=sample,
        partitions=(cut,),
        drifted=np.zeros(len(sample), dtype=bool),
        leading="topic",
        embeddings=None,  # type: ignore[arg-type]  # a review needs none
        rule=Rule(),
        version="0",
    )


def halves(sample: ScoredPairs) -> DiagnosedPairs:
    """The first quarter of the pairs is the region new, the rest is old."""
    return with_regions(sample, np.arange(len(sample)) * 4 // len(sample) > 0)


def who(pair: ReviewPair, right: str) -> Answer:
    """The answer by which this one is right."""
    if right in ("both", "neither"):
        return right  # type: ignore[return-value]
    return "first" if (right == "teacher") == pair.teacher_first else "second"


def answered(draw: ReviewDraw, rights, *, reviewer="Ada") -> list[GivenAnswer]:
    """Answers to the first pairs of the queue, by who is right of each."""
    return [
        GivenAnswer(place=pair.place, reviewer=reviewer, answer=who(pair, right))
        for pair, right in zip(draw.pairs, rights, strict=False)
    ]
