"""The judge card of a retrained student: its parent's, with what the training changed and what must be checked anew."""

from pathlib import Path

from drift_core.judge_card.document import CardValue
from drift_core.judge_card.file import edit_card, read_card
from drift_core.judge_card.template import TEMPLATE
from drift_core.retraining.result import Lineage, Retraining
from drift_core.tables.paths import is_file

CARD_NAME = "judges.yaml"
# What was checked on the parent says nothing of its child.
_OF_THE_STUDENT_ITSELF = ("bias_and_safety", "critical_slices", "calibration")
_NOT_MEASURED_YET = ("at", "agreement", "overlap", "teacher_revision")


def version_of(folder: str | Path) -> str | None:
    """The version that a student's card gives it; None without one."""
    card = Path(folder) / CARD_NAME
    return read_card(card).student.version if is_file(card) else None


def card_of_child(lineage: Lineage, *, parent: Path, out: Path, list_name: str) -> bytes:
    """Make a new student's card from its parent's: comments, floors and owner are kept; without one, from the template.

    The parent's pin is not this student's: without a known revision it is left open, and the gate says so.

    Parameters
    ----------
    parent
        Folder of the student that is trained on.
    list_name
        What the list's file is called.
    """
    inherited = parent / CARD_NAME
    content = inherited.read_bytes() if is_file(inherited) else TEMPLATE.encode()
    unchecked = [*_OF_THE_STUDENT_ITSELF]
    if lineage.teacher_revision is None:
        unchecked.append("teacher_pinned")
    if is_file(inherited) and read_card(inherited).teacher.model != (lineage.teacher_model or ""):
        unchecked.append("teacher_terms")
    values: dict[str, CardValue] = {
        "student.version": lineage.version,
        "student.parent": lineage.parent,
        "student.model_path": out.resolve().name,
        "teacher.revision": lineage.teacher_revision,
        "teacher.model": lineage.teacher_model,
        "training.snapshot": list_name,
        **{f"canary.last.{name}": None for name in _NOT_MEASURED_YET},
    }
    for point in unchecked:
        values |= {f"governance.{point}.done": "no", f"governance.{point}.by": None, f"governance.{point}.date": None}
    return edit_card(content, values, name=str(inherited))


def with_training(card: bytes, made: Retraining) -> bytes:
    """Write into a card what a finished training was."""
    values: dict[str, CardValue] = {
        "training.list_digest": made.list_digest,
        "training.n_pairs": made.n_listed + made.n_replayed,
        "training.seed": made.settings.seed,
        "training.date": made.at.date().isoformat(),
        "training.capacity": made.capacity.sentence if made.capacity and made.capacity.is_far else None,
    }
    return edit_card(card, values)
