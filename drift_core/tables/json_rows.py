"""JSON as DuckDB queries: lines, an array of records, or a list of records inside one object; simple values as text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drift_core.errors import InputError
from drift_core.tables.columns import recognise_columns
from drift_core.tables.dialects import check_names, name_sql, text_sql
from drift_core.tables.formats import Form
from drift_core.tables.problem import Problem

N_LISTED = 10


def json_query(path: Path, form: Form, label: str, connection: Any) -> tuple[str, tuple[Problem, ...]]:
    """Read JSON lines, a JSON array of records, or the one list of records inside an object; simple values as text."""
    options = (
        f"{text_sql(path)}, compression={text_sql(form.compression)}, hive_partitioning=false, "
        "sample_size=-1, map_inference_threshold=-1, convert_strings_to_integers=false"
    )
    plain = f"read_json({options})"
    found = connection.sql(f"select * from {plain}")
    types = dict(zip(found.columns, found.types, strict=True))
    _check_json_names(types, f"read_json_objects({text_sql(path)}, format='auto')", label, connection)
    inner = _inner_rows(types, plain, label, connection)
    kinds = {
        name: _type_within(kind, inner[1:]) if inner[:1] == (name,) else _json_type(kind)
        for name, kind in types.items()
    }
    columns = ", ".join(f"{text_sql(name)}: {text_sql(kind)}" for name, kind in kinds.items())
    source = f"read_json({options}, columns={{{columns}}})"
    if not inner:
        return f"select * from {source}", ()
    rows = "struct_extract(" * len(inner[1:]) + name_sql(inner[0])
    rows += "".join(f", {text_sql(name)})" for name in inner[1:])
    message = f"{label} is one JSON object; its rows were taken from the list {'.'.join(inner)!r} inside it."
    inside = Problem(name="rows_inside", message=message)
    return f"select unnest(inner_row) from (select unnest({rows}) as inner_row from {source})", (inside,)


def _json_type(kind: Any) -> str:
    return str(kind) if _is_nested(kind) else "VARCHAR"


def _is_nested(kind: Any) -> bool:
    return kind.id in ("list", "struct", "map")


def _check_json_names(types: Mapping[str, Any], objects: str, label: str, connection: Any) -> None:
    """Raise where names differ in case alone, of which DuckDB renames one to ``name_1``."""
    check_names(tuple(types), label)
    known = {name.casefold() for name in types}
    if any(re.sub(r"(_\d+)+$", "", name).casefold() in known for name in types if re.search(r"_\d+$", name)):
        keys = connection.execute(f"select distinct unnest(json_keys(json)) from {objects}").fetchall()
        check_names([key for (key,) in sorted(keys)], label)


def _inner_rows(types: Mapping[str, Any], source: str, label: str, connection: Any) -> tuple[str, ...]:
    """Where the rows lie inside a file that is one object: the names that lead to its list of objects, else nothing."""
    if any(not _is_nested(kind) for name, kind in types.items() if "query" in recognise_columns([name])):
        return ()
    lists = [found for name, kind in types.items() for found in _lists_of_objects(kind, (name,))]
    all_nested = all(map(_is_nested, types.values()))
    if not (lists or all_nested) or len(connection.sql(f"select 1 from {source} limit 2").fetchall()) != 1:
        return ()
    serving = [path for path, names in lists if "query" in recognise_columns(names)] or [path for path, _ in lists]
    if len(serving) == 1:
        return serving[0]
    if serving:
        places = ", ".join(repr(".".join(path)) for path in serving[:N_LISTED])
        raise InputError(
            f"{label} is one JSON object with several lists of objects inside it: {places}. Write the list that holds "
            "the pairs to a file of its own."
        )
    raise InputError(
        f"{label} is one JSON object, not one a row: {', '.join(types)[:200]} hold lists or objects. Write one object "
        "a row, with pandas by to_json(orient='records', lines=True)."
    )


def _lists_of_objects(kind: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Paths to lists of objects with the names of their fields; lists inside lists are not looked into."""
    if kind.id == "struct":
        for name, inner in kind.children:
            yield from _lists_of_objects(inner, (*path, name))
    elif kind.id == "list" and kind.children[0][1].id == "struct":
        yield path, tuple(name for name, _ in kind.children[0][1].children)


def _type_within(kind: Any, path: Sequence[str]) -> str:
    """The type to read an object with, down to one list of rows in it, whose simple values are text."""
    if path:
        inner = dict(kind.children)[path[0]]
        return f"STRUCT({name_sql(path[0])} {_type_within(inner, path[1:])})"
    fields = ", ".join(f"{name_sql(name)} {_json_type(inner)}" for name, inner in kind.children[0][1].children)
    return f"STRUCT({fields})[]"
