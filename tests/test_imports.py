import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import drift_core

ROOT = Path(drift_core.__file__).parent
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
HEAVY = ("scipy", "sklearn", "torch", "streamlit", "duckdb", "pyarrow", "umap", "numba", "altair", "onnxruntime")
# Streamlit's commands that set Altair's transformer of data or its theme, both for all visitors at once.
FOR_ALL_VISITORS = {"altair_chart", "area_chart", "bar_chart", "line_chart", "scatter_chart", "write"}
SHOWN = sorted([ROOT.parent / "app.py", *(ROOT.parent / "pages").rglob("*.py")])
CORE = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@cache
def parsed(path):
    return ast.parse(path.read_text())


def imported(tree):
    """Names of the modules of this package that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node, node.module
        elif isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)


def test_imports_go_one_way_between_rooms_and_no_modules_import_each_other():
    found = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=ROOT.parent, capture_output=True, text=True, check=False)

    assert found.returncode == 0, found.stdout


def test_the_core_knows_nothing_of_streamlit_but_how_to_start_it():
    known = {
        (path.relative_to(ROOT), module)
        for path in CORE
        for _, module in imported(parsed(path))
        if module.split(".")[0] in ("streamlit", "pages")
    }

    assert known == {(Path("commands", "app.py"), "streamlit.web.cli")}


def test_a_page_and_a_command_use_only_public_names():
    private = [each for path in (*SHOWN, *(ROOT / "commands").glob("*.py")) for each in private_names(path)]

    assert private == []


def private_names(path):
    """Private names that a module takes from another, each with the module's path."""
    tree = parsed(path)
    aliases = [(each, alias) for each, _ in imported(tree) for alias in each.names]
    modules = {alias.asname or alias.name.split(".")[0] for _, alias in aliases}
    found = [alias.name for _, alias in aliases if alias.name.split(".")[-1].startswith("_")]
    found += [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
    ]
    return [f"{path.relative_to(ROOT.parent)}: {each}" for each in found]


def test_charts_come_to_a_page_in_one_place_and_nothing_changes_altair_for_all_visitors():
    used = {
        path: {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
        for path in (*SHOWN, *CORE)
    }

    assert {str(path) for path in SHOWN if used[path] & FOR_ALL_VISITORS} == set()
    assert {path.name for path in SHOWN if "vega_lite_chart" in used[path]} == {"results.py"}
    assert {path.name for path in used if used[path] & {"data_transformers", "to_values"}} == {"specification.py"}


def test_importing_the_package_loads_nothing_heavy():
    loaded = look("import sys, drift_core; print(*sys.modules)").split()

    assert not set(loaded) & {*HEAVY, "numpy", "pandas"}


def test_all_chapters_are_as_light_as_numpy_and_pandas():
    names = (path.relative_to(ROOT.parent).with_suffix("").parts for path in CORE)
    # The kernels of the map are compiled code and belong to the map alone.
    modules = ", ".join(".".join(parts) for parts in names if parts[-1] not in ("__init__", "__main__", "kernels"))

    # pandas may load pyarrow by itself; what counts is what comes on top.
    code = f"import numpy, pandas, sys; before = set(sys.modules); import {modules}; print(*set(sys.modules) - before)"

    assert not set(look(code).split()) & set(HEAVY)


def look(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_every_public_name_can_be_had():
    stub = ast.parse((ROOT / "__init__.pyi").read_text())
    named = {alias.name for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}

    assert named == set(drift_core.__all__) <= set(dir(drift_core))
    assert all(getattr(drift_core, name) is not None for name in named)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing"):
        drift_core.nothing  # noqa: B018
