"""Which recorded weeks cannot be kept off a retrain list, for want of their samples."""

from collections.abc import Sequence

from drift_core.canary.run import CanaryRun
from drift_core.retrain_list.exclusions import ExcludedPairs


def unchecked_weeks(runs: Sequence[CanaryRun], given: Sequence[ExcludedPairs]) -> tuple[str, ...]:
    """List the recorded weeks whose sample is not among the files given, as days."""
    known = {each.sample_digest for each in given}
    lacking = {f"{run.at:%Y-%m-%d}" for run in runs if run.production_digest not in known - {None}}
    return tuple(sorted(lacking))
