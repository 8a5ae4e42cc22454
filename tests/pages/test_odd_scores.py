"""Rows of odd scores are set aside on every page alike."""

from tests.pages.uploads import frame, samples_page, upload
from tests.pages.walk import ran, said


def test_all_pages_take_the_pairs_that_the_verdict_takes():
    broken = frame(2, n=400)
    broken.loc[::8, "judge"] = -1.0
    page = upload(upload(samples_page(), "heldout", frame(1, n=400)), "production", broken)

    spread = said(ran(page.switch_page("pages/spread.py")))
    ran(page.switch_page("pages/overlap.py"))
    regions = ran(page.switch_page("pages/regions.py"))
    regions.selectbox("field_region_main").select_index(1)
    ran(regions)
    regions.button("regions_add").click()
    added = said(ran(regions))
    retrain = said(ran(page.switch_page("pages/retrain.py")))
    verdict = said(ran(page.switch_page("pages/verdict.py")))

    assert "350" in spread
    assert "pairs are on the retrain list by hand" in added
    assert "350 pairs from" in retrain
    assert (
        "50 production rows (12.5%) have the teacher score -1, which held-out never has. They are set aside." in verdict
    )
    assert verdict.count("have the teacher score -1") <= 2  # the headline, and the summary so far beside it
