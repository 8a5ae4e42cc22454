from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.distributions.narrowed_range import narrowed_range
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement_difference
from drift_core.measures.scores import Scores
from drift_core.regions.attribution import Attribution
from tests.drift_core.diagnosis.test_messy_files import answered, diagnosed


def drawn(seed: int, *, error: float = 0.4, n: int = 1000) -> Scores:
    rng = np.random.default_rng(seed)
    worth = rng.normal(size=n)
    return Scores(student=worth + error * rng.normal(size=n), teacher=worth)


def told(heldout: Scores, production: Scores) -> tuple[object, Measured]:
    groups = np.zeros(len(heldout), dtype=np.int64), np.zeros(len(production), dtype=np.int64)
    lost = agreement_difference(heldout, production, confidence=0.95)
    assert isinstance(lost, Measured)
    return narrowed_range(heldout, production, groups=groups, lost=lost), lost


@pytest.mark.parametrize("by", ["teacher", "student"])
def test_a_selection_costs_agreement_by_its_range(by: str) -> None:
    heldout, production = drawn(1), drawn(2, n=3000)

    found, lost = told(heldout, production.take(getattr(production, by) > 0.3))

    assert found is not None
    part = found.part  # type: ignore[attr-defined]
    assert 0.8 * lost.estimate < part.estimate <= lost.estimate
    assert part.standard_error != lost.standard_error  # its own interval: held-out's alone
    assert found.left < 0.8  # type: ignore[attr-defined]


def test_of_chosen_pairs_whose_errors_rose_the_range_has_its_own_cost_alone() -> None:
    heldout, production = drawn(1), drawn(2, error=0.8, n=3000)
    chosen = production.take(production.student > 0.3)
    groups = np.zeros(len(heldout), dtype=np.int64), np.zeros(len(chosen), dtype=np.int64)
    lost = agreement_difference(heldout, chosen, confidence=0.95)
    assert isinstance(lost, Measured)

    found = narrowed_range(heldout, chosen, groups=groups, lost=lost, is_selected=True)

    assert found is not None
    assert 0 < found.part.estimate < lost.estimate
    split = Attribution(total=lost, within=lost).with_range(found)
    assert split.within is not None
    assert split.within.estimate + found.part.estimate == pytest.approx(lost.estimate)
    assert found.sentence.startswith("Production's pairs look chosen by a score")


def test_errors_that_rose_beside_a_narrower_range_are_no_part_of_what_it_costs() -> None:
    production = drawn(2, error=0.5, n=6000)

    found, lost = told(drawn(1, n=3000), production.take(production.student > 0.3))

    assert found is not None
    rest = lost.estimate - found.part.estimate  # type: ignore[attr-defined]
    assert 0.03 < rest < 0.5 * lost.estimate
    split = Attribution(total=lost, within=lost.moved(-lost.estimate), teacher=lost, teacher_inferred=True)
    left = split.with_range(found)  # type: ignore[arg-type]
    assert left.teacher is None
    assert left.within is not None
    assert left.within.estimate == pytest.approx(rest)


def test_larger_errors_and_another_scale_are_no_narrower_range() -> None:
    heldout, worse = drawn(1), drawn(2, error=0.8)

    assert told(heldout, worse)[0] is None
    assert told(heldout, replace(worse, teacher=worse.teacher / 3))[0] is None


def test_a_diagnosis_of_hard_negatives_says_that_the_range_explains_the_fall() -> None:
    rng, samples = np.random.default_rng(3), list[pd.DataFrame]()
    for seed, spread in ((1, 1.0), (2, 0.45)):
        teacher = spread * rng.normal(size=1000) - (spread < 1)
        samples.append(answered(teacher, teacher + 0.3 * rng.normal(size=1000), seed))

    made = diagnosed(*samples)
    narrow = next(each for each in made.lookalikes if each.name == "narrow_range")

    assert made.verdict.cause == "healthy"
    assert made.attribution.score_range is not None
    assert made.attribution.teacher is None
    assert made.attribution.score_range.sentence in made.verdict.reason
    assert narrow.status == "points_to"
