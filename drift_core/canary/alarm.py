"""The alarm: each week against its baseline, with one yearly budget of false alarms."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, groupby

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import Baseline, Tense, WeekAssessment, alarmed, in_tense, with_own_regions
from drift_core.canary.baselines import follow_baselines, gap_reason, is_baseline_itself, z_error_of
from drift_core.canary.decision import Decision
from drift_core.canary.figures import ErrorFigure
from drift_core.canary.named_regions import with_newest_names
from drift_core.canary.pooled_regions import judge_regions
from drift_core.canary.run import CanaryRun, in_time
from drift_core.canary.sequential import (
    BETWEEN_REGIONS,
    Weeks,
    excess_at,
    normal_score,
    single_limit,
    window_scores,
    yearly_limit,
)
from drift_core.canary.spending import traffic_budget
from drift_core.canary.students import recorded_rule, students_of
from drift_core.canary.withdrawals import active_runs
from drift_core.measured import Measured, Measurement, Unmeasured, figures_apart

MANY = 1e6  # degrees of freedom of what is known


def assess(
    runs: Sequence[CanaryRun], decisions: Sequence[Decision] = (), *, rule: Rule | None = None
) -> tuple[WeekAssessment, ...]:
    """Judge every week against the baseline measured at ship time.

    Parameters
    ----------
    runs
        Canary runs in any order; each student is judged by its own. Regions count where the runs are read with them.
    decisions
        What people decided; a level that was accepted is a new baseline, a run that was withdrawn does not count.
    rule
        Budget, effect floor and the least size of a week; by default those that each student's newest run was made
        with.

    Returns
    -------
    tuple of WeekAssessment
        One a run that counts, ordered by time; of several of one day, student and baseline those that alarm stand last,
        so that no further sample of the day covers an alarm.

    Notes
    -----
    A week is compared by the student's error level, or by agreement on Fisher's z scale where that is an area, and
    where a week was imported without a level or had another held-out. Windows of the last one, two, four and eight
    measured weeks are standardised and held against a limit that a stable student exceeds in 52 looks with the chance
    `rule.alarm_budget`, of which `rule.alarm_share` goes to all traffic and the rest to regions over their weeks
    (`pooled_regions`). See
    `sequential.yearly_limit` for sources and conditions: weekly samples drawn independently, each from one population
    of queries. A week alarms on all traffic only if its own fall and that of the window exceed `rule.alarm_loss`.
    Further runs in one week are further looks; the same sample recorded again is none.
    """
    active = with_newest_names(active_runs(runs, decisions), decisions)
    weeks: list[WeekAssessment] = []
    for version in students_of(active):
        own = [run for run in active if run.student_version == version]
        weeks += _judged(own, decisions, recorded_rule(own) if rule is None else rule)
    return _alarms_last(sorted(weeks, key=lambda week: in_time(week.run)))


def _judged(runs: Sequence[CanaryRun], decisions: Sequence[Decision], rule: Rule) -> list[WeekAssessment]:
    """Judge the weeks of one student."""
    ordered = sorted(runs, key=in_time)
    baselines = follow_baselines(ordered, decisions, rule=rule)
    weeks = [_unjudged(run, baseline, rule) for run, baseline in zip(ordered, baselines, strict=True)]
    groups = _compared_alike(weeks)
    looks = [_first_of_samples(weeks, places) for places in groups]
    for places in looks:
        _judge_agreement(weeks, places, rule)
    judge_regions(weeks, [places for places in looks if _is_by_error(weeks[places[0]])], rule)
    for places in groups:
        _repeat(weeks, places)
    _judge_new_traffic(weeks, rule)
    return [with_own_regions(_with_revision(week, rule)) for week in weeks]


def _alarms_last(weeks: Iterable[WeekAssessment]) -> tuple[WeekAssessment, ...]:
    alike = groupby(weeks, key=lambda week: (week.run.at.date(), week.run.student_version, week.baseline))
    return tuple(week for _, group in alike for week in sorted(group, key=lambda week: week.status == "alarm"))


def _unjudged(run: CanaryRun, baseline: Baseline | None, rule: Rule) -> WeekAssessment:
    gap = gap_reason(run, rule)
    if gap is not None:
        return WeekAssessment(run=run, status="gap", reasons=(gap,), baseline=baseline)
    fall = None if baseline is None else _fall(baseline.agreement, run.agreement)
    return WeekAssessment(run=run, status="quiet", baseline=baseline, fall=fall)


def _fall(baseline: Measured, week: Measurement) -> Measurement:
    """Baseline minus the week, with an interval from both (Zou, 2007)."""
    if isinstance(week, Unmeasured):
        return week
    fall = baseline.estimate - week.estimate
    return Measured(
        estimate=fall,
        low=fall - math.hypot(baseline.estimate - baseline.low, week.high - week.estimate),
        high=fall + math.hypot(baseline.high - baseline.estimate, week.estimate - week.low),
        confidence=week.confidence,
        standard_error=math.hypot(baseline.standard_error, week.standard_error),
        n_pairs=week.n_pairs,
        n_queries=week.n_queries,
        is_share=week.is_share,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """One week's excess over its baseline, and how both scatter."""

    excess: float
    week: ErrorFigure
    baseline: ErrorFigure


