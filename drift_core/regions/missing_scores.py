"""Pairs that today's teacher gave no score: how many, where, and what agreement could be with them.

A refusal, an outage or a failed parse is data. What is left can agree well because the rest was left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from drift_core.measured import Measured
from drift_core.measures.intervals import t_quantile
from drift_core.regions.partitions import REST, Partition
from drift_core.samples.pairs import ScoredPairs, Unscored
from drift_core.wording import shortened

MISSING = "teacher_scores_missing"  # the finding
MORE_MISSING = 0.05  # share of pairs without a score beyond held-out's from which it is told
MORE_IN_REGION = 0.20  # the same within one region, and beyond the others, from which nothing is told of it
LEAST_ROWS = 5
SURE = 0.999  # confidence that more is missing than in held-out; the look is taken at every sample
TIMES_THE_REST = 1.5  # share without a score in a region that is told, against that of the others
N_NAMED = 3
NEW_VALUES = "(new values)"  # of a slice column, that no scored pair has
NEARLY_ALL = 0.8  # of the missing ones in one region
MOST_TEXTS = 4_000  # texts of a region from which its words are taken


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
        Agreement on all production pairs if the student had nothing in common with the missing scores, and if it agreed
        with them fully.
    unscored
        Of every partition the regions of which nothing can be told, by partition and label: the share of their pairs
        without a score.
    """

    share_heldout: float
    share_production: float
    n_missing: int
    region: str | None
    share_of_missing: float
    share_in_region: float
    lowest: float
    highest: float
    unscored: Mapping[tuple[str, int], float] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        figures = f"{self.share_production:.0%} of production ({self.share_heldout:.0%} of held-out)"
        where = ""
        if self.region is not None:
            part = "nearly all of it" if self.share_of_missing >= NEARLY_ALL else f"{self.share_of_missing:.0%} of it"
            where = f", {part} in {self.region} ({self.share_in_region:.0%} of what is asked there)"
        return (
            f"Today's teacher gave no score for {figures}{where}; with these pairs agreement can be anywhere from "
            f"{self.lowest:.2f} to {self.highest:.2f}."
        )

    @property
    def figures(self) -> dict[str, float]:
        return {
            "share_heldout": self.share_heldout,
            "share_production": self.share_production,
            "n_missing": self.n_missing,
            "share_in_region": self.share_in_region,
            "lowest": self.lowest,
            "highest": self.highest,
        }


def find_missing_scores(
    heldout: ScoredPairs, production: ScoredPairs, *, partitions: tuple[Partition, ...], agreement: Measured
) -> MissingScores | None:
    """Tell whether production lacks clearly more of the teacher's scores than held-out; None where it does not.

    Parameters
    ----------
    heldout, production
        Both samples, with what was left unscored.
    partitions
        Regions; a query without a score belongs to the region whose words it shares most.
    agreement
        Of the production pairs that have scores.
    """
    missing, n_before = production.unscored, len(heldout.unscored or ())
    if missing is None or len(missing) < LEAST_ROWS:
        return None
    before = n_before / (len(heldout) + n_before)
    aside = sum(problem.n_rows for problem in production.problems if problem.name == "odd_student_scores")
    share = len(missing) / (len(production) + len(missing) + aside)
    lacking = _lacking_regions(heldout, production, missing, partitions, before)
    region, unscored = _where(lacking, len(missing)), _unscored(lacking, before)
    is_more = share - before >= MORE_MISSING and _is_sure(len(missing), len(production) + len(missing), before, heldout)
    if not is_more and not unscored and (region is None or region[2] - before < MORE_IN_REGION):
        return None
    name, of_missing, inside = region or (None, 0.0, 0.0)
    return MissingScores(
        share_heldout=before,
        share_production=share,
        n_missing=len(missing),
        region=name,
        share_of_missing=of_missing,
        share_in_region=inside,
        lowest=(1 - share) * agreement.estimate,
        highest=(1 - share) * agreement.estimate + share,
        unscored=unscored,
    )


