"""What a visitor has open beside the two samples is kept too: a canary history, a judge card, a comparison, a review.

Each is kept as an investigation is, under a token of its own, with the investigation that it belongs to. What was open
last there opens again by itself; what belongs to none waits for one that it is of.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from drift_core.errors import InputError
from drift_core.tables.paths import reason_of
from pages.components.session import investigation_store, session, visitor, visitor_store
from pages.components.session.investigation_record import KeptDocument, read_document
from pages.components.session.investigation_store import RECORD

Kind = Literal["history", "card", "comparison", "review"]
KINDS: Mapping[Kind, str] = {
    "history": "canary history",
    "card": "judge card",
    "comparison": "before and after",
    "review": "review",
}
_TOKEN, _WAS_ASKED = "document_{}", "document_asked_{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDocument:
    """A kept document in a visitor's list; None where its record cannot be read, and why."""

    kind: Kind
    token: str
    opened_at: float
    kept: KeptDocument | None
    failure: str = ""


def is_on() -> bool:
    """Whether anything is kept for this visitor."""
    return investigation_store.most() > 0 and visitor.token() != ""


def token(kind: Kind) -> str:
    """Under which the open document of a kind is kept, empty where it is not."""
    return str(visitor_store.get(_TOKEN.format(kind)) or "")


def folder(kind: Kind) -> Path | None:
    """Where the open document of a kind is kept; None where it is not, or not any more."""
    return investigation_store.folder_of(visitor.token(), token(kind), kind=kind) if is_on() else None


def keep(kind: Kind, document: KeptDocument, contents: Mapping[str, bytes]) -> Path | None:
    """Keep what is open as it is now, and give its folder; None where it is not kept, which is said."""
    if not is_on():
        return None
    place, document = folder(kind), replace(document, of=owner(kind) or visitor_store.scope())
    try:
        if place is None:
            made = investigation_store.make(visitor.token(), document, contents, kind=kind)
            visitor_store.put(_TOKEN.format(kind), made)
            return folder(kind)
        investigation_store.put_contents(visitor.token(), place.name, contents)
        investigation_store.put(place, document)
    except InputError as error:
        session.say(f"This {KINDS[kind]} cannot be kept and ends with a reload. {error}")
        return None
    return place


def touch(kind: Kind) -> bool:
    """Note that the open document was used; whether it is kept at all."""
    place = folder(kind)
    if place is not None:
        investigation_store.touch(place)
    return place is not None


def last(kind: Kind) -> FoundDocument | None:
    """What was open last in this investigation, asked once a session; None where there is nothing, or it was closed."""
    if not is_on() or visitor_store.get(_WAS_ASKED.format(kind)):
        return None
    visitor_store.put(_WAS_ASKED.format(kind), True)
    of = visitor_store.scope()
    return _open_last(kind, lambda kept: of in ("", kept.of), or_damaged=True)


def loose(kind: Kind) -> FoundDocument | None:
    """What was open last and belongs to no investigation; None where there is nothing."""
    return _open_last(kind, lambda kept: not kept.of)


def is_left(kind: Kind) -> bool:
    """Whether this investigation was left with a document of the kind open, which opens again in it."""
    return (
        visitor_store.get(kind) is not None
        or _open_last(kind, lambda kept: kept.of == visitor_store.scope()) is not None
    )


def bring(kind: Kind, of: str) -> None:
    """Take the open document of another investigation over into this one."""
    for name in (kind, _TOKEN.format(kind), _WAS_ASKED.format(kind)):
        visitor_store.bring(name, of)
    if (place := folder(kind)) is not None and (kept := _read(place, kind).kept) is not None:
        investigation_store.put(place, replace(kept, of=visitor_store.scope()))


def owner(kind: Kind) -> str:
    """The investigation that the open document belongs to; empty where none is known."""
    place = folder(kind)
    kept = _read(place, kind).kept if place is not None else None
    return kept.of if kept is not None else ""


def found() -> list[FoundDocument]:
    """Documents of this visitor, each kind's last opened first."""
    return [each for kind in KINDS for each in _of_kind(kind)] if is_on() else []


def read(each: FoundDocument) -> tuple[Path, KeptDocument]:
    """The folder and the record of a document of the list; raise where it cannot be opened."""
    place = investigation_store.folder_of(visitor.token(), each.token, kind=each.kind)
    if place is None or each.kept is None:
        raise InputError(each.failure or f"This {KINDS[each.kind]} is not kept any more.")
    return place, each.kept


def opened(each: FoundDocument) -> None:
    """Note that a document of the list is open now, in the place of another; it is open in one investigation alone."""
    close(each.kind)
    place, kept = read(each)
    visitor_store.forget_elsewhere(_TOKEN.format(each.kind), each.token, beginning=each.kind)
    visitor_store.put(_WAS_ASKED.format(each.kind), True)
    visitor_store.put(_TOKEN.format(each.kind), each.token)
    investigation_store.put(place, replace(kept, is_open=True, of=visitor_store.scope() or kept.of))


def close(kind: Kind) -> None:
    """Note that a document is not open any more; it stays in the list."""
    place = folder(kind)
    visitor_store.put(_WAS_ASKED.format(kind), True)
    visitor_store.put(_TOKEN.format(kind), "")
    if place is not None:
        kept = _read(place, kind).kept
        if kept is not None:
            investigation_store.put(place, replace(kept, is_open=False))


def delete(each: FoundDocument) -> None:
    """Forget a document; one that is open is closed. Fit as a callback."""
    if each.token == token(each.kind):
        visitor_store.take(each.kind)
        close(each.kind)
    investigation_store.delete(visitor.token(), each.token)


def _open_last(
    kind: Kind, is_wanted: Callable[[KeptDocument], bool], *, or_damaged: bool = False
) -> FoundDocument | None:
    there = _of_kind(kind) if is_on() else []
    return next(
        (each for each in there if (each.kept.is_open and is_wanted(each.kept) if each.kept else or_damaged)), None
    )


def _of_kind(kind: Kind) -> list[FoundDocument]:
    return [_read(place, kind) for place in investigation_store.folders(visitor.token(), kind=kind)]


def _read(place: Path, kind: Kind) -> FoundDocument:
    kept, failure = None, ""
    try:
        kept = read_document((place / RECORD).read_bytes())
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else error
        failure = f"The kept {KINDS[kind]} in {place} cannot be read: {reason}. Delete it on the page Start."
    at = investigation_store.opened_at(place)
    return FoundDocument(kind=kind, token=place.name, opened_at=at, kept=kept, failure=failure)
