"""Whose the open history, card, comparison, review and re-scoring are, and whether they are of the open samples."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd

from drift_core.canary.run import CanaryRun
from drift_core.canary.students import measured_on, owner_in_words
from drift_core.errors import DriftError
from drift_core.samples.two_samples import share_of_queries
from pages.components.canary import canary_history
from pages.components.card import card_open
from pages.components.comparison import comparison_open
from pages.components.rescore import rescore_open
from pages.components.review import review_open
from pages.components.session import cached, documents, recent, session, visitor_store
from pages.components.session.documents import FoundDocument, Kind
from pages.components.session.investigation import Investigation

MOSTLY = 0.5  # of a file's queries, from which it is of the same traffic
_NAMED = "history_named"  # in the address, of each investigation


def enter(inv: Investigation | None, *, along: Sequence[Kind] = ()) -> None:
    """Go to what belongs to an investigation: to all with the same held-out and student, as its weeks have.

    What was opened while there was none, and belongs to none, comes with the first whose samples it may be of; in a new
    session only where that is sure. An example stays behind, and nothing takes the place of what is open there. What is
    named in `along` comes in any case.
    """
    is_first, is_new, named = (
        inv is not None and not visitor_store.scope(),
        visitor_store.is_new(),
        session.view().history,
    )
    came = _loose_of(inv, is_new=is_new) if inv is not None and is_first else []
    session.change(history=named)  # as it was before anything was opened here
    visitor_store.put(_NAMED, named)
    before = visitor_store.enter("" if inv is None else _name(inv))
    if before is not None:
        session.change(history=named if "history" in along else visitor_store.get(_NAMED) or "")
    for kind in (*along, *(each for each in came if not documents.is_left(each))):
        if (before is not None or is_new) and visitor_store.get(kind) is None:
            documents.bring(kind, before or "")


def _loose_of(inv: Investigation, *, is_new: bool) -> list[Kind]:
    """What is open and belongs to no investigation, as far as it may be of this one."""
    may_be_of: Mapping[Kind, Callable[[Investigation], bool]] = {
        "history": lambda inv: is_of(inv) is not False and not session.view().history,
        "card": card_is_of,
        "comparison": comparison_is_of,
        "review": review_is_of,
    }
    if is_new:
        _open_loose()
    there = [kind for kind in may_be_of if visitor_store.get(kind) and not documents.owner(kind)]
    may_be_its = [kind for kind in there if may_be_of[kind](inv)]
    if not is_new or not may_be_its or _is_the_only_one(inv):
        return may_be_its
    is_sure = {"history": bool(is_of(inv)), "card": bool(_are_measured_on(_runs_of_card(), inv))}
    return [kind for kind in may_be_its if is_sure.get(kind, True)]  # the others share its queries


def _open_loose() -> None:
    """Open what a session before has left open beside no investigation; what cannot be opened says so on its page."""
    reopen: Mapping[Kind, Callable[[FoundDocument], None]] = {
        "history": canary_history.reopen,
        "card": card_open.reopen,
        "comparison": comparison_open.reopen,
        "review": review_open.reopen,
    }
    is_named = bool(session.view().history)
    for kind, reopened in reopen.items():
        if not (kind == "history" and is_named) and (found := documents.loose(kind)) is not None:
            with suppress(DriftError):
                reopened(found)


def _is_the_only_one(inv: Investigation) -> bool:
    """Whether this visitor has nothing else that it could belong to: own files, and no others are kept."""
    kept = (each.kept for each in recent.found())
    return not inv.scenario and all(each is not None and each.samples_key == inv.samples_key for each in kept)


def open_example() -> None:
    """Open the shipped year as other examples are: in the place of the open investigation; fit as a callback."""
    recent.put_away()
    enter(None)
    canary_history.open_scenario()


def _name(inv: Investigation) -> str:
    def student() -> str:
        read = session.sample("heldout") or inv.heldout  # as it was read: what is set aside depends on production
        scored = pd.DataFrame({"query": read.query, "student": read.student})
        return f"{len(read)}-{int(pd.util.hash_pandas_object(scored, index=False).sum()):x}"

    return cached.result("investigation", inv, (), student)


def opened_here() -> list[str]:
    """What is open of this investigation beside its samples, by name."""
    named = [each.name for each in (canary_history.current(), card_open.current()) if each is not None]
    others = {"a comparison": comparison_open.current(), "a review": review_open.current()}
    return [*named, *(name for name, each in others.items() if each is not None)]


def owner() -> str:
    """Whose weeks the open history has; empty where none is open, it has none, or it cannot be read."""
    return owner_in_words(_runs() or ())


def is_of(inv: Investigation) -> bool | None:
    """Whether a week of the open history was measured on these samples; None where none is open or nothing says so."""
    return _are_measured_on(_runs() or (), inv)


def said(inv: Investigation | None) -> str:
    """That the open history is of other samples than the open investigation; empty where it is not known to be."""
    opened = canary_history.current()
    if inv is None or opened is None or is_of(inv) is not False:
        return ""
    return (
        f"The open history, {opened.name} ({owner()}), has no week that was measured on {inv.heldout.name} or "
        f"{inv.production.name}. Where it is of another student, it says nothing of these samples: what it shows does "
        "not count for them."
    )


def diagnosed(inv: Investigation | None) -> str:
    """The part that the diagnosis of the open week finds, which a series of weeks is too coarse to tell; or empty."""
    made = cached.ready_diagnosis(inv) if inv is not None and is_of(inv) else None
    return "" if made is None or made.part is None else f"The diagnosis of that week says where: {made.part.sentence}"


def card_is_of(inv: Investigation) -> bool:
    """Whether the open card may be of these samples' student: not where all weeks of that student are of others."""
    return _are_measured_on(_runs_of_card(), inv) is not False


