"""A folder is read as the Parquet files in it."""

from pathlib import Path

from drift_core.errors import InputError
from drift_core.tables.formats import SUFFIXES, name_suffix


def parquet_files(folder: Path, label: str) -> list[Path]:
    """The Parquet files in a folder and below, in the order of their names; what is hidden is passed over.

    Raises
    ------
    InputError
        When there is none, or a file of another form beside them.
    """
    found = sorted(each for each in folder.rglob("*") if each.is_file() and not _is_hidden(each.relative_to(folder)))
    kinds = {each: SUFFIXES.get(name_suffix(each.name)) for each in found}
    parts = [each for each, kind in kinds.items() if kind == "parquet"]
    others = [each for each, kind in kinds.items() if kind not in ("parquet", None)]
    if not parts:
        raise InputError(f"{label} is a folder without Parquet files. Name a file, or a pattern of files.")
    if others:
        raise InputError(
            f"{label} is a folder of Parquet files and others, such as {others[0].name}. Name the files that you mean, "
            f"or a pattern such as {folder / '*.parquet'}."
        )
    return parts


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parts)
