"""Synthetic embeddings of simulated pairs: clouds on the sphere, so that thousands of draws need no text encoder."""

from dataclasses import dataclass

import numpy as np

from drift_core.simulation.drawing import N_INTENTS, Origins
from drift_core.simulation.scenarios import SHIPPED_SEED
from drift_core.simulation.simulate import Truth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedEmbeddings:
    """Unit vectors, float32, one row a pair; docs of one query share its query's row."""

    heldout_query: np.ndarray
    heldout_doc: np.ndarray
    production_query: np.ndarray
    production_doc: np.ndarray


def simulate_embeddings(
    truth: Truth,
    *,
    seed: int = SHIPPED_SEED,
    n_dimensions: int = 64,
    topic_share: float = 0.18,
    intent_share: float = 0.11,
    nearness: float = 0.15,
) -> SimulatedEmbeddings:
    """Draw embeddings for a simulation's pairs, so that many draws need no text encoder.

    Parameters
    ----------
    truth
        What `simulate` returned; a plan with ``with_texts=False`` is enough.
    n_dimensions
        Length of the vectors.
    topic_share, intent_share
        Shares of a vector's squared length that come from its topic's and its intent's centre; the rest is noise.
        The defaults are close to what all-MiniLM-L6-v2 shows on the simulated queries.
    nearness
        Cosine between the centre of each new topic and that of a familiar one; near topics are hard to tell apart.
    """
    rng = np.random.default_rng([seed, 3])
    centres = _centres(len(truth.topics), truth.n_familiar, nearness, n_dimensions, rng)
    intents = _unit(rng.standard_normal((len(truth.topics), N_INTENTS, n_dimensions)))
    style = _unit(rng.standard_normal(n_dimensions))

    def place(origins: Origins, codes: np.ndarray, lift: np.ndarray) -> np.ndarray:
        noise = _unit(rng.standard_normal((codes.max() + 1, n_dimensions)))[codes]
        centre = np.sqrt(topic_share) * centres[origins.topic]
        within = np.sqrt(intent_share) * intents[origins.topic, origins.intent]
        rest = np.sqrt(1 - topic_share - intent_share) * noise
        return _unit(centre + within + rest + lift[:, None] * style).astype(np.float32)

    def both(origins: Origins) -> tuple[np.ndarray, np.ndarray]:
        n_pairs = len(origins.query)
        asked = place(origins, origins.query, np.zeros(n_pairs))
        return asked, place(origins, np.arange(n_pairs), STYLE_SHIFT * origins.is_new_style)

    heldout_query, heldout_doc = both(truth.heldout)
    production_query, production_doc = both(truth.production)
    return SimulatedEmbeddings(
        heldout_query=heldout_query,
        heldout_doc=heldout_doc,
        production_query=production_query,
        production_doc=production_doc,
    )


STYLE_SHIFT = 0.5  # length of the step that the new doc style adds to a unit vector


def _centres(
    n_topics: int, n_familiar: int, nearness: float, n_dimensions: int, rng: np.random.Generator
) -> np.ndarray:
    centres = _unit(rng.standard_normal((n_topics, n_dimensions)))
    for new in range(n_familiar, n_topics):
        near = centres[new % n_familiar]
        apart = _unit(centres[new] - (centres[new] @ near) * near)
        centres[new] = nearness * near + np.sqrt(1 - nearness**2) * apart
    return centres


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
