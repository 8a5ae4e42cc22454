"""A date or time given on the command line."""

from datetime import UTC, datetime

from drift_core.errors import SettingError


def read_moment(text: str, *, option: str) -> datetime:
    """Read an ISO date or time; a date is its start, and a time without a zone is taken for UTC.

    Raises
    ------
    SettingError
        When it is neither.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SettingError(
            f"{option} must be a date or time such as 2026-05-01 or 2026-05-01T06:00Z; found {text!r}."
        ) from error
