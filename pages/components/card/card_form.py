"""The judge card as a form; what was typed comes back by its place in the file."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

import pandas as pd
import streamlit as st

from drift_core.agreement.rule import Rule
from drift_core.errors import DriftError
from drift_core.gate.triggers import floor_of
from drift_core.judge_card.card import SliceMeasure
from drift_core.judge_card.document import CardValue, Scalar
from pages.components.card import card_open
from pages.components.card.card_fields import CHECKLIST, GATE_CHOICE, GROUPS, SLICES, CardField, changed
from pages.components.card.card_open import OpenCard
from pages.components.frame import results

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
LEFT = ("Student", "Training", "Retrain when")
_CHOICES = {None: "not decided: stays inconclusive", "block": "blocks the release", "pass": "lets the release pass"}


def edit(opened: OpenCard) -> None:
    """The form; what is wrong is said under it and changes nothing."""
    with st.form(f"card_form_{opened.number}", border=False):
        typed = _groups(opened) | _gate(opened) | _checklist(opened)
        is_sent = st.form_submit_button(results.on_primary("Keep these"), type="primary", key="card_keep")
    if is_sent:
        try:
            card_open.edit(changed(opened.card, typed))
        except DriftError as error:
            st.error(results.escape(error))
            return
        st.rerun()


def _groups(opened: OpenCard) -> dict[str, CardValue]:
    left, right = st.columns(2, gap="medium")
    typed: dict[str, CardValue] = {}
    for title, fields in GROUPS.items():
        with left if title in LEFT else right:
            st.subheader(title, anchor=False)
            typed |= {each.where: _asked(each, opened) for each in fields}
            floor = floor_of(opened.card)
            if title == "Floors" and floor != opened.card.floors.agreement:
                st.caption(
                    f"Agreement is an area under the curve here: {opened.card.floors.agreement:.2f}, where every card "
                    f"begins, counts as {floor:.2f}, the baseline less {Rule().material_loss:g}."
                )
    return typed


def _gate(opened: OpenCard) -> dict[str, CardValue]:
    st.subheader("Gate and critical slices", anchor=False)
    choice = st.selectbox(
        "A gate that cannot tell",
        list(_CHOICES),
        index=list(_CHOICES).index(opened.card.gate.inconclusive),
        format_func=lambda choice: _CHOICES[choice],
        key=f"card_{opened.number}_inconclusive",
    )
    return {GATE_CHOICE: choice, SLICES: _slices(opened)}


def _slices(opened: OpenCard) -> list[dict[str, Scalar]]:
    """The table keeps what was typed apart from what it was given, so a card that changed gets another table."""
    held = [each.model_dump() for each in opened.card.critical_slices]
    table = pd.DataFrame(held, columns=["partition", "name", "floor", "measure"]).astype(
        {"partition": object, "name": object, "floor": float, "measure": object}
    )
    st.caption("Critical slices: regions with a floor of their own, by slice column and value.")
    edited = st.data_editor(
        table,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        key=f"card_{opened.number}_slices_{hash(repr(held))}",
        column_config={
            "partition": st.column_config.TextColumn("Slice column", max_chars=1000),
            "name": st.column_config.TextColumn("Value", max_chars=1000),
            "floor": st.column_config.NumberColumn("Floor", format="%.2f", step=0.01),
            "measure": st.column_config.SelectboxColumn("Of", options=get_args(SliceMeasure), default="agreement"),
        },
    )
    rows = edited.to_dict("records")
    filled = [{str(name): _plain(value) for name, value in row.items()} for row in rows]
    named = [row for row in filled if any(value is not None for name, value in row.items() if name != "measure")]
    return [row | {"measure": row["measure"] or "agreement"} for row in named]


def _plain(value: Any) -> Scalar:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.strip() or None if isinstance(value, str) else float(value)


def _checklist(opened: OpenCard) -> dict[str, CardValue]:
    st.subheader("Checklist before production", anchor=False)
    typed: dict[str, CardValue] = {}
    for done, by, day in CHECKLIST.values():
        with st.container(border=True):
            typed[done.where] = _asked(done, opened)
            columns = st.columns(2)
            typed |= {each.where: _asked(each, opened, place) for each, place in zip((by, day), columns, strict=True)}
    return typed


def _asked(each: CardField, opened: OpenCard, place: Any = st) -> CardValue:
    """The widget of a field with what the card holds there."""
    held, key = each.of(opened.card), each.widget_of(opened.number)
    if each.kind == "yes":
        return "yes" if place.checkbox(each.label, value=held == "yes", key=key) else "no"
    if each.kind == "count":
        return place.number_input(each.label, min_value=1, value=held, step=1, key=key)
    if each.kind == "floor":
        return float(place.number_input(each.label, 0.0, 1.0, held, step=0.01, format="%.2f", key=key))
    if each.kind == "date":
        return _day(each, held, key, place)
    typed = place.text_input(each.label, value=held or "", max_chars=1000, key=key)
    return typed.strip() or None


def _day(each: CardField, held: str | None, key: str, place: Any) -> str | None:
    day = date.fromisoformat(held) if held else None
    span: Sequence[date] = [FIRST_DAY, LAST_DAY, *([day] if day else [])]
    chosen = place.date_input(
        each.label, value=day, min_value=min(span), max_value=max(span), format="YYYY-MM-DD", key=key
    )
    return chosen.isoformat() if isinstance(chosen, date) else None
