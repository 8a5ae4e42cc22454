"""Planted samples with clouds for embeddings, and random plans around each cause."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.errors import SettingError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.simulation.plan import Plan
from drift_core.simulation.planting import PlantedLoss
from drift_core.simulation.simulate import simulate
from tests.calibration.simulated_embeddings import simulate_embeddings

SLICES = ("surface", "country", "referrer")
NO_DRIFT = ("none", "mix", "new_but_good", "teacher_scale", "student_scale", "narrow", "weak", "revision")
DRIFT = ("query", "cohort", "document", "teacher", "both")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planted:
    """Two samples, their embeddings, and what was planted."""

    heldout: ScoredPairs
    production: ScoredPairs
    embeddings: QueryEmbeddings
    doc_embeddings: QueryEmbeddings
    cause: str
    drifted: np.ndarray
    topics: tuple[np.ndarray, np.ndarray]
    n_topics: int
    n_familiar: int
    loss: PlantedLoss


def draw_planted(plan: Plan, *, seed: int, nearness: float = 0.15) -> Planted:
    drawn = simulate(plan, seed=seed)
    clouds = simulate_embeddings(drawn.truth, seed=seed, nearness=nearness)
    frames = drawn.heldout, drawn.production
    heldout, production = (_sample(frame, name) for frame, name in zip(frames, ("held-out", "production"), strict=True))
    return Planted(
        heldout=heldout,
        production=production,
        embeddings=_embeddings([f["query_id"] for f in frames], clouds.heldout_query, clouds.production_query),
        doc_embeddings=_embeddings([f["pair_id"] for f in frames], clouds.heldout_doc, clouds.production_doc),
        cause=drawn.truth.cause,
        drifted=drawn.truth.drifted,
        topics=(drawn.truth.heldout.topic, drawn.truth.production.topic),
        n_topics=plan.n_topics,
        n_familiar=plan.n_familiar,
        loss=drawn.truth.loss,
    )


def _sample(frame: pd.DataFrame, name: str) -> ScoredPairs:
    texts = {column: frame[column].to_numpy(dtype=object).copy() for column in ("query", "doc", "query_id", *SLICES)}
    pinned = frame["teacher_score_pinned"].to_numpy(float).copy() if "teacher_score_pinned" in frame else None
    return ScoredPairs(
        name=name,
        query=texts["query"],
        doc=texts["doc"],
        teacher=frame["teacher_score"].to_numpy(float).copy(),
        student=frame["student_score"].to_numpy(float).copy(),
        teacher_pinned=pinned,
        query_id=texts["query_id"],
        slices={column: texts[column] for column in SLICES},
    )


def _embeddings(keys: list[pd.Series], heldout: np.ndarray, production: np.ndarray) -> QueryEmbeddings:
    codes, texts = pd.factorize(np.concatenate(keys).astype(object))
    first = np.unique(codes, return_index=True)[1]
    return QueryEmbeddings(
        texts=np.asarray(texts, dtype=object),
        vectors=np.concatenate([heldout, production])[first],
        heldout=codes[: len(heldout)].astype(np.int64),
        production=codes[len(heldout) :].astype(np.int64),
        encoder="clouds",
    )


def draw_plan(kind: str, *, is_hard: bool, with_pinned: bool, seed: int) -> Plan:
    """A random plan of one kind; the seed decides sizes, topics, agreements, docs a query and levels."""
    rng = np.random.default_rng([seed, is_hard, (*NO_DRIFT, *DRIFT).index(kind)])
    while True:
        plan = _random_plan(kind, is_hard, with_pinned or kind == "revision", rng)
        try:
            simulate(plan, seed=0)
        except SettingError:  # no revision of the teacher costs so much here
            continue
        return plan


def _random_plan(kind: str, is_hard: bool, with_pinned: bool, rng: np.random.Generator) -> Plan:
    low, high = (150, 500) if is_hard else (300, 2000)
    n_topics, base = int(rng.integers(3, 8)), rng.uniform(0.88, 0.94)
    agreement = np.clip(base + rng.uniform(-0.03, 0.03, n_topics), 0.8, 0.96)
    shares = rng.uniform(0.5, 1.5, n_topics)
    common = {
        "n_heldout": int(np.exp(rng.uniform(np.log(300), np.log(max(800, high))))),
        "n_production": int(np.exp(rng.uniform(np.log(low), np.log(high)))),
        "docs_per_query": ((1, 1), (1, 3), (2, 5), (5, 5))[rng.integers(4)],
        "levels": (None, None, None, 4, 10)[rng.integers(5)],
        "query_effect": float(rng.uniform(0, 0.5)),
        "agreement": tuple(agreement.tolist()),
        "shares_heldout": tuple((shares / shares.sum()).tolist()),
        "with_pinned": with_pinned,
        "with_texts": False,
    }
    return Plan(**(common | _planted(kind, is_hard, agreement, shares, base, rng)))  # type: ignore[arg-type]


def _planted(
    kind: str, is_hard: bool, agreement: np.ndarray, shares: np.ndarray, base: float, rng: np.random.Generator
) -> dict[str, object]:
    n_new = int(rng.integers(1, 3))
    share, level, loss = (
        ((0.05, 0.10), (0.6, 0.8), (0.02, 0.06)) if is_hard else ((0.10, 0.20), (0.45, 0.55), (0.07, 0.15))
    )
    new = {"new_shares": _floats(rng, share, n_new), "new_agreement": _floats(rng, level, n_new)}
    teacher = {"teacher_loss": float(rng.uniform(*loss)), "revision_unevenness": float(rng.choice([0, 0, 0.3, 0.5]))}
    moved = shares * np.linspace(0.3, 3, len(shares))
    weaker = np.sort(agreement)[::-1] - np.where(np.arange(len(shares)) > len(shares) // 2, 0.18, 0.0)
    return {
        "none": {},
        "mix": {"agreement": tuple(weaker.tolist()), "shares_production": tuple((moved / moved.sum()).tolist())},
        "new_but_good": {**new, "new_agreement": _floats(rng, (base - 0.02, base + 0.02), n_new)},
        "teacher_scale": {
            "teacher_gamma": float(rng.choice([0.6, 1.6])),
            "teacher_offset": float(rng.choice([0, 0.05])),
        },
        "student_scale": {
            "student_gamma": float(rng.choice([0.6, 1.6])),
            "student_offset": float(rng.choice([0, -0.05])),
        },
        "narrow": {"n_narrow_topics": int(rng.integers(1, 3))},
        "weak": {"agreement": _floats(rng, (0.5, 0.72), len(agreement))},
        "revision": {"revision_correlation": float(rng.uniform(0.85, 0.93))},
        "query": new,
        "cohort": {"cohort_share": float(rng.uniform(*share)), "cohort_agreement": float(rng.uniform(*level))},
        "document": {
            "document_share": float(rng.uniform(0.4, 0.8)),
            "document_agreement": float(rng.uniform(0.5, 0.65)),
        },
        "teacher": teacher,
        "both": new | teacher,
    }[kind]


def _floats(rng: np.random.Generator, limits: tuple[float, float], n: int) -> tuple[float, ...]:
    return tuple(rng.uniform(*limits, n).tolist())
