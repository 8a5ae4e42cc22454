"""Fine-tuning of a student to the teacher's scores, with checkpoints; one call trains or goes on where it stopped.

What it is trained on is in `training_set`, the folder that a student becomes in `retrain`.
"""

import json
import shutil
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.errors import InputError, StudentError
from drift_core.regions.encoding import Progress, no_network
from drift_core.retraining.loss_curve import N_WINDOWS, LossCurve
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.student import Student, quiet_libraries
from drift_core.retraining.training_set import TrainingSet
from drift_core.tables.paths import kind_of, make_folder, reason_of
from drift_core.tables.writing import check_folder, replace_file

if TYPE_CHECKING:
    from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer

WORK, PLAN = ".training", "plan.json"


def work_folder(out: str | Path, plan: dict[str, object]) -> Path:
    """Make the folder of a training's checkpoints, or find it where the same training was begun before.

    Parameters
    ----------
    out
        The folder that the new student will stand in.
    plan
        What decides the result: settings and digests.

    Raises
    ------
    InputError
        When there is a student already, or another training was begun there.
    """
    out = Path(out)
    check_folder(out)
    if kind_of(out / "config.json") != "nothing":
        raise InputError(f"{out} holds a student already and stays as it is. Choose another folder with --out.")
    work = out / WORK
    written = json.dumps(plan, sort_keys=True, indent=2).encode()
    if (kind := kind_of(work / PLAN)) not in ("file", "nothing"):
        raise InputError(f"{work / PLAN} is a {kind}, not the plan of a training. Delete {work} to begin anew.")
    known = (work / PLAN).read_bytes() if kind == "file" else None
    if known is not None and known != written:
        raise InputError(
            f"Another training was begun in {out}: with another list, student or settings. Give the same ones to go "
            f"on, or delete {work} to begin anew."
        )
    make_folder(work)
    replace_file(work / PLAN, written)
    return work


def fine_tune(
    student: Student,
    pairs: TrainingSet,
    *,
    settings: RetrainSettings,
    work: Path,
    progress: Progress | None = None,
) -> LossCurve:
    """Train a student in place: mean squared error of its score to the label, by AdamW.

    Parameters
    ----------
    work
        From `work_folder`; the newest checkpoint there is gone on from.
    progress
        Called as ``progress("training", step, n_steps)``.

    Returns
    -------
    LossCurve
        The loss in the course of the training; of one that went on, with the steps before.

    Raises
    ------
    StudentError
        When the training cannot be done, or a checkpoint not be written.

    Notes
    -----
    AdamW is Loshchilov and Hutter's (2019). The pairs are shuffled by the seed; on a CPU the same input gives the same
    weights with the same number of threads.
    """
    with quiet_libraries(), no_network():
        trainer = _trainer(student.model, pairs, settings, work, progress)
        checkpoint = _newest_checkpoint(work)
        try:
            trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
        except _faults() as error:
            raise StudentError(
                f"The student {student.path} cannot be trained: {_reason(error)}. What was done until the last "
                f"checkpoint is kept in {work}; the same command goes on from there."
            ) from error
    logged = [(each["step"], each["loss"]) for each in trainer.state.log_history if "loss" in each]
    return LossCurve(steps=tuple(int(step) for step, _ in logged), losses=tuple(loss for _, loss in logged))


def write_student(student: Student, work: Path) -> Path:
    """Write the trained student into a folder of its own under the checkpoints.

    Raises
    ------
    InputError
        When it cannot be written.
    """
    whole = work / "student"
    shutil.rmtree(whole, ignore_errors=True)
    try:
        with quiet_libraries():
            student.model.save_pretrained(str(whole), create_model_card=False)
    except _faults() as error:
        raise InputError(
            f"The new student cannot be written to {whole}: {_reason(error)}. Make room; the same command goes on from "
            "the last checkpoint."
        ) from error
    return whole


