"""What a call costs: its mean, against another model's on the same calls, and against the same model's before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.clustered_mean import clustered_mean
from drift_core.measures.intervals import t_interval, welch_degrees
from drift_core.samples.costs_and_latencies import COSTS
from drift_core.samples.pairs import ScoredPairs

COST_ROSE = 0.2  # of a call since held-out, as a fraction; less is another mix of lengths (ours)
COST_SHARE = 0.1  # of the teacher's call that the student's may cost; the pattern has a hundredth


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What calls cost in production against held-out.

    Attributes
    ----------
    rises
        By how much a call of each model costs more, as a fraction.
    share
        The student's cost as a share of the teacher's, on production's calls that have both.
    """

    rises: Mapping[str, Measurement]
    share: Measurement

    @property
    def is_dear(self) -> bool:
        """Whether calls cost clearly more than before, or the student's save clearly too little."""
        found = (each for each in self.rises.values() if isinstance(each, Measured))
        is_little = isinstance(self.share, Measured) and self.share.low > COST_SHARE
        return is_little or any(each.low > 0 and each.estimate >= COST_ROSE for each in found)

    @property
    def figures(self) -> str:
        """What was measured, as the beginning of a sentence; empty where nothing was."""
        told = [
            f"a call of the {who} costs {each:+.0%} against held-out"
            for who, each in self.rises.items()
            if isinstance(each, Measured)
        ]
        if isinstance(self.share, Measured):
            told.append(f"the student's calls cost {self.share:.1%} of the teacher's")
        return "; ".join(told)[:1].upper() + "; ".join(told)[1:]


def measure_bill(heldout: ScoredPairs, production: ScoredPairs, *, confidence: float) -> Bill:
    """Measure what the calls of student and teacher cost, where the samples' columns of costs say so."""
    costs, of_teacher = (production.operations.get(COSTS[who]) for who in ("student", "teacher"))
    share: Measurement = Unmeasured(reason="The costs of student and teacher are not both known.")
    if costs is not None and of_teacher is not None:
        share = cost_ratio(costs, of_teacher, production, confidence=confidence)
    return Bill(
        rises={
            who: cost_rise(COSTS[who], heldout, production, confidence=confidence) for who in ("student", "teacher")
        },
        share=share,
    )


def mean_cost(values: np.ndarray, sample: ScoredPairs, *, confidence: float) -> Measurement:
    """Mean of the finite values, shape (n_pairs,), of the traffic that the sample stands for."""
    known = np.isfinite(values)
    weights = None if sample.weight is None else sample.weight[known]
    return clustered_mean(values[known], sample.query_codes[known], weights=weights, confidence=confidence)


def cost_ratio(costs: np.ndarray, others: np.ndarray, sample: ScoredPairs, *, confidence: float) -> Measurement:
    """Mean of `costs` as a share of another model's, by the delta method on calls that have both; shapes (n_pairs,)."""
    known = np.isfinite(costs) & np.isfinite(others)
    weights = np.ones(len(costs)) if sample.weight is None else sample.weight
    total = float(others[known] @ weights[known])
    if not known.any() or total == 0:
        return Unmeasured(reason="No call has both costs, or the other's calls are free.", n_pairs=int(known.sum()))
    ratio = float(costs[known] @ weights[known]) / total
    mean = total / float(weights[known].sum())
    found = mean_cost(np.where(known, (costs - ratio * others) / mean, np.nan), sample, confidence=confidence)
    if isinstance(found, Unmeasured):
        return found
    reach = found.high - found.estimate
    return replace(found, estimate=ratio, low=max(0.0, ratio - reach), high=ratio + reach)


def cost_rise(role: str, heldout: ScoredPairs, production: ScoredPairs, *, confidence: float) -> Measurement:
    """Measure by how much a call costs more in production than on held-out, as a fraction of held-out's mean.

    Parameters
    ----------
    role
        A column of costs, as in `samples.costs_and_latencies.COSTS`.

    Notes
    -----
    Delta method on the ratio of two independent means, each with the error of its queries; Welch's degrees of freedom.
    """
    if role not in heldout.operations or role not in production.operations:
        return Unmeasured(reason="The two samples do not both hold it.")
    before, after = (mean_cost(each.operations[role], each, confidence=confidence) for each in (heldout, production))
    if isinstance(before, Unmeasured) or isinstance(after, Unmeasured):
        return before if isinstance(before, Unmeasured) else after
    if before.estimate <= 0:
        return Unmeasured(reason="Held-out's calls are free.", n_pairs=before.n_pairs)
    ratio = after.estimate / before.estimate
    error = float(np.hypot(after.standard_error, ratio * before.standard_error)) / before.estimate
    return t_interval(
        ratio - 1,
        error,
        degrees=welch_degrees(after, before),
        confidence=confidence,
        n_pairs=before.n_pairs + after.n_pairs,
        n_queries=before.n_queries + after.n_queries,
    )
