"""The regions page's two pictures, tied together: choosing a region in either, or in the list, shows it in all."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from drift_core.charts.map import CONFIG, Colouring, MapView, map_chart
from drift_core.charts.regions import MAX_ROWS, regions_chart
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import order_by_loss
from drift_core.measures.rank_gaps import rank_gaps
from drift_core.regions.first_seen import first_seen
from drift_core.regions.partitions import Partition
from drift_core.regions.picking import Pick, box_by_share, find_picked, nearest_pair, outlines_of
from drift_core.regions.projection import ENGINES, MapLayout
from pages.components.frame import results
from pages.components.session import hand_picked, session

COLOURINGS: dict[str, Colouring] = {
    "drifted regions": "drift",
    "region": "group",
    "disagreement": "disagreement",
    "sample": "sample",
}
SLICE = "slice: "
LABEL_OPACITY = 0.75  # of the ground behind a name on the map


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What both pictures show: one partition's regions, the map, and what is chosen of it.

    Attributes
    ----------
    region
        The chosen region, or None.
    gaps
        How much higher the student puts each production pair than the teacher, as a fraction of all.
    chosen, chosen_heldout
        Pairs of the chosen region or pick in each sample; None when nothing is chosen.
    """

    made: Diagnosis
    layout: MapLayout
    partition: Partition
    regions: tuple[Region, ...]
    region: Region | None
    gaps: np.ndarray
    chosen: np.ndarray | None
    chosen_heldout: np.ndarray | None


def scene_of(made: Diagnosis, layout: MapLayout) -> Scene:
    """Take partition, region and pick from the session; what is not there any more is not shown."""
    partitions = {each.name: each for each in made.regions.partitions}
    partition = partitions[session.fitting("partition", list(partitions), made.regions.leading[0].partition)]
    regions = order_by_loss([each for each in made.regions.regions if each.partition == partition.name])
    label = session.fitting("region", [str(each.index) for each in regions], "")
    region = next((each for each in regions if str(each.index) == label), None)
    chosen = chosen_heldout = None
    pick = hand_picked.pick()
    if pick is not None:
        picked = find_picked(pick, layout, made.heldout, made.production)
        region, chosen, chosen_heldout = None, picked.production, picked.heldout
    elif region is not None:
        chosen, chosen_heldout = partition.production == region.index, partition.heldout == region.index
    return Scene(
        made=made,
        layout=layout,
        partition=partition,
        regions=regions,
        region=region,
        gaps=rank_gaps(made.production.student, made.production.teacher).gap / len(made.production),
        chosen=chosen,
        chosen_heldout=chosen_heldout,
    )


def choose(region: str) -> None:
    """Choose a region by its label, or all with an empty one; ends a pick."""
    hand_picked.put_pick(None)
    session.change(region=region)


def partition_choice(scene: Scene) -> None:
    """By what the traffic is cut, and into how many clusters; a region of another cut is let go."""
    names = [each.name for each in scene.made.regions.partitions]
    by = session.field("partition", options=names, default=scene.partition.name)
    by["on_change"] = _cut_otherwise
    st.selectbox("Cut the traffic by", names, **by)


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


def draw_regions(scene: Scene) -> None:
    """The dumbbells; a click chooses the region."""
    label = scene.region.index if scene.region else None
    key = f"regions_chart_{scene.partition.name}_{label}"
    seen = first_seen(scene.partition, scene.made.heldout, scene.made.production)
    drawn = regions_chart(scene.regions, chosen=label, first_seen=seen)
    results.chart(drawn, key=key, on_select=lambda: _clicked_region(key), selection_mode="region")
    if len(scene.regions) > MAX_ROWS:
        st.caption(f"The {MAX_ROWS} that carry most of {len(scene.regions)} regions; the table below holds all.")


def draw_map(scene: Scene) -> None:
    """The map; a click chooses the region there, a lasso or box picks the pairs inside."""
    figure = map_chart(_map_view(scene))
    figure.update_annotations(bgcolor=results.ground(LABEL_OPACITY), font_color=results.text_colour())
    st.plotly_chart(
        figure,
        key="regions_map",
        on_select=lambda: _selected_on_map(scene),
        selection_mode=("points", "box", "lasso"),
        config=CONFIG,
        alt=figure.layout.meta["description"],
    )


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
        "neighbours are as true within 2 %."
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
        placeholder="Search queries and docs",
        label_visibility="collapsed",
        on_change=_searched,
        args=(key,),
    )


def pick_without_mouse(scene: Scene) -> None:
    """The same choice as a box, by numbers."""
    with st.form("regions_pick_box", border=False):
        x = st.slider("From left to right, % of the map's width", 0, 100, (0, 100), key="regions_box_x")
        y = st.slider("From bottom to top, % of the map's height", 0, 100, (0, 100), key="regions_box_y")
        if st.form_submit_button("Pick the box"):
            shares = [(low / 100, high / 100) for low, high in (x, y)]
            hand_picked.put_pick(Pick(outlines=(box_by_share(scene.layout, x=shares[0], y=shares[1]),)))
            st.rerun()


def _searched(key: str) -> None:
    words = str(session.event(key) or "").strip()
    hand_picked.put_pick(Pick(words=words) if words else None)
    session.change(region="")


def _listed(region: Region) -> str:
    return f"{'◆ ' if region.drifted else ''}{region.name} ({region.n_production:,})"


def _listed_choice(_: str, key: str) -> None:
    choose(session.event(key) or "")


def _cut_otherwise(name: str, key: str) -> None:
    hand_picked.put_pick(None)
    session.change(**{name: session.event(key) or (0 if name == "n_clusters" else "")}, region="")


def _clicked_region(key: str) -> None:
    clicked = session.event(key).get("selection", {}).get("region", [])
    if clicked:
        choose(str(clicked[0]["region"]))


def _selected_on_map(scene: Scene) -> None:
    """Only places come from the browser; which pairs lie there is found here."""
    selection = session.event("regions_map").get("selection", {})
    outlines = outlines_of(selection)
    if outlines:
        hand_picked.put_pick(Pick(outlines=outlines))
        session.change(region="")
    elif selection.get("points"):
        place = selection["points"][0]
        nearest = nearest_pair(scene.layout, place["x"], place["y"])
        choose(str(scene.partition.production[nearest]))
    else:
        hand_picked.put_pick(None)


def _map_view(scene: Scene) -> MapView:
    colour = session.view().colour
    known = colour.removeprefix(SLICE) in scene.made.production.slices
    production, partition = scene.made.production, scene.partition
    group, names = partition.production, partition.regions
    if colour.startswith(SLICE) and known:
        found, group = np.unique(production.slices[colour.removeprefix(SLICE)].astype(str), return_inverse=True)
        names = tuple(found.tolist())
    drifted = [each.index for each in scene.regions if each.drifted]
    return MapView(
        layout=scene.layout,
        texts=production.query,
        group=group,
        group_names=names,
        drifted=np.isin(partition.production, drifted),
        disagreement=np.abs(scene.gaps),
        colouring="group" if colour.startswith(SLICE) and known else COLOURINGS.get(colour, "drift"),
        chosen=scene.chosen,
        with_heldout=session.view().heldout_on_map,
    )
