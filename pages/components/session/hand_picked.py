"""What a visitor chose by hand of the open investigation: a pick on the map, a pair to read, pairs for the list."""

from typing import Any

import numpy as np

from drift_core.regions.picking import Pick
from pages.components.session import session, visitor_store

_PICK, _PAIR, _ADDED = "pick", "pair", "added_pairs"


def pick() -> Pick | None:
    """What is picked of the open investigation, or None."""
    choice: Pick | None = _held(_PICK)
    return choice


def put_pick(choice: Pick | None) -> None:
    """Pick, or let go; fit as a callback."""
    _hold(_PICK, None if choice == Pick() else choice)


def pair() -> int | None:
    """Position of the production pair that is open to be read, or None."""
    position: int | None = _held(_PAIR)
    return position


def put_pair(position: int | None) -> None:
    """Open a production pair, or close it; fit as a callback."""
    _hold(_PAIR, position)


def added_pairs() -> np.ndarray:
    """Production pairs added to the retrain list by hand, bool of shape (n_production,)."""
    inv = session.current()
    key, rows = visitor_store.get(_ADDED) or ("", ())
    mask = np.zeros(len(inv.production) if inv else 0, dtype=bool)
    if inv and key == inv.samples_key:
        mask[list(rows)] = True
    return mask


def add_pairs(chosen: np.ndarray, *, is_added: bool = True) -> None:
    """Put pairs on the retrain list by hand, or take them off; fit as a callback."""
    inv = session.current()
    if inv is not None:
        mask = added_pairs() | chosen if is_added else added_pairs() & ~chosen
        visitor_store.put(_ADDED, (inv.samples_key, tuple(np.flatnonzero(mask).tolist())))


def _held(name: str) -> Any:
    held, inv = visitor_store.get(name), session.current()
    return held[1] if held and inv and held[0] == inv.samples_key else None


def _hold(name: str, value: Any) -> None:
    inv = session.current()
    visitor_store.put(name, None if inv is None or value is None else (inv.samples_key, value))
