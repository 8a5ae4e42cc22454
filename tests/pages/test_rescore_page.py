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
from tests.drift_core.rescoring.cases import list_of
from tests.pages.walk import PAGES, SECONDS, address, opened, ran, said

ROOT = PAGES.parent
ASK = """
import sys
from pages.components.rescore import rescore_jobs
folder = rescore_jobs.known_folder(sys.argv[1])
order = rescore_jobs.settings_of(folder).rescoring()
rescore_jobs.start(sys.argv[1], lambda: rescore_jobs.list_of(folder), order)
rescore_jobs.job_of(sys.argv[1]).thread.join()
"""
KEY = "sk-page-secret-4711"


@pytest.fixture(autouse=True)
def own_place(monkeypatch, tmp_path):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "hashing")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def begun(folder, url, *, n=12, **settings):
    """A re-scoring with its list; gives the token."""
    path = list_of(n, folder)
    entered = JobSettings(list_name=path.name, n_pairs=n, model="judge", url=url, **{"max_calls": 100} | settings)
    return rescore_jobs.make(path.read_bytes(), entered)


def shown(token):
    return opened("rescore", scenario="", rescore=token)


def links(page):
    """Every address that the page leads to."""
    return [each.proto.query_string for each in page.get("page_link")]


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


def wait(token):
    deadline = time.monotonic() + SECONDS
    while rescore_jobs.job_of(token).is_running:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_without_a_list_the_page_says_what_it_is_for():
    page = opened("rescore", scenario="")

    assert "No list is being re-scored." in said(page)
    assert "This server has no key" not in said(page)


def test_the_open_investigation_gives_its_list_with_an_estimate_before_a_start(tmp_path):
    app = AppTest.from_file(PAGES.parent / "app.py", default_timeout=SECONDS)
    # A seed of its own: results of other tests of this process are kept, and here nothing must be compared yet.
    opening = {"scenario": "query-drift", "n_clusters": "6", "seed": "4711", "list_size": "40", "list_floor": "2"}
    for name, value in opening.items():
        app.query_params[name] = value
    ran(app)
    page = ran(app.switch_page("pages/rescore.py"))
    assert "the regions have not been compared yet" in said(page)
    ran(app.switch_page("pages/verdict.py"))
    page = ran(app.switch_page("pages/rescore.py"))
    assert "40 pairs to ask" in said(page)
    assert page.number_input("rescore_calls").value == 80
    assert "80 allow 2 calls a pair." in said(page)

    with endpoint.serve(lambda query, doc: 0.75) as teacher:
        page.text_input("rescore_url").set_value(teacher.url)
        page.button("rescore_estimate").click()
        ran(page)
        assert "The teacher's model is empty" in said(page)
        page.text_input("rescore_model").set_value("judge")
        page.button("rescore_estimate").click()
        ran(page)
        assert "40 pairs to ask: about" in said(page)
        assert "without a key" in said(page)
        assert not teacher.calls

        page.button("rescore_start").click()
        ran(page)
        token = page.query_params["rescore"]
        token = token if isinstance(token, str) else token[0]
        wait(token)
        page = ran(page)

    assert "40 of 40 pairs have a score. 40 calls." in said(page)
    assert any("retrain --student STUDENT --list rescored.parquet" in each.value for each in page.code)
    assert page.button("next_comparison")
    assert [each.label for each in page.get("download_button")] == [
        "List (Parquet)",
        "List (CSV)",
        "List (JSON lines)",
        "Record (JSON)",
    ]


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


