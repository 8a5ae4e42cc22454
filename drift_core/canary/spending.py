"""What each look may spend of a year's chance of a false alarm in new regions, so that no year spends it twice."""

from collections.abc import Sequence

from drift_core.agreement.rule import Rule
from drift_core.canary.run import CanaryRun
from drift_core.canary.sequential import WEEKS_A_YEAR

FIRST = 2  # the first look of a year spends what halves in the third and falls to a third in the fifth
WHOLE = sum(1 / (before + FIRST) for before in range(WEEKS_A_YEAR))


def is_earlier(run: CanaryRun) -> bool:
    """Whether a version recorded it that kept nothing for the first weeks of new regions."""
    return "alarm_new_share" not in run.rule


def traffic_budget(run: CanaryRun, rule: Rule) -> float:
    """Give the yearly budget of all traffic by which a week is judged; one of an earlier version keeps its share."""
    return rule.alarm_budget * (run.rule.get("alarm_share", rule.alarm_share) if is_earlier(run) else rule.alarm_share)


def spend_on_births(looks: Sequence[bool]) -> list[float]:
    """Give the share of a year's chance that each look at new regions may spend.

    Parameters
    ----------
    looks
        In the order of recording, whether there was a new region to be looked at.

    Notes
    -----
    Alpha spending [1]_ over a moving year: the share falls as one over the number of such looks among the 51 before,
    so that no 52 looks together spend more than the whole. Whether there is anything to look at rests on texts alone,
    and so says nothing of the errors. The first four looks of a year, those of one birth, have a third of it; a look
    after 51 others has a quarter of an equal part.

    References
    ----------
    .. [1] Lan, K. K. G. and DeMets, D. L. (1983). Discrete sequential boundaries for clinical trials. Biometrika 70.

    Examples
    --------
    >>> [round(share, 3) for share in spend_on_births([True, False, True])]
    [0.141, 0.0, 0.094]
    """
    before = [sum(looks[max(0, place + 1 - WEEKS_A_YEAR) : place]) for place in range(len(looks))]
    return [is_look / (n + FIRST) / WHOLE for is_look, n in zip(looks, before, strict=True)]
