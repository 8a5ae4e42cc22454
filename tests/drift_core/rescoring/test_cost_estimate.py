import pytest

from drift_core.rescoring.budget import OVERHEAD_TOKENS, CallPrices
from drift_core.rescoring.cost_estimate import ANSWER_TOKENS, estimate_rows
from drift_core.rescoring.pace import Pace
from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.score_format import ScoreFormat
from drift_core.retrain_list.reader import read_list

PROMPT = Prompt(template="{query}|{doc}", answer=ScoreFormat(regex="(.)"), max_answer_tokens=10)


@pytest.fixture
def retrain_list():
    return read_list(b"query,doc\naaaa,bbb\ncccccccc,dddddddd\n", name="list.csv")


def test_tokens_cost_and_time_by_hand(retrain_list):
    prices = CallPrices(per_million_in=1.0, per_million_out=2.0, per_call=0.5)

    found = estimate_rows(
        retrain_list, [0, 1], prompt=PROMPT, prices=prices, pace=Pace(concurrency=2), seconds_a_call=3.0
    )

    assert (found.n_pairs, found.tokens_in, found.tokens_out) == (2, (8 // 4 + 1) + (17 // 4 + 1), 2 * ANSWER_TOKENS)
    assert found.cost == pytest.approx(1 + 8e-6 + 2 * 24e-6)
    assert found.most_cost == pytest.approx(1 + (8 + 17 + 2 * OVERHEAD_TOKENS + 2 * 20) * 1e-6)
    assert (found.seconds, found.is_timed) == (3.0, True)


def test_the_rate_limits_the_time_and_a_call_is_assumed_to_take_a_second(retrain_list):
    pace = Pace(concurrency=2, requests_per_minute=6)

    found = estimate_rows(retrain_list, [0, 1], prompt=PROMPT, prices=CallPrices(), pace=pace)

    assert (found.seconds, found.seconds_a_call, found.is_timed) == (20.0, 1.0, False)
    assert found.sentence.endswith("20 seconds, one call taking 1 s as assumed.")
