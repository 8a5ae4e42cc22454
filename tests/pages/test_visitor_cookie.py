"""The cookie by which a browser finds what was kept for it."""

import asyncio

import pytest

from pages.components.session import investigation_store, visitor


def cookies_of(path="/", **headers):
    """What a page or a file sets as cookies, asked for with these headers."""
    sent = []

    async def served(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "headers": given}
    asyncio.run(visitor.visitor_cookie(served)(scope, None, send))
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


PAGE = "text/html,application/xhtml+xml"


def test_a_browser_that_opens_a_page_gets_a_cookie_that_no_script_can_read_and_keeps_it():
    [first], [second] = cookies_of(accept=PAGE), cookies_of(accept=PAGE)
    value, *flags = first.split("; ")
    [again] = cookies_of(accept=PAGE, cookie=f"other=1; {value}")

    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert visitor.TOKEN.fullmatch(value.partition("=")[2])
    assert second != first == again


@pytest.mark.parametrize("proto", ["https", "https, http"])
def test_behind_https_the_cookie_is_for_https_alone(proto):
    [safe], [plain], [other] = (
        cookies_of(**{"accept": PAGE, "x-forwarded-proto": each}) for each in (proto, "", "http, https")
    )

    assert "Secure" in safe.split("; ")
    assert "Secure" not in plain + other


@pytest.mark.parametrize("value", ["../../etc", "short", '"unclosed', "a" * 33])
def test_a_cookie_that_is_no_token_is_replaced(value):
    [cookie] = cookies_of(accept=PAGE, cookie=f"{visitor.COOKIE}={value}")

    assert f"={value};" not in cookie


def test_no_cookie_is_set_where_nothing_is_kept_and_for_what_is_no_page(monkeypatch):
    assert cookies_of("/static/app.js", accept="*/*") == []
    monkeypatch.setenv(investigation_store.VARIABLE, "0")

    assert cookies_of(accept=PAGE) == []
