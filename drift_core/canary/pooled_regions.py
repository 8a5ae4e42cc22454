"""Regions over their weeks: what the last weeks of one say together, against the level that it should have.

Which texts are one region over the weeks is in `registry`; the limit is that of all traffic, in `sequential`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import NormalDist

from drift_core.agreement.rule import Rule
from drift_core.canary.assessment import PooledRegion, Tense, WeekAssessment, alarmed, in_tense
from drift_core.canary.fall import Fall, are_parts, names_together, place_fall
from drift_core.canary.figures import RegionFigure, novelty
from drift_core.canary.run import CanaryRun
from drift_core.canary.sequential import WINDOWS, count_score, normal_score, yearly_limit
from drift_core.canary.spending import is_earlier, spend_on_births, traffic_budget
from drift_core.canary.usual_level import Level, usual_level
from drift_core.regions.named_region import DRAWN
from drift_core.wording import counted

LENGTHS = (1, 2, 3, 4, 8)  # weeks taken together: those of all traffic, and three
LEAST_SHARE = 0.02  # of the traffic of the window; a smaller region carries too little to alarm, as in the diagnosis
NAMED_BESIDE = 3  # of the other regions that alarm, in one sentence
YOUNG = 4  # first weeks of a new region, in which all of them are taken together
RECENT = 80  # runs of a student recorded last, whose regions are enough to judge the newest weeks, gaps among them

Key = tuple[str, str]  # partition and name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """A week with its regions of which the errors were measured."""

    at: WeekAssessment
    regions: Mapping[Key, RegionFigure]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A week with those up to eight before it, and the looks since birth of each region that is new in its first weeks.

    `births` are those of them that are large enough to be judged.
    """

    recent: Sequence[_Week]
    young: Mapping[Key, int]
    births: int

    @property
    def run(self) -> CanaryRun:
        return self.recent[-1].at.run


def judge_regions(weeks: list[WeekAssessment], groups: Sequence[Sequence[int]], rule: Rule) -> None:
    """Judge the regions of weeks that are compared by errors, each group being places in order that share a baseline.

    Notes
    -----
    A region's pairs of the last one to four and eight weeks are taken together; weeks that lack it add none. Its
    level should be that of held-out's pairs in it, drawn towards the level of all traffic by how few they are and how
    like each other regions are (empirical Bayes [1]_); where held-out has none, that of all traffic, and the variance
    between regions is its error. The budget is what all traffic leaves. `rule.alarm_new_share` of it is for regions
    that held-out lacks, in their first four weeks: all their weeks are one look, at a level of `spending`, in equal
    parts (Bonferroni) over those that are large enough to alarm [2]_. The rest is for the others, in equal parts: their
    score is held against the yearly limit of `sequential`, of four fifths because a fifth length is looked at. A
    week that an earlier version recorded is judged as it did.

    References
    ----------
    .. [1] Efron, B. and Morris, C. (1975). Data analysis using Stein's estimator and its generalizations. JASA 70.
    .. [2] Tarone, R. E. (1990). A modified Bonferroni method for discrete data. Biometrics 46.
    """
    looks = {place: look for places in groups for place, look in _looks(weeks, places, rule).items()}
    recorded = sorted(looks, key=lambda place: looks[place].run.number)
    shares = dict(zip(recorded, spend_on_births([_spends(looks[place]) for place in recorded]), strict=True))
    for place, look in looks.items():
        budget, is_old = rule.alarm_budget - traffic_budget(look.run, rule), is_earlier(look.run)
        limits = _earlier_limits(look, budget) if is_old else _limits(look, budget, shares[place], rule)
        young = {} if is_old else look.young
        found = [_judged(key, look.recent, limits[key], rule, young.get(key)) for key in look.recent[-1].regions]
        weeks[place] = replace(weeks[place], regions=tuple(sorted(found, key=lambda each: -each.score)))
        alarms = [each for each in weeks[place].regions if each.is_alarm]
        if alarms or weeks[place].status == "alarm":
            fall = place_fall(weeks[: place + 1], weeks[place], rule=rule)
            led = [(each.partition, each.name) for each in fall.places if fall.change is not None]
            weeks[place] = _placed(weeks[place], sorted(alarms, key=partial(_place, led)), fall, led)


def _placed(week: WeekAssessment, alarms: Sequence[PooledRegion], fall: Fall, led: Sequence[Key]) -> WeekAssessment:
    """The week with where it fell, and the regions that alarm; where all fell alike none of them is told alone."""
    is_led = any((each.partition, each.name) in led for each in alarms[:1])
    where = f"{fall.leading}." if led and not is_led else fall.told_nowhere(week)
    if not alarms:
        told = (where,) if where else ()
        return replace(week, reasons=(*week.reasons, *told), past_reasons=(*week.past_reasons, *told))
    is_told = not (where and fall.is_across)
    day = f"{week.run.at:%Y-%m-%d}"

    def tell(tense: Tense) -> str:
        return " ".join(filter(None, (where, _reason(alarms, day, tense) if is_told else "")))

    return alarmed(week, "new_traffic" if alarms[0].is_new else "region", tell)


