"""A retrained student is held against the one before, the gate blocks it, and the record is what CI reads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from drift_core.comparison.comparison_json import read_comparison
from tests.e2e.test_every_page import misfits
from tests.e2e.visitor import Visitor


def test_the_example_is_compared_and_blocks_the_gate(visit_quick: Callable[..., Visitor]) -> None:
    visitor = visit_quick()
    visitor.open("canary", history="canary")
    visitor.go_to("comparison")
    expect(visitor.verdict).to_contain_text("No comparison is open.")

    visitor.press("comparison_open_scenario")
    visitor.settle()
    expect(visitor.verdict).to_contain_text("Worse in surface: voice; the whole")

    record = read_comparison(visitor.download("comparison_json"))
    assert [part.title for part in record.worse] == ["surface: voice, fresh pairs"]

    visitor.go_on("gate")
    expect(visitor.main).to_contain_text("Before and after, surface: voice, fresh pairs")
    expect(visitor.main).to_contain_text("--comparison comparison.json")
    assert visitor.faults == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_comparison_fits_and_is_accessible(visit_quick: Callable[..., Visitor], width: int) -> None:
    visitor = visit_quick(width=width)
    visitor.open("comparison")
    visitor.press("comparison_open_scenario")
    visitor.settle()

    assert misfits(visitor) + visitor.tracebacks.all_inner_texts() + visitor.faults == []