def test_states_unparsed_answers_and_faults_are_told_and_the_rest_can_be_asked(tmp_path):
    faults = {"doc 0": endpoint.said("<b>no **score**</b>"), "doc 1": endpoint.refusal()}

    with endpoint.serve(faults=lambda call: faults.get(call.doc)) as teacher:
        token = begun(tmp_path, teacher.url, max_calls=8, concurrency=1)
        page = shown(token)
        page.button("rescore_go_on").click()
        ran(page)
        wait(token)
        page = ran(page)
        assert "6 of 12 pairs have a score (1 unparsed, 1 refused, 4 pending)." in said(page)
        assert "Stopped at the cap; 4 pairs are left." in page.info[0].value.replace("\\", "")
        assert page.dataframe[0].value["Answer"].tolist() == ["<b>no **score**</b>"]

        faults.clear()
        page.number_input("rescore_new_calls").set_value(50)
        page.button("rescore_again").click()
        ran(page)
        wait(token)
        page = ran(page)
    assert "11 of 12 pairs have a score (1 refused)." in said(page)


def test_an_endpoint_that_refuses_is_told_on_the_page(tmp_path):
    with endpoint.serve(faults=endpoint.echo) as teacher:
        token = begun(tmp_path, teacher.url)
        page = shown(token)
        page.button("rescore_go_on").click()
        ran(page)
        wait(token)

    assert "The endpoint answers 401: Wrong key" in said(ran(page))


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


def test_a_deleted_run_is_gone_from_the_disk(tmp_path):
    token = begun(tmp_path, "http://127.0.0.1:9/v1")
    page = shown(token)

    page.button("rescore_delete").click()

    assert "No list is being re-scored." in said(ran(page))
    assert rescore_jobs.folder_of(token) is None
    assert not list(rescore_jobs.data_folder().iterdir())


def test_a_running_run_shows_its_progress_and_stops_softly(tmp_path):
    with endpoint.serve() as teacher:
        teacher.held_after = 4  # so that it runs until it is stopped
        token = begun(tmp_path, teacher.url, n=60, concurrency=2)
        page = shown(token)
        page.button("rescore_go_on").click()
        ran(page)
        assert rescore_jobs.job_of(token).is_running
        page = ran(page)
        assert page.button("rescore_stop").label == "Stop"
        page.button("rescore_stop").click()
        ran(page)
        teacher.held_after = None
        wait(token)

    page = ran(page)
    assert "are still to be asked" in page.info[0].value
    assert len(teacher.calls) == sum(teacher.answered.values()) < 60


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


def test_a_cap_in_money_can_be_set_while_going_on(tmp_path):
    with endpoint.serve() as teacher:
        token = begun(tmp_path, teacher.url)
        page = shown(token)
        page.number_input("rescore_new_spend").set_value(1.0)
        page.number_input("rescore_new_price_call").set_value(0.25)
        page.button("rescore_go_on").click()
        ran(page)
        wait(token)
        page = ran(page)

    assert len(teacher.calls) == 4
    assert "4 of 12 pairs have a score (8 pending). 4 calls, 1.00 spent." in said(page)


def test_an_address_that_is_none_is_told(tmp_path):
    page = shown(begun(tmp_path, "http://[broken"))
    page.button("rescore_go_on").click()

    assert "The endpoint must be an address" in said(ran(page))


def asked(page, key, token):
    page.button(key).click()
    ran(page)
    wait(token)
    return ran(page)


def token_of(page):
    token = page.query_params["rescore"]
    return token if isinstance(token, str) else token[0]


def test_five_pairs_are_tried_first_and_not_asked_again(tmp_path):
    path = list_of(12, tmp_path)
    page = opened("rescore", scenario="")
    page.get("file_uploader")[0].upload(path.name, path.read_bytes(), "application/octet-stream")
    ran(page)

    with endpoint.serve(lambda query, doc: 0.75) as teacher:
        page.text_input("rescore_url").set_value(teacher.url)
        page.text_input("rescore_model").set_value("judge")
        page.number_input("rescore_price_call").set_value(0.25)
        page.button("rescore_estimate").click()
        ran(page)
        assert "Try 5 pairs" in page.button("rescore_try").label
        assert "5 pairs to ask: about 535 tokens in and 60 out, 1.25" in said(page)
        page.button("rescore_try").click()
        ran(page)
        token = token_of(page)
        wait(token)
        page = ran(page)
        assert len(teacher.calls) == 5
        assert "**Pair 1: score 0.75**" in said(page)
        assert "1 call, 20 tokens in, 5 out, 0.25 spent" in said(page)
        texts = [each.value for each in page.code]
        assert texts[:2] == [teacher.prompt_of("doc 0").rstrip(), '{"score": 0.75}']
        page = asked(page, "rescore_go_on", token)

    assert "12 of 12 pairs have a score. 12 calls, 3.00 spent." in said(page)
    assert max(teacher.asked.values()) == 1


