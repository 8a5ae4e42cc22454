from itertools import product
from math import log

import numpy as np
import pytest

from drift_core.regions.candidates import ALIKE, FIRST_GAIN, MOST_OF_PRODUCTION, density_gains, far_from_heldout
from drift_core.regions.embeddings import embed_texts
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.novelty import find_new_parts
from tests.drift_core.regions.test_novelty import clouds


def test_the_gain_is_the_likelihood_ratio_of_a_share_of_its_own() -> None:
    gains = density_gains(np.array([0.0, 10.0]), np.array([5.0, 15.0]))

    at_random = 15 * log(15 / 25) + 10 * log(10 / 25)
    apart = 10 * log(10 / 20) + 10 * log(10 / 20)
    assert gains[0] == pytest.approx(apart - at_random)


@pytest.mark.parametrize(("heldout", "production"), [(3.0, 10.0), (0.0, 4.0)])
def test_what_held_out_knows_or_is_a_handful_gains_nothing(heldout: float, production: float) -> None:
    assert density_gains(np.array([heldout, 100.0]), np.array([production, 100.0]))[0] == 0


def test_a_new_topic_is_among_the_candidates_whole() -> None:
    candidates = find_new_parts(clouds(n_new=16)).candidates

    assert candidates is not None
    found = [np.flatnonzero(candidates.texts(place)).tolist() for place in range(len(candidates.gains))]
    assert list(range(600, 616)) in found


def test_candidates_gain_enough_and_are_no_copies_of_each_other() -> None:
    candidates = find_new_parts(clouds(n_new=40)).candidates

    assert candidates is not None
    assert (candidates.gains >= FIRST_GAIN).all()
    assert (np.diff(candidates.gains) <= 0).all()
    sets = candidates.members.astype(float)
    shared = sets @ sets.T / np.maximum(sets.sum(axis=1)[:, None] + sets.sum(axis=1) - sets @ sets.T, 1)
    np.fill_diagonal(shared, 0)
    assert shared.max() < ALIKE


def test_most_of_production_is_no_part_of_it() -> None:
    embeddings = clouds(n_new=700)  # of 1,000 in production

    candidates = find_new_parts(embeddings).candidates

    assert candidates is not None
    seen = np.bincount(embeddings.production, minlength=len(embeddings.texts)) > 0
    shares = [seen[candidates.texts(place)].sum() / seen.sum() for place in range(len(candidates.gains))]
    assert max(shares) <= MOST_OF_PRODUCTION


def test_texts_that_only_their_sample_brought_together_gain_little() -> None:
    found = [find_new_parts(clouds(n_new=0, seed=seed)).candidates for seed in range(5)]

    assert max(each.gains.max(initial=0.0) for each in found if each) < 5  # told by the samples too, 9
    assert {each.members.dtype for each in found if each} == {np.dtype(bool)}  # also where none is worth a look


TOPICS = {
    "filter,shrimp,fern,heater,betta,driftwood": "clean the {},temperature for {},{} noisy in winter,cost of {}",
    "rye,levain,crust,dough,loaf,focaccia": "why is {} sour,{} did not rise,feeding {} in the fridge,salt for {}",
    "mirror,mount,eyepiece,lens,nebula,tracker": "best {} for saturn,how align the {},{} shows a blur,is a {} worth it",
}
ENDS = ("", "please", "again", "quickly", "on a budget", "any advice", "for my brother", "after one year")
HEATING = (
    "is a heat pump enough at minus ten",
    "permit for the outdoor unit from the neighbour",
    "subsidy for radiators",
    "heat pump in an old house",
    "boiler power use in winter",
    "error code on buffer tank",
)


@pytest.mark.parametrize("seed", range(4))
def test_a_new_topic_of_six_queries_that_share_words_with_familiar_ones_is_a_candidate(seed: int) -> None:
    asked = [
        f"{ask.format(noun)} {end}".strip()
        for nouns, asks in TOPICS.items()
        for noun, ask, end in product(nouns.split(","), asks.split(","), ENDS)
    ]
    familiar = np.random.default_rng(seed).permutation(asked)
    production = np.append(familiar[240:304], HEATING)

    embeddings = embed_texts(familiar[:240], production, encoder=load_encoder(HASHING_ENCODER))
    candidates = find_new_parts(embeddings).candidates

    assert candidates is not None
    is_new = np.isin(embeddings.texts.astype(str), HEATING)
    sets = [candidates.texts(place) for place in range(len(candidates.gains))]
    assert max((each & is_new).sum() / (each | is_new).sum() for each in sets) > 0.8


def test_far_is_what_heldout_has_nothing_like_and_what_strays_alone_is_not_alike() -> None:
    circle = np.linspace(0, 1, 100)
    vectors = np.stack([np.cos(circle), np.sin(circle), np.zeros(100), np.zeros(100)], axis=1)
    stray, news = [[np.cos(2), np.sin(2), 0, 0]], [[0, 0, 1, step] for step in (0.0, 0.1, 0.2)]
    vectors = np.concatenate([vectors, stray, news])
    known = np.arange(len(vectors)) < 101

    is_far, is_alike = far_from_heldout(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), known)

    assert np.flatnonzero(is_alike).tolist() == [101, 102, 103]
    assert is_far[100:].all()
    assert is_far[:100].sum() <= 2


def test_no_text_is_far_from_a_handful() -> None:
    assert not np.any(far_from_heldout(np.eye(4), np.array([True, True, False, False])))
