"""The commands ``card init``, ``card check`` and ``card pin``: the judge card as a file."""

from shlex import quote
from typing import Annotated

import typer

from drift_core.commands.date_option import read_time
from drift_core.errors import SettingError
from drift_core.wording import no_option

INCOMPLETE = 3
DEFAULT_CARD = "judges.yaml"

CardFile = Annotated[str | None, typer.Argument(metavar="[CARD]", help="The judge card; by default judges.yaml.")]
CardOption = Annotated[
    str | None, typer.Option("--card", metavar="FILE", help="The same, as the commands canary and gate take it.")
]
TeacherModel = Annotated[str | None, typer.Option("--teacher-model", metavar="NAME", help="The teacher's name.")]

card = typer.Typer(
    name="card",
    help="Make, check and pin the judge card: what a student is and what its releases are held to.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@card.command()
def init(
    out: Annotated[
        str, typer.Option(metavar="FILE", help="Where to write it; a file that is there stays.")
    ] = DEFAULT_CARD,
    student_version: Annotated[str | None, typer.Option(metavar="NAME", help="The student's version.")] = None,
    teacher_model: TeacherModel = None,
    teacher_revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="Revision that the student was trained against.")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Who answers for this student.")] = None,
) -> None:
    """Write a commented judge card to fill in."""
    from drift_core.judge_card.completeness import check_card
    from drift_core.judge_card.file import init_card

    made = init_card(
        out,
        student_version=student_version,
        teacher_model=teacher_model,
        teacher_revision=teacher_revision,
        owner=owner,
    )
    typer.echo(
        f"Wrote {out}. {check_card(made).sentence} See them with: distillation-drift card check {quote(no_option(out))}"
    )


@card.command()
def check(
    card_file: CardFile = None,
    card: CardOption = None,
    history: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="History of canary runs that the retrain triggers are read from; by default the card's last canary.",
        ),
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="DATE", help="Date or time to check for; by default this moment.")
    ] = None,
) -> None:
    """Say what a judge card lacks and how to fill it in, and which of its retrain triggers have fired.

    Exit codes: 0 complete, 2 it cannot be read or holds a wrong value, 3 incomplete. A trigger changes none of them.
    """
    from datetime import UTC, datetime

    from drift_core.gate.release import read_gate
    from drift_core.gate.triggers import read_triggers, trigger_lines
    from drift_core.judge_card.completeness import check_card
    from drift_core.judge_card.file import read_card

    path = _path(card_file, card)
    read = read_card(path)
    at = datetime.now(UTC) if now is None else read_time(now, option="--now")
    gate = None if history is None else read_gate(history, card=read, now=at)
    triggers = read_triggers(read, now=at) if gate is None else gate.triggers
    found = check_card(read, now=at, has_weeks=gate is not None and gate.measured is not None)
    typer.echo(f"{path}: {found.sentence}")
    width = max((len(gap.field) for gap in found.gaps), default=0)
    for gap in found.gaps:
        typer.echo(f"{gap.field:<{width}}  {gap.sentence}")
    typer.echo("Retrain triggers")
    typer.echo("\n".join(trigger_lines(triggers)))
    if not found.is_complete:
        raise typer.Exit(INCOMPLETE)


@card.command()
def pin(
    teacher_revision: Annotated[
        str, typer.Option(metavar="NAME", help="Revision that the student is trained against.")
    ],
    card_file: CardFile = None,
    card: CardOption = None,
    teacher_model: TeacherModel = None,
) -> None:
    """Pin the teacher's revision in a judge card; every comment stays."""
    from drift_core.judge_card.file import pin_card, read_card

    path = _path(card_file, card)
    before = read_card(path).teacher.revision
    now = pin_card(path, teacher_revision=teacher_revision, teacher_model=teacher_model).teacher
    model = f" of {now.model}" if now.model else ""
    typer.echo(f"Pinned teacher revision {now.revision}{model} in {path}{f', before {before}' if before else ''}.")
    if now.model is None:
        typer.echo("The pin is partial: teacher.model is missing. Give it with --teacher-model.")


def _path(card_file: str | None, option: str | None) -> str:
    if card_file is not None and option is not None and card_file != option:
        raise SettingError(f"Two judge cards are named, {card_file} and {option}. Name one.")
    return card_file or option or DEFAULT_CARD
