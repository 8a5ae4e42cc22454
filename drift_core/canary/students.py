"""The students that share a history: which runs are whose, and by which rule a student is judged."""

import unicodedata
from collections.abc import Sequence
from dataclasses import fields

from drift_core.canary.run import CanaryRun, in_time
from drift_core.diagnosis.rule import Rule
from drift_core.errors import InputError, SettingError


def students_of(runs: Sequence[CanaryRun]) -> tuple[str | None, ...]:
    """Versions in the order of their first run; None for runs that name none."""
    return tuple(dict.fromkeys(run.student_version for run in runs))


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
