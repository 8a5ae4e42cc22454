import math

import numpy as np
import pytest
from scipy import stats

from drift_core.measures.fisher import rank_z_error, unbiased_z


@pytest.mark.parametrize("rho", [0.5, 0.95])
def test_z_of_small_samples_has_the_stated_centre_and_error(rho):
    rng, n, n_draws = np.random.default_rng(1), 60, 3000
    latent = 2 * math.sin(math.pi * rho / 6)
    teacher, error = rng.normal(size=(2, n_draws, n))
    student = latent * teacher + math.sqrt(1 - latent**2) * error
    ranks = [stats.rankdata(side, axis=1) for side in (student, teacher)]
    found = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(*ranks, strict=True)]
    z = [unbiased_z(each, rank_z_error(each, n)) for each in found]

    # The mean of 3,000 has a standard error of 0.018 standard errors of one.
    assert np.mean(z) == pytest.approx(math.atanh(rho), abs=0.1 * rank_z_error(rho, n))
    assert np.std(z) == pytest.approx(rank_z_error(rho, n), rel=0.08)


def test_the_error_falls_with_the_root_of_the_pairs():
    assert rank_z_error(0.9, 103) == pytest.approx(2 * rank_z_error(0.9, 403))


@pytest.mark.parametrize("estimate", [-1.0, 1.0])
def test_a_perfect_coefficient_stays_finite(estimate):
    assert math.isfinite(unbiased_z(estimate, rank_z_error(estimate, 50)))


def test_without_an_error_nothing_is_corrected():
    assert unbiased_z(0.9, 0.0) == pytest.approx(math.atanh(0.9))
