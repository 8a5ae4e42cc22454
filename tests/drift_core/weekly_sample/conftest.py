import pytest

from tests.drift_core.weekly_sample.logs import make_log


@pytest.fixture(scope="module")
def log():
    return make_log()
