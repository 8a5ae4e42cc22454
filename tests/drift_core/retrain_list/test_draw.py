from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from drift_core.retrain_list.draw import size_of, usual_floor
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, plan_quotas, sampling_frame
from drift_core.retrain_list.quotas import ABOVE_THE_LIST
from drift_core.retrain_list.settings import USUAL_FLOOR
from tests.drift_core.options.stand_ins import diagnosis


@cache
def framed(sizes, n_chosen=0):
    """A diagnosis of regions of these sizes, and its sampling frame; no test may change them."""
    case = diagnosis(sizes=sizes)
    return case, sampling_frame(case, chosen=np.arange(sum(sizes)) < n_chosen)


def test_pairs_chosen_by_hand_come_before_floors_that_are_cut():
    case = diagnosis()
    frame = sampling_frame(case, chosen=np.arange(700) < 120)

    drawn = draw_manifest(case, settings=ListSettings(n=150, floor=50), frame=frame)

    assert set(range(120)) <= set(drawn.pairs["row"])
    assert len(drawn) == sum(quota.n_drawn for quota in drawn.quotas) == 150
    assert all(stratum.n_drawn for quota in drawn.quotas for stratum in quota.strata)


@pytest.mark.parametrize("n", [1, 7, 30, 101, 250, 480, 699])
@pytest.mark.parametrize("floor", [0, 20, 200])
@pytest.mark.parametrize("weight", [0.5, 2.0, 5.0])
@pytest.mark.parametrize("sizes", [(400, 210, 90), (100, 500, 100), (20, 660, 20)])
def test_a_drifted_region_is_not_under_its_share_of_the_traffic_whatever_the_floors(n, floor, weight, sizes):
    case, frame = framed(sizes)

    quotas = draw_manifest(case, settings=ListSettings(n=n, floor=floor, drifted_weight=weight), frame=frame).quotas

    [drifted] = [quota for quota in quotas if quota.drifted]
    assert sum(quota.n_drawn for quota in quotas) == n
    assert drifted.list_share >= drifted.traffic_share


@pytest.mark.parametrize("sizes", [(400, 210, 90), (660, 300, 140), (2000, 1500, 500)])
def test_the_usual_size_gives_a_drifted_region_well_over_its_share_and_is_recorded(sizes):
    made = draw_manifest(diagnosis(sizes=sizes))

    [drifted] = [quota for quota in made.quotas if quota.drifted]
    assert drifted.list_share > 1.3 * drifted.traffic_share
    assert made.settings.n == len(made) == max(500, sum(sizes) // 2)


@pytest.mark.parametrize("n", [1, 7, 101, 480, 1000])
@pytest.mark.parametrize("n_chosen", [0, 120])
@pytest.mark.parametrize("sizes", [(400, 210, 90), (100, 500, 100), (20, 660, 20), (800, 900, 700)])
def test_the_usual_floor_is_held_in_every_region_that_has_so_many(n, n_chosen, sizes):
    _, frame = framed(sizes, n_chosen)

    floor = usual_floor(frame, n)

    quotas = plan_quotas(frame, ListSettings(n=n, floor=floor))
    assert ABOVE_THE_LIST not in [quota.floor_cut for quota in quotas]
    assert floor > 0 or n < 200


def test_the_usual_floor_of_a_long_list_is_the_whole_one():
    frame = sampling_frame(diagnosis(sizes=(2000, 2000, 400)))

    assert usual_floor(frame, 4000) == USUAL_FLOOR


@pytest.mark.parametrize("n", [100, 699])
def test_a_list_without_a_floor_of_its_own_gets_the_usual_one_and_records_it(n):
    case = diagnosis()
    usual = usual_floor(sampling_frame(case), n)

    drawn = draw_manifest(case, settings=ListSettings(n=n))

    assert drawn.settings.floor == usual
    assert {quota.floor_asked for quota in drawn.quotas} == {usual}
    assert drawn.quotas == draw_manifest(case, settings=ListSettings(n=n, floor=usual)).quotas


def test_pairs_chosen_by_hand_come_before_a_drifted_regions_share():
    case = diagnosis(sizes=(600, 400))
    frame = sampling_frame(case, chosen=np.arange(1000) < 100)

    drawn = draw_manifest(case, settings=ListSettings(n=120, floor=20), frame=frame)

    assert set(range(100)) <= set(drawn.pairs["row"])
    assert len(drawn) == 120


def test_many_drifted_regions_share_a_small_list_by_their_traffic():
    case = diagnosis(sizes=(800, 100, 100))
    case.drifted[:] = True

    quotas = draw_manifest(case, settings=ListSettings(n=101, floor=200)).quotas

    assert all(abs(quota.n_drawn - 101 * quota.traffic_share) < 1 for quota in quotas)


def test_a_region_of_pairs_chosen_by_hand_has_not_drifted_for_that():
    case = diagnosis(sizes=(600, 80, 20))
    frame = sampling_frame(case, chosen=np.arange(700) < 400)

    quotas = draw_manifest(case, settings=ListSettings(n=450, floor=5), frame=frame).quotas

    assert [quota.region for quota in quotas if quota.drifted] == ["pets"]


def test_each_stratum_gives_a_pair_where_the_list_has_room():
    case = diagnosis(sizes=(600, 80, 20))
    frame = sampling_frame(case, chosen=np.isin(np.arange(700), [5, 610, 690]))

    drawn = draw_manifest(case, settings=ListSettings(n=6, floor=20), frame=frame)

    assert [stratum.n_drawn for quota in drawn.quotas for stratum in quota.strata] == [1] * 6
    assert (1 / drawn.pairs["probability"]).sum() == pytest.approx(700)


def test_weighted_sums_are_unbiased_over_seeds():
    case = diagnosis(sizes=(120, 60, 20))
    frame, values = sampling_frame(case), case.production.teacher

    sums = []
    for seed in range(200):
        settings = ListSettings(n=60, floor=10, seed=seed)
        pairs = draw_manifest(case, settings=settings, frame=frame).pairs
        sums.append((values[pairs["row"]] / pairs["probability"]).sum())

    # The mean of 200 draws has a standard error of their deviation over the root of 200; chance passes four of it
    # once in 16,000
    assert abs(np.mean(sums) - values.sum()) < 4 * np.std(sums, ddof=1) / np.sqrt(200)


def test_the_draw_does_not_depend_on_the_order_of_the_rows():
    from dataclasses import replace

    case = diagnosis()
    order = np.random.default_rng(3).permutation(700)
    names = ("query", "doc", "teacher", "student", "pair_id")
    production = replace(case.production, **{name: getattr(case.production, name)[order] for name in names})
    other = diagnosis(region=case.regions.partitions[0].production[order], production=production)

    first, second = (draw_manifest(each, settings=ListSettings(n=150, floor=20)).pairs for each in (case, other))

    assert first["pair_id"].tolist() == second["pair_id"].tolist()
    assert first["probability"].tolist() == second["probability"].tolist()


def test_the_usual_size_counts_near_duplicates_as_their_price_does_and_is_no_more_than_there_is():
    _, frame = framed((600, 700))
    left_out = replace(frame.left_out, near_heldout=100, near_duplicates=400)
    many, few = (replace(frame, left_out=each) for each in (left_out, replace(left_out, near_duplicates=1_500)))

    assert [size_of(each, ListSettings()) for each in (frame, many, few)] == [650, 900, 1_300]
