"""What callers give: scored pairs and a diagnosis, told from what they are made of."""

from drift_core.errors import InputError
from drift_core.samples.pairs import ScoredPairs


def only_pairs(**given: object) -> None:
    """Raise an InputError where an argument, by its name, is no scored pairs: a path or a frame that is to be read."""
    for name, value in given.items():
        if not isinstance(value, ScoredPairs):
            raise InputError(
                f"{name} takes scored pairs and was given {_called(value)}. Read it first: {name} = read_pairs(...), "
                "with the path or frame."
            )


def only_diagnosis(given: object) -> None:
    """Raise an InputError where something else was given in place of a diagnosis."""
    if not hasattr(given, "production"):
        raise InputError(
            f"This takes what diagnose gives and was given {_called(given)}. Read both samples with read_pairs, and "
            "diagnose them first: diagnose(heldout, production)."
        )


def _called(value: object) -> str:
    return f"a {type(value).__name__}" + (f", {value!r}" if isinstance(value, str) and len(value) < 80 else "")
