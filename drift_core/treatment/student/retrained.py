"""A retraining from files to files: the re-scored list in, the new student with its judge card out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np

from drift_core.diagnosis.record import json_text
from drift_core.errors import InputError
from drift_core.regions.encoding import Progress
from drift_core.treatment.export import replace_file
from drift_core.treatment.release.card_file import read_card
from drift_core.treatment.student.card import CARD_NAME, student_card
from drift_core.treatment.student.model import digest_of_folder, load_student
from drift_core.treatment.student.retraining import fine_tune, plan_of, save_student, work_folder
from drift_core.treatment.student.settings import RetrainSettings, ScoreRange
from drift_core.treatment.student.training_set import TrainingSet, read_old_pairs, read_scored_list, training_set
from drift_core.version import VERSION

SCHEMA = 1
RECORD = "retraining.json"
RESCORED_RECORD = "rescored.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where the new student comes from.

    Attributes
    ----------
    version
        Its name, as canary runs and the gate will know it; by default the folder's.
    parent
        Version of the student that was trained on; by default what that one's card says, else its folder's name.
    teacher_model, teacher_revision
        Who scored the list; by default what the list's record says.
    """

    version: str | None = None
    parent: str | None = None
    teacher_model: str | None = None
    teacher_revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """A finished retraining.

    Attributes
    ----------
    folder
        Where the new student stands, with `judges.yaml` and `retraining.json`.
    lineage
        Version, parent and teacher, filled in.
    n_listed, n_replayed, n_without_score
        Pairs of the list, old pairs, and rows of the list without a score, which were left out.
    loss
        Mean squared error over the steps.
    student_digest, parent_digest, list_digest, replay_digest
        SHA-256 of the new and the old weights, of the list's file and of the old pairs' file.
    """

    folder: Path
    lineage: Lineage
    n_listed: int
    n_replayed: int
    n_without_score: int
    loss: float
    settings: RetrainSettings
    score_range: ScoreRange | None
    student_digest: str
    parent_digest: str
    list_digest: str
    replay_digest: str | None
    at: datetime

    @property
    def sentence(self) -> str:
        """The retraining in words."""
        old = f" and {self.n_replayed:,} old ones" if self.n_replayed else ""
        left = f" {self.n_without_score:,} rows without a score were left out." if self.n_without_score else ""
        epochs = "one epoch" if self.settings.n_epochs == 1 else f"{self.settings.n_epochs} epochs"
        return (
            f"{self.lineage.version} was trained from {self.lineage.parent} for {epochs} on {self.n_listed:,} listed "
            f"pairs{old}, scored by {self.lineage.teacher_revision or 'a teacher whose revision is not known'}.{left}"
        )

    def to_json(self) -> dict[str, object]:
        scale = self.score_range
        return {
            "schema": SCHEMA,
            "version": VERSION,
            "summary": self.sentence,
            "at": self.at.isoformat(timespec="seconds"),
            "student": {"version": self.lineage.version, "digest": self.student_digest},
            "parent": {"version": self.lineage.parent, "digest": self.parent_digest},
            "teacher": {"model": self.lineage.teacher_model, "revision": self.lineage.teacher_revision},
            "list_digest": self.list_digest,
            "replay_digest": self.replay_digest,
            "n_listed": self.n_listed,
            "n_replayed": self.n_replayed,
            "n_without_score": self.n_without_score,
            "score_range": None if scale is None else [scale.low, scale.high],
            "loss": self.loss,
            "settings": self.settings.to_json(),
            "seed": self.settings.seed,
        }


