import numpy as np

from drift_core.regions.cut_out import cut_out
from drift_core.regions.novelty import find_new_parts
from drift_core.regions.topics import is_clear
from tests.drift_core.regions.test_novelty import clouds

NONE = np.zeros(0, dtype=np.int64)


def test_a_set_that_is_cut_out_leaves_the_rest_of_a_part() -> None:
    parts = find_new_parts(clouds(n_new=120))
    clear = np.flatnonzero(is_clear(parts))
    half = np.arange(720) >= 660  # of the new topic

    made = cut_out(parts, [half], kept=clear, is_cut=[True])

    assert np.flatnonzero(made.parts.part == 0).tolist() == list(range(600, 660))
    assert np.flatnonzero(made.parts.part == 1).tolist() == list(range(660, 720))
    assert made.set_of_part == (-1, 0)


def test_a_set_that_nearly_fills_a_part_is_that_part() -> None:
    parts = find_new_parts(clouds(n_new=120))
    most = (np.arange(720) >= 610) & (np.arange(720) < 720)

    made = cut_out(parts, [most], kept=np.flatnonzero(is_clear(parts)), is_cut=[True])

    assert np.flatnonzero(made.parts.part == 0).tolist() == list(range(600, 720))
    assert made.set_of_part == (0,)


def test_a_set_that_fills_a_cluster_is_that_cluster_and_no_part() -> None:
    parts = find_new_parts(clouds(n_new=0))
    edge = (parts.cluster == 0) & (np.arange(600) % 10 > 0)

    made = cut_out(parts, [edge], kept=NONE, is_cut=[True])

    assert (made.parts.part == -1).all()
    assert made.set_of_cluster == (0, *(-1,) * (parts.n_clusters - 1))


def test_a_set_in_doubt_is_cut_out_of_nothing() -> None:
    parts = find_new_parts(clouds(n_new=0))

    made = cut_out(parts, [np.arange(600) < 20], kept=NONE, is_cut=[False])

    assert (made.parts.part == -1).all()
    assert set(made.set_of_cluster) == {-1}


def test_parts_that_are_not_kept_go_back_to_their_clusters() -> None:
    parts = find_new_parts(clouds(n_new=40))

    made = cut_out(parts, [], kept=NONE, is_cut=[])

    assert (made.parts.part == -1).all()
    assert (made.parts.gains, made.set_of_part) == ((), ())
