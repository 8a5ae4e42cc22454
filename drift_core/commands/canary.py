"""The command ``canary``: one week's sample in, its record in the history, an alarm or none."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.agreement.rule import Rule
from drift_core.alerts.settings import AlertSettings
from drift_core.commands import options
from drift_core.commands.alerts import tell_webhook, webhook_of, write_openmetrics
from drift_core.commands.date_option import read_time
from drift_core.commands.progress import progress_bar
from drift_core.commands.reading_options import Reading, with_reading
from drift_core.errors import InputError
from drift_core.installation import need_extra
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.canary.textbook_rule import TextbookAlarms
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.history.record_week import RecordedWeek

SOURCES = {
    "heldout": "held-out at ship time",
    "first_week": "the first measured week",
    "bridge": "moved by the bridge to this revision",
    "accepted": "a level that was accepted",
}


@options.takes(AlertSettings)
@with_reading
def canary(
    heldout: Annotated[
        str, typer.Argument(metavar="HELDOUT", help="Pairs the student was tested on at ship time: a file, or -.")
    ],
    history: Annotated[str, typer.Option(metavar="PLACE", help="History of canary runs: a file, or a PostgreSQL URL.")],
    teacher_revision: Annotated[str, typer.Option(metavar="R", help="Revision of the teacher that scored this week.")],
    production: Annotated[
        str | None,
        typer.Argument(
            metavar="[PRODUCTION]",
            help="This week's sample, scored by today's teacher: a file, or -.",
            show_default=False,
        ),
    ] = None,
    student_version: Annotated[
        str | None, typer.Option(metavar="V", help="Version of the student; each has a baseline of its own.")
    ] = None,
    teacher_model: Annotated[
        str | None, typer.Option(metavar="M", help="Model of the teacher, kept with the record.")
    ] = None,
    pinned_revision: Annotated[
        str | None,
        typer.Option(
            metavar="R", help="Revision that gave the pinned scores; a bridge counts only from the baseline's."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Date or time that the sample stands for; by default this moment."),
    ] = None,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card to note the run in as its last canary.")
    ] = None,
    *,
    reading: Reading,
    slice_: options.Slices = None,
    k: options.K = None,
    clusters: options.Clusters = None,
    rule: options.RuleFile = None,
    budget: Annotated[
        float | None, typer.Option(metavar="P", help="Chance of any false alarm in a year; by default the rule's 0.05.")
    ] = None,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the week as JSON; - writes it to standard output.")
    ] = None,
    report: options.Report = None,
    **alerts: Any,
) -> None:
    """Measure this week, record it, and say whether it alarms.

    The week is compared with held-out as it was when the student shipped. The same run twice is one record. A wrong
    record is taken back with `history withdraw`; recording it again does not bring it back. A webhook is told once the
    week is recorded; one that cannot be told is said and changes nothing.

    Exit codes: 0 it ran, with an alarm or without (`gate` blocks a release), 2 bad usage or bad input.
    """
    told = AlertSettings(**alerts)
    webhook = webhook_of(told, os.environ)
    need_extra("samples", "Measuring a week")
    from drift_core.diagnosis.diagnose import diagnose_files
    from drift_core.diagnosis.settings import Settings
    from drift_core.gate.last_canary import is_of_another, update_last_canary
    from drift_core.history.record_week import RecordSettings, record_week
    from drift_core.regions.embedding_source import EmbeddingSource

    held = None
    if card is not None:
        from drift_core.judge_card.file import read_card

        held = read_card(card)  # what would fail after minutes of measuring fails now
    now = datetime.now(UTC)
    chosen = options.rule_with(rule, k=k, alarm_budget=budget)
    week = RecordSettings(
        at=now if at is None else read_time(at, option="--at"),
        recorded_at=now,
        teacher_revision=teacher_revision,
        student_version=student_version,
        teacher_model=teacher_model,
        pinned_revision=pinned_revision,
        rule=chosen,
        more=held.measured_slices if held else (),
    )
    files = reading.files(heldout, production, max_rows=max_rows, max_bytes=max_bytes)
    embedding = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    slices = None if slice_ is None else tuple(filter(None, slice_))
    settings = Settings(rule=chosen, n_clusters=clusters, slices=slices, seed=seed)
    if report is not None:
        need_extra("report", "The report")
    options.check_places(json, report, told.openmetrics)
    diagnoses: list[Diagnosis] = []

    def measure() -> "Diagnosis":
        with progress_bar() as progress:
            diagnoses.append(diagnose_files(files, settings=settings, embedding=embedding, progress=progress))
        return diagnoses[-1]

    made = record_week(history, measure, settings=week, production_name=production or f"{heldout} ({reading.split})")
    if held is not None and (another := is_of_another(held, made.recorded.run)):
        made = replace(made, recorded=replace(made.recorded, notes=(*made.recorded.notes, another)))
    if made.week is None:  # somebody took it back; it is not measured again in silence
        raise InputError(" ".join(made.recorded.notes))
    if card is not None:
        update_last_canary(card, made.recorded.run)
    _tell(made, made.week, chosen, json)
    if webhook is not None:
        tell_webhook(webhook, made, told)
    if told.openmetrics is not None:
        write_openmetrics(told.openmetrics, history, held, measured=(made.week.run.student_version, diagnoses))
    if report is not None:
        from drift_core.gate.limits import agreement_floor
        from drift_core.report.summaries import canary_page

        weeks = made.weeks[: made.weeks.index(made.week) + 1]
        name = student_version or "the student"
        page = canary_page(
            weeks, name=name, explanation=made.explanation, floor=agreement_floor(made.week, held, chosen)
        )
        options.write_page(page, report)


def _tell(made: "RecordedWeek", week: "WeekAssessment", rule: Rule, target: str | None) -> None:
    from drift_core.canary.collapse import collapse_note
    from drift_core.canary.status import calibration_note
    from drift_core.canary.week_json import week_to_json

    about: dict[str, Any] = {"strict": made.strict, "is_new": made.recorded.is_new, "notes": made.recorded.notes}
    if target != "-":
        until = made.weeks[: made.weeks.index(week) + 1]
        turned = "" if week.status == "alarm" else week.run.turned  # said by the alarm
        moved = " ".join(filter(None, (turned, week.run.set_aside, calibration_note(until), collapse_note(until))))
        typer.echo(describe_canary(week, moved=moved, **about))
    options.write_json(week_to_json(week, rule=rule, change=made.change, **about), target)


def describe_canary(
    week: "WeekAssessment", *, strict: "TextbookAlarms", is_new: bool, notes: Sequence[str], moved: str
) -> str:
    """The week in a few lines: the verdict first, then the figures and what is odd about the record."""
    from drift_core.canary.baselines import bridge_refusal
    from drift_core.canary.status import week_by_itself
    from drift_core.measured import Measured

    run = week.run
    verdicts = {"quiet": "No alarm.", "alarm": "Alarm.", "gap": "A gap: this week is not judged."}
    lines = [" ".join(filter(None, (verdicts[week.status], *week.reasons, moved)))]
    lines += filter(None, (week.next_step, week_by_itself(run) if week.next_step else ""))
    measured = f"{run.agreement}" if isinstance(run.agreement, Measured) else "not measured"
    lines.append(f"Agreement {measured}" + (f" · overlap at K = {run.k} {run.overlap}" if run.has_overlap else ""))
    if week.baseline is not None:
        lines.append(f"Baseline {week.baseline.agreement}, {SOURCES[week.baseline.source]}")
    odd = bridge_refusal(run, week.baseline)
    lines += [odd] if odd else []
    lines.append(
        f"{run.at:%Y-%m-%d} · {counted(run.n_pairs, 'pair', 'pairs')}, {counted(run.n_queries, 'query', 'queries')} · "
        f"teacher {run.teacher_revision}" + (f" · student {run.student_version}" if run.student_version else "")
    )
    if strict.n_quiet_weeks > 1:
        lines.append(strict.sentence)
    if not is_new:
        lines.append("This run was recorded before; the first record stays.")
    return "\n".join([*lines, *notes])
