"""What the newest week says, and since when, in one sentence; which alarms belong together."""

from collections.abc import Sequence
from datetime import datetime

from drift_core.canary.assessment import Baseline, WeekAssessment, blamed_regions
from drift_core.canary.baselines import first_baseline
from drift_core.canary.change_point import ChangePoint
from drift_core.canary.collapse import collapse_note
from drift_core.canary.explanation import Explanation
from drift_core.canary.run import CanaryRun
from drift_core.measured import Measured, figure
from drift_core.wording import counted

NOTHING_YET = "No week is recorded yet."
RECALIBRATE = "recalibrate and set thresholds again (distillation-drift calibrate)"
UNKNOWN_WHOSE = "Whether the teacher's answers moved instead is known only from scores of the pinned revision."
N_TOLD = 4  # quiet weeks in which it is said that a fall went away (ours)
NO_CAUSE = "nothing beyond chance"  # of a week that alarms by finer tests, or by what weeks say together
NOTHING_LEFT = "No recorded week counts: all were withdrawn."


def newest_sentence(
    weeks: Sequence[WeekAssessment],
    explanation: Explanation | None = None,
    *,
    n_withdrawn: int = 0,
    floor: float | None = None,
) -> str:
    """Say the newest week: alarm, quiet or gap, with its figure and since when in the weeks of its student.

    Parameters
    ----------
    weeks
        Judged weeks in order.
    explanation
        Of the newest alarm; its change-point tells since when agreement is lower.
    n_withdrawn
        How many records were taken back, which tells a history without weeks from an empty one.
    floor
        Under which a release is blocked; said of a calm at a lower level.
    """
    if not weeks:
        return NOTHING_LEFT if n_withdrawn else NOTHING_YET
    week, collapse = weeks[-1], collapse_note(weeks)
    weeks = [each for each in weeks if each.run.student_version == week.run.student_version]
    if week.status == "gap":
        return f"No verdict for {_day(week.run.at)}: {week.reasons[0]}"
    told = _alarm(weeks, explanation) if week.status == "alarm" else _quiet(weeks, floor)
    return " ".join(
        filter(None, (told, week.run.turned, week.run.set_aside, undone_note(weeks), calibration_note(weeks), collapse))
    )


def undone_note(weeks: Sequence[WeekAssessment]) -> str:
    """Say that a fall put down to the teacher, unmeasured, went away, as no revision does; empty where none did."""
    quiet = quiet_since(weeks)
    alarms = [week for week in weeks if week.status == "alarm"]
    if not alarms or not 1 <= len(quiet) <= N_TOLD or weeks[-1].status != "quiet":
        return ""
    run = alarms[-1].run
    if not run.inferred or "teacher" not in (run.cause or "") or alarms[-1].baseline != weeks[-1].baseline:
        return ""
    return (
        f"What fell in the week of {_day(run.at)} is back, which a revision of the teacher is not unless it is undone: "
        "look at the student that served that week."
    )


def calibration_note(weeks: Sequence[WeekAssessment]) -> str:
    """Say that calibration moved in a student's newest weeks, which is no alarm; empty where the newest is calm."""
    found = [week.run.has_moved_calibration for week in weeks if week.status != "gap"]
    n = [*reversed(found), False].index(False)
    if not n:
        return ""
    when = "the newest week" if n == 1 else f"the last {n} weeks"
    told = f"Calibration moved in {when}, which is no alarm by itself: {RECALIBRATE}."
    newest = [week.run for week in weeks if week.status != "gap"][-1]
    return told if newest.bridge is not None else f"{told} {UNKNOWN_WHOSE}"


def quiet_since(weeks: Sequence[WeekAssessment]) -> tuple[WeekAssessment, ...]:
    """The measured weeks since the newest alarm."""
    alarms = [place for place, week in enumerate(weeks) if week.status == "alarm"]
    after = weeks[alarms[-1] + 1 :] if alarms else weeks
    return tuple(week for week in after if week.status == "quiet")


def alarm_rows(weeks: Sequence[WeekAssessment]) -> tuple[tuple[WeekAssessment, ...], ...]:
    """Alarms that no quiet week parts and that share a baseline, as one row each; the newest first."""
    rows: list[list[WeekAssessment]] = []
    is_open = False
    for week in weeks:
        if week.status == "alarm":
            if not is_open or rows[-1][-1].baseline != week.baseline:
                rows.append([])
            rows[-1].append(week)
        is_open = week.status == "alarm" or (is_open and week.status == "gap")
    return tuple(tuple(row) for row in reversed(rows))


