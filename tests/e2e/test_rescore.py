"""A list is re-scored from the page: an estimate first, a run that outlives a reload, stop and go on, a download."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of
from tests.e2e.test_every_page import misfits, overflow, violations
from tests.e2e.visitor import Visitor

N_PAIRS = 30


def bring_a_list(visitor: Visitor, path: Path, url: str) -> None:
    visitor.open("rescore")
    visitor.by_key("rescore_upload").locator("input[type=file]").set_input_files(path)
    expect(visitor.main).to_contain_text(f"{N_PAIRS} pairs to ask.")
    visitor.fill("rescore_url", url)
    visitor.fill("rescore_model", "judge-large")
    visitor.press("rescore_estimate")
    expect(visitor.main).to_contain_text("Before anything is spent")


def test_a_run_survives_a_reload_stops_goes_on_and_is_the_visitors_own(
    visit_quick: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor, path = visit_quick(), list_of(N_PAIRS, tmp_path)

    with endpoint.serve(lambda query, doc: 0.75) as teacher:
        teacher.held_after = N_PAIRS // 3  # so that the run goes on until it is stopped, however long that takes
        bring_a_list(visitor, path, teacher.url)
        assert not teacher.calls
        visitor.press("rescore_start")
        expect(visitor.verdict).to_contain_text(f"of {N_PAIRS} pairs have been asked.")
        visitor.page.reload()
        expect(visitor.verdict).to_contain_text(f"of {N_PAIRS} pairs have been asked.")
        faults = overflow(visitor) + violations(visitor, has_steps=False)

        visitor.press("rescore_stop")
        expect(visitor.by_key("rescore_stop")).to_contain_text("Stopping")
        teacher.held_after = None
        expect(visitor.by_key("rescore_go_on")).to_be_visible()
        visitor.settle()
        asked = len(teacher.calls)
        assert asked < N_PAIRS
        expect(visitor.verdict).to_contain_text(f"{asked} of {N_PAIRS} pairs have a score ({N_PAIRS - asked} pending)")

        guest = visit_quick()
        guest.open("rescore")
        expect(guest.verdict).to_have_text("No list is being re-scored.")

        visitor.press("rescore_go_on")
        expect(visitor.verdict).to_contain_text(f"{N_PAIRS} of {N_PAIRS} pairs have a score.")

    visitor.settle()
    rescored = pd.read_parquet(visitor.download("rescore_parquet"))
    assert set(rescored["teacher_score"]) == {0.75}
    assert len(teacher.calls) == N_PAIRS
    faults += misfits(visitor)
    assert faults + visitor.faults + guest.faults == []


@pytest.mark.slow  # the test above looks at the running and the finished page
def test_every_state_of_the_page_fits_and_is_accessible(visit_quick: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit_quick()

    with endpoint.serve(faults=lambda call: endpoint.said("<i>None.</i>") if call.number % 9 == 0 else None) as teacher:
        bring_a_list(visitor, list_of(N_PAIRS, tmp_path), teacher.url)
        faults = misfits(visitor)
        visitor.press("rescore_try")
        expect(visitor.main).to_contain_text("Pair 5: score 0.5")
        faults += misfits(visitor, in_both=False)
        visitor.press("rescore_go_on")
        expect(visitor.main).to_contain_text("Answers without a score")

    faults += misfits(visitor) + visitor.tracebacks.all_inner_texts()
    assert faults + visitor.faults == []
