import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core.errors import SettingError
from drift_core.retrain_list.quotas import Quota, allocate, cut_floors_sentence, why_cut
from drift_core.retrain_list.settings import ListSettings

STRATA = st.lists(st.tuples(st.integers(0, 500), st.floats(0, 1e4), st.integers(0, 80)), min_size=1, max_size=12)


def test_floors_come_first_and_the_rest_follows_mass():
    shared = allocate(100, available=[500, 500, 10], mass=[3, 1, 1], floor=[20, 20, 20])

    assert shared.floor.tolist() == [20, 20, 10]
    assert shared.total.tolist() == [58, 32, 10]


def test_floors_above_the_list_are_cut_to_one_level_that_spares_small_strata():
    shared = allocate(60, available=[500, 500, 10], mass=[3, 1, 1], floor=[200, 200, 200])

    assert shared.total.tolist() == [25, 25, 10]


def test_what_a_full_stratum_cannot_take_goes_to_the_others():
    shared = allocate(90, available=[1000, 30, 1000], mass=[1, 100, 2], floor=[0, 0, 0])

    assert shared.total.tolist() == [20, 30, 40]


@given(strata=STRATA, n=st.integers(1, 3000))
def test_an_allocation_adds_up_and_stays_within_what_there_is(strata, n):
    available, mass, floor = (np.array(column) for column in zip(*strata, strict=True))

    shared = allocate(n, available=available, mass=mass, floor=floor)

    assert shared.total.sum() == min(n, available.sum())
    assert np.all((shared.total >= shared.floor) & (shared.total <= available) & (shared.floor >= 0))
    if np.minimum(floor, available).sum() <= n:
        assert np.all(shared.floor == np.minimum(floor, available))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": 0}, "n must be a whole number from 1 up; found 0"),
        ({"n": 2.5}, "n must be a whole number from 1 up; found 2.5"),
        ({"floor": -1}, "floor must be a whole number from 0 up"),
        ({"seed": True}, "seed must be a whole number from 0 up"),
        ({"drifted_weight": float("nan")}, r"drifted_weight must be a number in \(0, inf\)"),
        ({"drifted_weight": 0}, r"drifted_weight must be a number in \(0, inf\)"),
    ],
)
def test_a_setting_out_of_range_is_refused(wrong, message):
    with pytest.raises(SettingError, match=message):
        ListSettings(**wrong)


def test_a_floor_that_was_cut_says_why():
    assert why_cut(20, 20, n_available=500) == ""
    assert why_cut(12, 20, n_available=12) == "The region has 12 pairs to draw from."
    assert why_cut(0, 20, n_available=0) == "No pair is left to draw from."
    assert why_cut(15, 20, n_available=500) == "All floors together are more than the list holds."


def test_cut_floors_are_told_in_one_sentence_a_reason():
    sizes = {"returns": (15, 500), "sizes": (14, 500), "taxes": (9, 9), "pets": (20, 90)}
    quotas = [
        Quota(
            region=name,
            drifted=False,
            n_production=n,
            n_available=n,
            n_drawn=floor,
            floor=floor,
            traffic_share=0.25,
            list_share=0.25,
            floor_asked=20,
            floor_cut=why_cut(floor, 20, n_available=n),
        )
        for name, (floor, n) in sizes.items()
    ]

    assert cut_floors_sentence(quotas) == (
        "All floors together are more than the list holds. They are 14 or 15 in place of the 20 asked for. Smaller "
        "than the floor, so given whole: taxes (9)."
    )
    assert cut_floors_sentence(quotas[3:]) == ""


def test_floors_that_leave_drifted_regions_no_more_than_others_are_told():
    def quotas(n_drawn):
        return [
            Quota(
                region=name,
                drifted=drifted,
                n_production=300,
                n_available=300,
                n_drawn=n_drawn,
                floor=50,
                traffic_share=0.5,
                list_share=0.5,
                floor_asked=50,
            )
            for name, drifted in (("robots", True), ("returns", False))
        ]

    assert cut_floors_sentence(quotas(50)) == (
        "Floors take 100 of the 100 pairs, so drifted regions hardly weigh more than others: choose a lower floor or a "
        "longer list."
    )
    assert cut_floors_sentence(quotas(60)) == ""
    assert cut_floors_sentence(quotas(50)[1:]) == ""
