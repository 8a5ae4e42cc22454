"""Where a week is told beside the history: a webhook, and a file for a Prometheus."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from drift_core.alerts.settings import AlertSettings
from drift_core.errors import SettingError

if TYPE_CHECKING:
    from drift_core.alerts.webhook import Webhook
    from drift_core.canary.assessment import WeekAssessment
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.history.record_week import RecordedWeek
    from drift_core.judge_card.card import JudgeCard


def webhook_of(settings: AlertSettings, environment: Mapping[str, str]) -> "Webhook | None":
    """The webhook that is to be told; None where none is.

    Raises
    ------
    SettingError
        When the variable is not set, or holds no address of a webhook.
    """
    if settings.webhook is None:
        return None
    from drift_core.alerts.webhook import Webhook

    address = environment.get(settings.webhook, "").strip()
    if not address:
        raise SettingError(
            f"The environment variable {settings.webhook}, which should hold the webhook's address, is not set. Set it."
        )
    return Webhook(address, name=settings.webhook, form=settings.webhook_format)


def tell_webhook(webhook: "Webhook", made: "RecordedWeek", settings: AlertSettings) -> None:
    """Tell a webhook of a week that is recorded, and say in one line how that went; nothing is raised."""
    from drift_core.alerts.messages import message
    from drift_core.alerts.notice import notice_of
    from drift_core.alerts.webhook import send

    assert made.week is not None
    until = made.weeks[: made.weeks.index(made.week) + 1]
    notice = notice_of(until, explanation=made.explanation, is_weekly=settings.webhook_weekly, link=settings.page)
    if notice is None:
        return
    why = send(webhook, message(notice, webhook.form))
    if why is None:
        typer.echo(f"Told the webhook in {webhook.name}.", err=True)
    else:
        typer.echo(
            f"The week is recorded, but the webhook in {webhook.name} was not told: {why}. Run the same command again "
            "to tell it.",
            err=True,
        )


def write_openmetrics(
    target: str,
    place: str,
    card: "JudgeCard | None",
    *,
    measured: "tuple[str | None, Sequence[Diagnosis]]",
) -> None:
    """Write the state of every student in a history, with what its history does not keep of the one measured now."""
    from drift_core.alerts.openmetrics import openmetrics
    from drift_core.canary.alarm import assess
    from drift_core.canary.students import recorded_rule
    from drift_core.gate.limits import agreement_floor
    from drift_core.history.history import open_history
    from drift_core.tables.writing import replace_file

    with open_history(place, is_created=False) as kept:
        runs, decisions = kept.runs(with_regions=True), kept.decisions()

    def floor_of(week: "WeekAssessment") -> float:
        own = [run for run in runs if run.student_version == week.run.student_version]
        is_its_card = card is not None and card.student.version == week.run.student_version
        return agreement_floor(week, card if is_its_card else None, recorded_rule(own))

    version, diagnoses = measured
    told = openmetrics(
        assess(runs, decisions), floor_of=floor_of, measured=(version, diagnoses[-1]) if diagnoses else None
    )
    replace_file(target, told.encode("utf-8", "replace"))
