"""Pairs that the student is to score again leave as a file, and their new scores are diagnosed."""

import numpy as np

from tests.pages.uploads import frame, samples_page, upload
from tests.pages.walk import ran, said

N = 800


def served(seed):
    pairs = frame(seed, N)
    return pairs.assign(
        q=[f"question {row % 200}" for row in range(N)], doc=[f"answer {row} of {seed}" for row in range(N)]
    ).assign(pool=np.random.default_rng(seed).choice(["blue", "green", "eu-2", "us-1"], N))


def test_the_part_that_fell_is_scored_again_where_the_verdict_leads_and_diagnosed_with_its_new_scores():
    well = served(2)
    noise = np.random.default_rng(3).uniform(size=N).round(3)
    broken = well.assign(student=np.where(well["pool"] == "eu-2", noise, well["student"]))
    page = upload(upload(samples_page(), "heldout", served(1)), "production", broken, "jobs.csv")
    verdict = ran(page.switch_page("pages/verdict.py"))
    assert "Score with the student again first" in said(verdict)

    samples = ran(verdict.switch_page("pages/samples.py"))
    assert "Bring the new scores" in said(samples)
    part = well[well["pool"] == "eu-2"]
    assert any(f"Download the {len(part)} pairs to score" in str(each.proto) for each in samples.get("download_button"))

    assert "holds the scores that" in said(upload(samples, "again", broken[broken["pool"] == "eu-2"]))
    taken = upload(samples, "again", part)
    assert not taken.error
    assert "jobs-scored-again.csv" in said(taken)
    assert "Bring the new scores" not in said(taken)
    assert "Healthy" in said(ran(taken.switch_page("pages/verdict.py")))
