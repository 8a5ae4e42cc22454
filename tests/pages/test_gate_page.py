import json
import re
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from drift_core.comparison.compare import Students
from drift_core.comparison.compare_files import StudentFiles, read_students
from drift_core.gate.checks import CHECK_WORDS, GateCheck
from drift_core.judge_card.document import parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.simulation import retrained_samples
from pages.components.canary.canary_history import OpenHistory
from pages.components.card import card_open
from pages.components.card.card_open import OpenCard
from pages.components.comparison import comparison_open
from pages.components.comparison.comparison_open import OpenComparison
from pages.components.gate import gate_panel, gate_reading
from pages.components.session.investigation_record import KeptDocument
from tests.pages.walk import PAGES, SECONDS, opened, ran, said


def gate(**settings):
    return opened("gate", **{"scenario": "", "history": "canary"} | settings)


def test_without_a_history_the_page_says_so_and_leads_to_one():
    page = gate(history="")

    assert "No history is open." in said(page)
    assert page.button("gate_to_canary")
    page.button("gate_open_scenario").click()
    assert "Inconclusive: agreement may be below its floor" in said(ran(page))


def test_the_shipped_year_is_decided_for_the_day_after_its_newest_week():
    page = gate()

    assert "Inconclusive: agreement may be below its floor" in said(page)
    assert "Agreement 0.83 (0.78 to 0.87) is below the floor 0.85" in said(page)
    assert "◇] inconclusive** · since 2026-05-10 · decided for 2026-06-08" in said(page)
    assert page.button("next_card")


def test_a_comparison_that_is_open_can_be_left_out(monkeypatch):
    files = retrained_samples.shipped_retrained_files()
    pairs = read_students(StudentFiles(frozen=files.frozen, fresh=files.fresh))
    students = Students(before="ranker-1", after="ranker-2")
    shipped = OpenComparison(title="", pairs=pairs, students=students, kept=KeptDocument(name=""))
    monkeypatch.setattr(comparison_open, "current", lambda: shipped)
    page = gate()
    assert "Blocked: worse in " in said(page)

    page.checkbox("gate_with_comparison").uncheck()
    ran(page)

    assert "Inconclusive: agreement may be below its floor" in said(page)


def test_a_comparison_of_students_that_the_history_does_not_know_is_said_and_left_out_until_it_is_wanted(monkeypatch):
    files = retrained_samples.shipped_retrained_files()
    pairs = read_students(StudentFiles(frozen=files.frozen, fresh=files.fresh))
    students = Students(before="other-1", after="other-2")
    shipped = OpenComparison(title="", pairs=pairs, students=students, kept=KeptDocument(name=""))
    monkeypatch.setattr(comparison_open, "current", lambda: shipped)

    page = gate(scenario="query-drift")

    assert "Inconclusive: agreement may be below its floor" in said(page)
    assert "Neither student of the open comparison, other-1 → other-2, is in this history or its card." in said(page)
    assert "History: A year of canaries, of student ranker-2, teacher " in said(page)
    assert "has no week that was measured on heldout or production." in said(page)
    page.checkbox("gate_with_comparison").check()
    assert "Blocked: worse in " in said(ran(page))


def test_the_triggers_of_the_open_card_stand_beside_the_checks(monkeypatch):
    without = gate()
    content = b'student: {version: ranker-2}\ntraining: {date: "2026-01-05"}\n'
    card = validate_card(parse_card(content, name="judges.yaml"), name="judges.yaml")
    monkeypatch.setattr(
        card_open, "current", lambda: OpenCard(name="judges.yaml", content=content, card=card, number=1)
    )

    page = gate()

    assert "**So many days have passed in any case** · fired since 2026-04-06" in said(page)
    assert "Retraining is due: trained 2026-01-05, 154 days ago; the card says every 91 days." in said(page)
    assert "A trigger asks for a retraining." in said(page)
    assert "Retrain triggers" not in said(without)


def test_another_day_is_another_answer_and_the_command_says_it():
    page = gate()

    page.date_input("gate_day").set_value("2026-07-01")
    ran(page)

    assert "Blocked since 2026-06-15: the newest canary is too old" in said(page)
    assert "The newest measured canary, of 2026-06-07, is 24 days old" in said(page)
    assert "--now 2026-07-01" in page.code[0].value


def test_an_override_needs_a_name_and_a_reason_is_kept_and_can_be_taken_back():
    page = gate()

    page.button("gate_override").click()
    assert "An override needs a name" in said(ran(page))

    page.text_input("gate_by").set_value("Ada")
    page.text_area("gate_reason").set_value("The floor is *high*.")
    page.button("gate_override").click()
    ran(page)

    assert "Pass by an override of Ada." in said(page)
    assert re.search(r"Ada on \d{4}-\d\d-\d\d, .The floor is \*high\*\.", said(page))
    assert "**Ada** · Override · in force: The floor is *high*." in said(page)
    assert "Covers: floor of agreement." in said(page)
    assert ":green[●] override" in said(page)

    page.text_input("gate_end_by").set_value("Bob")
    page.button("gate_end").click()
    assert "Taking an override back needs a reason" in said(ran(page))
    page.text_input("gate_end_by").set_value("Bob")
    page.text_input("gate_end_reason").set_value("The hotfix failed.")
    page.button("gate_end").click()
    ran(page)

    assert page.info[0].value.replace("\\", "") == "The override is taken back. The gate says: inconclusive."
    assert "Inconclusive: agreement may be below its floor" in said(page)
    assert "**Bob** · Override taken back: The hotfix failed." in said(page)
    assert "**Ada** · Override: The floor is" in said(page)
    assert not [each for each in page.button if each.key == "gate_end"]


