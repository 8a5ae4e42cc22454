"""A date or time given on the command line."""

from datetime import UTC, datetime

from drift_core.errors import SettingError


def read_time(text: str, *, option: str) -> datetime:
    """Read an ISO date or time from 1970 to 2199; a date is its start, and a time without a zone is taken for UTC.

    Raises
    ------
    SettingError
        When it is none of these.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        if not 1970 <= at.year < 2200:
            raise ValueError(at.year)
        return at
    except (ValueError, OverflowError) as error:
        raise SettingError(
            f"{option} must be a date or time from 1970 to 2199, such as 2026-05-01 or 2026-05-01T06:00Z; "
            f"found {text!r}."
        ) from error
