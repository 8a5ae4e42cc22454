import pytest

from drift_core import SettingError, Teacher
from drift_core.rescoring.teacher import same_address, shown_address


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/v1/", "https://a.example/v1/"),
        ("https://u:p@a.example:8/v1", "https://***@a.example:8/v1"),
        ("https://u@a.example", "https://***@a.example"),
        ("https://a.example/v1?key=1&b=", "https://a.example/v1?key=***&b=***"),
        ("https://a.example/v1?secret", "https://a.example/v1?secret=***"),
        ("https://a.example/v1#secret", "https://a.example/v1"),
        ("http://[broken", "***"),
    ],
)
def test_what_is_secret_in_an_address_is_not_shown(url, shown):
    assert shown_address(url) == shown


@pytest.mark.parametrize("url", ["", "judge", "ftp://a.example", "http://", "http://[broken", "http://a.example:99999"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(SettingError, match="must be an address"):
        Teacher(model="judge", url=url)


@pytest.mark.parametrize("more", [{"model": " "}, {"model": "judge", "revision": ""}])
def test_empty_names_are_refused(more):
    with pytest.raises(SettingError):
        Teacher(**more)


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("https://A.example/v1", True),
        ("https://a.example/v1/", True),
        ("http://a.example/v1", False),
        ("https://a.example:8443/v1", False),
        ("https://a.example.org/v1", False),
        ("https://a.example@evil.example/v1", False),
        ("https://a.example/v2", False),
        ("https://a.example:x/v1", False),
    ],
)
def test_two_addresses_are_one_endpoint_by_scheme_host_port_and_path(other, is_same):
    assert same_address("https://a.example/v1", other) is is_same


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:pa/ssword@judge.example/v1",
        "https://ada:pa#ssword@judge.example/v1",
        "https://ada:pa?ssword@judge.example/v1",
        "https://ada:12#ssword@judge.example/v1",
        "https://ada:12/ssword@judge.example/v1",
        "https://ada:12?ssword@judge.example/v1",
        "https://ada:pa[ssword@judge.example/v1",
        "ada:pa12ssword@judge.example/v1",
    ],
)
def test_a_password_that_splits_the_address_is_not_shown(url):
    shown = shown_address(url)

    assert not any(part in shown for part in ("ssword", "pa/", "pa?", "pa1", "pa["))
    if "12" not in url or "://" not in url:
        with pytest.raises(SettingError) as caught:
            Teacher(model="judge", url=url)
        assert "ssword" not in str(caught.value)
        assert ":pa" not in str(caught.value)
    assert not same_address(url, "https://judge.example/v1")


@pytest.mark.parametrize(
    "url", ["http://exa\u202emple/v1", "http://\u2603.net/v1", "http://a.example/\x00", "http://a.example?b=\ud800"]
)
def test_an_address_with_signs_that_none_has_is_refused(url):
    with pytest.raises(SettingError, match="must be an address"):
        Teacher(model="judge", url=url)
