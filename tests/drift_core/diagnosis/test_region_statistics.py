from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.shared_rise import shared_rise
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.level_ratios import Rise, loss_implied, rise_beyond, rise_of
from drift_core.measures.residual_levels import BOTH, TEACHER
from drift_core.measures.scores import Scores
from tests.drift_core.diagnosis.cut_samples import Part, cut, draw_cut, drawn, prepared

FAMILIAR = [Part(n_heldout=200, n_production=160)] * 3
FELL = Part(n_heldout=200, n_production=160, agreement_after=0.6)
NEW = Part(n_heldout=0, n_production=160, agreement=0.45)


def rise(estimate: float) -> Rise:
    return Rise(estimate=estimate, standard_error=0.1, degrees=20, p_value=0.001, n_pairs=100, n_queries=100)


@pytest.mark.parametrize(
    ("n_heldout", "n_production", "is_new"),
    [
        (0, 100, True),
        (9, 100, True),  # few queries, a tenth of production's share
        (9, 30, False),  # few queries, but more than a quarter of production's share
        (20, 100, False),  # enough queries: a region that grew fivefold is compared with itself
        (10, 400, True),  # enough queries, but under a twentieth of production's share
        (0, 4, False),  # too few production queries to say
    ],
)
def test_a_region_is_new_when_held_out_lacks_it(n_heldout: int, n_production: int, is_new: bool) -> None:
    rest = Part(n_heldout=1000 - n_heldout, n_production=1000 - n_production)

    tests, _, partition = drawn([rest, Part(n_heldout=n_heldout, n_production=n_production)])

    assert tests.is_new[0].tolist() == [False, is_new]
    assert tests.known.tolist() == ((partition.production == 0) | (not is_new)).tolist()


def test_queries_are_counted_not_pairs_when_held_out_has_few() -> None:
    labels = np.array([0] * 490 + [1] * 10), np.array([0] * 400 + [1] * 100)
    rng = np.random.default_rng(0)
    student, teacher = rng.standard_normal((2, 500))
    codes = np.concatenate((np.arange(490), [490] * 10))  # the ten pairs are docs of one query
    production = Scores(student=student, teacher=teacher, queries=np.arange(1000, 1500))

    found = [
        prepared([cut(*labels)], (Scores(student=student, teacher=teacher, queries=queries), production)).is_new[0][1]
        for queries in (codes, np.arange(500))
    ]

    assert found == [True, False]


@pytest.mark.parametrize(("n_queries", "is_tested"), [(4, False), (5, True)])
def test_a_region_is_tested_from_the_rules_number_of_queries_on_either_side(n_queries: int, is_tested: bool) -> None:
    heldout, production, partition = draw_cut([*FAMILIAR, FELL])
    nothing = np.zeros(640, dtype=bool)
    few = [
        Scores(
            student=side.student,
            teacher=side.teacher,
            queries=start + np.where(labels == 3, np.arange(len(side)) % n_queries, 10 + np.arange(len(side))),
        )
        for side, labels, start in ((heldout, partition.heldout, 0), (production, partition.production, 1000))
    ]

    for scores in ((few[0], production), (heldout, few[1])):
        assert (prepared([partition], scores).rises(0, nothing)[3] is not None) == is_tested


def test_pairs_set_aside_are_neither_known_nor_tested() -> None:
    heldout, production, partition = draw_cut([*FAMILIAR, FELL])
    aside = partition.production == 3

    tests = prepared([partition], (heldout, production), aside)
    rises = tests.rises(0, aside)

    assert (tests.known == ~aside).all()
    assert rises[3] is None
    assert [each.n_pairs for each in rises[:3] if each] == [160] * 3


