import pytest
from streamlit.testing.v1 import AppTest

from pages.components.rescore import rescore_jobs
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of
from tests.pages.rescorings import begun, shown, wait
from tests.pages.walk import PAGES, SECONDS, opened, ran, said

pytestmark = pytest.mark.usefixtures("own_place")


def test_without_a_list_the_page_says_what_it_is_for():
    page = opened("rescore", scenario="")

    assert "No list is being re-scored." in said(page)
    assert "This server has no key" not in said(page)
    assert "rescore_to_samples" in {button.key for button in page.button}


def test_a_healthy_investigation_offers_nothing_to_ask():
    app = AppTest.from_file(PAGES.parent / "app.py", default_timeout=SECONDS)
    app.query_params["scenario"] = "healthy"
    ran(ran(app).switch_page("pages/verdict.py"))
    page = ran(app.switch_page("pages/rescore.py"))

    assert "Nothing to re-score: no drift" in said(page)
    assert "to ask" not in said(page)


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
        assert page.header[0].value == "40 pairs can be asked\\: at most 80 calls\\."
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


def test_what_labels_mean_is_entered_beside_them_and_asked_with_them(tmp_path):
    path = list_of(6, tmp_path, teacher_score=["pass", "fail"] * 3, student_score=["pass"] * 6)
    of_labels = {"labels": ("fail", "pass"), "max_calls": 9}
    entered = rescore_jobs.JobSettings(list_name=path.name, n_pairs=6, model="judge", **of_labels)
    page = shown(rescore_jobs.make(path.read_bytes(), entered))
    page.button("rescore_change").click()
    ran(page)
    page.button("rescore_estimate").click()
    ran(page)
    assert ["does not say what each label means" in each.value for each in page.warning] == [True]

    field = next(each for each in page.text_area if each.key.endswith("_labels"))
    field.set_value("fail = Wrong.\npass = Right, {query} and all.")
    page.button("rescore_estimate").click()
    ran(page)

    assert not page.warning
    assert "one of the labels **fail, pass**" in said(page)
