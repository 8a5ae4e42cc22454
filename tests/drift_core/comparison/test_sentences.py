import pytest

from drift_core.commands.compare import describe_comparison
from drift_core.comparison.compare import Comparison, compare
from drift_core.comparison.comparison_json import comparison_to_json
from drift_core.comparison.sentences import worse_in_short
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame, sample

MOST_WORDS = 17
NONE_WORSE = "none of 3 slices got worse, topics not compared"


def with_a_silent_student() -> Comparison:
    return compare(read_pairs(frame(60).assign(student_score_before=0.5)))


@pytest.mark.parametrize(
    ("made", "begin", "end"),
    [
        (compare(sample(before=1.0, after=0.3)), "Better: agreement rose by 0.", f"; {NONE_WORSE}."),
        (
            compare(sample(before=1.0, after=0.3), sample(before=1.0, after=0.3, worse=2.5, seed=2)),
            "Worse in region: c; the whole rose by 0.",
            " on frozen pairs.",
        ),
        (compare(sample(before=0.3, after=1.0)), "Worse: agreement fell by 0.", ", and 3 regions got worse."),
        (compare(sample(60)), f"Cannot tell: the change may be chance; {NONE_WORSE}.", ""),
        (
            with_a_silent_student(),
            f"Cannot tell: the pairs could not be compared; {NONE_WORSE}.",
            "",
        ),
        (compare(sample(60), slices=()), "Cannot tell: the change may be chance, and no regions were compared.", ""),
    ],
)
def test_the_headline_is_one_short_sentence(made: Comparison, begin: str, end: str) -> None:
    assert made.headline.startswith(begin)
    assert made.headline.endswith(end)
    assert len(made.headline.split()) <= MOST_WORDS


def test_the_figures_stand_in_lines_of_their_own() -> None:
    made = compare(sample(before=1.0, after=0.3), sample(before=1.0, after=0.3, worse=2.5, seed=2))

    frozen, fresh, regions = made.lines

    assert frozen.startswith("Agreement rose from 0.6")
    assert frozen.endswith("on 600 frozen pairs.")
    assert fresh.endswith("on 600 fresh pairs.") or "which leaves it open" in fresh
    assert regions == "1 region got worse: region: c; topics not compared."


def test_a_region_that_got_worse_in_both_samples_is_counted_once() -> None:
    whole = compare(sample(before=0.3, after=1.0))
    both = compare(sample(before=1.0, after=0.3, worse=2.5), sample(before=1.0, after=0.3, worse=2.5, seed=2))
    none = compare(sample(before=1.0, after=0.3))

    assert len(both.worse) == 2
    assert [worse_in_short(made.outcome, made.parts) for made in (whole, both, none)] == ["worse", "1 region worse", ""]


def test_a_sample_of_few_queries_is_said_to_be_too_small_to_be_sure() -> None:
    few, many = compare(sample(40)), compare(sample(80))

    assert few.cautions == (
        "The frozen pairs have 20 queries, under 30: where a few of them carry the change, its interval is too short "
        "to be sure.",
    )
    assert comparison_to_json(few)["cautions"] == list(few.cautions)
    assert f"Note: {few.cautions[0]}" in describe_comparison(few)
    assert many.cautions == ()


def test_a_long_name_is_left_to_the_lines() -> None:
    pairs = frame(before=1.0, after=0.3, worse=2.5)
    made = compare(read_pairs(pairs.assign(region=pairs["region"].replace("c", "a name of many letters, c"))))

    assert made.headline.startswith("Worse in 1 region; the whole ")
    assert "region: a name of many letters, c" in made.lines[-1]
