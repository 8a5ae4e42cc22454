import numpy as np
import pytest

from drift_core.measures.scores import Scores
from drift_core.regions.partitions import Partition
from drift_core.regions.revision_effect import (
    RevisedRegion,
    find_revised_regions,
    revised_sentence,
    revision_rise,
    rises_outside,
)


def noisy(true: np.ndarray, noise: float, seed: int) -> np.ndarray:
    return np.asarray(true + noise * np.random.default_rng(seed).standard_normal(len(true)))


QUALITY = np.random.default_rng(0).standard_normal(700)
STUDENT, PINNED = noisy(QUALITY, 0.3, 1), noisy(QUALITY, 0.3, 2)
HELDOUT = Scores(student=STUDENT[:300], teacher=PINNED[:300])


def revised(current: np.ndarray, queries: np.ndarray | None = None) -> tuple[Scores, Scores]:
    """The last 400 pairs under both revisions."""
    return (
        Scores(student=STUDENT[300:], teacher=PINNED[300:], queries=queries),
        Scores(student=STUDENT[300:], teacher=current[300:], queries=queries),
    )


def test_a_revision_that_adds_noise_raises_the_error_of_the_same_pairs() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.9, 3)))

    assert rise.p_value < 1e-6
    assert (rise.n_pairs, rise.n_queries) == (400, 400)


def test_a_revision_of_one_region_raises_the_error_in_it_alone() -> None:
    inside, noise = np.arange(700) % 2 == 0, noisy(QUALITY, 0.9, 3)
    both = revised(np.where(inside, noise, PINNED)), revised(noise)

    assert [rises_outside(HELDOUT, each, inside[300:], alpha=0.05) for each in both] == [False, True]


def test_a_stricter_revision_of_labels_everywhere_is_seen_outside_a_region() -> None:
    line = {"old": (QUALITY > -1.3) * 1.0, "new": (QUALITY > -0.6) * 1.0}
    flips = np.random.default_rng(7).random(700) < 0.04
    student = np.where(flips, 1 - line["old"], line["old"])
    heldout = Scores(student=student[:300], teacher=line["old"][:300], is_ranked=False)
    inside = np.arange(400) < 80
    both = [
        tuple(Scores(student=student[300:], teacher=each, is_ranked=False) for each in (line["old"][300:], new))
        for new in (line["new"][300:], np.where(inside, line["new"][300:], line["old"][300:]))
    ]

    assert [rises_outside(heldout, each, inside, alpha=0.05) for each in both] == [True, False]


def test_a_revision_as_good_as_the_pinned_one_is_no_rise() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.3, 3)))

    assert rise.p_value > 0.05
    assert abs(rise.estimate) < 2.5 * rise.standard_error


def test_a_revision_that_comes_nearer_to_the_student_is_a_fall_of_the_error() -> None:
    rise = revision_rise(HELDOUT, revised(noisy(QUALITY, 0.05, 3)))

    assert rise.estimate < 0
    assert rise.p_value > 0.95


def test_a_revision_that_moves_its_scale_alone_is_no_rise() -> None:
    rise = revision_rise(HELDOUT, revised(np.exp(PINNED)))

    assert rise.estimate == pytest.approx(0, abs=1e-9)


def test_the_same_pairs_decide_more_surely_than_two_samples_would() -> None:
    slightly = revised(noisy(PINNED, 0.15, 3))

    paired = revision_rise(HELDOUT, slightly)

    apart = np.sqrt(2 * 2 / 400)  # standard error of a log ratio of two means of squared normals
    assert paired.standard_error < apart / 1.5


def test_docs_of_one_query_are_counted_as_one() -> None:
    current = noisy(QUALITY, 0.9, 3)

    apart, together = (
        revision_rise(HELDOUT, revised(current, queries)) for queries in (np.arange(400), np.repeat(np.arange(80), 5))
    )

    assert together.estimate == apart.estimate
    assert (apart.n_queries, together.n_queries) == (400, 80)
    assert together.degrees == pytest.approx(79)


TOPIC = np.arange(400) % 5


