"""Damages of files that know records, cells or arrays: SQLite, TOML, YAML, tables and embeddings."""

import contextlib
import io
import json
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.damages import NESTED, Damage, damage_document

CELLS: tuple[object, ...] = (None, "nonsense", "", -1, 2**62, 1e308, -0.5, b"\xff\x00", "9999-12-31", "{", "[]", "NaN")
TOML = {
    "nan": "nan",
    "infinity": "inf",
    "a number beyond any float": "1e999",
    "a whole number of 5,000 digits": "9" * 5_000,
    "a list": "[]",
    "a table": "{a = 1}",
    "a text": '"nonsense"',
    "a date": "9999-12-31",
    "a time": "2026-01-01T00:00:00Z",
    "nothing": "",
    "true": "true",
    "a negative number": "-3",
    "20,000 lists in one another": NESTED,
    "nearly one": "0.9999999999999999",
    "a tiny number": "1e-320",
}
TEXTS = ("nonsense", "", "NaN", "inf", "-3", "1e999", "9" * 400, '"', "\x00", "9999-12-31", "2026-02-30", "a\x1b[2Jb")


def damage_database(content: bytes, rng: np.random.Generator) -> Damage:
    """Draw a damage that SQLite itself would let anyone do."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.db"
        path.write_bytes(content)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute("PRAGMA journal_mode=DELETE")
            changes = [_cell, _cell, _cell, _cell, _header, _table, _row]
            damage = None
            while damage is None:
                with contextlib.suppress(sqlite3.Error):  # what its own constraints forbid is drawn anew
                    damage = changes[rng.integers(len(changes))](file, rng)
        return Damage(told=damage.told, meaning=damage.meaning, node=damage.node, content=path.read_bytes())


def _some_table(file: sqlite3.Connection, rng: np.random.Generator) -> str:
    names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return str(names[rng.integers(len(names))])


def _cell(file: sqlite3.Connection, rng: np.random.Generator) -> Damage | None:
    table = _some_table(file, rng)
    columns = [(row[1], row[5]) for row in file.execute(f"PRAGMA table_info({table})")]
    documents = [column for column in columns if column[0] == "document"] * len(columns)  # half of the cells drawn
    name, _ = (columns + documents)[rng.integers(len(columns + documents))]
    keys = [column for column, is_key in columns if is_key]
    rows = file.execute(f"SELECT {', '.join(keys)}, {name} FROM {table}").fetchall()
    if not rows:
        return None
    place = len(rows) - 1 if rng.random() < 0.5 else int(rng.integers(len(rows)))  # half of them the newest
    *key, before = rows[place]
    damage = Damage(told="")
    value = CELLS[rng.integers(len(CELLS))]
    if isinstance(before, str) and before.startswith("{"):
        damage = damage_document(json.loads(before), rng)
        value = damage.content.decode("utf-8", "surrogatepass")
    where = " AND ".join(f"{each} = ?" for each in keys)
    file.execute(f"UPDATE {table} SET {name} = ? WHERE {where}", (value, *key))
    shown = damage.told or repr(value)
    newest = damage.node if table == "canary_run" and place == len(rows) - 1 else ()
    meaning = damage.meaning if name == "document" and damage.told else "open"  # other texts are somebody's own
    return Damage(told=f"{table}[{place}].{name}: {shown}", meaning=meaning, node=newest)


def _header(file: sqlite3.Connection, rng: np.random.Generator) -> Damage:
    name = str(rng.choice(["application_id", "user_version"]))
    number = int(rng.choice([0, -1, 7, 2**31 - 1]))
    file.execute(f"PRAGMA {name} = {number}")
    return Damage(told=f"{name} = {number}")


def _table(file: sqlite3.Connection, rng: np.random.Generator) -> Damage:
    table = _some_table(file, rng)
    columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
    column = columns[rng.integers(len(columns))]
    statements = (
        f"DROP TABLE {table}",
        f"ALTER TABLE {table} RENAME TO other",
        f"ALTER TABLE {table} RENAME COLUMN {column} TO other",
        f"ALTER TABLE {table} DROP COLUMN {column}",
        f"ALTER TABLE {table} ADD COLUMN other TEXT",
    )
    statement = statements[rng.integers(len(statements))]
    file.execute(statement)
    return Damage(told=statement)


def _row(file: sqlite3.Connection, rng: np.random.Generator) -> Damage:
    table = _some_table(file, rng)
    statements = [f"DELETE FROM {table}"]
    if table == "canary_schema":
        newer = int(rng.choice([99, 0, -1, 2**40]))
        statements += [f"UPDATE canary_schema SET version = {newer} WHERE version = 1"]
    statement = statements[rng.integers(len(statements))]
    file.execute(statement)
    return Damage(told=statement)


def damage_toml(content: bytes, rng: np.random.Generator) -> Damage:
    lines = content.decode().splitlines()
    place = int(rng.integers(len(lines)))
    name = lines[place].partition(" = ")[0]
    if rng.random() < 0.3:
        more = str(rng.choice([lines[place], "unknown = 1", "[rule]", "[[rule]]", f"{name}.a = 1", "= 1", "[rule"]))
        lines.insert(place + 1, more)
        return Damage(told=f"{more!r} after {name}", content="\n".join(lines).encode(), meaning="wrong")
    told = str(rng.choice(list(TOML)))
    lines[place] = f"{name} = {TOML[told]}"
    is_number = told in ("nearly one", "a tiny number")
    meaning = "open" if is_number else "wrong"
    return Damage(told=f"{name} = {told}", content="\n".join(lines).encode(), meaning=meaning)


def damage_yaml(content: bytes, rng: np.random.Generator) -> Damage:
    damage = damage_document(json.loads(content), rng)
    text = damage.content.replace(b": NaN", b": .nan").replace(b": Infinity", b": .inf")
    is_empty = damage.told.endswith((" a list", " an object"))  # says what null says: nothing is filled in
    meaning = "open" if is_empty else damage.meaning
    return Damage(told=damage.told, meaning=meaning, node=damage.node, content=text)


def damage_table(content: bytes, rng: np.random.Generator) -> Damage:
    """Put a text where a cell stood, or take one out, or add one."""
    lines = content.decode().splitlines(keepends=True)
    place = 0 if rng.random() < 0.2 else int(rng.integers(len(lines)))
    cells = lines[place].split(",")
    at = int(rng.integers(len(cells)))
    text = TEXTS[rng.integers(len(TEXTS))]
    done = str(rng.choice(["set", "set", "set", "removed", "added", "again"]))
    if done == "set":
        cells[at] = text
    elif done == "removed":
        del cells[at]
    else:
        cells.insert(at, text if done == "added" else cells[at])
    lines[place] = ",".join(cells)
    told = f"line {place + 1}, cell {at + 1} {done}: {text!r:.40}"
    return Damage(told=told, content="".join(lines).encode(errors="surrogatepass"))


Change = Callable[[np.ndarray, np.random.Generator], Any]


def _with(value: float) -> Change:
    def change(rows: np.ndarray, rng: np.random.Generator) -> Any:
        changed = rows.astype(np.float64)
        changed[rng.integers(len(rows)), rng.integers(rows.shape[1])] = value
        return changed

    return change


ARRAYS: Mapping[str, Change] = {
    "objects": lambda rows, rng: rows.astype(object),
    "objects of Python": lambda rows, rng: np.array([{}] * len(rows), dtype=object),
    "texts": lambda rows, rng: rows.astype(str),
    "complex numbers": lambda rows, rng: rows.astype(complex),
    "truth": lambda rows, rng: rows > 0,
    "times": lambda rows, rng: rows.astype(np.int64).astype("datetime64[s]"),
    "records": lambda rows, rng: np.zeros(len(rows), dtype=[("a", "f4")]),
    "one axis": lambda rows, rng: rows[:, 0],
    "three axes": lambda rows, rng: rows[:, :, None],
    "no axis": lambda rows, rng: np.float32(1),
    "no columns": lambda rows, rng: rows[:, :0],
    "no rows": lambda rows, rng: rows[:0],
    "a row more": lambda rows, rng: np.concatenate([rows, rows[:1]]),
    "a row less": lambda rows, rng: rows[1:],
    "NaN": _with(np.nan),
    "infinity": _with(np.inf),
    "beyond float32": _with(1e300),
    "zeros": lambda rows, rng: np.where(np.arange(len(rows))[:, None] == 3, 0, rows),
    "rows in another order": lambda rows, rng: rows[::-1],
}
ALIKE: Mapping[str, Change] = {
    "big endian": lambda rows, rng: rows.astype(">f4"),
    "by columns": lambda rows, rng: np.asfortranarray(rows),
    "double precision": lambda rows, rng: rows.astype(np.float64),
}


def _changed(rows: np.ndarray, rng: np.random.Generator) -> tuple[str, Any, bool]:
    told = str(rng.choice([*ARRAYS, *ALIKE]))
    return told, (ARRAYS | ALIKE)[told](rows, rng), told in ALIKE  # type: ignore[operator]


def damage_npy(content: bytes, rng: np.random.Generator) -> Damage:
    told, array, is_alike = _changed(np.load(io.BytesIO(content)), rng)
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return Damage(told=told, content=file.getvalue(), meaning="void" if is_alike else "refused")


def damage_npz(content: bytes, rng: np.random.Generator) -> Damage:
    arrays: dict[str, Any] = dict(np.load(io.BytesIO(content)))
    name = str(rng.choice(list(arrays)))
    told, arrays[name], is_alike = _changed(arrays[name], rng)
    if rng.random() < 0.2:
        told, arrays[f"{name}_2"], is_alike = f"renamed {name}", arrays.pop(name), False
    file = io.BytesIO()
    np.savez(file, **arrays)
    return Damage(told=f"{name}: {told}", content=file.getvalue(), meaning="void" if is_alike else "refused")


def damage_parquet(content: bytes, rng: np.random.Generator) -> Damage:
    table = pq.read_table(io.BytesIO(content))
    queries, vectors = table["query"].to_pylist(), table["embedding"].to_pylist()
    n = len(queries)
    columns: Mapping[str, Mapping[str, Any]] = {
        "other ids": {"query": [f"other {i}" for i in range(n)], "embedding": vectors},
        "ids of numbers": {"query": list(range(n)), "embedding": vectors},
        "no ids": {"query": [None] * n, "embedding": vectors},
        "no column of ids": {"text": queries, "embedding": vectors},
        "no vectors": {"query": queries, "embedding": [None] * n},
        "one vector lacking": {"query": queries, "embedding": [None, *vectors[1:]]},
        "one vector shorter": {"query": queries, "embedding": [vectors[0][:-1], *vectors[1:]]},
        "vectors of texts": {"query": queries, "embedding": [[str(x) for x in each] for each in vectors]},
        "vectors of vectors": {"query": queries, "embedding": [[each] for each in vectors]},
        "vectors of nothing": {"query": queries, "embedding": [[] for _ in vectors]},
        "NaN": {"query": queries, "embedding": [[float("nan")] * len(vectors[0]), *vectors[1:]]},
        "a null in a vector": {"query": queries, "embedding": [[None, *vectors[0][1:]], *vectors[1:]]},
        "vectors of another text": {"query": queries, "embedding": [*vectors[1:], vectors[0]]},
        "numbers for vectors": {"query": queries, "embedding": [1.0] * n},
        "two columns of vectors": {"query": queries, "vector": vectors, "embedding": vectors},
        "no rows": {"query": pa.array([], pa.string()), "embedding": pa.array([], pa.list_(pa.float32()))},
    }
    told = str(rng.choice(list(columns)))
    file = io.BytesIO()
    pq.write_table(pa.table(dict(columns[told])), file)
    return Damage(told=told, content=file.getvalue(), meaning="refused")
