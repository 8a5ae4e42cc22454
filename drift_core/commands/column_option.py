"""Options of the form NAME=COLUMN, which say what a column holds: a role, or a slice by the name that it gets."""

from collections.abc import Sequence

from drift_core.errors import SettingError


def roles_of(given: Sequence[str] | None) -> dict[str, str]:
    """Read them for a command of one sample, into role to column.

    Raises
    ------
    SettingError
        When one is not of that form.
    """
    parts = [option.partition("=") for option in given or ()]
    for option, (role, sign, _) in zip(given or (), parts, strict=True):
        if not role.strip() or not sign:
            raise SettingError(f"--column expects ROLE=COLUMN, such as query=QUESTION; found {option!r}.")
    return {role.strip(): name.strip() for role, _, name in parts}


def column_mapping(
    options: Sequence[str] | None, sample: str, *, samples: Sequence[str] = ("heldout", "production")
) -> dict[str, str]:
    """Read ``NAME=COLUMN`` and ``SAMPLE.NAME=COLUMN`` for one of several samples, the latter before the former.

    Raises
    ------
    SettingError
        When one is not of that form, or is for another sample than these.
    """
    both: dict[str, str] = {}
    alone: dict[str, str] = {}
    for option in options or ():
        name, sign, column = (part.strip() for part in option.partition("="))
        owner, dot, own_name = name.partition(".")
        if not sign or not name or (dot and (owner not in samples or not own_name)):
            *first, last = ("ROLE=COLUMN", *(f"{each}.ROLE=COLUMN" for each in samples))
            raise SettingError(f"--column expects {', '.join(first)} or {last}; found {option!r}.")
        if not dot:
            both[name] = column
        elif owner == sample:
            alone[own_name] = column
    return both | alone
