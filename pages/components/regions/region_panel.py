"""What is chosen, measured at a glance beside the map, with its pairs below; and the pair that was clicked."""

import numpy as np
import streamlit as st

from drift_core.charts.regions import scores_chart
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.ranks import mid_ranks
from drift_core.regions.picking import Pick, Picked, nearest_pairs
from drift_core.report.examples import typical_queries
from drift_core.report.first_seen import first_seen
from drift_core.retrain_list.selection_file import selection_csv
from drift_core.wording import share_in_words, shortened
from pages.components.costs import cost_prices
from pages.components.frame import file_names, results
from pages.components.regions import named_panel
from pages.components.regions.scene import Scene, choose, scores_shown
from pages.components.session import cached, hand_picked, session
from pages.components.session.investigation import Investigation

LISTED = 1_000  # more rows make the list slow; the download holds them all


def summary(inv: Investigation, scene: Scene) -> tuple[str, ...]:
    """What is chosen at a glance, and what can be done with it; gives the lines that stand beside it on the map."""
    if scene.chosen is None:
        st.caption("Click a pair, draw around some, search or choose a region: what is chosen is measured here.")
        return ()
    with st.container(border=True):
        title, close = st.columns([3, 1])
        title.subheader(results.escape(_name(scene)), anchor=False)
        close.button("Clear", key="regions_close", on_click=choose, args=("",), width="stretch")
        chosen = scene.chosen.production
        if not chosen.any():
            st.markdown("No production pair lies here.")
            return ()
        size, agrees = _at_a_glance(inv, scene, scene.chosen)
        price = cost_prices.rescoring(int(chosen.sum()))
        costs = f" · re-scoring costs {price}" if price else ""
        st.markdown(f"**{size[0]}** · {' · '.join(size[1:])} · {agrees}{costs}")
        if scene.pick and session.view().colour == "disagreement":
            st.caption("Chosen by its disagreement, it agrees less here than on other pairs. Confirm it there.")
        _list_buttons(scene, chosen)
        named_panel.name_it(scene)
        return (" · ".join(size), agrees.replace("**", ""))


def show(scene: Scene) -> None:
    """Show the pairs of what is chosen."""
    if scene.chosen is None or not scene.chosen.production.any():
        return
    chosen = scene.chosen.production
    with st.container(border=True):
        facts, picture = st.columns([3, 2], gap="large")
        with facts:
            _facts(scene, scene.chosen)
        with picture:
            results.chart(cached.drawn(scores_chart, scene.production, chosen, drifted=scene.drifted))
        _worst(scene, chosen)


def opened_pair(scene: Scene) -> None:
    """The pair that was clicked: its texts and scores, why they are apart, its region, and the pairs most like it."""
    position = hand_picked.pair()
    if position is None:
        return
    title, close = st.columns([3, 1])
    title.subheader("The pair", anchor=False)
    close.button("Close", key="regions_pair_close", on_click=hand_picked.put_pair, args=(None,), width="stretch")
    results.pair_in_full(scene.production, position)
    st.markdown(_why_apart(scene, position))
    label = int(scene.partition.production[position])
    name = next((each.name for each in scene.regions if each.index == label), "")
    if name:
        st.button(
            results.escape(f"Region: {shortened(name)}"), key="regions_of_pair", on_click=choose, args=(str(label),)
        )
    near = nearest_pairs(scene.made.embeddings, position)
    with st.expander(f"The {len(near)} pairs whose queries are most like it"):
        extra = {"Ranks apart": scene.gaps[near]} if scene.production.kind.is_ranked else {}
        results.pair_list(scene.production, near, key=f"regions_near_{position}", extra=extra)
        rows = tuple(int(row) for row in (position, *near))
        pick = Pick(rows=rows)
        st.button("Choose these with it", key="regions_choose_near", on_click=_choose_rows, args=(pick,))


def _choose_rows(pick: Pick) -> None:
    hand_picked.put_pick(pick)
    session.change(region="")