def week_by_itself(run: CanaryRun) -> str:
    """Say what the diagnosis of a week that alarms found, its regions by the names that they have in the history."""
    if run.cause is None:
        return ""
    words = NO_CAUSE if run.cause == "healthy" else run.cause_in_words
    drifted = dict.fromkeys(each.name for each in run.regions if each.drifted)
    drifted = drifted or dict.fromkeys(each.name for each in blamed_regions(run))
    where = f"; got worse: {'; '.join(drifted)}" if drifted else ""
    moved = ", calibration moved" if run.has_moved_calibration else ""
    return f"That week by itself: {words}{moved}{where}."


def summary_of(week: WeekAssessment) -> str | None:
    """What the diagnosis says of one week; of a week that alarms never that it is healthy."""
    told, run = week.run.summary, week.run
    if told is None or run.cause != "healthy" or week.status != "alarm":
        return told
    return f"By itself this week shows {NO_CAUSE}; it alarms all the same. {told.partition('. ')[2]}".rstrip()


def _alarm(weeks: Sequence[WeekAssessment], explanation: Explanation | None) -> str:
    week = weeks[-1]
    first = alarm_rows(weeks)[0][0].run.at
    change = explanation.change if explanation is not None and explanation.week == week else None
    if "agreement" not in week.signals or not isinstance(week.fall, Measured):
        return f"Alarm since {_day(first)}: {week.reasons[0][:1].lower()}{week.reasons[0][1:].rstrip('.')}."
    before, after = ("", "") if change is None else _lower(change, first)
    begun = f"{before}alarm since {_day(first)}"
    found = explanation if change is not None else None
    where = "" if found is None else found.where or found.fall.told_nowhere(week)
    below = f"{week.fall.figure('-.3f')} below the baseline {_baseline(week)}"
    told = f"{begun[:1].upper()}{begun[1:]}: agreement is {week.run.agreement}, {below}{after}."
    return f"{told} {where}".rstrip()


def _lower(change: ChangePoint, first: datetime) -> tuple[str, str]:
    """What is said of the change-point before the first alarm and after the figure, in the order of time."""
    if change.is_slow:
        about = f"about {_day(change.at)}, {change.how}"
        return (f"falling since {about}, ", "") if change.at < first else ("", f"; falling since {about}")
    doubt = f", with {change.evidence} of evidence" if change.low is None else ""
    if change.at < first:
        return f"lower since {_day(change.at)}{doubt}, ", ""
    if change.at > first:
        return "", f"; clearest from the week of {_day(change.at)} on{doubt}"
    return "", ""


def lowered_from(weeks: Sequence[WeekAssessment]) -> Baseline | None:
    """The student's first baseline, where that of its newest week lies below its interval; None at the same level."""
    before = first_baseline(weeks, weeks[-1].run) if weeks else None
    now = weeks[-1].baseline if weeks else None
    is_lower = before is not None and now is not None and now.agreement.estimate < before.agreement.low
    return before if is_lower else None


def _quiet(weeks: Sequence[WeekAssessment], floor: float | None) -> str:
    week, calm = weeks[-1], quiet_since(weeks)
    since = f"Quiet since {_day(calm[0].run.at)}, {counted(len(calm), 'week', 'weeks')}"
    before = lowered_from(weeks)
    if before is not None and week.baseline is not None:
        is_revised = week.baseline.teacher_revision != before.teacher_revision
        until = f" before {week.baseline.teacher_revision}" if is_revised else ""
        was = f"the baseline was {before.agreement.figure()}{until} and is {_baseline(week)} now"
        limit = (
            "" if floor is None else f"; the floor of a release is {figure(floor, is_share=before.agreement.is_share)}"
        )
        return f"{since}, at a lower level: agreement is {week.run.agreement}; {was}{limit}."
    beside = f" against a baseline of {_baseline(week)}" if week.baseline is not None else ""
    return f"{since}: agreement is {week.run.agreement}{beside}."


def _baseline(week: WeekAssessment) -> str:
    return "" if week.baseline is None else week.baseline.agreement.figure()


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
