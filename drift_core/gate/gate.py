"""The release gate: may this student ship, why, and since when. Pure functions on values.

Reading the history is in `release`, files and annotations in `files` and `annotations`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from drift_core.canary.decision import Decision, in_utc
from drift_core.canary.run import CanaryRun
from drift_core.gate.checks import notes_on_student, reads_clean, run_checks
from drift_core.gate.context import GateContext, weeks_of_student
from drift_core.gate.critical_slices import notes_on_slices
from drift_core.gate.gate_decision import GateDecision, Status
from drift_core.gate.headline import gate_sentence
from drift_core.gate.named_regions import alarmed_by_name, notes_on_named
from drift_core.gate.overrides import (
    covers,
    last_number,
    notes_on_overrides,
    overridden,
    overrides_in_force,
)
from drift_core.gate.triggers import notes_on_triggers, read_triggers
from drift_core.history.rows import known_run
from drift_core.history.run_notes import note_on_age, notes_on_sample, notes_on_time
from drift_core.judge_card.settings import GateSettings
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.calibration.calibration_file import CalibrationRecord
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.withdrawals import Withdrawal
    from drift_core.comparison.comparison_json import ComparisonRecord
    from drift_core.judge_card.card import JudgeCard
    from drift_core.review.record import ReviewRecord

UNNAMED = "a student without a version"


def decide_gate(
    weeks: "Sequence[WeekAssessment]",
    *,
    now: datetime,
    clock: datetime | None = None,
    card: "JudgeCard | None" = None,
    decisions: Sequence[Decision] = (),
    settings: GateSettings | None = None,
    comparison: "ComparisonRecord | None" = None,
    calibration: "CalibrationRecord | None" = None,
    review: "ReviewRecord | None" = None,
    withdrawn: "Sequence[Withdrawal]" = (),
) -> GateDecision:
    """Decide whether a release may ship.

    Parameters
    ----------
    weeks
        Assessed canary runs, oldest first; those of another student than the card's are left aside. The regions of the
        newest measured one are needed for critical slices.
    now
        The time to decide for; without a time zone it is taken for UTC.
    clock
        The real time, by default this moment; an override that is dated after it does not count.
    card
        The judge card: floors, cadence, critical slices, the pinned revision. Without one the settings decide, and no
        revision is checked.
    decisions
        What people decided; the overrides of the newest run count together.
    settings
        Limits where the card gives none.
    comparison
        The student held against the one before; a part that got worse blocks. Without one nothing is checked.
    calibration
        What `calibrate` wrote; without one the card's checklist speaks.
    review
        What `review result` found; without one the card's figure speaks.
    withdrawn
        Records that do not count, oldest first, as `withdrawn_weeks` gives them: they are named, not checked.

    Notes
    -----
    A floor blocks only when the whole interval lies below it: where agreement is truly at its floor or above, a run is
    blocked by chance with at most half the intervals' error rate, 2.5 % at a level of 95 %, for each floor and slice.
    The overlap floor is never above what held-out shows at the same size and K, because overlap at a fixed K falls as
    the sample grows; a stable student meets that low end by chance, so there the point alone is not inconclusive. An
    override covers the reasons that it names with the findings of that time, never the age of the canary, until the
    next run, which ends it even where it is withdrawn, or until one is overdue. A run dated after now hides nothing:
    the newest up to now is held to every check too, and what reads worse counts.
    """
    settings, now = settings or GateSettings(), in_utc(now)
    kept = weeks_of_student(weeks, card, withdrawn, until=now + settings.skew)
    known = {week.run.key for week in kept}
    others = [week.run.student_version or UNNAMED for week in weeks if week.run.key not in known]
    context = GateContext(
        weeks=kept,
        n_recorded=len(weeks),
        others=tuple(dict.fromkeys(others)),
        card=card,
        now=now,
        settings=settings,
        comparison=comparison,
        calibration=calibration,
        review=review,
        withdrawn=withdrawn,
        decisions=decisions,
        clock=in_utc(clock or datetime.now(UTC)),
        n_unnamed_since=_n_unnamed_since(kept, weeks),
        newer_of_another=_newer_of_another(kept, weeks, until=now + settings.skew),
        first_of=_first_of_samples(weeks),
    )
    found = run_checks(context)
    held = overrides_in_force(context)
    checks = tuple(overridden(check, held, comparison) for check in found)
    outcomes = {check.outcome for check in checks}
    status: Status = "blocked" if "blocked" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"
    newest, measured = context.newest, context.measured
    is_ranked = measured is None or measured.run.is_ranked
    triggers = read_triggers(card, now=now, checks=found, is_ranked=is_ranked, settings=settings)
    is_named = card is not None and card.student.version is not None
    apart = tuple(context.withdrawn_of_student if is_named else withdrawn)
    decision = GateDecision(
        status=status,
        checks=checks,
        sentence="",
        since=None,
        now=context.now,
        on_inconclusive=card.gate.inconclusive if card else None,
        newest=newest.run if newest else None,
        measured=measured.run if measured else None,
        data_at=context.data_at(measured.run) if measured else None,
        overrides=tuple(each for each in held if any(covers(each, check, comparison) for check in found)),
        comparison=comparison,
        withdrawn=apart,
        notes=(
            *notes_on_student(context),
            *notes_on_named(context),
            *notes_on_slices(context),
            *_notes_of_canary(context, weeks),
            *_withdrawn(apart),
            *notes_on_overrides(context),
            *notes_on_triggers(triggers),
            *_collapse(weeks, context),
            *dict.fromkeys(each.run.set_aside for each in (newest, measured) if each and each.run.set_aside),
        ),
        triggers=triggers,
        named_alarms=alarmed_by_name(context),
        last_number=last_number(context),
    )
    decision = replace(decision, since=_since(decision, context))
    return replace(decision, sentence=gate_sentence(decision))


def _collapse(weeks: "Sequence[WeekAssessment]", context: GateContext) -> tuple[str, ...]:
    """Say where the outputs of the student's versions may be collapsing up to its own."""
    from drift_core.canary.collapse import collapse_note, entropy_by_version, find_collapse

    known = [week for week in weeks if week.run.at <= context.until]
    falling = find_collapse(entropy_by_version(known))
    return (collapse_note(known),) if falling and falling[-1].version == context.student else ()