def retrain(
    student: str | Path,
    list_file: str | Path,
    out: str | Path,
    *,
    settings: RetrainSettings | None = None,
    lineage: Lineage | None = None,
    score_range: ScoreRange | None = None,
    replay: str | Path | None = None,
    at: datetime,
    device: str | None = None,
    progress: Progress | None = None,
) -> Retraining:
    """Fine-tune a student on a re-scored list and write the new student with its judge card.

    Parameters
    ----------
    student
        Folder of the student to start from; it stays as it is.
    list_file
        The re-scored list; a `rescored.json` beside it that is of this file gives the teacher and its scale.
    out
        Folder for the new student. Where the same training was begun before, it goes on from its last checkpoint.
    score_range
        The teacher's scale; by default the record's where the student's score lies between 0 and 1.
    replay
        File of old training pairs to rehearse.
    at
        The time, for card and record.

    Raises
    ------
    InputError, SettingError
        When a file, its scores or the folder cannot be used.
    StudentError
        When the student cannot be loaded or trained.
    """
    settings, out = settings or RetrainSettings(), Path(out)
    record = _record_beside(Path(list_file))
    listed = read_scored_list(list_file)
    old = None if replay is None else read_old_pairs(replay)
    parent = load_student(student, device=device)
    pairs = training_set(
        listed,
        is_bounded=parent.is_bounded,
        score_range=score_range or _range_of(record, is_bounded=parent.is_bounded),
        old=old,
        replay_share=settings.replay_share,
        rng=np.random.default_rng(settings.seed),
    )
    filled = _filled(lineage or Lineage(), record, parent=Path(student), out=out)
    work = work_folder(out, plan_of(parent, pairs, settings))
    loss = fine_tune(parent, pairs, settings=settings, work=work, progress=progress)
    save_student(parent, out)
    made = _result(out, filled, pairs, settings, parent.digest, loss, at)
    replace_file(out / CARD_NAME, student_card(made, parent=Path(student), list_name=Path(list_file).name))
    replace_file(out / RECORD, json_text(made.to_json()).encode())
    return made


def _result(
    out: Path,
    lineage: Lineage,
    pairs: TrainingSet,
    settings: RetrainSettings,
    parent_digest: str,
    loss: float,
    at: datetime,
) -> Retraining:
    return Retraining(
        folder=out,
        lineage=lineage,
        n_listed=pairs.n_listed,
        n_replayed=pairs.n_replayed,
        n_without_score=pairs.n_without_score,
        loss=loss,
        settings=settings,
        score_range=pairs.score_range,
        student_digest=digest_of_folder(out),
        parent_digest=parent_digest,
        list_digest=pairs.list_digest,
        replay_digest=pairs.replay_digest,
        at=at,
    )


def _record_beside(list_file: Path) -> Mapping[str, object]:
    """What `rescore` wrote beside the list; nothing where the record is not there, an error where it is of another."""
    path = list_file.with_name(RESCORED_RECORD)
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_bytes())
        stated = {name: each["sha256"] for name, each in record["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no record of a re-scored list. Take it away, or re-score the list.") from error
    if list_file.name not in stated:
        return {}
    if sha256(list_file.read_bytes()).hexdigest() != stated[list_file.name]:
        raise InputError(
            f"{list_file} is not the file that {path.name} describes: it was changed since. Re-score the list, or take "
            f"{path.name} away and name the teacher with --teacher-revision."
        )
    return dict(record)


def _range_of(record: Mapping[str, object], *, is_bounded: bool) -> ScoreRange | None:
    stated = record.get("score_range")
    if not is_bounded or not isinstance(stated, list):
        return None
    low, high = stated
    return ScoreRange(low=float(low), high=float(high))


def _filled(lineage: Lineage, record: Mapping[str, object], *, parent: Path, out: Path) -> Lineage:
    teacher = record.get("teacher")
    known: Mapping[str, str | None] = teacher if isinstance(teacher, dict) else {}
    card = parent / CARD_NAME
    version = read_card(card).student.version if card.is_file() else None
    return Lineage(
        version=lineage.version or out.resolve().name,
        parent=lineage.parent or version or parent.resolve().name,
        teacher_model=lineage.teacher_model or known.get("model"),
        teacher_revision=lineage.teacher_revision or known.get("revision"),
    )
