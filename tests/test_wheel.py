"""The wheel is the product: it is built here, without the network, and used from where it lands."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from drift_core.simulation.scenarios import SCENARIOS

ROOT = Path(__file__).parents[1]
SHIPPED = ("app.py", ".streamlit", "pages", "sample_data")
WHERE = """
from drift_core import shipped_scenario_paths
from drift_core.simulation.simulate import SCENARIOS
from drift_core.simulation.canary_year import shipped_canary_files
from drift_core.commands.app import streamlit_arguments
from drift_core.simulation.retrained_samples import shipped_retrained_files
files = [path for name in SCENARIOS for path in shipped_scenario_paths(name)]
files += [shipped_canary_files().history, shipped_retrained_files().fresh]
arguments = streamlit_arguments(8501, with_browser=False, names=[])
print(*files, arguments[1], sep="\\n")
"""


def shipped(path):
    """Files of this checkout that belong into the wheel's package of the app."""
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    return {file.relative_to(ROOT).as_posix() for file in files if file.is_file() and file.suffix != ".pyc"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The wheel, built and laid out as an installer lays it out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_app_and_its_samples_in_packages_of_its_own(site):
    names = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "drift_core",
        "distillation_drift_app",
    }
    held = {
        name.removeprefix("distillation_drift_app/") for name in names if name.startswith("distillation_drift_app/")
    }
    assert held == set().union(*(shipped(ROOT / name) for name in SHIPPED))
    assert "drift_core/report/templates/report.html.j2" in names
    assert "drift_core/report/templates/story.typ" in names
    assert not [name for name in names if name.endswith(".pyc")]


def test_an_installed_wheel_finds_its_app_and_its_samples_from_an_empty_folder(site, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", WHERE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )

    found = [Path(line) for line in done.stdout.splitlines()]
    assert len(found) == 2 * len(SCENARIOS) + 3
    assert all(path.is_file() and path.is_relative_to(site / "distillation_drift_app") for path in found)
    assert found[-1] == site / "distillation_drift_app" / "app.py"
