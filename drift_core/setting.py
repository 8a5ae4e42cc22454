"""A setting that a user enters, said once: its default, what it means, what it may be, and its option."""

from dataclasses import MISSING, field, fields
from typing import TYPE_CHECKING, Any

from drift_core.errors import SettingError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def setting(
    default: object, meaning: str, *, allowed: int | str | None = None, kind: str = "N", option: str | None = None
) -> Any:
    """Make a field with a meaning; a command that takes the settings has an option for it.

    Parameters
    ----------
    default
        `...` where there is none.
    allowed
        The least whole number, or an interval such as ``[0, 1)``; None is checked elsewhere.
    kind, option
        What the command line calls the value, and the option where it is not named like the field.
    """
    about = {"meaning": meaning, "allowed": allowed, "kind": kind, "option": option}
    return field(default=MISSING if default is ... else default, metadata=about)


def check_settings(settings: "DataclassInstance", whose: str = "") -> None:
    """Raise a SettingError where a value is not what its field allows; None is where that is the default."""
    for each in fields(settings):
        value, allowed = getattr(settings, each.name), each.metadata.get("allowed")
        if allowed is None or (value is None and each.default is None):
            continue
        is_whole = isinstance(allowed, int)
        is_number = isinstance(value, int if is_whole else int | float) and not isinstance(value, bool)
        if not is_number or not (value >= allowed if is_whole else _is_within(value, allowed)):
            expected = f"a whole number from {allowed} up" if is_whole else f"a number in {allowed}"
            raise SettingError(f"{whose}{each.name} must be {expected}; found {value!r}.")


def _is_within(value: float, interval: str) -> bool:
    low, high = map(float, interval[1:-1].split(", "))
    return low < value < high or (value == low and interval[0] == "[") or (value == high and interval[-1] == "]")
