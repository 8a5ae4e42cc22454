"""The split of the loss into mix, within-region change and teacher: three parts that add up to the whole."""

from dataclasses import dataclass

import numpy as np

from drift_core.measures.agreement import Influence, agreement_influence
from drift_core.measures.estimate import Measured
from drift_core.measures.intervals import t_quantile
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Parts of the loss of agreement, each with an interval; None for a part that cannot be told.

    Attributes
    ----------
    total
        Held-out agreement minus production agreement.
    mix
        What held-out would lose if its regions had production's shares.
    within
        What changed inside regions, new regions included, with the teacher held fixed where that is known.
    teacher
        Production agreement with the pinned revision minus with the current one, on the same pairs.
    """

    total: Measured | None
    mix: Measured | None
    within: Measured | None
    teacher: Measured | None

    def to_json(self) -> dict[str, object]:
        parts = {"total": self.total, "mix": self.mix, "within": self.within, "teacher": self.teacher}
        return {name: part.to_json() if part else None for name, part in parts.items()}


def split_loss(
    heldout: Scores,
    production: Scores,
    *,
    partition: Partition | None,
    pinned: tuple[Scores, Scores] | None = None,
    confidence: float,
) -> Attribution:
    """Split held-out minus production agreement into its parts, which add up to the whole.

    Parameters
    ----------
    heldout, production
        Scores of both samples with comparable query codes; neither side constant.
    partition
        Regions that the mix is taken over; without one mix and within are not told apart, and both are None.
    pinned
        The production pairs whose pinned score is known, under the pinned and under the current revision; None when
        there are none, or too few to measure by.
    confidence
        Confidence level of the intervals, in (0, 1).

    Notes
    -----
    The counterfactual is held-out reweighted to production's region shares [1]_; regions that held-out lacks keep no
    weight there, so their loss is a change within. Errors are propagated from the influences of every pair on every
    coefficient and, for the shares, from the mean influence of each region; all are summed within queries.

    References
    ----------
    .. [1] DiNardo, J., Fortin, N. M. and Lemieux, T. (1996). Labor market institutions and the distribution of wages.
       Econometrica 64, 1001-1044.
    """
    n_queries = int(max(heldout.queries.max(), production.queries.max())) + 1  # type: ignore[union-attr]
    before = _Term.of_heldout(agreement_influence(heldout.student, heldout.teacher), heldout, n_queries)
    after = _Term.of_production(agreement_influence(production.student, production.teacher), production, n_queries)
    teacher = None if pinned is None else _teacher_term(*pinned, n_queries)
    reweighted = None if partition is None else _reweighted(heldout, production, partition, n_queries)

    def measured(term: "_Term", after: Scores = production) -> Measured:
        return term.measured(heldout, after, confidence)

    return Attribution(
        total=measured(before - after),
        mix=measured(before - reweighted) if reweighted else None,
        within=measured(reweighted - after - teacher if teacher else reweighted - after) if reweighted else None,
        teacher=measured(teacher, pinned[0]) if teacher and pinned else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Term:
    """A coefficient with what each query contributes to its error, through either sample."""

    estimate: float
    heldout: np.ndarray
    production: np.ndarray

    def __sub__(self, other: "_Term") -> "_Term":
        return _Term(
            estimate=self.estimate - other.estimate,
            heldout=self.heldout - other.heldout,
            production=self.production - other.production,
        )

    @classmethod
    def of_heldout(cls, influence: Influence, scores: Scores, n_queries: int) -> "_Term":
        sums = _by_query(influence.values, scores, n_queries)
        return cls(estimate=influence.estimate, heldout=sums, production=np.zeros(n_queries))

    @classmethod
    def of_production(cls, influence: Influence, scores: Scores, n_queries: int) -> "_Term":
        sums = _by_query(influence.values, scores, n_queries)
        return cls(estimate=influence.estimate, heldout=np.zeros(n_queries), production=sums)

    def measured(self, heldout: Scores, production: Scores, confidence: float) -> Measured:
        corrected = [
            sums * np.sqrt(scores.n_queries / max(1, scores.n_queries - 1))
            for sums, scores in ((self.heldout, heldout), (self.production, production))
        ]
        variances = [float(sums @ sums) for sums in corrected]
        both = corrected[0] + corrected[1]
        error = float(np.sqrt(both @ both))
        spread = sum(v**2 / max(1, s.n_queries - 1) for v, s in zip(variances, (heldout, production), strict=True))
        degrees = sum(variances) ** 2 / spread if spread > 0 else 1.0
        reach = t_quantile(confidence, degrees) * error
        return Measured(
            estimate=self.estimate,
            low=self.estimate - reach,
            high=self.estimate + reach,
            confidence=confidence,
            standard_error=error,
            n_pairs=len(heldout) + len(production),
            n_queries=heldout.n_queries + production.n_queries,
        )


def _teacher_term(pinned: Scores, current: Scores, n_queries: int) -> _Term:
    """What the revision costs on the pairs that both revisions scored."""
    both = (agreement_influence(scores.student, scores.teacher) for scores in (pinned, current))
    old, new = (_Term.of_production(influence, pinned, n_queries) for influence in both)
    return old - new


def _by_query(values: np.ndarray, scores: Scores, n_queries: int) -> np.ndarray:
    return np.bincount(scores.queries, weights=values / len(values), minlength=n_queries)  # type: ignore[arg-type]


def _reweighted(heldout: Scores, production: Scores, partition: Partition, n_queries: int) -> _Term | None:
    """Agreement on held-out with the region shares of production; None when the regions have nothing in common."""
    n_regions = partition.n_regions
    counts = np.bincount(partition.heldout, minlength=n_regions), np.bincount(partition.production, minlength=n_regions)
    shared = counts[0] > 0
    target = np.where(shared, counts[1], 0)
    if target.sum() == 0:
        return None
    share = target / target.sum()
    factor = np.divide(share * len(heldout), counts[0], out=np.zeros(n_regions), where=shared)
    weights = factor[partition.heldout]
    influence = agreement_influence(heldout.student, heldout.teacher, weights=weights)
    sums = np.bincount(partition.heldout, weights=influence.values, minlength=n_regions)
    mean = np.divide(sums, counts[0], out=np.zeros(n_regions), where=shared)
    inside = weights * (influence.values - mean[partition.heldout])
    through_share = np.where(shared, mean, 0.0)[partition.production] / max(target.sum() / len(production), 1e-12)
    return _Term(
        estimate=influence.estimate,
        heldout=_by_query(inside, heldout, n_queries),
        production=_by_query(through_share, production, n_queries),
    )
