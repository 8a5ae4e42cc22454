"""A retraining from files to files: the re-scored list in, the new student with its judge card out."""

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from drift_core.diagnosis.record import json_text
from drift_core.errors import InputError, SettingError, StudentError
from drift_core.regions.encoding import Progress
from drift_core.samples.places import is_file, kind_of
from drift_core.treatment.export import replace_file
from drift_core.treatment.release.card_file import read_card
from drift_core.treatment.student.card import CARD_NAME, card_of_child, with_training
from drift_core.treatment.student.fit import loss_of
from drift_core.treatment.student.model import Student, digest_of_folder, load_student
from drift_core.treatment.student.retraining import (
    fine_tune,
    plan_of,
    put_in_place,
    work_folder,
    write_student,
)
from drift_core.treatment.student.settings import RetrainSettings, ScoreRange
from drift_core.treatment.student.stated import RESCORED_RECORD, record_beside
from drift_core.treatment.student.training_set import TrainingSet, read_old_pairs, read_scored_list, training_set
from drift_core.version import VERSION

SCHEMA = 1
RECORD = "retraining.json"
FEW_STEPS = 100  # ours: of 125 steps at the default rate a small student showed a third of the effect of 250


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
    n_listed, n_replayed
        Pairs of the list, and old pairs.
    n_without_score, n_repeated
        Rows of the list that were left out: without a score, and of a pair that is there already.
    loss
        Mean squared error of the new student on its training pairs, at most 512 of them.
    student_digest, parent_digest, list_digest, replay_digest
        SHA-256 of the new and the old weights, of the list's file and of the old pairs' file.
    """

    folder: Path
    lineage: Lineage
    n_listed: int
    n_replayed: int
    n_without_score: int
    n_repeated: int
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
        left += f" {self.n_repeated:,} rows repeat a pair and count once." if self.n_repeated else ""
        epochs = "one epoch" if self.settings.n_epochs == 1 else f"{self.settings.n_epochs} epochs"
        return (
            f"{self.lineage.version} was trained from {self.lineage.parent} for {epochs} on {self.n_listed:,} listed "
            f"pairs{old}, scored by {self.lineage.teacher_revision or 'a teacher whose revision is not known'}.{left}"
        )

    @property
    def n_steps(self) -> int:
        """Steps of the training."""
        return self.settings.n_epochs * math.ceil((self.n_listed + self.n_replayed) / self.settings.batch_size)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of it, one sentence each."""
        notes = []
        if self.lineage.teacher_revision is None:
            notes.append(
                f"Which revision of the teacher scored the list is not known: no {RESCORED_RECORD} beside it is of it. "
                "The card's pin is open; set it with: distillation-drift card pin."
            )
        share = self.n_replayed / (self.n_listed + self.n_replayed)
        if self.replay_digest is not None and round(share, 2) < round(self.settings.replay_share, 2):
            notes.append(
                f"The old pairs are {share:.0%} of the training pairs, not {self.settings.replay_share:.0%}: there are "
                "no more that are not on the list."
            )
        if self.n_steps < FEW_STEPS:
            notes.append(
                f"The training had {self.n_steps:,} steps, and at a rate of {self.settings.learning_rate:g} so few "
                "move a student little. A longer list helps most; a smaller --batch-size makes more steps of the same "
                "list."
            )
        return tuple(notes)

    def to_json(self) -> dict[str, object]:
        scale = self.score_range
        return {
            "schema": SCHEMA,
            "version": VERSION,
            "summary": self.sentence,
            "notes": list(self.notes),
            "at": self.at.isoformat(timespec="seconds"),
            "student": {"version": self.lineage.version, "digest": self.student_digest},
            "parent": {"version": self.lineage.parent, "digest": self.parent_digest},
            "teacher": {"model": self.lineage.teacher_model, "revision": self.lineage.teacher_revision},
            "list_digest": self.list_digest,
            "replay_digest": self.replay_digest,
            "n_listed": self.n_listed,
            "n_replayed": self.n_replayed,
            "n_without_score": self.n_without_score,
            "n_repeated": self.n_repeated,
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
    replay_columns: Mapping[str, str] | None = None,
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
    replay_columns
        Role to column of that file, for "query", "doc" and "teacher", where a column is not recognised by its name.
    at
        The time, for card and record.

    Raises
    ------
    InputError, SettingError
        When a file, its scores or the folder cannot be used.
    StudentError
        When the student cannot be loaded or trained.
    """
    settings, student, list_file, out = settings or RetrainSettings(), Path(student), Path(list_file), Path(out)
    for place in (student, list_file, out):
        kind_of(place)  # or its links go in a circle
    _check_apart(student, out)
    record = record_beside(list_file)
    listed = read_scored_list(list_file)
    old = None if replay is None else read_old_pairs(replay, columns=replay_columns)
    parent = load_student(student, device=device)
    pairs = training_set(
        listed,
        is_bounded=parent.is_bounded,
        score_range=score_range or (record.score_range if parent.is_bounded else None),
        old=old,
        replay_share=settings.replay_share,
        rng=np.random.default_rng(settings.seed),
    )
    filled = _filled(lineage or Lineage(), record.teacher, parent=student, out=out)
    card = card_of_child(filled, parent=student, out=out, list_name=list_file.name)
    work = work_folder(out, plan_of(parent, pairs, settings))
    fine_tune(parent, pairs, settings=settings, work=work, progress=progress)
    loss = _loss_or_none_kept(parent, pairs, work)
    whole = write_student(parent, work)
    made = Retraining(
        folder=out,
        lineage=filled,
        n_listed=pairs.n_listed,
        n_replayed=pairs.n_replayed,
        n_without_score=pairs.n_without_score,
        n_repeated=pairs.n_repeated,
        loss=loss,
        settings=settings,
        score_range=pairs.score_range,
        student_digest=digest_of_folder(whole),
        parent_digest=parent.digest,
        list_digest=pairs.list_digest,
        replay_digest=pairs.replay_digest,
        at=at,
    )
    replace_file(whole / CARD_NAME, with_training(card, made))
    replace_file(whole / RECORD, json_text(made.to_json()).encode())
    put_in_place(whole, out)
    return made


def _check_apart(student: Path, out: Path) -> None:
    """The student before stays as it is, and the new one's digest is of its own files alone."""
    before, after = student.resolve(), out.resolve()
    if before == after or before in after.parents or after in before.parents:
        raise SettingError(
            f"The new student cannot be written to {out}: the student before is {student}, and neither may lie in the "
            "other. Choose another folder with --out."
        )


def _loss_or_none_kept(student: Student, pairs: TrainingSet, work: Path) -> float:
    """The loss; checkpoints of a student that went astray are taken away, for they would lead there again."""
    try:
        return loss_of(student, pairs)
    except StudentError:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _filled(lineage: Lineage, teacher: Mapping[str, str], *, parent: Path, out: Path) -> Lineage:
    stated = teacher.get("revision")
    if lineage.teacher_revision and stated and lineage.teacher_revision != stated:
        raise InputError(
            f"{RESCORED_RECORD} says that {stated} scored the list; found {lineage.teacher_revision}. Leave it out."
        )
    card = parent / CARD_NAME
    version = read_card(card).student.version if is_file(card) else None
    return Lineage(
        version=lineage.version or out.resolve().name,
        parent=lineage.parent or version or parent.resolve().name,
        teacher_model=lineage.teacher_model or teacher.get("model"),
        teacher_revision=lineage.teacher_revision or teacher.get("revision"),
    )
