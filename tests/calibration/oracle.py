"""An oracle: it knows the true topics and kinds of docs of a messy world, but not which of them changed.

It takes the product's error statistic and asks of each group what the product asks, at limits that its own draws
without drift set. What it misses, no cut of the traffic can find.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.level_ratios import Between, between_levels, mixed_level, paired_rise, rise_beyond, rise_of
from drift_core.measures.residual_levels import BOTH, ErrorSample, Level
from drift_core.measures.residuals import residual_errors
from drift_core.measures.scores import Scores
from tests.calibration.causes import f1_of
from tests.calibration.messy_traffic import Sample, taken

FEW, LEAST_SHARE, NEW_BELOW = 5, 0.02, 0.25  # queries, share of production, share on held-out over that in production
EXPECTED = 20.0  # prior odds of a new group against a familiar one to carry the loss, as the product has them
MOST_GROUPS = 4  # drifted groups that are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Highest p-values at which a group, and the teacher, are named."""

    group: float
    teacher: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Smallest:
    """The smallest p-value of any group and that of the teacher, in one draw."""

    group: float
    teacher: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the oracle says: the cause, and F1 of the drifted pairs where some drifted."""

    cause: str
    f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """Scores of both sides, production under the pinned revision as well where it is known, and the groups' labels."""

    heldout: Scores
    production: Scores
    current: Scores | None
    labels: tuple[tuple[np.ndarray, np.ndarray], ...]  # of the topics, of the kinds of docs


def ask(heldout: Sample, production: Sample, limits: Limits) -> Answer:
    """Name the cause of one draw."""
    production = _scored(production)
    case = _case(heldout, production)
    drifted, kinds = _drifted(case, limits.group)
    is_teacher = _teacher(case, drifted) <= limits.teacher
    cause = {(False, False): "healthy", (False, True): "teacher_drift", (True, False): "query_drift"}.get(
        (bool(kinds), is_teacher), "query_and_teacher_drift"
    )
    return Answer(cause="document_drift" if kinds[:1] == [1] else cause, f1=f1_of(drifted, production.drifted))


def smallest(heldout: Sample, production: Sample) -> Smallest:
    """The p-values that decide a draw without drift."""
    case = _case(heldout, production)
    nothing = np.zeros(len(case.production), dtype=bool)
    found = _p_values(case, nothing)
    return Smallest(group=min(found.values(), default=1.0), teacher=_teacher(case, nothing))


def limits_at(rate: float, draws: Sequence[Smallest]) -> Limits:
    """Limits at which draws like these, without drift, are named so often in all, half by groups, half the teacher.

    Of the smallest of m p-values the share up to x is 1 - (1 - x)^m; m follows from the lowest tenth, so that few draws
    show the far tail.
    """
    of_groups, of_teacher = (np.array([getattr(each, name) for each in draws]) for name in ("group", "teacher"))
    return Limits(group=_limit(rate / 2, of_groups), teacher=_limit(rate / 2, of_teacher))


def _limit(rate: float, p_values: np.ndarray) -> float:
    shares = np.linspace(0.02, 0.1, 9)
    n_tests = np.median(np.log1p(-shares) / np.log1p(-np.quantile(p_values, shares)))
    return float(-np.expm1(np.log1p(-rate) / n_tests))


def _case(heldout: Sample, production: Sample) -> _Case:
    before, after = _scores(heldout), _scores(production)
    current = None
    if "teacher_score_pinned" in production.table:
        current = after
        after = replace(after, teacher=production.table["teacher_score_pinned"].to_numpy(float))
    return _Case(
        heldout=before,
        production=after,
        current=current,
        labels=((heldout.topic, production.topic), (heldout.kind, production.kind)),
    )


def _scored(sample: Sample) -> Sample:
    """The rows that the teacher scored."""
    return taken(sample, np.flatnonzero(sample.table["teacher_score"].notna()))


