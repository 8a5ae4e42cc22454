"""Who reaches a re-scoring and what it is asked with: its token, keys, and another server that runs it."""

import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from streamlit.testing.v1 import AppTest

from drift_core.errors import InputError
from pages.components.rescore import rescore_jobs, rescore_open
from pages.components.rescore.rescore_jobs import JobSettings
from tests.drift_core.rescoring import endpoint
from tests.pages.rescorings import begun, links, shown, wait
from tests.pages.walk import PAGES, SECONDS, address, ran, said

pytestmark = pytest.mark.usefixtures("own_place")

ROOT = PAGES.parent
KEY = "sk-page-secret-4711"
ASK = """
import sys
from pages.components.rescore import rescore_jobs
folder = rescore_jobs.known_folder(sys.argv[1])
order = rescore_jobs.settings_of(folder).rescoring()
rescore_jobs.start(sys.argv[1], lambda: rescore_jobs.list_of(folder), order)
rescore_jobs.job_of(sys.argv[1]).thread.join()
"""


def step_list(page):
    return " ".join(each.proto.label for each in page.get("page_link"))


@contextmanager
def another_server(token):
    """Another process that runs a re-scoring, until it is killed."""
    other = subprocess.Popen([sys.executable, "-c", ASK, token], cwd=ROOT)
    try:
        yield other
    finally:
        other.kill()
        other.wait()


def test_a_token_opens_its_run_again_and_nothing_else_does(tmp_path):
    with endpoint.serve() as teacher:
        token = begun(tmp_path, teacher.url)
        page = shown(token)
        assert "Nothing has been asked yet." in said(page)
        page.button("rescore_go_on").click()
        ran(page)
        wait(token)

    rescore_jobs._RUNNING.clear()  # as after a restart of the server
    assert "12 of 12 pairs have a score." in said(shown(token))
    for other in ("", "A" * 32, "../../etc", token[:-1], f"{token}/.."):
        assert "No list is being re-scored." in said(shown(other))


def test_the_token_stands_in_the_address_of_its_page_alone_and_in_no_link(tmp_path):
    token = begun(tmp_path, "http://127.0.0.1:9/v1")
    app = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
    app.query_params["k"] = "25"
    app.query_params["scenario"] = "healthy"
    page = ran(ran(app).switch_page("pages/rescore.py"))
    page.query_params["rescore"] = token
    page = ran(page)
    assert page.button("rescore_go_on")
    assert address(page) == {"k": "25", "scenario": "healthy", "rescore": token}
    assert links(page)
    assert not [link for link in links(page) if token in link or "rescore" in link]

    for name in ("app.py", "pages/overlap.py", "pages/comparison.py"):
        page = ran(app.switch_page(name))
        assert address(page) == {"k": "25", "scenario": "healthy"}
        assert not [link for link in links(page) if token in link]
        assert "0 of 12" in step_list(page)
    page = ran(app.switch_page("pages/rescore.py"))
    assert page.button("rescore_go_on")
    assert address(page)["rescore"] == token

    page.button("rescore_delete").click()
    assert "rescore" not in address(ran(page))


def test_a_token_in_the_address_of_another_page_opens_nothing_and_is_not_shown(tmp_path):
    token = begun(tmp_path, "http://127.0.0.1:9/v1")

    app = AppTest.from_file(ROOT / "app.py", default_timeout=SECONDS)
    app.query_params["rescore"] = token
    page = ran(app)

    assert "rescore" not in address(page)
    assert "It belongs in the address of the page rescore alone. It is left out" in said(page)
    assert token not in said(page) + str(links(page))
    assert "Re-score · :gray[○]" in step_list(page)
    assert "0 of 12" not in step_list(page)


