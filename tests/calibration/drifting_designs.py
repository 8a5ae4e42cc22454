"""Designs of messy worlds in which something drifted, clear and hard, and all designs by name."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.calibration.designs import WITHOUT_DRIFT, Design, usual_world, with_new, with_sides
from tests.calibration.messy_traffic import SPREAD, Sample, World, noise_at

FAMILIES = ("new topics", "worse topic", "new docs", "teacher", "both")
CAUSES = {
    "new topics": "query_drift",
    "worse topic": "query_drift",
    "new docs": "document_drift",
    "teacher": "teacher_drift",
    "both": "query_and_teacher_drift",
}


def _drifting(family: str, *, is_hard: bool, pinned: bool) -> Callable[[np.random.Generator], World]:
    agreement = (0.5, 0.72) if is_hard else (0.45, 0.55)
    loss = (0.03, 0.07) if is_hard else (0.07, 0.15)
    share = (0.06, 0.12) if is_hard else (0.10, 0.20)

    def world(rng: np.random.Generator) -> World:
        drawn = replace(_sized(usual_world(rng), rng, is_hard=is_hard), pinned=pinned)
        if family in ("new topics", "both"):
            noise = noise_at(rng.uniform(*agreement, rng.integers(1, 3)))
            drawn = with_new(drawn, noise, rng, share=share)
            old = len(drawn.noise) - len(noise)
            drawn = replace(drawn, drifted=tuple(range(old, len(drawn.noise))))
        if family in ("teacher", "both"):
            drawn = replace(drawn, revision=_revision(rng.uniform(*loss)), unevenness=float(rng.choice([0, 0, 0.3])))
        if family == "new docs":
            shares, noise = ((0.25, 0.45), (0.6, 0.7)) if is_hard else ((0.4, 0.7), (0.5, 0.6))
            drawn = replace(drawn, new_docs=(float(rng.uniform(*shares)), float(noise_at(rng.uniform(*noise)))))
        return _one_worse(drawn, agreement, share, rng) if family == "worse topic" else drawn

    return world


def _but(world: Callable[[np.random.Generator], World], **fields: object) -> Callable[[np.random.Generator], World]:
    return lambda rng: replace(world(rng), **fields)  # type: ignore[arg-type]


def _sized(world: World, rng: np.random.Generator, *, is_hard: bool) -> World:
    heldout, production = ((400, 1000), (300, 800)) if is_hard else ((500, 2000), (800, 2500))
    sizes = [int(np.exp(rng.uniform(*np.log(limits)))) for limits in (heldout, production)]
    return with_sides(world, heldout={"n_pairs": sizes[0]}, production={"n_pairs": sizes[1]})


def _revision(loss: float, before: float = 0.9) -> float:
    """Sd of a change in the teacher's scores that takes so much off the student's agreement."""
    return float(np.sqrt(SPREAD * ((before / (before - loss)) ** 2 - 1)))


def _one_worse(
    world: World, agreement: tuple[float, float], share: tuple[float, float], rng: np.random.Generator
) -> World:
    """A familiar topic, twice as large as a new one, on which the student errs more than it did."""
    topic = int(rng.integers(len(world.noise)))
    shares, worse = np.array(world.heldout.shares), np.ones(len(world.noise))
    part = 2 * rng.uniform(*share)
    shares[topic] = part / (1 - part) * (shares.sum() - shares[topic])
    worse[topic] = max(noise_at(rng.uniform(*agreement)) / world.noise[topic], 1.3)
    drawn = replace(world, worse=tuple(worse), drifted=(topic,))
    return with_sides(drawn, heldout={"shares": tuple(shares)}, production={"shares": tuple(shares)})


def _refuse_drifted(heldout: Sample, production: Sample, rng: np.random.Generator) -> tuple[Sample, Sample]:
    """The teacher gives no score for nine in ten of the pairs that drifted."""
    table = production.table.copy()
    table.loc[production.drifted & (rng.random(len(table)) < 0.9), "teacher_score"] = np.nan
    return heldout, replace(production, table=table)


def _name(family: str, is_hard: bool, pinned: bool) -> str:
    return f"{family}, {'hard' if is_hard else 'clear'}{', pinned' if pinned else ''}"


WITH_DRIFT = {
    _name(family, is_hard, pinned): Design(
        world=_drifting(family, is_hard=is_hard, pinned=pinned), right=frozenset({CAUSES[family]})
    )
    for is_hard in (False, True)
    for family in FAMILIES
    for pinned in (False, True)
}
WITH_DRIFT["refused and worse"] = Design(
    world=_drifting("worse topic", is_hard=False, pinned=False),
    change=_refuse_drifted,
    right=frozenset({"query_drift", "inconclusive"}),
    findings=("teacher_scores_missing",),
)
WITH_DRIFT |= {
    f"new topics, {name}": Design(
        world=_but(_drifting("new topics", is_hard=False, pinned=False), **{field: value}),
        right=frozenset({"query_drift"}),
    )
    for name, field, value in (("docs in set phrases", "phrases", 25), ("vague", "scatter", 1.6))
}
DESIGNS = WITHOUT_DRIFT | WITH_DRIFT
