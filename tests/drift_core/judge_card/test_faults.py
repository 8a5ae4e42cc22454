import pytest

from drift_core.errors import InputError
from drift_core.judge_card.document import parse_card
from drift_core.judge_card.faults import validate_card


def faults(text):
    with pytest.raises(InputError) as caught:
        validate_card(parse_card(text.encode(), name="judges.yaml"), name="judges.yaml")
    return str(caught.value).splitlines()


def test_every_fault_is_told_once_with_its_line_and_what_is_expected():
    told = faults(
        "schema: 1\n"
        "teacher:\n"
        "  revision: 20260501\n"
        "  modell: x\n"
        "critical_slices:\n"
        "  - partition: a\n"
        "    name: b\n"
        "student: 3\n"
        "floors: {agreement: 1.2, overlap: .nan}\n"
        "training: {date: 2026-05-01}\n"
        "gate: {inconclusive: maybe}\n"
    )

    assert told[0] == "judges.yaml has 8 faults."
    assert set(told[1:]) == {
        "judges.yaml, line 3: teacher.revision: expected the teacher's revision that the student was trained against, "
        "in quotes; found 20260501.",
        "judges.yaml, line 4: teacher has no 'modell'. It has: model, revision.",
        "judges.yaml, line 6: critical_slices, item 1 lacks floor, lowest value of the measure there, a number in "
        "(0, 1). Add it.",
        "judges.yaml, line 8: student: expected names with values (version, parent and model_path); found 3.",
        "judges.yaml, line 9: floors.agreement: expected lowest agreement, a number in (0, 1); found 1.2.",
        "judges.yaml, line 9: floors.overlap: expected lowest top-K overlap, a number in (0, 1); found nan.",
        'judges.yaml, line 10: training.date: expected day of the training, in quotes, as "2026-05-01"; '
        "found the date 2026-05-01 without quotes.",
        "judges.yaml, line 11: gate.inconclusive: expected block or pass; found 'maybe'.",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: 2", "judges.yaml has schema 2, from a newer version; this one reads schema 1. Upgrade"),
        ("schema: one", "line 1: schema: expected the number 1; found 'one'"),
        ("owners: x", "a judge card has no 'owners'. It has: schema, owner"),
        ("1: x", "a judge card has no '1'"),
        ("critical_slices: {a: b}", "expected a list (each with partition, name and floor); found names with"),
        ("critical_slices: [3]", "critical_slices, item 1: expected names with values"),
        (
            "canary: {cadence_days: weekly}",
            "canary.cadence_days: expected days between two runs, a whole",
        ),
        ("canary: {cadence_days: true}", "found True"),
        ("canary: {cadence_days: 0}", "found 0"),
        ("canary: {last: {at: yesterday}}", "canary.last.at: expected time of the run"),
        ("governance: {calibration: {done: perhaps}}", "governance.calibration.done: expected yes or no"),
        ("owner: " + "x" * 1001, "found 'xxx"),
    ],
)
def test_a_single_fault_is_one_line(text, message):
    (told,) = faults(text)

    assert message in told
    assert len(told) < 250


@pytest.mark.parametrize(("written", "read"), [("yes", "yes"), ("true", "yes"), ("No", "no"), ('"no"', "no")])
def test_yes_and_no_may_be_written_as_true_and_false(written, read):
    document = parse_card(f"governance: {{calibration: {{done: {written}}}}}".encode(), name="judges.yaml")

    assert validate_card(document, name="judges.yaml").governance.calibration.done == read
