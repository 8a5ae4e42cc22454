"""A comparison, a gate's answer and a canary's weeks as one page each; every figure is their own."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.events import Event
from drift_core.canary.explanation import Explanation
from drift_core.canary.status import newest_sentence, week_by_itself
from drift_core.canary.withdrawals import Withdrawal
from drift_core.charts.canary import timeline_chart
from drift_core.charts.canary_events import event_letters
from drift_core.charts.comparison import comparison_chart, comparison_table
from drift_core.comparison.compare import ComparedSample, Comparison
from drift_core.comparison.sentences import OUTCOME_WORDS, worse_regions
from drift_core.gate.gate_decision import GateDecision
from drift_core.gate.headline import gate_headline, gate_lines
from drift_core.measured import Measured, Measurement
from drift_core.report.one_page import OnePage
from drift_core.report.pictures import Drawing, Picture, drawing
from drift_core.report.story_parts import StoryPart, figure_of
from drift_core.version import VERSION
from drift_core.wording import counted, one_line, shortened

PICTURE_WIDTH = 900
_GATE_WORDS = {"pass": "Pass", "blocked": "Blocked", "inconclusive": "Open"}


def comparison_page(made: Comparison) -> OnePage:
    """Put a comparison on one page: the sample that decides in the picture, every part of it in the table."""
    sample = next((each for each in made.samples if each.whole.outcome == made.outcome), made.samples[0])
    names = " → ".join(shortened(one_line(name or "unnamed")) for name in (made.students.before, made.students.after))
    table = comparison_table(sample.whole, sample.regions)
    return OnePage(
        title=f"Before and after: {names} · {made.made_at:%Y-%m-%d}",
        headline=made.headline,
        parts=_students(sample, made),
        lines=(*made.lines, *(f"{part.full_title}: {part.reason}" for part in made.worse), *made.cautions),
        picture=_comparison_picture(sample),
        table=table[["Part", "Verdict", "Change", "Before", "After", "Share"]],
        table_title=f"Parts of the {sample.whole.sample} pairs, the most telling first",
        widest="Part",
        made=f"Version {made.version}, seed {made.seed}, {sample.name}, digest {sample.digest[:12]}.",
    )


def gate_page(decision: GateDecision) -> OnePage:
    """Put a gate's answer on one page: its checks in the table."""
    run = decision.measured
    student = (run.student_version if run else None) or "the newest student"
    checks = [
        (check.outcome, f"{check.words} {check.subject or ''}".rstrip(), check.sentence)
        for check in decision.checks
        if check.outcome != "skipped"
    ]
    order = ("blocked", "inconclusive", "overridden", "held")
    rows = sorted(checks, key=lambda row: order.index(row[0]))
    why = decision.reasons[0].sentence if decision.reasons else "Every check holds."
    if decision.override is not None and not decision.reasons:
        n = sum(check.outcome == "overridden" for check in decision.checks)
        why = f"{counted(n, 'check does', 'checks do')} not hold and {'is' if n == 1 else 'are'} overridden."
    is_blocked = decision.status == "blocked"
    parts = [
        StoryPart(
            name="answer",
            is_marked=is_blocked,
            question="May it ship",
            sentence=why,
            figure=_GATE_WORDS[decision.status],
        )
    ]
    if run is not None:
        parts.append(_part("agreement", "Agreement", run.agreement, f"newest measured canary, {run.at:%Y-%m-%d}"))
    if run is not None and run.has_overlap:
        parts.append(_part("overlap", "Overlap", run.overlap, f"of the top {run.k}, the same canary"))
    return OnePage(
        title=f"Release gate: {shortened(one_line(student))} · {decision.now:%Y-%m-%d}",
        headline=gate_headline(decision),
        parts=tuple(parts),
        lines=gate_lines(decision),
        picture=None,
        table=pd.DataFrame(rows, columns=["Outcome", "Check", "Finding"]),
        table_title="Every check",
        widest="Finding",
        made=f"Version {VERSION}, decided for {decision.now:%Y-%m-%d %H:%M} UTC.",
    )


