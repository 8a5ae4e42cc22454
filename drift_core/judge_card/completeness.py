"""What a judge card still lacks, and what its own dates say is due. Values of the wrong type are refused before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from drift_core.judge_card.card import JudgeCard, Point, Student, Teacher, Training
from drift_core.wording import counted

Kind = Literal["missing", "not_done", "due"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGap:
    """One thing to do on a card.

    Attributes
    ----------
    field
        Where in the file: ``teacher.revision``.
    kind
        "missing": not filled in. "not_done": a point of the checklist that is answered with no. "due": a review whose
        day has passed, which leaves the card complete.
    sentence
        What is missing and how to fill it.
    """

    field: str
    kind: Kind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCheck:
    """What a card lacks; complete when nothing is missing or not done."""

    gaps: tuple[CardGap, ...]

    @property
    def is_complete(self) -> bool:
        return all(gap.kind == "due" for gap in self.gaps)

    @property
    def sentence(self) -> str:
        """The verdict on one line."""
        n_missing, n_open = (sum(gap.kind == kind for gap in self.gaps) for kind in ("missing", "not_done"))
        if self.is_complete:
            return "The card is complete."
        parts = [f"{counted(n_missing, 'field', 'fields')} missing"] if n_missing else []
        parts += [f"{counted(n_open, 'point', 'points')} of the checklist not done"] if n_open else []
        return f"The card is incomplete: {', '.join(parts)}."


def check_card(card: JudgeCard, *, now: datetime | None = None, has_weeks: bool = False) -> CardCheck:
    """Find what a card lacks.

    Parameters
    ----------
    card
        The card.
    now
        The day that a review is due against; by default today.
    has_weeks
        Whether the history holds measured weeks that the card lacks.
    """
    today = (now or datetime.now(UTC)).date()
    return CardCheck(gaps=(*_missing(card, has_weeks), *_checklist(card), *_due(card, today)))


def _missing(card: JudgeCard, has_weeks: bool) -> Iterator[CardGap]:
    wanted: dict[str, tuple[BaseModel, type[BaseModel], tuple[str, ...]]] = {
        "": (card, JudgeCard, ("owner",)),
        "student.": (card.student, Student, ("version", "model_path")),
        "teacher.": (card.teacher, Teacher, ("model", "revision")),
        "training.": (card.training, Training, ("snapshot", "n_pairs", "date")),
    }
    for prefix, (part, model, names) in wanted.items():
        for name in names:
            if getattr(part, name) is None:
                how = f"Fill in: {model.model_fields[name].description}."
                yield CardGap(field=prefix + name, kind="missing", sentence=how)
    if card.gate.inconclusive is None:
        how = "Decide what an inconclusive gate does: block or pass."
        yield CardGap(field="gate.inconclusive", kind="missing", sentence=how)
    if card.canary.last.at is None or card.canary.last.agreement is None:
        how = (
            "The history holds weeks; the next one writes it here: distillation-drift canary --card."
            if has_weeks
            else "Record a week with: distillation-drift canary --card."
        )
        yield CardGap(field="canary.last", kind="missing", sentence=how)


def _checklist(card: JudgeCard) -> Iterator[CardGap]:
    for name, field in type(card.governance).model_fields.items():
        point: Point = getattr(card.governance, name)
        where, what = f"governance.{name}", f"{field.description}"
        if point.done is None:
            yield CardGap(field=where, kind="missing", sentence=f"Say whether it is done, yes or no: {what}.")
        elif point.done == "no":
            yield CardGap(field=where, kind="not_done", sentence=f"Not done: {what}.")
        else:
            unsaid = [part for part in ("by", "date") if getattr(point, part) is None]
            for part in unsaid:
                how = f"Fill in: {type(point).model_fields[part].description}."
                yield CardGap(field=f"{where}.{part}", kind="missing", sentence=how)


def _due(card: JudgeCard, today: date) -> Iterator[CardGap]:
    """A review whose day has passed; retraining is a trigger of the gate."""
    last, days = card.last_review, card.review_every_days
    if last is not None and date.fromisoformat(last) + timedelta(days=days) < today:
        age = (today - date.fromisoformat(last)).days
        sentence = f"A review is due: reviewed {last}, {age} days ago; the card says every {days} days."
        yield CardGap(field="last_review", kind="due", sentence=sentence)
