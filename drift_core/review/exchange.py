"""A review as files for people who answer elsewhere: a sheet, Label Studio, Argilla; and their answers back.

What is given away is as blind as the queue, but for `answers`, which says who was right.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from drift_core.errors import InputError, SettingError
from drift_core.review.pairs import ANSWERS, Answer, GivenAnswer, ReviewDraw, ReviewPair
from drift_core.review.review_file import Review
from drift_core.tables.formula_guard import unguarded
from drift_core.tables.small_files import parse_json, read_small, shown
from drift_core.tables.writing import rows_to_csv
from drift_core.wording import N_SHOWN, counted

SHOWN = ("query", "doc", "first", "second")
SHEET = ("pair", *SHOWN, "answer", "note", "reviewer")
ANSWERED = (*SHEET, "right", "teacher", "student", "region", "probability", "at_utc")
PAIR, FORMS = "pair", "a sheet, answers, or what Label Studio (JSON, JSON-MIN, CSV) or Argilla (JSON) exports"
_BY_NUMBER: Mapping[str, Answer] = MappingProxyType({str(key): each for key, each in enumerate(ANSWERS, start=1)})
_CONFIG = """<View>
{texts}  <Choices name="answer" toName="query" choice="single" required="true">
{choices}  </Choices>
  <TextArea name="note" toName="query" maxSubmissions="1" placeholder="Note"/>
</View>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAnswers:
    """What a file of answers held: answers read, of them new, rows without one, and what could not be used."""

    n_read: int
    n_new: int
    n_blank: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One person's words on one pair, as a file has them; `first` tells its sides from those of another review."""

    pair: str
    answer: str
    note: str
    reviewer: str
    first: str | None = None
    right: str = ""


def export_review(review: Review, form: str) -> dict[str, bytes]:
    """Make the files of a review: name to content.

    Parameters
    ----------
    form
        ``csv``, a sheet to fill in; ``label-studio``, tasks and the configuration of a project; ``argilla``, records of
        a dataset with the text fields query, doc, first and second, the label question answer and the text question
        note; ``answers``, what was answered and who was right.

    Raises
    ------
    SettingError
        When there is no such form.
    """
    if form not in EXPORTS:
        raise SettingError(f"A review can be exported as {', '.join(EXPORTS)}; found {form!r}.")
    return EXPORTS[form](review)


def import_answers(
    review: Review, source: str | Path | bytes, *, name: str = "The file", reviewer: str | None = None
) -> ImportedAnswers:
    """Read answers back into a review, all or none; the newest of a reviewer counts, and those before stay in the file.

    Parameters
    ----------
    source
        Path or content of a sheet, of answers, or of an export of Label Studio or Argilla.
    reviewer
        Who answered, where the file does not say.

    Raises
    ------
    InputError
        When it is none of these files, or holds no pair of this review.
    SettingError
        When nobody says who answered.
    """
    if not isinstance(source, bytes):
        name, source = str(source), read_small(source, called="The file of answers")
    pairs = {pair.pair_digest: pair for pair in review.draw.pairs}
    given, unknown, unread, n_blank = [], [], [], 0
    for row in _rows(source, name):
        pair = pairs.get(row.pair)
        if pair is None:
            unknown.append(row.pair)
        elif not (row.answer or row.right or row.note.strip()):
            n_blank += 1
        elif (answer := _answer(row, pair)) is None and (row.answer or row.right):
            unread.append(row.answer or row.right)
        else:
            who = row.reviewer.strip() or reviewer
            if not who:
                raise SettingError(f"{name} does not say who answered. Name the reviewer.")
            given.append(GivenAnswer(place=pair.place, reviewer=who, answer=answer, note=row.note))
    if unknown and not given and not n_blank and not unread:
        raise InputError(f"{name} holds no pair of this review. Take the file that was made from it.")
    problems = (
        *_counted(unknown, "of no pair of this review"),
        *_counted(unread, "with an answer that is none of first, second, both and neither"),
    )
    n_new = review.answer_all(given)
    return ImportedAnswers(n_read=len(given), n_new=n_new, n_blank=n_blank, problems=problems)


def _counted(found: Sequence[str], what: str) -> tuple[str, ...]:
    examples = ", ".join(shown(each) for each in list(dict.fromkeys(found))[:N_SHOWN])
    return (f"{counted(len(found), 'row', 'rows')} {what}, such as {examples}.",) if found else ()


def _answer(row: _Row, pair: ReviewPair) -> Answer | None:
    """The answer by the sides of this review."""
    told = row.right.strip().casefold()
    if told in ("teacher", "student"):
        return "first" if (told == "teacher") == pair.teacher_first else "second"
    word = (told or row.answer).strip().casefold()
    answer = _BY_NUMBER.get(word) or next((each for each in ANSWERS if each == word), None)
    if answer in ("first", "second") and row.first is not None and row.first.strip() != pair.first:
        return None if row.first.strip() != pair.second else "second" if answer == "first" else "first"
    return answer


