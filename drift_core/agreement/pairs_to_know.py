"""How many pairs tell what a revision of the teacher costs, scored by both revisions."""

import math

from drift_core.measured import Measured


def width_that_tells(loss: float, *, alpha: float, power: float, confidence: float) -> float:
    """Half the width of an interval beside which a part of `loss` is told from none, one-sided at `alpha`."""
    from scipy.special import ndtri

    return loss * float(ndtri(0.5 + confidence / 2) / (ndtri(1 - alpha) + ndtri(power)))


def pairs_to_know_teacher(heldout: Measured, production: Measured, *, width: float) -> int:
    """Pairs to re-score with the pinned revision so that the interval of its part reaches no further than `width`.

    Parameters
    ----------
    heldout, production
        Agreement with the teacher of the time.
    width
        Half the width of the interval, in (0, 1).

    Notes
    -----
    On the same n pairs, with a the agreement of the student with the pinned and b with the current revision, and c that
    of the revisions with each other, n var(a - b) = (1 - a^2)^2 + (1 - b^2)^2 - 2 psi [1]_, and psi grows with c from
    c = ab on: its derivative 1 - a^2 - b^2 + abc is at least (1 - a^2)(1 - b^2). Revisions that share nothing but what
    the student knows have c = ab; there psi = ab (1 - a^2)(1 - b^2) / 2, the largest variance of interest. Over
    (1 - b^2)^2, the variance of b, that is 1 + k^2 - abk with k = (1 - a^2) / (1 - b^2). It multiplies the variance
    seen of b, so that shared queries, ranks and ties are allowed for. Held-out stands in for a.

    References
    ----------
    .. [1] Steiger, J. H. (1980). Tests for comparing elements of a correlation matrix. Psychological Bulletin 87.
    """
    from scipy.special import ndtri

    a, b = heldout.estimate, production.estimate
    k = (1 - a**2) / max(1 - b**2, 1e-6)
    factor = 1 + k**2 - a * b * k
    return math.ceil(
        production.n_pairs
        * factor
        * (float(ndtri(0.5 + production.confidence / 2)) * production.standard_error / width) ** 2
    )
