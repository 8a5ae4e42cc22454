import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import record_of
from drift_core.comparison.usable_pairs import TrainedPairs
from drift_core.errors import InputError, SettingError
from drift_core.measured import Measured, Unmeasured
from drift_core.regions.partitions import Partition
from drift_core.samples.reading import read_pairs
from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.comparison.two_students import frame, sample


def test_a_better_student_is_called_better_overall_and_in_every_region() -> None:
    made = compare(sample(before=1.0, after=0.3))

    assert made.outcome == "better"
    assert [part.outcome for part in made.parts] == ["better"] * 4
    assert not made.worse
    assert made.sentence.startswith("Better: agreement rose from 0.6")
    assert made.sentence.endswith("on 600 frozen pairs; none of 3 slices got worse, topics not compared.")


def test_it_is_shown_in_short() -> None:
    made = compare(sample(before=1.0, after=0.3))

    assert repr(made) == f"Comparison('better', frozen)\n{made.sentence}"


def test_a_region_that_got_worse_is_named_beside_a_total_that_rose() -> None:
    made = compare(sample(before=1.0, after=0.3, worse=2.5))

    assert made.worse[0].title == "region: c"
    assert made.worse[0].fall > 0.1
    assert "1 region got worse: region: c; topics not compared." in made.sentence


def test_identical_students_are_the_same_and_no_error() -> None:
    pairs = frame().assign(student_score_before=lambda each: each["student_score"])

    made = compare(read_pairs(pairs))

    assert made.outcome == "same"
    change = made.frozen.whole.change  # type: ignore[union-attr]  # given
    assert isinstance(change, Measured)
    assert (change.estimate, change.low, change.high) == (0, 0, 0)
    assert made.frozen.whole.reason == "Both students order these pairs alike."  # type: ignore[union-attr]  # given
    assert made.sentence.startswith("No change: agreement held at")


def test_a_small_sample_without_a_clear_change_cannot_tell_and_says_what_it_could_have_seen() -> None:
    made = compare(sample(60))

    whole = made.frozen.whole  # type: ignore[union-attr]  # given
    assert made.outcome == whole.outcome == "cannot tell"
    assert whole.detectable is not None
    assert whole.detectable > 0.02
    assert f"a fall of {whole.detectable:.2f} would have been seen" in made.sentence


def test_a_fall_as_large_as_stated_is_seen_with_about_the_stated_power() -> None:
    rule = Rule()
    found = [compare(sample(200, seed=seed, before=0.5, after=0.72), slices=()).frozen for seed in range(60)]

    wholes = [each.whole for each in found if each is not None]
    falls, seen = np.array([whole.fall for whole in wholes]), [whole.outcome == "worse" for whole in wholes]
    stated = np.median([whole.detectable for whole in wholes if whole.detectable])

    assert stated == pytest.approx(falls.mean(), rel=0.25)
    assert 0.5 <= np.mean(seen) <= 1.0
    assert rule.power == 0.8


def test_a_change_too_small_to_count_is_never_worse() -> None:
    made = compare(sample(6000, before=0.30, after=0.31))

    assert made.outcome == "same"
    assert not made.worse


def test_regions_of_few_queries_are_shown_and_not_judged() -> None:
    pairs = frame(worse=3.0)
    pairs["region"] = np.where(np.arange(len(pairs)) < 8, "tiny", pairs["region"])

    made = compare(read_pairs(pairs, slices=["region"]))

    tiny = next(part for part in made.parts if part.name == "tiny")
    assert tiny.outcome == "cannot tell"
    assert tiny.reason == "4 queries; at least 5 are needed to judge a region."


def test_a_region_that_only_overlaps_the_worse_one_is_said_to() -> None:
    pairs = frame(1800, before=0.4, after=0.4, worse=2.0)
    is_half = np.arange(1800) // 2 % 2 == 0
    pairs["also"] = np.where(is_half & (pairs["region"] != "a"), "half of b and c", "rest")

    made = compare(read_pairs(pairs))

    worse = {part.title: part.explained_by for part in made.worse if part.partition}
    assert worse["region: c"] is None
    assert worse["also: half of b and c"] == "region: c"
    assert "1 region got worse: region: c, and" in made.sentence


