"""The URL of a database: read without repeating it in a message, shown without what is secret in it."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from drift_core.errors import SettingError

SECRET_NAME = re.compile("pass|secret|token|key|credential|pwd", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """Where a database is.

    Attributes
    ----------
    url
        The whole of it, which is never shown.
    shown
        It without password and options.
    secrets
        What must never be shown.
    """

    url: URL = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def read_database_url(text: str, *, whose: str, scheme: str | None = None) -> DatabaseUrl:
    """Read a URL; what stands after its scheme is not repeated in a message, as it may hold a password.

    Parameters
    ----------
    whose
        What the URL is of, as messages call it.
    scheme
        The scheme that it is shown with; by default its own, without a driver.

    Raises
    ------
    SettingError
        When it cannot be read.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingError(unreadable(whose)) from None
    if "@" in (url.host or ""):  # the end of a password that has the sign in it
        raise SettingError(unreadable(whose))
    query = {name: "".join(value) for name, value in url.query.items()}
    secrets = [url.password, *(value for name, value in query.items() if SECRET_NAME.search(name))]
    told = [str(each) for each in secrets if each]
    written = {way(each) for each in told for way in (str, quote_plus, lambda word: quote(word, safe=""))}
    shown = url.set(drivername=scheme or url.get_backend_name(), query={}).render_as_string(hide_password=True)
    return DatabaseUrl(url=url, shown=shown, secrets=tuple(sorted(written, key=len, reverse=True)))


def unreadable(whose: str) -> str:
    return (
        f"The URL of {whose} cannot be read. Expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE; write signs such "
        "as @, / and : in the password as %40, %2F and %3A."
    )
