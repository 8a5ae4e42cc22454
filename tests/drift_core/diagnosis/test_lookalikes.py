"""Look-alikes on planted scenarios: each is pointed to where it is planted, and nowhere else."""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import measure_spread
from drift_core.calibration.calibration_test import compare_calibration
from drift_core.calibration.let_through import let_through
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.lookalikes import _eval_drift, _of_threshold, _scale, find_lookalikes
from drift_core.distributions.lookalike_checks import Lookalike
from drift_core.distributions.narrowed_range import narrowed_region
from drift_core.measured import Measured, Unmeasured
from drift_core.measures.scale_shift import SMALLEST_MOVE
from drift_core.measures.scores import Scores
from drift_core.regions.query_move import QueryMove, query_move
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import NUMERIC, Kind, ScoreKind
from drift_core.simulation.plan import PLANS, Plan
from tests.calibration.planted import draw_planted
from tests.drift_core.calibration.answered import draw_answers
from tests.drift_core.diagnosis.by_hand import HEALTHY, measured, new_region
from tests.drift_core.diagnosis.test_attribution import thirds


@cache
def lookalikes(name: str) -> dict[str, Lookalike]:
    plans = dict(PLANS) | {"pinned": Plan(with_pinned=True), "new": Plan(new_shares=(0.2,), new_agreement=(0.91,))}
    drawn = draw_planted(replace(plans[name], with_texts=False), seed=5)
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return {each.name: each for each in made.lookalikes}


@pytest.mark.parametrize(
    ("planted", "name"),
    [
        ("mix", "mix"),
        ("teacher_scale", "teacher_scale"),
        ("student_scale", "threshold_drift"),
        ("student_scale", "cascade_saturation"),
        ("weak_student", "weak_student"),
        ("narrow_range", "narrow_range"),
        ("new", "eval_drift"),
        ("pinned", "revision_by_name"),
    ],
)
def test_what_is_planted_is_pointed_to(planted: str, name: str) -> None:
    assert lookalikes(planted)[name].status == "points_to"


def test_nothing_is_pointed_to_where_nothing_is_planted() -> None:
    found = lookalikes("none")

    assert [each.name for each in found.values() if each.status == "points_to"] == []
    not_checked = {each.name for each in found.values() if each.status == "not_checked"}
    assert not_checked == {"teacher_is_ceiling", "spend", "revision_by_name"}


def test_those_pointed_to_come_first_and_those_not_checked_last() -> None:
    statuses = [each.status for each in lookalikes("student_scale").values()]

    assert statuses == sorted(statuses, key=("points_to", "ruled_out", "not_checked").index)


def test_a_threshold_at_the_median_lets_through_what_only_the_student_passes() -> None:
    teacher = np.arange(8.0)
    heldout = Scores(student=teacher, teacher=teacher, queries=np.arange(8))
    production = Scores(student=teacher + 2, teacher=teacher, queries=8 + np.arange(8))

    found = let_through(heldout, production, confidence=0.95)

    assert (found.heldout, found.production) == (0.0, 0.25)
    assert isinstance(found.rose, Measured)
    assert found.rose.estimate == pytest.approx(0.25)


