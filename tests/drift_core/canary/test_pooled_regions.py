from dataclasses import replace
from datetime import UTC
from statistics import NormalDist

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.decision import Decision
from drift_core.canary.figures import BetweenFigure, CountFigure, ErrorFigure, HeldoutFigure
from drift_core.canary.sequential import yearly_limit
from drift_core.canary.spending import spend_on_births
from drift_core.regions.named_region import DRAWN
from tests.drift_core.canary.runs_by_hand import MONDAY, measured, region, week

VARIANCE = 2.0  # of one pair's error
QUIET = ErrorFigure(level=1.0, variance=VARIANCE / 200, third=0.0, degrees=500)
HELD = HeldoutFigure(
    digest="held", agreement=measured(0.91, n_pairs=1000), z_error=0.03, error=replace(QUIET, variance=VARIANCE / 1000)
)


def error_of(level, n_pairs):
    return ErrorFigure(level=level, variance=VARIANCE / n_pairs, third=8 / n_pairs**2, degrees=500)


def told(name="charging", *, level=1.0, n_pairs=10, **changes):
    """A region of one week with one pair a query; new unless it has held-out pairs."""
    held, usual = changes.pop("n_heldout", 0), changes.pop("usual", 1.0)
    values = {
        "partition": "query clusters",
        "n_pairs": n_pairs,
        "n_queries": n_pairs,
        "share": n_pairs / 200,
        "since": "2026-01-05",
        "error": error_of(level, n_pairs),
        "error_heldout": error_of(usual, held) if held else None,
        "agreement_heldout": 0.91 if held else None,
        "is_new": not held,
    }
    return region(name, **(values | changes))


def judged(*regions_by_week, rule=None, decisions=(), **changes):
    changes = {"rule": Rule().to_json(), **changes}
    runs = [
        week(
            number,
            error=QUIET,
            heldout=HELD,
            regions=tuple(regions),
            between_regions=BetweenFigure(variance=0.0225, degrees=8),
            **changes,
        )
        for number, regions in enumerate(regions_by_week)
    ]
    return assess(runs, decisions, rule=rule)


def statuses(weeks):
    return [each.status for each in weeks]


def test_a_small_new_topic_alarms_when_its_weeks_together_suffice_and_one_is_too_little():
    weeks = judged(*[[told(level=2.3)]] * 3)

    assert statuses(weeks) == ["quiet", "quiet", "alarm"]
    assert weeks[2].signals == ("new_traffic",)
    assert weeks[2].reasons == (
        "The student errs more on charging (new, first seen 2026-01-05, at least 5% of the traffic): 2.3 times what is "
        "usual, over its last 3 weeks with 30 pairs.",
    )


def test_the_evidence_of_windows_is_the_mean_over_their_pairs():
    (*_, last) = judged([told(level=1.0, n_pairs=30)], [told(level=3.0, n_pairs=10)])

    (pooled,) = last.regions
    assert (pooled.n_weeks, pooled.n_pairs) in {(1, 10), (2, 40)}
    assert pooled.level == pytest.approx({1: 3.0, 2: 1.5}[pooled.n_weeks])


def test_a_week_that_lacks_the_region_adds_nothing_and_does_not_end_its_evidence():
    weeks = judged([told(level=2.8)], [], [told(level=2.8)], [told(level=2.8)])

    assert weeks[1].status == "quiet"
    assert weeks[3].status == "alarm"
    assert weeks[3].regions[0].n_pairs == 30


@pytest.mark.parametrize("level", [0.9, 1.1])  # the latter loses 0.01 of agreement
def test_a_week_in_which_the_region_is_as_usual_is_quiet_whatever_the_weeks_before_it_were(level):
    weeks = judged(*[[told(level=4.0, n_pairs=20, n_heldout=400)]] * 3, [told(level=level, n_pairs=20, n_heldout=400)])

    assert statuses(weeks)[2:] == ["alarm", "quiet"]


def test_a_familiar_region_is_held_against_its_own_level_on_held_out():
    harder = judged(*[[told(level=2.2, n_pairs=20, n_heldout=400, usual=2.2)]] * 4)
    worse = judged(*[[told(level=2.2, n_pairs=20, n_heldout=400, usual=1.0)]] * 4)

    assert statuses(harder) == ["quiet"] * 4
    assert worse[3].status == "alarm"
    assert worse[3].signals == ("region",)


