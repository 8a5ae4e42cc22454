import gc

import pytest

from tests.drift_core.retraining.cases import tiny_student


@pytest.fixture(scope="session")
def student(tmp_path_factory):
    """A tiny student that no test changes."""
    made = tiny_student(tmp_path_factory.mktemp("student") / "ranker-1")
    gc.collect()
    gc.freeze()  # the model libraries, which are loaded by now: each training looks for garbage among all that is not
    return made
