"""The checks of the release gate: each one's outcome, its sentence, and since when it is so.

How a single week reads is in `limits`, how the checks come to one answer in `gate`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from drift_core.canary.students import look_alike
from drift_core.gate.calibration_check import NAME as CALIBRATION
from drift_core.gate.calibration_check import read_calibration_check
from drift_core.gate.comparison_check import NAME as BEFORE_AFTER
from drift_core.gate.comparison_check import read_before_after
from drift_core.gate.context import GateContext, in_days, on_day
from drift_core.gate.critical_slices import read_slices
from drift_core.gate.limits import (
    MEASURED_READINGS,
    NEWEST_READINGS,
    Outcome,
    Read,
)
from drift_core.gate.review_check import NAME as REVIEW
from drift_core.gate.review_check import read_review_check
from drift_core.wording import counted, one_line

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment

RECORD_ONE = "Record a week with: distillation-drift canary"
CHECK_WORDS: Mapping[str, str] = MappingProxyType(  # what people read; files for machines keep the names
    {
        "alarm": "alarm of the canary",
        "agreement_floor": "floor of agreement",
        "overlap_floor": "floor of overlap",
        "slice": "critical slice",
        BEFORE_AFTER: "before and after",
        CALIBRATION: "calibration",
        REVIEW: "review of disagreements",
        "no_run": "a canary run is there",
        "student": "the card's student",
        "pin": "pinned teacher revision",
        "revision": "teacher revision",
        "gap": "the newest week was measured",
        "clock": "dates of the runs",
        "stale": "age of the canary",
    }
)
SEVERITY: tuple[Outcome, ...] = ("blocked", "inconclusive", "held", "skipped", "overridden")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCheck:
    """One check of the gate.

    Attributes
    ----------
    name
        "alarm", "agreement_floor", "overlap_floor", "slice", "before_after", "calibration", "review", "no_run",
        "student", "pin", "revision", "gap", "clock" or "stale".
    subject
        The slice, or the part that got worse, that is meant; None for the others.
    outcome
        "held"; "blocked"; "inconclusive"; "skipped" where there is nothing to check; "overridden" for one that would
        have kept the release from passing.
    sentence
        The finding with its figure, and what to do where it does not hold.
    since
        When it began, as far as the runs tell; None where it holds.
    at
        Of a check of one canary run: the time that its figures are as old as.
    """

    name: str
    outcome: Outcome
    sentence: str
    since: datetime | None = None
    subject: str | None = None
    at: datetime | None = None

    @property
    def is_blocking(self) -> bool:
        return self.outcome == "blocked"

    @property
    def words(self) -> str:
        """What was checked, as people read it."""
        return CHECK_WORDS[self.name]

    @property
    def title(self) -> str:
        return f"{self.name} {self.subject}" if self.subject else self.name


def run_checks(context: GateContext) -> tuple[GateCheck, ...]:
    """Run every check, in the order in which their reasons are told."""
    measured = [week for week in context.weeks if week.status != "gap"]
    return (
        *_checks(MEASURED_READINGS, measured, context, without="No canary run could be measured."),
        *(
            GateCheck(name="slice", subject=each.title, outcome=each.outcome, sentence=each.sentence, since=each.since)
            for each in read_slices(context)
        ),
        *(
            GateCheck(name=BEFORE_AFTER, subject=subject, outcome=outcome, sentence=sentence)
            for subject, (outcome, sentence) in read_before_after(context)
        ),
        *_calibration(context),
        *_review(context),
        _presence(context),
        _student(context),
        _pin(context),
        *_checks(NEWEST_READINGS, context.weeks, context, without="There is no canary run."),
        _staleness(context),
    )


def reads_clean(week: "WeekAssessment", context: GateContext) -> bool:
    """Whether the checks that rest on one week alone, slices aside, all held in that week."""
    readings = (*MEASURED_READINGS.values(), *NEWEST_READINGS.values())
    return all(read(week, context)[0] in ("held", "skipped") for read in readings)


def _checks(
    readings: dict[str, Read], weeks: "Sequence[WeekAssessment]", context: GateContext, *, without: str
) -> Iterator[GateCheck]:
    for name, read in readings.items():
        row = _deciding_row(weeks, read, context)
        outcome, sentence = read(row[-1], context) if row else ("skipped", without)
        since, at = _since(row, read, outcome, context), context.data_at(row[-1].run) if row else None
        yield GateCheck(name=name, outcome=outcome, sentence=sentence, since=since, at=at)


def _deciding_row(weeks: "Sequence[WeekAssessment]", read: Read, context: GateContext) -> "Sequence[WeekAssessment]":
    """Give the weeks up to the one that decides: the newest up to now, or one dated later that reads worse."""
    until = context.until
    n_up_to_now = sum(week.run.at <= until for week in weeks)
    ends = range(max(n_up_to_now, 1), len(weeks) + 1)
    worst = min(ends, key=lambda end: SEVERITY.index(read(weeks[end - 1], context)[0]), default=0)
    return weeks[:worst]


def _since(weeks: "Sequence[WeekAssessment]", read: Read, outcome: Outcome, context: GateContext) -> datetime | None:
    """Find the time of the first week of the unbroken row of weeks that read as the last one does."""
    if outcome not in ("blocked", "inconclusive"):
        return None
    since = None
    for week in reversed(weeks):
        if read(week, context)[0] != outcome:
            break
        since = week.run.at
    return since


def _calibration(context: GateContext) -> Iterator[GateCheck]:
    if (read := read_calibration_check(context)) is not None:
        yield GateCheck(name=CALIBRATION, outcome=read[0], sentence=read[1])


def _review(context: GateContext) -> Iterator[GateCheck]:
    if (read := read_review_check(context)) is not None:
        yield GateCheck(name=REVIEW, outcome=read[0], sentence=read[1])


def _presence(context: GateContext) -> GateCheck:
    if not context.n_recorded:
        whose = f" --student-version {one_line(context.student)}" if context.student else ""
        sentence = f"The history has no canary run{' that counts' if context.withdrawn else ''}. {RECORD_ONE}{whose}."
        return GateCheck(name="no_run", outcome="inconclusive", sentence=sentence)
    n_runs = counted(context.n_recorded, "canary run is", "canary runs are")
    apart = len(context.withdrawn)
    more = f" {counted(apart, 'more was', 'more were')} withdrawn." if apart else ""
    return GateCheck(name="no_run", outcome="held", sentence=f"{n_runs} recorded.{more}")


def _student(context: GateContext) -> GateCheck:
    version = context.card.student.version if context.card else None
    doubt = _doubt_of_student(context)
    if doubt:
        return GateCheck(name="student", outcome="inconclusive", sentence=doubt)
    if version is None or not context.n_recorded:
        sentence = "The judge card names no student version." if context.card else "No judge card is given."
        return GateCheck(name="student", outcome="skipped", sentence=sentence)
    wanted = one_line(version)
    if not context.weeks:
        others = ", ".join(map(one_line, context.others))
        counts = " that counts" if any(each.run.student_version == version for each in context.withdrawn) else ""
        sentence = (
            f"The history has no canary run of student {wanted}{counts}, only of {others}. "
            f"{RECORD_ONE} --student-version {wanted}."
        )
        return GateCheck(name="student", outcome="inconclusive", sentence=sentence)
    named = sum(week.run.student_version is not None for week in context.weeks)
    told = f"{counted(named, 'canary run is', 'canary runs are')} of the card's student, {wanted}."
    if not named:
        told = f"No canary run names a student; all are taken for those of the card's, {wanted}."
    return GateCheck(name="student", outcome="held", sentence=told)


def _doubt_of_student(context: GateContext) -> str | None:
    """Say which runs may be the student's own under another name, or under none; None where there are none."""
    if context.student is None:
        return None
    student = one_line(context.student)
    alike = next((each for each in context.others if look_alike(each, context.student)), None)
    if alike is not None:
        return (
            f"The history has runs of student {one_line(alike)!r} too, told from {student!r} by case or spaces alone. "
            "If they are one student, withdraw the runs under the wrong name and record them again."
        )
    if context.n_unnamed_since:
        n_runs = counted(context.n_unnamed_since, "canary run names", "canary runs name")
        return (
            f"{n_runs} no student, dated after the newest of student {student}. Withdraw them, and record them again "
            f"with --student-version."
        )
    return None


