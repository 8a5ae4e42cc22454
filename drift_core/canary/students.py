"""The students that share a history: which runs are whose, and by which rule a student is judged."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import fields

from drift_core.agreement.rule import Rule
from drift_core.canary.run import CanaryRun, in_time
from drift_core.errors import InputError, SettingError
from drift_core.wording import one_line


def students_of(runs: Sequence[CanaryRun]) -> tuple[str | None, ...]:
    """Versions in the order of their first run; None for runs that name none."""
    return tuple(dict.fromkeys(run.student_version for run in runs))


def owner_in_words(runs: Sequence[CanaryRun]) -> str:
    """Say whose weeks these are by the newest: student, teacher and its revision; empty without a run."""
    if not runs:
        return ""
    newest = max(runs, key=in_time)
    student = f"student {one_line(newest.student_version)}" if newest.student_version else "a student without a version"
    teacher = " ".join(filter(None, ("teacher", newest.teacher_model, newest.teacher_revision)))
    return f"{student}, {one_line(teacher)}"


def measured_on(runs: Sequence[CanaryRun], digests: Collection[str]) -> bool | None:
    """Whether a run was measured on one of these samples, by content digest; None where no run says on which it was."""
    known = [each for run in runs for each in (run.production_digest, run.heldout and run.heldout.digest) if each]
    return any(each in digests for each in known) if known else None


def recorded_rule(runs: Sequence[CanaryRun]) -> Rule:
    """Give the rule of the run of a student that was recorded last, as far as this version knows; imports have none.

    Raises
    ------
    InputError
        When that rule is none.
    """
    newest = max((run for run in runs if run.rule), key=lambda run: (run.number, in_time(run)), default=None)
    if newest is None:
        return Rule()
    known = {field.name for field in fields(Rule)}
    try:
        return Rule(**{name: value for name, value in newest.rule.items() if name in known})  # type: ignore[arg-type]
    except SettingError as error:
        raise InputError(
            f"The rule that the run of {newest.at:%Y-%m-%d} (key {newest.key[:8]}) was recorded with cannot be used: "
            f"{error} Withdraw that run, or give a rule with --rule."
        ) from None


def look_alike(first: str, second: str) -> bool:
    """Whether two different names are told apart by case, spaces or the form of their letters alone."""
    return first != second and _folded(first) == _folded(second)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
