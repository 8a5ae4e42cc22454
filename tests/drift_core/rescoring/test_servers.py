"""Each server with each fault: every other pair gets its score, and at most 20 calls are made in vain."""

from dataclasses import replace

import pytest

from drift_core import rescore_list
from drift_core.errors import EndpointError
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.rescore import reread_list
from drift_core.rescoring.score_format import ScoreFormat
from tests.drift_core.rescoring import endpoint
from tests.drift_core.rescoring.cases import QUICK, list_of, rescoring
from tests.drift_core.rescoring.servers import ENOUGH_TOKENS, SERVERS, SHAPES, score_of

N_PAIRS, MOST_IN_VAIN = 24, 20
PACE = replace(QUICK, concurrency=8)
FIRST, LATER = "doc 0", "doc 20"
OPTIONS = {"temperature": "--temperature none", "response_format": "--prompt FILE --regex PATTERN"}
SCORE_BY_PATTERN = {"answer": ScoreFormat(regex='"score": ([0-9.]+)')}
each_server = pytest.mark.parametrize("server", SERVERS, ids=[server.name for server in SERVERS])


def served(replies):
    return endpoint.serve(faults=replies)


def order_for(teacher, **prompt):
    return replace(rescoring(teacher.url, pace=PACE), prompt=Prompt(**prompt))


def assert_all_have_their_scores(done, *, times=1):
    table = done.pairs
    assert set(table["state"]) == {"scored"}
    assert table["teacher_score"].tolist() == pytest.approx([times * score_of(doc) for doc in table["doc"]], abs=1e-9)


def as_asked(doc):
    return f'{{"score": {score_of(doc)}}}'


@each_server
def test_pairs_that_are_too_long_have_failed_and_all_others_their_scores(tmp_path, server):
    path, ledger = list_of(N_PAIRS, tmp_path), tmp_path / "ledger"
    is_long = {FIRST, LATER}

    with served(lambda call: server.too_long if call.doc in is_long else server.answer(call, as_asked(call.doc))) as at:
        done = rescore_list(path, ledger, rescoring=order_for(at))
        again = rescore_list(path, ledger, rescoring=order_for(at))

    states = dict(zip(done.pairs["doc"], done.pairs["state"], strict=True))
    assert [doc for doc, state in states.items() if state != "scored"] == [FIRST, LATER]
    assert {states[FIRST], states[LATER]} == {"failed"}
    assert done.pairs["state_reason"].iloc[0].startswith("The endpoint answers 4")
    assert "The endpoint rejected 2; --retry-failed asks those again." in done.end.sentence
    assert len(at.calls) == again.calls == N_PAIRS


@each_server
def test_a_refused_parameter_is_replaced_or_its_option_named(tmp_path, server):
    path, ledger = list_of(N_PAIRS, tmp_path), tmp_path / "ledger"
    mended = {"temperature": {"temperature": None}, "response_format": SCORE_BY_PATTERN}.get(server.parameter)

    with served(lambda c: server.refused if server.refuses(c) else server.answer(c, as_asked(c.doc))) as at:
        if mended is not None:
            with pytest.raises(EndpointError) as caught:
                rescore_list(path, ledger, rescoring=order_for(at))
            assert OPTIONS[server.parameter] in str(caught.value)
        done = rescore_list(path, ledger, rescoring=order_for(at, **(mended or {})))

    assert_all_have_their_scores(done)
    assert len(at.calls) <= N_PAIRS + MOST_IN_VAIN


@each_server
def test_thinking_that_eats_the_tokens_stops_the_run_and_more_tokens_mend_it(tmp_path, server):
    path, ledger = list_of(N_PAIRS, tmp_path), tmp_path / "ledger"

    def replies(call):
        if call.body["max_tokens"] < ENOUGH_TOKENS:
            return server.cut_within_a_thought(call)
        return server.answer_after_a_thought(call, as_asked(call.doc))

    with served(replies) as at:
        for _ in range(2):  # the same once more asks nobody
            with pytest.raises(EndpointError, match="20 of 20 answers were cut at 256 tokens") as caught:
                rescore_list(path, ledger, rescoring=order_for(at))
        assert "Raise --max-answer-tokens" in str(caught.value)
        assert len(at.calls) == MOST_IN_VAIN
        more = replace(order_for(at, max_answer_tokens=ENOUGH_TOKENS), unparsed_again=True)
        done = rescore_list(path, ledger, rescoring=more)

    assert_all_have_their_scores(done)
    assert len(at.calls) == N_PAIRS + MOST_IN_VAIN


@each_server
@pytest.mark.parametrize("shape", SHAPES)
def test_answers_of_another_shape_stop_the_run_and_are_read_at_no_cost(tmp_path, server, shape):
    path, ledger = list_of(N_PAIRS, tmp_path), tmp_path / "ledger"
    said, reading = SHAPES[shape]

    with served(lambda call: server.answer(call, said(call.doc))) as at:
        with pytest.raises(EndpointError, match=r"has no score, so the run has stopped: 20 of 20 .* --reread --"):
            rescore_list(path, ledger, rescoring=order_for(at))
        assert len(at.calls) == MOST_IN_VAIN
        order = order_for(at, answer=ScoreFormat(**reading))
        assert reread_list(path, ledger, rescoring=order).counts["scored"] == len(at.calls) == MOST_IN_VAIN
        done = rescore_list(path, ledger, rescoring=order)

    assert_all_have_their_scores(done, times=reading.get("high", 1))
    assert len(at.calls) == N_PAIRS
    assert len({json_of(call) for call in at.calls}) == 1  # asked alike before and after


def json_of(call):
    asked = call.body["messages"][0]["content"].replace(call.query, "").replace(call.doc, "")
    return str({**call.body, "messages": asked})
