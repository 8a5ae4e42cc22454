"""Whether scores are missing as if by chance: whatever the texts, the student's score, and the part of the traffic."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from drift_core.distributions.area_between import area_between
from drift_core.distributions.region_weights import chance_of_spread
from drift_core.measures.ranks import share_below
from drift_core.operations.place_unscored import Placed, drawn_scored
from drift_core.regions.embeddings import embed_texts
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.moved_docs import tell_apart
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.unscored import Unscored

BY_CHANCE = 0.01  # chance of a spread of missing scores, below which they hang on something; each look is one
MOST_MISSING = 4_000  # that are looked at for their texts and the student's scores
CROSS_FITTED = 1.6  # times its interval, that an area by cross-fitted words scatters by chance (measured)
NEARLY_ALL = 0.999
LEAST_ODDS = 3.0  # times, up and down, that a score's odds to be missing may hang on the score itself (ours)


def odds_of_missing(production: ScoredPairs, missing: Unscored, placed: Sequence[Placed]) -> float:
    """Give the most that a score's odds to be missing may hang on it, up and down; infinity where they show that.

    Parameters
    ----------
    production, missing
        Pairs with a score and without.
    placed
        Their regions by each partition.

    Notes
    -----
    Looked at are regions, words, lengths, and the student's score and its distance from the middle one. Where none
    shows a dependence, they may still hang on the score as much as so few pairs would hide of what is looked at: the
    odds between its halves, and at least `LEAST_ODDS`.
    """
    from scipy.special import ndtr, ndtri

    rows, drawn = drawn_scored(production), missing.drawn(MOST_MISSING)
    every = np.concatenate(_codes(production.query[rows], missing.query))
    inside = np.arange(len(every)) >= len(rows)
    if any(chance_of_spread(np.append(each.scored, each.missing), inside, every) <= BY_CHANCE for each in placed):
        return np.inf
    codes = _codes(production.query[rows], drawn.query)
    doc = None if production.doc is None else production.doc[rows]
    texts = _texts(production.query[rows], doc), _texts(drawn.query, drawn.doc)
    words = embed_texts(*texts, encoder=load_encoder(HASHING_ENCODER))
    told = tell_apart(words, codes, confidence=1 - 2 * BY_CHANCE, rng=np.random.default_rng(0))
    if told is not None and told.estimate - 0.5 > CROSS_FITTED * (told.estimate - told.low):
        return np.inf
    places = [share_below(production.student[rows], each) for each in (production.student[rows], drawn.student)]
    looks: list[tuple[list[np.ndarray], tuple[np.ndarray, np.ndarray]]]
    looks = [([np.char.str_len(each.astype(str)) for each in texts], codes)]
    looks += [(places, codes), ([np.abs(each - 0.5) for each in places], codes)]
    areas = [area_between(*values, codes=each, confidence=1 - BY_CHANCE) for values, each in looks]
    if any(each.low > 0.5 or each.high < 0.5 for each in areas):
        return np.inf
    most = min(max(max(each.high, 1 - each.low) for each in areas), NEARLY_ALL)
    upper = float(ndtr(np.sqrt(2) * ndtri(most)))  # share above the middle, were they normal and this far apart
    return max(LEAST_ODDS, round(upper / (1 - upper), 2))  # digits that the order of rows cannot move


def _codes(scored: np.ndarray, missing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes = pd.factorize(np.concatenate([scored, missing]), sort=True)[0]
    return codes[: len(scored)], codes[len(scored) :]


def _texts(query: np.ndarray, doc: np.ndarray | None) -> np.ndarray:
    return query if doc is None else np.asarray(query + " " + doc, dtype=object)
