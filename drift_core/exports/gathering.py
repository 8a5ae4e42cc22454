"""What the records of an export say: pairs with their texts, and scores with what they are of. Joined in `joining`."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drift_core.exports.form import Documents, Form, Scores
from drift_core.exports.records import form_of, records_within
from drift_core.exports.values import entries, first, id_of, is_empty, literal, look, opened, parsed, text_of, unquoted

N_WRITTEN_AT_ONCE, N_CHARACTERS_AT_ONCE = 2_000, 32_000_000
ITEMS = ("item", "query", "doc", "timestamp", "slices")  # without slices it is a document, which may come in spans
NAMES = ("name_of", "item")
SCORES = ("name_of", "or_of", "name", "value", "is_label")
LACKING = "\twithout"  # behind the id of a pair that lacks its other one

Row = tuple[str, tuple[Any, ...]]  # for which file, and what it holds


@dataclass(kw_only=True, slots=True, eq=False)
class Gathered:
    """Pairs, the names that they answer to, and scores, as files; and what was counted while they were written.

    Attributes
    ----------
    folder
        Where the files are.
    forms
        Records of each form.
    n_unknown, n_without_value
        Records of no form; scores that hold no value.
    from_messages
        Whether a text was one of several messages.
    """

    folder: Path
    forms: Counter[Form] = field(default_factory=Counter)
    n_unknown: int = 0
    n_without_value: int = 0

    def path(self, what: str) -> Path:
        return self.folder / f"{what}.parquet"


def gather(documents: Iterator[Any], tool: str | None, folder: Path) -> Gathered:
    """Read all records and write what they say into a folder."""
    found = Gathered(folder=folder)
    writers = {"items": _Rows(found.path("items"), ITEMS), "names": _Rows(found.path("names"), NAMES)}
    writers["scores"] = _Rows(found.path("scores"), SCORES)
    try:
        for number, document in enumerate(documents):
            for place, (form, record) in enumerate(_with_inner(records_within(document), tool)):
                if form is None:
                    found.n_unknown += 1
                    continue
                found.forms[form] += 1
                known = first(record, form.known_as)
                own = f"record {number}.{place}" if known is None else id_of(known)
                for what, row in (*_pairs(form, record, own, found), *_scores(form, record, own, found)):
                    writers[what].add(row)
    finally:
        for writer in writers.values():
            writer.close()
    return found


def _with_inner(records: Iterator[dict[str, Any]], tool: str | None) -> Iterator[tuple[Form | None, dict[str, Any]]]:
    """Records with their forms, each before those in it that its scores name."""
    for record in records:
        form = form_of(record, tool)
        yield form, record
        if form is None or not form.inner or form.scores is None:
            continue
        scores = (each for _, each in _named_scores(form.scores, record))
        named = {id_of(name) for each in scores if not is_empty(name := look(each, form.scores.scored))}
        for each in map(parsed, entries(record, form.inner)) if named else ():
            if isinstance(each, dict) and id_of(each.get("id")) in named and (found := form_of(each, tool)) is not None:
                yield found, each


def _pairs(form: Form, record: Mapping[str, Any], own: str, found: Gathered) -> Iterator[Row]:
    """The pairs of a record, and every name by which a score may call them."""
    if form.documents is not None:
        yield from _documents(form, form.documents, record, own, found)
        return
    if not form.query:
        return
    read = unquoted if form.is_quoted else parsed
    query, doc = (text_of(read(first(record, getattr(form, side))), side) for side in ("query", "doc"))
    yield "items", (own, query, doc, _text(first(record, form.timestamp)), _slices(form, record))
    is_top = all(is_empty(look(record, path)) for path in form.top)
    also = [form.known_as, *([form.stands_for] if is_top else [])]
    names = {own, *(id_of(name) for paths in also for path in paths if not is_empty(name := look(record, path)))}
    if form.lacks and is_empty(look(record, form.lacks)):
        names.add(f"{own}{LACKING}")
    yield from (("names", (name, own)) for name in sorted(names))


def _documents(form: Form, documents: Documents, record: Mapping[str, Any], own: str, found: Gathered) -> Iterator[Row]:
    """One pair a document; the same document of a query within a group is one pair, whoever scored it."""
    query = text_of(first(record, form.query), "query")
    group, at = first(record, form.group), _text(first(record, form.timestamp))
    scorer = (documents.scorer and look(record, documents.scorer)) or documents.instead
    for place, document in enumerate(entries(record, documents.at)):
        text = text_of(look(document, documents.text), "doc")
        known = look(document, documents.known_as)
        if text is None and is_empty(known):
            found.n_unknown += 1
            continue
        item = "\t".join(
            (own if group is None else id_of(group), query or "", id_of(text if is_empty(known) else known))
        )
        yield "items", (item, query, text, at, None)
        yield "names", (item, item)
        yield "names", (f"{own}#{place}", item)
        value = _text(look(document, documents.score))
        if value is not None:
            yield "scores", (item, None, str(scorer), value, False)


def _scores(form: Form, record: Mapping[str, Any], own: str, found: Gathered) -> Iterator[Row]:
    if form.scores is None:
        return
    name_of = own if not form.scored else _called(form, record)
    other_id = look(record, form.or_scored) if form.or_scored else None
    or_of = None if is_empty(other_id) else f"{id_of(other_id)}{LACKING}"
    for name, entry in _named_scores(form.scores, record):
        if form.scores.valid and look(entry, form.scores.valid) in (False, "false"):
            continue
        value = _text(first(entry, form.scores.value)) if form.scores.value else _text(entry)
        if value is None:
            found.n_without_value += 1
            continue
        other = look(entry, form.scores.scored) if form.scores.scored else None
        is_label = bool(form.scores.source) and str(look(entry, form.scores.source)).upper() in form.scores.people
        yield "scores", (name_of if is_empty(other) else id_of(other), or_of, name, value, is_label)


def _called(form: Form, record: Mapping[str, Any]) -> str:
    """What a score calls that which it is of: its id, with the place of a document."""
    scored = first(record, form.scored)
    of = "" if scored is None else id_of(scored)
    place = id_of(look(record, form.position)) if form.position else ""
    return f"{of}#{place}" if place.isdecimal() else of


def _named_scores(scores: Scores, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    held = literal(look(record, scores.at)) if scores.at else [record]
    if isinstance(held, Mapping):
        yield from ((str(name), value) for name, value in held.items())
        return
    for entry in held if isinstance(held, list) else ():
        if not isinstance(entry, Mapping):
            continue
        plain = entry if entry is record else opened(entry)
        name = first(plain, scores.name)
        if name is not None:
            yield str(name), plain


def _slices(form: Form, record: Mapping[str, Any]) -> str:
    return json.dumps({name: _text(first(record, paths)) for name, paths in form.slices.items()}, ensure_ascii=False)


def _text(value: Any) -> str | None:
    """A value as CSV would hold it; objects and lists hold no score."""
    if is_empty(value) or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class _Rows:
    """Rows of text that are written to a Parquet file, so many at a time."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema: pa.Schema = pa.schema(
            [("place", pa.int64()), *((name, pa.bool_() if name == "is_label" else pa.string()) for name in names)]
        )
        self._writer = pq.ParquetWriter(path, self._schema)
        self._rows: list[tuple[Any, ...]] = []
        self._n_written = self._n_characters = 0

    def add(self, row: tuple[Any, ...]) -> None:
        self._rows.append((self._n_written + len(self._rows), *row))
        self._n_characters += sum([len(value) for value in row if type(value) is str])
        if len(self._rows) >= N_WRITTEN_AT_ONCE or self._n_characters >= N_CHARACTERS_AT_ONCE:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa

        columns = zip(zip(*self._rows, strict=True), self._schema.types, strict=True)
        arrays = [pa.array(_writable(values), kind) for values, kind in columns]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._n_written += len(self._rows)
        self._rows, self._n_characters = [], 0

    def close(self) -> None:
        if self._rows:
            self._write()
        self._writer.close()


def _writable(values: tuple[Any, ...]) -> list[Any]:
    """Give values whose texts can be written; half of a surrogate pair, which JSON may hold, is none."""
    return [
        value.encode("utf-8", "replace").decode() if type(value) is str and not value.isascii() else value
        for value in values
    ]