def _why_apart(scene: Scene, position: int) -> str:
    production, gap = scene.production, float(scene.gaps[position])
    if not production.kind.is_ranked:
        sides = (production.kind.written(side[[position]])[0] for side in (production.teacher, production.student))
        return results.escape("The teacher says {}, the student {}.".format(*sides))
    ranks = [mid_ranks(-scores)[position] for scores in (production.teacher, production.student)]
    side = "higher" if gap > 0 else "lower"
    apart = f"{abs(gap):.0%} of all pairs {side}" if abs(gap) >= 0.005 else "at the same place"
    return f"Of {len(production):,} pairs the teacher ranks it {ranks[0]:,.0f}, the student {ranks[1]:,.0f}: {apart}."


def _at_a_glance(inv: Investigation, scene: Scene, chosen: Picked) -> tuple[list[str], str]:
    """Size, share and since when; agreement inside and elsewhere."""
    scores, n = scores_shown(inv, scene)[1], int(chosen.production.sum())
    inside, outside = agreement(scores.take(chosen.production)), agreement(scores.take(~chosen.production))
    size = [results.counted(n, "pair"), f"{share_in_words(n / len(chosen.production))} of production"]
    since = first_seen(chosen, scene.made.heldout, scene.made.production)
    if since is not None:
        size.append(f"since {since:%b %Y}")
    teacher = ""
    if results.has_all_pinned(scene.production):
        teacher = f" with {'today’s' if scene.is_todays else 'the pinned'} teacher"
    if not isinstance(inside, Measured):
        return size, f"agreement{teacher}: too few pairs to measure it"
    beside = f" against {outside} elsewhere" if isinstance(outside, Measured) else ""
    return size, f"agreement{teacher} **{inside}**{beside}"


def _name(scene: Scene) -> str:
    """What is chosen, in words."""
    if scene.region:
        return f"Region: {scene.region.name}"
    pick = scene.pick or Pick()
    parts = ["most like one"] if pick.rows else []
    parts += [f"with the words “{pick.words}”" if pick.words else "", "inside the outline" if pick.outline else ""]
    if pick.days:
        parts.append(f"of {pick.days[0]} to {pick.days[1]}")
    return " ".join(["Pairs", *(part for part in parts if part)])


def _facts(scene: Scene, chosen: Picked) -> None:
    n, n_heldout = int(chosen.production.sum()), int(chosen.heldout.sum())
    share = f"{n / len(chosen.production):.1%} of production"
    st.markdown(
        f"**{results.counted(n, 'production pair')}** ({share}), {results.counted(n_heldout, 'held-out pair')}."
    )
    if scene.region is not None:
        _region_facts(scene.region, is_pinned=results.has_all_pinned(scene.production))
    st.markdown("**Examples**")
    st.text(
        "\n".join(
            text[: results.SHOWN_CHARACTERS] for text in typical_queries(scene.made.embeddings, chosen.production)
        )
    )


def _region_facts(region: Region, *, is_pinned: bool) -> None:
    under = " under the pinned teacher" if is_pinned else ""
    how = "Measured" if region.kind == "drawn" else "As tested"
    st.markdown(
        f"{how}{under}: agreement on held-out {region.heldout}, on production {region.production}.  \n"
        f"{results.escape(region.reason)}"
    )
    if region.terms:
        st.markdown("Terms: " + results.escape(", ".join(region.terms)))


def _list_buttons(scene: Scene, chosen: np.ndarray) -> None:
    added = hand_picked.added_pairs()
    is_new = bool((chosen & ~added).any())
    st.button(
        "Add to the retrain list" if is_new else "Take off the retrain list",
        key="regions_add" if is_new else "regions_remove",
        on_click=hand_picked.add_pairs,
        args=(chosen,),
        kwargs={"is_added": is_new},
        width="stretch",
    )
    regions = np.array(scene.partition.regions, dtype=object)[scene.partition.production]
    st.download_button(
        "Download these pairs (CSV)",
        lambda: selection_csv(scene.production, chosen, region=regions),
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
    told = "Ranks apart: above 0 where the student puts the pair higher, as a share of all production pairs."
    pair_id, is_ranked = scene.production.pair_id, scene.production.kind.is_ranked
    st.caption(f"{told if is_ranked else 'Those with another label come first.'}{cut}")
    extra = {"Ranks apart": scene.gaps[worst]} if is_ranked else {}
    extra |= {} if pair_id is None else {"Pair": pair_id[worst]}
    results.pair_list(scene.production, worst, key="regions_pairs", extra=extra)