def comparison_is_of(inv: Investigation) -> bool:
    """Whether the open comparison is on the traffic of these samples."""
    opened = comparison_open.current()
    if opened is None:
        return False
    given = [each.query for each in (opened.pairs.frozen, opened.pairs.fresh) if each is not None]
    return _is_mostly(inv, f"comparison {opened.key}", *given)


def rescoring_is_of(inv: Investigation) -> bool:
    """Whether the open re-scoring is of pairs of this production sample."""
    token = rescore_open.token()
    try:
        return bool(token) and _is_mostly(inv, f"rescoring {token}", rescore_open.queries())
    except DriftError:
        return False


def review_is_of(inv: Investigation) -> bool:
    """Whether the open review is of pairs of these samples."""
    opened = review_open.current()
    if opened is None:
        return False
    drawn = opened.review.draw
    queries = np.array([pair.query for pair in drawn.pairs], dtype=object)
    return _is_mostly(inv, f"review {drawn.digest}", queries)


def apart(inv: Investigation | None) -> tuple[str, ...]:
    """Pages that close the loop whose open work is of other samples than the open investigation's."""
    if inv is None:
        return ()
    found = {
        "rescore": bool(rescore_open.token()) and not rescoring_is_of(inv),
        "comparison": comparison_open.current() is not None and not comparison_is_of(inv),
        "review": review_open.current() is not None and not review_is_of(inv),
    }
    return tuple(name for name, is_apart in found.items() if is_apart)


def _runs_of_card() -> Sequence[CanaryRun]:
    """Runs of the open card's student in the open history, which others may share."""
    card = card_open.current()
    version = card.card.student.version if card is not None else None
    return [run for run in _runs() or () if version is not None and run.student_version == version]


def _are_measured_on(runs: Sequence[CanaryRun], inv: Investigation) -> bool | None:
    return measured_on(runs, (inv.heldout.digest, inv.production.digest))


def _runs() -> Sequence[CanaryRun] | None:
    """Every run of the open history; None where none is open, or it cannot be read, which its own pages say."""
    try:
        read = canary_history.reading(session.rule())
    except DriftError:
        return None
    return None if read is None else read.runs


def _is_mostly(inv: Investigation, what: str, *given: np.ndarray) -> bool:
    def shares() -> list[float]:
        return [share_of_queries(each, inv.heldout, inv.production) for each in given]

    return max(cached.result(what, inv, (), shares), default=0.0) >= MOSTLY
