"""Whether the docs of one region were cut off, or are of another length than they were there."""

from collections.abc import Sequence

import numpy as np

FEWEST = 20  # docs on a side
CUT, CUT_BEFORE, NEAR_TOP = 0.3, 0.1, 0.95  # share of one length today and before, and the share that is no longer
OTHER, CLEAR = 1.5, 4.0  # times as long or short in the middle, and standard errors of the mean logarithm (ours)
ENDS_OPEN = 0.3  # more docs that end within a sentence
STOPS = tuple(".!?…。！？\"')]”»")


def docs_changed(before: Sequence[str], after: Sequence[str]) -> str:
    """Say how the docs of a region changed, as a clause; empty where they did not, or are too few.

    Parameters
    ----------
    before, after
        Its docs on held-out, or those of the rest where held-out lacks it, and in production.
    """
    if min(len(before), len(after)) < FEWEST:
        return ""
    sides = [np.array([len(text) for text in side]) for side in (before, after)]
    middle = [int(np.median(each)) for each in sides]
    values, counts = np.unique(sides[1], return_counts=True)
    most = int(values[counts.argmax()])
    share, share_before = counts.max() / len(sides[1]), float(np.mean(sides[0] == most))
    told = f"the median doc has {middle[1]:,} characters, {middle[0]:,} before"
    if share >= CUT and share_before < CUT_BEFORE and np.mean(sides[1] <= most) >= NEAR_TOP:
        return f"{told}, and {share:.0%} of docs have exactly {most:,}, as if cut off"
    logs = [np.log1p(each) for each in sides]
    error = float(np.sqrt(sum(each.var() / len(each) for each in logs)))
    apart = abs(float(logs[1].mean() - logs[0].mean()))
    times = (middle[1] + 1) / (middle[0] + 1)
    if apart < CLEAR * max(error, 1e-9) or max(times, 1 / times) < OTHER:
        return ""
    ends = [float(np.mean([not text.rstrip().endswith(STOPS) for text in side])) for side in (before, after)]
    is_open = ends[1] - ends[0] >= ENDS_OPEN
    return f"{told}{f', and {ends[1]:.0%} of docs end within a sentence ({ends[0]:.0%} before)' if is_open else ''}"