def test_queries_not_pairs_are_counted_as_moved() -> None:
    heldout = Scores(student=np.arange(40.0), teacher=np.arange(40.0), queries=np.arange(40))
    production = Scores(student=np.arange(40.0), teacher=np.arange(40.0), queries=40 + np.arange(40) // 10)
    labels = np.arange(40) % 2, np.arange(40) // 20

    found = query_move(thirds(*labels), heldout, production)

    assert found.share == pytest.approx(0)
    assert not found.is_clear


@pytest.mark.parametrize(
    ("reach", "status"),
    [(0.1, "ruled_out"), (0.2, "not_checked")],
)
def test_a_scale_is_ruled_out_only_where_the_interval_leaves_no_room_for_a_move(reach: float, status: str) -> None:
    found = _scale({}, "student", measured(0.0, reach))

    assert found[0] == status
    assert f"{SMALLEST_MOVE:g}" in found[1]
    assert f"({-reach:+.2f} to {reach:+.2f})" in found[1]


def test_threshold_drift_that_a_fall_of_agreement_rules_out_asks_for_no_other_threshold() -> None:
    rng = np.random.default_rng(8)
    sides = draw_answers(900, rng), draw_answers(900, rng, slope=2.5)
    moved = compare_calibration(*sides, ranks="fell")
    diagnosis = SimpleNamespace(calibration=moved, verdict=SimpleNamespace(cause="query_drift"))

    status, sentence = _of_threshold(diagnosis, {}, Unmeasured(reason="none"))  # type: ignore[arg-type]

    assert status == "ruled_out"
    assert sentence.endswith(" Agreement fell as well, which no threshold explains.")
    assert "set thresholds" not in sentence


def test_where_agreement_is_unmeasured_nothing_is_checked() -> None:
    found = unmeasured(NUMERIC)

    assert len(found) == 11
    assert {each.status for each in found} == {"not_checked"}
    assert found[0].sentence.startswith("The spread could not be measured: ")


@pytest.mark.parametrize("name", ["binary", "nominal", "pairwise"])
def test_labels_have_no_scale_and_only_two_of_them_a_side_that_passes(name: Kind) -> None:
    found = {each.name for each in unmeasured(ScoreKind(name=name, labels=("a", "b")))}

    assert found.isdisjoint({"threshold_drift", "teacher_scale", "narrow_range"})
    assert ("cascade_saturation" in found) is (name == "binary")


def test_a_label_lets_through_what_the_student_alone_passes_however_rare_it_is() -> None:
    teacher = np.array([0.0] * 8 + [1.0] * 2)
    heldout = Scores(student=teacher, teacher=teacher, is_ranked=False)
    production = Scores(student=np.array([1.0] + [0.0] * 7 + [1.0] * 2), teacher=teacher, is_ranked=False)

    found = let_through(heldout, production, confidence=0.95)

    assert (found.heldout, found.production) == (0.0, 0.1)


def unmeasured(kind: ScoreKind) -> tuple[Lookalike, ...]:
    """The look-alikes of two samples that are too small to measure."""
    spread = measure_spread(*(tiny(name) for name in ("held-out", "production")), rule=Rule())
    sides = {name: SimpleNamespace(kind=kind, operations={}) for name in ("heldout", "production")}
    made = SimpleNamespace(spread=spread, settings=SimpleNamespace(rule=Rule()), **sides)
    return find_lookalikes(made, scores=(PAIR, PAIR))  # type: ignore[arg-type]


PAIR = Scores(student=np.arange(2.0), teacher=np.arange(2.0), queries=np.arange(2))


def tiny(name: str) -> ScoredPairs:
    return ScoredPairs(
        name=name, query=np.array(["a", "b"], dtype=object), teacher=np.arange(2.0), student=np.arange(2.0)
    )


@cache
def bill(student: float, teacher: float = 1.0, *, planted: str = "none", before: float = 0.01) -> Lookalike:
    """The look-alike of a spend overrun where calls cost so much in production, and the student's `before` earlier."""
    drawn = draw_planted(replace(dict(PLANS)[planted], with_texts=False), seed=5)
    scatter = 1 + 0.1 * np.random.default_rng(3).standard_normal((2, 10_000))
    sides = [
        replace(
            sample,
            operations={
                "student_cost": cost * scatter[0, : len(sample)],
                "teacher_cost": price * scatter[1, : len(sample)],
            },
        )
        for sample, cost, price in ((drawn.heldout, before, 1.0), (drawn.production, student, teacher))
    ]
    made = diagnose(*sides, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return next(each for each in made.lookalikes if each.name == "spend")


def test_a_bill_that_rose_while_agreement_held_is_a_spend_overrun() -> None:
    found = bill(0.015)

    assert found.status == "points_to"
    assert found.sentence.startswith("A call of the student costs +5")
    assert "while agreement held" in found.sentence


def test_a_student_that_saves_little_is_a_spend_overrun_although_its_price_stayed() -> None:
    assert bill(0.3, before=0.3).status == "points_to"


def test_a_bill_as_before_rules_a_spend_overrun_out() -> None:
    found = bill(0.01)

    assert found.status == "ruled_out"
    assert "the student's calls cost 1.0% (1.0% to 1.0%) of the teacher's." in found.sentence


def test_a_bill_that_rose_while_agreement_fell_is_no_look_alike() -> None:
    found = bill(0.02, planted="query")

    assert (found.status, "but agreement moved as well" in found.sentence) == ("ruled_out", True)


def test_without_costs_it_says_which_columns_would_tell() -> None:
    assert lookalikes("none")["spend"].sentence.endswith("Columns student_cost and teacher_cost would tell.")


def test_a_range_that_narrowed_everywhere_alike_is_no_regions_narrow_range() -> None:
    teacher = np.random.default_rng(2).uniform(size=400)
    before, labels = Scores(student=teacher, teacher=teacher, queries=np.arange(400)), np.arange(400) % 2

    def found(after: np.ndarray) -> object:
        return narrowed_region({0: "0", 1: "1"}, (labels, labels), before, replace(before, teacher=after))

    narrow = np.where(labels, 0.4 + 0.2 * teacher, teacher)
    assert found(0.9 + 0.1 * teacher) is None
    assert found(narrow)[0] == "1"  # type: ignore[index]
    assert found(0.9 + 0.1 * narrow)[0] == "1"  # type: ignore[index]


def test_a_held_out_unlike_all_of_todays_queries_points_to_eval_drift_though_agreement_fell() -> None:
    moved = QueryMove(share=0.91, p_value=1e-9)
    regions = SimpleNamespace(regions=(new_region(share_production=0.9, drifted=False),))
    made = SimpleNamespace(spread=HEALTHY.spread, regions=regions)

    status, sentence = _eval_drift(made, moved)  # type: ignore[arg-type]

    assert status == "points_to"
    assert sentence.startswith("Held-out says nothing of these queries: 91% of today's queries lie in other regions")
