import pytest

from tests.drift_core.retraining.cases import tiny_student


@pytest.fixture(scope="session")
def student(tmp_path_factory):
    """A tiny student that no test changes."""
    return tiny_student(tmp_path_factory.mktemp("student") / "ranker-1")