def test_the_run_of_another_server_is_shown_as_running_and_nothing_disturbs_it(tmp_path):
    with endpoint.serve(seconds=0.05) as teacher:
        token = begun(tmp_path, teacher.url, n=60, concurrency=1)
        before, beside = shown(token), shown(token)
        ledger = rescore_jobs.known_folder(token) / rescore_jobs.LEDGER_NAME
        kept = (ledger.parent / rescore_jobs.SETTINGS_NAME).read_bytes()
        teacher.seconds = 60.0
        with another_server(token) as other:
            while not teacher.calls and other.poll() is None:
                time.sleep(0.02)
            page = shown(token)
            assert "0 of 60 pairs have a score; it is running in another server." in said(page)
            assert rescore_jobs.status_of(token).is_running
            shown_keys = {each.key for each in page.button}
            assert not shown_keys & {"rescore_delete", "rescore_go_on", "rescore_stop", "rescore_change"}

            before.button("rescore_go_on").click()
            assert "it is running in another server." in said(ran(before))
            beside.button("rescore_delete").click()
            assert "Another run is re-scoring" in said(ran(beside))
            for act in (rescore_jobs.delete, lambda it: rescore_jobs.put_settings(it, JobSettings())):
                with pytest.raises(InputError, match="Another run is re-scoring"):
                    act(token)
            assert (ledger.parent / rescore_jobs.SETTINGS_NAME).read_bytes() == kept
            assert ledger.is_file()
            assert len(teacher.calls) == 1

    page = shown(token)
    assert page.button("rescore_go_on")
    page.button("rescore_delete").click()
    ran(page)
    assert rescore_jobs.folder_of(token) is None


def test_a_run_of_this_server_is_not_deleted_by_a_page_that_was_opened_before_it(tmp_path):
    with endpoint.serve() as teacher:
        teacher.held_after = 2  # so that it runs until it is stopped
        token = begun(tmp_path, teacher.url, n=30, concurrency=1)
        before, page = shown(token), shown(token)
        page.button("rescore_go_on").click()
        ran(page)
        before.button("rescore_delete").click()
        assert "This re-scoring is running. Stop it first." in said(ran(before))
        assert rescore_jobs.job_of(token).is_running
        assert rescore_jobs.folder_of(token) is not None
        rescore_jobs.job_of(token).stop.set()
        teacher.held_after = None
        wait(token)
    assert rescore_jobs.status_of(token).n_scored == len(teacher.calls)


def test_the_key_goes_to_the_configured_endpoint_alone_and_shows_nowhere(tmp_path, monkeypatch):
    with endpoint.serve() as mine, endpoint.serve() as other:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", mine.url)
        tokens = [begun(tmp_path, url) for url in (mine.url, other.url)]
        texts = []
        for token in tokens:
            page = shown(token)
            page.button("rescore_go_on").click()
            ran(page)
            wait(token)
            texts.append(said(ran(page)) + repr(page.session_state))

    assert {call.headers.get("authorization") for call in mine.calls} == {f"Bearer {KEY}"}
    assert {call.headers.get("authorization") for call in other.calls} == {None}
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in files
    assert all(KEY not in text for text in texts)


def test_the_secret_of_an_address_is_not_kept(tmp_path):
    token = begun(tmp_path, "http://ada:pa55word@127.0.0.1:9/v1?token=abcdef")

    folder = rescore_jobs.folder_of(token)
    assert b"pa55word" not in (folder / "settings.json").read_bytes()
    page = shown(token)
    assert page.text_input("rescore_url_again").value == "http://***@127.0.0.1:9/v1?token=***"


def test_a_secret_of_streamlit_is_a_configuration_too(monkeypatch):
    monkeypatch.setattr(
        rescore_open.st, "secrets", {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://judge.example/v1"}
    )

    assert rescore_open.gets_key("https://JUDGE.example/v1/")
    assert not rescore_open.gets_key("https://judge.example.org/v1")
    assert not rescore_open.gets_key("http://judge.example/v1")
    assert KEY not in repr(
        rescore_open.rescoring(JobSettings(model="judge", url="https://judge.example/v1", max_calls=1))
    )


def test_an_address_with_a_password_in_the_configuration_is_called_as_it_stands_there(tmp_path, monkeypatch):
    with endpoint.serve() as teacher:
        monkeypatch.setenv("OPENAI_BASE_URL", teacher.url.replace("//", "//ada:pa55word@"))
        shown_url = teacher.url.replace("//", "//***@")
        token = begun(tmp_path, shown_url)
        page = shown(token)
        assert "rescore_url_again" not in [each.key for each in page.text_input]
        page.button("rescore_go_on").click()
        ran(page)
        wait(token)
        page = ran(page)

    assert "12 of 12 pairs have a score." in said(page)
    assert {call.headers["authorization"] for call in teacher.calls} == {"Basic YWRhOnBhNTV3b3Jk"}
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"pa55word" not in files
    assert "pa55word" not in said(page) + repr(page.session_state)
