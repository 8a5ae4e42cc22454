import pytest

from drift_core import open_history


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where no history is yet: a file, and a database."""
    return request.getfixturevalue("database") if request.param == "postgresql" else tmp_path / "history.sqlite"


@pytest.fixture
def history(tmp_path):
    """An empty history in a file."""
    with open_history(tmp_path / "history.sqlite") as opened:
        yield opened