def canary_page(
    weeks: Sequence[WeekAssessment],
    *,
    name: str,
    explanation: Explanation | None = None,
    events: Sequence[Event] = (),
    withdrawn: Sequence[Withdrawal] = (),
    floor: float | None = None,
) -> OnePage:
    """Put a canary's weeks on one page: the newest in figures, all of them in the picture, the last ones in the table.

    Parameters
    ----------
    weeks
        Judged weeks in order, at least one.
    name
        What the history is called.
    explanation, events, withdrawn
        Of the newest alarm, what happened, and records that do not count.
    floor
        Under which a release is blocked.
    """
    newest = weeks[-1]
    agreement = _part("agreement", "Agreement this week", newest.run.agreement, f"week of {newest.run.at:%Y-%m-%d}")
    parts = [replace(agreement, is_marked=newest.status == "alarm" and bool(agreement.figure))]
    if newest.baseline is not None:
        since = f"baseline since {newest.baseline.since:%Y-%m-%d}"
        parts.append(_part("baseline", "What it is held against", newest.baseline.agreement, since))
    n_alarms = sum(week.status == "alarm" for week in weeks)
    alarms = StoryPart(
        name="alarms",
        question="Weeks with an alarm",
        sentence=f"Of {counted(len(weeks), 'week', 'weeks')}.",
        figure=f"{n_alarms}",
    )
    after = [StoryPart(name="next", question="What to do", sentence=newest.next_step)] if newest.next_step else []
    told = explanation.sentence if explanation is not None and explanation.week == newest else ""
    lettered = zip(event_letters(events), events, strict=True)
    happened = [f"{letter} {each.at:%Y-%m-%d}: {each.label}" for letter, each in lettered]
    return OnePage(
        title=f"Weekly canary: {shortened(one_line(name))} · {newest.run.at:%Y-%m-%d}",
        headline=newest_sentence(weeks, explanation, n_withdrawn=len(withdrawn), floor=floor),
        parts=(*parts, alarms, *after),
        lines=tuple(
            filter(
                None,
                (
                    *newest.reasons,
                    told,
                    week_by_itself(newest.run) if after else "",
                    *(each.sentence for each in withdrawn),
                    *happened[::-1],
                ),
            )
        ),
        picture=drawing(
            Picture(chart=timeline_chart(weeks, events, withdrawn=withdrawn), caption="Agreement week by week."),
            width=PICTURE_WIDTH,
        ),
        table=_weeks_table(weeks),
        table_title="The last weeks, the newest first",
        widest="Agreement",
        made=f"Version {VERSION}, {counted(len(weeks), 'week', 'weeks')}.",
    )


def _students(sample: ComparedSample, made: Comparison) -> tuple[StoryPart, ...]:
    order, pairs = sample.whole.order, f"on {counted(sample.whole.n_pairs, 'pair', 'pairs')}"
    measure = "agreement in order" if sample.whole.measure == "Spearman" else sample.whole.measure
    n_worse = len(worse_regions([part for each in made.samples for part in each.regions]))
    n_regions = len({part.title for each in made.samples for part in each.regions})
    return (
        _part("before", "Student before", order.before, f"{measure}, {pairs}"),
        _part("after", "Student after", order.after, f"{measure}, {pairs}"),
        _part("change", OUTCOME_WORDS[made.outcome], sample.whole.change, "change on the same pairs", style="+.3f"),
        StoryPart(
            name="regions",
            question="Regions that got worse",
            sentence=f"Of {counted(n_regions, 'region', 'regions')} that were compared.",
            figure=f"{n_worse}",
            is_marked=n_worse > 0,
        ),
    )


def _comparison_picture(sample: ComparedSample) -> Drawing | None:
    if not isinstance(sample.whole.change, Measured):
        return None
    caption = "Each part under both students; the change is measured on the same pairs and known better than either."
    return drawing(Picture(chart=comparison_chart(sample.whole, sample.regions), caption=caption), width=PICTURE_WIDTH)


def _part(name: str, question: str, value: Measurement, label: str, *, style: str = ".2f") -> StoryPart:
    figure, interval = figure_of(value, style)
    sentence = "" if figure else str(value)
    return StoryPart(name=name, question=question, sentence=sentence, figure=figure, interval=interval, label=label)


def _weeks_table(weeks: Sequence[WeekAssessment]) -> pd.DataFrame:
    rows = [
        (
            f"{week.run.at:%Y-%m-%d}",
            week.status,
            str(week.run.agreement),
            "" if week.baseline is None else week.baseline.agreement.figure(),
            f"{week.run.n_pairs:,}",
            week.run.teacher_revision,
        )
        for week in reversed(weeks)
    ]
    return pd.DataFrame(rows, columns=["Week", "State", "Agreement", "Baseline", "Pairs", "Teacher"])
