"""The map as a component in the browser; what is done there comes back as an event of places, never of pairs.

What stays of it comes in a message of its own, so that an answer sends only what has changed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "distillation_drift_map",
    js=(_HERE / "map.js").read_text(encoding="utf-8"),
    css=(_HERE / "map.css").read_text(encoding="utf-8"),
)
_mount_ground = st.components.v2.component(
    "distillation_drift_map_ground",
    js=(_HERE / "map_ground.js").read_text(encoding="utf-8"),
    html="<span hidden></span>",
)
KEY = "regions_map"


def with_digest(ground: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of a map, with the digest by which the rest finds it."""
    return dict(ground) | {"digest": hashlib.sha256(json.dumps(ground).encode()).hexdigest()}


def canvas(ground: Mapping[str, Any], drawing: Mapping[str, Any], *, on_event: Callable[[], None]) -> None:
    """Mount the map.

    Parameters
    ----------
    ground
        What `map_ground` gives, with its digest.
    drawing
        What `map_drawing` gives, with ``card``, words and the place they stand at, or None, and ``file_name``.
    on_event
        Called when something was done on the map; see `event`.
    """
    with st.container(gap=None):
        _mount_ground(key=f"{KEY}_ground", data=dict(ground), height=1)
        _mount(key=KEY, data=dict(drawing) | {"digest": ground["digest"]}, on_event_change=on_event)


def event() -> Mapping[str, Any]:
    """What was done: ``kind`` "pair" with a ``place``, "outline" with its corners, or "nothing"."""
    state = st.session_state.get(KEY) or {}
    found = state.get("event")
    return found if isinstance(found, Mapping) else {}
