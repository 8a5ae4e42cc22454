import pandas as pd
import pytest

from drift_core import diagnose, read_pairs, shipped_scenario_paths
from drift_core.samples.teacher_versions import teacher_versions, versions_between
from drift_core.tables.columns import tells_version

OLD, NEW = "judge-2025-08", "judge-2026-04"


@pytest.fixture(scope="module")
def revised():
    """Held-out by two versions, production by the second and, from its middle on, by a third that scores otherwise."""
    heldout, production = (pd.read_csv(path) for path in shipped_scenario_paths("teacher-drift"))
    is_new = production["timestamp"] >= production["timestamp"].sort_values().iloc[len(production) // 2]
    production["teacher_score"] = production["teacher_score"].where(is_new, production["teacher_score_pinned"])
    production["teacher_version"] = [NEW if each else OLD for each in is_new]
    heldout["teacher_score"] = heldout["teacher_score_pinned"].fillna(heldout["teacher_score"])
    heldout["teacher_version"] = ["judge-2025-06" if row % 3 else OLD for row in range(len(heldout))]
    frames = (frame.drop(columns="teacher_score_pinned") for frame in (heldout, production))
    return tuple(read_pairs(frame) for frame in frames)


@pytest.mark.parametrize("name", ["teacher_version", "Judge Model", "teacher-revision", "judge_model_version"])
def test_a_column_is_known_by_its_name(name):
    assert tells_version(name)


@pytest.mark.parametrize("name", ["model_version", "judge", "teacher", "teacher_score", "judge_id", "student_version"])
def test_other_columns_are_not(name):
    assert not tells_version(name)


def test_the_pairs_and_days_of_each_version_are_told_in_the_order_of_time(revised):
    (found,) = teacher_versions(revised[1])

    assert list(found.pairs) == [OLD, NEW]
    assert found.sentence == (
        f"The teacher changed inside {revised[1].name}, as the column teacher_version tells: {OLD} scored "
        f"{int(found.pairs[OLD].sum())} pairs from 2026-03-02 to 2026-04-16; {NEW} scored "
        f"{int(found.pairs[NEW].sum())} pairs from 2026-04-17 to 2026-05-31."
    )


def test_it_is_a_finding_with_agreement_under_each_and_the_version_is_no_region(revised):
    made = diagnose(*revised)

    (finding,) = [each for each in made.findings if each.name == "teacher_versions"]
    assert f"under {OLD}; 0.8" in finding.sentence
    assert made.verdict.cause == "teacher_drift"
    assert not any(each.partition == "teacher_version" for each in made.regions.regions)


def test_versions_are_told_by_numbers_too_and_one_alone_is_nothing_to_tell():
    rows = pd.read_csv(shipped_scenario_paths("healthy")[1])
    numbered = read_pairs(rows.assign(teacher_version=[1 + row % 2 for row in range(len(rows))]))

    assert list(teacher_versions(numbered)[0].pairs) == ["1", "2"]
    assert teacher_versions(read_pairs(rows.assign(teacher_version="a"))) == ()


def test_grades_by_another_judge_are_no_versions():
    rows = pd.read_csv(shipped_scenario_paths("healthy")[1])

    assert teacher_versions(read_pairs(rows.assign(judge=[row % 4 for row in range(len(rows))]))) == ()


def test_without_times_the_versions_are_counted_alone():
    rows = pd.read_csv(shipped_scenario_paths("healthy")[1]).drop(columns="timestamp")
    (found,) = teacher_versions(read_pairs(rows.assign(judge_model=["b", *["a"] * (len(rows) - 1)])))

    assert list(found.pairs) == ["a", "b"]
    assert " from " not in found.sentence


def test_a_version_that_scored_all_of_production_and_none_of_heldout_is_told():
    heldout, production = (pd.read_csv(path).head(200) for path in shipped_scenario_paths("healthy"))
    samples = [
        read_pairs(frame.assign(judge_version=version)) for frame, version in ((heldout, OLD), (production, NEW))
    ]

    (told,) = versions_between(*samples)

    assert f"{NEW} scored production, {OLD} held-out" in told
    assert versions_between(samples[0], samples[0]) == ()
    assert told in [each.sentence for each in diagnose(*samples).findings]
