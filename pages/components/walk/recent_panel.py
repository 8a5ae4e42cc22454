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
from pages.components.session import documents, investigation_store, own_files, recent, session
from pages.components.session.documents import FoundDocument, Kind
from pages.components.session.investigation_record import Kept, KeptDocument
from pages.components.session.investigation_store import Found
from pages.components.session.session import SIDES

OF_INVESTIGATION = (
    "The copy of its files, its settings, and what was chosen by hand go. The files that you brought stay."
)
_OPENING: Mapping[Kind, tuple[Callable[[FoundDocument], None], str]] = {
    "history": (canary_history.reopen, "canary"),
    "card": (card_open.reopen, "card"),
    "comparison": (comparison_open.reopen, "comparison"),
    "review": (review_open.reopen, "review"),
}


def recent_list() -> None:
    """What this visitor had open before; nothing where there is none."""
    investigations, others = recent.found(), documents.found()
    _set_aside()
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


def _set_aside() -> None:
    """Own files that gave way to something else and are kept nowhere; nothing where there are none."""
    if others := own_files.set_aside():
        st.subheader("Your files, set aside", anchor=False)
    for number, each in enumerate(others):
        text, buttons = st.columns([5, 3], vertical_alignment="center")
        text.markdown(f"**{results.escape(each.names)}**  \n:small[there until the page is loaded again]")
        with buttons.container(horizontal=True):
            st.button("Open", key=f"own_files_back_{number}", on_click=own_files.bring_back, args=(each,))
            st.button("Let go", key=f"own_files_forget_{number}", on_click=own_files.forget, args=(each,))


def _investigation(found: Found) -> None:
    is_open, kept = found.token == session.token(), found.kept
    name, about = (_name_of(kept), _found_in(kept)) if kept else ("", "")
    with _row(name, about, at=found.opened_at, is_open=is_open, failure=found.failure):
        if kept is not None and not is_open:
            _reopen(found.token)
        _delete(found.token, OF_INVESTIGATION, recent.delete, found.token)


def _document(found: FoundDocument) -> None:
    is_open, name = found.token == documents.token(found.kind), _document_name(found.kept) if found.kept else ""
    with _row(name, documents.KINDS[found.kind], at=found.opened_at, is_open=is_open, failure=found.failure):
        if found.kept is not None and not is_open:
            _reopen_document(found)
        _delete(found.token, _lost(found), documents.delete, found)


def _delete(token: str, lost: str, act: Callable[..., None], what: object) -> None:
    """Ask before anything is deleted, and say what goes and what stays."""
    with st.popover("Delete", key=f"ask_delete_{token}"):
        st.markdown(f"{lost} This cannot be taken back.")
        st.button("Delete for good", key=f"delete_{token}", on_click=act, args=(what,))


def _lost(found: FoundDocument) -> str:
    """What goes with a document."""
    what = documents.KINDS[found.kind]
    if found.kept is not None and found.kept.path:
        return f"This {what} leaves the list. Its file stays: {results.escape(found.kept.path)}."
    n_answers = review_open.count_answers(found) if found.kind == "review" else 0
    answers = f" with its {results.counted(n_answers, 'answer')}" if n_answers else ""
    return f"The copy of this {what}{answers} goes. Download it on its page first if you want to keep it."


def _row(name: str, about: str, *, at: float, is_open: bool, failure: str) -> DeltaGenerator:
    """What is kept, in words; gives the place of its buttons."""
    text, buttons = st.columns([5, 3], vertical_alignment="center")
    day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
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


def _found_in(kept: Kept) -> str:
    """How many pairs were compared, and what came of it."""
    sizes = " and ".join(f"{kept.files[side].n_pairs:,}" for side in SIDES)
    return " · ".join(
        filter(None, (f"{sizes} pairs", results.escape(kept.agreement), kept.verdict or "no verdict yet"))
    )


def _name_of(kept: Kept) -> str:
    if kept.scenario in SCENARIOS:
        return f"**{SCENARIOS[kept.scenario].title}** (example)"
    heldout, production = (results.escape(kept.files[side].called or kept.files[side].name) for side in SIDES)
    return f"**{production}** against {heldout}"


def _document_name(kept: KeptDocument) -> str:
    names = list(dict.fromkeys(name for _, name in kept.files)) or [kept.name]
    return f"**{results.escape(', '.join(names))}**{' (example)' if kept.is_shipped else ''}"
