"""Which teacher is asked, where and with which key; the key and what else is secret never shows itself."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

from drift_core.errors import SettingError

OFFICIAL_URL = "https://api.openai.com/v1"
HIDDEN = "***"
NAME, PLAIN = re.compile(r"[\w.-]+"), re.compile(r"[\w.:/-]*")
# Shorter ones are versions in a query, or the stand-ins that servers without keys take; to scrub them spoils answers.
SHORTEST_SECRET, SHORTEST_KEY = 4, 8


class ApiKey:
    """A key that can be used and neither printed, pickled nor compared by accident."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not value.isascii() or not value.isprintable() or " " in value or not value:
            raise SettingError("The key is empty or holds signs that no key has. Set it again.")
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return f"ApiKey({HIDDEN})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never written to a file.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher:
    """The model that scores.

    Attributes
    ----------
    model
        Its name at the endpoint.
    url
        Base address of an OpenAI-compatible endpoint. A user, a password or a query in it is sent and never shown.
    revision
        The pin: the model or the system fingerprint that every answer must name; None lets the first answer set it.
    key
        Sent as a bearer token, unless the address has a user.

    Raises
    ------
    SettingError
        When the address is none or the model has no name.
    """

    model: str
    url: str = field(default=OFFICIAL_URL, repr=False)
    revision: str | None = None
    key: ApiKey | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise SettingError("The teacher's model needs a name, as its endpoint calls it; found none.")
        if self.revision is not None and not self.revision.strip():
            raise SettingError("The teacher's revision is empty. Name it, or leave it out.")
        _check_address(self.url)

    @property
    def shown_url(self) -> str:
        """The address without user, password and the values of its query."""
        return shown_address(self.url)

    @property
    def plain_url(self) -> str:
        """The address alone, to call."""
        parts = urlsplit(self.url.strip())
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))

    @property
    def query(self) -> dict[str, str]:
        """The query of the address, sent with each call."""
        return dict(parse_qsl(urlsplit(self.url.strip()).query, keep_blank_values=True))

    def authorization(self) -> str | None:
        """The header's value; secret."""
        parts = urlsplit(self.url.strip())
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            return f"Basic {b64encode(pair.encode()).decode()}"
        return f"Bearer {self.key.reveal()}" if self.key else None

    def scrub(self, text: str) -> str:
        """Take every secret out of a text that came from the endpoint."""
        for secret in self._secrets():
            text = text.replace(secret, HIDDEN)
        return text

    def _secrets(self) -> list[str]:
        parts = urlsplit(self.url.strip())
        found = [self.key.reveal()] if self.key and len(self.key.reveal()) >= SHORTEST_KEY else []
        others = (parts.password or "", unquote(parts.password or ""), *self.query.values())
        found += [each for each in others if len(each) >= SHORTEST_SECRET]
        if parts.username is not None:
            found.append((self.authorization() or "").partition(" ")[2])
        return sorted({form for each in found for form in (each, quote(each, safe=""))}, key=len, reverse=True)


def shown_address(url: str) -> str:
    """An address without user, password and the values of its query.

    Examples
    --------
    >>> shown_address("https://ada:secret@judge.example/v1?key=abc")
    'https://***@judge.example/v1?key=***'
    """
    parts = _parts(url)
    if parts is None:
        return url.strip() if PLAIN.fullmatch(url.strip()) else HIDDEN
    if "@" in parts.path + parts.fragment:  # a password with a sign that ends the host
        return HIDDEN
    _, at, host = parts.netloc.rpartition("@")
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    query = "&".join(f"{name if NAME.fullmatch(name) else HIDDEN}={HIDDEN}" for name in names)
    query = query or (HIDDEN if parts.query else "")
    return urlunsplit((parts.scheme, f"{HIDDEN}@{host}" if at else host, parts.path, query, ""))


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one endpoint: scheme, host, port and path, a last slash aside."""
    first, second = (
        None if each is None else (each.scheme, each.hostname, each.port, each.path.rstrip("/"))
        for each in (_parts(one), _parts(other))
    )
    return first is not None and first == second


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; None where it is none."""
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        # A host of other scripts is written xn--..., as the client checks those by rules of its own.
        is_address = is_address and url.strip().isprintable() and (parts.hostname or "").isascii()
    except ValueError:
        return None
    return parts if is_address else None


def _check_address(url: str) -> None:
    if _parts(url) is None:
        raise SettingError(
            f"The endpoint must be an address such as {OFFICIAL_URL}; found {shown_address(url)!r}. "
            "It begins with http:// or https://."
        )
