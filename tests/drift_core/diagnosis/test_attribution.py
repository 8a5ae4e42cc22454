"""The split of the loss; how often its intervals cover is in tests/calibration."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core import diagnose, read_pairs
from drift_core.measured import Measured
from drift_core.measures.scores import Scores
from drift_core.regions.attribution import Attribution, split_loss
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.regions.inferred_loss import Familiar
from drift_core.regions.partitions import Partition
from tests.drift_core.small_case import small_diagnosis

N = 600
NOTHING_NEW = np.zeros(3, dtype=bool)


def drawn(noise: float, rng: np.random.Generator, first_query: int) -> Scores:
    teacher = rng.normal(size=N)
    return Scores(student=teacher + noise * rng.normal(size=N), teacher=teacher, queries=first_query + np.arange(N))


def thirds(heldout: np.ndarray, production: np.ndarray) -> Partition:
    names = ("a", "b", "c")
    return Partition(
        name="query clusters",
        kind="query",
        regions=names,
        terms=tuple((name,) for name in names),
        heldout=heldout,
        production=production,
        reason="",
    )


def split(familiar: Familiar | None, *, noise: float = 0.8) -> Attribution:
    rng = np.random.default_rng(3)
    labels = rng.integers(3, size=N), rng.integers(3, size=N)
    return split_loss(
        drawn(0.3, rng, 0), drawn(noise, rng, N), partition=thirds(*labels), familiar=familiar, confidence=0.95
    )


def sum_of_parts(made: Attribution) -> float:
    return sum(part.estimate for part in (made.mix, made.within, made.teacher) if part)


def test_an_inferred_part_is_the_loss_of_familiar_pairs_and_the_parts_add_up() -> None:
    made = split(Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW))

    assert made.teacher_inferred
    assert made.teacher
    assert made.total
    assert made.teacher.low > 0.1
    assert sum_of_parts(made) == pytest.approx(made.total.estimate)


def test_where_all_is_familiar_change_within_is_known_only_as_well_as_regions_agree() -> None:
    within = split(Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW)).within

    assert isinstance(within, Measured)
    assert within.estimate == pytest.approx(0)
    assert within.low < -0.001 < 0.001 < within.high


def test_pairs_outside_familiar_traffic_leave_the_teachers_part_alone() -> None:
    rng = np.random.default_rng(8)
    heldout, production = drawn(0.3, rng, 0), drawn(0.3, rng, N)
    labels = rng.integers(2, size=N), np.where(np.arange(N) < 150, 2, rng.integers(2, size=N))
    student = np.where(np.arange(N) < 150, rng.normal(size=N), production.student)
    production = Scores(student=student, teacher=production.teacher, queries=production.queries)
    familiar = Familiar(known=np.arange(N) >= 150, is_new=np.array([False, False, True]))

    made = split_loss(heldout, production, partition=thirds(*labels), familiar=familiar, confidence=0.95)

    assert made.teacher
    assert made.within
    assert made.teacher.low < 0 < made.teacher.high
    assert made.within.low > 0.1


@pytest.mark.parametrize(
    ("familiar", "reason"),
    [
        (None, "no regions"),
        (Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW, doubt="the docs moved"), "docs moved"),
        (Familiar(known=np.arange(N) < 10, is_new=NOTHING_NEW), "only 10 familiar queries"),
    ],
)
def test_a_part_that_cannot_be_inferred_says_why(familiar: Familiar | None, reason: str) -> None:
    made = split(familiar)

    assert made.teacher is None
    assert made.teacher_unknown
    assert reason in made.teacher_unknown
    assert made.to_json()["teacher"] is None


def test_what_cannot_be_inferred_names_why_there_are_no_pinned_scores() -> None:
    rng = np.random.default_rng(3)
    made = split_loss(
        drawn(0.3, rng, 0), drawn(0.3, rng, N), partition=None, not_pinned="Only 5 queries", confidence=0.95
    )

    assert made.teacher_unknown == "Only 5 queries, and no regions to infer it from."
    assert made.not_pinned == "Only 5 queries"


def test_familiar_pairs_that_do_not_agree_say_so() -> None:
    made = split(Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW), noise=1000.0)

    assert made.teacher is None
    assert made.teacher_unknown
    assert "agree too little" in made.teacher_unknown


@pytest.mark.parametrize("side", ["heldout", "production"])
def test_where_agreement_is_unmeasured_no_part_is_told(side: str) -> None:
    rng = np.random.default_rng(3)
    samples = {"heldout": drawn(0.3, rng, 0), "production": drawn(0.3, rng, N)}
    flat = Scores(student=samples[side].student, teacher=np.ones(N), queries=samples[side].queries)
    labels = rng.integers(3, size=N), rng.integers(3, size=N)

    made = split_loss(**(samples | {side: flat}), partition=thirds(*labels), confidence=0.95)  # type: ignore[arg-type]

    assert (made.total, made.mix, made.within, made.teacher) == (None, None, None, None)
    assert made.teacher_unknown == "Agreement is unmeasured: All teacher scores are equal here, so they rank nothing."


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(11)
    heldout, production = drawn(0.3, rng, 0), drawn(0.8, rng, N)
    labels = rng.integers(3, size=N), rng.integers(3, size=N)
    familiar = Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW)
    plain = split_loss(heldout, production, partition=thirds(*labels), familiar=familiar, confidence=0.95)
    for seed in range(5):
        orders = [np.random.default_rng([seed, side]).permutation(N) for side in (0, 1)]
        shuffled = thirds(labels[0][orders[0]], labels[1][orders[1]])

        again = split_loss(
            heldout.take(orders[0]), production.take(orders[1]), partition=shuffled, familiar=familiar, confidence=0.95
        )

        for name in ("total", "mix", "within", "teacher"):
            one, two = getattr(plain, name), getattr(again, name)
            assert (two.low, two.high) == pytest.approx((one.low, one.high), abs=1e-9)


def test_json_says_whether_the_teachers_part_is_inferred() -> None:
    rng = np.random.default_rng(5)
    heldout, current = drawn(0.3, rng, 0), drawn(0.5, rng, N)
    older = Scores(student=current.student, teacher=current.teacher + rng.normal(size=N), queries=current.queries)

    made = split_loss(heldout, current, partition=None, pinned=(older, current), confidence=0.95)

    assert made.to_json()["teacher"]["inferred"] is False  # type: ignore[index]
    inferred = split(Familiar(known=np.ones(N, dtype=bool), is_new=NOTHING_NEW)).to_json()
    assert inferred["teacher"]["inferred"] is True  # type: ignore[index]


@pytest.mark.parametrize("side", [0, 1])
def test_whole_weights_split_as_pairs_repeated_within_their_query(side: int) -> None:
    rng = np.random.default_rng(3)
    samples = [drawn(0.3, rng, 0), drawn(0.8, rng, N)]
    labels = [rng.integers(3, size=N), rng.integers(3, size=N)]
    times = np.where(labels[side] == 0, 1, 3)
    copies = np.repeat(np.arange(N), times)
    weighted, repeated, labels_repeated = list(samples), list(samples), list(labels)
    weighted[side] = replace(samples[side], weights=2.0 * times)
    repeated[side], labels_repeated[side] = samples[side].take(copies), labels[side][copies]

    found, expected = (
        split_loss(*sides, partition=thirds(*cuts), confidence=0.95)
        for sides, cuts in ((weighted, labels), (repeated, labels_repeated))
    )

    for part in ("total", "mix", "within"):
        one, other = getattr(found, part), getattr(expected, part)
        assert (one.estimate, one.standard_error) == pytest.approx((other.estimate, other.standard_error))
    assert found.total
    assert found.total.n_pairs == 2 * N


def test_the_whole_loss_has_the_interval_of_the_spread_test() -> None:
    made = small_diagnosis()

    assert made.attribution.total == made.spread.spread


def test_a_mix_that_moved_by_much_leaves_the_teachers_part_untold_and_names_what_grew() -> None:
    """Topics of two words in every object: held-out has few of the hard ones, production little else."""
    rng = np.random.default_rng(4)
    objects, topics = ("kettle", "watch", "jacket"), (("money back for", 0.3), ("delivery of", 0.3), ("broken", 1.1))
    frames = []
    for shares, n in (((0.47, 0.47, 0.06), 500), ((0.1, 0.1, 0.8), 500)):
        topic = rng.choice(3, n, p=shares)
        worth = rng.normal(size=n)
        query = [f"{topics[each][0]} {rng.choice(objects)} {place}" for place, each in enumerate(topic)]
        student = worth + rng.normal(size=n) * np.array([topics[each][1] for each in topic])
        frames.append(
            pd.DataFrame({"query": query, "teacher_score": worth.round(3), "student_score": student.round(3)})
        )
    samples = [read_pairs(frame) for frame in frames]

    made = diagnose(*samples, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(*samples))

    assert made.verdict.cause != "teacher_drift"
    assert made.attribution.teacher is None
    assert "changed its shares by much" in (made.attribution.teacher_unknown or "")
