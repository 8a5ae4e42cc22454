"""A retraining from files to files: the re-scored list in, the new student with its judge card out."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError, StudentError
from drift_core.installation import need_extra
from drift_core.measures.scores import Scores
from drift_core.regions.encoding import Progress
from drift_core.retraining.capacity import Capacity, measure_capacity
from drift_core.retraining.fine_tuning import (
    fine_tune,
    plan_of,
    put_in_place,
    work_folder,
    write_student,
)
from drift_core.retraining.loss_curve import LossCurve
from drift_core.retraining.rescored_record import RESCORED_RECORD, RescoredRecord, record_beside
from drift_core.retraining.result import Lineage, Retraining
from drift_core.retraining.scored_texts import read_old_pairs, read_scored_list
from drift_core.retraining.scoring import score_pairs
from drift_core.retraining.settings import RetrainSettings, ScoreRange
from drift_core.retraining.student import Student, digest_of_folder, load_student
from drift_core.retraining.student_card import CARD_NAME, card_of_child, version_of, with_training
from drift_core.retraining.training_set import TrainingSet, training_set
from drift_core.tables.json_text import json_text
from drift_core.tables.paths import kind_of
from drift_core.tables.writing import replace_file

RECORD = "retraining.json"
MOST_PAIRS = 512  # ours: enough for two digits of the loss, a fraction of the training's time
OF_THE_PAIRS = (
    *("n_listed", "n_replayed", "n_without_score", "n_repeated", "score_range", "list_digest", "replay_digest"),
    *("noise", "n_synthetic", "n_synthetic_left_out"),
)
LEAST_SPREAD = 1e-6  # of scores, in their own size; rounding in float32 is a tenth of it


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
    repeats: Sequence[str | Path] = (),
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
    repeats
        The same list scored again by the same teacher, files that `rescore` wrote into other folders.
    at
        The time, for card and record.

    Raises
    ------
    InputError, SettingError
        When a file, its scores or the folder cannot be used.
    StudentError
        When the student cannot be loaded or trained.
    """
    need_extra("retrain", "Retraining")
    settings, student, list_file, out = settings or RetrainSettings(), Path(student), Path(list_file), Path(out)
    for place in (student, list_file, out):
        kind_of(place)  # or its links go in a circle
    _check_apart(student, out)
    record = record_beside(list_file)
    listed = read_scored_list(list_file, repeats=_same_teacher(repeats, record))
    old = None if replay is None else read_old_pairs(replay, columns=replay_columns)
    parent = load_student(student, device=device)
    pairs = training_set(
        listed,
        is_bounded=parent.is_bounded,
        score_range=score_range or (record.score_range if parent.is_bounded else None),
        old=old,
        settings=settings,
        rng=np.random.default_rng(settings.seed),
    )
    filled = _filled(lineage or Lineage(), record.teacher, parent=student, out=out)
    card = card_of_child(filled, parent=student, out=out, list_name=list_file.name)
    work = work_folder(out, plan_of(parent, pairs, settings))
    curve = fine_tune(parent, pairs, settings=settings, work=work, progress=progress)
    trained = _scored_or_none_kept(parent, pairs, work)
    whole = write_student(parent, work)
    made = Retraining(
        folder=out,
        lineage=filled,
        loss=loss_of(trained),
        curve=curve,
        capacity=_capacity(parent, pairs, trained, curve),
        settings=settings,
        student_digest=digest_of_folder(whole),
        parent_digest=parent.digest,
        at=at,
        **{name: getattr(pairs, name) for name in OF_THE_PAIRS},
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


def _scored_or_none_kept(student: Student, pairs: TrainingSet, work: Path) -> Scores:
    """Training pairs scored; checkpoints of a student that went astray are taken away: they would lead there."""
    try:
        return score_trained(student, pairs)
    except StudentError:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _same_teacher(repeats: Sequence[str | Path], record: RescoredRecord) -> Sequence[str | Path]:
    """Raise where a list scored again is by another revision of the teacher than the list itself, as records say."""
    for path in repeats:
        again = record_beside(Path(path))
        for name in ("model", "revision"):
            own, other = record.teacher.get(name), again.teacher.get(name)
            if own and other and own != other:
                raise InputError(
                    f"The list was scored by {own}, {path} by {other}. Repeated scores are those of one teacher; score "
                    "the list again with the same one."
                )
    return repeats


def _capacity(student: Student, pairs: TrainingSet, trained: Scores, curve: LossCurve) -> Capacity:
    held = pairs.held_back
    scores = np.empty(0) if held is None else score_pairs(student, held.query, held.doc)
    return measure_capacity(held, student=scores, trained=trained, curve=curve)


def _filled(lineage: Lineage, teacher: Mapping[str, str], *, parent: Path, out: Path) -> Lineage:
    stated = teacher.get("revision")
    if lineage.teacher_revision and stated and lineage.teacher_revision != stated:
        raise InputError(
            f"{RESCORED_RECORD} says that {stated} scored the list; found {lineage.teacher_revision}. Leave it out."
        )
    return Lineage(
        version=lineage.version or out.resolve().name,
        parent=lineage.parent or version_of(parent) or parent.resolve().name,
        teacher_model=lineage.teacher_model or teacher.get("model"),
        teacher_revision=lineage.teacher_revision or teacher.get("revision"),
    )


def score_trained(student: Student, pairs: TrainingSet) -> Scores:
    """Score a student's training pairs, at most 512 of them at even distances, beside their labels.

    Raises
    ------
    StudentError
        When it gives all these pairs the same score, or one that is no number.
    """
    rows = np.unique(np.linspace(0, len(pairs) - 1, MOST_PAIRS).astype(int))
    score = score_pairs(student, pairs.query[rows], pairs.doc[rows])
    if np.ptp(score) <= LEAST_SPREAD * max(1.0, float(np.abs(score).max())):
        raise StudentError(
            f"The training went astray: the new student gives {len(rows):,} different pairs the same score, "
            f"{score[0]:.4g}. It was not kept. Lower the learning rate, or check the teacher's scores on the list."
        )
    queries = pd.factorize(pairs.query[rows])[0].astype(np.int64)
    return Scores(student=score, teacher=pairs.label[rows], queries=queries)


def loss_of(scored: Scores) -> float:
    """Mean squared error of a student's scores."""
    return float(np.mean((scored.student - scored.teacher) ** 2))
