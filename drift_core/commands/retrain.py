"""The command ``retrain``: a student and a re-scored list in, the new student with its judge card out."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.column_option import roles_of
from drift_core.commands.progress import stage_progress
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.retraining.settings import RetrainSettings, ScoreRange


@options.takes(RetrainSettings)
def retrain(
    student: options.StudentFolder,
    list_: Annotated[str, typer.Option("--list", metavar="FILE", help="The re-scored list that rescore wrote.")],
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Folder for the new student; a training that was killed goes on.")
    ],
    version: Annotated[
        str | None,
        typer.Option("--student-version", metavar="V", help="The new student's version; by default the folder's name."),
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="V", help="Version of the student before; by default what its card says.")
    ] = None,
    teacher_model: Annotated[
        str | None, typer.Option(metavar="NAME", help="By default what rescored.json says.")
    ] = None,
    teacher_revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="By default what rescored.json says.")
    ] = None,
    score_range: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            help="The teacher's scale, which becomes 0 to 1; by default what rescored.json says where the student's "
            "score lies between 0 and 1.",
        ),
    ] = None,
    replay: Annotated[
        str | None, typer.Option(metavar="FILE", help="Old training pairs to rehearse, against forgetting.")
    ] = None,
    repeat: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="The same list scored again by the same teacher, from another folder of rescore: pairs count by the "
            "mean, and those that differ too much are left out. Repeatable.",
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=COLUMN",
            help="Which column of the --replay file holds the query, the doc or the teacher's score. Repeatable.",
        ),
    ] = None,
    device: options.Device = None,
    **entered: Any,
) -> None:
    """Fine-tune a student on a re-scored list: one epoch, learning rate 1e-5, mean squared error.

    The student before stays as it is. The new one gets a judge card with its parent, the list's digest, the teacher's
    revision and the seed. Give the same options again to go on from the last checkpoint.
    """
    need_extra("retrain", "Retraining")
    from drift_core.retraining.result import Lineage
    from drift_core.retraining.retrain import retrain as train

    columns = roles_of(column)
    if columns and replay is None:
        raise SettingError("--column names columns of the --replay file, and none is given. Add it, or leave it out.")
    with stage_progress(f"Retraining {student} on {list_}.") as progress:
        made = train(
            student,
            list_,
            out,
            settings=RetrainSettings(**entered),
            lineage=Lineage(
                version=version, parent=parent, teacher_model=teacher_model, teacher_revision=teacher_revision
            ),
            score_range=None if score_range is None else ScoreRange(low=score_range[0], high=score_range[1]),
            replay=replay,
            replay_columns=columns,
            repeats=repeat or (),
            at=datetime.now(UTC),
            device=device,
            progress=progress,
        )
    for note in made.notes:
        typer.echo(f"Note: {note}", err=True)
    typer.echo(f"{made.sentence}\n\nWrote {made.folder}, with judges.yaml and retraining.json")
    typer.echo("Next: score a frozen and a fresh sample with both students, then compare them.")
