"""A review as files for people who answer elsewhere: a sheet, Label Studio, Argilla; and their answers back.

What is given away is as blind as the queue.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from drift_core.errors import InputError, SettingError
from drift_core.review.answer_files import PAIR, AnswerRow, answers_in
from drift_core.review.pairs import ANSWERS, Answer, GivenAnswer, ReviewPair
from drift_core.review.review_file import Review
from drift_core.tables.small_files import read_small, shown
from drift_core.tables.writing import rows_to_csv
from drift_core.wording import N_SHOWN, counted, rows_have

SHOWN = ("query", "doc", "first", "second")
SHEET = ("pair", *SHOWN, "answer", "note", "reviewer")
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


def export_review(review: Review, form: str) -> dict[str, bytes]:
    """Make the files of a review: name to content.

    Parameters
    ----------
    form
        ``csv``, a sheet to fill in; ``label-studio``, tasks and the configuration of a project; ``argilla``, records of
        a dataset with the text fields query, doc, first and second, the label question answer and the text question
        note; ``answers``, the sheet with every answer.

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
    given, unknown, unread, apart, n_blank = [], [], [], [], 0
    for row in answers_in(source, name):
        pair = pairs.get(row.pair)
        if pair is None:
            unknown.append(row.pair)
        elif not (row.answer.strip() or row.note.strip()):
            n_blank += 1
        elif (answer := _answer(row, pair)) is None and _is_answer(row):
            apart.append(row.first)
        elif answer is None and row.answer.strip():
            unread.append(row.answer)
        else:
            who = row.reviewer.strip() or reviewer
            if not who:
                raise SettingError(f"{name} does not say who answered. Name the reviewer (--reviewer).")
            given.append(GivenAnswer(place=pair.place, reviewer=who, answer=answer, note=row.note))
    if unknown and not (given or n_blank or unread or apart):
        raise InputError(f"{name} holds no pair of this review. Take the file that was made from it.")
    once = {(each.place, each.reviewer) for each in given}
    n_again = len(given) - len(once)
    problems = (
        *_counted(unknown, "of no pair of this review"),
        *_counted(unread, "with an answer that is none of first, second, both and neither"),
        *_counted(apart, "whose sides are not those of its pair here"),
        *((f"{rows_have(n_again)} a pair that the same reviewer answers again; the last counts.",) if n_again else ()),
    )
    n_new = review.answer_all(given)
    return ImportedAnswers(n_read=len(given), n_new=n_new, n_blank=n_blank, problems=problems)


def _counted(found: Sequence[str | None], what: str) -> tuple[str, ...]:
    examples = ", ".join(shown(each) for each in list(dict.fromkeys(found))[:N_SHOWN])
    return (f"{counted(len(found), 'row', 'rows')} {what}, such as {examples}.",) if found else ()


def _answer(row: AnswerRow, pair: ReviewPair) -> Answer | None:
    """The answer by the sides of this review."""
    word = row.answer.strip().casefold()
    answer = _BY_NUMBER.get(word) or next((each for each in ANSWERS if each == word), None)
    if answer not in ("first", "second") or row.first is None:
        return answer
    shown, own = [_side(row.first)], [_side(pair.first), _side(pair.second)]
    if row.second is not None:
        shown.append(_side(row.second))
    if shown == own[: len(shown)]:
        return answer
    is_turned = shown == own[::-1][: len(shown)]
    return ("second" if answer == "first" else "first") if is_turned else None


def _is_answer(row: AnswerRow) -> bool:
    return row.answer.strip().casefold() in (*_BY_NUMBER, *ANSWERS)


def _side(text: str) -> str:
    """What a side says, however a spreadsheet writes it back: true as TRUE."""
    return " ".join(text.split()).casefold()


def _blind(pair: ReviewPair) -> dict[str, object]:
    return {PAIR: pair.pair_digest, **{name: getattr(pair, name) for name in SHOWN}}


def _sheet(review: Review) -> dict[str, bytes]:
    empty = dict.fromkeys(SHEET[-3:], "")
    return {"review.csv": rows_to_csv([_blind(pair) | empty for pair in review.draw.pairs], SHEET)}


def _answers(review: Review) -> dict[str, bytes]:
    pairs = review.draw.pairs
    rows = [
        _blind(pairs[each.place - 1]) | {"answer": each.answer, "note": each.note, "reviewer": each.reviewer}
        for each in review.answers()
    ]
    return {"answers.csv": rows_to_csv(rows, SHEET)}


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
