"""Pairs that today's teacher gave no score: how many, where, and what agreement could be with them.

A refusal, an outage or a failed parse is data. What is left can agree well because the rest was left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from drift_core.distributions.tilted_agreement import tilted_agreement
from drift_core.measured import Measured
from drift_core.measures.intervals import t_quantile
from drift_core.measures.score_units import OTHER
from drift_core.measures.scores import Scores
from drift_core.operations.missing_by_chance import odds_of_missing
from drift_core.operations.place_unscored import Placed, place_unscored, region_of
from drift_core.regions.partitions import Partition
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.unscored import Unscored
from drift_core.wording import shortened

MISSING = "teacher_scores_missing"  # the finding
MORE_MISSING = 0.05  # share of pairs without a score beyond held-out's from which it is told
MORE_IN_REGION = 0.20  # the same within one region, and beyond the others, from which nothing is told of it
LEAST_ROWS = 5
SURE = 0.999  # confidence that more is missing than in held-out; the look is taken at every sample
TIMES_THE_REST = 1.5  # share without a score in a region that is told, against that of the others
N_NAMED = 3
NEW_VALUES = "(new values)"  # of a slice column, that no scored pair has
HALF, NEARLY_ALL = 0.5, 0.8  # of the missing ones in one region


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingScores:
    """More pairs without a teacher's score than held-out has.

    Attributes
    ----------
    share_heldout, share_production
        Share of each sample's pairs that the teacher gave no score.
    n_missing
        Such pairs of production.
    region, share_of_missing, share_in_region
        The region that most of what is missing beyond the others lies in, how much of it does, and the share of that
        region's pairs without a score; None and 0 where it is spread over all.
    lowest, highest
        Agreement on all production pairs with them: where they are missing as if by chance, within `odds`; else if the
        student had nothing in common with the missing scores, and if it agreed with them fully.
    odds
        Most that the odds of a score to be missing may hang on it; infinity where they surely hang on something.
    unscored
        Of every partition the regions of which nothing can be told, by partition and label: the share of their pairs
        without a score.
    n_aside
        Those that have a score which was set aside.
    at_end
        "high" or "low", where they surely lie at that end of the student's scores; else empty.
    """

    share_heldout: float
    share_production: float
    n_missing: int
    region: str | None
    share_of_missing: float
    share_in_region: float
    lowest: float
    highest: float
    odds: float = np.inf
    unscored: Mapping[tuple[str, int], float] = field(default_factory=dict)
    n_aside: int = 0
    at_end: str = ""

    @property
    def sentence(self) -> str:
        figures = f"{self.share_production:.0%} of production ({self.share_heldout:.0%} of held-out)"
        where = ""
        if self.region is not None:
            part = "nearly all of it" if self.share_of_missing >= NEARLY_ALL else f"{self.share_of_missing:.0%} of it"
            where = f", {part} in {self.region} ({self.share_in_region:.0%} of what is asked there)"
        if self.at_end:
            where += f", most of them among the pairs that the student scores {self.at_end}"
        told = f"Today's teacher {self.gave} for {figures}{where}"
        limits = f"{self.lowest:.2f} to {self.highest:.2f}"
        if not self.is_by_chance:
            return f"{told}; with these pairs agreement can be anywhere from {limits}."
        return (
            f"{told}; no text, length or student's score makes that likelier, and were it up to {self.odds:.2g} times "
            f"as likely by the score itself, agreement with these pairs would be {limits}."
        )

    @property
    def gave(self) -> str:
        return "gave no score, or one that was set aside," if self.n_aside else "gave no score"

    @property
    def is_by_chance(self) -> bool:
        return bool(np.isfinite(self.odds))

    @property
    def where(self) -> str:
        """The region that they lie in, to be said after them; empty where they are spread over all."""
        part = "most" if self.share_of_missing > HALF else "many"
        return f", {part} of them in {self.region}" if self.region else ""

    @property
    def figures(self) -> dict[str, float]:
        return {
            "share_heldout": self.share_heldout,
            "share_production": self.share_production,
            "n_missing": self.n_missing,
            "share_in_region": self.share_in_region,
            "lowest": self.lowest,
            "highest": self.highest,
        } | ({"odds": self.odds} if self.is_by_chance else {})


def find_missing_scores(
    heldout: ScoredPairs,
    production: ScoredPairs,
    *,
    partitions: tuple[Partition, ...],
    agreement: Measured,
    scores: Scores,
) -> MissingScores | None:
    """Tell whether production lacks clearly more of the teacher's scores than held-out; None where it does not.

    Parameters
    ----------
    heldout, production
        Both samples, with what was left unscored.
    partitions
        Regions; a query without a score belongs to the region whose words it shares most.
    agreement, scores
        Of the production pairs that have scores.
    """
    missing, n_before = production.unscored, len(heldout.unscored or ())
    if missing is None or len(missing) < LEAST_ROWS:
        return None
    before = n_before / (len(heldout) + n_before)
    asides = {side: sum(p.n_rows for p in production.problems if p.name == f"odd_{side}_scores") for side in OTHER}
    n_asked = len(production) + len(missing)
    share = len(missing) / (n_asked + asides["student"])
    placed = place_unscored(heldout, production, missing, partitions)
    lacking = _lacking_regions(placed, heldout, production, before)
    region, unscored = _where(lacking, len(missing)), _unscored(lacking)
    at_end = _at_end(production, missing)
    is_more = share - before >= MORE_MISSING and _is_sure(len(missing), n_asked, before, _n_asked(heldout, before))
    if not is_more and not at_end and not unscored and (region is None or region[2] - before < MORE_IN_REGION):
        return None
    name, of_missing, inside = region or (None, 0.0, 0.0)
    odds = np.inf if region or at_end else odds_of_missing(production, missing, placed)
    lowest, highest = (1 - share) * agreement.estimate, (1 - share) * agreement.estimate + share
    if np.isfinite(odds):
        within = tilted_agreement(scores, estimate=agreement.estimate, share=share, odds=odds)
        lowest, highest = max(lowest, within[0]), min(highest, within[1])
    return MissingScores(
        share_heldout=before,
        share_production=share,
        n_missing=len(missing),
        region=name,
        share_of_missing=of_missing,
        share_in_region=inside,
        lowest=lowest,
        highest=highest,
        odds=odds,
        unscored=unscored,
        n_aside=asides["teacher"],
        at_end=at_end,
    )


def _at_end(production: ScoredPairs, missing: Unscored) -> str:
    """The end of the student's scores that those without a teacher's score surely lie at; empty where at none.

    By the rank-sum test of Mann and Whitney (1947) on the mean score of each query's pairs, as those of one are alike.
    """
    from scipy.stats import mannwhitneyu

    sides = ((production.student, production.query), (missing.student, missing.query))
    scored, lost = (pd.Series(scores).groupby(queries).mean().to_numpy() for scores, queries in sides)
    found = mannwhitneyu(lost, scored)
    if not found.pvalue < 2 * (1 - SURE):
        return ""
    return "high" if found.statistic > len(lost) * len(scored) / 2 else "low"


def _is_sure(lost: float, n: float, before: float, n_before: float) -> bool:
    """Whether a share is beyond chance above another, by the normal limit with one added on each side."""
    share, then = (lost + 1) / (n + 2), (before * n_before + 1) / (n_before + 2)
    error = float(np.sqrt(share * (1 - share) / n + then * (1 - then) / n_before))
    return share - then > t_quantile(2 * SURE - 1, 1e6) * error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lacking:
    """Regions of a partition that lack scores beyond the others' share, the one that lacks most first.

    `lost` and `size` are pairs without a score and all pairs of each, `others` the share without one elsewhere, `usual`
    that of held-out.
    """

    partition: str
    labels: np.ndarray
    names: tuple[str, ...]
    lost: np.ndarray
    size: np.ndarray
    beyond: np.ndarray
    others: np.ndarray
    usual: np.ndarray


def untold_words(reasons: Mapping[str, str]) -> str:
    """Say of which regions nothing can be told, by name why; empty of none."""
    told = [f"{shortened(name)}: {why}" for name, why in list(reasons.items())[:N_NAMED]]
    more = f"; and {len(reasons) - N_NAMED} more" if len(reasons) > N_NAMED else ""
    return f"Cannot tell for {'; '.join(told)}{more}." if told else ""


def _where(lacking: list[_Lacking], n_missing: int) -> tuple[str, float, float] | None:
    """Regions that lack scores, their part of what is missing, and of their own pairs.

    Of the partitions the one that tells most of what is missing from the rest.
    """
    if not lacking:
        return None
    best = max(lacking, key=lambda each: each.beyond.sum())
    more = f" and {len(best.names) - N_NAMED} more" if len(best.names) > N_NAMED else ""
    lost = best.lost.sum()
    return (
        "; ".join(map(shortened, best.names[:N_NAMED])) + more,
        float(lost / n_missing),
        float(lost / best.size.sum()),
    )


def _unscored(lacking: list[_Lacking]) -> dict[tuple[str, int], float]:
    """Regions whose share without a score is far above both held-out's and the others'."""
    return {
        (each.partition, int(label)): float(share)
        for each in lacking
        for label, share, others, usual in zip(each.labels, each.lost / each.size, each.others, each.usual, strict=True)
        if share - max(usual, others) >= MORE_IN_REGION
    }


def _lacking_regions(
    placed: list[Placed], heldout: ScoredPairs, production: ScoredPairs, before: float
) -> list[_Lacking]:
    found = []
    for each in placed:
        partition, lost, size = each.partition, each.lost, each.size
        usual = _usual(heldout, production, partition, before, n=len(lost))
        names = (*partition.regions, NEW_VALUES)
        beyond, left = lost - lost.sum() / size.sum() * size, np.maximum(1, size.sum() - size)
        others = (lost.sum() - lost) / left
        is_more = [
            lost[i] >= LEAST_ROWS and beyond[i] > 0 and _is_sure(lost[i], size[i], usual[i], _n_asked(heldout, before))
            and lost[i] / size[i] >= TIMES_THE_REST * others[i] and _is_sure(lost[i], size[i], others[i], left[i])
            for i in range(len(lost))
        ]  # fmt: skip
        chosen = np.array(sorted(np.flatnonzero(is_more), key=lambda i: -beyond[i]), dtype=np.int64)
        if len(chosen):
            found.append(
                _Lacking(
                    partition=partition.name,
                    labels=chosen,
                    names=tuple(names[i] for i in chosen),
                    lost=lost[chosen],
                    size=size[chosen],
                    beyond=beyond[chosen],
                    others=others[chosen],
                    usual=usual[chosen],
                )
            )
    return found


def _usual(heldout: ScoredPairs, production: ScoredPairs, partition: Partition, before: float, *, n: int) -> np.ndarray:
    """Share of each region's held-out pairs without a score; that of all where it is not surely more, shape (n,)."""
    found = np.full(n, before)
    labels = region_of(heldout.unscored, partition, heldout, production) if heldout.unscored else None
    if labels is not None:
        lost = np.bincount(labels, minlength=n)[:n]
        size = lost + np.bincount(partition.heldout, minlength=n)[:n]
        for i in np.flatnonzero(lost >= LEAST_ROWS):
            if _is_sure(lost[i], size[i], before, _n_asked(heldout, before)):
                found[i] = lost[i] / size[i]
    return found


def _n_asked(heldout: ScoredPairs, before: float) -> float:
    return len(heldout) / max(1e-9, 1 - before)
