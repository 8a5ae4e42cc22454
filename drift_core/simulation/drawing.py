"""Drawing one simulated sample: where each pair comes from, its scores, its time and its slices; no texts."""

from dataclasses import dataclass

import numpy as np

from drift_core.simulation.plan import Plan
from drift_core.simulation.planting import COHORT, DOCUMENT, Parts, Sample, level_cuts

N_INTENTS = 5  # every topic of the vocabulary has so many
PERIODS = {"heldout": ("2025-09-01", 91), "production": ("2026-03-02", 91)}  # first day and number of days
LAUNCH_DAY = 21  # whatever is new begins three weeks into production's period
SURFACES, SURFACE_SHARES = np.array(["web", "app", "api"]), np.array([0.55, 0.35, 0.10])
COUNTRIES, COUNTRY_SHARES = np.array(["DE", "FR", "GB", "NL", "US"]), np.array([0.22, 0.16, 0.24, 0.08, 0.30])
VERDICTS = np.array(["fail", "pass"])
REFERRERS = np.array(["home", "search", "newsletter", "help"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origins:
    """Where each pair of a sample comes from; int64 arrays with one entry a pair, in the order of the rows."""

    query: np.ndarray  # dense code of the query
    topic: np.ndarray  # place of the topic in Truth.topics
    intent: np.ndarray  # 0..4 within the topic
    is_cohort: np.ndarray  # bool: asked by the new cohort
    is_new_style: np.ndarray  # bool: the doc is of the new style

    def in_order(self, order: np.ndarray, query: np.ndarray) -> "Origins":
        """Return the same pairs in another order, with new codes for their queries."""
        return Origins(
            query=query,
            topic=self.topic[order],
            intent=self.intent[order],
            is_cohort=self.is_cohort[order],
            is_new_style=self.is_new_style[order],
        )


def draw_origins(plan: Plan, sample: Sample, parts: Parts, rng: np.random.Generator) -> tuple[Origins, np.ndarray]:
    """Draw where each pair comes from, and its row in `parts`."""
    n_pairs = plan.n_heldout if sample == "heldout" else plan.n_production
    fewest, most = plan.docs_per_query
    size = fewest + (rng.random(n_pairs) * (most - fewest + 1)).astype(np.int64)
    query = np.repeat(np.arange(n_pairs), size)[:n_pairs]
    n_topics = plan.n_topics
    shares = np.bincount(parts.topic, weights=parts.share, minlength=n_topics)
    topic = _draw(shares, rng.random(n_pairs))[query]
    is_production = sample == "production"
    is_cohort = (rng.random(n_pairs) < plan.cohort_share * is_production)[query]
    is_new_style = rng.random(n_pairs) < plan.document_share * is_production
    intent = (rng.random(n_pairs) * N_INTENTS).astype(np.int64)[query]
    row = np.full((n_topics, 3), -1)
    row[parts.topic, parts.variant] = np.arange(len(parts.topic))
    variant = COHORT * is_cohort + DOCUMENT * is_new_style
    origins = Origins(query=query, topic=topic, intent=intent, is_cohort=is_cohort, is_new_style=is_new_style)
    return origins, row[topic, variant]


def _draw(shares: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Turn uniform numbers into codes 0.. with the given shares."""
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, side="right")


def draw_scores(
    plan: Plan, sample: Sample, parts: Parts, part: np.ndarray, origins: Origins, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw the scores of each pair, and its standard relevance in the eyes of the pinned teacher."""
    standard, error, noise = (_normal_with_query_effect(plan.query_effect, origins.query, rng) for _ in range(3))
    mean, spread, slope = parts.mean[part], parts.spread[part], parts.slope[part]
    keep, lean = parts.keep[part], parts.lean[part]
    pinned = mean + spread * standard
    student = slope * pinned + np.sqrt(1 - slope**2) * error
    own = np.sqrt(np.maximum(0, 1 - keep**2 - lean**2))
    current = mean + spread * (keep * standard + lean * error + own * noise)
    moves = plan if sample == "production" else Plan()
    given = _chance(student, mean, slope, moves) if plan.with_chances else _squash(student)
    scores = {
        "teacher_score": _teacher_score(current, plan.levels, moves.teacher_gamma, moves.teacher_offset),
        "student_score": _on_scale(_moved(given, moves.student_gamma, moves.student_offset), plan.levels),
    }
    if plan.with_pinned:
        scores["teacher_score_pinned"] = _teacher_score(pinned, plan.levels, 1.0, 0.0)
    if plan.with_verdicts:
        scores["student_score"] = _teacher_score(student, plan.levels, 1.0, 0.0)
        scores = {name: VERDICTS[values.astype(int)] for name, values in scores.items()}
    return scores, standard


def _chance(student: np.ndarray, mean: np.ndarray, slope: np.ndarray, moves: Plan) -> np.ndarray:
    """The chance that a teacher of sd 1 is above 0 where the student is here, with its odds as they moved."""
    from scipy.special import ndtr

    z = (mean + slope * (student - slope * mean)) / np.sqrt(1 - slope**2)
    above, below = moves.student_tilt * ndtr(z) ** moves.student_sureness, ndtr(-z) ** moves.student_sureness
    return np.asarray(above / (above + below))


def _normal_with_query_effect(share: float, query: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shared = rng.standard_normal(len(query))[query]
    own = rng.standard_normal(len(query))
    return np.asarray(np.sqrt(share) * shared + np.sqrt(1 - share) * own)


def _squash(x: np.ndarray) -> np.ndarray:
    """Map relevance to (0, 1) by operations that IEEE 754 rounds alike everywhere; exp is not one of them."""
    return np.asarray(0.5 + 0.5 * x / np.sqrt(4 + x * x))


def _moved(score: np.ndarray, gamma: float, offset: float) -> np.ndarray:
    return score if gamma == 1 and offset == 0 else np.asarray(score**gamma + offset)


def _teacher_score(x: np.ndarray, levels: int | None, gamma: float, offset: float) -> np.ndarray:
    if levels is None:
        return _on_scale(_moved(_squash(x), gamma, offset), None)
    steps = np.searchsorted(level_cuts(levels), x, side="right") / (levels - 1)
    return _on_scale(_moved(steps, gamma, offset), levels)


def _on_scale(score: np.ndarray, levels: int | None) -> np.ndarray:
    """Stretch 0-1 to the teacher's scale and round, so that a text file holds exactly these scores."""
    low, high = {None: (0, 1), 2: (0, 1), 4: (0, 3), 10: (1, 10)}[levels]
    return np.round(low + (high - low) * score, 4)


def draw_labels(
    origins: Origins, sample: Sample, n_familiar: int, rng: np.random.Generator
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw the time of each pair and its slices; the referrer partly follows the topic."""
    n_pairs = len(origins.query)
    first, n_days = PERIODS[sample]
    is_new = (origins.topic >= n_familiar) | origins.is_cohort | origins.is_new_style
    is_query_new = np.bincount(origins.query, weights=is_new) > 0
    start = np.where(is_query_new, LAUNCH_DAY * 86_400, 0)
    seconds = (start + rng.random(len(start)) * (n_days * 86_400 - start)).astype(np.int64)[origins.query]
    surface = SURFACES[_draw(SURFACE_SHARES, rng.random(n_pairs))][origins.query]
    follows = (rng.random(n_pairs) < 0.4)[origins.query]
    anywhere = (rng.random(n_pairs) * len(REFERRERS)).astype(np.int64)[origins.query]
    labels = {
        "surface": np.where(origins.is_cohort, "voice", surface),
        "country": COUNTRIES[_draw(COUNTRY_SHARES, rng.random(n_pairs))][origins.query],
        "referrer": REFERRERS[np.where(follows, origins.topic % len(REFERRERS), anywhere)],
    }
    return np.datetime64(first, "s") + seconds, labels
