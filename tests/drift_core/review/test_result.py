from datetime import date

import numpy as np
import pytest

from drift_core.measured import Measured, Unmeasured
from drift_core.review.draw import draw_review
from drift_core.review.pairs import ReviewSettings
from drift_core.review.readiness import read_readiness
from drift_core.review.result import estimate_review
from tests.drift_core.review.drawn import answered, halves, labelled

TODAY = date(2026, 6, 20)
RIGHT_AGAINST = ("teacher",) * 3 + ("student",) * 4 + ("both", "neither", "student")


def drawn(n=40, *, pairs=400, start=None, **more):
    days = np.datetime64("2026-06-01") + np.arange(pairs) * 14 // pairs
    sample = labelled(pairs, timestamp=days.astype("datetime64[us]"))
    return draw_review(halves(sample), settings=ReviewSettings(n=n, **more), start=start)


def test_the_share_weighs_regions_by_their_disagreements_and_not_by_the_pairs_drawn():
    draw = drawn(20, floor=10)
    wrong_in_new = ["teacher" if pair.region == "new" else "student" for pair in draw.pairs]

    result = estimate_review(draw, answered(draw, wrong_in_new))

    assert sum(pair.region == "new" for pair in draw.pairs) == 10
    assert result.wrong.estimate == pytest.approx(0.25)
    assert [(each.name, each.share, each.wrong.estimate) for each in result.regions] == [
        ("old", 0.75, 0),
        ("new", 0.25, 1),
    ]
    assert result.sentence.startswith("The student is wrong in 25%")


def test_shares_by_who_is_right_add_up_and_a_wrong_student_is_alone_or_with_the_teacher():
    draw = drawn()

    result = estimate_review(draw, answered(draw, RIGHT_AGAINST * 4))

    shares = {name: share.estimate for name, share in result.rights.items()}
    assert sum(shares.values()) == pytest.approx(1)
    assert result.wrong.estimate == pytest.approx(shares["teacher"] + shares["neither"])


def test_two_reviewers_count_by_halves_and_their_agreement_is_told():
    draw = drawn(40)
    ada, bo = answered(draw, ["teacher"] * 40), answered(draw, ["teacher", "student"] * 20, reviewer="Bo")

    result = estimate_review(draw, [*ada, *bo])

    assert 0.6 < result.wrong.estimate < 0.9
    assert (result.agreement.reviewers, result.agreement.n_pairs) == (("Ada", "Bo"), 40)
    assert result.agreement.same.estimate == 0.5
    assert result.n_by_reviewer == {"Ada": 40, "Bo": 40}
    assert "Ada and Bo both answered 40 pairs, alike in 50%" in result.agreement.sentence


def test_without_answers_nothing_is_measured():
    result = estimate_review(drawn(), [])

    assert isinstance(result.wrong, Unmeasured)
    assert result.sentence == "0 of 40 pairs are reviewed: 0 queries; at least 2 are needed."


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        (("student",) * 9 + ("teacher",), "Ready: the student is wrong in "),
        (("teacher",) * 9 + ("student",), "Not ready: the student is wrong in "),
        (("teacher", "student"), "Cannot tell: the student is wrong in "),
    ],
)
def test_readiness_is_one_sentence_once_everything_is_answered(rights, said):
    draw = drawn(60)

    found = read_readiness(draw, estimate_review(draw, answered(draw, rights * 60)), today=TODAY)

    assert found.sentence.startswith(said)
    assert bool(found.missing) == (found.status == "cannot tell")


def test_what_is_missing_is_said_before_anything_is_decided():
    draw = drawn(60, start=date(2026, 6, 1))
    few = estimate_review(draw, answered(draw, ["student"] * 3))
    result = estimate_review(draw, answered(draw, ["student"] * 60))

    early = read_readiness(draw, few, today=date(2026, 6, 10))
    assert early.sentence == "Cannot tell: 57 of 60 pairs are not reviewed yet."
    assert "Fewer than 5 reviewed pairs in" in early.missing[1]
    assert early.missing[-1] == "The shadow run ends on 2026-06-15, in 5 days."
    assert read_readiness(draw, result, today=date(2026, 6, 15)).status == "ready"
    late = drawn(60, start=date(2026, 6, 8))
    ended = read_readiness(late, estimate_review(late, answered(late, ["student"] * 60)), today=date(2026, 7, 1))
    assert "the newest pair of the sample is of 2026-06-14. Draw again" in ended.sentence


def test_regions_with_too_few_reviewed_pairs_are_named():
    draw = drawn(4, floor=5)
    old = [
        each for each, pair in zip(answered(draw, ["student"] * 10), draw.pairs, strict=True) if pair.region == "old"
    ]

    found = read_readiness(draw, estimate_review(draw, old), today=TODAY)

    assert len(draw.pairs) == 10
    assert found.missing[1] == "Fewer than 5 reviewed pairs in 1 region: new."


def test_an_open_share_asks_for_more_pairs():
    draw = drawn(60)
    result = estimate_review(draw, answered(draw, ["teacher", "student"] * 30))

    found = read_readiness(draw, result, today=TODAY)

    assert isinstance(result.wrong, Measured)
    assert found.missing == ("Draw more pairs, and review them.",)
