from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.shared_rise import SharedRise, shared_rise
from drift_core.regions.partitions import Partition
from tests.drift_core.diagnosis.cut_samples import Part, cut, draw_cut, drawn, prepared


@pytest.mark.parametrize("seed", [3, 8])
def test_a_shared_rise_is_not_in_doubt_for_want_of_pairs_beside_a_large_region(seed: int) -> None:
    """Without the half of the traffic that is one region too few pairs are left; it did not rise beyond the others."""
    small = Part(n_heldout=120, n_production=40, agreement_after=0.86)
    tests, _, _ = drawn([small, small, Part(n_heldout=200, n_production=60, agreement_after=0.86)], seed)

    shared = shared_rise(tests, tests.known, properties=(), rule=Rule()).rise

    assert shared is not None
    assert shared.p_value < 0.02


def test_a_rise_that_goes_away_at_the_mix_of_a_slice_is_explained_by_it() -> None:
    heldout, production, harder = draw_cut(
        [Part(n_heldout=400, n_production=100), Part(n_heldout=100, n_production=400, agreement=0.6)]
    )
    harder = replace(harder, name="length", kind="slice")
    whole = cut(np.zeros(500, dtype=np.int64), np.zeros(500, dtype=np.int64), name="all")
    everything = np.ones(500, dtype=bool)

    alone = shared_rise(prepared([whole], (heldout, production)), everything, properties=(), rule=Rule())
    explained = shared_rise(prepared([whole], (heldout, production)), everything, properties=(harder,), rule=Rule())

    assert alone.rise is not None
    assert alone.rise.p_value < 1e-4
    assert alone.explained_by is None
    assert explained.explained_by is harder
    assert explained.rise is not None
    assert explained.rise.p_value > 0.05


@pytest.mark.parametrize(("n_hard", "explains"), [(118, False), (170, True)])
def test_a_slice_explains_nothing_by_a_mix_that_differs_by_chance(n_hard: int, *, explains: bool) -> None:
    parts = [(400, 500 - n_hard, 0.9), (100, n_hard, 0.6)]
    heldout, production, harder = draw_cut(
        [Part(n_heldout=before, n_production=after, agreement=level) for before, after, level in parts], seed=5
    )
    whole = cut(np.zeros(500, dtype=np.int64), np.zeros(500, dtype=np.int64), name="all")
    slices = [whole, replace(harder, name="channel", kind="slice")]

    shared = shared_rise(prepared(slices, (heldout, production)), np.ones(500, dtype=bool), properties=(), rule=Rule())

    assert (shared.explained_by is slices[1]) == explains


def shared_beside(parts: list[Part], seed: int) -> tuple[SharedRise, Partition]:
    """What all pairs share, beside a slice of two parts."""
    heldout, production, harder = draw_cut(parts, seed=seed)
    harder = replace(harder, name="length", kind="slice")
    sizes = len(heldout), len(production)
    whole = cut(*(np.zeros(n, dtype=np.int64) for n in sizes), name="all")
    everything = np.ones(sizes[1], dtype=bool)
    tests = prepared([whole], (heldout, production))
    return shared_rise(tests, everything, properties=(harder,), rule=Rule()), harder


@pytest.mark.parametrize("seed", [2, 3])
def test_a_small_rise_is_explained_by_a_slice_on_which_held_out_errs_more(seed: int) -> None:
    easy, hard = Part(n_heldout=200, n_production=70), Part(n_heldout=50, n_production=70, agreement=0.75)

    shared, harder = shared_beside([easy, hard], seed)

    assert shared.explained_by is harder


@pytest.mark.parametrize("seed", [1, 11])
def test_a_rise_that_is_not_clear_is_explained_where_held_out_shows_it_clearly(seed: int) -> None:
    parts = [Part(n_heldout=900, n_production=25), Part(n_heldout=100, n_production=25, agreement=0.8)]
    heldout, production, _ = draw_cut(parts, seed=seed)
    whole = cut(np.zeros(1000, dtype=np.int64), np.zeros(50, dtype=np.int64), name="all")
    tests = prepared([whole], (heldout, production))

    alone = shared_rise(tests, np.ones(50, dtype=bool), properties=(), rule=Rule()).rise
    shared, harder = shared_beside(parts, seed)

    assert alone is not None
    assert alone.p_value > 0.05
    assert shared.explained_by is harder


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_small_rise_stays_in_doubt_where_held_out_has_too_little_of_a_slice_to_explain_it(seed: int) -> None:
    easy, hard = Part(n_heldout=200, n_production=60), Part(n_heldout=8, n_production=60, agreement=0.8)

    shared, _ = shared_beside([easy, hard], seed)

    assert shared.explained_by is None
    assert shared.rise is not None
    assert 0.005 < shared.rise.p_value <= 0.05


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_left_beside_a_harder_slice_stays_in_doubt(seed: int) -> None:
    easy = Part(n_heldout=400, n_production=100, agreement_after=0.75)
    hard = Part(n_heldout=100, n_production=300, agreement=0.75, agreement_after=0.5)

    shared, _ = shared_beside([easy, hard], seed)

    assert shared.explained_by is None
    assert shared.rise is not None
    assert shared.rise.p_value == 0.05
