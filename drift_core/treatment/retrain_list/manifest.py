"""The manifest: the pairs to re-score and retrain on, with how they were drawn.

How many come from each region is in `quotas`, writing files in `list_files`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.diagnosis.rule import Rule
from drift_core.samples.pairs import ScoredPairs
from drift_core.treatment.retrain_list.frame import CHOSEN, DRIFTED, SamplingFrame, content_hash, sampling_frame
from drift_core.treatment.retrain_list.quotas import Allocation, ListSettings, Quota, allocate

__all__ = ["ListSettings", "Manifest", "Quota", "SamplingFrame", "draw_manifest", "plan_quotas", "sampling_frame"]

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Manifest:
    """A drawn list of pairs.

    Attributes
    ----------
    pairs
        One row a pair, in an order drawn by the seed: row (of the source, from 0), pair_id, query, doc, teacher_score,
        student_score, region, drifted, probability (with which the pair was drawn). Absent texts are missing values.
    quotas
        What each region gave.
    partition
        Name of the partition that the regions belong to.
    settings
        Size, floor, weight and seed.
    n_in_heldout, n_repeated
        Pairs that could not be drawn because held-out has them, or because an equal pair stands for them.
    digests
        Content digests of the two samples.
    rule, encoder, version
        What made the regions.
    teacher_revision
        The revision that the list is to be re-scored with, or None when it was not given.
    """

    pairs: pd.DataFrame
    quotas: tuple[Quota, ...]
    partition: str
    settings: ListSettings
    n_in_heldout: int
    n_repeated: int
    digests: Mapping[str, str]
    rule: Rule
    encoder: str
    version: str
    teacher_revision: str | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def sentence(self) -> str:
        """The manifest in words."""
        n_regions = sum(quota.n_drawn > 0 for quota in self.quotas)
        regions = "1 region" if n_regions == 1 else f"{n_regions} regions"
        drifted = f"{int(self.pairs['drifted'].sum()):,} of them drifted"
        return f"{len(self):,} pairs from {regions}, {drifted}, seed {self.settings.seed}, none seen in held-out."

    def to_json(self) -> dict[str, object]:
        return {
            "schema": SCHEMA,
            "version": self.version,
            "summary": self.sentence,
            "n_pairs": len(self),
            "settings": asdict(self.settings),
            "seed": self.settings.seed,
            "partition": self.partition,
            "regions": [quota.to_json() for quota in self.quotas],
            "left_out": {"in_heldout": self.n_in_heldout, "repeated": self.n_repeated},
            "digests": dict(self.digests),
            "teacher_revision": self.teacher_revision,
            "encoder": self.encoder,
            "rule": self.rule.to_json(),
        }

    def _repr_html_(self) -> str:
        from drift_core.display import show

        return show(self)


def plan_quotas(frame: SamplingFrame, settings: ListSettings) -> tuple[Quota, ...]:
    """Plan how many pairs each region gives; takes no time, so a page can call it while a slider moves.

    Notes
    -----
    Every region gets its floor, or all of it; the rest is shared by traffic, in which a drifted pair counts
    `drifted_weight` times. Pairs chosen by hand come before the floor. Floors above the list are cut to one level.
    """
    available, traffic = frame.count(frame.may_be_drawn), frame.count(np.ones(len(frame.region), dtype=bool))
    shares = _allocate_regions(available, traffic, settings)
    n_drawn = int(shares.total.sum())
    return tuple(
        Quota(
            region=name,
            drifted=bool(2 * traffic[i, DRIFTED:].sum() > traffic[i].sum()),
            n_production=int(traffic[i].sum()),
            n_available=int(available[i].sum()),
            n_drawn=int(shares.total[i]),
            floor=int(shares.floor[i]),
            traffic_share=float(traffic[i].sum() / traffic.sum()),
            list_share=float(shares.total[i] / n_drawn),
        )
        for i, name in enumerate(frame.partition.regions)
        if traffic[i].sum()
    )


def draw_manifest(
    diagnosis: Diagnosis,
    *,
    settings: ListSettings | None = None,
    frame: SamplingFrame | None = None,
    teacher_revision: str | None = None,
) -> Manifest:
    """Draw the retrain list of a diagnosis.

    Parameters
    ----------
    settings
        Size, floor, weight of drifted pairs, seed.
    frame
        From `sampling_frame` of the same diagnosis, when regions of another partition or pairs chosen by hand are
        wanted.
    teacher_revision
        The revision that will re-score the list; recorded.

    Notes
    -----
    A stratified sample: within a region, drifted pairs, others and those chosen by hand are strata of their own, and a
    pair's probability is its stratum's drawn over available. Each pair gets a number from seed and content, and a
    stratum gives its smallest numbers [1]_: the draw does not depend on the order of the rows, and a longer list of
    the same seed extends a shorter one within each stratum. Sums over the list weighted by 1 / probability are
    unbiased for what could be drawn [2]_.

    References
    ----------
    .. [1] Broder, A. (1997). On the resemblance and containment of documents. SEQUENCES '97: bottom-k sampling.
    .. [2] Horvitz, D. G. and Thompson, D. J. (1952). A generalization of sampling without replacement. JASA 47.
    """
    settings = settings or ListSettings()
    frame = frame or sampling_frame(diagnosis)
    production = diagnosis.production
    order, probability = _draw(frame, content_hash(production, seed=settings.seed), settings)
    return Manifest(
        pairs=_table(production, frame, order, probability, diagnosis.drifted),
        quotas=plan_quotas(frame, settings),
        partition=frame.partition.name,
        settings=settings,
        n_in_heldout=frame.n_in_heldout,
        n_repeated=frame.n_repeated,
        digests={"heldout": diagnosis.heldout.digest, "production": production.digest},
        rule=diagnosis.settings.rule,
        encoder=diagnosis.embeddings.encoder,
        version=diagnosis.version,
        teacher_revision=teacher_revision or None,
    )


def _mass(traffic: np.ndarray, settings: ListSettings) -> np.ndarray:
    return np.asarray(traffic * [1.0, settings.drifted_weight, settings.drifted_weight])


def _allocate_regions(available: np.ndarray, traffic: np.ndarray, settings: ListSettings) -> Allocation:
    floor = np.maximum(max(settings.floor, 1), available[:, CHOSEN])
    mass = _mass(traffic, settings).sum(axis=1)
    return allocate(settings.n, available=available.sum(axis=1), mass=mass, floor=floor)


def _draw(frame: SamplingFrame, numbers: np.ndarray, settings: ListSettings) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the drawn pairs in the order of their numbers, and the probability of each."""
    available, traffic = frame.count(frame.may_be_drawn), frame.count(np.ones(len(frame.region), dtype=bool))
    totals = _allocate_regions(available, traffic, settings).total
    mass = _mass(traffic, settings)
    drawn = np.zeros_like(available)
    for i in range(len(totals)):
        floor = np.array([1, 1, available[i, CHOSEN]])  # one at least, so that no stratum goes unseen
        drawn[i] = allocate(int(totals[i]), available=available[i], mass=mass[i], floor=floor).total
    candidates = np.flatnonzero(frame.may_be_drawn)
    candidates = candidates[np.argsort(numbers[candidates], kind="stable")]
    cell = frame.region[candidates] * 3 + frame.stratum[candidates]
    place = pd.Series(cell).groupby(cell).cumcount().to_numpy()
    is_drawn = place < drawn.ravel()[cell]
    probability = drawn.ravel() / np.maximum(available.ravel(), 1)
    return candidates[is_drawn], probability[cell[is_drawn]]


def _table(
    production: ScoredPairs, frame: SamplingFrame, order: np.ndarray, probability: np.ndarray, drifted: np.ndarray
) -> pd.DataFrame:
    absent = np.full(len(order), None, dtype=object)
    return pd.DataFrame(
        {
            "row": production.row[order],
            "pair_id": absent if production.pair_id is None else production.pair_id[order],
            "query": production.query[order],
            "doc": absent if production.doc is None else production.doc[order],
            "teacher_score": production.teacher[order],
            "student_score": production.student[order],
            "region": np.array(frame.partition.regions, dtype=object)[frame.region[order]],
            "drifted": drifted[order],
            "probability": probability,
        }
    )
