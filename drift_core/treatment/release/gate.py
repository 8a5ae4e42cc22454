"""The release gate: may this student ship, why, and since when. Pure functions on values.

Reading the history is in `release`, files and annotations in `gate_files` and `annotations`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from drift_core.errors import SettingError
from drift_core.measures.estimate import Measured
from drift_core.samples.wording import counted, one_line
from drift_core.treatment.canary.decision import Decision, in_utc
from drift_core.treatment.release.gate_checks import GateCheck, reads_clean, run_checks
from drift_core.treatment.release.gate_readings import in_figures
from drift_core.treatment.release.settings import GateSettings
from drift_core.treatment.release.standing import Standing, as_sentence, in_days, on_day, weeks_of_student
from drift_core.treatment.release.withdrawn import last_recorded, notes_on_withdrawn, withdrawn_lately

if TYPE_CHECKING:
    from drift_core.treatment.canary.assessment import WeekAssessment
    from drift_core.treatment.canary.run import CanaryRun
    from drift_core.treatment.canary.withdrawal import Withdrawal
    from drift_core.treatment.comparison.record import ComparisonRecord
    from drift_core.treatment.release.judge_card import Inconclusive, JudgeCard

Status = Literal["pass", "blocked", "inconclusive"]

UNNAMED = "a student without a version"
PASSES, BLOCKS, CANNOT_TELL = 0, 1, 3
AGEING = ("stale", "clock", "before_after")  # checks whose sentences tell an age or the time
EXIT_CODES: "dict[Inconclusive | None, int]" = {"pass": PASSES, "block": BLOCKS, None: CANNOT_TELL}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    """Whether a release may ship.

    Attributes
    ----------
    status
        "blocked" when a check blocks; else "inconclusive" when one cannot tell; else "pass".
    checks
        Every check, held ones too.
    sentence
        The answer on one line: verdict, figure, reason, next step.
    since
        When the status began, as far as the runs tell; None without runs.
    now
        The time that it was decided for.
    on_inconclusive
        What the card says that an inconclusive gate does; None where it says nothing.
    newest, measured
        The newest run of the card's student, and the newest that could be measured; None where there is none.
    override
        The decision of a person that holds for the newest run and changed the answer; None where there is none.
    comparison
        The student held against the one before; None where none was given.
    withdrawn
        Records that somebody took back, where they or their withdrawal are not older than the week before the one that
        decides, or where its baseline would be another with them.
    notes
        Sentences on these, and on what the gate decides by where the newest record is one of them.
    """

    status: Status
    checks: tuple[GateCheck, ...]
    sentence: str
    since: datetime | None
    now: datetime
    on_inconclusive: "Inconclusive | None"
    newest: "CanaryRun | None"
    measured: "CanaryRun | None"
    override: Decision | None = None
    comparison: "ComparisonRecord | None" = None
    withdrawn: "tuple[Withdrawal, ...]" = ()
    notes: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[GateCheck, ...]:
        """Checks that keep it from passing, blocking ones first."""
        open_checks = [check for check in self.checks if check.outcome in ("blocked", "inconclusive")]
        return tuple(sorted(open_checks, key=lambda check: not check.is_blocking))

    @property
    def headline(self) -> str:
        """The answer in at most about fifteen words, without its figures."""
        from drift_core.treatment.release.headline import gate_headline

        return gate_headline(self)

    @property
    def exit_code(self) -> int:
        """0 it may ship, 1 it may not, 3 inconclusive and nobody said what that means."""
        if self.status == "inconclusive":
            return EXIT_CODES[self.on_inconclusive]
        return PASSES if self.status == "pass" else BLOCKS


def decide_gate(
    weeks: "Sequence[WeekAssessment]",
    *,
    now: datetime,
    card: "JudgeCard | None" = None,
    decisions: Sequence[Decision] = (),
    settings: GateSettings | None = None,
    comparison: "ComparisonRecord | None" = None,
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
    card
        The judge card: floors, cadence, critical slices, the pinned revision. Without one the settings decide, and no
        revision is checked.
    decisions
        What people decided; an override of the newest run counts.
    settings
        Limits where the card gives none.
    comparison
        The student held against the one before; a part that got worse blocks. Without one nothing is checked.
    withdrawn
        Records that do not count, oldest first, as `withdrawn_weeks` gives them: they are named, not checked.

    Notes
    -----
    A floor blocks only when the whole interval lies below it: where agreement is truly at its floor or above, a run is
    blocked by chance with at most half the intervals' error rate, 2.5 % at a level of 95 %, for each floor and slice.
    The overlap floor is never above what held-out shows at the same size and K, because overlap at a fixed K falls as
    the sample grows; a stable student meets that low end by chance, so there the point alone is not inconclusive. An
    override covers the reasons that it names with the findings of that time, all reasons where it names none, until the
    next run, which ends it even where it is withdrawn, or until one is overdue.
    """
    standing = replace(
        _standing(weeks, card, in_utc(now), settings or GateSettings(), withdrawn),
        comparison=comparison,
        decisions=decisions,
    )
    found = run_checks(standing)
    override = _override(standing)
    checks = tuple(_overridden(check, override, comparison) for check in found)
    outcomes = {check.outcome for check in checks}
    status: Status = "blocked" if "blocked" in outcomes else "inconclusive" if "inconclusive" in outcomes else "pass"
    newest, measured, lately = standing.newest, standing.measured, withdrawn_lately(standing)
    decision = GateDecision(
        status=status,
        checks=checks,
        sentence="",
        since=None,
        now=standing.now,
        on_inconclusive=card.gate.inconclusive if card else None,
        newest=newest.run if newest else None,
        measured=measured.run if measured else None,
        override=override if checks != found else None,
        comparison=comparison,
        withdrawn=lately,
        notes=notes_on_withdrawn(standing, lately),
    )
    decision = replace(decision, since=_since(decision, standing))
    return replace(decision, sentence=" ".join((_sentence(decision), *decision.notes)))


