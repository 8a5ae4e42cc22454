from drift_core.canary.figures import HeldoutFigure
from drift_core.canary.withdrawals import Withdrawal
from drift_core.gate.gate import decide_gate
from drift_core.gate.headline import gate_headline, gate_lines
from drift_core.gate.overrides import make_override
from tests.drift_core.gate.weeks import after, card, measured, run, week, weeks

WAS = "was withdrawn by Ada on 2026-03-24: Wrong file."
WAS_2 = WAS.replace("24", "17")


def withdrawn(number, /, *, alarmed=False, at=None, **changes):
    at = after(3) if at is None else at
    return Withdrawal(run=run(number, **changes), at=at, by="Ada", reason="Wrong file", alarmed=alarmed)


def heldout(agreement):
    return HeldoutFigure(digest=f"held {agreement}", agreement=measured(agreement), z_error=0.05)


def decided(found, taken, **parts):
    return decide_gate(found, now=max(after(3), found[-1].run.at), card=card(**parts), withdrawn=taken)


def test_without_a_withdrawn_record_there_is_no_note():
    assert decided(weeks(3), []).notes == ()


def test_the_newest_record_that_was_withdrawn_is_named_with_whether_it_alarmed():
    decision = decided(weeks(3), [withdrawn(3, alarmed=True)])

    assert decision.notes == (f"The record of 2026-03-23, which alarmed, {WAS}",)
    assert "the canary of 2026-03-16" in decision.sentence
    assert decision.sentence.endswith(decision.notes[0])
    assert gate_lines(decision)[-1:] == decision.notes
    assert "the newest canary that counts is quiet" in gate_headline(decision)


def test_a_record_stays_named_however_old_it_is():
    taken = [withdrawn(2, production_digest="wrong", alarmed=True, at=after(2))]

    assert decided(weeks(3), taken).notes == (f"The record of 2026-03-16, which alarmed, {WAS_2}",)
    assert decided(weeks(30), taken).notes == decided(weeks(3), taken).notes


def test_where_the_card_s_student_was_withdrawn_no_other_s_weeks_decide():
    nameless = [week(number, student_version=None) for number in range(4)]
    taken = [withdrawn(3, production_digest="s2", student_version="s2", alarmed=True)]

    decision = decided(nameless, taken, student={"version": "s2"})

    assert (decision.status, decision.exit_code) == ("inconclusive", 1)
    assert (
        "no canary run of student s2 that counts, only of a student without a version. Record a week"
        in decision.sentence
    )
    assert decided(nameless, [], student={"version": "s2"}).status == "pass"


def test_a_further_run_ends_an_override_even_where_it_was_withdrawn():
    alarmed = [week(0, number=1), week(1, number=2), week(2, "alarm", ["It fell."], number=3)]
    made = make_override(decide_gate(alarmed, now=after(2), card=card()), by="Ada", reason="Known")

    def status(taken):
        return decide_gate(alarmed, now=after(3), card=card(), decisions=[made], withdrawn=taken).status

    assert status([]) == status([withdrawn(1, production_digest="x", number=2)]) == "pass"
    assert status([withdrawn(3, number=4)]) == "blocked"
    assert status([withdrawn(1, production_digest="x", number=4)]) == "blocked"
    assert status([withdrawn(3, number=4, student_version="ranker-6")]) == "pass"


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
    assert decision.sentence.endswith(f"The record of 2026-03-16 {WAS}")


def test_records_of_other_students_are_left_aside_unless_the_card_names_none():
    taken = [withdrawn(3, student_version="ranker-6")]

    assert decided(weeks(3), taken).notes == ()
    assert decided(weeks(3), taken, student={}).notes == (f"The record of 2026-03-23 {WAS}",)


def test_of_many_the_newest_is_named_and_the_others_are_counted():
    taken = [withdrawn(1, production_digest=f"wrong {number}", alarmed=number < 2) for number in range(5)]

    decision = decided(weeks(1), taken)

    assert decision.notes == (f"The record of 2026-03-09 {WAS} 4 more were withdrawn, 2 of which alarmed.",)
    assert len(decision.withdrawn) == 5


def test_an_override_is_of_the_newest_run_that_counts():
    alarmed = [*weeks(2), week(2, "alarm", ["It fell."])]
    made = make_override(decided(alarmed, [withdrawn(3)]), by="Ada", reason="Known")

    decision = decide_gate(alarmed, now=after(3), card=card(), decisions=[made], withdrawn=[withdrawn(3)])

    assert made.run_key == run(2).key
    assert decision.sentence.startswith("Pass by an override of Ada")
    assert f"The record of 2026-03-23 {WAS}" in decision.sentence
