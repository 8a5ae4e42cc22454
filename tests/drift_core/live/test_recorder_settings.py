import pytest

from drift_core import Recorder
from drift_core.errors import SettingError


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"share": 0.0}, "above 0 and at most 1; found 0.0"),
        ({"share": 1.2}, "above 0 and at most 1; found 1.2"),
        ({"share": float("nan")}, "above 0 and at most 1; found nan"),
        ({"seconds": 0.0}, "more than 0; found 0.0"),
        ({"columns": {"query_id": "1"}}, "'query_id' is recorded of every pair"),
        ({"columns": {"Query": "1"}}, "'Query' is recorded of every pair or twice"),
        ({"columns": {"market": "1", "Market ": "2"}}, "'Market ' is recorded of every pair or twice"),
    ],
)
def test_settings_that_cannot_be_are_told_at_once(settings, told, tmp_path):
    with pytest.raises(SettingError, match=told):
        Recorder(tmp_path, **settings)
