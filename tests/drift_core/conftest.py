import itertools
import tempfile
from pathlib import Path

import pytest

from tests.drift_core import postgresql_server

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
    return postgresql_server.make_database(postgresql, f"drift_{next(numbers)}")
