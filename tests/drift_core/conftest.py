import importlib
import itertools
import tempfile
from pathlib import Path

import pytest

from tests.drift_core import postgresql_server

numbers = itertools.count(1)


@pytest.fixture(autouse=True, scope="session")
def files_are_diagnosed_once(diagnosed_once):
    """Many commands are run on the same files; how far a diagnosis has come is told each time."""
    module = importlib.import_module("drift_core.diagnosis.diagnose")
    diagnose = module.diagnose

    def kept(*samples, progress=None, **chosen):
        def make():
            stages = []
            return diagnose(*samples, progress=lambda *stage: stages.append(stage), **chosen), stages

        made, stages = diagnosed_once((samples, sorted(chosen.items())), make)
        for stage in stages if progress else ():
            progress(*stage)
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "diagnose", kept)
        yield


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
