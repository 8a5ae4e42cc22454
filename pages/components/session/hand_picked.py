"""What a visitor chose by hand of the open investigation: a pick, a pair to read, pairs for the list, named regions."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from drift_core.diagnosis.drawn_region import DrawnPairs
from drift_core.regions.named_region import read_name
from drift_core.regions.picking import Pick
from pages.components.session import named_regions, recent, session

_PICK, _PAIR, _ADDED = "pick", "pair", "added_pairs"


def pick() -> Pick | None:
    """What is picked of the open investigation, or None."""
    kept = recent.chosen(_PICK) or {}
    return Pick(**{each.name: kept[each.name] for each in fields(Pick) if each.name in kept}) if kept else None


def put_pick(choice: Pick | None) -> None:
    """Pick, or let go; fit as a callback."""
    recent.put_chosen(_PICK, None if choice is None or choice == Pick() else asdict(choice))


def pair() -> int | None:
    """Position of the production pair that is open to be read, or None."""
    kept = recent.chosen(_PAIR)
    return int(kept[0]) if kept else None


def put_pair(position: int | None) -> None:
    """Open a production pair, or close it; fit as a callback."""
    recent.put_chosen(_PAIR, None if position is None else (position,))


def added_pairs() -> np.ndarray:
    """Production pairs added to the retrain list by hand, bool of shape (n_production,)."""
    inv = session.current()
    mask = np.zeros(len(inv.production) if inv else 0, dtype=bool)
    mask[list(recent.chosen(_ADDED) or ())] = True
    return mask


def add_pairs(chosen: np.ndarray, *, is_added: bool = True) -> None:
    """Put pairs on the retrain list by hand, or take them off; fit as a callback."""
    if session.current() is not None:
        mask = added_pairs() | chosen if is_added else added_pairs() & ~chosen
        recent.put_chosen(_ADDED, tuple(np.flatnonzero(mask).tolist()))


def name_region(drawn: DrawnPairs) -> None:
    """Make a region of the investigation of what was drawn; raises an InputError where the name is taken."""
    _put_named(named_regions.with_region(_named(), drawn))


def rename_region(name: str, text: str) -> str:
    """Call a region otherwise, and give its new name; raises an InputError where that is none, or taken."""
    _put_named(named_regions.renamed(_named(), name, text))
    return read_name(text)


def delete_region(name: str) -> None:
    """Take a region out of the investigation."""
    _put_named(named_regions.without(_named(), name))


def _named() -> tuple[Mapping[str, Any], ...]:
    inv = session.current()
    return named_regions.kept_of(inv.samples_key) if inv else ()


def _put_named(kept: tuple[Mapping[str, Any], ...]) -> None:
    recent.put_chosen(named_regions.KEY, kept)
