"""The prices that a visitor entered, and what follows from them; a figure that nobody typed follows what is open."""

from dataclasses import replace
from typing import Any

from drift_core.options.costs import CanaryCosts, Prices, canary_costs
from drift_core.options.weigh import drifted_share
from drift_core.retrain_list.draw import usual_size
from drift_core.retrain_list.sampling_frame import count_drawable
from drift_core.retrain_list.settings import LARGEST_USUAL
from drift_core.wording import in_a_row
from pages.components.session import cached, excluded_files, session, visitor_store
from pages.components.session.investigation import Investigation

_DRAWABLE = "list_drawable"  # the samples, and how many of their pairs a list can hold


def found() -> CanaryCosts | None:
    """The costs, or None until the teacher's price and the calls are entered."""
    prices = entered()
    return None if prices is None else canary_costs(replace(prices, retrain_pairs=priced_pairs()))


def entered() -> Prices | None:
    """The prices, or None until the teacher's price and the calls are entered."""
    now = session.view()
    if not now.teacher_price or not now.cost_calls:
        return None
    return Prices(
        teacher_per_pair=now.teacher_price,
        student_per_1000=now.cost_student,
        calls_a_week=now.cost_calls,
        canary_pairs=now.cost_canary,
        retrain_pairs=asked_pairs(),
        drifted_share=None if (percent := drifted_percent()) is None else percent / 100,
    )


def still_open() -> str:
    """What is not entered yet of what the ways are priced with; empty where all is."""
    now = session.view()
    if not now.rescoring_price and not now.cost_calls:
        return "No prices are entered."
    told = "The price of re-scoring is entered. " if now.rescoring_price else ""
    wanted = {"the teacher's price of one pair": now.teacher_price, "the calls a week": now.cost_calls}
    missing = [words for words, given in wanted.items() if not given]
    return f"{told}To price the ways, enter {in_a_row(missing)} below." if missing else ""


def rescoring(n_pairs: int) -> str:
    """What the teacher takes for so many pairs, as a figure; empty until its price is entered."""
    price = session.view().rescoring_price
    return f"{n_pairs * price / 1000:,.2f}" if price else ""


def field(name: str, shown: float | None) -> dict[str, Any]:
    """Arguments that tie a widget to a figure that follows what is open until it is typed; see `session.field`."""
    return session.field(name, shown=shown) | {"on_change": keep}


def keep(name: str, key: str) -> None:
    """Keep what was typed, which no longer follows what is open; fit as a callback."""
    typed = session.event(key)
    session.change(**{name: "" if typed == {} else f"{typed:.15g}"})


def retrain_pairs() -> int:
    """As typed, or as many as the retrain list has, which can be no more than the open investigation's pairs."""
    most, asked = drawable_pairs(), asked_pairs()
    is_typed = _number(session.view().cost_retrain) is not None
    return asked if most is None or is_typed else min(asked, most)


def priced_pairs() -> int:
    """As asked for, but no more than the open investigation has for a list."""
    most, asked = drawable_pairs(), asked_pairs()
    return asked if most is None else min(asked, most)


def asked_pairs() -> int:
    """As typed, or as many as the retrain list is wished to have."""
    typed = _number(session.view().cost_retrain)
    return list_size() if typed is None else int(typed)


def list_size() -> int:
    """As many as the retrain list is wished to have, else as many as it has by default."""
    inv = session.current()
    return session.view().list_size or (LARGEST_USUAL if inv is None else usual_size(_different_pairs(inv)))


def drawable_pairs() -> int | None:
    """How many pairs the open investigation has for a list, near-duplicates too until it is drawn; None without one."""
    inv = session.current()
    if inv is None:
        return None
    of, n_left = visitor_store.get(_DRAWABLE) or (None, 0)
    if of == _frame_key(inv):
        return n_left
    return _different_pairs(inv)


def _different_pairs(inv: Investigation) -> int:
    exclude = excluded_files.given()
    return cached.result(
        "drawable pairs", inv, _frame_key(inv), lambda: count_drawable(inv.heldout, inv.production, exclude=exclude)
    )


def keep_drawable(inv: Investigation, n_pairs: int) -> None:
    """Keep how many pairs a list can be drawn from, once that is known."""
    visitor_store.put(_DRAWABLE, (_frame_key(inv), n_pairs))


def _frame_key(inv: Investigation) -> tuple[str, ...]:
    """What a list is drawn from: the samples and the files left out."""
    return inv.samples_key, *(each.digest for each in excluded_files.given())


def drifted_percent() -> float | None:
    """As typed, or the share of the open investigation's production pairs in drifted regions, once it is diagnosed."""
    typed = _number(session.view().cost_drifted)
    if typed is not None:
        return typed
    return 0.0 if session.current() is None else known_drifted_percent()


def known_drifted_percent() -> float | None:
    """What the open investigation says; None until its regions are compared."""
    inv = session.current()
    made = cached.ready_diagnosis(inv) if inv else None
    return None if made is None else 100 * drifted_share(made)


def _number(text: str) -> float | None:
    return float(text) if text else None