def _is_sure(n_missing: int, n: int, before: float, heldout: ScoredPairs) -> bool:
    """Whether the share is beyond chance above held-out's, by the normal limit with one added on each side."""
    share, n_before = (n_missing + 1) / (n + 2), len(heldout) / max(1e-9, 1 - before)
    then = (before * n_before + 1) / (n_before + 2)
    error = float(np.sqrt(share * (1 - share) / n + then * (1 - then) / n_before))
    return share - then > t_quantile(2 * SURE - 1, 1e6) * error


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lacking:
    """Regions of a partition that lack scores beyond the others' share, the one that lacks most first.

    `lost` and `size` are pairs without a score and all pairs of each, `others` the share without one elsewhere.
    """

    partition: str
    labels: np.ndarray
    names: tuple[str, ...]
    lost: np.ndarray
    size: np.ndarray
    beyond: np.ndarray
    others: np.ndarray


def unscored_words(shares: Mapping[str, float]) -> str:
    """Say of which regions nothing can be told, by name the share of their pairs without a score; empty of none."""
    told = [f"{shortened(name)}: {share:.0%} unscored" for name, share in list(shares.items())[:N_NAMED]]
    more = f"; and {len(shares) - N_NAMED} more" if len(shares) > N_NAMED else ""
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
    return "; ".join(best.names[:N_NAMED]) + more, float(lost / n_missing), float(lost / best.size.sum())


def _unscored(lacking: list[_Lacking], before: float) -> dict[tuple[str, int], float]:
    """Regions whose share without a score is far above both held-out's and the others'."""
    return {
        (each.partition, int(label)): float(share)
        for each in lacking
        for label, share, others in zip(each.labels, each.lost / each.size, each.others, strict=True)
        if share - max(before, others) >= MORE_IN_REGION
    }


def _lacking_regions(
    heldout: ScoredPairs, production: ScoredPairs, missing: Unscored, partitions: tuple[Partition, ...], before: float
) -> list[_Lacking]:
    found = []
    overall = len(missing) / (len(production) + len(missing))
    for partition in partitions:
        labels = _labels(heldout, production, missing, partition)
        if labels is None or partition.n_regions < 2:
            continue
        lost = np.bincount(labels, minlength=partition.n_regions)
        names = (*partition.regions, NEW_VALUES)
        size = lost + np.bincount(partition.production, minlength=len(lost))
        beyond = lost - overall * size
        others = (lost.sum() - lost) / np.maximum(1, size.sum() - size)
        is_more = [
            lost[i] >= LEAST_ROWS and beyond[i] > 0 and _is_sure(int(lost[i]), int(size[i]), before, heldout)
            and lost[i] / size[i] >= TIMES_THE_REST * others[i]
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
                )
            )
    return found


def _labels(
    heldout: ScoredPairs, production: ScoredPairs, missing: Unscored, partition: Partition
) -> np.ndarray | None:
    """Region of each pair without a score: by the column of a slice, else by the words of its query."""
    if partition.name in missing.slices:
        known = {name: index for index, name in enumerate(partition.regions)}
        others = partition.n_regions - 1 if partition.regions[-1] == REST else partition.n_regions
        return pd.Series(missing.slices[partition.name]).map(known).fillna(others).to_numpy(dtype=np.int64)
    return None if partition.kind != "query" else _by_words(heldout, production, missing, partition)


def _by_words(heldout: ScoredPairs, production: ScoredPairs, missing: Unscored, partition: Partition) -> np.ndarray:
    from drift_core.regions.encoding import HASHING_ENCODER, load_encoder

    texts = pd.Series(np.concatenate([heldout.query, production.query]), dtype=object)
    table = pd.DataFrame({"text": texts, "label": np.concatenate([partition.heldout, partition.production])})
    table = table.drop_duplicates("text").groupby("label").head(MOST_TEXTS)
    asked, place = np.unique(missing.query.astype(str), return_inverse=True)
    encode = load_encoder(HASHING_ENCODER).encode
    known, vectors = encode(table["text"].tolist()), encode(asked.tolist())
    centres = np.zeros((partition.n_regions, known.shape[1]))
    np.add.at(centres, table["label"].to_numpy(), known)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return np.asarray((vectors @ centres.T).argmax(axis=1)[place])
