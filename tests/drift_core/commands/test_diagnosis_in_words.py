import re
from dataclasses import replace
from functools import cache

import numpy as np

from drift_core.commands.diagnosis_in_words import describe_diagnosis
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
from drift_core.operations.measure_structure import measure_structure
from drift_core.regions.attribution import Attribution
from drift_core.samples.pairs import ScoredPairs
from tests.drift_core.diagnosis.by_hand import measured
from tests.drift_core.small_case import small_diagnosis

PARTS = {"total": measured(0.053), "mix": measured(0.01), "within": measured(0.03)}


@cache
def diagnosed() -> Diagnosis:
    return small_diagnosis()


def test_findings_are_told_in_words_not_by_code_name() -> None:
    shown = describe_diagnosis(diagnosed())

    for finding in diagnosed().findings:
        assert f"Finding: {finding.sentence}" in shown
        assert finding.name not in shown


def test_how_outputs_are_spread_is_told_and_stands_in_the_json() -> None:
    made = diagnosed()

    (told,) = [line for line in describe_diagnosis(made).splitlines() if line.startswith("Distributions: ")]

    assert told == f"Distributions: {' '.join(made.distribution_lines)}"
    assert "moved by 0." in told
    plain = diagnosis_to_json(made)["distributions"]
    assert isinstance(plain, dict)
    assert plain["moved"] in ("neither", "both", "student", "teacher")
    assert {"jensen_shannon", "wasserstein"} == set(plain["student"])
    assert plain["student"]["jensen_shannon"]["usual_high"] > 0


def test_each_line_of_evidence_stands_with_its_mark() -> None:
    shown = describe_diagnosis(diagnosed()).splitlines()

    assert diagnosed().verdict.evidence
    for line in diagnosed().verdict.evidence:
        assert f"{line.mark}: {line.sentence}" in shown
    assert sum(diagnosed().spread.sentence in each for each in shown) == 1


def test_new_regions_are_marked_whether_they_drifted_or_not() -> None:
    regions = [replace(each, is_new=True, drifted=False) for each in diagnosed().regions.regions]
    made = replace(diagnosed(), regions=replace(diagnosed().regions, regions=tuple(regions)))

    table = describe_diagnosis(made).split("held-out  production  traffic")[1].splitlines()

    assert table[1].endswith("%  new")


def split_of(made: Diagnosis) -> list[str]:
    """The lines on the loss and what follows of the teacher's part."""
    lines = describe_diagnosis(made).splitlines()
    first = next((i for i, line in enumerate(lines) if line.startswith("Loss ")), len(lines))
    return lines[first : first + 2]


def test_the_split_is_told_in_one_line_with_where_the_teachers_part_comes_from() -> None:
    inferred = Attribution(
        **PARTS, teacher=measured(0.013), teacher_inferred=True, not_pinned="No scores of the pinned revision"
    )

    shown = split_of(replace(diagnosed(), attribution=inferred))

    assert shown[0] == "Loss +0.053: mix +0.010, within regions +0.030, teacher +0.013."
    assert shown[1].startswith("The teacher's part, +0.013 (")
    assert shown[1].endswith("), is inferred: no scores of the pinned revision.")


def test_an_unknown_part_says_why_and_never_inferred() -> None:
    unknown = Attribution(**PARTS, teacher=None, teacher_unknown="Only 5 queries, and the docs moved.")

    shown = split_of(replace(diagnosed(), attribution=unknown))

    assert shown[0].endswith("teacher unknown.")
    assert shown[1] == "The teacher's part is unknown: only 5 queries, and the docs moved."
    assert not any("inferred" in line for line in shown[:2])


def test_without_a_measured_loss_there_is_no_split() -> None:
    nothing = Attribution(total=None, mix=None, within=None, teacher=None, teacher_unknown="Agreement is unmeasured.")

    assert split_of(replace(diagnosed(), attribution=nothing)) == []


def test_cost_latency_and_failures_of_calls_are_told_where_columns_hold_them() -> None:
    sample, n = diagnosed().production, len(diagnosed().production)
    calls = {"student_cost": 1.0, "teacher_cost": 1.0, "student_latency_ms": 5.0, "teacher_latency_ms": 50.0}
    calls |= {"student_timeout": 0.0}
    timed = replace(sample, operations={name: np.full(n, value) for name, value in calls.items()})

    made = replace(diagnosed(), production=timed)

    shown, written = describe_diagnosis(made), diagnosis_to_json(made)
    assert re.search(r"Calls that timed out +student +0\.0% \(0\.0% to ", shown)
    assert "Finding: The student answers faster than the teacher" in shown
    assert written["operating_findings"] == list(made.operations.findings)
    assert {each["figure"] for each in written["operations"]} >= {"P50 latency (ms)", "Calls that timed out"}
    assert "Calls that" not in describe_diagnosis(diagnosed())
    assert diagnosis_to_json(diagnosed())["operations"] == []


def test_the_structure_of_outputs_is_told_with_what_was_found() -> None:
    kept = measure_structure(*(_with_outputs(each, '{"score": 4}') for each in samples()))
    lost = measure_structure(*map(_with_outputs, samples(), ('{"score": 4}', "no JSON")))

    made = replace(diagnosed(), outputs=kept)

    assert f"Outputs: {kept.sentence}" in describe_diagnosis(made)
    assert diagnosis_to_json(made)["outputs"] == kept.to_json()
    assert kept.finding is None
    assert lost.finding is not None
    assert "Outputs:" not in describe_diagnosis(diagnosed())
    assert diagnosis_to_json(diagnosed())["outputs"] is None


def samples() -> tuple[ScoredPairs, ScoredPairs]:
    return diagnosed().heldout, diagnosed().production


def _with_outputs(sample: ScoredPairs, student: str) -> ScoredPairs:
    given = {"teacher_output": '{"score": 5}', "student_output": student}
    return replace(sample, operations={name: np.full(len(sample), text, dtype=object) for name, text in given.items()})
