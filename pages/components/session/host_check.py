"""Who is let in: a request under one of the app's own names, from no page or from the app's own. Knows no page.

A browser sends the name that its user sees. A foreign page that had its own name point to this machine (DNS rebinding)
still sends that name, and one that opens a connection to this machine says as its Origin where it comes from.
"""

import re

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^\s\[\]:/@?#]+))(?::[0-9]{1,5})?", re.IGNORECASE)
_REFUSED = (
    "This app answers only under its own names and only to its own page. By default it is http://localhost with the "
    "port that it printed; another name has to be given when it starts: distillation-drift app --allow-host NAME\n"
)


def host_check(app: ASGIApp) -> ASGIApp:
    """Refuse every request that is not let in, before Streamlit sees it."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or is_allowed(Headers(scope=scope)):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(_REFUSED, status_code=403)(scope, receive, send)
        else:
            await WebSocketClose()(scope, receive, send)  # before it was accepted, so that 403 is answered

    return guarded


def is_allowed(headers: Headers) -> bool:
    """Whether Host is one of the names in `server.allowedHosts`, and Origin, where there is one, a page of that Host.

    Host and Origin are compared to the letter: where they differ Streamlit would ask a host of its own for the public
    address of this machine.
    """
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or len(origins) > 1 or _name(hosts[0]) not in st.get_option("server.allowedHosts"):
        return False
    return not origins or origins[0] in (f"http://{hosts[0]}", f"https://{hosts[0]}")


def _name(host: str) -> str | None:
    found = _HOST.fullmatch(host)
    return (found["six"] or found["name"]).lower() if found else None


MIDDLEWARE = (Middleware(host_check),)
