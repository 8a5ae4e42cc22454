"""Selection: whether production's pairs look chosen by a score, as both sides' scores moved as held-out's do together.

Pairs chosen by what both sides say less alike leave no such trace: nothing tells them from larger errors.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from drift_core.measured import Measured, Measurement
from drift_core.measures.agreement import agreement_difference
from drift_core.measures.scores import Scores, Side
from drift_core.measures.unexplained_fall import at_mix, at_range_and_mix, unexplained_fall

ALONG = 0.5  # of how far one side moved, up to which held-out's pairs of the other side's scores may lie off (ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How both sides' scores moved at a like mix of queries.

    Attributes
    ----------
    along
        Whether one side moved as held-out's pairs lie that have the other side's scores of today: "yes" where both
        moved beyond chance and that is most of it, "no" where today's scores of the teacher bring the student's no
        nearer, as a revision leaves them. Else "perhaps"; of labels also where their shares do not explain the fall.
    student_moved
        Whether the student's scores moved beyond chance, which no revision of the teacher does.
    left
        Where it is "yes", the fall that is left among held-out's pairs of today's scores; of scores that rank.
    """

    along: Literal["yes", "perhaps", "no"] = "no"
    student_moved: bool = False
    left: Measurement | None = None


NO_SELECTION = Selection()


def find_selection(
    heldout: Scores, production: Scores, *, groups: tuple[np.ndarray, np.ndarray], alpha: float, confidence: float
) -> Selection:
    """Find whether production looks chosen by the student's scores, the teacher's, or what both follow.

    Parameters
    ----------
    heldout, production
        Scores of both samples; of production the familiar pairs.
    groups
        Small groups of like queries, int64, one entry a pair of each sample.
    alpha
        Chance that a side moved by chance, in (0, 1), counted in queries of equal weight.
    confidence
        Confidence level of what is left, in (0, 1).

    Notes
    -----
    A choice by one side's score leaves what the other side says at like scores as it was, so that held-out's pairs,
    weighted to today's scores of one side, foretell the other's. A revision of the teacher moves its own scores alone.
    A side moved where its distribution functions lie further apart than chance allows [1]_; of labels without an order,
    the share of one.

    A revision of labels widens the gap between both sides' shares, so that weights to both would explain it away.
    By the shares of either side alone other traffic leaves little of the fall, and a revision leaves more.

    References
    ----------
    .. [1] Massart, P. (1990). The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality. Annals of Probability
       18, 1269-1283.
    """
    alike = at_mix(heldout, production, groups=groups)
    chance = math.sqrt(math.log(2 / alpha) / 2 * sum(1 / each.effective_queries for each in (alike, production)))
    moved = {side: _apart(alike, production, side) for side in get_args(Side)}
    foretold = {
        by: _apart(at_range_and_mix(heldout, production, groups, (by,)), production, _other(by))
        for by in get_args(Side)
    }
    is_along = min(moved.values()) > chance and any(foretold[by] <= ALONG * moved[_other(by)] for by in foretold)
    if not is_along:
        is_alone = foretold["teacher"] >= moved["student"]
        return Selection(along="no" if is_alone else "perhaps", student_moved=moved["student"] > chance)
    like = {"groups": groups, "explained": np.zeros(len(production), dtype=bool), "confidence": confidence}
    if not heldout.is_ranked:
        fall = agreement_difference(heldout, production, confidence=confidence)
        by_side = [unexplained_fall(heldout, production, sides=(side,), **like) for side in get_args(Side)]  # type: ignore[arg-type]
        is_explained = all(_is_little(left, fall) for left in by_side)
        return Selection(along="yes" if is_explained else "perhaps", student_moved=True)
    left = unexplained_fall(heldout, production, sides=get_args(Side), **like)  # type: ignore[arg-type]
    return Selection(along="yes", student_moved=True, left=left)


def _is_little(left: Measurement, fall: Measurement) -> bool:
    """Whether what is left of a fall is not beyond chance and the lesser part of it."""
    if not (isinstance(left, Measured) and isinstance(fall, Measured)):
        return False
    return left.low <= 0 and left.estimate <= ALONG * max(fall.estimate, 0.0)


def _other(side: Side) -> Side:
    return "student" if side == "teacher" else "teacher"


def _apart(heldout: Scores, production: Scores, side: Side) -> float:
    """Largest difference of the distribution functions of one side's scores; without an order of a label's shares."""
    values = [getattr(each, side) for each in (heldout, production)]
    known, codes = np.unique(np.concatenate(values), return_inverse=True)
    split = codes[: len(values[0])], codes[len(values[0]) :]
    shares = [
        np.bincount(each, weights=scores.relative_weights, minlength=len(known)) / scores.relative_weights.sum()
        for each, scores in zip(split, (heldout, production), strict=True)
    ]
    apart = shares[0] - shares[1]
    return float(np.abs(np.cumsum(apart) if heldout.is_ranked else apart).max())