def _first_of_samples(weeks: "Sequence[WeekAssessment]") -> dict[str, CanaryRun]:
    """By the digest of a sample, its first week."""
    first: dict[str, CanaryRun] = {}
    for run in sorted((week.run for week in weeks), key=lambda run: run.data_at):
        if run.production_digest is not None:
            first.setdefault(run.production_digest, run)
    return first


def _notes_of_canary(context: GateContext, weeks: "Sequence[WeekAssessment]") -> tuple[str, ...]:
    """What the canary said of the measured week beside those recorded before it."""
    if context.measured is None:
        return ()
    run = context.measured.run
    apart = {each.run.key: each.run for each in context.withdrawn}
    runs = sorted((*(week.run for week in weeks), *apart.values()), key=lambda each: (each.number, each.at))
    before = [known_run(each) for each in runs if (each.number, each.at) < (run.number, run.at)]
    return (*note_on_age(run), *notes_on_time(run, before, apart), *notes_on_sample(run, before, apart))


def _newer_of_another(
    own: "Sequence[WeekAssessment]", weeks: "Sequence[WeekAssessment]", *, until: datetime
) -> "WeekAssessment | None":
    last = max((week.run.at for week in own if week.run.at <= until), default=until)
    found = [week for week in weeks if week.run.student_version is not None and last < week.run.at <= until]
    return max(found, key=lambda week: week.run.at, default=None)


def _n_unnamed_since(kept: "Sequence[WeekAssessment]", weeks: "Sequence[WeekAssessment]") -> int:
    """Count the weeks that name no student, where these do, dated after the newest of these."""
    if not kept or kept[-1].run.student_version is None:
        return 0
    return sum(week.run.student_version is None and week.run.at > kept[-1].run.at for week in weeks)


def _withdrawn(apart: "Sequence[Withdrawal]") -> tuple[str, ...]:
    """Name the newest record that was taken back and count the others, so that none leaves unseen."""
    if not apart:
        return ()
    *others, newest = apart
    n_alarmed = sum(bool(each.alarmed) for each in others)
    of_which = f", {n_alarmed:,} of which alarmed" if n_alarmed else ""
    more = f" {counted(len(others), 'more was', 'more were')} withdrawn{of_which}." if others else ""
    return (f"{newest.sentence}{more}",)


def _since(decision: GateDecision, context: GateContext) -> datetime | None:
    if decision.status != "pass":
        own = (check for check in decision.reasons if check.outcome == decision.status)
        return min((check.since for check in own if check.since), default=None)
    if decision.override:
        return decision.override.at
    since, later = None, context.now
    for week in reversed(context.weeks):
        if not reads_clean(week, context) or later - context.data_at(week.run) > context.longest_age:
            break
        since = later = week.run.at
    return since
