"""Files of answers that come back: a sheet, or what Label Studio or Argilla exports, each row as one person's words."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drift_core.errors import InputError
from drift_core.tables.formats import separator_of
from drift_core.tables.formula_guard import unguarded
from drift_core.tables.small_files import LARGEST, parse_json

PAIR, FORMS = "pair", "a sheet, answers, or what Label Studio (JSON, JSON-MIN, CSV) or Argilla (JSON) exports"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One person's words on one pair, as a file has them; its sides are told from those of another review."""

    pair: str
    answer: str
    note: str
    reviewer: str
    first: str | None = None
    second: str | None = None


def answers_in(content: bytes, name: str) -> list[AnswerRow]:
    """Read every row of a file of answers; raise an InputError that names the file where it is none."""
    text = _decoded(content, name)
    try:
        if text.lstrip()[:1] in ("[", "{"):
            read = parse_json(text)
            return [row for each in (read if isinstance(read, list) else [read]) for row in _of_json(each)]
        table = _table(text)
        if PAIR in (table.fieldnames or ()):
            return [_flat({key: unguarded(value or "") for key, value in row.items() if key}) for row in table]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{name} cannot be read as {FORMS}: its JSON has another shape.") from error
    except (ValueError, csv.Error) as error:
        raise InputError(f"{name} cannot be read as {FORMS}: {error}.") from error
    raise InputError(f"{name} has no column {PAIR}. Expected {FORMS}.")


def _decoded(content: bytes, name: str) -> str:
    """The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, else Windows-1252."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for codec in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{name} is in no encoding that can be read. Save it as UTF-8.")


def _table(text: str) -> "csv.DictReader[str]":
    """Rows of a CSV with the separators of every other table, and texts of any length."""
    csv.field_size_limit(LARGEST)  # of the whole process; the usual limit refuses a doc of 131,073 signs
    text = text.lstrip("\r\n")
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=separator_of(text))


def _of_json(each: dict[str, Any]) -> Iterator[AnswerRow]:
    if "annotations" in each:
        for made in each["annotations"] or ():
            if not made.get("was_cancelled"):
                yield _flat(each["data"] | _results(made["result"]) | {"annotator": made.get("completed_by")})
    elif "answer.responses" in each:  # of Argilla, flattened
        said = {question: _responses(each, question) for question in ("answer", "note")}
        yield from _of_argilla(str(each.get("id") or ""), each, said)
    elif "fields" in each:
        yield from _of_argilla(str(each.get("id") or ""), each["fields"], each.get("responses") or {})
    else:
        yield _flat(each)


def _results(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Values by the name of the control that they come from; what joins others, such as relations, has none."""
    named = [each for each in found if "from_name" in each]
    return {each["from_name"]: each["value"].get("choices") or each["value"].get("text") for each in named}


def _responses(row: Mapping[str, Any], question: str) -> list[dict[str, Any]]:
    """Answers to a question, as records that are not flattened hold them."""
    held = [row.get(f"{question}.responses{part}") or () for part in ("", ".users", ".status")]
    if len({len(each) for each in held}) > 1:
        raise TypeError(question)
    return [dict(zip(("value", "user_id", "status"), each, strict=True)) for each in zip(*held, strict=True)]


def _of_argilla(pair: str, fields: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[AnswerRow]:
    by_user: dict[str, dict[str, Any]] = {}
    for question in ("answer", "note"):
        for each in responses.get(question) or ():
            if each.get("status") == "discarded":
                continue
            by_user.setdefault(str(each.get("user_id")), {})[question] = each.get("value")
    for user, said in (by_user or {"": {}}).items():
        sides = {side: fields.get(side) for side in ("first", "second")}
        yield _flat({PAIR: pair, **sides, "reviewer": user, **said})


def _flat(row: Mapping[str, Any]) -> AnswerRow:
    """A row with a value a column: of a sheet, or of Label Studio's JSON-MIN and CSV."""
    who = row.get("annotator") or ""
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("id") or ""
    who = row.get("reviewer") or (f"annotator {who}" if str(who).isdecimal() else who)
    first, second = (None if row.get(side) is None else str(row[side]) for side in ("first", "second"))
    return AnswerRow(
        pair=str(row.get(PAIR) or "").strip(),
        answer=_text(row.get("answer")),
        note=_text(row.get("note")),
        reviewer=str(who),
        first=first,
        second=second,
    )


def _text(value: Any) -> str:
    """One text of a value that tools write as a text, a list, or an object of choices."""
    if isinstance(value, Mapping):
        value = value.get("choices") or value.get("text")
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
