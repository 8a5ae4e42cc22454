"""The chosen region or pick: measured at a glance above the map, and its pairs below."""

import numpy as np
import streamlit as st

from drift_core.charts.regions import scores_chart
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.regions.examples import typical_queries
from drift_core.retrain_list.selection_file import selection_csv
from pages.components.frame import file_names, results
from pages.components.regions.map_panel import Scene, choose
from pages.components.session import cached, hand_picked, session
from pages.components.session.investigation import Investigation

LISTED = 1_000  # more rows make the list slow; the download holds them all


def summary(inv: Investigation, scene: Scene) -> None:
    """What is chosen at a glance, and what can be done with it; stands above the map."""
    chosen = scene.chosen
    if chosen is None:
        st.caption("Choose a region, click the map, draw a lasso or search: what is chosen is measured here.")
        return
    with st.container(border=True):
        _head(scene)
        if not chosen.any():
            st.markdown("No production pair lies here.")
            return
        st.markdown(_at_a_glance(inv, scene, chosen))
        _list_buttons(scene, chosen)


def show(scene: Scene) -> None:
    """Show the pairs of what is chosen."""
    chosen = scene.chosen
    if chosen is None or not chosen.any():
        return
    with st.container(border=True):
        facts, picture = st.columns([3, 2], gap="large")
        with facts:
            _facts(scene, chosen)
        with picture:
            results.chart(scores_chart(scene.made.production, chosen))
        _worst(scene, chosen)


def _head(scene: Scene) -> None:
    title, close = st.columns([5, 1])
    name = f"Region: {scene.region.name}" if scene.region else _pick_name()
    title.subheader(results.escape(name), anchor=False)
    close.button("Let go", key="regions_close", on_click=choose, args=("",), width="stretch")


def _at_a_glance(inv: Investigation, scene: Scene, chosen: np.ndarray) -> str:
    """Size, agreement inside and outside, and price of re-scoring, in one line."""
    scores, n = cached.scores(inv)[1], int(chosen.sum())
    inside, outside = agreement(scores.take(chosen)), agreement(scores.take(~chosen))
    price = n * session.view().rescoring_price / 1000
    teacher = " with today's teacher" if results.has_all_pinned(scene.made.production) else ""
    beside = f" against {outside} elsewhere" if isinstance(outside, Measured) else ""
    return (
        f"**{results.counted(n, 'pair')}** · {n / len(chosen):.0%} of production · agreement{teacher} **{inside}**"
        f"{beside} · re-scoring costs about {price:,.2f}"
    )


def _pick_name() -> str:
    pick = hand_picked.pick()
    return f"Pairs with the words “{pick.words}”" if pick and pick.words else "Pairs inside the outline"


def _facts(scene: Scene, chosen: np.ndarray) -> None:
    n, n_heldout = int(chosen.sum()), int(scene.chosen_heldout.sum()) if scene.chosen_heldout is not None else 0
    share = f"{n / len(chosen):.1%} of production"
    st.markdown(
        f"**{results.counted(n, 'production pair')}** ({share}), {results.counted(n_heldout, 'held-out pair')}."
    )
    if scene.region is not None:
        _region_facts(scene.region)
    st.markdown("**Examples**")
    st.text("\n".join(text[: results.SHOWN_CHARACTERS] for text in typical_queries(scene.made.embeddings, chosen)))


def _region_facts(region: Region) -> None:
    st.markdown(
        f"Agreement on held-out {region.heldout}  \n"
        f"Agreement on production {region.production}  \n"
        f"{results.escape(region.reason)}"
    )
    if region.terms:
        st.markdown("Terms: " + results.escape(", ".join(region.terms)))


def _list_buttons(scene: Scene, chosen: np.ndarray) -> None:
    added = hand_picked.added_pairs()
    n_new = int((chosen & ~added).sum())
    add, download = st.columns(2)
    if n_new:
        add.button(
            f"Add {results.counted(n_new, 'pair')} to the retrain list",
            key="regions_add",
            on_click=hand_picked.add_pairs,
            args=(chosen,),
            width="stretch",
        )
    else:
        add.button(
            "Take off the retrain list",
            key="regions_remove",
            on_click=hand_picked.add_pairs,
            args=(chosen,),
            kwargs={"is_added": False},
            width="stretch",
        )
    regions = np.array(scene.partition.regions, dtype=object)[scene.partition.production]
    download.download_button(
        "Download these pairs (CSV)",
        lambda: selection_csv(scene.made.production, chosen, region=regions),
        file_name=file_names.of_investigation("pairs", "csv", part=scene.region.name if scene.region else ""),
        mime="text/csv",
        key="regions_download",
        on_click="ignore",
        width="stretch",
    )
    if added.any():
        n_added = int(added.sum())
        st.caption(f"{results.counted(n_added, 'pair')} {'is' if n_added == 1 else 'are'} on the retrain list by hand.")


def _worst(scene: Scene, chosen: np.ndarray) -> None:
    positions = np.flatnonzero(chosen)
    worst = positions[np.argsort(-np.abs(scene.gaps[positions]), kind="stable")][:LISTED]
    st.markdown("**Pairs that disagree most**")
    cut = f" The first {LISTED:,} of {len(positions):,}; the download holds all." if len(positions) > LISTED else ""
    st.caption(f"Ranks apart: above 0 where the student puts the pair higher, as a share of all production pairs.{cut}")
    pair_id = scene.made.production.pair_id
    extra = {"Ranks apart": scene.gaps[worst]} | ({} if pair_id is None else {"Pair": pair_id[worst]})
    results.pair_list(scene.made.production, worst, key="regions_pairs", extra=extra)
