"""Names of the files that the app gives away: what is investigated, the day, what it is.

Files that a CI job reads under a fixed name (canary.db, judges.yaml, rule.json) keep theirs.
"""

import re
from datetime import UTC, date, datetime
from pathlib import PurePath
from unicodedata import category

from pages.components.session import session

GENERAL = ("production", "prod", "traffic", "sample", "data", "pairs")  # names that say nothing of the investigation
LENGTH = 40  # characters of a name


def of_investigation(what: str, kind: str, *, part: str = "") -> str:
    """Name a file of the open investigation, of a part of it where one is named."""
    inv = session.current()
    if inv is None:
        return of("drift", what, kind, part=part)
    name = inv.scenario or PurePath(inv.production.name).stem
    general = _slug(name).lower() in GENERAL
    return of(f"{name}-{inv.production.digest[:6]}" if general else name, what, kind, part=part)


def of(name: str, what: str, kind: str, *, part: str = "") -> str:
    """Name a file of a student, a comparison or anything else with a name.

    Examples
    --------
    A report of the investigation food of 28 November 2026: ``food-2026-11-28-report.html``.
    """
    words = (_slug(name) or "drift", f"{today():%Y-%m-%d}", what, _slug(part))
    return f"{'-'.join(filter(None, words))}.{kind}"


def of_history(what: str, kind: str, *, name: str) -> str:
    """Name a file of a canary history by the name of its file."""
    return of(PurePath(name).stem, what, kind)


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def _slug(name: str) -> str:
    """A name without signs that a file system or a shell could take for something else."""
    kept = "".join(sign if sign.isalnum() or category(sign).startswith("M") else "-" for sign in name)
    return re.sub("-+", "-", kept).strip("-")[:LENGTH].rstrip("-")
