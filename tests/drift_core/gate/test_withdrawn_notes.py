from drift_core.canary.decision import Decision
from drift_core.canary.run import HeldoutFigure
from drift_core.canary.withdrawals import Withdrawal
from drift_core.gate.gate import decide_gate
from drift_core.gate.headline import gate_headline, gate_lines
from drift_core.gate.overrides import make_override
from tests.drift_core.gate.weeks import after, card, measured, run, week, weeks

WAS = "was withdrawn by Ada on 2026-03-24: Wrong file."


def withdrawn(number, /, *, alarmed=False, at=None, **changes):
    at = after(3) if at is None else at
    return Withdrawal(run=run(number, **changes), at=at, by="Ada", reason="Wrong file", alarmed=alarmed)


def heldout(agreement):
    return HeldoutFigure(digest=f"held {agreement}", agreement=measured(agreement), z_error=0.05)


def decided(found, taken, **parts):
    return decide_gate(found, now=max(after(3), found[-1].run.at), card=card(**parts), withdrawn=taken)


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
    assert "the newest canary that counts is quiet" in gate_headline(decision)


def test_a_record_is_named_as_long_as_the_week_in_its_place_decides():
    taken = [withdrawn(2, production_digest="wrong", alarmed=True)]

    assert decided(weeks(3), taken).notes == (f"The record of 2026-03-16, which alarmed, {WAS}",)
    assert decided(weeks(5), taken).notes == (f"The record of 2026-03-16, which alarmed, {WAS}",)
    assert decided(weeks(6), taken).notes == ()


def test_an_old_record_that_was_withdrawn_lately_is_named():
    assert decided(weeks(4), [withdrawn(0, production_digest="wrong")]).notes == (f"The record of 2026-03-02 {WAS}",)
    assert decided(weeks(4), [withdrawn(0, production_digest="wrong", at=after(1))]).notes == ()


def test_a_record_is_named_as_long_as_the_baseline_hangs_on_it():
    found = [week(number, heldout=heldout(0.86)) for number in range(1, 8)]
    first = withdrawn(0, heldout=heldout(0.95), at=after(1))

    decision = decide_gate(found, now=after(7), card=card(), withdrawn=[first])

    assert decision.notes == (
        "The record of 2026-03-02 was withdrawn by Ada on 2026-03-10: Wrong file. "
        "With it the baseline would be 0.95; it is 0.86.",
    )
    same = withdrawn(0, heldout=heldout(0.86), at=after(1))
    assert decide_gate(found, now=after(7), card=card(), withdrawn=[same]).notes == ()


def test_an_accepted_level_that_was_withdrawn_is_named():
    found = [week(number, heldout=heldout(0.86)) for number in range(8) if number != 2]
    taken = withdrawn(2, agreement=measured(0.7), at=after(2))
    level = Decision(kind="accept_level", at=after(2), by="Ada", reason="Known", run_key=taken.run.key)

    decision = decide_gate(found, now=after(7), card=card(), decisions=[level], withdrawn=[taken])

    assert decision.notes[0].endswith("With it the baseline would be 0.70; it is 0.86.")


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


def test_where_another_student_s_week_decides_instead_it_is_named():
    taken = [withdrawn(3, student_version="s2")]

    assert decide_gate(weeks(3), now=after(3), withdrawn=taken).notes[1] == (
        "It was the newest record; the gate decides by the one of 2026-03-16, of student ranker-7, instead."
    )


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
