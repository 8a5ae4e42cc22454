"""The judge card that a visitor has open: the text of a `judges.yaml` and its values; kept for their browser alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256

from drift_core.canary.run import CanaryRun
from drift_core.errors import DriftError
from drift_core.gate.last_canary import last_canary_values
from drift_core.judge_card.card import JudgeCard
from drift_core.judge_card.document import CardValue, parse_card
from drift_core.judge_card.faults import validate_card
from drift_core.judge_card.file import edit_card
from drift_core.judge_card.template import TEMPLATE
from drift_core.measured import Measured
from drift_core.regions.named_region import DRAWN
from drift_core.wording import counted
from pages.components.canary import canary_history
from pages.components.card.card_fields import PIN, SLICES
from pages.components.session import documents, investigation_store, session, visitor_store
from pages.components.session.documents import FoundDocument
from pages.components.session.investigation_record import KeptDocument

_CARD, _FAULT, _NOTE = "card", "card_fault", "card_note"
_N_OPENED = "opened_cards"  # of the session, so that no two forms share their fields
FILE_NAME = "judges.yaml"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenCard:
    """A card's file and what it holds.

    `number` counts the cards that a session opened, each with a form of its own; `on_disk` is the copy as it left it.
    """

    name: str
    content: bytes
    card: JudgeCard
    number: int
    on_disk: bytes | None = None

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def current() -> OpenCard | None:
    """The open card, in a new session the one that was open last; or None."""
    found = documents.last("card") if visitor_store.get(_CARD) is None else None
    if found is not None:
        with _faults_kept():
            reopen(found)
    opened: OpenCard | None = visitor_store.get(_CARD)
    return opened


def reopen(found: FoundDocument) -> None:
    """Open a kept card as it was left; raise where it cannot be."""
    folder, kept = documents.read(found)
    content = investigation_store.content(folder, FILE_NAME)
    made = _made(kept.name, content)
    documents.opened(found)
    visitor_store.put(_CARD, replace(made, on_disk=content))


def begin() -> None:
    """Open the template, with what the newest canary run tells; fit as a callback."""
    run = newest_run()
    known: dict[str, CardValue] = {} if run is None else last_canary_values(run)
    if run is not None and run.student_version:
        known["student.version"] = run.student_version
    if run is not None and run.teacher_model:
        known["teacher.model"] = run.teacher_model
    with _faults_kept():
        _put(FILE_NAME, edit_card(TEMPLATE.encode(), known))


def open_upload(key: str) -> None:
    """Open the uploaded card of a widget; a broken one is said and leaves the open card. Fit as a callback."""
    upload = session.event(key)
    if upload:
        with _faults_kept():
            _put(upload.name, upload.getvalue())


def edit(values: Mapping[str, CardValue]) -> None:
    """Set values of the open card; a wrong one raises and changes nothing."""
    opened = current()
    if opened is None or not values:
        return
    by_another = _changed_by_another(opened)
    content = edit_card(by_another or opened.content, values, name=opened.name)
    changed = replace(opened, content=content, card=_read(opened.name, content))
    _keep(_made(opened.name, content) if by_another else changed)
    visitor_store.put(_NOTE, f"Changed in {opened.name}: {counted(len(values), 'field', 'fields')}.")


def take_newest_run() -> None:
    """Write the newest canary run into the card; fit as a callback."""
    run = newest_run()
    if run is not None:
        with _faults_kept():
            edit(last_canary_values(run))


def close() -> None:
    """Let go of the card; fit as a callback."""
    documents.close("card")
    visitor_store.take(_CARD)


def take_note() -> str:
    """What the last change did, said once."""
    return visitor_store.take(_NOTE) or ""


def take_fault() -> str:
    """Why an upload could not be opened, said once."""
    return visitor_store.take(_FAULT) or ""


def run_for_pin(card: JudgeCard) -> CanaryRun | None:
    """The first run of the card's student, whose revision is the pin where that is missing and the history knows it."""
    version = card.student.version
    if card.teacher.revision is not None or version is None:
        return None
    return next((run for run in _runs() if run.student_version == version and run.teacher_revision), None)


def take_pin() -> None:
    """Write the revision of that run into the open card; fit as a callback."""
    opened = current()
    run = run_for_pin(opened.card) if opened else None
    if opened and run:
        with _faults_kept():
            edit({PIN.where: run.teacher_revision})
            visitor_store.fill(PIN.widget_of(opened.number), run.teacher_revision)


def named_without_floor(card: JudgeCard) -> tuple[str, ...]:
    """Names of the regions that the open history follows and that are no critical slices of a card."""
    held = {(each.partition, each.name) for each in card.critical_slices}
    with suppress(DriftError):
        return tuple(each.name for each in canary_history.followed() if (DRAWN, each.name) not in held)
    return ()


def make_critical(name: str) -> None:
    """Give a named region the floor of all traffic as its own; fit as a callback."""
    opened = current()
    if opened is not None:
        held = [each.model_dump() for each in opened.card.critical_slices]
        with _faults_kept():
            edit({SLICES: [*held, {"partition": DRAWN, "name": name, "floor": opened.card.floors.agreement}]})


def newest_run() -> CanaryRun | None:
    """The newest run of the open history that could be measured."""
    return next((run for run in reversed(_runs()) if isinstance(run.agreement, Measured)), None)


def _runs() -> tuple[CanaryRun, ...]:
    """Runs of the open history; none where it cannot be read, which the pages of the history say."""
    try:
        read = canary_history.reading(session.rule())
    except DriftError:
        return ()
    return tuple(week.run for week in read.weeks) if read else ()


@contextmanager
def _faults_kept() -> Iterator[None]:
    """Keep what is wrong to be said on the page."""
    try:
        yield
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))


def _put(name: str, content: bytes) -> None:
    made = _made(name, content)
    documents.close("card")
    _keep(made)


def _keep(opened: OpenCard) -> None:
    place = documents.keep("card", KeptDocument(name=opened.name), {FILE_NAME: opened.content})
    visitor_store.put(_CARD, opened if place is None else replace(opened, on_disk=opened.content))


def _changed_by_another(opened: OpenCard) -> bytes | None:
    """The copy where another page of the visitor has changed it since; None where none has, or it cannot be read."""
    folder = documents.folder("card")
    if folder is not None:
        with suppress(DriftError):
            there = investigation_store.content(folder, FILE_NAME)
            return there if there != opened.on_disk else None
    return None


def _made(name: str, content: bytes) -> OpenCard:
    card, number = _read(name, content), (visitor_store.get(_N_OPENED) or 0) + 1
    visitor_store.put(_N_OPENED, number)
    return OpenCard(name=name, content=content, card=card, number=number)


def _read(name: str, content: bytes) -> JudgeCard:
    return validate_card(parse_card(content, name=name), name=name)