def _compare(run: CanaryRun, baseline: Baseline) -> _Compared:
    if not run.is_area and run.error is not None and baseline.error is not None and _same_heldout(run, baseline):
        return _Compared(excess=run.error.level - baseline.error.level, week=run.error, baseline=baseline.error)
    assert isinstance(run.agreement, Measured)
    error = z_error_of(run, run.agreement)
    if run.is_area:  # a week with few of an answer knows its own error badly
        error = max(error, baseline.z_error * math.sqrt(baseline.agreement.n_pairs / run.agreement.n_pairs))
    z = run.scale.z(run.agreement, error)
    week = ErrorFigure(level=-z, variance=error**2, third=0.0, degrees=MANY)
    own = ErrorFigure(level=-baseline.z, variance=baseline.z_error**2, third=0.0, degrees=MANY)
    return _Compared(excess=baseline.z - z, week=week, baseline=own)


def _compared_alike(weeks: Sequence[WeekAssessment]) -> list[list[int]]:
    """Places of measured weeks that share a baseline and are compared on the same scale, in order."""
    groups: dict[object, list[int]] = {}
    for place, week in enumerate(weeks):
        if week.status != "gap" and week.baseline is not None and not is_baseline_itself(week):
            groups.setdefault((week.baseline, _is_by_error(week)), []).append(place)
    return list(groups.values())


def _is_by_error(week: WeekAssessment) -> bool:
    baseline = week.baseline
    if baseline is None or baseline.error is None or week.run.error is None:
        return False
    return _same_heldout(week.run, baseline)


def _first_of_samples(weeks: Sequence[WeekAssessment], places: Sequence[int]) -> list[int]:
    """The first week of each sample: the same pairs on another day are no further evidence."""
    first: dict[str | None, int] = {}
    for place in _as_recorded(weeks, places):
        digest = weeks[place].run.production_digest
        first.setdefault(digest if digest is not None else f"place {place}", place)
    return sorted(first.values())


def _as_recorded(weeks: Sequence[WeekAssessment], places: Sequence[int]) -> list[int]:
    return sorted(places, key=lambda place: weeks[place].run.number)


def _repeat(weeks: list[WeekAssessment], places: Sequence[int]) -> None:
    """A sample that was recorded before reads as it did then."""
    first: dict[str, WeekAssessment] = {}
    for place in _as_recorded(weeks, places):
        week = weeks[place]
        digest = week.run.production_digest
        known = None if digest is None else first.setdefault(digest, week)
        if known is not None and known is not week:
            weeks[place] = replace(known, run=week.run)


def _same_heldout(run: CanaryRun, baseline: Baseline) -> bool:
    """Error levels are in units of the held-out that they were measured with."""
    return run.heldout is not None and run.heldout.digest == baseline.heldout_digest


def _judge_agreement(weeks: list[WeekAssessment], places: Sequence[int], rule: Rule) -> None:
    compared = [_compare(weeks[place].run, _known(weeks[place].baseline)) for place in places]
    windows = window_scores(_series(compared))
    falls = [fall.estimate if isinstance(fall := weeks[at].fall, Measured) else 0.0 for at in places]
    until = list(accumulate(falls, initial=0.0))
    for order, (place, each) in enumerate(zip(places, compared, strict=True)):
        scores = windows.scores[order]
        best = scores.index(max(scores))
        limit = yearly_limit(traffic_budget(weeks[place].run, rule))
        lengths = [
            length
            for length, score in zip(windows.lengths, scores, strict=True)
            if score > limit and (until[order + 1] - until[order + 1 - length]) / length > rule.alarm_loss
        ]
        week = replace(
            weeks[place],
            score=scores[best],
            threshold=limit,
            window=lengths[0] if lengths else windows.lengths[best],
            limit=_limit(_known(weeks[place].baseline), each, limit, rule),
        )
        is_alarm = bool(lengths) and falls[order] > rule.alarm_loss
        weeks[place] = alarmed(week, "agreement", partial(_agreement_reason, week)) if is_alarm else week


