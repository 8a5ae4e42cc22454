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


@pytest.fixture
def load_dataset(monkeypatch):
    """The `load_dataset` of datasets, off the network for this test alone.

    A variable of the environment is read once, when the hub's client is first imported, and would hold for what is
    tested after it.
    """
    import datasets

    for module in ("datasets.config", "huggingface_hub.constants"):
        monkeypatch.setattr(f"{module}.HF_HUB_OFFLINE", True)
    return datasets.load_dataset
