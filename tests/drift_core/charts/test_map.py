from base64 import b64decode

import numpy as np
import pytest

from drift_core.charts import map as map_module
from drift_core.charts.map import GROUND_CELLS, MapView, describe_map, map_drawing, map_ground
from drift_core.charts.map_labels import anchor, place_names
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


def unpacked(drawing, name, dtype="u1"):
    return np.frombuffer(b64decode(drawing[name]), dtype=dtype)


def drawn_by_look(drawing):
    counts = np.bincount(unpacked(drawing, "look"), minlength=len(drawing["looks"]))
    return {look["name"]: (look["colour"], look["shape"], n) for look, n in zip(drawing["looks"], counts, strict=True)}


def test_drifted_pairs_stand_out_by_colour_and_by_shape():
    drawn = drawn_by_look(map_drawing(view()))
    assert drawn["production"] == (SAMPLE_COLOURS["production"], "circle", 40)
    assert drawn["production, drifted"] == (DRIFTED_COLOUR, DRIFTED_SHAPE, 20)


@pytest.mark.parametrize("colouring", ["group", "disagreement", "drift"])
def test_every_colouring_draws_every_pair_and_keeps_the_shape_of_drifted_ones(colouring):
    by_shape = {"circle": 0, DRIFTED_SHAPE: 0}
    for _, shape, n in drawn_by_look(map_drawing(view(colouring=colouring))).values():
        by_shape[shape] += n
    assert by_shape == {"circle": 40, DRIFTED_SHAPE: 20}


def test_the_name_of_a_region_drawn_by_hand_stands_on_the_map_whatever_it_is_cut_by():
    drawing = map_drawing(view(named=(("own", np.arange(60) % 3 == 2),), is_named=False))
    (label,) = drawing["labels"]
    assert (label["text"], label["is_drifted"]) == ("own", False)
    assert label["place"] == pytest.approx([0, 5], abs=0.3)

    labels = map_drawing(view(named=(("own", np.arange(60) % 3 == 2),)))["labels"]
    assert [each["text"] for each in labels] == ["own", "pets", "delivery", "login"]


def test_the_colour_of_disagreement_has_steps_that_the_legend_names():
    apart = np.repeat([0.0, -0.15, 0.9], 20)
    drawing = map_drawing(view(colouring="disagreement", disagreement=apart, drifted=np.zeros(60, dtype=bool)))
    names = ["held-out, where it is dense", "lower by 10% to 30%", "within 10%", "higher by 30% or more"]
    assert [look["name"] for look in drawing["looks"]] == names


def test_places_are_kept_within_a_hundredth_of_a_percent_of_the_map():
    drawing, layout = map_ground(view()), view().layout
    low, high = np.array(drawing["low"]), np.array(drawing["high"])
    places = low + unpacked(drawing, "points", "<u2").reshape(-1, 2) / 65_535 * (high - low)
    assert np.abs(places - layout.production).max() < 1e-4 * (high - low).max()


def test_each_pair_says_how_far_apart_its_ranks_are_where_scores_rank():
    apart = np.repeat([0.0, -0.154, 1.0], 20)
    assert unpacked(map_drawing(view(disagreement=apart)), "apart", "i1").tolist() == [0] * 20 + [-15] * 20 + [100] * 20
    assert map_drawing(view(is_ranked=False))["apart"] is None


def test_held_out_is_drawn_as_points_on_request_and_when_samples_are_told_apart():
    for each in (view(with_heldout=True), view(colouring="sample")):
        assert map_ground(each)["n_heldout"] == 30
        assert drawn_by_look(map_drawing(each))["held-out"][2] == 30
        assert len(map_ground(each)["texts"]) == 60


