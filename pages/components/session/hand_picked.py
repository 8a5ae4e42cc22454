"""What a visitor chose by hand of the open investigation: pairs picked on the map, pairs added to the list."""

import numpy as np

from drift_core.regions.picking import Pick
from pages.components.session import session, visitor_store

_PICK, _ADDED = "pick", "added_pairs"


def pick() -> Pick | None:
    """What is picked on the map of the open investigation by outline or words, or None."""
    choice = visitor_store.get(_PICK)
    inv = session.current()
    return choice[1] if choice and inv and choice[0] == inv.samples_key else None


def put_pick(choice: Pick | None) -> None:
    """Pick on the map, or let go; fit as a callback."""
    inv = session.current()
    visitor_store.put(_PICK, (inv.samples_key, choice) if inv and choice else None)


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
