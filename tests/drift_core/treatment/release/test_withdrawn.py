from drift_core.treatment.canary.withdrawal import Withdrawal
from drift_core.treatment.release.gate import decide_gate, make_override
from drift_core.treatment.release.headline import gate_lines
from tests.drift_core.treatment.release.weeks import after, card, run, week, weeks

WAS = "was withdrawn by Ada on 2026-03-24: Wrong file."


def withdrawn(number, *, alarmed=False, **changes):
    return Withdrawal(run=run(number, **changes), at=after(3), by="Ada", reason="Wrong file", alarmed=alarmed)


def decided(found, taken, **parts):
    return decide_gate(found, now=after(3), card=card(**parts), withdrawn=taken)


def test_without_a_withdrawn_record_there_is_no_note():
    assert decided(weeks(3), []).notes == ()


def test_the_newest_record_that_was_withdrawn_is_named_with_what_decides_instead():
    decision = decided(weeks(3), [withdrawn(3, alarmed=True)])

    assert decision.notes == (
        f"The record of 2026-03-23, which alarmed, {WAS}",
        "It was the newest record; the gate decides by the one of 2026-03-16 instead.",
    )
    assert decision.sentence.endswith(" ".join(decision.notes))
    assert gate_lines(decision)[-2:] == decision.notes
    assert "the newest canary that counts is quiet" in decision.headline


def test_a_record_is_named_as_long_as_the_week_in_its_place_decides():
    taken = [withdrawn(2, production_digest="wrong", alarmed=True)]

    assert decided(weeks(3), taken).notes == (f"The record of 2026-03-16, which alarmed, {WAS}",)
    assert decided(weeks(4), taken).notes == ()


def test_a_gap_does_not_end_it():
    found = [*weeks(3), week(3, "gap", ["40 pairs are too few."])]

    decision = decided(found, [withdrawn(2, production_digest="wrong")])

    assert decision.notes == (f"The record of 2026-03-16 {WAS}",)
    assert decision.sentence.startswith("Inconclusive, which the card blocks")
    assert gate_lines(decision)[-1:] == decision.notes


def test_where_nothing_is_left_the_gate_cannot_tell_and_says_why():
    decision = decide_gate([], now=after(3), withdrawn=[withdrawn(2)])

    assert (decision.status, decision.exit_code) == ("inconclusive", 3)
    assert decision.sentence.startswith("Inconclusive: The history has no canary run that counts. Record a week with")
    assert decision.sentence.endswith(f"The record of 2026-03-16 {WAS} No record is left to decide by.")


def test_records_of_other_students_are_left_aside_unless_the_card_names_none():
    taken = [withdrawn(3, student_version="ranker-6")]

    assert decided(weeks(3), taken).notes == ()
    assert len(decided(weeks(3), taken, student={}).notes) == 2


def test_of_many_the_newest_three_are_named_and_the_others_counted():
    decision = decided(weeks(1), [withdrawn(1, production_digest=f"wrong {number}") for number in range(5)])

    assert len(decision.notes) == 5
    assert decision.notes[-1] == "2 more records were withdrawn before."
    assert len(decision.withdrawn) == 5


def test_an_override_is_of_the_newest_run_that_counts():
    alarmed = [*weeks(2), week(2, "alarm", ["It fell."])]
    made = make_override(decided(alarmed, [withdrawn(3)]), by="Ada", reason="Known")

    decision = decide_gate(alarmed, now=after(3), card=card(), decisions=[made], withdrawn=[withdrawn(3)])

    assert made.run_key == run(2).key
    assert decision.sentence.startswith("Pass by an override of Ada")
    assert f"The record of 2026-03-23 {WAS}" in decision.sentence