def test_few_held_out_pairs_say_less_of_what_is_usual_than_many():
    few, many = (judged([told(level=2.0, n_heldout=n, usual=2.0)])[0].regions[0].usual for n in (20, 2000))

    assert 1.0 < few < 1.4
    assert many == pytest.approx(2.0, abs=0.05)


def limits(week):
    return {each.name: each.threshold for each in week.regions}


BUDGET = Rule().alarm_budget * (1 - Rule().alarm_share)  # of regions
OF_BIRTHS, OF_OTHERS = BUDGET * Rule().alarm_new_share, BUDGET * (1 - Rule().alarm_new_share)


def test_new_regions_in_their_first_weeks_share_what_a_look_may_spend_and_the_others_the_rest():
    names = [told("new"), told("newer"), told("known", n_heldout=100), told("small", n_pairs=3, n_heldout=100)]
    first, second = judged(names, names)
    shares = spend_on_births([True, True])

    for judged_week, share in ((first, shares[0]), (second, shares[1])):
        births = -NormalDist().inv_cdf(OF_BIRTHS * share / 2)
        others = yearly_limit(OF_OTHERS * 4 / 5)
        assert limits(judged_week) == {"new": births, "newer": births, "known": others, "small": others}


def test_a_region_too_small_to_alarm_takes_nothing_from_the_others():
    alone, beside = judged([told("new")])[0], judged([told("new"), told("tiny", n_pairs=2)])[0]

    assert limits(beside)["new"] == limits(alone)["new"]


def test_a_new_region_is_one_of_the_others_after_four_weeks():
    weeks = judged(*[[told("new")]] * 5)

    assert [each.regions[0].n_weeks for each in weeks[:4]] == [1, 2, 3, 4]
    assert limits(weeks[4]) == {"new": yearly_limit(OF_OTHERS * 4 / 5)}


def test_a_region_born_before_the_baseline_is_one_of_the_others():
    (only,) = judged([told("new", since="2025-12-01")])

    assert limits(only) == {"new": yearly_limit(OF_OTHERS * 4 / 5)}


def test_weeks_of_an_earlier_version_keep_their_limits_and_what_they_spent_is_spent():
    earlier = {"alarm_budget": 0.05, "alarm_share": 0.8}
    half = 0.05 * 0.2 / 2
    runs = [each.run for each in judged([told("gone")], *[[told("a"), told("b", n_heldout=100)]] * 52)]
    weeks = assess([replace(run, rule=earlier) for run in runs[:-1]] + [replace(runs[-1])])
    (born,) = judged(*[[]] * 52, [told("c", since="2027-01-04")])[-1:]

    assert limits(weeks[1]) == {"a": yearly_limit(half * 4 / 5 / 2), "b": yearly_limit(half * 4 / 5)}
    assert [each.threshold for each in weeks[-2:]] == [yearly_limit(0.04), yearly_limit(0.05 * Rule().alarm_share)]
    continued = [replace(run, rule=earlier) for run in runs[:-1]] + [replace(born.run, number=53)]
    last = assess([replace(run, number=place) for place, run in enumerate(continued)])[-1]
    assert limits(born)["c"] < limits(last)["c"]
    assert limits(last)["c"] == -NormalDist().inv_cdf(OF_BIRTHS * spend_on_births([True] * 52)[-1])


def test_a_week_that_is_recorded_late_takes_nothing_from_those_before():
    runs = [each.run for each in judged([told("a")], [told("a")], [told("a")])]
    numbered = [replace(run, number=number) for run, number in zip(runs, (1, 3, 2), strict=True)]

    before, after = assess([numbered[0], numbered[2]]), assess(numbered)
    assert limits(after[2]) == limits(before[1])


@pytest.mark.parametrize(("differing", "status"), [(5, "quiet"), (7, "alarm")])
def test_labels_that_differ_are_counted(differing, status):
    count = CountFigure(differing=differing, expected=1.0, variance=0.95)
    (only,) = judged([told(level=differing, n_pairs=20, count=count)], is_ranked=False)

    assert only.status == status


def test_pairs_of_few_queries_say_less_than_their_count():
    alone, shared = (
        judged([told(level=7.0, n_pairs=20, count=CountFigure(differing=7, expected=1.0, variance=spread))])[0]
        for spread in (0.95, 2.0)
    )

    assert shared.regions[0].score < alone.regions[0].score - 0.5


