import pandas as pd
import pytest

from drift_core import diagnose, read_pairs, shipped_scenario_paths
from drift_core.samples.versions import versions_between, versions_inside
from drift_core.tables.columns import version_of
from tests.sweeps import sweep

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


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        *dict.fromkeys(
            ["teacher_version", "Judge Model", "teacher-revision", "judge_prompt", "llm_judge_model"], "teacher"
        ).items(),
        *dict.fromkeys(["student_version", "Student Model", "ranker_checkpoint", "scorer.version"], "student").items(),
        *dict.fromkeys(["app_version", "api.release", "sdk_build", "pipeline_version"], "app").items(),
        *dict.fromkeys(["model_version", "llm", "prompt_version", "checkpoint", "Release", "llm_name"], "open").items(),
        *dict.fromkeys(["judge", "teacher", "teacher_score", "judge_id", "agent_name", "channel", "client"]).items(),
    ],
)
def test_whose_version_a_column_tells_its_name_says(name, whose):
    assert version_of(name, ["a", "b"]) == whose


def test_a_model_is_one_of_software_where_its_values_are():
    assert version_of("model", ["gpt-4o", "claude-sonnet-4"]) == "open"
    assert version_of("model", ["Golf", "Polo"]) is None


def test_the_pairs_and_days_of_each_version_are_told_in_the_order_of_time(revised):
    (found,) = versions_inside(revised[1])

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

    assert list(versions_inside(numbered)[0].pairs) == ["1", "2"]
    assert versions_inside(read_pairs(rows.assign(teacher_version="a"))) == ()


def test_grades_by_another_judge_are_no_versions():
    rows = pd.read_csv(shipped_scenario_paths("healthy")[1])

    assert versions_inside(read_pairs(rows.assign(judge=[row % 4 for row in range(len(rows))]))) == ()


def test_without_times_the_versions_are_counted_alone():
    rows = pd.read_csv(shipped_scenario_paths("healthy")[1]).drop(columns="timestamp")
    (found,) = versions_inside(read_pairs(rows.assign(judge_model=["b", *["a"] * (len(rows) - 1)])))

    assert list(found.pairs) == ["a", "b"]
    assert " from " not in found.sentence


def test_a_version_that_scored_all_of_production_and_none_of_heldout_is_told():
    heldout, production = (pd.read_csv(path).head(200) for path in shipped_scenario_paths("healthy"))
    samples = [
        read_pairs(frame.assign(judge_version=version)) for frame, version in ((heldout, OLD), (production, NEW))
    ]

    (told,) = (each.sentence for each in versions_between(*samples))

    assert f"{NEW} scored production, {OLD} held-out" in told
    assert versions_between(samples[0], samples[0]) == ()
    assert told in [each.sentence for each in diagnose(*samples).findings]


@pytest.mark.parametrize(
    ("column", "finding", "said"),
    sweep(
        [
            ("model_version", "open_versions", "Call it so, such as --column teacher_version=model_version."),
            ("student_model", "student_versions", "The student changed inside"),
            ("app_version", "app_versions", "The app changed inside"),
        ],
        ("app_version", "app_versions", "The app changed inside"),
    ),
)
def test_a_version_is_a_finding_and_never_a_region(column, finding, said):
    heldout, production = (pd.read_csv(path) for path in shipped_scenario_paths("query-drift"))
    is_new = production["timestamp"] >= production["timestamp"].sort_values().iloc[len(production) // 2]
    samples = heldout.assign(**{column: "v1"}), production.assign(**{column: is_new.map({False: "v1", True: "v2"})})

    made = diagnose(*map(read_pairs, samples))

    (told,) = [each.sentence for each in made.findings if each.name == finding]
    assert said in told
    assert "Agreement on familiar traffic is 0.92 (0.90 to 0.93) under v1" in told
    assert not any(each.partition == column for each in made.regions.regions)


def test_a_column_can_be_called_the_teachers_though_one_version_alone_is_in_it():
    heldout, production = (pd.read_csv(path).head(200) for path in shipped_scenario_paths("healthy"))
    named = {"teacher_version": "model"}
    samples = [
        read_pairs(frame.assign(model=version), columns=named) for frame, version in ((heldout, 1), (production, 2))
    ]

    (told,) = versions_between(*samples)

    assert (told.whose, "2 scored production, 1 held-out" in told.sentence) == ("teacher", True)
