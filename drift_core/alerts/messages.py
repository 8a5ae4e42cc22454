"""A notice as the body that Slack, Teams or a program of one's own takes; no text of a user is markup there.

Forms: incoming webhooks of Slack with Block Kit, Adaptive Cards 1.4 as the webhooks of Teams' app Workflows post them.
"""

import re
from collections.abc import Callable, Mapping

from drift_core.alerts.notice import Notice
from drift_core.alerts.webhook import Format
from drift_core.version import VERSION
from drift_core.wording import told_command

PRODUCT = "Distillation drift"
OPEN = "Open the canary"
SCHEMA = 1
APART = "\u2060"  # a word joiner, which is not seen: a sign with it behind marks nothing up
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def message(notice: Notice, form: Format) -> dict[str, object]:
    """Write the body of one message."""
    return BODIES[form](notice)


def _slack(notice: Notice) -> dict[str, object]:
    title = f"{PRODUCT}: {notice.title}"
    sentence = _mrkdwn(notice.sentence)
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}},
        {"type": "section", "text": _text(sentence)},
        {"type": "section", "fields": [_text(f"*{name}*\n{_with_code(told)}") for name, told in notice.facts.items()]},
    ]
    if notice.link is not None:
        blocks.append({"type": "section", "text": _text(f"<{notice.link}|{OPEN}>")})
    return {"text": f"{title}. {sentence}", "blocks": blocks, "unfurl_links": False}


def _text(mrkdwn: str) -> dict[str, object]:
    return {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}  # no name of a channel or person becomes a mention


def _with_code(text: str) -> str:
    """A text whose command, if it ends with one, can be copied as it is."""
    told, command = told_command(text)
    if not command or "`" in command:
        return _mrkdwn(text)
    return f"{_mrkdwn(told)}\n```{_escaped(command)}```"


def _mrkdwn(text: str) -> str:
    return re.sub(r"([*_~`])", rf"\1{APART}", _escaped(text))


def _escaped(text: str) -> str:
    return re.sub("[&<>]", lambda found: ENTITIES[found.group()], text)


def _teams(notice: Notice) -> dict[str, object]:
    """Texts of users stand in text runs, which know no Markdown."""
    body: list[dict[str, object]] = [
        {"type": "TextBlock", "text": f"{PRODUCT}: {notice.title}", "size": "Large", "weight": "Bolder", "wrap": True},
        _runs(("", notice.sentence)),
        *(_runs((f"{name}: ", told)) for name, told in notice.facts.items()),
    ]
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    if notice.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": OPEN, "url": notice.link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _runs(named: tuple[str, str]) -> dict[str, object]:
    name, told = named
    runs: list[dict[str, object]] = [{"type": "TextRun", "text": name, "weight": "Bolder"}] if name else []
    # Dates in double braces are worked out by the client, and an expression in braces by a flow.
    return {"type": "RichTextBlock", "inlines": [*runs, {"type": "TextRun", "text": told.replace("{", f"{{{APART}")}]}


def _json(notice: Notice) -> dict[str, object]:
    """Values as the canary's JSON has them, and the message in one line as `text`."""
    run = notice.run
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "text": f"{PRODUCT}: {notice.title}. {notice.sentence}",
        "verdict": notice.kind,
        "reasons": list(notice.reasons),
        "key": run.key,
        "at": run.at.isoformat(),
        "since": None if notice.since is None else notice.since.isoformat(),
        "lower_since": None if notice.lower_since is None else notice.lower_since.isoformat(),
        "agreement": run.agreement.to_json(),
        "baseline": None if notice.baseline is None else notice.baseline.agreement.to_json(),
        "regions": list(notice.regions),
        "next_step": notice.next_step,
        "student_version": run.student_version,
        "teacher_model": run.teacher_model,
        "teacher_revision": run.teacher_revision,
        "n_pairs": run.n_pairs,
        "link": notice.link,
    }


BODIES: Mapping[Format, Callable[[Notice], dict[str, object]]] = {"slack": _slack, "teams": _teams, "json": _json}