def test_a_region_of_less_than_two_percent_of_the_traffic_never_alarms():
    assert statuses(judged(*[[told(level=20.0, n_pairs=3)]] * 4)) == ["quiet"] * 4


def test_a_region_found_by_its_errors_says_nothing_more_that_week():
    weeks = judged([told(level=9.0, n_pairs=30, error=None)], [told(level=1.0)])

    assert weeks[0].regions == ()
    assert weeks[1].regions[0].n_pairs == 10


def test_a_withdrawn_week_leaves_the_pool():
    runs = [each.run for each in judged(*[[told(level=2.8)]] * 3)]
    withdrawn = Decision(kind="withdraw", at=MONDAY.astimezone(UTC), by="Ada", reason="wrong", run_key=runs[1].key)

    weeks = assess(runs, [withdrawn])

    assert len(weeks) == 2
    assert weeks[-1].regions[0].n_pairs <= 20
    assert weeks[-1].regions[0].n_weeks <= 2


def test_the_same_sample_on_another_day_is_no_further_evidence():
    weeks = judged(*[[told(level=2.8)]] * 4, production_digest="one sample")

    assert statuses(weeks) == ["quiet"] * 4
    assert weeks[-1].regions[0].n_pairs == 10


def test_values_of_a_slice_column_are_pooled_as_well():
    weeks = judged(*[[told("voice", level=2.8, partition="surface")]] * 3)

    assert weeks[-1].status == "alarm"
    assert weeks[-1].regions[0].partition == "surface"


def test_a_reason_names_the_clearest_region_and_the_others_beside_it():
    weeks = judged([told("one", level=9.0, n_pairs=30), told("two", level=6.0, n_pairs=30, n_heldout=400)])

    assert len(weeks[0].reasons) == 1
    assert weeks[0].reasons[0].startswith("The student errs more on one ")
    assert weeks[0].reasons[0].endswith("Beside it 1 more region alarms: two.")
    assert weeks[0].past_reasons[0].startswith("The student erred more on one ")
    assert weeks[0].past_reasons[0].endswith("Beside it 1 more region alarmed: two.")


def test_a_reason_names_three_of_many_others():
    weeks = judged([told(f"r{i}", level=12.0 - i, n_pairs=30, n_heldout=400) for i in range(6)])

    assert weeks[0].reasons[0].endswith("Beside it 5 more regions alarm: r1; r2; r3; and 2 more.")


def test_a_region_that_a_person_named_is_told_before_clearer_ones():
    named = told("balcony solar", level=5.0, n_pairs=60, partition=DRAWN)
    weeks = judged([told("one", level=9.0, n_pairs=30), named, told("two", level=6.0, n_pairs=30)])

    assert weeks[0].reasons[0].startswith("The student errs more on balcony solar (drawn by hand, ")
    assert weeks[0].reasons[0].endswith("Beside it 2 more regions alarm: one; two.")


def test_weeks_of_earlier_versions_have_no_regions_to_pool():
    runs = [week(number, error=QUIET, heldout=HELD) for number in range(3)]

    assert all(each.regions == () for each in assess(runs))


def test_quiet_regions_alarm_within_the_budget_of_a_year():
    rng = np.random.default_rng(5)
    n_years, n_regions, fired = 30, 8, 0
    for _ in range(n_years):
        usual = np.exp(rng.normal(0, 0.15, n_regions))
        known = [rng.gamma(100, each / 100) for each in usual]  # held-out's levels by 200 pairs each
        weeks = []
        for _week in range(52):
            sizes = 4 + rng.poisson(14, n_regions)
            levels = [rng.gamma(n / 2, 2 * each / n) for n, each in zip(sizes, usual, strict=True)]
            weeks.append(
                [
                    told(f"r{i}", level=level, n_pairs=int(n), n_heldout=200 if i else 0, usual=known[i])
                    for i, (level, n) in enumerate(zip(levels, sizes, strict=True))
                ]
            )
        fired += any(each.status == "alarm" for each in judged(*weeks))

    # The budget of regions is 1.5 % a year: of 30 years more than 3 alarm once in 1,000 runs.
    assert fired <= 3