def _rows(content: bytes, name: str) -> list[_Row]:
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip()[:1] in ("[", "{"):
            read = parse_json(text)
            return [row for each in (read if isinstance(read, list) else [read]) for row in _of_json(each)]
        table = csv.DictReader(io.StringIO(text, newline=""))
        if PAIR in (table.fieldnames or ()):
            return [_flat({key: unguarded(value or "") for key, value in row.items() if key}) for row in table]
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise InputError(f"{name} cannot be read as {FORMS}: {error}.") from error
    raise InputError(f"{name} has no column {PAIR}. Expected {FORMS}.")


def _of_json(each: dict[str, Any]) -> Iterator[_Row]:
    if "annotations" in each:
        for made in each["annotations"]:
            if not made.get("was_cancelled"):
                yield _flat(each["data"] | _results(made["result"]) | {"annotator": made.get("completed_by")})
    elif "fields" in each:
        yield from _of_argilla(each["id"], each["fields"], each.get("responses") or {})
    else:
        yield _flat(each)


def _results(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Values by the name of the control that they come from."""
    return {each["from_name"]: each["value"].get("choices") or each["value"].get("text") for each in found}


def _of_argilla(pair: str, fields: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[_Row]:
    by_user: dict[str, dict[str, Any]] = {}
    for question in ("answer", "note"):
        for each in responses.get(question) or ():
            by_user.setdefault(str(each.get("user_id")), {})[question] = each.get("value")
    for user, said in (by_user or {"": {}}).items():
        yield _flat({PAIR: pair, "first": fields.get("first"), "reviewer": user, **said})


def _flat(row: Mapping[str, Any]) -> _Row:
    """A row with a value a column: of a sheet, or of Label Studio's JSON-MIN and CSV."""
    if PAIR not in row:
        raise ValueError("a row has no pair")
    who = row.get("reviewer") or row.get("annotator") or ""
    if isinstance(who, Mapping):
        who = who.get("email") or who.get("id") or ""
    who = f"annotator {who}" if str(who).isdecimal() else str(who)
    first = row.get("first")
    return _Row(
        pair=str(row[PAIR]),
        answer=_text(row.get("answer")),
        note=_text(row.get("note")),
        reviewer=who,
        first=None if first is None else str(first),
        right=_text(row.get("right")),
    )


def _text(value: Any) -> str:
    """One text of a value that tools write as a text, a list, or an object of choices."""
    if isinstance(value, Mapping):
        value = value.get("choices") or value.get("text")
    return " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _blind(pair: ReviewPair) -> dict[str, object]:
    return {PAIR: pair.pair_digest, **{name: getattr(pair, name) for name in SHOWN}}


def _sheet(review: Review) -> dict[str, bytes]:
    empty = dict.fromkeys(SHEET[-3:], "")
    return {"review.csv": rows_to_csv([_blind(pair) | empty for pair in review.draw.pairs], SHEET)}


def _answers(review: Review) -> dict[str, bytes]:
    return {"answers.csv": rows_to_csv(answer_rows(review.draw, review.answers()), ANSWERED)}


def answer_rows(draw: ReviewDraw, answers: Sequence[GivenAnswer]) -> list[dict[str, object]]:
    """Every answer with its pair, who was right, and the probability with which the pair was drawn."""
    chance, rows = {each.name: each.probability for each in draw.regions}, []
    for each in answers:
        pair = draw.pairs[each.place - 1]
        teacher, student = (pair.first, pair.second) if pair.teacher_first else (pair.second, pair.first)
        said: dict[str, object] = {"answer": each.answer, "note": each.note, "reviewer": each.reviewer}
        said |= {"right": pair.right(each.answer) if each.answer else None, "teacher": teacher, "student": student}
        said |= {"region": pair.region, "probability": chance[pair.region]}
        rows.append(_blind(pair) | said | {"at_utc": each.at.isoformat() if each.at else None})
    return rows


def _label_studio(review: Review) -> dict[str, bytes]:
    tasks = [{"data": _blind(pair)} for pair in review.draw.pairs]
    texts = "".join(
        f'  <Header value="{name.capitalize()}"/>\n  <Text name="{name}" value="${name}"/>\n' for name in SHOWN
    )
    choices = "".join(f'    <Choice value="{each}" hotkey="{key}"/>\n' for key, each in _BY_NUMBER.items())
    return {
        "label-studio/tasks.json": _json(tasks),
        "label-studio/config.xml": _CONFIG.format(texts=texts, choices=choices).encode(),
    }


def _argilla(review: Review) -> dict[str, bytes]:
    nothing: dict[str, dict[str, str]] = {"metadata": {}, "suggestions": {}, "responses": {}, "vectors": {}}
    records = [
        {"id": pair.pair_digest, "fields": {name: getattr(pair, name) for name in SHOWN}, **nothing}
        for pair in review.draw.pairs
    ]
    return {"argilla/records.json": _json(records)}


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()


EXPORTS: Mapping[str, Callable[[Review], dict[str, bytes]]] = MappingProxyType(
    {"csv": _sheet, "label-studio": _label_studio, "argilla": _argilla, "answers": _answers}
)
