import pytest

from drift_core.gate.gate import decide_gate
from drift_core.gate.triggers import read_triggers
from tests.drift_core.gate.weeks import after, card, measured, week, weeks

LOW, DOUBTFUL = measured(0.70, 0.62, 0.77), measured(0.83, 0.78, 0.87)
TRAINED = {"date": "2026-03-02"}
LAST = {"at": "2026-03-16T06:00:00+00:00", "agreement": 0.93, "overlap": 0.9, "teacher_revision": "2026-01"}


def of_history(found, now=None, **parts):
    decision = decide_gate(found, now=now or after(len(found) - 1), card=card(training=TRAINED, **parts))
    return {each.name: each for each in decision.triggers}, decision


def of_card(number=2, **parts):
    found = read_triggers(card(training=TRAINED, **parts), now=after(number))
    return {each.name: (each.state, each.sentence) for each in found}


def test_a_healthy_student_has_four_quiet_triggers_with_their_figures():
    found, decision = of_history(weeks(3))

    assert {name: each.state for name, each in found.items()} == dict.fromkeys(found, "quiet")
    assert list(found) == [
        "teacher_revision_change",
        "agreement_below_floor",
        "overlap_below_floor",
        "every_days",
    ]
    assert found["agreement_below_floor"].sentence == (
        "By the canary of 2026-03-16, agreement 0.93 (0.90 to 0.96) is not below the floor 0.85."
    )
    assert found["every_days"].sentence == "Trained 2026-03-02, 15 days ago; the card says every 91 days."
    assert decision.status == "pass"


def test_what_the_gate_blocks_by_has_fired_since_the_same_week():
    found, _ = of_history(
        [*weeks(2), week(2, agreement=LOW), week(3, agreement=LOW, overlap=LOW, teacher_revision="2026-05")]
    )

    told = {name: (each.state, each.since and f"{each.since:%m-%d}") for name, each in found.items()}
    assert told == {
        "teacher_revision_change": ("fired", "03-23"),
        "agreement_below_floor": ("fired", "03-16"),
        "overlap_below_floor": ("quiet", None),  # not below what held-out shows
        "every_days": ("quiet", None),
    }


def test_a_point_below_its_floor_with_an_interval_that_reaches_it_cannot_tell():
    found, _ = of_history([*weeks(2), week(2, agreement=DOUBTFUL)])

    assert found["agreement_below_floor"].state == "cannot tell"
    assert "but its interval is not" in found["agreement_below_floor"].sentence


def test_a_passed_quarter_fires_is_said_and_blocks_nothing():
    found, decision = of_history(weeks(14), now=after(13, 2))

    assert (found["every_days"].state, f"{found['every_days'].since:%Y-%m-%d}") == ("fired", "2026-06-01")
    assert decision.status == "pass"
    told = "Retraining is due: trained 2026-03-02, 93 days ago; the card says every 91 days."
    assert decision.notes == (told,)
    assert told in decision.sentence


def test_an_override_does_not_quieten_a_trigger():
    from drift_core.gate.overrides import make_override

    found = [*weeks(2), week(2, agreement=LOW)]
    before = decide_gate(found, now=after(2), card=card())
    made = make_override(before, by="Ada", reason="Agreed.", at=after(2))
    decision = decide_gate(found, now=after(2), card=card(), decisions=[made])

    assert decision.status == "pass"
    assert {each.name: each.state for each in decision.triggers}["agreement_below_floor"] == "fired"


def test_what_the_card_does_not_retrain_on_is_off():
    off = {"teacher_revision_change": "no", "agreement_below_floor": "no", "overlap_below_floor": "no"}
    found, _ = of_history([week(0, agreement=LOW, teacher_revision="2026-05")], retrain_triggers=off)

    assert [each.state for each in found.values()] == ["off", "off", "off", "quiet"]


def test_labels_have_no_overlap_to_retrain_on():
    found, _ = of_history([week(0, is_ranked=False), week(1, is_ranked=False)])

    assert (found["overlap_below_floor"].state, found["agreement_below_floor"].state) == ("off", "quiet")


def test_a_quiet_canary_that_is_too_old_says_nothing_of_today():
    found, _ = of_history(weeks(2), now=after(1, 30))

    assert found["agreement_below_floor"].state == "cannot tell"
    assert found["agreement_below_floor"].sentence.endswith("That is 30 days old; at most 8 days are allowed.")


def test_without_a_history_the_last_canary_of_the_card_is_read():
    assert of_card(canary={"last": LAST})["agreement_below_floor"] == (
        "quiet",
        "By the card's last canary, of 2026-03-16, agreement 0.93; the floor is 0.85.",
    )
    moved = of_card(canary={"last": LAST | {"agreement": 0.8, "teacher_revision": "2026-05"}})
    assert moved["teacher_revision_change"] == (
        "fired",
        "By the card's last canary, of 2026-03-16, the teacher revision is 2026-05; the card pins 2026-01.",
    )
    assert moved["agreement_below_floor"] == (
        "cannot tell",
        "By the card's last canary, of 2026-03-16, agreement 0.80 is below the floor 0.85; its interval is in the "
        "history.",
    )
    assert of_card(8, canary={"last": LAST})["overlap_below_floor"][0] == "cannot tell"  # 43 days old


def test_a_canary_of_the_card_that_is_dated_after_today_cannot_tell():
    ahead = of_card(canary={"last": LAST | {"at": "2026-09-01T06:00:00+00:00", "teacher_revision": "2026-05"}})

    for name in ("agreement_below_floor", "overlap_below_floor", "teacher_revision_change"):
        state, sentence = ahead[name]
        assert (state, sentence.endswith("That day is after today.")) == ("cannot tell", True)


def test_a_figure_just_below_its_floor_and_one_of_labels_are_told_as_elsewhere():
    near = card(canary={"last": LAST | {"agreement": 0.848}})

    def told(**more):
        return next(each.sentence for each in read_triggers(near, now=after(2), **more) if "agreement" in each.name)

    assert "agreement 0.848 is below the floor 0.850;" in told()
    assert "agreement 84.8% is below the floor 85.0%;" in told(is_ranked=False)


@pytest.mark.parametrize(
    ("parts", "name", "reason"),
    [
        ({}, "agreement_below_floor", "No canary with agreement is on the card."),
        ({"teacher": {}}, "teacher_revision_change", "The card pins no teacher revision."),
        ({"training": {}}, "every_days", "The card does not say when the student was trained."),
        ({"training": {"date": "2027-01-01"}}, "every_days", "Trained 2027-01-01, which is after today."),
    ],
)
def test_what_is_not_known_cannot_be_told_and_says_what_is_missing(parts, name, reason):
    found = {each.name: each for each in read_triggers(card(**parts), now=after(2))}

    assert (found[name].state, found[name].sentence) == ("cannot tell", reason)


def test_without_a_card_there_is_no_trigger():
    assert decide_gate(weeks(2), now=after(1)).triggers == ()
