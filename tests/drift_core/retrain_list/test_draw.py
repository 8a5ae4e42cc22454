import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core.errors import SettingError
from drift_core.retrain_list.draw import EVEN_PART, inclusion_probabilities, mixed_sizes, systematic
from drift_core.retrain_list.informative import worth_of_pairs
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, sampling_frame
from tests.drift_core.options.stand_ins import diagnosis

INFORMATIVE = {"n": 150, "floor": 20, "spend": "informative"}


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60), st.data())
def test_probabilities_add_up_to_the_number_drawn_and_rise_with_size(sizes, data):
    n = data.draw(st.integers(0, len(sizes)))
    sizes = np.array(sizes)

    probability = inclusion_probabilities(sizes, n)

    assert probability.sum() == pytest.approx(n)
    assert ((probability >= 0) & (probability <= 1)).all()
    assert (np.diff(probability[np.argsort(sizes, kind="stable")]) >= -1e-12).all()


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=60), st.floats(0, 1, exclude_max=True), st.data())
def test_a_systematic_sample_has_the_number_asked_for(sizes, start, data):
    n = data.draw(st.integers(0, len(sizes)))
    probability = inclusion_probabilities(np.array(sizes), n)

    marked = systematic(probability, start=start)

    assert marked.sum() == n
    assert marked[probability == 1].all()


@pytest.mark.parametrize("start", [0.0, 1e-17, np.nextafter(1.0, 0.0)])
@pytest.mark.parametrize("n", [1, 3, 3_000])
def test_rounding_at_the_ends_of_the_starts_takes_no_pair_away(start, n):
    probability = inclusion_probabilities(np.ones(4 * n // 3 + 1), n)

    assert systematic(probability, start=start).sum() == n


def test_over_all_starts_each_pair_is_drawn_as_often_as_its_probability_says():
    probability = inclusion_probabilities(np.array([5.0, 1.0, 2.0, 0.5, 3.0, 0.1]), 3)
    starts = (np.arange(10_000) + 0.5) / 10_000

    share = np.mean([systematic(probability, start=start) for start in starts], axis=0)

    assert share == pytest.approx(probability, abs=1e-4)  # a grid of starts is off by at most its step


def test_half_of_a_draw_stays_even():
    sizes = mixed_sizes([np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(4)])

    assert sizes.sum() == pytest.approx(1)
    assert sizes.min() >= EVEN_PART / 4


def test_an_informative_list_keeps_quotas_floors_and_pairs_chosen_by_hand():
    case = diagnosis()
    frame = sampling_frame(case, chosen=np.arange(700) < 30)

    informative = draw_manifest(case, settings=ListSettings(**INFORMATIVE), frame=frame)
    even = draw_manifest(case, settings=ListSettings(n=150, floor=20), frame=frame)

    assert informative.quotas == even.quotas
    assert informative.pairs["region"].value_counts().to_dict() == even.pairs["region"].value_counts().to_dict()
    assert set(range(30)) <= set(informative.pairs["row"])
    assert (informative.pairs.loc[informative.pairs["row"] < 30, "probability"] == 1).all()


@pytest.mark.parametrize("spend", ["evenly", "informative"])
def test_pairs_chosen_by_hand_come_before_floors_that_are_cut(spend):
    case = diagnosis()
    frame = sampling_frame(case, chosen=np.arange(700) < 120)

    drawn = draw_manifest(case, settings=ListSettings(n=150, floor=50, spend=spend), frame=frame)

    assert set(range(120)) <= set(drawn.pairs["row"])
    assert len(drawn) == sum(quota.n_drawn for quota in drawn.quotas) == 150
    assert all(stratum.n_drawn for quota in drawn.quotas for stratum in quota.strata)


def test_each_stratum_gives_a_pair_where_the_list_has_room():
    case = diagnosis(sizes=(600, 80, 20))
    frame = sampling_frame(case, chosen=np.isin(np.arange(700), [5, 610, 690]))

    drawn = draw_manifest(case, settings=ListSettings(n=6, floor=20), frame=frame)

    assert [stratum.n_drawn for quota in drawn.quotas for stratum in quota.strata] == [1] * 6
    assert (1 / drawn.pairs["probability"]).sum() == pytest.approx(700)


def test_no_weight_is_above_twice_that_of_an_even_draw():
    case = diagnosis()

    informative = draw_manifest(case, settings=ListSettings(**INFORMATIVE)).pairs
    even = draw_manifest(case, settings=ListSettings(n=150, floor=20)).pairs

    least = even.groupby(["region", "drifted"])["probability"].first() * EVEN_PART
    found = informative.groupby(["region", "drifted"])["probability"].min()
    assert (found >= least - 1e-12).all()


def test_chosen_pairs_disagree_more():
    case = diagnosis()
    disagreement = worth_of_pairs(case)["disagreement"]

    means = {
        spend: np.mean(
            [
                disagreement[
                    draw_manifest(case, settings=ListSettings(n=150, floor=20, spend=spend, seed=s)).pairs["row"]
                ]
                for s in range(10)
            ]
        )
        for spend in ("evenly", "informative")
    }

    assert means["informative"] > 1.03 * means["evenly"]


def test_weighted_sums_are_unbiased_over_seeds():
    case = diagnosis(sizes=(120, 60, 20))
    frame, values = sampling_frame(case), case.production.teacher + worth_of_pairs(case)["disagreement"]

    sums = []
    for seed in range(200):
        settings = ListSettings(n=60, floor=10, spend="informative", seed=seed)
        pairs = draw_manifest(case, settings=settings, frame=frame).pairs
        sums.append((values[pairs["row"]] / pairs["probability"]).sum())

    # The mean of 200 draws has a standard error of their deviation over the root of 200; chance passes four of it
    # once in 16,000
    assert abs(np.mean(sums) - values.sum()) < 4 * np.std(sums, ddof=1) / np.sqrt(200)


def test_the_informative_draw_does_not_depend_on_the_order_of_the_rows():
    from dataclasses import replace

    case = diagnosis()
    order = np.random.default_rng(3).permutation(700)
    names = ("query", "doc", "teacher", "student", "pair_id")
    production = replace(case.production, **{name: getattr(case.production, name)[order] for name in names})
    other = diagnosis(region=case.regions.partitions[0].production[order], production=production)

    first, second = (draw_manifest(each, settings=ListSettings(**INFORMATIVE)).pairs for each in (case, other))

    assert first["pair_id"].tolist() == second["pair_id"].tolist()
    assert first["probability"].tolist() == second["probability"].tolist()


def test_another_way_to_spend_is_refused():
    with pytest.raises(SettingError, match="spent evenly or informative; found 'fast'"):
        ListSettings(spend="fast")
