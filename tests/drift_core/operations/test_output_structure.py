from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.measured import Measured
from drift_core.operations.measure_structure import measure_structure
from drift_core.operations.output_schema import check_schema
from drift_core.regions.partitions import Partition
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame

GOOD, LACKING, WRONG, BROKEN = '{"score": 4, "why": "x"}', '{"score": 4}', '{"score": "4", "why": "x"}', '{"score": 4,'


def sample(n=400, *, student=(), teacher=(), seed=1, **more):
    """Pairs whose teacher and student put out whole outputs, but for these shares of other ones."""
    columns = {}
    for who, others in (("teacher", teacher), ("student", student)):
        outputs, at = np.full(n, GOOD, dtype=object), 0
        for text, share in others:
            outputs[at : at + round(share * n)] = text
            at += round(share * n)
        columns[f"{who}_output"] = np.random.default_rng(seed).permutation(outputs)
    return read_pairs(frame(n).assign(**columns | more))


def shares(made, side, model):
    return {
        each.level: each.share.estimate
        for each in made.shares
        if (each.side, each.model, each.region) == (side, model, None)
    }


def test_shares_of_both_models_stand_for_each_level_and_both_samples():
    faulty = ((LACKING, 0.1), (WRONG, 0.05), (BROKEN, 0.05))

    made = measure_structure(sample(), sample(student=faulty, teacher=((BROKEN, 0.02),)))

    assert shares(made, "held-out", "student") == {"parses": 1, "fields": 1, "schema": 1}
    found = shares(made, "production", "student")
    assert found == {"parses": pytest.approx(0.95), "fields": pytest.approx(0.85), "schema": pytest.approx(0.8)}
    assert shares(made, "production", "teacher")["schema"] == pytest.approx(0.98)
    assert made.schema.is_learned
    assert made.sentence == (
        "On production 98% (96% to 99%) of the teacher's and 80% (76% to 84%) of the student's outputs keep fields and "
        "types, as the teacher's outputs in held-out do. In held-out 100% (98% to 100%) of the student's do. Most "
        "often the field why is missing, in 40 of 400 outputs."
    )
    assert made.finding.startswith(
        "80% (76% to 84%) of the student's outputs keep fields and types in production, of held-out's 100% ("
    )


def test_a_schema_that_is_given_goes_before_the_teachers_outputs():
    strict = check_schema({"properties": {"score": {"maximum": 3}}})

    made = measure_structure(sample(), sample(), schema=strict)

    assert shares(made, "production", "student") == {"parses": 1, "fields": 1, "schema": 0}
    assert made.finding is None
    assert "outputs keep fields and types, by the schema given. In held-out 0% (0% to 2%) of" in made.sentence
    assert made.fault == "the field score has another value than it may, in 400 of 400 outputs"


def test_a_student_that_changed_nothing_is_rarely_said_to_have_lost_structure():
    rng, n_said, whole = np.random.default_rng(0), 0, sample(n=200)

    def drawn():
        outputs = np.where(rng.random(200) < 0.05, LACKING, GOOD).astype(object)
        return replace(whole, operations={**whole.operations, "student_output": outputs})

    for _ in range(200):
        n_said += measure_structure(drawn(), drawn()).finding is not None

    assert n_said <= 200 * 0.025 + 3 * (200 * 0.025 * 0.975) ** 0.5


def by_halves(n):
    first = np.arange(n) < n // 2
    codes = np.where(first, 0, 1)
    return Partition(
        name="topic", kind="slice", regions=("a", "b"), terms=((), ()), heldout=codes, production=codes, reason=""
    )


def test_a_fall_in_one_region_is_named_and_the_table_has_a_row_for_each():
    heldout, production = sample(), sample()
    outputs = production.operations["student_output"].copy()
    outputs[:100] = BROKEN

    made = measure_structure(
        heldout,
        replace(production, operations={**production.operations, "student_output": outputs}),
        partitions=[by_halves(400)],
    )

    assert [(each.region, each.is_sure) for each in made.falls] == [(None, True), ("a", True), ("b", False)]
    assert "More so in a." in made.finding
    row = made.table.set_index(["Part", "Outputs of", "That"]).loc[("topic: a", "Student", "Keep fields and types")]
    assert row["Production"].startswith("50.0% (")
    assert {each.confidence for each in (fall.fall for fall in made.falls)} == {0.95, 0.975}


