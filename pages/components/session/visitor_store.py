"""What a visitor has open beside the two samples, such as the canary's history: kept by name, under keys of its own."""

from typing import Any

import streamlit as st

_KEPT = "kept_{}"


def get(name: str) -> Any:
    """What was kept under a name, or None."""
    return st.session_state.get(_KEPT.format(name))


def put(name: str, value: object) -> None:
    """Keep a thing for this visitor until the session ends."""
    st.session_state[_KEPT.format(name)] = value


def take(name: str) -> Any:
    """What was kept under a name, once; None from then on."""
    return st.session_state.pop(_KEPT.format(name), None)
