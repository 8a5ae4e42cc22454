import pickle

import pytest

from drift_core.alerts.settings import AlertSettings
from drift_core.alerts.webhook import Patience, Webhook, send
from drift_core.errors import SettingError
from tests.drift_core.alerts.webhook_server import answering, closed, saying

QUICK = Patience(answer_seconds=2.0, retry_seconds=1.0)
PLACE = "T0/s3cret"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


def to(address):
    return Webhook(address, name="HOOK")


def test_a_message_is_sent_once_and_holds_nothing_of_this_machine():
    with answering((200, {})) as server:
        assert send(to(server.url), {"text": "Zürich \ud800"}, patience=QUICK) is None

    [(path, headers, body)] = server.sent
    assert (path, body) == ("/services/T0/s3cret", {"text": "Zürich ?"})
    assert {name.lower() for name in headers} == {
        *("accept-encoding", "connection", "content-length", "content-type", "host", "user-agent")
    }


@pytest.mark.parametrize("status", [400, 404, 500, 502])
def test_an_error_is_told_and_not_tried_again(status):
    with answering((status, {})) as server:
        assert send(to(server.url), {}, patience=QUICK) == f"it answered {status}"

    assert len(server.sent) == 1


def test_what_asks_to_wait_is_tried_once_more_and_no_oftener():
    with answering((429, {"Retry-After": "0"}), (200, {})) as server:
        assert send(to(server.url), {}, patience=QUICK) is None
    with answering((503, {"Retry-After": "0"})) as busy:
        assert send(to(busy.url), {}, patience=QUICK) == "it answered 503"

    assert len(server.sent) == len(busy.sent) == 2


@pytest.mark.parametrize("wait", ["3600", "soon", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", "²"])
def test_what_asks_for_a_long_wait_is_left(wait):
    with answering((429, {"Retry-After": wait.encode().decode("latin-1")})) as server:
        assert send(to(server.url), {}, patience=QUICK) == "it answered 429"

    assert len(server.sent) == 1


def test_a_redirect_is_not_followed():
    with answering((200, {})) as other, answering((307, {"Location": other.url})) as server:
        assert send(to(server.url), {}, patience=QUICK) == "it redirects (307), which is not followed"

    assert other.sent == []


@pytest.mark.parametrize("what", [b"", b"220 smtp.example ESMTP\r\n", b"HTTP/1.1 teapot\r\n\r\n", bytes(range(256))])
def test_what_is_no_http_is_told(what):
    with saying(what) as address:
        assert send(to(address), {}, patience=QUICK) in ("what it answered is no HTTP", "it cannot be reached")


def test_a_webhook_that_is_down_or_slow_is_told():
    assert send(to(closed()), {}, patience=QUICK) == "it cannot be reached"
    with saying(None) as address:
        why = send(to(address), {}, patience=Patience(answer_seconds=0.2))
    assert why == "it did not answer within 0.2 seconds"


def test_the_address_shows_itself_nowhere():
    webhook = to(f"https://hooks.slack.com/services/{PLACE}")

    assert PLACE not in f"{webhook!r} {webhook} {vars(type(webhook))}"
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(webhook)


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://h/s3cret", "s3cret", "http:///s3cret", "https://user:s3cret@h/", "http://h:port/s3cret"),
        *("https://h/s3cret x", "https://hä/s3cret", "file:///etc/s3cret", "http://[s3cret/", "http://h/s3c\nret"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(address):
    with pytest.raises(SettingError, match="variable HOOK must hold the address") as refused:
        to(address)

    assert "s3c" not in str(refused.value)


@pytest.mark.parametrize(
    ("host", "form"),
    [
        ("hooks.slack.com", "slack"),
        ("default1.61.environment.api.powerplatform.com:443", "teams"),
        ("prod-1.westus.logic.azure.com:443", "teams"),
        ("hooks.slack.com.example.org", "json"),
        ("chat.example.org", "json"),
    ],
)
def test_the_format_is_told_by_the_host_or_by_the_user(host, form):
    address = f"https://{host}/{PLACE}"

    assert to(address).form == form
    assert Webhook(address, name="HOOK", form="slack").form == "slack"


def test_a_retired_connector_and_an_unknown_format_are_refused():
    with pytest.raises(SettingError, match=r"retired.*Workflows") as refused:
        to(f"https://example.webhook.office.com/webhookb2/{PLACE}")
    assert PLACE not in str(refused.value)
    with pytest.raises(SettingError, match="one of slack, teams, json; found 'irc'"):
        Webhook("https://h/x", name="HOOK", form="irc")


@pytest.mark.parametrize("given", ["https://hooks.slack.com/services/T0/secret", "xoxb_9f8e7secret", "NAME secret"])
def test_what_is_no_name_of_a_variable_is_not_repeated(given):
    with pytest.raises(SettingError, match="expects the name of the environment variable") as caught:
        AlertSettings(webhook=given)

    assert "secret" not in str(caught.value).replace("is a secret", "")


def test_openmetrics_on_standard_output_is_refused():
    with pytest.raises(SettingError, match="--openmetrics needs a file"):
        AlertSettings(openmetrics="-")
