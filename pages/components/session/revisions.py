"""Names of the teacher's pinned and current revision, as typed or as the scenario has them."""

from typing import Any, Literal

import streamlit as st

_REVISION = "revision_{}"
_REVISIONS = ("pinned", "current")


def names() -> tuple[str, str]:
    """The pinned and the current one; empty where unknown."""
    pinned, current = (str(st.session_state.get(_REVISION.format(which), "")).strip() for which in _REVISIONS)
    return pinned, current


def put(pinned: str, current: str) -> None:
    """Take both over from what is opened."""
    for which, name in zip(_REVISIONS, (pinned, current), strict=True):
        st.session_state[_REVISION.format(which)] = name


def field(which: Literal["pinned", "current"]) -> dict[str, Any]:
    """Arguments that tie a text input to the name of a revision."""
    key = _REVISION.format(which)
    shown = f"{key}_input"
    if st.session_state.get(shown) != st.session_state.get(key, ""):
        st.session_state[shown] = st.session_state.get(key, "")
    return {"key": shown, "on_change": _keep, "args": (key, shown)}


def _keep(key: str, shown: str) -> None:
    st.session_state[key] = st.session_state[shown]