def _scores(sample: Sample) -> Scores:
    table = sample.table
    queries = np.unique(table["query"], return_inverse=True)[1]
    return Scores(
        student=table["student_score"].to_numpy(float), teacher=table["teacher_score"].to_numpy(float), queries=queries
    )


def _drifted(case: _Case, limit: float) -> tuple[np.ndarray, list[int]]:
    """Production pairs in the groups that drifted, one after the other, and of which cut each of them is."""
    drifted, cuts = np.zeros(len(case.production), dtype=bool), []
    for _ in range(MOST_GROUPS):
        found = _p_values(case, drifted)
        if not found or min(found.values()) > limit:
            break
        cut, group = min(found, key=lambda at: found[at])
        drifted |= case.labels[cut][1] == group
        cuts.append(cut)
    return drifted, cuts


def _errors(case: _Case, set_aside: np.ndarray) -> tuple[ErrorSample, ErrorSample]:
    before, after = residual_errors(case.heldout, case.production, usual=~set_aside)
    return ErrorSample.of(case.heldout, before), ErrorSample.of(case.production, after)


def _p_values(case: _Case, set_aside: np.ndarray) -> dict[tuple[int, int], float]:
    """p-value of each group that is not set aside and large enough, by its cut and number."""
    samples, topics = _errors(case, set_aside), case.labels[0][0]
    levels = [_level(samples[0], topics == each) for each in np.unique(topics)]
    between = between_levels([level for level in levels if level])
    found = {}
    for cut, (before, after) in enumerate(case.labels):
        for group in np.unique(after[~set_aside]):
            p_value = _p_value(samples, before == group, (after == group) & ~set_aside, set_aside, between)
            if p_value is not None:
                found[cut, int(group)] = p_value
    return found


def _p_value(
    samples: tuple[ErrorSample, ErrorSample],
    before: np.ndarray,
    after: np.ndarray,
    set_aside: np.ndarray,
    between: Between,
) -> float | None:
    """One group over itself and over the rest's rise; a new one over the rest, beside how topics differ."""
    inside, rest = _level(samples[1], after), _level(samples[1], ~after & ~set_aside)
    own, rest_before = _level(samples[0], before), _level(samples[0], ~before)
    if inside is None or rest is None or rest_before is None or after.mean() < LEAST_SHARE:
        return None
    if own is None or before.mean() < NEW_BELOW * after.mean():
        growth = float(np.exp(max(rest.log_mean[BOTH] - rest_before.log_mean[BOTH], 0.0)))
        usual = replace(between, variance=between.variance / growth**2)
        return rise_of(inside, rest, between=usual).p_value
    known = max(rise_of(inside, own).p_value, rise_beyond(inside, own, rest, rest_before).p_value)
    return min(1.0, EXPECTED * known)


def _level(sample: ErrorSample, chosen: np.ndarray) -> Level | None:
    level = sample.level(chosen) if chosen.any() else None
    return level if level and level.n_queries >= FEW else None


def _teacher(case: _Case, drifted: np.ndarray) -> float:
    """p-value of the pairs that did not drift: current over pinned revision, or over held-out at the same topics."""
    if case.current is not None:
        errors = [residual_errors(case.heldout, scores.take(~drifted))[1] for scores in (case.production, case.current)]
        return paired_rise(errors[1], errors[0], case.current.take(~drifted).queries).p_value
    heldout, production = _errors(case, drifted)
    before, after = case.labels[0]
    known = ~drifted & np.isin(after, before)
    if not known.any():
        return 1.0
    n = int(max(before.max(), after.max())) + 1
    shares = np.bincount(after[known], minlength=n) / known.sum()
    levels = heldout.levels(before, n, np.ones(len(before), dtype=bool))
    usual = mixed_level([(share, level) for share, level in zip(shares, levels, strict=True) if level])
    return rise_of(production.level(known), usual).p_value
