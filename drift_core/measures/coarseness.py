"""Coarser scores: where one sample's scores are equal much more often than the other's, both are made equally coarse.

Scores cut off at an end, or rounded, on the way from the judge to a log lose order. Errors compared without this would
put the loss down to the queries or to the teacher.
"""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.ranks import share_below
from drift_core.measures.scores import Scores, Side

COARSER = 2.0  # times as often that two pairs have equal scores, in the coarser sample (ours)
TIMES_AS_OFTEN = 5.0  # as in the other sample, that one score occurs, from which pairs pile up there (ours)
LEAST_TIES = 0.005  # chance of two equal scores beyond that; a pile of 7 % of pairs shows it (ours)
BY_CHANCE = 1.63  # times the root of both sizes' inverses: so far apart shares are by chance (Smirnov, 1939; 1 %)
NEARLY_ALL = 0.95  # share of pairs in piles, from which a sample is rounded rather than cut off
LEAST_PILE = 0.002  # share of pairs at one value that is carried over to the finer sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Coarser:
    """One side's scores are coarser in one sample.

    Attributes
    ----------
    side
        Whose scores.
    in_production
        Whether production's are the coarser ones, else held-out's.
    value, share
        The score that most pairs of the coarser sample share, and their share of its pairs.
    share_before
        Share of the other sample's pairs at that score.
    n_values
        Different scores in the coarser sample.
    """

    side: Side
    in_production: bool
    value: float
    share: float
    share_before: float
    n_values: int


def equally_coarse(heldout: Scores, production: Scores) -> tuple[Scores, Scores, tuple[Coarser, ...]]:
    """Make the scores of two samples equally coarse, each side for itself.

    Parameters
    ----------
    heldout, production
        Scores of the two samples.

    Returns
    -------
    tuple
        Both samples, unchanged where neither is coarser, and what was coarser.

    Notes
    -----
    The finer sample's scores are rounded to the coarser sample's values, where that gives about the same shares. Else
    they become equal in the same shares of the ranking, from the bottom: so a scale that moved before it was cut off is
    allowed for; it assumes that the traffic's own ranking is alike. Either way they get the coarser sample's values,
    that both lie in the same places. Labels have no ranking and stay as they are.
    """
    if not heldout.is_ranked:
        return heldout, production, ()
    found = []
    for side in ("student", "teacher"):
        before, after = getattr(heldout, side), getattr(production, side)
        chances = _chance_of_ties(before), _chance_of_ties(after)
        if chances[1] > COARSER * chances[0] + LEAST_TIES and (piles := _piles(after, production, before)).any():
            heldout = replace(heldout, **{side: _coarsened(side, heldout, production, piles)})  # type: ignore[arg-type]
            found.append(_coarser(side, True, after, before, piles))
        elif chances[0] > COARSER * chances[1] + LEAST_TIES and (piles := _piles(before, heldout, after)).any():
            production = replace(production, **{side: _coarsened(side, production, heldout, piles)})  # type: ignore[arg-type]
            found.append(_coarser(side, False, before, after, piles))
    return heldout, production, tuple(found)


def _chance_of_ties(values: np.ndarray) -> float:
    """Chance that two pairs have equal scores."""
    counts = np.unique(values, return_counts=True)[1].astype(float)
    return float(counts @ (counts - 1) / max(1, len(values) * (len(values) - 1)))


def _piles(coarse: np.ndarray, scores: Scores, fine: np.ndarray) -> np.ndarray:
    """Which of a sample's different scores many pairs share that the other sample (almost) lacks; none where few do.

    A query's pairs of the same scores count once, and a grade that both samples have is no coarseness; where one
    sample has a few different scores and the other many, all are grades of a rounding.
    """
    values, counts = np.unique(coarse, return_counts=True)
    queries = np.arange(len(coarse)) if scores.queries is None else scores.queries
    one_of = np.unique(np.column_stack((queries, scores.student, scores.teacher)), axis=0, return_index=True)[1]
    different = np.bincount(np.searchsorted(values, coarse[one_of]), minlength=len(values)) / len(coarse)
    shares = counts / len(coarse)
    ordered = np.sort(fine)
    before = (np.searchsorted(ordered, values, "right") - np.searchsorted(ordered, values, "left")) / len(fine)
    is_rounded = len(values) * TIMES_AS_OFTEN <= len(np.unique(fine))
    is_pile = (shares >= LEAST_PILE) & (counts > 1) & (is_rounded | (before * TIMES_AS_OFTEN < shares))
    return is_pile & bool((different[is_pile] ** 2).sum() > LEAST_TIES)


def _coarser(side: Side, in_production: bool, coarse: np.ndarray, fine: np.ndarray, piles: np.ndarray) -> Coarser:
    values, counts = np.unique(coarse, return_counts=True)
    most = int(np.where(piles, counts, 0).argmax())
    return Coarser(
        side=side,
        in_production=in_production,
        value=float(values[most]),
        share=float(counts[most] / len(coarse)),
        share_before=float(np.mean(fine == values[most])),
        n_values=len(values),
    )


def _coarsened(side: Side, fine: Scores, coarse: Scores, piles: np.ndarray) -> np.ndarray:
    """The fine scores, made equal where the coarse ones are: by their values, or else by shares of the ranking."""
    given, like = getattr(fine, side), getattr(coarse, side)
    values, counts = np.unique(like, return_counts=True)
    ends = np.cumsum(counts) / len(like)
    if counts[piles].sum() > NEARLY_ALL * len(like):
        cuts = (values[1:] + values[:-1]) / 2, values[1:], values[:-1]  # rounded to the nearest, down, up
        limit = BY_CHANCE * np.sqrt(1 / fine.n_queries + 1 / coarse.n_queries)
        for cut, rule in zip(cuts, ("right", "right", "left"), strict=True):
            at = np.searchsorted(cut, given, rule)  # type: ignore[call-overload]
            if abs(np.cumsum(np.bincount(at, minlength=len(values))) / len(given) - ends).max() < limit:
                return np.asarray(values[at])
    pile = np.minimum(np.searchsorted(ends, share_below(given, given), "left"), len(counts) - 1)
    found = np.where(piles[pile], values[pile], given)
    if (np.diff(found[np.argsort(given)]) >= 0).all():
        return found
    sums, sizes = np.bincount(pile, weights=given), np.maximum(np.bincount(pile), 1)  # the scale moved too
    return np.where(piles[pile], (sums / sizes)[pile], given)