def make_override(decision: GateDecision, *, by: str, reason: str, at: datetime | None = None) -> Decision:
    """Make the record of a release that ships although the gate does not let it pass.

    Parameters
    ----------
    decision
        What the gate said.
    by, reason
        Who decides and why.
    at
        When; by default the time of the decision.

    Raises
    ------
    SettingError
        When the name or the reason is empty, or there is nothing to override.
    """
    for word, text in (("name", by), ("reason", reason)):
        if not one_line(text):
            raise SettingError(f"An override needs a {word}; found none. Say who decides and why, it is kept.")
    if not decision.reasons:
        raise SettingError("There is nothing to override: the gate lets the release pass.")
    return Decision(
        kind="override",
        at=at or decision.now,
        by=one_line(by),
        reason=one_line(reason),
        run_key=decision.newest.key if decision.newest else None,
        reasons=tuple(dict.fromkeys(check.name for check in decision.reasons)),
        about=tuple(_mark(check, decision.comparison) for check in decision.reasons),
    )


def _standing(
    weeks: "Sequence[WeekAssessment]",
    card: "JudgeCard | None",
    now: datetime,
    settings: GateSettings,
    withdrawn: "Sequence[Withdrawal]",
) -> Standing:
    kept = weeks_of_student(weeks, card, withdrawn)
    known = {week.run.key for week in kept}
    others = [week.run.student_version or UNNAMED for week in weeks if week.run.key not in known]
    return Standing(
        weeks=kept,
        n_recorded=len(weeks),
        others=tuple(dict.fromkeys(others)),
        card=card,
        now=now,
        settings=settings,
        withdrawn=withdrawn,
    )


def _override(standing: Standing) -> Decision | None:
    """The newest override of the newest run; it holds for as long as a canary may be old, or until a further run."""
    key, later = standing.newest.run.key if standing.newest else None, last_recorded(standing)
    held = [
        each
        for each in standing.decisions
        if each.kind == "override" and each.run_key == key and standing.now <= each.at + standing.longest_age
        if later is None or later <= each.at
    ]
    return max(held, key=lambda each: each.at, default=None)


def _overridden(check: GateCheck, override: Decision | None, comparison: "ComparisonRecord | None") -> GateCheck:
    if override is None or check.outcome not in ("blocked", "inconclusive"):
        return check
    is_named = not override.reasons or check.name in override.reasons
    is_same = not override.about or _mark(check, comparison) in override.about
    return replace(check, outcome="overridden") if is_named and is_same else check


def _mark(check: GateCheck, comparison: "ComparisonRecord | None") -> str:
    """Tell a finding from another of the same name; what only grows older stays the same."""
    found = check.sentence if check.name not in AGEING else ""
    if check.name == "before_after" and comparison is not None:
        found = f"{comparison.student_before} {comparison.student_after} {comparison.made_at} {comparison.sentence}"
    text = "\n".join((check.outcome, check.subject or "", found))
    return f"{check.name} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _since(decision: GateDecision, standing: Standing) -> datetime | None:
    if decision.status != "pass":
        own = (check for check in decision.reasons if check.outcome == decision.status)
        return min((check.since for check in own if check.since), default=None)
    if decision.override:
        return decision.override.at
    since, later = None, standing.now
    for week in reversed(standing.weeks):
        if not reads_clean(week, standing) or later - week.run.at > standing.longest_age:
            break
        since = later = week.run.at
    return since


def _sentence(decision: GateDecision) -> str:
    since = f" since {on_day(decision.since)}" if decision.since else ""
    if decision.status == "pass":
        return _passing(decision, since) + _unpinned(decision)
    first, *others = decision.reasons
    more = f" And {counted(len(others), 'more reason', 'more reasons')}." if others else ""
    if decision.status == "blocked":
        return f"Blocked{since}: {first.sentence}{more}"
    choice = {"block": ", which the card blocks", "pass": ", which the card lets pass", None: ""}
    return f"Inconclusive{choice[decision.on_inconclusive]}: {first.sentence}{more}"


def _unpinned(decision: GateDecision) -> str:
    is_skipped = any(check.name == "pin" and check.outcome == "skipped" for check in decision.checks)
    return " No judge card was given, so no revision was checked." if is_skipped else ""


def _passing(decision: GateDecision, since: str) -> str:
    override, run = decision.override, decision.measured
    if override:
        names = ", ".join(dict.fromkeys(check.name for check in decision.checks if check.outcome == "overridden"))
        told = f"{one_line(override.by)} on {on_day(override.at)}, '{as_sentence(override.reason)}'"
        until = "until the next canary run or until one is overdue"
        return f"Pass by an override of {told} It holds {until}, and covers: {names}."
    if run is None:
        return "Pass."
    figures = {"agreement": run.agreement, f"overlap at K = {run.k}": run.overlap}
    told = ", ".join(f"{name} {in_figures(each)}" for name, each in figures.items() if isinstance(each, Measured))
    age = in_days(max(decision.now - run.at, timedelta()))
    return f"Pass{since}: the canary of {on_day(run.at)}, {age} old, is quiet: {told}."
