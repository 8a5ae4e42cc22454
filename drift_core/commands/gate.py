"""The command ``gate``: the newest canary and the judge card in, pass or block out."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift_core.commands import options
from drift_core.commands.date_option import read_time
from drift_core.commands.guarded_output import tell_runner
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.wording import one_line

if TYPE_CHECKING:
    from drift_core.agreement.rule import Rule
    from drift_core.gate.checks import GateCheck
    from drift_core.gate.gate_decision import GateDecision
    from drift_core.judge_card.card import JudgeCard

SYSTEMS = ("github", "gitlab", "none")
WITHOUT_CARD = "judges.yaml"


def gate(
    history: Annotated[str, typer.Option(metavar="PLACE", help="History of canary runs: a file, or a PostgreSQL URL.")],
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card with floors, cadence, critical slices and the pin.")
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON or TOML file with thresholds; by default the rule of the newest run of the card's student.",
        ),
    ] = None,
    comparison: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON of the command compare. A part that got worse blocks; so does a rule laxer than the gate's, and "
            "an age over the card's review cadence.",
        ),
    ] = None,
    calibration: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON of the command calibrate. One that does not hold on production blocks; so does an age over the "
            "card's review cadence.",
        ),
    ] = None,
    review: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON of the command review result. A student that is surely wrong in more than 40% of the "
            "disagreements blocks; by default the figure on the card.",
        ),
    ] = None,
    now: Annotated[
        str | None, typer.Option(metavar="DATE", help="Date or time to decide for; by default this moment.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the answer as JSON; - for standard output.")
    ] = None,
    junit: Annotated[str | None, typer.Option(metavar="FILE", help="Write the checks as JUnit XML.")] = None,
    code_quality: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write what does not hold as a GitLab code quality report.")
    ] = None,
    markdown: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the answer with the last weeks as Markdown, for a comment."),
    ] = None,
    report: options.Report = None,
    annotations: Annotated[
        str | None,
        typer.Option(
            metavar="SYSTEM",
            help="github, gitlab or none; by default that in which it runs, by GITHUB_ACTIONS and GITLAB_CI.",
        ),
    ] = None,
    override: Annotated[
        bool,
        typer.Option(
            "--override",
            help="Let the release ship until the next canary run, or until one is overdue; kept in the history. "
            "It adds to an earlier one, and never covers a canary that is too old.",
        ),
    ] = False,
    end_override: Annotated[
        bool,
        typer.Option("--end-override", help="Take back the overrides that hold; they stay in the history."),
    ] = False,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who overrides, or takes it back.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
) -> None:
    """Say whether a release may ship: pass, blocked or inconclusive, with the reason in one line.

    Exit codes: 0 it may ship, 1 it may not, 2 bad usage or input, 3 inconclusive, and the card leaves it at that.
    """
    from drift_core.commands.rule_file import read_rule
    from drift_core.gate import release
    from drift_core.gate.release import (
        calibration_at,
        card_at,
        comparison_at,
        override_release,
        read_gate,
        review_at,
    )
    from drift_core.judge_card.settings import GateSettings
    from drift_core.tables.writing import replace_file

    system = _system(annotations, os.environ)
    _check_override({"--override": override, "--end-override": end_override}, by, reason)
    _check_places({"--json": json, "--junit": junit, "--code-quality": code_quality})
    _check_places({"--markdown": markdown, "--report": report})
    if report is not None:
        need_extra("report", "The report")
    limits = None if rule is None else GateSettings(rule=read_rule(rule))
    found, compared, calibrated = card_at(card), comparison_at(comparison), calibration_at(calibration)
    reviewed = review_at(review)
    moment = None if now is None else read_time(now, option="--now")
    brought: dict[str, Any] = {"card": found, "settings": limits, "comparison": compared}
    brought |= {"calibration": calibrated, "review": reviewed}
    decision = read_gate(history, now=moment, **brought)
    if end_override:
        decision = release.end_override(history, by=str(by), reason=str(reason), now=decision.now, **brought)
        typer.echo(f"The override is taken back by {one_line(str(by))}; both stay in the history.", err=True)
    elif override and decision.exit_code == 0:
        typer.echo("Nothing is overridden: the gate lets the release ship.", err=True)
    elif override:
        decision = override_release(history, by=str(by), reason=str(reason), now=decision.now, **brought)
        rest = " It does not cover what keeps the gate shut now:" if decision.exit_code else ""
        typer.echo(f"The override by {one_line(str(by))} is kept in the history.{rest}", err=True)
    for target, content in _files(decision, found, json=json, junit=junit, code_quality=code_quality, card=card):
        replace_file(target, content)
    if markdown is not None:
        replace_file(
            markdown, _comment(decision, history, None if limits is None else limits.rule).encode("utf-8", "replace")
        )
    if report is not None:
        from drift_core.report.summaries import gate_page

        options.write_page(gate_page(decision), report)
    _tell(decision, found, system=system, is_json_told=json == "-")
    if moment is not None:
        typer.echo(f"Decided for {decision.now:%Y-%m-%d %H:%M} UTC, as --now says, not for this moment.", err=True)
    if decision.exit_code:
        raise typer.Exit(decision.exit_code)


def _comment(decision: "GateDecision", place: str, rule: "Rule | None") -> str:
    """The answer with the weeks that it looked at, by the same rule."""
    from drift_core.alerts.gate_comment import gate_comment
    from drift_core.canary.alarm import assess
    from drift_core.history.history import open_history

    with open_history(place, is_created=False) as kept:
        runs = [run for run in kept.runs(with_regions=True) if run.at <= decision.now]
        weeks = assess(runs, kept.decisions(), rule=rule)
    return gate_comment(decision, weeks)


def _system(asked: str | None, environment: Mapping[str, str]) -> str:
    if asked is not None and asked not in SYSTEMS:
        raise SettingError(f"--annotations must be github, gitlab or none; found {asked!r}.")
    found = {"GITHUB_ACTIONS": "github", "GITLAB_CI": "gitlab"}
    return asked or next((name for variable, name in found.items() if environment.get(variable) == "true"), "none")


def _check_places(targets: Mapping[str, str | None]) -> None:
    from drift_core.tables.writing import check_place

    for option, target in targets.items():
        if target == "-" and option != "--json":
            raise SettingError(f"{option} expects a file; only --json may be -, standard output.")
        if target not in (None, "-"):
            check_place(str(target))


def _check_override(asked: Mapping[str, bool], by: str | None, reason: str | None) -> None:
    given, chosen = {"--by": by, "--reason": reason}, [option for option, is_asked in asked.items() if is_asked]
    if len(chosen) > 1:
        raise SettingError(f"{' and '.join(chosen)} contradict each other. Give one of them.")
    if chosen:
        lacking = [option for option, text in given.items() if not (text or "").strip()]
        if lacking:
            raise SettingError(f"{chosen[0]} needs {' and '.join(lacking)}: who decides and why. Both are kept.")
    elif any(text is not None for text in given.values()):
        raise SettingError("--by and --reason belong to --override or --end-override. Add one, or leave them out.")


def _tell(decision: "GateDecision", card: "JudgeCard | None", *, system: str, is_json_told: bool) -> None:
    """Print the answer, then what the CI system reads; with the JSON on standard output that stands alone."""
    from drift_core.gate.annotations import github_lines, github_summary, gitlab_lines
    from drift_core.gate.triggers import fired_line

    if is_json_told:
        typer.echo(_json_text(decision, card), nl=False)
        return
    first = decision.reasons[:1]  # the sentence tells it
    lines = [_line(each) for each in decision.findings if each not in first]
    lines += filter(None, [fired_line(decision.triggers)])
    opening, closing = gitlab_lines(decision, []) if system == "gitlab" else ("", "")
    typer.echo(decision.sentence)
    tell_runner([opening] if opening else [])
    typer.echo("".join(f"{line}\n" for line in lines), nl=False)
    if system == "github":
        tell_runner(github_lines(decision))
        _append_summary(os.environ.get("GITHUB_STEP_SUMMARY"), github_summary(decision))
    tell_runner([closing] if closing else [])


def _line(check: "GateCheck") -> str:
    subject = f" {check.subject}" if check.subject and check.subject not in check.sentence else ""
    return f"- {check.words}{subject}, {check.outcome}: {check.sentence}"


def _append_summary(path: str | None, text: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:  # the answer stands without it
        typer.echo(f"The step summary {path} cannot be written: {error.strerror}.", err=True)


def _json_text(decision: "GateDecision", card: "JudgeCard | None") -> str:
    from drift_core.gate.files import gate_to_json
    from drift_core.tables.json_text import json_text

    return json_text(gate_to_json(decision, card=card))


def _files(
    decision: "GateDecision",
    found: "JudgeCard | None",
    *,
    json: str | None,
    junit: str | None,
    code_quality: str | None,
    card: str | None,
) -> Iterator[tuple[str, bytes]]:
    from drift_core.gate.files import gate_to_code_quality, gate_to_junit

    if json not in (None, "-"):
        yield str(json), _json_text(decision, found).encode()
    if junit is not None:
        yield junit, gate_to_junit(decision)
    if code_quality is not None:
        yield code_quality, gate_to_code_quality(decision, path=card or WITHOUT_CARD)
