"""Two samples whose regions are known, drawn without any texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.region_statistics import RegionTests, prepare_tests
from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Kind, Partition


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Pairs of one region: how many in each sample, the student's agreement, and the range of the teacher's scores."""

    n_heldout: int
    n_production: int
    agreement: float = 0.9
    agreement_after: float | None = None
    width: float = 1.0
    width_after: float | None = None


def draw_cut(parts: list[Part], *, seed: int = 0) -> tuple[Scores, Scores, Partition]:
    """Samples of these parts and the partition by them; agreement is at the width of 1, wider has equal errors."""
    rng = np.random.default_rng(seed)
    before = [(part.n_heldout, part.agreement, part.width) for part in parts]
    after = [(p.n_production, p.agreement_after or p.agreement, p.width_after or p.width) for p in parts]
    samples = [_draw(side, rng) for side in (before, after)]
    labels = [np.repeat(np.arange(len(parts)), [n for n, _, _ in side]) for side in (before, after)]
    return samples[0], samples[1], cut(labels[0], labels[1])


def _draw(side: list[tuple[int, float, float]], rng: np.random.Generator) -> Scores:
    teacher = np.concatenate([width * rng.standard_normal(n) for n, _, width in side])
    noise = np.concatenate([np.full(n, np.sqrt(1 / rho**2 - 1)) for n, rho, _ in side])
    return Scores(student=teacher + noise * rng.standard_normal(len(teacher)), teacher=teacher)


def cut(
    heldout: np.ndarray,
    production: np.ndarray,
    *,
    name: str = "query clusters",
    kind: Kind = "query",
    fine: tuple[np.ndarray, np.ndarray] | None = None,
) -> Partition:
    regions = tuple(f"{name} {i}" for i in range(int(max(heldout.max(), production.max())) + 1))
    return Partition(
        name=name,
        kind=kind,
        regions=regions,
        terms=tuple((region,) for region in regions),
        heldout=heldout.copy(),
        production=production.copy(),
        reason="by hand",
        fine_heldout=fine[0].copy() if fine else None,
        fine_production=fine[1].copy() if fine else None,
    )


def prepared(
    partitions: Sequence[Partition], scores: tuple[Scores, Scores], set_aside: np.ndarray | None = None
) -> RegionTests:
    nothing = np.zeros(len(scores[1]), dtype=bool)
    return prepare_tests(partitions, *scores, set_aside=nothing if set_aside is None else set_aside, rule=Rule())


def drawn(parts: list[Part], seed: int = 0) -> tuple[RegionTests, tuple[Scores, Scores], Partition]:
    heldout, production, partition = draw_cut(parts, seed=seed)
    return prepared([partition], (heldout, production)), (heldout, production), partition
