"""Where ``sample`` takes a week from, files or a database, and the SELECT for those who may not connect."""

import re
from collections.abc import Collection, Mapping, Sequence

from drift_core.errors import InputError, SettingError
from drift_core.tables.paths import reason_of
from drift_core.tables.small_files import read_small


def check_source(logs: Sequence[str], out: str | None, given: Collection[str]) -> None:
    """Raise a SettingError where options do not go together."""
    if not logs and not given:
        raise SettingError("Missing argument 'LOG': name files of the log, or give --database.")
    if logs and given:
        raise SettingError(f"{min(given)} is about a database, and the log is {logs[0]!r}. Give one of them.")
    if {"--database", "--print-sql"} <= {*given}:
        raise SettingError("--print-sql connects to nothing. Leave out --database, or --print-sql.")
    if given and not {"--database", "--print-sql"} & {*given}:
        raise SettingError(f"{min(given)} is about a database. Name it with --database.")
    if given and len({"--table", "--query"} & {*given}) != 1:
        raise SettingError("A database needs --table NAME or --query FILE, one of them.")
    if out is None and "--print-sql" not in given:
        raise SettingError("Missing option '--out': name a file for the sample.")


def url_of(given: str, environment: Mapping[str, str]) -> str:
    """The URL itself, or what the environment variable of that name holds.

    Raises
    ------
    SettingError
        When the variable is not set.
    """
    if not re.fullmatch("[A-Z_][A-Z0-9_]*", given):
        return given
    url = environment.get(given, "").strip()
    if not url:
        raise SettingError(
            f"The environment variable {given}, which should hold the database's URL, is not set. Set it."
        )
    return url


def read_text(path: str) -> str:
    """Read the file of a query, here or at an address."""
    content = read_small(path, called="The query")
    try:
        return content.decode("utf-8-sig")
    except UnicodeError as error:
        raise InputError(f"The query {path} cannot be read: {reason_of(error)}. Expected SQL as UTF-8 text.") from None