def notes_on_student(context: GateContext) -> tuple[str, ...]:
    """Say whose release is decided where no card names one of several students, or a newer week is of another."""
    is_named, newer = context.card is not None and context.card.student.version is not None, context.newer_of_another
    if is_named and newer is not None and newer.run.student_version != context.student:
        whose, of_card = one_line(str(newer.run.student_version)), one_line(str(context.student))
        told = {"alarm": "alarms", "gap": "is not judged"}.get(newer.status, "does not alarm")
        return (
            f"A newer canary, of {on_day(newer.run.at)}, is of student {whose} and {told}; it is not decided about, as "
            f"the card is of {of_card}. Where {whose} is what ships, decide with its own card.",
        )
    if is_named or not context.others:
        return ()
    whose = f"student {one_line(context.student)}" if context.student else "the student without a version"
    others = ", ".join(map(one_line, context.others))
    return (f"No card names the student, so it is decided for {whose}, of the newest run, not for: {others}.",)


def _pin(context: GateContext) -> GateCheck:
    card = context.card
    if card is None:
        return GateCheck(name="pin", outcome="skipped", sentence="No judge card is given.")
    if card.teacher.revision is None:
        sentence = "The judge card pins no teacher revision. Set it with: distillation-drift card pin."
        return GateCheck(name="pin", outcome="inconclusive", sentence=sentence)
    pinned = one_line(card.teacher.revision)
    return GateCheck(name="pin", outcome="held", sentence=f"The card pins teacher revision {pinned}.")


def _staleness(context: GateContext) -> GateCheck:
    if all(week.status == "gap" for week in context.weeks):
        return GateCheck(name="stale", outcome="skipped", sentence="No canary run could be measured.")
    week, limit = context.measured, context.longest_age
    if week is None:
        return GateCheck(
            name="stale", outcome="blocked", sentence=f"No measured canary is dated up to now. {RECORD_ONE}."
        )
    at = context.data_at(week.run)
    age = max(context.now - at, timedelta())
    subject, why = f"The newest measured canary, of {on_day(week.run.at)},", ""
    if at < week.run.at:
        source = context.source_of(week.run)
        is_repeated = source.at < week.run.at
        why = f" has the sample of {on_day(source.at)}" if is_repeated else " has a sample"
        why += f" that ends on {on_day(at)}" if at == source.ends_at else ""
        why += " and so"
    sentence = f"{subject}{why} is {in_days(age)} old; at most {in_days(limit)} are allowed."
    if age <= limit:
        return GateCheck(name="stale", outcome="held", sentence=sentence)
    step = "Record a week that is drawn from newer traffic." if at < week.run.at else f"{RECORD_ONE}."
    return GateCheck(name="stale", outcome="blocked", sentence=f"{sentence} {step}", since=at + limit)
