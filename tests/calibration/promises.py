"""What is promised about causes, alarms and drifted pairs, and which of it a run contradicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.calibration.cause_tables import found_pairs, inconclusive, neither, of_kinds, of_setting, right
from tests.calibration.causes import QUERY_DRIFT, SETTINGS, Outcome, Setting
from tests.calibration.planted import DRIFT, NO_DRIFT
from tests.calibration.rates import fewest, most

FALSE_ALARMS, OPEN_WITHOUT_DRIFT = 0.01, 0.05  # at most, of draws with no drift
FAR = 3.1  # standard errors; a mean lies so far under a promise that holds about as rarely as a count breaks its limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What holds where drift is planted: rate right at least, neither right nor inconclusive at most, F1 at least."""

    right: float
    neither: float
    f1: float


PROMISES = {
    Setting(is_hard=False, with_pinned=False): Promise(right=0.98, neither=0.02, f1=0.95),
    Setting(is_hard=False, with_pinned=True): Promise(right=0.995, neither=0.005, f1=0.95),
    Setting(is_hard=True, with_pinned=False): Promise(right=0.85, neither=0.05, f1=0.7),
    Setting(is_hard=True, with_pinned=True): Promise(right=0.85, neither=0.05, f1=0.7),
}


def broken(outcomes: Sequence[Outcome]) -> list[str]:
    """Name the promises that these outcomes contradict.

    A count contradicts a rate when it lies outside the range that Binomial(number of draws, rate) keeps in 999 of 1,000
    runs; see `rates`.
    """
    lines = []
    for setting in SETTINGS:
        drift, quiet = (of_kinds(of_setting(outcomes, setting), kinds) for kinds in (DRIFT, NO_DRIFT))
        promise, found = PROMISES[setting], found_pairs(of_kinds(drift, QUERY_DRIFT))
        checks = {
            f"right at least {promise.right:.1%}": right(drift).count >= fewest(len(drift), promise.right),
            f"neither at most {promise.neither:.1%}": neither(drift).count <= most(len(drift), promise.neither),
            f"F1 at least {promise.f1}": not found or found.mean + FAR * found.standard_error >= promise.f1,
            f"false alarms at most {FALSE_ALARMS:.0%}": neither(quiet).count <= most(len(quiet), FALSE_ALARMS),
            f"inconclusive without drift at most {OPEN_WITHOUT_DRIFT:.0%}": (
                inconclusive(quiet).count <= most(len(quiet), OPEN_WITHOUT_DRIFT)
            ),
        }
        lines += [f"{setting}: {name}" for name, holds in checks.items() if not holds]
    return lines
