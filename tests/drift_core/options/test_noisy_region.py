"""A retraining where the teacher itself is noisy in the drifted regions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.measures.scores import scores_of
from drift_core.options.noisy_region import noisy_region
from drift_core.samples.pairs import ScoredPairs

N, N_DRIFTED = 600, 150


def case(*, teacher_noise, student_noise, seed=0):
    """Pairs in whose drifted part the teacher and the student err by so much; elsewhere both by little."""
    rng = np.random.default_rng(seed)
    drifted = np.arange(N) < N_DRIFTED
    true = rng.normal(size=N)
    runs = true[:, None] + np.where(drifted, teacher_noise, 0.2)[:, None] * rng.normal(size=(N, 2))
    production = ScoredPairs(
        name="production",
        query=np.array([f"q {i}" for i in range(N)], dtype=object),
        doc=None,
        teacher=runs[:, 0],
        student=true + np.where(drifted, student_noise, 0.2) * rng.normal(size=N),
        pair_id=np.array([f"p{i}" for i in range(N)], dtype=object),
        teacher_repeats=runs[:, 1:],
    )
    region = SimpleNamespace(name="dental", label="dental", share_of_loss=1.0, share_production=0.25, fall=None)
    made = SimpleNamespace(
        production=production,
        drifted=drifted,
        settings=SimpleNamespace(rule=Rule()),
        regions=SimpleNamespace(drifted=(region,)),
    )
    return made, scores_of(production, production)[1]


@pytest.mark.parametrize(("student_noise", "is_reached"), [(0.2, True), (1.5, False)])
def test_a_region_stands_at_its_ceiling_where_the_teacher_alone_is_noisy(student_noise, is_reached):
    found = noisy_region(*case(teacher_noise=1.2, student_noise=student_noise))

    assert found is not None
    assert found.is_reached == is_reached
    assert found.one_run.estimate < 0.6
    assert found.most == pytest.approx(0.64, abs=0.12)
    assert "too noisy in dental to learn from" in found.sentence


def test_a_teacher_that_repeats_itself_everywhere_caps_nothing():
    assert noisy_region(*case(teacher_noise=0.2, student_noise=1.5)) is None


def test_the_best_case_is_cut_by_what_the_noise_leaves_of_the_gain():
    found = noisy_region(*case(teacher_noise=1.2, student_noise=1.5))
    assert found is not None
    inside, best, today = (replace(found.now, estimate=each) for each in (0.95, 0.93, 0.8))

    capped = found.capped(best, inside, today)

    share = (found.most - found.now.estimate) / (0.95 - found.now.estimate)
    assert capped.estimate == pytest.approx(0.8 + share * 0.13)
