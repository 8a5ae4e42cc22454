"""What a visitor has open beside the two samples, such as the canary's history: kept by name, under keys of its own.

A history, a card, a comparison and a review, with all that is noted of them, belong to the investigation in which they
were opened: the same name leads to others in another one.
"""

from typing import Any

import streamlit as st

_KEPT, _SCOPE = "kept_{}", "scope"
_OF_ONE_INVESTIGATION = ("history", "card", "comparison", "review", "document_")  # names begin with them


def scope() -> str:
    """The investigation that things are kept for; empty where none is open."""
    return str(st.session_state.get(_SCOPE, ""))


def is_new() -> bool:
    """Whether the session begins: it was in no investigation yet, nor on a page without one."""
    return _SCOPE not in st.session_state


def enter(now: str) -> str | None:
    """Go to another investigation; give the one before, None where it is the same or the session begins."""
    before = st.session_state.get(_SCOPE)
    st.session_state[_SCOPE] = now
    return None if before == now else before


def bring(name: str, of: str) -> None:
    """Take what another investigation has under a name over into this one."""
    if (value := st.session_state.pop(_key(name, of), None)) is not None:
        put(name, value)


def get(name: str) -> Any:
    """What was kept under a name, or None."""
    return st.session_state.get(_key(name, scope()))


def put(name: str, value: object) -> None:
    """Keep a thing for this visitor until the session ends."""
    st.session_state[_key(name, scope())] = value


def take(name: str) -> Any:
    """What was kept under a name, once; None from then on."""
    return st.session_state.pop(_key(name, scope()), None)


def forget_elsewhere(name: str, value: object, *, beginning: str) -> None:
    """Where another investigation has this value under a name, forget it there with all under names that begin so."""
    kept = [str(key).partition(" of ") for key in st.session_state if str(key).startswith(_KEPT.format(""))]
    those = {of for head, _, of in kept if head == _KEPT.format(name) and st.session_state[_key(name, of)] == value}
    for head, between, of in kept:
        if of in those - {scope()} and head.startswith((_KEPT.format(name), _KEPT.format(beginning))):
            st.session_state.pop(head + between + of, None)


def fill(widget: str, value: object) -> None:
    """Show a value in the widget of this key from its next run on; for a callback."""
    st.session_state[widget] = value


def _key(name: str, of: str) -> str:
    return _KEPT.format(f"{name} of {of}" if of and name.startswith(_OF_ONE_INVESTIGATION) else name)
