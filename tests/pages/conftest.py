"""The quick encoder for all page tests; what Streamlit's harness looks for anew for each page is looked for once."""

from collections import defaultdict
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner

from pages.components.session import cached


@pytest.fixture(autouse=True)
def quick_encoder(monkeypatch):
    monkeypatch.setenv("DISTILLATION_DRIFT_ENCODER", "hashing")


@pytest.fixture(autouse=True)
def each_test_is_a_visitor_of_its_own():
    """The harness gives every page one and the same session, and with it what the test before has kept."""
    yield
    clear_session_resource_cache("test session id")


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once():
    """A page of the harness reads the metadata of all installed packages, which takes a third of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def pages_are_compiled_once_and_awaited_at_rest():
    """The harness compiles a page at each of its runs, and asks a thousand times a second whether a run has ended."""
    compiled, ask = ScriptCache(), local_script_runner.require_widgets_deltas

    def wait(runner, timeout=3):
        runner._script_thread.join(timeout)
        ask(runner, timeout if runner.script_stopped() else 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "ScriptCache", lambda: compiled)
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(autouse=True, scope="session")
def samples_are_diagnosed_once(diagnose_once):
    """The visitors of many tests bring the same samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached, "diagnose", diagnose_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def charts_are_drawn_once():
    """The same charts stand on the pages of many tests; each is named by all that it shows."""
    slots = defaultdict(cached._Slot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cached, "_chart_slot", slots.__getitem__)
        yield


@pytest.fixture
def own_place(monkeypatch, tmp_path):
    """Re-scorings are kept in a folder of the test, and nothing of the machine's configures them."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