def test_kept_answers_are_read_in_another_way_without_a_call(tmp_path):
    with endpoint.serve(faults=lambda call: endpoint.said("Score: 0.5, I say.")) as teacher:
        token = begun(tmp_path, teacher.url, n=30)
        page = asked(shown(token), "rescore_go_on", token)
        assert "so the run has stopped: 20 of 20 answers could not be read" in said(page)
        page.radio("rescore_reread_answer").set_value("A regular expression with one group")
        page.text_input("rescore_reread_regex").set_value("(")
        page.button("rescore_reread").click()
        assert "cannot be read" in said(ran(page))
        page.radio("rescore_reread_answer").set_value("A regular expression with one group")
        page.text_input("rescore_reread_regex").set_value("Score: ([0-9.]+)")
        page.button("rescore_reread").click()
        page = ran(page)
        assert "20 of 30 pairs have a score (10 pending). 20 calls." in said(page)
        page = asked(page, "rescore_go_on", token)

    assert "30 of 30 pairs have a score. 30 calls." in said(page)


def test_what_the_endpoint_rejected_is_asked_again_only_when_wished(tmp_path):
    fault = endpoint.failure(400, "Too odd.")
    with endpoint.serve(faults=lambda call: fault if call.doc == "doc 3" else None) as teacher:
        token = begun(tmp_path, teacher.url)
        page = asked(shown(token), "rescore_go_on", token)
        assert "11 of 12 pairs have a score (1 failed)." in said(page)
        assert "rescore_go_on" not in [each.key for each in page.button]
        teacher.faults = lambda call: None
        page = asked(page, "rescore_rejected", token)

    assert "12 of 12 pairs have a score. 13 calls." in said(page)


def test_settings_that_an_endpoint_refuses_can_be_changed_with_the_list_kept(tmp_path):
    refused = endpoint.failure(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    with endpoint.serve(faults=lambda call: refused if "temperature" in call.body else None) as teacher:
        token = begun(tmp_path, teacher.url, max_answer_tokens=99)
        page = asked(shown(token), "rescore_go_on", token)
        assert "--temperature none" in said(page)
        page.button("rescore_change").click()
        ran(page)
        assert "12 pairs to ask" in said(page)
        assert page.number_input("rescore_tokens").value == 99
        page.checkbox("rescore_cold").uncheck()
        page.button("rescore_estimate").click()
        ran(page)
        page.button("rescore_start").click()
        ran(page)
        wait(token_of(page))
        page = ran(page)

    assert "12 of 12 pairs have a score." in said(page)


def test_the_model_alone_is_held_when_that_is_entered_while_going_on(tmp_path):
    def rotating(call):
        return endpoint.Reply(fingerprint=f"fp_{call.number // 4}")

    with endpoint.serve(faults=rotating) as teacher:
        token = begun(tmp_path, teacher.url, concurrency=1)
        page = asked(shown(token), "rescore_go_on", token)
        assert "To hold the model alone" in said(page)
        page.text_input("rescore_new_revision").set_value(endpoint.MODEL)
        page = asked(page, "rescore_go_on", token)

    assert "12 of 12 pairs have a score. 12 calls." in said(page)


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
    assert "no run" in step_list(page)
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
