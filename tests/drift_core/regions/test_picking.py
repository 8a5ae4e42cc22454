import numpy as np
import pytest

from drift_core.errors import SettingError
from drift_core.regions.picking import Pick, box_by_share, find_picked, nearest_pair, outlines_of
from drift_core.regions.projection import MapLayout
from drift_core.samples.pairs import ScoredPairs

LAYOUT = MapLayout(
    heldout=np.array([[0, 0], [10, 10]], dtype=np.float32),
    production=np.array([[0, 10], [5, 5], [10, 0]], dtype=np.float32),
    method="umap",
    n_fitted=5,
    n_placed=0,
    reason="",
    seed=0,
)


def sample(queries, docs=None):
    n = len(queries)
    return ScoredPairs(
        name="s",
        query=np.array(queries, dtype=object),
        doc=None if docs is None else np.array(docs, dtype=object),
        teacher=np.arange(n, dtype=float),
        student=np.arange(n, dtype=float),
    )


HELDOUT, PRODUCTION = sample(["a", "b"]), sample(["My cat", "my dog", "tax"], ["vet bills", "VET visits", "forms"])


def test_a_lasso_picks_the_pairs_of_both_samples_that_lie_inside():
    selection = {"lasso": [{"x": [-1, 6, 6, -1], "y": [-1, -1, 6, 6]}], "points": [{"x": 99, "y": 99}]}
    picked = find_picked(Pick(outlines=outlines_of(selection)), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.heldout.tolist() == [True, False]
    assert picked.production.tolist() == [False, True, False]


def test_a_box_and_a_lasso_add_up():
    selection = {
        "lasso": [{"x": [-1, 1, 1, -1], "y": [9, 9, 11, 11]}],
        "box": [{"x": [11, 9], "y": [1, -1]}],
    }
    picked = find_picked(Pick(outlines=outlines_of(selection)), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.production.tolist() == [True, False, True]


def test_a_box_over_the_whole_map_picks_every_pair():
    outline = box_by_share(LAYOUT, x=(0, 1), y=(0, 1))
    picked = find_picked(Pick(outlines=(outline,)), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.heldout.all()
    assert picked.production.all()


def test_half_the_width_picks_the_left_half():
    outline = box_by_share(LAYOUT, x=(0, 0.4), y=(0, 1))
    picked = find_picked(Pick(outlines=(outline,)), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.production.tolist() == [True, False, False]


def test_a_side_outside_the_map_is_refused():
    with pytest.raises(SettingError, match=r"fractions in \[0, 1\]"):
        box_by_share(LAYOUT, x=(0, 1.2), y=(0, 1))


def test_words_are_found_in_query_and_doc_in_either_case():
    picked = find_picked(Pick(words="vet MY"), LAYOUT, HELDOUT, PRODUCTION)
    assert picked.production.tolist() == [True, True, False]
    assert not picked.heldout.any()


def test_a_click_finds_the_nearest_pair():
    assert nearest_pair(LAYOUT, 9.0, 1.0) == 2
