"""Records of an export, read one after another: of JSON the documents, of tables the rows."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError
from drift_core.exports.form import Form
from drift_core.exports.forms import FORMS, forms_of
from drift_core.exports.values import beginnings, has, opened, parsed
from drift_core.tables.dialects import text_sql

if TYPE_CHECKING:
    import pyarrow as pa

    from drift_core.tables.formats import Form as FileForm
    from drift_core.tables.source import Scan

MAX_DOCUMENT_BYTES = 64 << 20  # of one JSON document, which is held as a whole (ours)
N_AT_ONCE = 500
LEAST_MARKS = 3  # of a record without its texts, to be of a form (ours)
_WITHIN = tuple(dict.fromkeys(path for form in FORMS for path in form.within))


def json_documents(path: Path, form: "FileForm", label: str, connection: Any) -> Iterator[Any]:
    """Yield the documents of a JSON file: its lines, the entries of its list, or the one that it is.

    Raises
    ------
    InputError
        When one is too large or nested too deeply to be held, is no JSON to the letter, or has a name twice.
    """
    for number, text in enumerate(_texts(path, form, label, connection), start=1):
        yield _document(text, number, label)


def first_documents(path: Path, form: "FileForm", label: str, connection: Any, at_most: int) -> Iterator[Any]:
    """Yield those of the first that can be read; it is for those who read them all to tell of the others."""
    for text in _texts(path, form, label, connection, limit=f" limit {at_most}"):
        with suppress(ValueError, RecursionError):
            yield json.loads(text)


def _texts(path: Path, form: "FileForm", label: str, connection: Any, *, limit: str = "") -> Iterator[str]:
    import duckdb

    source = (
        f"read_json_objects({text_sql(path)}, compression={text_sql(form.compression)}, format='auto', "
        f"maximum_object_size={MAX_DOCUMENT_BYTES})"
    )
    held = f"case when strlen(json) <= {MAX_DOCUMENT_BYTES} then json::varchar end"
    number = 0
    try:
        for batch in connection.sql(f"select {held} as json from {source}{limit}").to_arrow_reader(N_AT_ONCE):
            for text in batch.column(0):
                number += 1
                if not text.is_valid:
                    raise _too_large(number, label)
                yield text.as_py()
    except duckdb.Error as error:
        if "maximum_object_size" in str(error):
            raise _too_large(number + 1, label) from error
        raise


def _too_large(number: int, label: str) -> InputError:
    return InputError(
        f"{label}: its JSON document {number:,} has more than {MAX_DOCUMENT_BYTES:,} bytes. Export it in parts, or as "
        "JSON lines."
    )


def _document(text: str, number: int, label: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=partial(_distinct, label))
    except RecursionError as error:
        raise InputError(f"{label}: its JSON document {number:,} is nested too deeply. Export it again.") from error
    except ValueError as error:
        reason = str(error).split(";")[0]
        raise InputError(f"{label}: its JSON document {number:,} cannot be read: {reason}. Export it again.") from error


def _distinct(label: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{label} has several columns named {twice[:60]!r}. Give each column its own name.")
    return found


def table_records(scan: "Scan") -> Iterator[dict[str, Any]]:
    """Yield the rows of a table.

    Raises
    ------
    InputError
        When it holds values that are none in Python, such as times beyond its calendar.
    """
    batches: Iterable[pa.RecordBatch]
    if scan.table is not None:
        batches = scan.table.to_batches(max_chunksize=N_AT_ONCE)
    else:
        batches = scan.relation(f"select * from ({scan.query})").to_arrow_reader(N_AT_ONCE)
    try:
        for batch in batches:
            yield from batch.to_pylist()
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{scan.label} holds a value that cannot be read: {reason}. Write it as text.") from error


def records_within(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the records in a document: itself where it has a form, else those in the lists where a form has them."""
    document = parsed(document)
    if not isinstance(document, dict):
        return
    whole = opened(document)
    within = () if form_of(whole) else _WITHIN
    found = [record for path in within for record in _walk(document, path)]
    yield from map(opened, found) if found else [whole]


def _walk(value: Any, path: str) -> Iterator[dict[str, Any]]:
    """Follow a path through lists, such as ``a[].b[]``; what is no list or object there holds no records."""
    if not path:
        if isinstance(value, dict):
            yield value
        return
    step, _, rest = path.partition("[]")
    for name in step.strip(".").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    for each in value if isinstance(value, list) else ():
        yield from _walk(each, rest)


def form_of(record: dict[str, Any], tool: str | None = None) -> Form | None:
    """Tell the form of a record, of one tool where it is named."""
    possible = _possible_forms(tuple(record), tool)
    found = next((form for form in possible if all(has(record, mark) for mark in form.marks)), None)
    return found or next((form for form in forms_of(tool) if _lacks_texts_alone(record, form)), None)


def _lacks_texts_alone(record: dict[str, Any], form: Form) -> bool:
    """Whether a record has all of a form's marks but its texts, which a run that failed may leave out."""
    marks = set(form.marks) - {*form.query, *form.doc}
    there = sum(has(record, mark) for mark in form.marks)
    return bool(form.query) and there >= LEAST_MARKS and all(has(record, mark) for mark in marks)


@lru_cache(maxsize=512)
def _possible_forms(names: tuple[str, ...], tool: str | None) -> tuple[Form, ...]:
    """Give the forms that records with these names can have; most records of a file have the same."""
    begun = {beginning for name in names for beginning in beginnings(name)}
    return tuple(
        form
        for form in forms_of(tool)
        if all(mark in begun or begun & {*beginnings(mark)} & {*names} for mark in form.marks)
    )
