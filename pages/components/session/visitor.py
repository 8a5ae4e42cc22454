"""Who a visitor is to this server: a random token in a cookie of their browser. No page and no script can read it.

By it a visitor's own investigations are found again. Where none are kept no cookie is set.
"""

import re
import secrets
import time
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.components.session import host_check, investigation_store

COOKIE = "distillation_drift_visitor"
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def visitor_cookie(app: ASGIApp) -> ASGIApp:
    """Give every browser that opens a page a token of its own, or keep the one that it has.

    Made as the server starts: one that keeps no investigations lets go then of what an earlier one has kept.
    """
    if not investigation_store.most():
        investigation_store.prune(time.time())

    async def marked(scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "text/html" not in headers.get("accept", "") or not investigation_store.most():
            await app(scope, receive, send)
            return
        is_safe = "https" in (scope.get("scheme"), headers.get("x-forwarded-proto", "").partition(",")[0].strip())
        cookie = _cookie(_token_in(headers) or secrets.token_urlsafe(24), is_safe=is_safe)

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await app(scope, receive, send_marked)

    return marked


def token() -> str:
    """The token of this visitor's browser, empty where it has none."""
    found = str(st.context.cookies.get(COOKIE, ""))
    return found if TOKEN.fullmatch(found) else ""


def _token_in(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None and TOKEN.fullmatch(found.value) else ""


def _cookie(token: str, *, is_safe: bool) -> str:
    """Lasts as long as an investigation is kept; a link from another site still finds it, a script does not."""
    seconds = investigation_store.DAYS * 24 * 60 * 60
    return f"{COOKIE}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if is_safe else ''}"


MIDDLEWARE = (*host_check.MIDDLEWARE, Middleware(visitor_cookie))  # who is not let in gets no cookie