def test_what_held_out_knows_is_the_ground_of_the_map():
    drawing = map_ground(view(n=120))
    ground = unpacked(drawing, "ground").reshape(GROUND_CELLS, GROUND_CELLS)
    row, column = np.unravel_index(np.argmax(ground), ground.shape)
    low, high = np.array(drawing["low"]), np.array(drawing["high"])
    place = low + (np.array([column, row]) + 0.5) / GROUND_CELLS * (high - low)
    assert min(np.hypot(*(place - middle)) for middle in ((0, 0), (5, 0), (0, 5))) < 0.5
    assert map_ground(view(n=60))["ground"] is None


def test_what_is_chosen_is_brought_forward_in_its_outline():
    chosen, outline = np.arange(60) < 6, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    drawing = map_drawing(view(chosen=chosen, outline=outline))
    assert np.unpackbits(unpacked(drawing, "chosen"), bitorder="little")[:60].tolist() == chosen.tolist()
    assert drawing["outline"] == outline
    assert map_drawing(view())["chosen"] is None


def test_long_texts_are_shortened():
    drawing = map_ground(view(texts=np.array(["<a href='x'>" + "y" * 9_000] * 60, dtype=object)))
    assert {len(text) for text in drawing["texts"]} == {70}


def test_above_the_limit_a_seeded_sample_is_drawn_and_the_map_says_so(monkeypatch):
    monkeypatch.setattr(map_module, "MAX_DRAWN", 30)
    first, second = map_drawing(view()), map_drawing(view())
    assert (
        len(map_ground(view())["texts"]) == len(unpacked(first, "look")) == len(unpacked(first, "group", "<u2")) == 30
    )
    assert "30 of 60 pairs drawn (seed 0)" in first["note"]
    assert first == second
    assert map_ground(view()) == map_ground(view())


def test_what_is_chosen_and_coloured_changes_nothing_of_what_is_sent_once():
    other = view(colouring="disagreement", chosen=np.arange(60) < 6, outline=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))

    assert map_ground(other) == map_ground(view())
    assert map_ground(view()).keys().isdisjoint(map_drawing(view()))


def test_the_text_alternative_says_where_the_drifted_pairs_lie():
    assert "20 lie in drifted regions, mostly apart from the rest" in describe_map(view())
    assert "none lies in a drifted region" in describe_map(view(drifted=np.zeros(60, dtype=bool)))
    assert map_drawing(view())["description"] == describe_map(view())


def test_a_name_belongs_to_the_largest_island_of_its_region():
    rng = np.random.default_rng(0)
    islands = ((40, (0, 0), 0.8), (25, (10, 0), 0.02), (60, (0, 10), 0.02))  # the first is large, but not dense
    places = np.concatenate([rng.normal(size=(n, 2)) * wide + middle for n, middle, wide in islands])
    layout = MapLayout(
        heldout=places[:5], production=places, method="umap", n_fitted=125, n_placed=0, reason="", seed=0
    )
    group = np.repeat([0, 0, 1], [40, 25, 60])
    first, second = (anchor(layout, group == each) for each in (0, 1))
    assert np.hypot(*first) < 2
    assert np.hypot(*(second - (0, 10))) < 0.1


def test_names_cover_neither_each_other_nor_points_where_there_is_room():
    points = np.array([[100.0, y] for y in range(40, 100, 4)] + [[130.0, y] for y in range(40, 100, 4)])
    anchors = np.array([[100.0, 60.0], [130.0, 60.0]])
    one, other = place_names(anchors, [80, 80], 15, points, (400, 300))
    for each in (one, other):
        away = np.abs(points - each.middle)
        assert not ((away[:, 0] < 40) & (away[:, 1] < 7)).any()
    assert abs(one.middle[0] - other.middle[0]) >= 80 or abs(one.middle[1] - other.middle[1]) >= 15
    assert place_names(anchors[:1], [80], 15, points[:0], (60, 10)) != []


def test_no_look_stands_in_the_legend_that_no_pair_has():
    none = map_drawing(view(drifted=np.zeros(60, dtype=bool)))
    assert [look["name"] for look in none["looks"]][1:] == ["production"]
