"""Population values agree with large samples and with what can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from drift_core.simulation.planting import agreement_of, correlation, parts_of, planted_loss, same_verdicts
from drift_core.simulation.simulate import PLANS, Plan, simulate

BIG = {"n_heldout": 20_000, "n_production": 20_000, "query_effect": 0.0, "with_texts": False}
# The standard error of a rank correlation near 0.75 is about 0.44 * 1.06 / sqrt(20,000) = 0.0033; four of them.
TOLERANCE = 0.013
PLANTS = {
    **{name: PLANS[name] for name in ("query", "document", "cohort", "mix", "narrow_range")},
    "both, 2 levels": replace(PLANS["both"], levels=2),
    "teacher, 4 levels": replace(PLANS["teacher"], levels=4, mean_spread=0.5),
    "teacher, uneven": replace(PLANS["teacher"], revision_unevenness=0.8),
    "narrow, 10 levels": replace(PLANS["narrow_range"], levels=10, mean_spread=0.8),
    "agreement rises": Plan(revision_correlation=0.85, teacher_loss=-0.03),
    "revised, no loss": PLANS["revision"],
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_values_are_what_large_samples_show(name: str) -> None:
    plan = replace(PLANTS[name], **BIG, with_pinned=True)

    drawn = simulate(plan, seed=1)

    heldout, pinned, current = (
        spearmanr(frame[column], frame["student_score"]).statistic
        for frame, column in (
            (drawn.heldout, "teacher_score"),
            (drawn.production, "teacher_score_pinned"),
            (drawn.production, "teacher_score"),
        )
    )
    loss = drawn.truth.loss
    assert heldout == pytest.approx(agreement_of(parts_of(plan, "heldout"), plan.levels), abs=TOLERANCE)
    assert heldout - current == pytest.approx(loss.total, abs=TOLERANCE)
    assert pinned - current == pytest.approx(loss.teacher, abs=TOLERANCE)
    assert loss.mix + loss.within + loss.teacher == pytest.approx(loss.total, abs=1e-12)


def test_verdicts_agree_as_often_as_planted() -> None:
    plan = Plan(levels=2, with_verdicts=True, new_shares=(0.2,), new_agreement=(0.4,), teacher_loss=0.05, **BIG)

    drawn = simulate(plan, seed=1)

    heldout, production = (
        float((frame["teacher_score"] == frame["student_score"]).mean()) for frame in (drawn.heldout, drawn.production)
    )
    assert heldout == pytest.approx(same_verdicts(parts_of(plan, "heldout")), abs=TOLERANCE)
    assert heldout - production == pytest.approx(drawn.truth.loss.total, abs=TOLERANCE)
    assert drawn.truth.loss.teacher == pytest.approx(0.05, abs=1e-6)


def test_a_single_topic_has_the_agreement_that_was_asked_for() -> None:
    plan = Plan(agreement=(0.83,))

    assert agreement_of(parts_of(plan, "heldout"), None) == pytest.approx(0.83, abs=1e-6)
    assert correlation(1.0) == pytest.approx(1.0)


def test_with_equal_margins_the_mix_part_is_the_change_of_shares_times_agreement() -> None:
    plan = Plan(agreement=(0.9, 0.6), shares_heldout=(0.8, 0.2), shares_production=(0.3, 0.7))

    loss = planted_loss(plan)

    assert loss.mix == pytest.approx(0.5 * (0.9 - 0.6), abs=1e-6)
    assert loss.within == pytest.approx(0.0, abs=1e-12)


def test_new_topics_belong_to_the_part_within() -> None:
    loss = planted_loss(Plan(agreement=(0.9,), new_shares=(0.25,), new_agreement=(0.5,)))

    assert loss.mix == pytest.approx(0.0, abs=1e-12)
    assert loss.within == pytest.approx(0.25 * 0.4, abs=1e-6)


@pytest.mark.parametrize("levels", [None, 2, 4, 10])
def test_a_revision_costs_what_the_plan_says(levels: int | None) -> None:
    loss = planted_loss(Plan(teacher_loss=0.07, levels=levels, revision_unevenness=0.5))

    assert loss.teacher == pytest.approx(0.07, abs=1e-5)
    assert np.isclose(loss.total, loss.teacher)
