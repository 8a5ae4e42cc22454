"""Where a fall lies: regions over some weeks, each beside the rest of the traffic.

A slice of all traffic falls as all traffic does; what fell no more than the rest is no place of the fall.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.figures import RegionFigure, novelty
from drift_core.canary.usual_level import usual_level
from drift_core.measured import Measured, figure

MOST = 0.5  # of the weeks' pairs, that stand for all of them
WHOLE = 0.98  # share from which a region is all traffic, with no rest beside it
TINY = 1e-9

Key = tuple[str, str]  # partition and name


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMove:
    """A region since the change: agreement on held-out, and on its pairs of the weeks since, which `n_weeks` counts.

    `share` is of the traffic of these weeks, at the weights of their samples; `since` is the day that showed it first.
    `is_place` is whether it surely fell more than the rest did, and `carried` the part of the whole fall that lies in
    what it fell more.
    """

    partition: str
    name: str
    share: float
    before: float | None
    now: float
    n_pairs: int
    n_weeks: int
    is_new: bool
    is_share: bool = False
    since: str | None = None
    n_heldout: int | None = None
    carried: float = 0.0
    is_place: bool = False

    @property
    def levels(self) -> tuple[str, str]:
        """Agreement before and now as they are told; "new" or "rare" where held-out has too little of it."""
        lacks = "rare" if self.n_heldout else "new"
        before = "not measured" if self.before is None else figure(self.before, is_share=self.is_share)
        before = lacks if self.is_new or (self.before is None and not self.n_heldout) else before
        return before, figure(self.now, is_share=self.is_share)

    @property
    def told(self) -> str:
        """Agreement now, and on held-out where held-out has it."""
        before, now = self.levels
        if before == "new":
            return f"{now}, new: held-out lacks it"
        return f"{now}, {novelty(self.n_heldout)}" if before == "rare" else f"{now}, held-out {before}"


def moved_regions(weeks: Sequence[WeekAssessment], *, confidence: float) -> tuple[RegionMove, ...]:
    """Give the regions that drifted or alarmed in some weeks: those that fell more than the rest first, new ones ahead.

    Notes
    -----
    A region's error over what is usual there is held against that of the rest, on the log scale, or its fall of
    agreement against that of the rest where its errors are not known; surely more is one-sided at `confidence`, in
    equal parts over the regions (Bonferroni). The rest is a partition's traffic without it, at the shares of the weeks.
    """
    rows: dict[Key, list[RegionFigure]] = {}
    pairs: dict[Key, list[float]] = {}  # of the traffic of each week, at the weights of its sample
    for week in weeks:
        for each in week.run.regions:
            if is_measured(each):
                rows.setdefault((each.partition, each.name), []).append(each)
                pairs.setdefault((each.partition, each.name), []).append(week.run.n_pairs * each.share)
    alarmed = {(each.partition, each.name) for week in weeks for each in week.regions if each.is_alarm}
    flagged = [key for key, found in rows.items() if key in alarmed or any(each.drifted for each in found)]
    limit = NormalDist().inv_cdf(1 - (1 - confidence) / max(1, len(flagged)))
    n_pairs, every = sum(week.run.n_pairs for week in weeks), widest(weeks) if flagged else []
    whole = _whole(every, weeks) if every else None
    moves = [_move(rows[key], weeks, limit, round(math.fsum(pairs[key]), 9) / n_pairs, whole) for key in flagged]
    return tuple(
        sorted(moves, key=lambda each: (not each.is_place, not (each.is_place and each.is_new), -each.carried))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Excess:
    """What a region rose or fell more than the rest, its standard error, and the part of the whole that this is."""

    estimate: float
    error: float
    carried: float


def is_measured(region: RegionFigure) -> bool:
    """Whether agreement is measured on its pairs."""
    return isinstance(region.agreement, Measured)


def _move(
    rows: Sequence[RegionFigure],
    weeks: Sequence[WeekAssessment],
    limit: float,
    share: float,
    whole: tuple[float, float] | None,
) -> RegionMove:
    size, newest = sum(each.n_pairs for each in rows), rows[-1].agreement
    mean = sum(each.n_pairs * each.agreement.estimate for each in rows if isinstance(each.agreement, Measured)) / size
    excess = None
    if share < WHOLE:
        excess = _by_error(rows, weeks, share, whole) or _by_agreement(rows, weeks, share, mean)
    return RegionMove(
        partition=rows[0].partition,
        name=rows[0].name,
        share=share,
        before=rows[-1].agreement_heldout,
        now=mean,
        n_pairs=size,
        n_weeks=len(rows),
        is_new=rows[-1].is_new,
        is_share=isinstance(newest, Measured) and newest.is_share,
        since=rows[-1].since,
        n_heldout=rows[-1].n_heldout,
        carried=0.0 if excess is None else excess.carried,
        is_place=excess is not None and excess.estimate > limit * excess.error,
    )


def _by_error(
    rows: Sequence[RegionFigure], weeks: Sequence[WeekAssessment], share: float, whole: tuple[float, float] | None
) -> _Excess | None:
    """The rise of the error beside that of the rest, on the log scale; None where errors are not known.

    `whole` is the level of all traffic, and what is usual.
    """
    if whole is None or all(each.error is None for each in rows):
        return None
    now, before = level_of(rows), usual_of(rows, weeks)
    all_now, all_before = whole
    rest_now, rest_before = ((all_ - share * own) / (1 - share) for all_, own in ((all_now, now), (all_before, before)))
    if min(now, before, rest_now, rest_before) < TINY:
        return None
    rise = all_now - all_before
    return _Excess(
        estimate=math.log(now / before) - math.log(rest_now / rest_before),
        error=error_of(rows, weeks) / math.sqrt(1 - share),
        carried=share * (now - before * rest_now / rest_before) / rise if rise > TINY else 0.0,
    )


def error_of(rows: Sequence[RegionFigure], weeks: Sequence[WeekAssessment]) -> float:
    """Standard error of the log of a region's error over what is usual there."""
    errors = [(each.n_pairs, each.error) for each in rows if each.error is not None]
    variance = sum(n**2 * error.variance for n, error in errors) / sum(n for n, _ in errors) ** 2
    return math.sqrt(variance + usual_level(rows[-1], weeks[-1]).variance)