def put_in_place(whole: Path, out: Path) -> None:
    """Move a written student into its folder, its config.json last, so that half a student is none."""
    try:
        for file in sorted(whole.iterdir(), key=lambda each: each.name == "config.json"):
            target = out / file.name
            if target.is_dir():
                shutil.rmtree(target)
            file.replace(target)
    except OSError as error:
        raise InputError(f"The new student cannot be written to {out}: {_reason(error)}. Choose another.") from error
    shutil.rmtree(out / WORK, ignore_errors=True)


def _faults() -> tuple[type[Exception], ...]:
    """What the model libraries raise where a file cannot be read or written."""
    from safetensors import SafetensorError

    return (OSError, ValueError, RuntimeError, SafetensorError)


def _reason(error: Exception) -> str:
    return reason_of(error).rstrip(". ")


def plan_of(student: Student, pairs: TrainingSet, settings: RetrainSettings) -> dict[str, object]:
    """What decides the result of a training, as plain values."""
    content = sha256(pairs.label.tobytes())
    for query, doc in zip(pairs.query, pairs.doc, strict=True):
        content.update(f"{len(query)}:{query}{doc}".encode("utf-8", "surrogatepass"))
    return {"student": student.digest, "pairs": content.hexdigest(), "settings": settings.to_json()}


def _trainer(
    model: "CrossEncoder", pairs: TrainingSet, settings: RetrainSettings, work: Path, progress: Progress | None
) -> "CrossEncoderTrainer":
    from datasets import Dataset
    from sentence_transformers.cross_encoder import CrossEncoderTrainer
    from sentence_transformers.cross_encoder.losses import MSELoss
    from transformers import PrinterCallback

    # A checkpoint needs no model card, whose template is compiled each time
    model.save_pretrained = partial(model.save_pretrained, create_model_card=False)  # type: ignore[method-assign]
    columns = {"query": pairs.query.tolist(), "document": pairs.doc.tolist(), "label": pairs.label.tolist()}
    trainer = CrossEncoderTrainer(
        model=model,
        args=_arguments(settings, work, n_pairs=len(pairs), is_on_cpu=model.device.type == "cpu"),
        train_dataset=Dataset.from_dict(columns),  # exactly these three, or the trainer refuses them
        loss=MSELoss(model, activation_fn=model.activation_fn),  # type: ignore[arg-type]  # always a module
    )
    trainer.remove_callback(PrinterCallback)
    if progress:
        trainer.add_callback(_reporting(progress))
    return trainer


def _arguments(settings: RetrainSettings, work: Path, *, n_pairs: int, is_on_cpu: bool) -> Any:
    from sentence_transformers.cross_encoder import CrossEncoderTrainingArguments

    return CrossEncoderTrainingArguments(
        output_dir=str(work),
        num_train_epochs=settings.n_epochs,
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch_size,
        warmup_steps=settings.warmup_share,  # a fraction below 1 is one of all steps
        optim="adamw_torch_fused",  # a tenth of the plain one's time a step on a CPU
        save_strategy="steps",
        save_steps=settings.checkpoint_steps,
        save_total_limit=2,
        seed=settings.seed,
        data_seed=settings.seed,
        use_cpu=is_on_cpu,
        dataloader_pin_memory=not is_on_cpu,
        logging_strategy="steps",
        logging_steps=max(1, settings.n_steps(n_pairs) // N_WINDOWS),
        report_to=[],
        disable_tqdm=True,
    )


def _reporting(progress: Progress) -> Any:
    from transformers import TrainerCallback

    class Reporting(TrainerCallback):  # the library takes callbacks as children of its own class only
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            progress("training", state.global_step, state.max_steps)

    return Reporting()


def _newest_checkpoint(work: Path) -> Path | None:
    """The newest checkpoint that was written whole; the trainer writes its state last."""
    found = [each for each in work.glob("checkpoint-*") if _is_whole(each / "trainer_state.json")]
    return max(found, key=lambda each: int(each.name.rpartition("-")[2]), default=None)


def _is_whole(state: Path) -> bool:
    try:
        return isinstance(json.loads(state.read_bytes()), dict)
    except (OSError, ValueError, RecursionError):
        return False