def test_setting_the_worst_pairs_aside_ends_the_rise_of_what_overlaps_them() -> None:
    heldout, production, topics = draw_cut([*FAMILIAR, FELL])
    surface = cut(topics.heldout // 2, topics.production // 2, name="surface", kind="slice")
    tests = prepared([topics, surface], (heldout, production))

    before = tests.rises(1, np.zeros(640, dtype=bool))[1]
    after = tests.rises(1, topics.production == 3)[1]

    assert before is not None
    assert after is not None
    assert before.p_value < 1e-4
    assert after.p_value > 0.05
    assert (before.n_pairs, after.n_pairs) == (320, 160)


def test_a_familiar_region_counts_by_its_rise_over_itself_or_over_the_rest_whichever_is_less() -> None:
    tests, _, partition = drawn([*[Part(n_heldout=200, n_production=160, agreement_after=0.8)] * 3, FELL])

    last = tests.rises(0, np.zeros(640, dtype=bool))[3]

    inside = partition.production == 3, partition.heldout == 3
    levels = [sample.level(mask) for sample, mask in zip(tests.samples[0][::-1], inside, strict=True)]
    rests = [sample.level(~mask) for sample, mask in zip(tests.samples[0][::-1], inside, strict=True)]
    over_itself = rise_of(*levels, side=tests.side)
    beyond = rise_beyond(*levels, *rests, side=tests.side)
    assert last is not None
    assert last.estimate == pytest.approx(beyond.estimate)
    assert 0 < beyond.estimate < over_itself.estimate


def test_the_fall_that_a_rise_comes_to_starts_from_the_regions_own_past_or_the_familiar_rest() -> None:
    tests, (heldout, production), partition = drawn([*FAMILIAR, NEW])

    own = agreement(heldout.take(partition.heldout == 1))
    rest = agreement(production.take(partition.production != 3))

    assert isinstance(own, Measured)
    assert isinstance(rest, Measured)
    assert tests.fall(0, 1, rise(0.5)) == pytest.approx(loss_implied(own.estimate, 0.5))
    assert tests.fall(0, 3, rise(0.5)) == pytest.approx(loss_implied(rest.estimate, 0.5))


@pytest.mark.parametrize(("agreement_of_new", "is_usual"), [(0.9, True), (0.45, False)])
def test_a_new_region_is_usual_where_familiar_ones_agree_as_little(agreement_of_new: float, is_usual: bool) -> None:
    new = Part(n_heldout=0, n_production=160, agreement=agreement_of_new)
    assert drawn([*FAMILIAR, new])[0].is_usual(0, 3) == is_usual


def test_the_more_familiar_regions_differ_the_lower_a_usual_new_one_may_be() -> None:
    new = Part(n_heldout=0, n_production=160, agreement=0.6)
    uneven = [Part(n_heldout=200, n_production=160, agreement=rho) for rho in (0.95, 0.8, 0.6)]

    found = [drawn([*parts, new])[0].is_usual(0, 3) for parts in (FAMILIAR, uneven)]

    assert found == [False, True]


def test_a_familiar_region_is_never_set_aside_as_usual() -> None:
    assert not drawn(FAMILIAR)[0].is_usual(0, 0)


def test_traffic_that_moved_to_weak_regions_is_no_shared_rise() -> None:
    tests, _, _ = drawn([Part(n_heldout=400, n_production=100), Part(n_heldout=100, n_production=400, agreement=0.6)])

    shared = shared_rise(tests, tests.known, properties=(), rule=Rule()).rise

    assert shared is not None
    assert shared.p_value > 0.05
    assert shared.n_pairs == 500


@pytest.mark.parametrize("seed", [1, 4, 5])
def test_a_region_where_the_student_errs_more_is_no_moved_scale(seed: int) -> None:
    """Its scores are wider there, so that errors given the teacher rise more than those given the student."""
    tests, _, _ = drawn([*FAMILIAR, FAMILIAR[0], FELL], seed)

    assert tests.side == BOTH


@pytest.mark.parametrize("seed", [1, 4, 5])
def test_a_scale_that_moved_everywhere_is_told(seed: int) -> None:
    heldout, production, partition = draw_cut(FAMILIAR, seed=seed)

    tests = prepared([partition], (heldout, replace(production, student=2 * production.student)))

    assert tests.side == TEACHER  # the side whose scale stayed


def test_pairs_of_weaker_regions_err_no_more_than_others_at_a_like_mix() -> None:
    weaker = Part(n_heldout=200, n_production=200, agreement=0.6)
    tests, _, partition = drawn([Part(n_heldout=200, n_production=200), weaker])
    is_weak, rng = partition.production == 1, np.random.default_rng(0)
    some = rng.random(len(is_weak)) < np.where(is_weak, 0.8, 0.2)  # of both regions, but most of the weaker
    errors = tests.samples[-1][1].errors
    worse = replace(tests.samples[-1][1], errors=errors * np.where(some, 2.0, 1.0)[:, None])

    assert tests.errs_more(some, ~some) is False
    assert tests.errs_more(is_weak) is False  # than held-out
    moved = replace(tests, samples=[(tests.samples[-1][0], worse)])
    assert moved.errs_more(some, ~some)
    assert moved.errs_more(some)
    assert tests.errs_more(is_weak, ~is_weak) is None  # no region has both


def test_a_new_region_whose_student_scores_lie_off_the_rest_is_not_usual() -> None:
    _, (heldout, production), partition = drawn([*FAMILIAR, Part(n_heldout=0, n_production=160, agreement=0.9)])
    off = replace(production, student=production.student + 2.0 * (partition.production == 3))

    assert [prepared([partition], (heldout, each)).is_usual(0, 3) for each in (production, off)] == [True, False]
