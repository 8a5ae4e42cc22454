"""The quick encoder for all page tests; what Streamlit's harness looks for anew for each page is looked for once."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(autouse=True)
def quick_encoder(monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "hashing")


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once():
    """A page of the harness reads the metadata of all installed packages, which takes a third of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield
