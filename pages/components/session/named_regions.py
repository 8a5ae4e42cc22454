"""Regions that a visitor drew by hand and named, as they are kept with the investigation."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from drift_core.diagnosis.drawn_region import DrawnPairs
from drift_core.errors import InputError
from drift_core.regions.named_region import NamedRegion, read_name
from drift_core.regions.picking import Picked
from pages.components.session import visitor_store

KEY = "named_regions"


def kept_of(samples_key: str) -> tuple[Mapping[str, Any], ...]:
    """What is kept of the regions named in these samples."""
    held = visitor_store.get(KEY)
    return held[1] if held and held[0] == samples_key else ()


def digest_of(samples_key: str) -> str:
    """Tells whether other regions are named than before."""
    return hashlib.sha256(repr(kept_of(samples_key)).encode()).hexdigest()


def drawn_of(samples_key: str, sizes: tuple[int, int]) -> tuple[DrawnPairs, ...]:
    """The named regions of these samples, of so many pairs each."""
    return tuple(
        DrawnPairs(
            name=each["name"],
            pairs=Picked(heldout=_mask(each["heldout"], sizes[0]), production=_mask(each["production"], sizes[1])),
            rule=NamedRegion(**each["rule"]) if each["rule"] else None,
        )
        for each in kept_of(samples_key)
    )


def with_region(kept: Sequence[Mapping[str, Any]], drawn: DrawnPairs) -> tuple[Mapping[str, Any], ...]:
    """What is kept, and one more region; raises an InputError where its name is taken."""
    _check_free(kept, drawn.name)
    places = {name: tuple(np.flatnonzero(getattr(drawn.pairs, name)).tolist()) for name in ("heldout", "production")}
    rule = drawn.rule.to_json() if drawn.rule else None
    return (*kept, {"name": drawn.name, "rule": rule, **places})


def renamed(kept: Sequence[Mapping[str, Any]], name: str, text: str) -> tuple[Mapping[str, Any], ...]:
    """What is kept, one region called otherwise; raises an InputError where that name is none, or taken."""
    new = read_name(text)
    if new == name:
        return tuple(kept)
    _check_free(kept, new)
    rules = {each["name"]: each["rule"] and {**each["rule"], "name": new} for each in kept}
    return tuple({**each, "name": new, "rule": rules[name]} if each["name"] == name else each for each in kept)


def without(kept: Sequence[Mapping[str, Any]], name: str) -> tuple[Mapping[str, Any], ...]:
    """What is kept but one region."""
    return tuple(each for each in kept if each["name"] != name)


def _check_free(kept: Sequence[Mapping[str, Any]], name: str) -> None:
    if any(each["name"] == name for each in kept):
        raise InputError(f"There is a region called {name} already. Choose another name.")


def _mask(places: Sequence[int], size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[[place for place in places if place < size]] = True
    return mask
