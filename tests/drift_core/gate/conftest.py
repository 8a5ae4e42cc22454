from pathlib import Path

import pytest

from tests.drift_core.gate.alarming_weeks import CARD


@pytest.fixture
def folder_with_card(tmp_path, monkeypatch):
    """An empty folder that commands run in, with the card of the student that the weeks are of."""
    monkeypatch.chdir(tmp_path)
    Path("judges.yaml").write_text(CARD)