def _series(compared: Sequence[_Compared]) -> Weeks:
    shared = compared[0].baseline
    return Weeks(
        excess=[each.excess for each in compared],
        variance=[each.week.variance for each in compared],
        third=[each.week.third for each in compared],
        shared_variance=shared.variance,
        shared_third=shared.third,
        degrees=min(shared.degrees, min(each.week.degrees for each in compared)),
    )


def _limit(baseline: Baseline, each: _Compared, limit: float, rule: Rule) -> float:
    """Agreement at which one week alone reaches the limit; its error rises as what agreement leaves unexplained."""
    excess = excess_at(
        limit, each.week.variance + each.baseline.variance, each.week.third - each.baseline.third, each.week.degrees
    )
    agreement = baseline.agreement.estimate
    if each.baseline.degrees == MANY:
        reached = baseline.scale.agreement(baseline.z - excess)
    else:
        reached = baseline.scale.after(agreement, 1 + excess / each.baseline.level)
    return min(reached, agreement - rule.alarm_loss)


def _judge_new_traffic(weeks: list[WeekAssessment], rule: Rule) -> None:
    """The worst new region of each week of an earlier version, whose regions were another's every week."""
    for place, week in enumerate(weeks):
        new = week.run.new_traffic
        is_pooled = week.run.between_regions is not None
        if week.status == "gap" or is_pooled or new is None or new.error is None or new.share < rule.region_share:
            continue
        error = new.error
        score = normal_score(error.level - 1, error.variance + BETWEEN_REGIONS, error.third, error.degrees)
        budget = rule.alarm_budget - traffic_budget(week.run, rule)
        if score > single_limit(budget / new.n_tested):
            weeks[place] = alarmed(week, "new_traffic", partial(_new_traffic_reason, week))


def _with_revision(week: WeekAssessment, rule: Rule) -> WeekAssessment:
    """A revision that costs too much on the same pairs alarms in the week of its bridge."""
    bridge = week.run.bridge
    baseline = week.baseline
    is_new = baseline is not None and baseline.source == "bridge" and baseline.since == week.run.at
    if week.status == "gap" or bridge is None or not is_new or not isinstance(bridge.loss, Measured):
        return week
    if bridge.loss.low <= 0 or bridge.loss.estimate <= rule.alarm_loss:
        return week
    whose, loss = week.run.teacher_revision, f"{bridge.loss:-.3f} of agreement on the same pairs"
    return alarmed(week, "revision", lambda tense: f"The teacher's revision {whose} {in_tense('costs', tense)} {loss}.")


def _agreement_reason(week: WeekAssessment, tense: Tense) -> str:
    assert isinstance(week.fall, Measured)
    assert isinstance(week.run.agreement, Measured)
    now, baseline = figures_apart(week.run.agreement, _known(week.baseline).agreement)
    is_, exceeds, exceed = (in_tense(verb, tense) for verb in ("is", "exceeds", "exceed"))
    over = f"this week alone {exceeds}" if week.window == 1 else f"the last {week.window} weeks together {exceed}"
    turned = f"{week.run.turned} " if week.run.turned else ""
    return (
        f"{turned}Agreement {is_} {now}, {week.fall:-.3f} below the baseline {baseline}"
        f"{_error_in_words(week, is_)}; {over} the yearly limit."
    )


def _error_in_words(week: WeekAssessment, is_: str) -> str:
    """The error level, which decides where it was measured and can be sure where the fall alone is not."""
    error, at_ship = week.run.error, _known(week.baseline).error
    if week.run.is_area or error is None or at_ship is None or not _same_heldout(week.run, _known(week.baseline)):
        return ""
    return f", and the student's error {is_} {error.level / at_ship.level:.1f} times the baseline's"


def _new_traffic_reason(week: WeekAssessment, tense: Tense) -> str:
    new = week.run.new_traffic
    assert new is not None
    return (
        f"The student {in_tense('errs', tense)} more on traffic that held-out lacks: {', '.join(new.names)}, "
        f"{new.share:.0%} of this week's traffic."
    )


def _known(baseline: Baseline | None) -> Baseline:
    assert baseline is not None
    return baseline
