"""What works without the extras, and what is said where one is missing."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import drift_core
from drift_core import installation
from drift_core.errors import MissingExtraError
from drift_core.regions.encoding import load_encoder
from tests.drift_core.command_line import run, write_samples

ROOT = Path(drift_core.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BROUGHT_ALONG = {"torch"}  # by sentence-transformers
NEVER_IN_THE_CORE = {
    "accelerate",
    "datasets",
    "numba",
    "openai",
    "plotly",
    "sentence-transformers",
    "shapely",
    "streamlit",
    "torch",
    "umap-learn",
    "vl-convert-python",
}
# Nothing of an extra can be found.
WITHOUT_EXTRAS = """
import sys
from importlib.machinery import PathFinder
from drift_core.installation import EXTRAS

GONE = {"safetensors", "transformers"}.union(*EXTRAS.values())

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in GONE else PathFinder.find_spec(name, path, target)

sys.meta_path = [Finder if each is PathFinder else each for each in sys.meta_path]
"""
IMPORT_ALL = """
import importlib, pkgutil, drift_core
for module in pkgutil.walk_packages(drift_core.__path__, "drift_core."):
    if module.name.rpartition(".")[2] not in ("__main__", "kernels", "reply_limit"):  # inside a guarded call alone
        importlib.import_module(module.name)
"""
CORE_COMMANDS = """
from drift_core.cli import commands
heldout, production, folder = sys.argv[1:]
history, fast = ["--history", folder + "/h.sqlite"], ["--embedder", "hashing", "--clusters", "3", "--no-cache"]
for words in (
    ["canary", heldout, production, *history, "--teacher-revision", "r", *fast],
    ["history", "list", *history],
    ["gate", *history],
    ["card", "init", "--out", folder + "/judges.yaml"],
    ["plan", heldout, production],
    ["sample", production, "--n", "50", "--out", folder + "/week.csv", "--embedder", "hashing"],
    ["costs", "--student-price", "1", "--teacher-price", "1", "--calls", "1000"],
    ["diagnose", heldout, production, *fast],
):
    code = commands(words, standalone_mode=False)
    print("ran", words[0], code or 0)
"""


def requirements(extra):
    """Names of the packages that an extra asks for, those of the extras in it too."""
    found = set()
    for requirement in map(Requirement, PROJECT["optional-dependencies"][extra]):
        is_own = requirement.name == PROJECT["name"]
        found |= {n for e in requirement.extras for n in requirements(e)} if is_own else {requirement.name}
    return found


def without(monkeypatch, *modules):
    """Let these modules not be installed."""
    found = installation.find_spec
    monkeypatch.setattr(installation, "find_spec", lambda name: None if name in modules else found(name))


def script(code, *arguments):
    done = subprocess.run([sys.executable, "-c", WITHOUT_EXTRAS + code, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_core_asks_for_nothing_that_only_an_extra_needs():
    core = {Requirement(line).name for line in PROJECT["dependencies"]}

    assert not core & NEVER_IN_THE_CORE


def test_all_is_every_extra():
    everything = {name for extra in installation.EXTRAS for name in requirements(extra)}

    assert requirements("all") == everything
    assert set(PROJECT["optional-dependencies"]) == {*installation.EXTRAS, "all"}


@pytest.mark.parametrize("extra", installation.EXTRAS)
def test_an_extra_is_told_by_a_module_of_each_of_its_packages(extra):
    homes = packages_distributions()
    told = {canonicalize_name(homes[module][0]) for module in installation.EXTRAS[extra]} - BROUGHT_ALONG

    own = {Requirement(line).name for line in PROJECT["optional-dependencies"][extra]} - {PROJECT["name"]}
    assert told == own


def test_every_module_can_be_imported_without_the_extras():
    script(IMPORT_ALL)


def test_the_core_commands_run_without_the_extras(tmp_path):
    said = script(CORE_COMMANDS, *write_samples(tmp_path), str(tmp_path))

    ran = [line.split()[1:] for line in said.splitlines() if line.startswith("ran ")]
    names = ("canary", "history", "gate", "card", "plan", "sample", "costs", "diagnose")
    assert [name for name, _ in ran] == list(names)
    assert {name: code for name, code in ran if name != "gate"} == {name: "0" for name in names if name != "gate"}


COMMANDS = {
    "app": ("app", ["app", "--no-browser"]),
    "canary": ("embed", ["canary", "a.csv", "b.csv", "--history", "h.sqlite", "--teacher-revision", "r"]),
    "compare": (
        "embed",
        ["compare", "{frozen}", "--embedder", "all-MiniLM-L6-v2"],
    ),
    "diagnose": ("embed", ["diagnose", "a.csv", "b.csv"]),
    "diagnose --pairs": ("app", ["diagnose", "a.csv", "b.csv", "--pairs", "p.csv"]),
    "diagnose --report": ("report", ["diagnose", "a.csv", "b.csv", "--report", "r.html"]),
    "history": ("postgres", ["history", "list", "--history", "postgresql://user@host/database"]),
    "rescore": ("teacher", ["rescore", "{production}", "--out", "{folder}/out", "--model", "m", "--max-calls", "1"]),
    "retrain": ("retrain", ["retrain", "--student", "s", "--list", "l.parquet", "--out", "o"]),
    "sample": ("embed", ["sample", "{production}", "--n", "20", "--out", "{folder}/week.csv"]),
    "score": ("retrain", ["score", "{production}", "--student", "s", "--out", "{folder}/out.csv"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_whose_extra_is_missing_says_how_to_install_it(name, monkeypatch, tmp_path):
    _, production = write_samples(tmp_path)
    extra, words = COMMANDS[name]
    frozen = installation.app_folder() / "sample_data" / "retrained" / "frozen.csv"
    without(monkeypatch, *installation.EXTRAS[extra])

    code, shown, said = run(*(word.format(production=production, frozen=frozen, folder=tmp_path) for word in words))

    assert (code, shown) == (2, "")
    *_, fault, remedy = said.splitlines()
    assert fault.startswith("Error: ")
    assert "packages that are not installed" in fault
    assert remedy == f'Install them with: pip install "distillation-drift[{extra}]"'


def test_where_torch_is_missing_the_line_for_its_small_build_is_told(monkeypatch):
    monkeypatch.setattr(installation.sys, "platform", "linux")
    without(monkeypatch, "torch")

    with pytest.raises(MissingExtraError, match=r"not installed.*pip install torch --index-url"):
        load_encoder()


def test_what_needs_no_model_is_told_where_the_encoder_is_missing(monkeypatch):
    without(monkeypatch, "sentence_transformers")

    with pytest.raises(MissingExtraError, match="The encoder 'hashing' needs none"):
        load_encoder()
