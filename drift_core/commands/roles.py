"""Options of the form ROLE=COLUMN, which say what a column holds."""

from drift_core.errors import SettingError


def roles_of(given: list[str] | None) -> dict[str, str]:
    """Read them into role to column.

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
