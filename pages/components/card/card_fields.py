"""The fields of the judge card's form: where each stands in the file, what it is called, how it is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Any, Literal

from drift_core.judge_card.card import Governance, JudgeCard
from drift_core.judge_card.document import CardValue

Kind = Literal["text", "count", "floor", "date", "yes"]
GATE_CHOICE = "gate.inconclusive"
SLICES = "critical_slices"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardField:
    """One field: its place in the file and its name on the page."""

    where: str
    label: str
    kind: Kind = "text"

    def widget_of(self, number: int) -> str:
        """Key of its widget in the form of the card with this number."""
        return f"card_{number}_{self.where.replace('.', '_')}"

    def of(self, card: JudgeCard) -> Any:
        """What the card holds there; None where nothing is filled in."""
        return reduce(getattr, self.where.split("."), card)


def _field(where: str, label: str, kind: Kind = "text") -> CardField:
    return CardField(where=where, label=label, kind=kind)


PIN = _field("teacher.revision", "Pinned revision: the one that scored the training pairs")
GROUPS: Mapping[str, tuple[CardField, ...]] = MappingProxyType(
    {
        "Student": (
            _field("student.version", "Version, as recorded with its canary runs"),
            _field("student.parent", "Fine-tuned from which version"),
            _field("student.model_path", "Where its weights are"),
        ),
        "Teacher and pin": (
            _field("teacher.model", "Teacher"),
            PIN,
        ),
        "Training": (
            _field("training.snapshot", "Training snapshot, by name or date"),
            _field("training.n_pairs", "Training pairs", "count"),
            _field("training.list_digest", "SHA-256 of the retrain list"),
            _field("training.date", "Day of the training", "date"),
        ),
        "Owner and review": (
            _field("owner", "Owner: who answers for this student"),
            _field("review_every_days", "Days between two reviews", "count"),
            _field("last_review", "Day of the last review", "date"),
        ),
        "Canary": (_field("canary.cadence_days", "Days between two runs", "count"),),
        "Floors": (
            _field("floors.agreement", "Lowest agreement", "floor"),
            _field("floors.overlap", "Lowest overlap", "floor"),
        ),
        "Retrain when": (
            _field("retrain_triggers.teacher_revision_change", "The teacher's revision changes", "yes"),
            _field("retrain_triggers.agreement_below_floor", "Agreement is below its floor", "yes"),
            _field("retrain_triggers.overlap_below_floor", "Overlap is below its floor", "yes"),
            _field("retrain_triggers.every_days", "So many days have passed in any case", "count"),
        ),
    }
)
CHECKLIST: Mapping[str, tuple[CardField, CardField, CardField]] = MappingProxyType(
    {
        name: (
            _field(f"governance.{name}.done", f"{point.description}".capitalize(), "yes"),
            _field(f"governance.{name}.by", "Checked by"),
            _field(f"governance.{name}.date", "On", "date"),
        )
        for name, point in Governance.model_fields.items()
    }
)
FIELDS = (*(each for group in GROUPS.values() for each in group), *(each for row in CHECKLIST.values() for each in row))
_LABELS = {each.where: each.label for each in FIELDS} | {GATE_CHOICE: "Inconclusive gate", "canary.last": "Last canary"}
_IN_QUOTES = re.compile(r', in quotes|"')


def label_of(where: str) -> str:
    """What the page calls a place in the file."""
    point = where.removeprefix("governance.").split(".")[0]
    if where.startswith("governance."):
        done = CHECKLIST[point][0].label
        part = where.removeprefix(f"governance.{point}").lstrip(".")
        return f"{done}, {_LABELS[where].lower()}" if part else done
    return _LABELS.get(where, where).split(",")[0].split(":")[0]


def without_quotes(sentence: str) -> str:
    """How to fill a field, for a form: nobody types quotes there."""
    return _IN_QUOTES.sub("", sentence)


def changed(card: JudgeCard, typed: Mapping[str, CardValue]) -> dict[str, CardValue]:
    """What was typed and is not what the card holds."""
    held = {each.where: each.of(card) for each in FIELDS} | {GATE_CHOICE: card.gate.inconclusive}
    held[SLICES] = [each.model_dump() for each in card.critical_slices]
    return {where: value for where, value in typed.items() if value != held[where]}