def _looks(weeks: Sequence[WeekAssessment], places: Sequence[int], rule: Rule) -> dict[int, _Look]:
    told = [_Week(at=weeks[place], regions=_told(weeks[place].run)) for place in places]
    days = [f"{week.at.run.at:%Y-%m-%d}" for week in told]
    looks = {}
    for order, place in enumerate(places):
        recent = told[max(0, order + 1 - LENGTHS[-1]) : order + 1]
        young = {}
        for key, figure in told[order].regions.items():
            age = 0 if figure.since is None else sum(figure.since <= day for day in days[: order + 1])
            is_born_here = figure.since is not None and figure.since >= days[0]
            if figure.is_new and is_born_here and 0 < age <= YOUNG:
                young[key] = age
        births = sum(_is_large(key, recent[-age:], rule) for key, age in young.items())
        looks[place] = _Look(recent=recent, young=young, births=births)
    return looks


def _spends(look: _Look) -> bool:
    """Whether a look spends on new regions; an earlier version did on any of eight weeks."""
    if is_earlier(look.run):
        return any(figure.is_new for week in look.recent for figure in week.regions.values())
    return look.births > 0


def _limits(look: _Look, budget: float, share: float, rule: Rule) -> Mapping[Key, float]:
    """Limit of each region of a week."""
    keys = {key for week in look.recent for key in week.regions}
    n_old = sum(
        any(_is_large(key, look.recent[-length:], rule) for length in LENGTHS) for key in keys - look.young.keys()
    )
    old = yearly_limit(budget * (1 - rule.alarm_new_share) * len(WINDOWS) / len(LENGTHS) / max(1, n_old))
    level = budget * rule.alarm_new_share * share / max(1, look.births)
    new = -NormalDist().inv_cdf(level) if level > 0 else math.inf
    return {key: new if key in look.young else old for key in look.recent[-1].regions}


def _earlier_limits(look: _Look, budget: float) -> Mapping[Key, float]:
    """One half for the regions of eight weeks that held-out lacks, one half for the others, in equal parts."""
    is_new = {key: figure.is_new for week in look.recent for key, figure in week.regions.items()}
    n_new = sum(is_new.values())
    half = budget * len(WINDOWS) / len(LENGTHS) / 2
    limits = {kind: yearly_limit(half / max(1, n)) for kind, n in ((True, n_new), (False, len(is_new) - n_new))}
    return {key: limits[is_new[key]] for key in look.recent[-1].regions}


def _is_large(key: Key, weeks: Sequence[_Week], rule: Rule) -> bool:
    """Whether the weeks have enough of a region for it to alarm, whatever its errors are."""
    n_queries, n_pairs, share = _size(key, weeks)
    return n_pairs > 0 and n_queries >= rule.region_min_queries and share >= LEAST_SHARE


def _size(key: Key, weeks: Sequence[_Week]) -> tuple[int, int, float]:
    """Queries, pairs and share of the traffic of a region over some weeks."""
    parts = [(week.at.run, figure) for week in weeks if (figure := week.regions.get(key))]
    total = sum(week.at.run.n_pairs for week in weeks)
    return (
        sum(figure.n_queries or 0 for _, figure in parts),
        sum(figure.n_pairs for _, figure in parts),
        sum(figure.share * run.n_pairs for run, figure in parts) / total,
    )


def _told(run: CanaryRun) -> Mapping[Key, RegionFigure]:
    """Regions of a run whose errors were measured."""
    return {(each.partition, each.name): each for each in run.regions if each.error is not None and each.n_queries}


def _judged(key: Key, recent: Sequence[_Week], limit: float, rule: Rule, age: int | None) -> PooledRegion:
    """Judge a region by the window that says most, an alarm before all; a new one of this age by all its weeks."""
    this = recent[-1].at
    newest = recent[-1].regions[key]
    usual = usual_level(newest, this)
    # As of all traffic, a week that lost next to nothing by itself is quiet, whatever those before it were.
    lost = 0.0 if newest.error is None else _loss(newest.error.level / usual.level, newest, this)
    this_week = lost > (0.0 if is_earlier(this.run) else rule.alarm_loss)
    read = []
    for length in (each for each in (LENGTHS if age is None else (age,)) if each <= len(recent)):
        within = recent[-length:]
        figures = [figure for week in within if (figure := week.regions.get(key))]
        now = _mean(figures)
        n_queries, n_pairs, share = _size(key, within)
        one = PooledRegion(
            partition=newest.partition,
            name=newest.name,
            since=newest.since or f"{this.run.at:%Y-%m-%d}",
            is_new=newest.is_new,
            n_weeks=len(figures),
            n_pairs=n_pairs,
            n_queries=n_queries,
            share=share,
            level=now.level,
            usual=usual.level,
            score=_score(now, usual) if (score := _score_of_counts(figures, usual)) is None else score,
            threshold=limit,
            loss=_loss(now.level / usual.level, newest, this),
            n_heldout=newest.n_heldout,
        )
        read.append(replace(one, is_alarm=this_week and _is_clear(one, rule)))
    return max(read, key=lambda each: (each.is_alarm, each.score))