def test_fresh_alone_and_both_together_are_compared() -> None:
    frozen, fresh = sample(name="frozen"), sample(seed=2, before=1.0, after=0.3)

    alone, both = compare(None, fresh), compare(frozen, fresh)

    assert alone.frozen is None
    assert alone.outcome == both.outcome == "better"
    assert [each.whole.sample for each in both.samples] == ["frozen", "fresh"]
    assert "frozen pairs" in both.sentence
    assert "fresh pairs" in both.sentence


def test_worse_on_one_sample_is_worse() -> None:
    made = compare(sample(before=0.2, after=1.0), sample(seed=2, before=1.0, after=0.2))

    assert made.outcome == "worse"


def test_no_sample_is_refused() -> None:
    with pytest.raises(InputError, match="found neither"):
        compare()


def test_constant_scores_of_the_student_before_leave_it_unmeasured() -> None:
    made = compare(read_pairs(frame().assign(student_score_before=0.5)))

    assert made.outcome == "cannot tell"
    assert isinstance(made.parts[0].change, Unmeasured)
    assert "could not be compared: All scores by the student before are equal" in made.sentence


def test_everything_trained_on_leaves_nothing_to_measure() -> None:
    pairs = sample()
    from drift_core.tables.pair_digests import digest_pairs

    trained = TrainedPairs(name="list.csv", digests=frozenset(digest_pairs(pairs.query, pairs.doc)))

    made = compare(pairs, trained_on=trained)

    assert made.outcome == "cannot tell"
    assert made.frozen is not None
    assert made.frozen.left_out[0].n_rows == 600
    assert made.n_trained == 600


def test_partitions_made_before_are_regions_too() -> None:
    frozen, fresh = sample(), sample(300, seed=2)
    halves = Partition(
        name="query clusters",
        kind="query",
        regions=("one", "two"),
        terms=(("one",), ("two",)),
        heldout=(np.arange(600) % 4 // 2).astype(np.int64),
        production=(np.arange(300) % 4 // 2).astype(np.int64),
        reason="Made by hand.",
    )

    made = compare(frozen, fresh, partitions=[halves], slices=())

    assert [part.title for part in made.parts[2:]] == ["query clusters: one", "query clusters: two"] * 2


def test_the_order_of_the_rows_does_not_matter_to_the_figures() -> None:
    pairs = frame(worse=0.5)

    one, two = (compare(read_pairs(each), students=Students(after="2")) for each in (pairs, pairs[::-1]))

    for first, second in zip(one.parts, two.parts, strict=True):
        assert first.title == second.title
        assert first.outcome == second.outcome
        assert first.fall == pytest.approx(second.fall)


def test_sampling_weights_count() -> None:
    pairs = frame(before=1.0, after=0.3, worse=1.5)
    weighted = pairs.assign(weight=np.where(pairs["region"] == "c", 20.0, 1.0))

    assert compare(read_pairs(pairs)).parts[0].fall < 0 < compare(read_pairs(weighted)).parts[0].fall


def test_a_cut_into_many_regions_takes_little_from_a_cut_into_few() -> None:
    pairs = frame(1200, before=0.5, after=0.5, worse=0.3)
    many = pairs.assign(number=[f"n{place // 2 % 40}" for place in range(1200)])

    few, both = (compare(read_pairs(each)) for each in (pairs, many))

    alone, beside = (next(part for part in made.parts if part.name == "c") for made in (few, both))
    assert alone.outcome == beside.outcome == "worse"
    assert alone.detectable is not None
    assert beside.detectable is not None
    assert alone.detectable < beside.detectable < 1.15 * alone.detectable


def test_a_student_is_not_compared_with_itself() -> None:
    with pytest.raises(SettingError, match="both called 'ranker-1'"):
        Students(before="ranker-1", after="ranker-1")


def test_a_frozen_set_that_was_trained_on_whole_is_not_taken_for_measured() -> None:
    frozen = sample(200, name="frozen", before=1.0, after=0.3)
    trained = TrainedPairs(name="list", digests=frozenset(digest_pairs(frozen.query, frozen.doc)))

    made = compare(frozen, sample(200, name="fresh", seed=2, before=1.0, after=0.3), trained_on=trained)

    assert made.outcome == "better"
    assert "the frozen pairs could not be compared: 0 pairs" in made.sentence
    assert not record_of(made).is_measured