def widest(weeks: Sequence[WeekAssessment]) -> list[tuple[float, RegionFigure]]:
    """The regions of the partition that has the most of the weeks' pairs, which stand for all, with their traffic."""
    found: dict[str, list[tuple[float, RegionFigure]]] = {}
    for week in weeks:
        for each in week.run.regions:
            if each.error is not None:
                found.setdefault(each.partition, []).append((week.run.n_pairs * each.share, each))
    widest = max(found.values(), key=lambda rows: sum(each.n_pairs for _, each in rows), default=[])
    n_pairs = sum(week.run.n_pairs for week in weeks)
    return widest if sum(each.n_pairs for _, each in widest) >= MOST * n_pairs else []


def _whole(rows: Sequence[tuple[float, RegionFigure]], weeks: Sequence[WeekAssessment]) -> tuple[float, float]:
    """The error level of all traffic and what it should be, each region by its traffic, at the weights of samples."""
    levels = _mean([(traffic, each.error.level) for traffic, each in rows if each.error is not None])
    return levels, _mean([(traffic, usual_level(each, weeks[-1]).level) for traffic, each in rows])


def level_of(rows: Sequence[RegionFigure]) -> float:
    """The error level over all pairs of the rows that have one."""
    return _mean([(each.n_pairs, each.error.level) for each in rows if each.error is not None])


def usual_of(rows: Sequence[RegionFigure], weeks: Sequence[WeekAssessment]) -> float:
    """The level that the regions of these rows should have, at their shares."""
    return _mean([(each.n_pairs, usual_level(each, weeks[-1]).level) for each in rows if each.error is not None])


def _mean(parts: Sequence[tuple[float, float]]) -> float:
    return sum(n * level for n, level in parts) / sum(n for n, _ in parts)


def _by_agreement(
    rows: Sequence[RegionFigure], weeks: Sequence[WeekAssessment], share: float, mean: float
) -> _Excess | None:
    baseline = weeks[-1].baseline
    measured = [(week.run.n_pairs, week.run.agreement) for week in weeks]
    known = [(n, each.estimate) for n, each in measured if isinstance(each, Measured)]
    if baseline is None or not known:
        return None
    usual = baseline.agreement.estimate
    before = rows[-1].agreement_heldout
    fall = (usual if before is None else before) - mean
    whole = usual - sum(n * each for n, each in known) / sum(n for n, _ in known)
    rest = (whole - share * fall) / (1 - share)
    own = [(each.n_pairs, each.agreement) for each in rows]
    squares = sum((n * each.standard_error) ** 2 for n, each in own if isinstance(each, Measured))
    return _Excess(
        estimate=fall - rest,
        error=math.sqrt(squares / (1 - share)) / sum(n for n, _ in own),
        carried=share * (fall - rest) / whole if whole > TINY else 0.0,
    )