def test_a_history_that_is_gone_is_said_on_its_page_and_shown_as_unclear_elsewhere(tmp_path):
    gone = OpenHistory(path=tmp_path / "gone.db", name="gone.db")
    for name, words in (("gate", "There is no history at"), ("card", "No judge card is open.")):
        page = AppTest.from_file(PAGES / f"{name}.py", default_timeout=SECONDS)
        page.session_state["kept_history"] = gone
        ran(page)

        assert words in said(page)
        assert "not readable" in said(page)


def test_the_answer_can_be_taken_away():
    page = gate()

    assert [each.label for each in page.get("download_button")] == [
        "Report (PDF)",
        "Report (HTML)",
        "Answer (JSON)",
        "Checks (JUnit XML)",
        "History (SQLite)",
    ]
    assert page.code[0].value == (
        "distillation-drift gate --history canary.db --now 2026-06-08 --json gate.json --junit junit.xml"
    )


def test_a_changed_rule_decides_and_comes_with_the_command():
    page = gate(rule="agreement_healthy:0.8,agreement_suspect:0.7")

    assert "Pass" in page.header[0].value
    assert "--rule rule.json" in page.code[0].value
    assert "Rule (JSON)" in [each.label for each in page.get("download_button")]


def test_every_check_has_a_name_on_the_page():
    known = GateCheck.__doc__.split("subject\n")[0]
    assert all(f'"{name}"' in known for name in CHECK_WORDS)
    assert len(CHECK_WORDS) == known.count('"') // 2
    assert gate_reading.AFTER.days == 1


def test_a_withdrawn_record_is_named_and_among_the_decisions():
    app = AppTest.from_file(PAGES.parent / "app.py", default_timeout=SECONDS)
    page = ran(ran(app).switch_page("pages/gate.py"))
    page.button("gate_open_scenario").click()
    page = ran(ran(page).switch_page("pages/canary.py"))
    page.text_input("canary_withdraw_by_0").set_value("Ada")
    page.text_input("canary_withdraw_reason_0").set_value("wrong file")
    page.button("canary_withdraw").click()

    page = ran(ran(page).switch_page("pages/gate.py"))

    assert "decided for 2026-06-08" in said(page)
    assert "The record of 2026-06-07 was withdrawn by Ada on" in said(page)
    assert "**Ada** · Record withdrawn of 2026-06-07: wrong file." in said(page)


def test_a_calibration_is_checked_where_it_is_given():
    page = gate()
    assert "**Calibration**" not in said(page)
    made = {"kind": "calibration", "schema": 1, "version": "1", "made_at": "2026-06-07", "fitted_on": "held-out"}
    made |= {"map": {"method": "none"}, "student_version": "ranker-2"}
    made |= {"check": {"sample": "production", "reading": "not calibrated", "sentence": "Not calibrated."}}

    page.file_uploader("gate_calibration_upload").set_value(("c.json", json.dumps(made).encode(), "application/json"))
    ran(page)

    assert "**Calibration** · blocks" in said(page)
    assert "Not calibrated. Calibrate again with: distillation-drift calibrate" in said(page)
    assert "--calibration calibration.json" in page.code[0].value
    page.file_uploader("gate_calibration_upload").set_value(("c.json", b"{}", "application/json"))
    assert "is not a calibration" in ran(page).error[0].value
    assert "**Calibration**" not in said(page)


@pytest.mark.parametrize(("name", "leads_to"), [("alarm", "samples"), ("agreement_floor", "retrain")])
def test_a_release_that_an_alarm_blocks_is_diagnosed_before_a_list_is_drawn(monkeypatch, name, leads_to):
    steps = []
    monkeypatch.setattr(gate_panel.frame, "next_step", lambda step, reason: steps.append(step))
    blocks = SimpleNamespace(name=name, is_blocking=True)
    decision = SimpleNamespace(
        status="blocked", reasons=(blocks,), measured=SimpleNamespace(production_name="week.csv")
    )
    card = SimpleNamespace(card=SimpleNamespace(teacher=SimpleNamespace(revision="r1")))

    gate_panel.way_on(SimpleNamespace(card=card, decision=decision, comparison=None))

    assert steps == [leads_to]


@pytest.mark.parametrize(
    ("name", "subject", "status", "leads_to"),
    [
        ("before_after", None, "inconclusive", "comparison"),
        ("before_after", "surface: voice", "blocked", "retrain"),
        ("stale", None, "blocked", "canary"),
        ("slice", "country: DE", "blocked", "retrain"),
        ("review", None, "blocked", "retrain"),
        ("review", None, "inconclusive", "review"),
    ],
)
def test_the_next_step_fits_the_first_reason_even_without_a_card(monkeypatch, name, subject, status, leads_to):
    steps = []
    monkeypatch.setattr(gate_panel.frame, "next_step", lambda step, reason: steps.append(step))
    reasons = (SimpleNamespace(name=name, subject=subject, is_blocking=status == "blocked"),)
    compared = SimpleNamespace(student_before="a", student_after=None, worse=("surface: voice",))

    decision = SimpleNamespace(status=status, reasons=reasons, measured=None)
    gate_panel.way_on(SimpleNamespace(card=None, decision=decision, comparison=compared))

    assert steps == [leads_to]
