"""Files of canary weeks and of the tail set that this visitor brought, to be kept off the retrain list."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from drift_core.retrain_list.exclusions import ExcludedPairs
from pages.components.session import recent

_EXCLUDED, _DIGESTS = "list_excluded", ("pair_digests", "query_digests")


def given() -> tuple[ExcludedPairs, ...]:
    """The files that were brought for what is open."""
    kept = recent.chosen(_EXCLUDED) or ()
    return tuple(ExcludedPairs(**each | {name: np.array(each[name]) for name in _DIGESTS}) for each in kept)


def put(given: Sequence[ExcludedPairs]) -> None:
    """Keep these files alone; fit as a callback."""
    plain = ({each.name: getattr(file, each.name) for each in fields(file)} for file in given)
    recent.put_chosen(
        _EXCLUDED, tuple(each | {name: tuple(each[name].tolist()) for name in _DIGESTS} for each in plain)
    )
