"""No key in any file, log, message, exception or ledger, whatever the endpoint sends back."""

import logging
import pickle
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from drift_core import SettingError, Teacher, rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.result import write_rescored
from drift_core.rescoring.score_format import MAX_CHARACTERS
from drift_core.rescoring.status import read_rescored
from drift_core.rescoring.teacher import ApiKey
from drift_core.rescoring.trial import read_trial
from tests.drift_core.command_line import run
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import list_of, rescoring

KEY = "sk-Zy7/secret+4711"
PASSWORD = "pa55-word!"  # noqa: S105 - no door opens with it


def everything_in(folder):
    return b"".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())


def without(text, *secrets):
    content = text if isinstance(text, bytes) else text.encode()
    return not any(secret.encode() in content for secret in secrets)


def told(error):
    """Everything that a traceback with the values of all variables shows, this test's own frame aside."""
    below = error.with_traceback(error.__traceback__.tb_next)
    shown = "".join(traceback.TracebackException.from_exception(below, capture_locals=True).format())
    return f"{shown} {error!r} {vars(error)}"


def test_the_key_is_sent_and_never_shown(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    faults = {
        "doc 1": lambda call: endpoint.echo(call, 500),
        "doc 2": lambda call: endpoint.said(f"You sent {call.headers['authorization']}"),
        "doc 3": lambda call: endpoint.refusal(f"Not with {KEY}."),
    }
    path = list_of(5, tmp_path)

    with endpoint.serve(faults=lambda call: faults.get(call.doc, lambda call: None)(call)) as teacher:
        order = rescoring(teacher.url, key=ApiKey(KEY))
        done = rescore_list(path, tmp_path / "ledger", rescoring=order)
        write_rescored(done, tmp_path, formats=["parquet", "csv", "jsonl"])

    assert {call.headers["authorization"] for call in teacher.calls} == {f"Bearer {KEY}"}
    assert done.pairs["answer"].iloc[2] == "You sent Bearer ***"
    assert without(everything_in(tmp_path), KEY)
    assert without(caplog.text, KEY)
    assert without(repr(done) + repr(order) + str(done.to_json()), KEY)


def test_an_error_that_echoes_the_key_is_told_without_it(tmp_path):
    with endpoint.serve(faults=endpoint.echo) as teacher, pytest.raises(EndpointError) as caught:
        rescore_list(list_of(2, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url, key=ApiKey(KEY)))

    assert "401: Wrong key: Bearer ***" in str(caught.value)
    assert without(told(caught.value), KEY)
    assert without(everything_in(tmp_path), KEY)


def test_user_password_and_query_of_an_address_are_sent_and_never_shown(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)

    with endpoint.serve(faults=lambda call: endpoint.echo(call) if call.number == 2 else None) as teacher:
        url = teacher.url.replace("://", f"://ada:{PASSWORD}@") + "?token=query-secret&v=2"
        order = rescoring(url, key=ApiKey(KEY))
        with pytest.raises(EndpointError) as caught:
            rescore_list(list_of(9, tmp_path), tmp_path / "ledger", rescoring=order)

    sent = teacher.calls[0].headers["authorization"]
    assert sent.startswith("Basic ")
    assert order.teacher.shown_url == teacher.url.replace("://", "://***@") + "?token=***&v=***"
    secrets = (KEY, PASSWORD, sent.removeprefix("Basic "), "query-secret")
    assert without(f"{caught.value} {order!r} {caught.value!r}", *secrets)
    assert without(everything_in(tmp_path), *secrets)
    assert without(caplog.text, *secrets)


def test_no_part_of_the_key_is_left_where_a_text_is_cut(tmp_path):
    long = [endpoint.said("x" * (MAX_CHARACTERS - n) + KEY * 2) for n in (5, 12, 17)]
    long += [endpoint.failure(400, "x" * (300 - n) + KEY * 2, code="content_filter") for n in (5, 12, 17)]
    path = list_of(6, tmp_path)

    with endpoint.serve(faults=lambda call: long[int(call.doc.split()[1])]) as teacher:
        done = rescore_list(path, tmp_path / "ledger", rescoring=rescoring(teacher.url, key=ApiKey(KEY)))

    assert (done.counts["unparsed"], done.counts["refused"]) == (3, 3)
    assert without(everything_in(tmp_path), KEY[:4])


def test_a_stand_in_for_a_key_spoils_no_answer(tmp_path):
    with endpoint.serve(lambda query, doc: 0.5) as teacher:
        order = rescoring(teacher.url, key=ApiKey("0"))
        done = rescore_list(list_of(2, tmp_path), tmp_path / "ledger", rescoring=order)

    assert done.pairs["answer"].tolist() == ['{"score": 0.5}'] * 2


def test_a_redirect_is_not_followed(tmp_path):
    with endpoint.serve() as other, endpoint.serve(faults=lambda call: elsewhere(other)) as teacher:
        order = rescoring(teacher.url, key=ApiKey(KEY))
        with pytest.raises(EndpointError, match="answers 307"):
            rescore_list(list_of(2, tmp_path), tmp_path / "ledger", rescoring=order)

    assert not other.calls


def elsewhere(other):
    return endpoint.Reply(status=307, body={}, headers={"Location": f"{other.url}/chat/completions"})


def test_what_the_environment_says_for_the_official_endpoint_goes_to_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: team-secret")

    with endpoint.serve() as teacher:
        rescore_list(list_of(2, tmp_path), tmp_path / "ledger", rescoring=rescoring(teacher.url))

    assert without(str([call.headers for call in teacher.calls]), KEY, "org-secret", "project-secret", "team-secret")
    assert "authorization" not in teacher.calls[0].headers


def test_the_command_takes_the_key_from_the_environment_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", KEY)
    path = list_of(3, tmp_path)
    fixed = ["--model", "judge", "--max-calls", 20, "--key-variable", "JUDGE_KEY"]

    with endpoint.serve(faults=lambda call: endpoint.echo(call) if call.number == 3 else None) as teacher:
        code, shown, said = run("rescore", path, "--out", tmp_path / "out", "--endpoint", teacher.url, *fixed)

    assert code == 2
    assert "401: Wrong key: Bearer ***" in said
    assert {call.headers["authorization"] for call in teacher.calls} == {f"Bearer {KEY}"}
    assert without(shown + said, KEY)
    assert without(everything_in(tmp_path), KEY)


def test_a_key_shows_itself_nowhere_and_cannot_be_pickled():
    key = ApiKey(f" {KEY}\n")
    teacher = Teacher(model="judge", key=key)

    assert key.reveal() == KEY
    assert without(f"{key} {key!r} {teacher!r}", KEY)
    with pytest.raises(TypeError, match="never written"):
        pickle.dumps(key)
    with pytest.raises(SettingError) as caught:
        ApiKey(f"{KEY}\nX-Other: 1")
    assert without(str(caught.value), KEY)


def test_no_message_about_what_mends_a_run_shows_the_key(tmp_path):
    path, texts = list_of(30, tmp_path), []
    faults = {
        "unreadable": lambda call: endpoint.said(f"You sent {call.headers['authorization']}: 4/5"),
        "other key": lambda call: endpoint.said(f'{{"{KEY}": 1, "why": "{KEY}"}}'),
        "rejected": lambda call: endpoint.failure(400, f"Odd: {KEY}"),
        "parameter": lambda call: endpoint.failure(400, f"Unsupported: temperature {KEY}"),
        "detail": lambda call: endpoint.Reply(
            status=422, body={"detail": [{"loc": ["body", "temperature"], "msg": f"No, {KEY}", "type": KEY}]}
        ),
    }

    for name, fault in faults.items():
        with endpoint.serve(faults=fault) as teacher:
            order = rescoring(teacher.url, key=ApiKey(KEY))
            tried = replace(order, n_tried=2)
            for each in (tried, order):
                try:
                    texts.append(str(rescore_list(path, tmp_path / name, rescoring=each).to_json()))
                except EndpointError as error:
                    texts.append(told(error))
            texts.append(str(read_trial(path, tmp_path / name, rescoring=order)))
            texts.append(str(read_rescored(path, tmp_path / name, rescoring=order).commonest_reason))

    assert "temperature: No, ***" in "".join(texts)
    assert without("".join(texts), KEY)
    assert without(everything_in(tmp_path), KEY)