def test_a_fall_that_is_the_same_everywhere_names_no_region():
    made = measure_structure(sample(), sample(student=((BROKEN, 0.2),)), partitions=[by_halves(400)])

    assert [each.is_sure for each in made.falls] == [True, True, True]
    assert "More so" not in made.finding


def test_a_fall_in_a_small_region_alone_is_told_by_its_name():
    codes = np.where(np.arange(400) < 40, 0, 1)
    partition = replace(by_halves(400), heldout=codes, production=codes, regions=("billing", "rest"))
    heldout, production = sample(student=((BROKEN, 0.1),)), sample(student=((BROKEN, 0.1),), seed=2)
    before, after = (each.operations["student_output"].copy() for each in (heldout, production))
    before[:40], after[:24] = GOOD, BROKEN
    after[40:] = before[40:]

    made = measure_structure(
        *(
            replace(each, operations={**each.operations, "student_output": outputs})
            for each, outputs in ((heldout, before), (production, after))
        ),
        partitions=[partition],
        smallest=0.07,
    )

    assert made.finding.startswith(
        "The student's outputs keep fields and types less often in production than in held-out in billing."
    )


def test_a_new_region_is_held_against_all_of_held_out():
    partition = by_halves(400)
    partition = replace(partition, heldout=np.zeros(400, dtype=int))

    made = measure_structure(sample(), sample(student=((BROKEN, 0.5),)), partitions=[partition])

    assert [each.region for each in made.falls] == [None, "a", "b"]
    assert all(isinstance(each.fall, Measured) for each in made.falls)


def test_a_field_that_the_student_never_gives_is_named_with_held_outs_share():
    never = sample(student=((LACKING, 1),))

    made = measure_structure(never, never)

    assert made.finding is None
    assert made.sentence.endswith(
        "In held-out 0% (0% to 2%) of the student's do. Most often the field why is missing, in 400 of 400 outputs."
    )
    assert measure_structure(sample(), sample()).fault is None
    assert made.to_json()["fault"] == made.fault


@pytest.mark.parametrize(
    ("text", "told"), [(BROKEN, "it is no JSON"), (WRONG, "the field score has another"), ("[]", "it is another value")]
)
def test_other_faults_are_named_too(text, told):
    assert measure_structure(sample(), sample(student=((text, 0.2),))).fault.startswith(told)


def test_without_outputs_or_with_plain_text_there_is_nothing():
    plain = sample(teacher=(("good", 1),), student=(("bad", 1),))

    for heldout, production in ((read_pairs(frame(400)), read_pairs(frame(400))), (plain, plain)):
        made = measure_structure(heldout, production)
        assert not made
        assert (made.finding, made.to_json()) == (None, None)


def test_a_students_outputs_alone_are_held_against_parsing():
    bare = [read_pairs(frame(400).assign(student_output=GOOD)), sample(student=((BROKEN, 0.2),))]
    after = replace(bare[1], operations={"student_output": bare[1].operations["student_output"]})

    made = measure_structure(bare[0], after)

    assert made.schema is None
    assert "80%" in made.finding
    assert "parse as JSON" in made.finding


def test_missing_outputs_are_in_no_share_and_records_are_said_not_to_be_texts():
    outputs = [None, ""] * 100 + [GOOD] * 200

    made = measure_structure(sample(), sample(student_output=outputs))

    assert {each.share.n_pairs for each in made.shares if (each.side, each.model) == ("production", "student")} == {200}
    records = read_pairs(pd.DataFrame(frame(40)).assign(student_output=[{"score": 4}] * 40))
    assert "student_output" not in records.operations
    [said] = [each.message for each in records.problems if each.name == "unused_student_output"]
    assert said.endswith("holds no texts; write outputs as they came.")


def test_of_a_large_sample_some_pairs_are_looked_at_whatever_their_order(monkeypatch):
    monkeypatch.setattr("drift_core.operations.measure_structure.MOST_PAIRS", 100)
    whole = frame(400).assign(teacher_output=GOOD, student_output=[GOOD, BROKEN] * 200)

    one, two = (
        measure_structure(read_pairs(table), read_pairs(table), partitions=[])
        for table in (whole, whole.sample(frac=1, random_state=3))
    )

    assert {each.share.n_pairs for each in one.shares} == {100}
    assert [each.share.estimate for each in one.shares] == [each.share.estimate for each in two.shares]
