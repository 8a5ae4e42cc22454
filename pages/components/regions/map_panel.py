"""The regions page's two pictures, tied together: what is chosen in either, in the list or by words filters all."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from drift_core.charts.map import Colouring, MapView, map_drawing, map_ground
from drift_core.charts.regions import MAX_ROWS, regions_chart
from drift_core.diagnosis.region import Region
from drift_core.errors import InputError
from drift_core.regions.picking import Outline, Picked, nearest_pair, read_outline, read_place
from drift_core.regions.projection import ENGINES, MapLayout
from drift_core.report.first_seen import first_seen
from pages.components.frame import file_names, results
from pages.components.regions import map_canvas
from pages.components.regions.scene import Scene, choose, map_of, measured_within, pick_also
from pages.components.session import cached, hand_picked, session
from pages.components.session.investigation import Investigation

COLOURINGS: dict[str, Colouring] = {
    "drifted regions": "drift",
    "region": "group",
    "disagreement": "disagreement",
    "sample": "sample",
}
SLICE = "slice: "


def partition_choice(scene: Scene) -> None:
    """By what the traffic is cut, and into how many clusters; a region of another cut is let go."""
    names = [each.name for each in scene.made.regions.all_partitions]
    by = session.field("partition", options=names, default=scene.partition.name)
    by["on_change"] = _cut_otherwise
    drifted = Counter(each.partition for each in scene.made.regions.drifted)
    shown = {name: f"{name} · ◆ {drifted[name]} drifted" if drifted[name] else name for name in names}
    st.selectbox("Cut the traffic by", names, format_func=shown.__getitem__, **by)


def cluster_count() -> None:
    """Into how many query clusters."""
    number = session.field("n_clusters")
    number["on_change"] = _cut_otherwise
    help_text = (
        "How many query clusters; 0 lets the data choose. New parts, which production has and held-out lacks, are cut "
        "out in addition, so that there can be more regions than this number."
    )
    st.number_input("Clusters (0: from the data)", **session.bounds("n_clusters"), help=help_text, **number)


def region_list(scene: Scene) -> None:
    """The regions as a list to choose from, which needs no mouse."""
    names = {"": "all regions"} | {str(each.index): _listed(each) for each in scene.regions}
    tied = session.field("region", options=list(names), default="")
    tied["on_change"] = _listed_choice
    st.selectbox("Region", list(names), format_func=names.__getitem__, **tied)


def draw_regions(inv: Investigation, scene: Scene) -> None:
    """The dumbbells, of what is picked where something is; a click chooses the region."""
    label = scene.region.index if scene.region else None
    key = f"regions_chart_{scene.partition.name}_{label}"
    seen = _first_seen(scene)
    is_anew = scene.has_picked_pairs or scene.is_todays
    regions = measured_within(inv, scene) if is_anew else scene.regions
    whole = "the choice" if scene.has_picked_pairs else "traffic"
    drawn = cached.drawn(regions_chart, regions, chosen=label, first_seen=seen, whole=whole)
    results.chart(drawn, key=key, on_select=lambda: _clicked_region(key), selection_mode="region")
    if scene.has_picked_pairs:
        st.caption("Agreement of the chosen pairs alone, region by region. What drifted is told of all traffic.")
    if len(regions) > MAX_ROWS:
        st.caption(f"The {MAX_ROWS} that carry most of {len(regions)} regions; the table below holds all.")


def _first_seen(scene: Scene) -> dict[int, pd.Timestamp]:
    """Since when drifted and new regions are there, where times tell."""
    found = {
        each.index: first_seen(scene.pairs_of(each), scene.made.heldout, scene.made.production)
        for each in scene.regions
        if each.drifted or each.is_new
    }
    return {label: time for label, time in found.items() if time is not None}


def draw_map(inv: Investigation, scene: Scene, *, card: tuple[str, ...]) -> None:
    """The map; a click opens the pair there, an outline picks the pairs inside.

    Parameters
    ----------
    card
        Lines that stand beside what is chosen.
    """
    view = _map_view(scene)
    of = (map_of(scene.layout, scene.made), view.with_heldout, view.colouring == "sample")
    ground = cached.result("map ground", inv, of, lambda: map_canvas.with_digest(map_ground(view)))
    drawing = map_drawing(view)
    beside = {"lines": card, "place": _place_of(scene.chosen, scene)} if card and scene.chosen else None
    name = file_names.of_investigation("map", "png")
    drawing |= {"card": beside, "pair": _place_of_pair(scene), "file_name": name}
    map_canvas.canvas(ground, drawing, on_event=lambda: _done_on_map(scene))


def map_in_words(layout: MapLayout) -> str:
    """How to read the map."""
    made_by = "UMAP" if layout.method == "umap" else "principal components"
    n_queries = layout.n_fitted + layout.n_placed
    return (
        "Each point is a pair; queries that mean the same lie close together "
        f"({made_by}, {n_queries:,} distinct queries)."
    )


def colour_choice(scene: Scene) -> None:
    """What the colour on the map tells."""
    options = [*COLOURINGS, *(SLICE + name for name in scene.made.production.slices)]
    st.selectbox("Colour", options, **session.field("colour", options=options, default=options[0]))


def heldout_choice() -> None:
    """Whether held-out is laid under the map."""
    st.toggle("Held-out's pairs as points", **session.field("heldout_on_map"))


def engine_choice() -> None:
    """What draws the map."""
    help_text = (
        "umap-learn is about five times as slow, and 15 s more at the first map after the server's start; its "
        "neighbours are as true within 2%."
    )
    st.selectbox("Drawn by", ENGINES, help=help_text, **session.field("map_engine"))


def search() -> None:
    """Pick the pairs that hold all words; shows the words that are picked, and none once they are let go."""
    pick = hand_picked.pick()
    words = pick.words if pick else ""
    key = f"regions_words_{words}"
    st.text_input(
        "Search",
        words,
        key=key,
        placeholder="Words in queries and docs",
        on_change=_searched,
        args=(key,),
    )


def days_choice(scene: Scene) -> None:
    """Pick the pairs of some days, where production has times."""
    times = scene.made.production.timestamp
    if times is None or np.isnat(times).all():
        return
    first, last = (pd.Timestamp(end).date() for end in (np.nanmin(times), np.nanmax(times)))
    if first == last:
        return
    chosen = (scene.pick and scene.pick.days) or (first, last)
    key = f"regions_days_{chosen[0]}_{chosen[1]}"
    st.slider("Days", first, last, chosen, key=key, on_change=_days_chosen, args=(key, (first, last)))


def _days_chosen(key: str, all_days: tuple[Any, Any]) -> None:
    days = tuple(session.event(key))
    pick_also(days=None if days == all_days else days)


def _searched(key: str) -> None:
    pick_also(words=str(session.event(key) or "").strip())


def _listed(region: Region) -> str:
    flag = "◆ " if region.drifted else "◇ " if region.is_untold else ""
    return f"{flag}{region.name} ({region.n_production:,})"


def _listed_choice(_: str, key: str) -> None:
    choose(session.event(key) or "")


def _cut_otherwise(name: str, key: str) -> None:
    hand_picked.put_pick(None)
    session.change(**{name: session.event(key) or (0 if name == "n_clusters" else "")}, region="")


def _clicked_region(key: str) -> None:
    clicked = session.event(key).get("selection", {}).get("region", [])
    if clicked:
        choose(str(clicked[0]["region"]))


def _done_on_map(scene: Scene) -> None:
    """Only places come from the browser; which pairs lie there is found here."""
    event = map_canvas.event()
    try:
        if event.get("kind") == "outline":
            of = map_of(scene.layout, scene.made)
            pick_also(outline=read_outline(event.get("outline")), rows=(), map_of=of)
        elif event.get("kind") == "pair":
            hand_picked.put_pair(nearest_pair(scene.layout, *read_place(event.get("place"))))
        elif event.get("kind") == "nothing":
            hand_picked.put_pair(None)
            pick_also(outline=(), rows=(), map_of="")
    except InputError as error:
        session.say(str(error))


def teacher_choice(scene: Scene) -> None:
    """Under which revision of the teacher the regions are measured, where every pair has the pinned score."""
    if results.has_all_pinned(scene.made.production):
        help_text = "Off: under the pinned revision, which leaves the teacher's own change out. On: with that change."
        field = session.field("todays_teacher", shown=scene.is_todays)
        field["on_change"] = _teacher_chosen
        st.toggle("Under today's teacher", help=help_text, **field)


def _teacher_chosen(name: str, key: str) -> None:
    session.change(**{name: str(session.event(key))})


def _place_of(chosen: Picked, scene: Scene) -> list[float]:
    """Where the hand let go of an outline, else the upper edge of the chosen pairs."""
    if scene.pick and scene.pick.outline:
        return list(scene.pick.outline[-1])
    places = scene.layout.production[chosen.production].astype(np.float64)
    return [float(np.median(places[:, 0])), float(np.quantile(places[:, 1], 0.9))]


def _place_of_pair(scene: Scene) -> list[float] | None:
    """Where the pair lies that is open to be read."""
    position = hand_picked.pair()
    return None if position is None else scene.layout.production[position].astype(np.float64).tolist()


def _map_view(scene: Scene) -> MapView:
    colour = session.view().colour
    known = colour.removeprefix(SLICE) in scene.made.production.slices
    production, partition = scene.made.production, scene.partition
    group, names = partition.production, partition.regions
    if colour.startswith(SLICE) and known:
        found, group = np.unique(production.slices[colour.removeprefix(SLICE)].astype(str), return_inverse=True)
        names = tuple(found.tolist())
    return MapView(
        layout=scene.layout,
        texts=production.query,
        group=group,
        group_names=names,
        drifted=scene.drifted,
        disagreement=scene.gaps,
        is_ranked=production.kind.is_ranked,
        colouring="group" if colour.startswith(SLICE) and known else COLOURINGS.get(colour, "drift"),
        chosen=scene.chosen.production if scene.chosen else None,
        outline=_outline(scene),
        with_heldout=session.view().heldout_on_map,
        is_named=not colour.startswith(SLICE) and partition.kind == "query",
        named=tuple((each.inside.name, each.partition.production == 0) for each in scene.made.regions.drawn),
    )


def _outline(scene: Scene) -> Outline:
    return scene.pick.outline if scene.pick else ()
