from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import threadpoolctl

from drift_core.measures.one_blas_thread import one_blas_thread

LIMIT, RESTORED = ("limit", 1, "blas"), "restored"


@pytest.fixture
def told(monkeypatch):
    """What the library of limits is told; it is not asked, as a run of tests may have one thread from the start."""
    calls = []

    class Limits:
        def __init__(self, limits, user_api):
            calls.append(("limit", limits, user_api))

        def restore_original_limits(self):
            calls.append(RESTORED)

    monkeypatch.setattr(threadpoolctl, "threadpool_limits", Limits)
    return calls


def test_one_thread_within_and_as_before_afterwards(told):
    @one_blas_thread()
    def seen():
        return list(told)

    assert seen() == [LIMIT]
    assert told == [LIMIT, RESTORED]
    seen()
    assert told == 2 * [LIMIT, RESTORED]


def test_the_first_that_ends_leaves_the_limit_to_the_others(told):
    entered, ended = Barrier(2, timeout=60), Barrier(2, timeout=60)

    def first():
        with one_blas_thread():
            entered.wait()
        ended.wait()

    def last():
        with one_blas_thread():
            entered.wait()
            ended.wait()
            return list(told)

    with ThreadPoolExecutor(2) as pool:
        _, seen = pool.submit(first), pool.submit(last)

    assert seen.result() == [LIMIT]
    assert told == [LIMIT, RESTORED]


def test_what_fails_within_ends_it(told):
    with pytest.raises(ValueError, match="within"), one_blas_thread():
        raise ValueError("within")

    assert told == [LIMIT, RESTORED]
