"""Rise of a region's errors over itself on held-out, and over what the rest of production shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift_core.measures.level_ratios import Between, Rise, between_levels, pooled, rise_beyond, rise_of
from drift_core.measures.residual_levels import ErrorSample, Level


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """What familiar regions of a partition show on held-out."""

    whole: Level
    familiar: Level | None
    between: Between

    @classmethod
    def of(cls, heldout: ErrorSample, familiar: np.ndarray, levels: list[Level | None], floor: int) -> "Reference":
        return cls(
            whole=heldout.level(np.ones(len(familiar), dtype=bool)),
            familiar=heldout.level(familiar) if familiar.any() else None,
            between=between_levels([level for level in levels if level and level.n_queries >= floor]),
        )

    def rise_of_new(self, inside: Level, rest: Level | None, side: int) -> Rise:
        """Rise of a new region over the familiar rest, or without one over held-out, allowing for how regions differ.

        What adds the same error to all, as a revision of the teacher does, keeps differences and makes ratios smaller.
        """
        known = self.familiar or self.whole
        if rest is None:
            return rise_of(inside, known, side=side, between=self.between)
        between = self.between.beside(rest, self.whole, side)
        return rise_of(inside, pooled(rest, known), side=side, between=between)


def rise_of_known(
    levels: tuple[Level | None, Level | None, Level | None, Level | None],
    side: int,
    *,
    values: Sequence[Level | None] = (),
) -> Rise | None:
    """Rise of a region over itself and over the rise of the rest, whichever shows it less.

    Without a rest there is nothing that sets a region apart; what all traffic shares is another question. Of a column
    that held-out lacks, `values` are its others: where several fell, the rest is not as it was, so the one that errs
    least may stand for it, at the chance of having picked it (Bonferroni).
    """
    inside, own, rest, rest_before = levels
    if inside is None or own is None or rest is None or rest_before is None:
        return None
    known = [each for each in values if each]
    over_itself = rise_of(inside, own, side=side)
    made = max(over_itself, rise_beyond(inside, own, rest, rest_before, side=side), key=_chance)
    if not known:
        return made
    best = min(known, key=lambda level: float(level.log_mean[side]))
    other = max(over_itself, rise_beyond(inside, own, best, own, side=side), key=_chance)
    found = ((made, 2), (other, 2 * len(known)))
    return min((replace(each, p_value=min(1.0, times * each.p_value)) for each, times in found), key=_chance)


def _chance(rise: Rise) -> float:
    return rise.p_value
