"""The judge card of a retrained student: its parent's, with what the training changed and what must be checked anew."""

from pathlib import Path
from typing import TYPE_CHECKING

from drift_core.treatment.release.card_file import edit_card
from drift_core.treatment.release.card_template import TEMPLATE
from drift_core.treatment.release.card_yaml import CardValue

if TYPE_CHECKING:
    from drift_core.treatment.student.retrained import Retraining

CARD_NAME = "judges.yaml"
# What was checked on the parent says nothing of its child.
_OF_THE_STUDENT_ITSELF = ("bias_and_safety", "critical_slices", "calibration")
_NOT_MEASURED_YET = ("at", "agreement", "overlap", "teacher_revision")


def student_card(made: "Retraining", *, parent: Path, list_name: str) -> bytes:
    """Write the card of a new student.

    Parameters
    ----------
    parent
        Folder of the student that it was trained from; its card's comments, floors and owner are kept.
    list_name
        What the list's file is called.
    """
    inherited = parent / CARD_NAME
    content = inherited.read_bytes() if inherited.is_file() else TEMPLATE.encode()
    lineage = made.lineage
    values: dict[str, CardValue] = {
        "student.version": lineage.version,
        "student.parent": lineage.parent,
        "student.model_path": made.folder.name,
        "training.snapshot": list_name,
        "training.list_digest": made.list_digest,
        "training.n_pairs": made.n_listed + made.n_replayed,
        "training.seed": made.settings.seed,
        "training.date": made.at.date().isoformat(),
        **{f"canary.last.{name}": None for name in _NOT_MEASURED_YET},
    }
    for point in _OF_THE_STUDENT_ITSELF:
        values |= {f"governance.{point}.done": "no", f"governance.{point}.by": None, f"governance.{point}.date": None}
    # The parent's pin is not this student's: without a known revision it is left open, and the gate says so.
    values |= {"teacher.revision": lineage.teacher_revision, "teacher.model": lineage.teacher_model}
    return edit_card(content, values, name=str(inherited))
