"""The command ``canary``: one week's sample in, its record in the history, an alarm or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.column_option import column_mapping
from drift_core.commands.date_option import read_time
from drift_core.commands.diagnosis_in_words import progress_bar
from drift_core.commands.diagnosis_inputs import Investigation, read_sample, run
from drift_core.commands.week_in_words import describe_canary
from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.rule_file import read_rule
from drift_core.errors import InputError, SettingError, UnmeasurableError

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.run import CanaryRun
    from drift_core.history.recorder import RecordOutcome


def canary(
    heldout: Annotated[
        str, typer.Argument(metavar="HELDOUT", help="Pairs the student was tested on at ship time: a file, or -.")
    ],
    production: Annotated[
        str, typer.Argument(metavar="PRODUCTION", help="This week's sample, scored by today's teacher: a file, or -.")
    ],
    history: Annotated[
        str, typer.Option("--history", metavar="PLACE", help="History of canary runs: a file, or a PostgreSQL URL.")
    ],
    teacher_revision: Annotated[
        str, typer.Option("--teacher-revision", metavar="R", help="Revision of the teacher that scored this week.")
    ],
    student_version: Annotated[
        str | None,
        typer.Option("--student-version", metavar="V", help="Version of the student; each has a baseline of its own."),
    ] = None,
    teacher_model: Annotated[
        str | None, typer.Option("--teacher-model", metavar="M", help="Model of the teacher, kept with the record.")
    ] = None,
    pinned_revision: Annotated[
        str | None,
        typer.Option(
            "--pinned-revision",
            metavar="R",
            help="Revision that gave the pinned scores; a bridge counts only from the baseline's.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="Date or time that the sample stands for; by default this moment."),
    ] = None,
    card: Annotated[
        str | None, typer.Option("--card", metavar="FILE", help="Judge card to note the run in as its last canary.")
    ] = None,
    column: options.Columns = None,
    slice_: options.Slices = None,
    k: options.K = None,
    clusters: options.Clusters = None,
    rule: options.RuleFile = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="P", help="Chance of any false alarm in a year; by default the rule's 0.05."),
    ] = None,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write the week as JSON; - writes it to standard output."),
    ] = None,
) -> None:
    """Measure this week, record it, and say whether it alarms.

    The week is compared with held-out as it was when the student shipped. The same run twice is one record. A wrong
    record is taken back with `history withdraw`; recording it again does not bring it back.

    Exit codes: 0 it ran, with an alarm or without (`gate` blocks a release), 2 bad usage or bad input.
    """
    moment, now = _moment(at), datetime.now(UTC)
    _check_names(teacher_revision, student_version)
    chosen = _rule(rule, k=k, budget=budget)
    investigation = Investigation(
        heldout=heldout,
        production=production,
        heldout_columns=column_mapping(column, "heldout"),
        production_columns=column_mapping(column, "production"),
        slices=None if slice_ is None else tuple(slice_),
        n_clusters=clusters,
        rule=chosen,
        seed=seed,
        max_rows=max_rows,
        max_bytes=max_bytes,
        embedder=embedder,
        embeddings=embeddings,
        cache=cache,
        use_cache=not no_cache,
    )
    _check_before(json, card)
    from drift_core.history.history import check_can_open, open_history

    is_there = check_can_open(history)  # a place that cannot be is said before the measuring, and made only after it
    told: dict[str, Any] = {
        "at": moment or now,
        "recorded_at": now,
        "teacher_revision": teacher_revision.strip(),
        "student_version": student_version and student_version.strip(),
        "teacher_model": teacher_model,
    }
    made = _measure(investigation, told, pinned_revision and pinned_revision.strip())
    with open_history(history) as opened:
        recorded = opened.record(made)
        _check_counts(recorded)
        from drift_core.canary.alarm import assess

        own = [run for run in opened.runs() if run.student_version == recorded.run.student_version]
        weeks = assess(own, opened.decisions(), rule=chosen)
        whole = opened.run(recorded.run.key) or recorded.run  # with its regions, which the others are read without
        weeks = tuple(replace(week, run=whole) if week.run.key == whole.key else week for week in weeks)
    _note_in_card(card, recorded)
    if not is_there:
        recorded = replace(recorded, notes=(f"There was no history at {opened.shown}; it was made.", *recorded.notes))
    _tell(weeks, recorded, chosen, json)


def _measure(investigation: Investigation, told: dict[str, Any], pinned_revision: str | None) -> "CanaryRun":
    """Diagnose the week; a sample that cannot be measured makes a run all the same, a gap."""
    from drift_core.canary.measure import canary_run, name_of, unmeasured_run

    try:
        with progress_bar() as progress:
            return canary_run(run(investigation, progress), **told, pinned_revision=pinned_revision)
    except UnmeasurableError as error:
        read_sample(investigation, "heldout")  # where that is the one, its message ends the command
        name = name_of(investigation.production)
        return unmeasured_run(str(error), n_pairs=error.n_pairs, rule=investigation.rule, production_name=name, **told)


def _moment(at: str | None) -> datetime | None:
    return None if at is None else read_time(at, option="--at")


def _check_names(teacher_revision: str, student_version: str | None) -> None:
    for option, name in (("--teacher-revision", teacher_revision), ("--student-version", student_version)):
        if name is not None and not name.strip():
            raise SettingError(f"{option} must name it; found an empty text.")


def _rule(path: str | None, *, k: int | None, budget: float | None) -> Rule:
    changed = {"k": k, "alarm_budget": budget}
    chosen = Rule() if path is None else read_rule(path)
    return replace(chosen, **{name: value for name, value in changed.items() if value is not None})  # type: ignore[arg-type]


def _check_before(json: str | None, card: str | None) -> None:
    """What would fail after minutes of measuring fails now."""
    from drift_core.tables.writing import check_place

    if json not in (None, "-"):
        check_place(json)
    if card is not None:
        from drift_core.judge_card.file import read_card

        read_card(card)


def _check_counts(recorded: "RecordOutcome") -> None:
    """A run that somebody took back is not measured again in silence."""
    if recorded.withdrawal is not None:
        raise InputError(" ".join(recorded.notes))


def _note_in_card(card: str | None, recorded: "RecordOutcome") -> None:
    if card is not None:
        from drift_core.gate.last_canary import update_last_canary

        update_last_canary(card, recorded.run)


def _tell(weeks: "Sequence[WeekAssessment]", recorded: "RecordOutcome", rule: Rule, target: str | None) -> None:
    from drift_core.canary.explanation import explain_alarm
    from drift_core.canary.textbook_rule import textbook_alarms
    from drift_core.canary.week_json import week_to_json
    from drift_core.tables.json_text import json_text
    from drift_core.tables.writing import replace_file

    week = next(each for each in weeks if each.run.key == recorded.run.key)
    strict = textbook_alarms(weeks, rule)
    if target != "-":
        typer.echo(describe_canary(week, strict=strict, is_new=recorded.is_new, notes=recorded.notes))
    if target is None:
        return
    found = explain_alarm(weeks[: weeks.index(week) + 1], rule=rule)
    change = found.change if found and found.week == week else None
    told = week_to_json(week, rule=rule, strict=strict, change=change, is_new=recorded.is_new, notes=recorded.notes)
    text = json_text(told)
    if target == "-":
        typer.echo(text, nl=False)
    else:
        replace_file(target, text.encode())
        typer.echo(f"Wrote {target}.")
