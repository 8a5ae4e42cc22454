import itertools
import tempfile
from pathlib import Path

import pytest

from drift_core import open_history
from tests.drift_core.history import postgresql_server

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql():
    """URL of a server without its database; skipped where there is no server."""
    if postgresql_server.programs() is None:
        pytest.skip(postgresql_server.MISSING)
    # A socket's path must be short, and pytest's own folders are deep.
    with tempfile.TemporaryDirectory(prefix="drift-") as folder, postgresql_server.running(Path(folder)) as socket:
        yield socket


@pytest.fixture
def database(postgresql):
    """URL of an empty database."""
    return postgresql_server.make_database(postgresql, f"canary_{next(numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Where no history is yet: a file, and a database."""
    return request.getfixturevalue("database") if request.param == "postgresql" else tmp_path / "history.sqlite"


@pytest.fixture
def history(tmp_path):
    """An empty history in a file."""
    with open_history(tmp_path / "history.sqlite") as opened:
        yield opened
