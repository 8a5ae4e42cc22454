import ast
import subprocess
import sys
from pathlib import Path

import pytest

import drift_core

ROOT = Path(drift_core.__file__).parent
# What stands further down may import what stands further up.
ORDER = (
    ("errors", "version", "installation"),
    ("markup",),
    ("samples",),
    ("measures",),
    ("regions",),
    ("diagnosis",),
    ("treatment",),
    ("charts",),
    ("display",),
    ("report",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
HEAVY = ("scipy", "sklearn", "torch", "streamlit", "duckdb", "pyarrow", "umap", "numba", "altair", "plotly")
# Streamlit's commands that set Altair's transformer of data or its theme, both for all visitors at once.
FOR_ALL_VISITORS = {"altair_chart", "area_chart", "bar_chart", "line_chart", "scatter_chart", "write"}
SHOWN = sorted([ROOT.parent / "app.py", *(ROOT.parent / "pages").rglob("*.py")])
CORE = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def chapter(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(tree):
    """Names of the modules of this package that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node, node.module
        elif isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)


def shows_itself(tree):
    """Import statements that stand in a `_repr_html_`: a value hands itself up to the display."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_repr_html_")
    return {id(node) for function in functions for node in ast.walk(function)}


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    tree = ast.parse(path.read_text())
    exempt = shows_itself(tree)

    for node, module in imported(tree):
        if id(node) in exempt:
            assert module == "drift_core.display"
        elif module.startswith("drift_core."):
            assert LEVEL[module.split(".")[1]] <= LEVEL[chapter(path)], f"{path.name} imports {module}"


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_knows_nothing_of_streamlit(path):
    modules = {module.split(".")[0] for _, module in imported(ast.parse(path.read_text()))}

    assert not modules & {"streamlit", "pages"}


def test_charts_come_to_a_page_in_one_place_and_nothing_changes_altair_for_all_visitors():
    used = {
        path: {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
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


def test_every_public_name_can_be_had_and_type_checkers_see_the_same():
    tree = ast.parse((ROOT / "__init__.py").read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {(f"{node.module}", alias.name) for node in block.body for alias in node.names}

    assert {(home, name) for name, home in drift_core._HOME.items()} == typed
    assert all(getattr(drift_core, name) is not None for name in drift_core.__all__)
    assert set(drift_core.__all__) <= set(dir(drift_core))


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        drift_core.nothing  # noqa: B018
