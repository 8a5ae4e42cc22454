import numpy as np
import pytest

from drift_core.charts import map as map_module
from drift_core.charts.map import MapView, describe_map, map_chart
from drift_core.charts.theme import DRIFTED_COLOUR, DRIFTED_SHAPE, SAMPLE_COLOURS
from drift_core.regions.projection import MapLayout


def view(n=60, **changes):
    rng = np.random.default_rng(0)
    group = np.arange(n) % 3
    points = (rng.normal(size=(n, 2)) / 10 + np.array([[0, 0], [5, 0], [0, 5]])[group]).astype(np.float32)
    layout = MapLayout(
        heldout=points[: n // 2].copy(), production=points, method="umap", n_fitted=n, n_placed=0, reason="", seed=0
    )
    values = {
        "layout": layout,
        "texts": np.array([f"query {i}" for i in range(n)], dtype=object),
        "group": group,
        "group_names": ("delivery", "pets", "login"),
        "drifted": group == 1,
        "disagreement": rng.random(n),
    }
    return MapView(**(values | changes))


def test_drifted_pairs_stand_out_by_colour_and_by_shape():
    rest, drifted = map_chart(view()).data
    assert (rest.marker.color, rest.marker.symbol) == (SAMPLE_COLOURS["production"], "circle")
    assert (drifted.marker.color, drifted.marker.symbol) == (DRIFTED_COLOUR, DRIFTED_SHAPE)
    assert len(rest.x) + len(drifted.x) == 60


@pytest.mark.parametrize("colouring", ["group", "disagreement", "drift"])
def test_every_colouring_draws_every_pair_and_keeps_the_shape_of_drifted_ones(colouring):
    figure = map_chart(view(colouring=colouring))
    drawn = {trace.marker.symbol: 0 for trace in figure.data}
    for trace in figure.data:
        drawn[trace.marker.symbol] += len(trace.x)
    assert drawn == {"circle": 40, DRIFTED_SHAPE: 20}


def test_held_out_is_laid_under_on_request_and_when_samples_are_told_apart():
    assert map_chart(view(with_heldout=True)).data[0].name == "held-out"
    assert [trace.name for trace in map_chart(view(colouring="sample")).data] == ["held-out", "production"]


def test_what_held_out_knows_is_the_ground_of_the_map():
    ground, *points = map_chart(view(n=120)).data

    highest = np.unravel_index(np.argmax(ground.z), ground.z.shape)
    place = ground.x[highest[1]], ground.y[highest[0]]
    assert ground.type == "contour"
    assert min(np.hypot(place[0] - x, place[1] - y) for x, y in ((0, 0), (5, 0), (0, 5))) < 0.5
    assert [trace.name for trace in points] == ["production", "production, drifted"]


def test_what_is_not_chosen_turns_pale():
    chosen = np.arange(60) < 6
    rest, drifted = map_chart(view(chosen=chosen)).data
    opacities = np.concatenate([rest.marker.opacity, drifted.marker.opacity])
    assert np.count_nonzero(opacities > 0.5) == 6


def test_texts_of_a_user_cannot_become_markup():
    figure = map_chart(view(texts=np.array(["<a href='x'>" + "y" * 300] * 60, dtype=object)))
    assert all("<a" not in text and len(text) < 200 for trace in figure.data for text in trace.text)


def test_above_the_limit_a_seeded_sample_is_drawn_and_the_map_says_so(monkeypatch):
    monkeypatch.setattr(map_module, "MAX_DRAWN", 30)
    first, second = map_chart(view()), map_chart(view())
    assert sum(len(trace.x) for trace in first.data) == 30
    assert "30 of 60 pairs drawn (seed 0)" in " ".join(note.text for note in first.layout.annotations)
    assert first.to_json() == second.to_json()


def test_the_text_alternative_says_where_the_drifted_pairs_lie():
    assert "20 lie in drifted regions, mostly apart from the rest" in describe_map(view())
    assert "none lies in a drifted region" in describe_map(view(drifted=np.zeros(60, dtype=bool)))
    assert map_chart(view()).layout.meta["description"] == describe_map(view())


def test_names_that_would_cover_each_other_are_left_out():
    crowded = view(group=np.arange(60) // 10, group_names=tuple("abcdef"), drifted=np.zeros(60, dtype=bool))
    assert len(map_chart(crowded).layout.annotations) < 6
    assert len(map_chart(view()).layout.annotations) == 3
