"""A finished retraining: the new student, where it comes from, and what it was trained on."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from drift_core.measured import Measured
from drift_core.retraining.capacity import Capacity
from drift_core.retraining.loss_curve import LossCurve
from drift_core.retraining.rescored_record import RESCORED_RECORD
from drift_core.retraining.settings import RetrainSettings, ScoreRange
from drift_core.retraining.teacher_runs import TeacherNoise
from drift_core.version import VERSION

SCHEMA = 1
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
    curve
        The loss in the course of the training.
    capacity
        How far the new student stays under its teacher on held-back pairs.
    noise
        What the teacher's runs say of its scatter, and how many pairs were left out for it; None with one run.
    n_synthetic, n_synthetic_left_out
        Training pairs that are marked synthetic, and those left out because they were too large a share.
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
    curve: LossCurve = field(default_factory=LossCurve)
    capacity: Capacity | None = None
    noise: TeacherNoise | None = None
    n_synthetic: int = 0
    n_synthetic_left_out: int = 0

    @property
    def sentence(self) -> str:
        """The retraining in words."""
        old = f" and {self.n_replayed:,} old ones" if self.n_replayed else ""
        left = f" {self.n_without_score:,} rows without a score were left out." if self.n_without_score else ""
        left += f" {self.n_repeated:,} rows repeat a pair and count once." if self.n_repeated else ""
        left += f" {self.noise.sentence}" if self.noise else ""
        left += self._of_synthetic
        epochs = "one epoch" if self.settings.n_epochs == 1 else f"{self.settings.n_epochs} epochs"
        return (
            f"{self.lineage.version} was trained from {self.lineage.parent} for {epochs} on {self.n_listed:,} listed "
            f"pairs{old}, scored by {self.lineage.teacher_revision or 'a teacher whose revision is not known'}.{left}"
        )

    @property
    def _of_synthetic(self) -> str:
        if not self.n_synthetic + self.n_synthetic_left_out:
            return ""
        share = self.n_synthetic / (self.n_listed + self.n_replayed)
        left = f", {self.n_synthetic_left_out:,} more were left out" if self.n_synthetic_left_out else ""
        most = f"at most {self.settings.max_synthetic_share:.0%} (--max-synthetic-share)"
        return f" {self.n_synthetic:,} training pairs are synthetic, {share:.0%} of all{left}: {most}."

    @property
    def n_steps(self) -> int:
        """Steps of the training."""
        return self.settings.n_steps(self.n_listed + self.n_replayed)

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
                "no more that may be taken."
            )
        if self.n_steps < FEW_STEPS:
            notes.append(
                f"The training had {self.n_steps:,} steps, and at a rate of {self.settings.learning_rate:g} so few "
                "move a student little. A longer list helps most; a smaller --batch-size makes more steps of the same "
                "list."
            )
        if self.capacity is not None and isinstance(self.capacity.gap, Measured):
            notes.append(self.capacity.sentence)
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
            "teacher_noise": None if self.noise is None else self.noise.to_json(),
            "n_synthetic": self.n_synthetic,
            "n_synthetic_left_out": self.n_synthetic_left_out,
            "loss": self.loss,
            "loss_curve": self.curve.to_json(),
            "capacity": None if self.capacity is None else self.capacity.to_json(),
            "settings": self.settings.to_json(),
            "seed": self.settings.seed,
        }
