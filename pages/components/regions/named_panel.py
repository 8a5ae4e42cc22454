"""What is chosen gets a name and is a region of the investigation from then on; called otherwise or deleted here."""

from dataclasses import replace

import streamlit as st

from drift_core.diagnosis.drawn_region import DrawnPairs, DrawnRegion
from drift_core.errors import DriftError
from drift_core.regions.named_region import DRAWN, LONGEST_NAME, NamedRegion, read_name
from drift_core.regions.picking import Pick, Picked, find_picked
from drift_core.regions.region_rule import fit_rule
from pages.components.frame import results
from pages.components.regions.scene import Scene, choose
from pages.components.session import hand_picked, session


def name_it(scene: Scene) -> None:
    """Offer a name for what is chosen, unless it has one."""
    if scene.partition.kind == "drawn" and scene.pick is None:
        return
    key = f"regions_name_{len(scene.made.regions.drawn)}"
    text, button = st.columns([3, 2], vertical_alignment="bottom")
    text.text_input("Name", key=key, max_chars=LONGEST_NAME, placeholder="A name for these pairs")
    button.button("Name it", key="regions_name_it", on_click=_name, args=(scene, key), width="stretch")


def named(scene: Scene) -> None:
    """The regions drawn by hand with their figures and how they are followed, each with its name and a way out."""
    drawn = scene.made.regions.drawn
    if not drawn:
        return
    st.subheader("Drawn by hand", anchor=False)
    for place, each in enumerate(drawn):
        with st.container(border=True):
            st.markdown(f"{results.escape(each.sentence)}  \n:small[{results.escape(each.following)}]")
            _change(each, place)


def _change(each: DrawnRegion, place: int) -> None:
    name = each.inside.name
    show, text, rename, delete = st.columns([1, 3, 1, 1], vertical_alignment="bottom")
    show.button("Show", key=f"named_show_{place}", on_click=_show, args=(name,), width="stretch")
    key = f"named_text_{place}_{name}"
    text.text_input("Called", name, key=key, max_chars=LONGEST_NAME)
    rename.button("Rename", key=f"named_rename_{place}", on_click=_rename, args=(name, key), width="stretch")
    delete.button("Delete", key=f"named_delete_{place}", on_click=_delete, args=(name,), width="stretch")


def _name(scene: Scene, key: str) -> None:
    if scene.chosen is None:
        return
    try:
        name = read_name(str(session.event(key) or ""))
        hand_picked.name_region(DrawnPairs(name=name, pairs=scene.chosen, rule=_rule(scene, name, scene.chosen)))
    except DriftError as error:
        session.say(str(error))
        return
    _show(name)


def _rule(scene: Scene, name: str, drawn: Picked) -> NamedRegion | None:
    """By what the pairs are found again in another week; None for days alone."""
    made, pick = scene.made, scene.pick
    column, is_by_place = None, scene.region is not None
    if scene.region is not None:
        column = scene.partition.column
        is_by_place = column is None
    if pick is not None:
        if pick == Pick(days=pick.days):
            return None
        is_by_place = bool(pick.outline or pick.rows)
        drawn = find_picked(replace(pick, days=None), scene.layout, made.heldout, made.production)
    return fit_rule(
        name,
        drawn,
        heldout=made.heldout,
        production=made.production,
        embeddings=made.embeddings,
        words=pick.words if pick else "",
        slice_value=(column, scene.region.name) if column and scene.region else None,
        is_by_place=is_by_place,
    )


def _show(name: str) -> None:
    choose("0")
    session.change(partition=f"{name} ({DRAWN})")


def _rename(name: str, key: str) -> None:
    try:
        new = hand_picked.rename_region(name, str(session.event(key) or ""))
    except DriftError as error:
        session.say(str(error))
        return
    if session.view().partition == f"{name} ({DRAWN})":
        session.change(partition=f"{new} ({DRAWN})")


def _delete(name: str) -> None:
    hand_picked.delete_region(name)
    if session.view().partition == f"{name} ({DRAWN})":
        session.change(partition="", region="")
