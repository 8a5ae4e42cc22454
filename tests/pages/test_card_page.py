import datetime

from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.completeness import check_card
from pages.components.card.card_fields import CHECKLIST, FIELDS, GATE_CHOICE, SLICES, label_of
from tests.pages.walk import opened, ran, said


def card(**settings):
    return opened("card", **{"scenario": ""} | settings)


def begun(**settings):
    page = card(**settings)
    page.button("card_begin").click()
    return ran(page)


def test_without_a_card_the_page_offers_the_template_and_a_file():
    page = card()

    assert "No judge card is open." in said(page)
    assert page.button("card_begin")


def test_the_template_says_what_is_missing_and_how_to_fill_it():
    page = begun()

    assert "The card is incomplete" in said(page)
    assert "**Pinned revision**: the teacher's revision that the student was trained against." in said(page)
    assert "in quotes" not in "\n".join(each.value for each in page.markdown)
    assert "# Judge card" in page.code[0].value


def test_the_template_knows_the_newest_run_of_the_open_history():
    page = begun(history="canary")

    assert page.text_input("card_1_student_version").value == "ranker-2"
    assert "2026-06-07: agreement 0.83, overlap 0.70, teacher judge-large-2026-04." in said(page)


def test_the_retrain_triggers_are_read_from_the_open_history():
    page = begun(history="canary")

    assert "**Agreement is below its floor** · cannot tell" in said(page)
    assert "By the canary of 2026-06-07, agreement 0.83 (0.78 to 0.87) is below the floor 0.85" in said(page)
    assert "By the open history, for 2026-06-08." in said(page)


def test_without_a_history_the_retrain_triggers_are_read_from_the_card():
    page = begun()

    assert "**Agreement is below its floor** · cannot tell" in said(page)
    assert "No canary with agreement is on the card." in said(page)


def test_the_pin_is_taken_from_the_first_run_of_the_student():
    page = begun(history="canary")
    assert "For the pin: the first run of ranker-2" in said(page)

    page.button("card_take_pin").click()
    ran(page)

    assert "revision: judge-large-" in page.code[0].value.replace('"', "")
    assert "For the pin" not in said(page)
    assert page.text_input("card_1_teacher_revision").value.startswith("judge-large-")
    page.button("card_keep").click()
    assert "For the pin" not in said(ran(page))


def test_what_is_typed_stands_in_the_file_with_its_comments():
    page = begun()

    page.text_input("card_1_teacher_revision").set_value("2026-01")
    page.number_input("card_1_training_n_pairs").set_value(30_000)
    page.date_input("card_1_training_date").set_value(datetime.date(2026, 1, 5))
    page.checkbox("card_1_governance_calibration_done").check()
    page.button("card_keep").click()
    ran(page)

    written = page.code[0].value
    assert 'revision: "2026-01" # the pin: the revision that scored the training pairs' in written
    assert "n_pairs: 30000 # number of training pairs" in written
    assert 'date: "2026-01-05"' in written
    assert "Pinned revision" not in said(page)
    assert "Calibration and thresholds verified, checked by" in said(page)


def test_a_value_that_cannot_stand_is_said_and_changes_nothing():
    page = begun()

    page.number_input("card_1_floors_agreement").set_value(1.0)
    page.button("card_keep").click()
    ran(page)

    assert "floors.agreement: expected lowest agreement, a number in (0, 1); found 1.0" in said(page)
    assert "agreement: 0.85" in page.code[0].value


def test_a_broken_upload_is_said_once_and_leaves_the_card():
    page = begun()

    page.file_uploader("card_upload").set_value([("broken.yaml", b"owner: [", "application/yaml")])
    ran(page)
    assert "broken.yaml, line 1: this is not valid YAML" in said(page)
    assert "# Judge card" in page.code[0].value

    page.file_uploader("card_upload").set_value([("mine.yaml", b'owner: "Grace"  # since May\n', "application/yaml")])
    ran(page)
    assert page.text_input("card_2_owner").value == "Grace"
    assert "valid YAML" not in said(page)
    assert page.code[0].value == 'owner: "Grace"  # since May'


def test_the_form_has_every_field_of_a_card_that_people_fill_in():
    asked = {each.where for each in FIELDS} | {GATE_CHOICE, SLICES}
    missing = {gap.field for gap in check_card(JudgeCard()).gaps} - {"canary.last"}

    assert {name if name in asked else f"{name}.done" for name in missing} <= asked
    assert label_of("governance.calibration.by") == f"{CHECKLIST['calibration'][0].label}, checked by"


def test_slices_and_their_comments_stay_when_another_field_changes():
    written = b"""owner: "Grace"
critical_slices:  # agreed with legal
  - partition: "country"  # by billing
    name: "DE"
    floor: 0.8
training:
  date: "1999-12-31"
  n_pairs: 1000000000000
"""
    page = begun()
    page.file_uploader("card_upload").set_value([("mine.yaml", written, "application/yaml")])
    ran(page)

    page.text_input("card_2_owner").set_value("Ada")
    page.button("card_keep").click()
    ran(page)

    kept = page.code[0].value
    assert kept.startswith(
        'owner: "Ada"\ncritical_slices:  # agreed with legal\n  - partition: "country"  # by billing\n'
    )
    assert page.date_input("card_2_training_date").value == datetime.date(1999, 12, 31)


def test_what_the_training_said_of_the_students_size_is_told_with_every_sign_standing_for_itself():
    page = begun()
    assert "From its training" not in said(page)

    written = b'training:\n  capacity: "It stays 12 points under *its* teacher."\n'
    page.file_uploader("card_upload").set_value([("mine.yaml", written, "application/yaml")])
    ran(page)

    assert "From its training: It stays 12 points under \\*its\\* teacher" in page.info[0].value
