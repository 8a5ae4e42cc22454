"""A folder is read as the Parquet files in it."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

from drift_core.errors import InputError
from drift_core.tables.formats import SUFFIXES, name_suffix

Each = TypeVar("Each")


def parquet_files(folder: Path, label: str) -> list[Path]:
    """The Parquet files in a folder and below, in the order of their names; what is hidden is passed over.

    Raises
    ------
    InputError
        When there is none, or a file of another form beside them.
    """
    found = sorted(each for each in folder.rglob("*") if each.is_file())
    return choose_parquet([(each, each.relative_to(folder).as_posix()) for each in found], label)


def choose_parquet(found: Sequence[tuple[Each, str]], label: str) -> list[Each]:
    """Choose the Parquet files among those of a folder, each with its name there; raises as `parquet_files`."""
    kinds = [(each, name, SUFFIXES.get(name_suffix(name))) for each, name in found if not _is_hidden(name)]
    parts = [each for each, _, kind in kinds if kind == "parquet"]
    others = [name for _, name, kind in kinds if kind not in ("parquet", None)]
    if not parts:
        raise InputError(f"{label} is a folder without Parquet files. Name a file, or a pattern of files.")
    if others:
        raise InputError(
            f"{label} is a folder of Parquet files and others, such as {PurePosixPath(others[0]).name}. Name the files "
            f"that you mean, or a pattern such as {label.rstrip('/')}/*.parquet."
        )
    return parts


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "_")) for part in name.split("/"))
