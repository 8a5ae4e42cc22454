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


def compared(seed):
    """Which of two answers is better, by two judges that agree on nine in ten."""
    rng = np.random.default_rng(seed)
    judge = rng.choice(["A", "B", "tie"], N, p=[0.45, 0.45, 0.1])
    student = np.where(rng.uniform(size=N) < 0.1, np.where(judge == "A", "B", "A"), judge)
    answers = {f"answer_{side}": [f"answer {row} {side} of {seed}" for row in range(N)] for side in "ab"}
    return served(seed).drop(columns="doc").assign(judge=judge, student=student, **answers)


def test_comparisons_of_two_answers_are_brought_as_the_whole_file_and_never_as_pairs_that_lose_their_order():
    well = compared(2)
    noise = np.random.default_rng(3).choice(["A", "B"], N)
    broken = well.assign(student=np.where(well["pool"] == "eu-2", noise, well["student"]))
    page = upload(upload(samples_page(), "heldout", compared(1)), "production", broken, "jobs.csv")
    verdict = ran(page.switch_page("pages/verdict.py"))
    assert "Score with the student again first" in said(verdict)
    assert not any("to score" in str(each.proto) for each in verdict.get("download_button"))

    samples = ran(verdict.switch_page("pages/samples.py"))

    assert "Bring the new scores" in said(samples)
    assert "a table of pairs does not hold which was shown first. So score the rows of your production" in said(samples)
    assert not any("to score" in str(each.proto) for each in samples.get("download_button"))
    assert [each.label for each in samples.button if each.key == "remove_production"] == ["Replace production"]
