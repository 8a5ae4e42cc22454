from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.review.draw import draw_review, draw_spot_check
from drift_core.review.pairs import ReviewSettings
from drift_core.samples.score_kind import NUMERIC
from drift_core.tables.writing import to_parquet
from tests.drift_core.review.drawn import halves, labelled, with_regions

FEW = ReviewSettings(n=12, floor=4)


def test_pairs_with_unlike_labels_are_drawn_by_region_with_known_probabilities():
    drawn = draw_review(halves(labelled(80)), settings=FEW)

    assert [(each.name, each.n_pairs, each.n_drawn) for each in drawn.regions] == [("new", 10, 5), ("old", 30, 7)]
    assert [each.probability for each in drawn.regions] == [0.5, 7 / 30]
    assert Counter(pair.region for pair in drawn.pairs) == {"new": 5, "old": 7}
    assert {(pair.first, pair.second) for pair in drawn.pairs} == {("pass", "fail"), ("fail", "pass")}
    assert all((pair.first == "pass") == pair.teacher_first for pair in drawn.pairs)
    assert all(int(pair.doc.split()[1]) % 2 == 0 for pair in drawn.pairs)
    assert (drawn.n_sample, drawn.n_queries) == (80, 40)


def test_a_queue_shorter_than_was_asked_for_says_why():
    all_of_them, few = (draw_review(halves(labelled(80)), settings=ReviewSettings(n=n)) for n in (100, 20))

    assert (len(all_of_them.pairs), len(few.pairs)) == (40, 20)
    assert all_of_them.why_fewer.startswith("100 were asked for; teacher and student differ that far on no more")
    assert few.why_fewer == ""


def test_scores_differ_where_ranks_are_further_apart_than_the_gap():
    teacher = np.arange(40.0)
    student = teacher.copy()
    student[[0, 20]] = student[[20, 0]]
    student[[1, 5]] = student[[5, 1]]
    sample = replace(labelled(40), teacher=teacher, student=student, kind=NUMERIC)

    drawn = draw_review(halves(sample), settings=ReviewSettings(gap=0.4))

    assert {pair.doc for pair in drawn.pairs} == {"doc 0", "doc 20"}
    sides = next(
        (pair.first, pair.second)[:: 1 if pair.teacher_first else -1] for pair in drawn.pairs if "20" in pair.doc
    )
    assert sides == ("Above 40% of the pairs", "Among the lowest 40%")


def test_the_draw_hangs_on_seed_and_content_and_not_on_the_order_of_rows():
    sample, turned = labelled(80), np.arange(80)[::-1]
    names = ("query", "doc", "teacher", "student")
    other = replace(sample, **{name: getattr(sample, name)[turned] for name in names}, row=np.arange(80))

    first = draw_review(halves(sample), settings=FEW)
    again = draw_review(with_regions(other, (turned * 4 // 80 > 0)), settings=FEW)
    seeded = draw_review(halves(sample), settings=replace(FEW, seed=1))

    def told(draw):
        return [(pair.pair_digest, pair.teacher_first) for pair in draw.pairs]

    assert told(first) == told(again) != told(seeded)


def test_equal_pairs_are_drawn_once_and_count_for_all():
    sample = labelled(80)
    doc = sample.doc.copy()
    query = sample.query.copy()
    doc[[0, 2, 4]], query[[0, 2, 4]] = "the same", "the same"

    drawn = draw_review(halves(replace(sample, query=query, doc=doc)), settings=ReviewSettings(n=80))

    assert {pair.size for pair in drawn.pairs if pair.doc == "the same"} == {3.0}
    assert [(each.n_pairs, each.total) for each in drawn.regions] == [(8, 10.0), (30, 30.0)]


def test_a_shadow_run_takes_the_pairs_of_its_days_and_says_which_it_has():
    days = np.datetime64("2026-06-01") + np.arange(80) // 4
    sample = labelled(80, timestamp=days.astype("datetime64[us]"))

    drawn = draw_review(halves(sample), settings=ReviewSettings(n=80), start=date(2026, 6, 3))

    run = drawn.shadow
    assert (run.start, run.end, run.first, run.last) == tuple(date(2026, 6, day) for day in (3, 17, 3, 16))
    assert (len(drawn.pairs), drawn.n_sample) == (28, 56)
    with pytest.raises(InputError, match="No pair of production is of the shadow run's days, 2025-01-01 to 2025-01-15"):
        draw_review(halves(sample), start=date(2025, 1, 1))


def test_nothing_to_review_and_wrong_settings_are_one_message():
    same = replace(labelled(), student=np.ones(60))

    with pytest.raises(InputError, match="differ on none of the 60 pairs"):
        draw_review(halves(same))
    with pytest.raises(SettingError, match="no partition called 'x'"):
        draw_review(halves(labelled()), partition="x")
    with pytest.raises(SettingError, match="The review's gap must be a number in"):
        ReviewSettings(gap=1.0)


def spot_list(n=50, **more):
    table = pd.DataFrame({"query": [f"query {i}" for i in range(n)], "doc": [f"doc {i}" for i in range(n)]})
    scores = {"teacher_score": np.arange(n) / n, "student_score": np.arange(n)[::-1] / n}
    return to_parquet(table.assign(**{**scores, "region": ["new", "old"] * (n // 2), **more}))


def test_a_spot_check_is_a_share_of_the_list_by_region():
    drawn = draw_spot_check(spot_list(), share=0.1)

    assert drawn.kind == "spot check"
    assert [(each.name, each.n_pairs, each.n_drawn) for each in drawn.regions] == [("new", 25, 3), ("old", 25, 2)]
    labels = draw_spot_check(spot_list(teacher_score="good", student_score=["good", "bad"] * 25), share=0.2)
    assert {(pair.first, pair.second) for pair in labels.pairs} >= {("good", "good")}


def test_a_list_that_cannot_be_checked_is_one_message():
    with pytest.raises(InputError, match=r"No pair of list\.parquet has a score of teacher and student"):
        draw_spot_check(spot_list(teacher_score=np.nan))
    with pytest.raises(SettingError, match="The share of the list must be in"):
        draw_spot_check(spot_list(), share=0)
