"""Simulated samples look like a user's files and hold what their plan says."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from drift_core.errors import SettingError
from drift_core.simulation.simulate import PLANS, SCENARIOS, Plan, simulate, write_scenario

STOPWORDS = {"and", "at", "can", "do", "does", "for", "how", "in", "is", "it", "my", "of", "on", "the", "to", "with"}


drawn_scenario = cache(simulate)


def agreement(frame: pd.DataFrame, column: str = "teacher_score") -> float:
    return float(spearmanr(frame[column], frame["student_score"]).statistic)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_gives_the_same_samples(name: str) -> None:
    once, again = simulate(name, seed=5), simulate(name, seed=5)

    pd.testing.assert_frame_equal(once.heldout, again.heldout)
    pd.testing.assert_frame_equal(once.production, again.production)


def test_another_seed_gives_another_sample() -> None:
    once, other = simulate("healthy", seed=5), simulate("healthy", seed=6)

    assert not once.heldout["teacher_score"].equals(other.heldout["teacher_score"])
    assert not once.heldout["query"].equals(other.heldout["query"])


@pytest.mark.parametrize(("name", "plan"), PLANS.items())
def test_every_cause_can_be_planted_with_and_without_levels_and_pinned_scores(name: str, plan: Plan) -> None:
    for levels in (None, 4):
        changed = replace(plan, levels=levels, with_pinned=levels == 4, with_texts=False, docs_per_query=(1, 5))
        drawn = simulate(changed, seed=1)

        assert len(drawn.heldout) == plan.n_heldout
        assert len(drawn.production) == len(drawn.truth.drifted) == plan.n_production
        assert ("teacher_score_pinned" in drawn.production) == (levels == 4)
        assert levels is None or plan.teacher_gamma != 1 or drawn.production["teacher_score"].nunique() == levels


def test_plans_are_named_by_what_a_diagnosis_should_say() -> None:
    causes = {name: plan.cause for name, plan in PLANS.items()}

    assert causes["query"] == causes["cohort"] == "query_drift"
    assert causes["document"] == "document_drift"
    assert causes["teacher"] == "teacher_drift"
    assert causes["both"] == "query_and_teacher_drift"
    assert {causes[name] for name in ("none", "revision", "mix", "teacher_scale", "student_scale")} == {"healthy"}
    assert {causes[name] for name in ("narrow_range", "weak_student")} == {"healthy"}
    assert PLANS["mix"].findings == ("mix_moved",)
    assert PLANS["weak_student"].findings == ("weak_student",)
    assert PLANS["revision"].findings == ("teacher_revised",)


def test_drifted_pairs_are_those_of_the_new_topics_on_which_the_student_is_worse() -> None:
    plan = Plan(new_shares=(0.2, 0.2), new_agreement=(0.5, 0.92), with_texts=False)

    truth = simulate(plan).truth

    assert set(truth.production.topic[truth.drifted]) == {plan.n_familiar}
    assert truth.drifted.mean() == pytest.approx(0.2, abs=0.05)
    assert truth.heldout.topic.max() < plan.n_familiar


def test_a_revision_of_the_teacher_marks_no_pair_and_leaves_pinned_agreement_alone() -> None:
    drawn = drawn_scenario("teacher-drift")

    assert not drawn.truth.drifted.any()
    assert drawn.heldout["teacher_score"].equals(drawn.heldout["teacher_score_pinned"])
    assert agreement(drawn.production, "teacher_score_pinned") == pytest.approx(agreement(drawn.heldout), abs=0.03)
    assert agreement(drawn.heldout) - agreement(drawn.production) > 0.08


def test_moving_a_scale_leaves_the_ranks_alone() -> None:
    still = simulate(Plan(with_texts=False)).production
    moved = simulate(Plan(with_texts=False, student_gamma=0.6, teacher_gamma=1.5, teacher_offset=0.1)).production

    assert agreement(moved) == pytest.approx(agreement(still), abs=1e-4)
    assert moved["student_score"].mean() > still["student_score"].mean() + 0.05


def test_a_narrow_range_lowers_a_topics_agreement_but_not_the_students_error() -> None:
    plan = Plan(n_heldout=20_000, n_production=20_000, n_narrow_topics=1, with_texts=False)

    drawn = simulate(plan)

    narrow = drawn.production[drawn.truth.production.topic == 0]
    before = drawn.heldout[drawn.truth.heldout.topic == 0]
    assert agreement(narrow) < agreement(before) - 0.1
    errors = [(part["student_score"] - part["teacher_score"]).std() for part in (before, narrow)]
    assert errors[1] == pytest.approx(errors[0], rel=0.06)


def test_docs_of_one_query_share_its_text_time_and_slices() -> None:
    production = drawn_scenario("query-drift").production

    for column in ("query", "timestamp", "surface", "country"):
        assert production.groupby("query_id")[column].nunique().max() == 1
    assert set(production["query_id"].value_counts()) == {1, 2, 3}
    assert production["pair_id"].is_unique


def test_new_topics_begin_after_held_out_has_ended() -> None:
    drawn = drawn_scenario("query-drift")

    new = drawn.truth.production.topic >= drawn.truth.n_familiar
    assert drawn.production["timestamp"][new].min() > "2026-03-22" > drawn.heldout["timestamp"].max()
    assert drawn.production["timestamp"].is_monotonic_increasing


def test_docs_answer_better_the_higher_the_teacher_scores_them() -> None:
    production = drawn_scenario("healthy").production

    shared = [
        len(set(re.findall("[a-z]{5,}", query)) & set(re.findall("[a-z]{5,}", doc.lower())))
        for query, doc in zip(production["query"], production["doc"], strict=True)
    ]
    assert spearmanr(shared, production["teacher_score"]).statistic > 0.3


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_word_spells_out_a_topic(name: str) -> None:
    drawn = drawn_scenario(name)

    for place, topic in enumerate(drawn.truth.topics):
        queries = drawn.production["query"][drawn.truth.production.topic == place].unique()
        words = Counter(word for query in queries for word in set(re.findall("[a-z]{2,}", query.lower())) - STOPWORDS)
        word, count = words.most_common(1)[0]
        assert count < 0.5 * len(queries), f"{word} is in {count} of {len(queries)} queries about {topic}"


def test_a_cohort_shows_in_a_slice_and_not_in_the_topics() -> None:
    drawn = simulate(PLANS["cohort"])

    assert set(drawn.production["surface"][drawn.truth.drifted]) == {"voice"}
    assert "voice" not in set(drawn.heldout["surface"])
    assert set(drawn.truth.production.topic[drawn.truth.drifted]) == set(range(5))


def test_documents_of_the_new_style_read_differently() -> None:
    drawn = simulate(PLANS["document"])

    is_generated = drawn.production["doc"].str.contains("overview|Certainly|Summary:")
    np.testing.assert_array_equal(is_generated, drawn.truth.drifted)
    assert not drawn.heldout["doc"].str.contains("Certainly").any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"levels": 5}, "levels must be one of"),
        ({"docs_per_query": (3, 1)}, "docs_per_query"),
        ({"new_shares": (0.2,)}, "one entry for each new topic"),
        ({"new_shares": (0.6, 0.5), "new_agreement": (0.5, 0.5)}, "leave room"),
        ({"shares_heldout": (0.5, 0.5)}, "5 familiar topics"),
        ({"agreement": (1.0,)}, "must be in"),
        ({"agreement": ()}, "found none"),
        ({"cohort_share": 1.5}, "cohort_share"),
        ({"document_share": 0.5, "teacher_loss": 0.1}, "planted alone"),
        ({"n_production": 1}, "at least 2 pairs"),
        ({"n_narrow_topics": 6}, "n_narrow_topics"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        replace(Plan(), **changes)


def test_unknown_scenarios_topics_and_impossible_losses_are_refused() -> None:
    with pytest.raises(SettingError, match="Choose one of: healthy, query-drift"):
        simulate("drift")
    with pytest.raises(SettingError, match="needs 5 topics"):
        simulate(Plan(topics=("delivery", "opera", "recipes", "login", "pets")))
    with pytest.raises(SettingError, match="No revision"):
        simulate(Plan(teacher_loss=0.99, with_texts=False))


def test_written_scenarios_are_the_same_bytes_for_the_same_seed(tmp_path) -> None:
    first = write_scenario("healthy", tmp_path / "a", seed=3)
    second = write_scenario("healthy", tmp_path / "b", seed=3)

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert sorted(path.name for path in (tmp_path / "a" / "healthy").iterdir()) == [
        "heldout.csv",
        "production.csv",
        "scenario.json",
    ]


def test_a_student_that_gives_chances_is_right_until_it_moves() -> None:
    plan = Plan(n_heldout=4000, n_production=4000, levels=2, with_chances=True, student_sureness=2.0, with_texts=False)
    drawn = simulate(plan, seed=3)

    for frame, most in ((drawn.heldout, 0.05), (drawn.production, 1.0)):
        tenth = pd.qcut(frame["student_score"], 10, labels=False, duplicates="drop")
        gap = (frame["teacher_score"] - frame["student_score"]).groupby(tenth).mean().abs()
        assert frame["student_score"].between(0, 1).all()
        assert gap.max() < most
    assert gap.max() > 0.07
    assert plan.findings == ("calibration_moved",)
    with pytest.raises(SettingError, match="levels must be 2"):
        Plan(with_chances=True)
