from collections.abc import Iterator

import pytest

from tests.calibration.measured import MeasuredTables


@pytest.fixture(scope="session")
def tables() -> Iterator[MeasuredTables]:
    """Gather what the slow simulations find, for the page on guarantees."""
    gathered = MeasuredTables()
    yield gathered
    gathered.write()
