"""One message to a webhook by the standard library alone; its address is a secret, and no failure is raised."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from threading import Thread
from typing import IO, Literal, NoReturn, get_args
from urllib.error import HTTPError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from drift_core.errors import SettingError
from drift_core.tables.json_text import json_text
from drift_core.version import VERSION

Format = Literal["slack", "teams", "json"]
HOSTS: Mapping[str, Format] = {
    "hooks.slack.com": "slack",
    "hooks.slack-gov.com": "slack",
    ".logic.azure.com": "teams",
    ".logic.azure.us": "teams",
    ".api.powerplatform.com": "teams",
    ".api.powerplatform.us": "teams",
}
RETIRED = (".webhook.office.com", "outlook.office.com", "outlook.office365.com")
LATER = (429, 503)  # answers whose Retry-After is heeded


class Webhook:
    """An address that a message can be sent to, and that is neither printed nor pickled by accident.

    Parameters
    ----------
    address
        Where it is; http or https.
    name
        The environment variable that holds it, by which messages call it.
    form
        The format of messages; by default told by the host.

    Raises
    ------
    SettingError
        When the address is none, belongs to a retired service, or the format is unknown; the address is not repeated.
    """

    __slots__ = ("__address", "form", "name")

    def __init__(self, address: str, *, name: str, form: str | None = None) -> None:
        parts = _parts(address.strip())
        host = (parts.hostname or "") if parts else ""
        if parts is None or parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            raise SettingError(
                f"The environment variable {name} must hold the address of a webhook: http:// or https://, a host and "
                "a path, without a user. What it holds is another text, which is not shown as it may be a secret."
            )
        if _is_one_of(host, RETIRED):
            raise SettingError(
                f"The webhook in {name} is a connector of Microsoft 365, which Teams has retired. Make one with the "
                "app Workflows: Post to a channel when a webhook request is received."
            )
        found = next((form for known, form in HOSTS.items() if _is_one_of(host, (known,))), "json")
        if form is not None and form not in get_args(Format):
            raise SettingError(f"--webhook-format must be one of {', '.join(get_args(Format))}; found {form!r}.")
        self.__address = address.strip()
        self.name = name
        self.form: Format = form or found  # type: ignore[assignment]  # checked above

    def reveal(self) -> str:
        return self.__address

    def __repr__(self) -> str:
        return f"Webhook({self.name!r}, form={self.form!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("The address of a webhook is never written to a file.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a webhook is waited for: for one answer, and at most before the one other try that it asks for."""

    answer_seconds: float = 10.0
    retry_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    retry_after: float | None = None


class _NoRedirect(HTTPRedirectHandler):
    """Let a redirect be the answer: what is told goes to the address that was named and nowhere else."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def send(webhook: Webhook, body: Mapping[str, object], *, patience: Patience | None = None) -> str | None:
    """Send one message; gives None once it was taken, else why not, in words that hold nothing of the address.

    An answer of 429 or 503 is heeded once, where it says by Retry-After to come back soon enough.
    """
    patience = patience or Patience()
    content = json_text(body).encode("utf-8", "replace")
    answer = _attempt(webhook, content, patience.answer_seconds)
    wait = None if isinstance(answer, str) else answer.retry_after
    if wait is not None and wait <= patience.retry_seconds:
        time.sleep(wait)
        answer = _attempt(webhook, content, patience.answer_seconds)
    if isinstance(answer, str):
        return answer
    if 300 <= answer.status < 400:
        return f"it redirects ({answer.status}), which is not followed"
    return None if 200 <= answer.status < 300 else f"it answered {answer.status}"


def _attempt(webhook: Webhook, content: bytes, seconds: float) -> _Answer | str:
    """Ask once. In a thread, as names are looked up without a limit and a server may answer a byte at a time."""
    found: list[_Answer | str] = []
    thread = Thread(target=lambda: found.append(_post(webhook, content, seconds)), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else f"it did not answer within {seconds:g} seconds"


def _post(webhook: Webhook, content: bytes, seconds: float) -> _Answer | str:
    headers = {"Content-Type": "application/json", "User-Agent": f"distillation-drift/{VERSION}"}
    request = Request(webhook.reveal(), data=content, headers=headers, method="POST")
    try:
        with build_opener(_NoRedirect).open(request, timeout=seconds) as response:
            return _Answer(status=response.status)
    except HTTPError as error:
        with error:
            return _Answer(status=error.code, retry_after=_retry_after(error))
    except TimeoutError:
        return f"it did not answer within {seconds:g} seconds"
    except (HTTPException, ValueError):
        return "what it answered is no HTTP"
    except OSError as error:  # its text may name the host
        if isinstance(getattr(error, "reason", None), TimeoutError):
            return f"it did not answer within {seconds:g} seconds"
        return "it cannot be reached"


def _retry_after(error: HTTPError) -> float | None:
    told = (error.headers.get("Retry-After") or "").strip()
    return float(told) if error.code in LATER and told.isdecimal() and told.isascii() else None


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        is_address = address.isascii() and address.isprintable() and " " not in address and parts.port != 0
    except ValueError:
        return None
    return parts if is_address else None


def _is_one_of(host: str, known: tuple[str, ...]) -> bool:
    return any(host == each or (each.startswith(".") and host.endswith(each)) for each in known)
