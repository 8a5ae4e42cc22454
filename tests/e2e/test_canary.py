"""The canary in a browser: weeks go out and come in, a wrong record is taken back."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.test_every_page import misfits, overflow, violations
from tests.e2e.visitor import Visitor

N_SHIPPED = 40
WITHDRAWN = re.compile("The record of 2026-06-07 was withdrawn by Ada on .*: the file of another student")


def import_weeks(visitor: Visitor, content: bytes) -> None:
    file = {"name": "weeks.csv", "mimeType": "text/csv", "buffer": content}
    visitor.by_key("canary_import").locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(visitor.by_key("canary_import")).to_contain_text("weeks.csv")
    visitor.press("canary_import_now")
    expect(visitor.messages).to_have_count(1)
    visitor.settle()


def test_one_visitors_weeks_are_not_anothers(visit_quick: Callable[..., Visitor]) -> None:
    first, second = visit_quick(), visit_quick()
    first.open("canary", history="canary")
    second.open("canary", history="canary")

    import_weeks(first, b"at,teacher_revision,n_pairs,agreement\n2026-06-13,judge-large-2026-04,200,0.86\n")
    second.open("canary", history="canary")

    expect(first.main).to_contain_text(f"All weeks as a table ({N_SHIPPED + 1})")
    expect(second.main).to_contain_text(f"All weeks as a table ({N_SHIPPED})")


def test_weeks_with_faults_are_refused_in_one_message_and_change_nothing(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick()
    visitor.open("canary", history="canary")

    import_weeks(visitor, b"at,teacher_revision,n_pairs,agreement\n2026-06-13,r1,200,7\nsoon,r1,200,0.9\n")

    for said in ("weeks.csv was not imported", "agreement: expected a number in [-1, 1]", "at: expected a time"):
        expect(visitor.messages).to_contain_text(said)
    expect(visitor.main).to_contain_text(f"All weeks as a table ({N_SHIPPED})")
    expect(visitor.tracebacks).to_have_count(0)


def test_a_history_that_was_taken_away_opens_again(visit_quick: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit_quick()
    visitor.open("canary", history="canary")
    copy = tmp_path / "kept.csv"
    copy.write_bytes(visitor.download("canary_export").read_bytes())

    visitor.press("canary_close")
    expect(visitor.verdict).to_have_text("No history is open.")
    visitor.by_key("canary_upload").locator("input[type=file]").set_input_files(copy)

    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026")
    expect(visitor.main).to_contain_text("kept.csv")


@pytest.mark.parametrize("width", [1440, 390])
def test_an_open_history_fits_and_is_accessible(visit_quick: Callable[..., Visitor], width: int) -> None:
    visitor = visit_quick(width=width)

    visitor.open("canary", history="canary")

    expect(visitor.verdict).to_contain_text("Quiet since")
    assert misfits(visitor) + visitor.tracebacks.all_inner_texts() + visitor.faults == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_a_wrong_record_is_taken_back_and_restored(
    visit_quick: Callable[..., Visitor], width: int, scheme: str
) -> None:
    visitor = visit_quick(width=width, scheme=scheme)
    visitor.open("canary", history="canary")
    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026, 4 weeks")
    form = visitor.main.get_by_text("Take a wrong record back, or restore one")

    form.click()
    visitor.by_key("canary_withdraw_by_0").locator("input").fill("Ada")
    visitor.by_key("canary_withdraw_reason_0").locator("input").fill("the file of another student")
    visitor.press("canary_withdraw")

    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026, 3 weeks")
    expect(visitor.main).to_contain_text(
        "The newest record does not count. The record of 2026-06-07 was withdrawn by Ada"
    )
    visitor.settle()
    expect(visitor.main.get_by_test_id("stVegaLiteChart").first.locator("svg")).to_contain_text("withdrawn")
    expect(visitor.main.get_by_label(WITHDRAWN).first).to_be_attached()
    if not visitor.by_key("canary_withdraw").is_visible():
        form.click()
    expect(visitor.by_key("canary_withdraw")).to_have_text("Restore it")
    assert overflow(visitor) + violations(visitor) + visitor.tracebacks.all_inner_texts() + visitor.faults == []

    visitor.by_key("canary_withdraw_by_1").locator("input").fill("Ada")
    visitor.by_key("canary_withdraw_reason_1").locator("input").fill("it was right")
    visitor.press("canary_withdraw")
    expect(visitor.verdict).to_contain_text("Quiet since 17 May 2026, 4 weeks")
