"""The SELECT of a week's candidates for those who may not connect, with what to do with it."""

import shlex
from collections.abc import Mapping
from dataclasses import fields

from drift_core.errors import SettingError
from drift_core.weekly_sample.selection import week_select
from drift_core.weekly_sample.settings import WeekSettings

NAMES = {"query": "query", "query_id": "query_id", "doc": "doc"}


def print_select(
    dialect: str, *, table: str | None, query: str | None, columns: Mapping[str, str], settings: WeekSettings
) -> str:
    """Write the SELECT; columns that are not named have the names of their roles.

    Raises
    ------
    SettingError
        When the dialect or a role is not known, or not one of table and query is given.
    InputError
        When it is no name of a table, or not one SELECT.
    """
    settings.check_for_database()
    unknown = next((role for role in columns if role not in NAMES), None)
    if unknown is not None:
        raise SettingError(f"Columns can be named for {', '.join(NAMES)}; found {unknown!r}.")
    roles = {role: name for role, name in (NAMES | dict(columns)).items() if name}
    if "query" not in roles:
        raise SettingError("A week is drawn by its queries. Name their column with --column query=COLUMN.")
    select = week_select(table=table, query=query, roles=roles, settings=settings, dialect=dialect)
    chosen = " ".join(
        f"{each.metadata['option'] or '--' + each.name.replace('_', '-')} "
        + shlex.quote(" ".join(str(getattr(settings, each.name)).splitlines()))
        for each in fields(settings)
        if getattr(settings, each.name) != each.default
    )
    named = "".join(f" --column {shlex.quote(f'{role}={name}')}" for role, name in columns.items())
    told = ", ".join(f"{name!r} as {role}" for role, name in roles.items())
    return "\n".join(
        (
            f"-- Columns: {told}. Others are named with --column ROLE=COLUMN; --column ROLE= leaves one out.",
            "-- Run this, save the result as Parquet or CSV, and draw the sample from that file:",
            f"-- distillation-drift sample RESULT{named} {chosen} --out week.parquet",
            select,
        )
    )