def _is_clear(region: PooledRegion, rule: Rule) -> bool:
    """Whether a window exceeds the limit, and by enough and on enough to matter."""
    is_large = region.n_queries >= rule.region_min_queries and region.share >= LEAST_SHARE
    return is_large and region.loss >= rule.region_loss and region.score > region.threshold


def _mean(figures: Sequence[RegionFigure]) -> Level:
    """The mean over all pairs of several weeks."""
    parts = [(figure.n_pairs, figure.error) for figure in figures if figure.error is not None]
    total = sum(size for size, _ in parts)
    return Level(
        level=sum(size * error.level for size, error in parts) / total,
        variance=sum(size**2 * error.variance for size, error in parts) / total**2,
        third=sum(size**3 * error.third for size, error in parts) / total**3,
        degrees=min(error.degrees for _, error in parts),
    )


def _score(now: Level, usual: Level) -> float:
    """The excess over the usual level on the normal scale, at Satterthwaite's degrees of freedom."""
    variance = now.variance + usual.variance
    degrees = variance**2 / (now.variance**2 / now.degrees + usual.variance**2 / usual.degrees)
    return normal_score(now.level / usual.level - 1, variance, now.third + usual.third, degrees)


def _score_of_counts(figures: Sequence[RegionFigure], usual: Level) -> float | None:
    """The same of labels that differ, which are counted; None where a week has no count."""
    counts = [figure.count for figure in figures if figure.count is not None]
    if len(counts) < len(figures) or sum(each.expected for each in counts) <= 0:
        return None
    expected = usual.level * sum(each.expected for each in counts)
    variance = usual.level * sum(each.variance for each in counts) + expected**2 * usual.variance
    return count_score(
        sum(each.differing for each in counts), sum(figure.n_pairs for figure in figures), expected, variance
    )


def _loss(ratio: float, figure: RegionFigure, week: WeekAssessment) -> float:
    """Agreement that such a growth of the error costs where scores range as usual."""
    before = figure.agreement_heldout
    if before is None:
        before = 0.0 if week.baseline is None else week.baseline.agreement.estimate
    return before - week.run.scale.after(before, ratio)


def _place(led: Sequence[Key], region: PooledRegion) -> tuple[bool, int, float]:
    """A region that a person named first, then those that the fall lies in, then where errors rose most."""
    key = (region.partition, region.name)
    return region.partition != DRAWN, led.index(key) if key in led else len(led), -region.level / region.usual


def _beside(others: Sequence[PooledRegion], tense: Tense) -> str:
    """How many more alarm, with the first of them by name; empty where none does."""
    if not others:
        return ""
    names = "; ".join(each.name for each in others[:NAMED_BESIDE])  # names have commas
    n_left = len(others) - NAMED_BESIDE
    left = f"; and {n_left} more" if n_left > 0 else ""
    alarms, alarm = in_tense("alarms", tense), in_tense("alarm", tense)
    return f" Beside it {counted(len(others), f'more region {alarms}', f'more regions {alarm}')}: {names}{left}."


def _reason(alarms: Sequence[PooledRegion], day: str, tense: Tense) -> str:
    """The first region with its figures, its likely parts told as one with it, and the others by name."""
    first = alarms[0]
    parts = [first, *(each for each in alarms[1:] if are_parts(first, each))]
    n_pairs = sum(each.n_pairs for each in parts)
    times = sum(each.n_pairs * each.level / each.usual for each in parts) / n_pairs
    over = "this week" if first.n_weeks == 1 else f"its last {first.n_weeks} weeks"
    lacks = novelty(sum(each.n_heldout or 0 for each in parts)) if first.is_new else "known"
    what = f"{DRAWN if first.partition == DRAWN else lacks}, first seen {first.since}"
    if first.partition != DRAWN and not first.is_new and first.since == day:
        what = "new to this history"
    whole = f"{sum(each.share for each in parts):.0%}"
    least = "at least " if first.is_new and first.partition != DRAWN and whole != "100%" else ""
    share = f"{least}{whole} of the traffic"
    names, told = (
        names_together([each.name for each in parts]),
        f", in {len(parts)} parts that may be one topic" if len(parts) > 1 else "",
    )
    return (
        f"The student {in_tense('errs', tense)} more on {names} ({what}, {share}{told}): {times:.1f} times what is "
        f"usual, over {over} with {counted(n_pairs, 'pair', 'pairs')}.{_beside(_others(alarms, parts), tense)}"
    )


def _others(alarms: Sequence[PooledRegion], parts: Sequence[PooledRegion]) -> list[PooledRegion]:
    return [each for each in alarms if each not in parts]
