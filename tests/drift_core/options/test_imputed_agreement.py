from dataclasses import replace

import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.measures.agreement import agreement
from drift_core.measures.scores import Scores
from drift_core.options.imputed_agreement import Donors, imputed_agreement


def sample(n=400, *, noise=0.4, seed=0):
    rng = np.random.default_rng(seed)
    teacher = rng.normal(size=n)
    return Scores(student=teacher + noise * rng.normal(size=n), teacher=teacher, queries=np.arange(n) // 2)


def donors_of(scores):
    return Donors.of(scores.teacher, scores.student, scores.queries)


def with_missing(scores, share=0.3, seed=1):
    missing = np.random.default_rng(seed).random(len(scores)) < share
    return replace(scores, student=np.where(missing, 99.0, scores.student)), missing


def test_scores_missing_at_random_are_as_good_as_those_that_are_there():
    whole = sample(4000)
    scores, missing = with_missing(whole)

    found = imputed_agreement(scores, missing, donors_of(whole.take(~missing)), seed=0)

    assert isinstance(found, Measured)
    assert found.estimate == pytest.approx(agreement(whole).estimate, abs=0.006)


def test_the_interval_is_wider_than_if_every_pair_had_its_score():
    whole = sample()
    scores, missing = with_missing(whole, share=0.6)

    found = imputed_agreement(scores, missing, donors_of(whole.take(~missing)), seed=0)

    assert found.high - found.low > agreement(whole).high - agreement(whole).low


def test_the_order_of_the_rows_changes_nothing():
    whole = sample()
    scores, missing = with_missing(whole)
    order = np.random.default_rng(5).permutation(len(scores))

    one = imputed_agreement(scores, missing, donors_of(whole.take(~missing)), seed=3)
    other = imputed_agreement(
        scores.take(order), missing[order], donors_of(whole.take(order).take(~missing[order])), seed=3
    )

    assert other.estimate == pytest.approx(one.estimate, abs=1e-12)
    assert other.low == pytest.approx(one.low, abs=1e-12)


def test_the_given_score_of_a_missing_pair_is_not_read():
    whole = sample()
    scores, missing = with_missing(whole)
    known = donors_of(whole.take(~missing))

    assert imputed_agreement(scores, missing, known, seed=0) == imputed_agreement(whole, missing, known, seed=0)


def test_a_drawn_score_is_one_of_the_scale_and_of_a_donor_of_that_level():
    levels = np.repeat([0.0, 1.0, 2.0], 40)
    donors = Donors.of(levels, levels * 10, None)

    drawn = donors.draw(np.repeat([0.0, 2.0], 50), np.random.default_rng(0))

    assert set(drawn) <= {0.0, 10.0, 20.0}
    assert (drawn[:50] == 0).mean() > 0.9
    assert (drawn[50:] == 20).mean() > 0.9


def test_nothing_missing_gives_the_agreement_that_is_there():
    whole = sample()

    found = imputed_agreement(whole, np.zeros(len(whole), dtype=bool), donors_of(whole), seed=0)

    plain = agreement(whole)
    assert found.estimate == pytest.approx(plain.estimate)
    assert found.standard_error == pytest.approx(plain.standard_error)
    assert found.low == pytest.approx(plain.low, abs=1e-3)


def test_too_few_donors_are_a_reason():
    few = sample(16)

    found = donors_of(few)

    assert isinstance(found, Unmeasured)
    assert "Only 16 pairs of 8 queries" in found.reason


def test_scores_that_rank_nothing_are_unmeasured():
    whole = sample()
    flat = replace(whole, teacher=np.ones(len(whole)))

    found = imputed_agreement(flat, np.zeros(len(whole), dtype=bool), donors_of(whole), seed=0)

    assert isinstance(found, Unmeasured)
