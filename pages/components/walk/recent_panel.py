"""The start page's list of what this visitor had open before: investigations, histories, cards and the like."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.errors import DriftError
from drift_core.simulation.scenarios import SCENARIOS
from pages.components.canary import canary_history
from pages.components.card import card_open
from pages.components.comparison import comparison_open
from pages.components.frame import results, steps
from pages.components.review import review_open
from pages.components.session import documents, investigation_store, recent, session
from pages.components.session.documents import FoundDocument, Kind
from pages.components.session.investigation_record import Kept, KeptDocument
from pages.components.session.investigation_store import Found
from pages.components.session.session import SIDES

_OPENING: Mapping[Kind, tuple[Callable[[FoundDocument], None], str]] = {
    "history": (canary_history.reopen, "canary"),
    "card": (card_open.reopen, "card"),
    "comparison": (comparison_open.reopen, "comparison"),
    "review": (review_open.reopen, "review"),
}


def recent_list() -> None:
    """What this visitor had open before; nothing where there is none."""
    investigations, others = recent.found(), documents.found()
    if investigations:
        st.subheader("Recent investigations", anchor=False)
    for each in investigations:
        _investigation(each)
    if others:
        st.subheader("Histories, cards, comparisons, reviews", anchor=False)
    for document in others:
        _document(document)
    if investigations or others:
        st.caption(
            f"Kept on this machine for your browser alone: the last {investigation_store.most()} of each kind, for "
            f"{investigation_store.DAYS} days. Delete removes the copy of the files."
        )


def of_others(kind: Kind) -> None:
    """What this visitor has kept of a kind, to be opened in this investigation too; nothing where there is none."""
    kept = [each for each in documents.found() if each.kind == kind and each.kept is not None]
    if kept:
        st.caption("Kept from before; what you open belongs to this investigation from then on:")
    for each in kept:
        _document(each)


def _investigation(found: Found) -> None:
    is_open, kept = found.token == session.token(), found.kept
    name, about = (_name_of(kept), kept.verdict or "no verdict yet") if kept else ("", "")
    with _row(name, about, at=found.opened_at, is_open=is_open, failure=found.failure):
        if kept is not None and not is_open:
            _reopen(found.token)
        st.button("Delete", key=f"delete_{found.token}", on_click=recent.delete, args=(found.token,))


def _document(found: FoundDocument) -> None:
    is_open, name = found.token == documents.token(found.kind), _document_name(found.kept) if found.kept else ""
    with _row(name, documents.KINDS[found.kind], at=found.opened_at, is_open=is_open, failure=found.failure):
        if found.kept is not None and not is_open:
            _reopen_document(found)
        st.button("Delete", key=f"delete_{found.token}", on_click=documents.delete, args=(found,))


def _row(name: str, about: str, *, at: float, is_open: bool, failure: str) -> DeltaGenerator:
    """What is kept, in words; gives the place of its buttons."""
    text, buttons = st.columns([5, 3], vertical_alignment="center")
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    if failure:
        text.error(results.escape(f"The one of {day} cannot be opened. {failure}"))
    else:
        text.markdown(f"{name}  \n:small[{'open now' if is_open else day} · {about}]")
    return buttons.container(horizontal=True)


def _reopen(token: str) -> None:
    """A click opens it as it was left and goes to its verdict, which is made again there."""
    if not st.button("Open", key=f"reopen_{token}"):
        return
    with st.spinner("Reading the files"):
        is_open = recent.reopen(token)
    if is_open:
        st.switch_page(steps.STEPS["verdict"].page, query_params=session.address("verdict"))


def _reopen_document(found: FoundDocument) -> None:
    """A click opens it as it was left and goes to its page."""
    if not st.button("Open", key=f"reopen_{found.token}"):
        return
    reopen, page = _OPENING[found.kind]
    try:
        with st.spinner("Reading the files"):
            reopen(found)
    except DriftError as error:
        session.say(str(error))
        return
    st.switch_page(steps.STEPS[page].page, query_params=session.address(page))


def _name_of(kept: Kept) -> str:
    if kept.scenario in SCENARIOS:
        return f"**{SCENARIOS[kept.scenario].title}** (example)"
    heldout, production = (results.escape(kept.files[side].called or kept.files[side].name) for side in SIDES)
    return f"**{production}** against {heldout}"


def _document_name(kept: KeptDocument) -> str:
    names = list(dict.fromkeys(name for _, name in kept.files)) or [kept.name]
    return f"**{results.escape(', '.join(names))}**{' (example)' if kept.is_shipped else ''}"
