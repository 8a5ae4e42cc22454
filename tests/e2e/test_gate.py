"""A week is recorded, the canary alarms, the gate turns, a person overrides it; and the judge card that it goes by."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.test_every_page import misfits
from tests.e2e.visitor import Visitor

REASON = "The new topic is rescored by hand until the retrained student ships."


@pytest.fixture
def visitor(visit_quick: Callable[..., Visitor]) -> Visitor:
    return visit_quick()


def fill(visitor: Visitor, key: str, text: str) -> None:
    visitor.by_key(key).locator("input, textarea").first.fill(text)


def test_a_recorded_week_alarms_turns_the_gate_and_is_overridden_with_a_reason(visitor: Visitor) -> None:
    visitor.open("gate")
    expect(visitor.verdict).to_have_text("No history is open.")
    visitor.press("gate_open_scenario")
    expect(visitor.verdict).to_contain_text("Inconclusive: agreement may be below its floor")

    visitor.go_to("canary")
    expect(visitor.verdict).to_contain_text("Quiet since")
    visitor.press("canary_take_week")
    visitor.settle()
    visitor.press("canary_record")
    visitor.settle()
    expect(visitor.verdict).to_contain_text("Alarm since 14 June 2026")

    visitor.go_to("gate")
    expect(visitor.verdict).to_contain_text("Blocked since 2026-06-14: the canary alarms")
    visitor.press("gate_override")
    expect(visitor.messages).to_contain_text("An override needs a name")

    fill(visitor, "gate_by", "Ada")
    fill(visitor, "gate_reason", REASON)
    visitor.press("gate_override")
    expect(visitor.verdict).to_have_text("Pass by an override of Ada.")
    expect(visitor.main.get_by_role("listitem").filter(has_text="in force")).to_contain_text("Ada · Override")
    visitor.settle()
    answer = json.loads(visitor.download("gate_json").read_text(encoding="utf-8"))
    assert (answer["status"], answer["exit_code"], answer["override"]["by"]) == ("pass", 0, "Ada")
    assert re.search(rf"Pass by an override of Ada on \d{{4}}-\d\d-\d\d, '{REASON}'", said_by_the_command(visitor))
    assert visitor.faults == []


def said_by_the_command(visitor: Visitor) -> str:
    """The first line of the command that the page shows, on the history that it gives out."""
    history = visitor.download("gate_history")
    words = visitor.main.get_by_test_id("stCode").locator("code").inner_text().split()
    words[words.index("--history") + 1] = str(history)
    done = subprocess.run(
        [sys.executable, "-m", "drift_core", *words[1:]], cwd=Path(history).parent, capture_output=True, check=False
    )
    return done.stdout.decode().splitlines()[0]


def test_the_card_of_one_visitor_decides_for_this_one_alone(
    visitor: Visitor, visit_quick: Callable[..., Visitor]
) -> None:
    visitor.open("card", history="canary")
    visitor.press("card_begin")
    expect(visitor.verdict).to_contain_text("The card is incomplete")
    fill(visitor, "card_1_teacher_revision", "judge-large-2025-08")
    visitor.press("card_keep")
    expect(visitor.messages).to_contain_text("Changed in judges.yaml: 1 field.")

    visitor.go_to("gate")
    expect(visitor.verdict).to_contain_text("the teacher revision is not the pinned one")
    expect(visitor.main).to_contain_text("The teacher revision is judge-large-2026-04")
    visitor.go_to("card")
    written = visitor.download("card_download").read_text(encoding="utf-8")
    assert 'revision: "judge-large-2025-08" # the pin' in written
    broken = {"name": "mine.yaml", "mimeType": "application/yaml", "buffer": b"owner: ["}
    visitor.main.get_by_text("Open another card", exact=True).click()
    visitor.by_key("card_upload").locator("input[type=file]").set_input_files(broken)  # type: ignore[arg-type]
    expect(visitor.messages.first).to_contain_text("mine.yaml, line 1: this is not valid YAML")
    expect(visitor.by_key("card_1_teacher_revision").locator("input")).to_have_value("judge-large-2025-08")

    other = visit_quick()
    other.open("card", history="canary")
    expect(other.verdict).to_have_text("No judge card is open.")
    assert visitor.faults + other.faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_filled_pages_fit_and_are_accessible(visit_quick: Callable[..., Visitor], width: int) -> None:
    visitor = visit_quick(width=width)

    visitor.open("card", history="canary")
    visitor.press("card_begin")
    expect(visitor.verdict).to_contain_text("The card is incomplete")
    visitor.main.get_by_text("Preview", exact=True).click()
    visitor.settle()
    faults = misfits(visitor)
    visitor.go_to("gate")
    visitor.main.get_by_test_id("stCode").scroll_into_view_if_needed()
    faults += misfits(visitor)
    visitor.open("costs", cost_pair="0.01", cost_calls="1000000", cost_student="0.02", cost_drifted="12")
    expect(visitor.verdict).to_contain_text("The canary costs 156.00 a year")
    faults += misfits(visitor)

    assert faults + visitor.tracebacks.all_inner_texts() + visitor.faults == []
