"""Which review a visitor has open, who reviews, and at which pair; each answer is written before the next is shown.

A drawn or uploaded review is a copy of the visitor's own, kept for their browser; one opened by its path is the file
itself, which several reviewers share.
"""

import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import mkdtemp

from drift_core.errors import DriftError, InputError
from drift_core.retrain_list.reader import read_list
from drift_core.review.draw import draw_review, draw_spot_check
from drift_core.review.exchange import ImportedAnswers, import_answers
from drift_core.review.pairs import Answer, GivenAnswer, ReviewDraw, ReviewPair, ReviewSettings
from drift_core.review.readiness import Readiness, read_readiness
from drift_core.review.result import ReviewResult, estimate_review
from drift_core.review.review_file import Review, create_review, name_of, open_review
from pages.components.frame import progress
from pages.components.samples import intake
from pages.components.session import cached, documents, session, visitor_store
from pages.components.session.documents import FoundDocument
from pages.components.session.investigation import Investigation
from pages.components.session.investigation_record import KeptDocument

_OPEN, _FAULT, _PLACE, _NOTING, _WHOLE = "review", "review_fault", "review_place", "review_noting", "review_whole"
_IMPORTED = "review_imported"
FILE_NAME = "review.db"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenReview:
    """A review and who reviews; `folder` holds a copy that goes with the session."""

    review: Review
    kept: KeptDocument
    folder: Path | None = None

    @property
    def reviewer(self) -> str:
        return self.kept.reviewer

    @property
    def where(self) -> str:
        """Where answers go, in words."""
        if self.kept.path:
            return "the file itself"
        return "a copy of your own, " + ("gone with this visit" if self.folder else "kept for this browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReading:
    """What the answers so far say; no readiness of a spot check."""

    result: ReviewResult
    readiness: Readiness | None


def current() -> OpenReview | None:
    """The open review, in a new session the one that was open last; or None."""
    opened: OpenReview | None = visitor_store.get(_OPEN)
    if opened is not None and not opened.review.path.is_file():
        visitor_store.take(_OPEN)  # it was deleted on another page
        opened = None
    found = documents.last("review") if opened is None else None
    if found is not None:
        _try(lambda: reopen(found))
        opened = visitor_store.get(_OPEN)
    return opened


def draw(inv: Investigation, settings: ReviewSettings, start: date | None) -> None:
    """Draw disagreements of the open investigation; raises what is wrong."""
    with progress.shown("Comparing regions") as report:
        made = cached.diagnosis(inv, report)
    _put_drawn(draw_review(made, settings=settings, start=start))


def draw_check(name: str, content: bytes, share: float) -> None:
    """Draw a spot check of an uploaded list; raises what is wrong."""
    _put_drawn(draw_spot_check(read_list(content, name=name), share=share))


def open_path(text: str) -> None:
    """Open the file at a path, where the path lies in an allowed folder."""
    path = intake.allowed_path(text)
    _put(OpenReview(review=open_review(path), kept=KeptDocument(name=path.name, path=str(path))))


def open_upload(name: str, content: bytes) -> None:
    """Open a copy of an uploaded review."""
    folder = _folder()
    (folder / FILE_NAME).write_bytes(content)
    try:
        review = open_review(folder / FILE_NAME)
    except DriftError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _put_copy(review, name, folder)


def reopen(found: FoundDocument) -> None:
    """Open a kept review as it was left; raise where it cannot be."""
    folder, kept = documents.read(found)
    path = intake.allowed_path(kept.path) if kept.path else folder / FILE_NAME
    opened = OpenReview(review=open_review(path), kept=kept)
    documents.opened(found)
    _show(opened)


def close() -> None:
    """Let go of the review; fit as a callback."""
    documents.close("review")
    visitor_store.take(_OPEN)


def count_answers(found: FoundDocument) -> int:
    """How many answers a kept review has; 0 where it cannot be read."""
    try:
        return sum(bool(each.answer) for each in open_review(documents.read(found)[0] / FILE_NAME).answers())
    except DriftError:
        return 0


def begin(reviewer: str) -> None:
    """Review under a name, which is kept with the open review."""
    if (opened := current()) is not None:
        _keep(replace(opened, kept=replace(opened.kept, reviewer=name_of(reviewer))))


def own_answers() -> dict[int, GivenAnswer]:
    """What this reviewer said, by the place of the pair."""
    opened = _known()
    return {each.place: each for each in opened.review.answers() if each.reviewer == opened.reviewer}


def shown_pair() -> ReviewPair:
    """The pair that is shown: where the reviewer went, at first the first without an answer."""
    pairs, place = _known().review.draw.pairs, visitor_store.get(_PLACE)
    if place is None:
        answered = {number for number, each in own_answers().items() if each.answer}
        place = next((pair.place for pair in pairs if pair.place not in answered), len(pairs))
        visitor_store.put(_PLACE, place)
    return pairs[place - 1]


def answer(place: int, said: Answer) -> None:
    """Write an answer and go to the next pair; fit as a callback.

    Buttons of the pair before hear their keys until the browser has let go of them: a pair that is not shown any more
    is not answered.
    """
    if place == visitor_store.get(_PLACE) and _try(
        lambda: _write(GivenAnswer(place=place, reviewer=_known().reviewer, answer=said, at=datetime.now(UTC)))
    ):
        _go(place + 1)


def note(place: int, key: str) -> None:
    """Write what was typed as the note of a pair; fit as a callback."""
    text = str(session.event(key))
    if _try(lambda: _write(GivenAnswer(place=place, reviewer=_known().reviewer, note=text, at=datetime.now(UTC)))):
        take_note(False)


def undo() -> None:
    """Take the last answer or note back, and go to its pair; fit as a callback."""

    def take_back() -> None:
        if (place := _known().review.undo(_known().reviewer)) is not None:
            _go(place)

    _try(take_back)


def go(place: int, step: int) -> None:
    """Go so far from the pair that is shown; fit as a callback."""
    if place == visitor_store.get(_PLACE):
        _go(place + step)


def take_note(is_taken: bool) -> None:
    """Open or close the field of the note; fit as a callback."""
    visitor_store.put(_NOTING, is_taken)


def is_noting() -> bool:
    return bool(visitor_store.get(_NOTING))


def is_done() -> bool:
    """Whether the reviewer has answered every pair."""
    return sum(each.answer is not None for each in own_answers().values()) == len(_known().review.draw.pairs)


def has_turned(is_whole: bool) -> bool:
    """Whether the last pair has just been answered, or an answer been taken back since."""
    before = visitor_store.get(_WHOLE)
    visitor_store.put(_WHOLE, is_whole)
    return before is not None and before != is_whole


def import_file(name: str, content: bytes) -> None:
    """Read answers that were given elsewhere."""
    opened = _known()
    done = import_answers(opened.review, content, name=name, reviewer=opened.reviewer or None)
    visitor_store.put(_IMPORTED, done)
    visitor_store.put(_PLACE, None)


def take_imported() -> ImportedAnswers | None:
    """What the file held that has just been read, once."""
    done: ImportedAnswers | None = visitor_store.take(_IMPORTED)
    return done


def reading() -> ReviewReading | None:
    """Read the open review's answers; None where none is open."""
    opened = current()
    if opened is None:
        return None
    review, answers, today = opened.review, opened.review.answers(), datetime.now(UTC).date()

    def read() -> ReviewReading:
        result = estimate_review(review.draw, answers)
        is_check = review.draw.kind == "spot check"
        return ReviewReading(
            result=result, readiness=None if is_check else read_readiness(review.draw, result, today=today)
        )

    return cached.result_by_key("review", f"{review.path} {hash((review.draw, answers))}", (today,), read)


def take_fault() -> str:
    """What the last action could not do, said once."""
    return visitor_store.take(_FAULT) or ""


def _go(place: int) -> None:
    visitor_store.put(_PLACE, min(max(place, 1), len(_known().review.draw.pairs)))
    take_note(False)


def _try(act: Callable[[], object]) -> bool:
    """Act; what is wrong is kept to be said on the page."""
    try:
        act()
    except DriftError as error:
        visitor_store.put(_FAULT, str(error))
        return False
    return True


def _known() -> OpenReview:
    if (opened := current()) is None:
        raise InputError("No review is open. Draw one, or open a file.")
    return opened


def _write(given: GivenAnswer) -> None:
    _known().review.answer(given)


def _put_drawn(drawn: ReviewDraw) -> None:
    folder = _folder()
    _put_copy(create_review(drawn, folder / FILE_NAME), drawn.name, folder)


def _put_copy(review: Review, name: str, folder: Path) -> None:
    weakref.finalize(review, shutil.rmtree, folder, ignore_errors=True)
    _put(OpenReview(review=review, kept=KeptDocument(name=name), folder=folder))


def _put(opened: OpenReview) -> None:
    documents.close("review")
    _keep(opened)


def _keep(opened: OpenReview) -> None:
    """Keep what is open; a copy of this session moves to what is kept for the visitor."""
    contents = {FILE_NAME: opened.review.path.read_bytes()} if opened.folder else {}
    place = documents.keep("review", opened.kept, contents)
    if place is not None and opened.folder:
        opened = replace(opened, review=Review(place / FILE_NAME, opened.review.draw), folder=None)
    _show(opened)


def _show(opened: OpenReview) -> None:
    visitor_store.put(_OPEN, opened)
    visitor_store.put(_PLACE, None)
    visitor_store.put(_WHOLE, None)
    take_note(False)


def _folder() -> Path:
    return Path(mkdtemp(prefix="distillation-drift-"))