def cut(labels: np.ndarray, name: str = "query clusters") -> Partition:
    names = tuple(f"topic {each}" for each in range(int(labels.max()) + 1))
    terms = tuple((each,) for each in names)
    return Partition(
        name=name, kind="query", regions=names, terms=terms, heldout=labels, production=labels, reason="by hand"
    )


def where(
    old: np.ndarray,
    new: np.ndarray,
    *cuts: np.ndarray,
    rows: np.ndarray | None = None,
    queries: np.ndarray | None = None,
) -> tuple[RevisedRegion, ...]:
    rows = np.ones(400, dtype=bool) if rows is None else rows
    student = STUDENT[300:]
    both = (Scores(student=student[rows], teacher=each[rows], queries=queries) for each in (old, new))
    partitions = [cut(labels, f"cut {place}") for place, labels in enumerate(cuts or (TOPIC,))]
    return find_revised_regions(tuple(both), partitions, rows, least_queries=5, alpha=0.05, confidence=0.95)  # type: ignore[arg-type]


def stricter(topic: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Answers by two revisions of which the second is strict on a topic; a few others change by chance."""
    rng = np.random.default_rng(seed)
    worth = rng.normal(0.5, 1, 400)
    old = (worth > 0).astype(float)
    new = (worth - 1.2 * (topic == TOPIC) > 0).astype(float)
    return old, np.where(rng.random(400) < 0.03, 1 - new, new)


def test_a_revision_that_is_strict_on_one_topic_is_found_there_with_how_much_and_which_way() -> None:
    (found,) = where(*stricter(2))

    assert (found.name, found.index, found.are_ranks) == ("topic 2", 2, False)
    assert found.inside.low > found.elsewhere.high
    assert revised_sentence([found]).startswith("The revision differs most in topic 2 (")
    assert found.figures.startswith(
        f"of its {(TOPIC == 2).sum()} pairs scored by both revisions {found.inside:.0%} have"
    )
    assert found.figures.endswith("lower as a rule")


def test_noise_on_one_topic_is_found_in_scores_of_many_values() -> None:
    new = np.where(TOPIC == 1, noisy(PINNED[300:], 1.0, 7), noisy(PINNED[300:], 0.1, 8))

    (found,) = where(PINNED[300:], new)

    assert (found.name, found.are_ranks) == ("topic 1", True)
    assert found.lower == pytest.approx(0.5, abs=0.2)
    moved = (
        f"on average its {(TOPIC == 1).sum()} pairs scored by both revisions moved by {found.inside:.0%} of the whole"
    )
    assert found.figures == f"{moved} ranking"
    assert revised_sentence([found]).endswith(f"ranking); elsewhere by {found.elsewhere.estimate:.0%}.")


def test_what_differs_everywhere_alike_differs_nowhere_more() -> None:
    rng = np.random.default_rng(4)
    old = (rng.random(400) < 0.6).astype(float)

    assert where(old, np.where(rng.random(400) < 0.2, 1 - old, old)) == ()
    assert where(PINNED[300:], np.exp(PINNED[300:])) == ()
    assert where(old, old) == ()
    assert revised_sentence(()) == ""


def test_a_cut_that_only_overlaps_the_topic_is_not_told_beside_it() -> None:
    overlapping = np.where(TOPIC == 2, 0, np.arange(400) % 3)

    assert [(each.partition, each.name) for each in where(*stricter(2), TOPIC, overlapping)] == [("cut 0", "topic 2")]


def test_only_pairs_that_the_pinned_revision_scored_count() -> None:
    rows = np.arange(400) % 2 == 0

    (found,) = where(*stricter(2), rows=rows)

    assert found.inside.n_pairs == int((rows & (TOPIC == 2)).sum())


def test_without_a_place_one_is_told_as_seldom_as_the_rate_says() -> None:
    rng = np.random.default_rng(0)
    told = 0
    for _ in range(100):
        queries = np.repeat(np.arange(100), 4)
        labels = rng.integers(6, size=100)[queries]
        bad = rng.random(100)[queries] < 0.15
        old = (rng.random(400) < 0.7).astype(float)
        new = np.where(bad & (rng.random(400) < 0.6), 1 - old, old)
        told += bool(where(old, new, labels, rng.integers(3, size=400), queries=queries))

    assert told <= 9  # expected at most 5; more in one of 30 runs
