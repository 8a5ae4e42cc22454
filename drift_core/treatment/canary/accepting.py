"""A level is accepted: the newest run's agreement becomes the baseline, with name and reason in the history."""

from datetime import datetime

from drift_core.diagnosis.rule import Rule
from drift_core.errors import InputError
from drift_core.treatment.canary.baselines import why_gap
from drift_core.treatment.canary.decision import Decision
from drift_core.treatment.canary.history import History
from drift_core.treatment.canary.run import CanaryRun


def accept_level(history: History, *, by: str, reason: str, at: datetime) -> CanaryRun:
    """Take the newest run's agreement as the new baseline, from that week on.

    Parameters
    ----------
    history
        Where the decision is kept.
    by, reason
        Who accepts it and why; neither may be empty.
    at
        When, with a time zone.

    Returns
    -------
    CanaryRun
        The run whose level was accepted.

    Raises
    ------
    InputError
        When there is no run, or the newest is a gap.
    SettingError
        When name or reason is empty.
    """
    runs = history.runs()
    if not runs:
        raise InputError(f"There is no run in {history.shown} to accept. Record a week first.")
    gap = why_gap(runs[-1], Rule())
    if gap is not None:
        raise InputError(f"The newest run of {history.shown} is a gap and can be no baseline: {gap}")
    history.decide(Decision(kind="accept_level", at=at, by=by, reason=reason, run_key=runs[-1].key))
    return runs[-1]
