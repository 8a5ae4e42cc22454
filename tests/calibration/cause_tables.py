"""Outcomes as tables in Markdown: rates with exact intervals, the confusion matrix, the drifted pairs found."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from drift_core.causes import CAUSE_WORDS
from tests.calibration.causes import QUERY_DRIFT, SETTINGS, Outcome, Setting
from tests.calibration.planted import DRIFT, NO_DRIFT
from tests.calibration.rates import Rate

PLANTED = ("healthy", "query_drift", "document_drift", "teacher_drift", "query_and_teacher_drift")
NAMED = (*PLANTED, "inconclusive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Mean F1 of drifted pairs over draws, and its standard error."""

    mean: float
    standard_error: float
    n: int


def of_setting(outcomes: Iterable[Outcome], setting: Setting) -> list[Outcome]:
    return [o for o in outcomes if (o.is_hard, o.with_pinned) == (setting.is_hard, setting.with_pinned)]


def of_kinds(outcomes: Iterable[Outcome], kinds: Sequence[str]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.kind in kinds]


def right(outcomes: Sequence[Outcome]) -> Rate:
    return Rate(count=sum(o.is_right for o in outcomes), n=len(outcomes))


def inconclusive(outcomes: Sequence[Outcome]) -> Rate:
    return Rate(count=sum(o.is_inconclusive for o in outcomes), n=len(outcomes))


def neither(outcomes: Sequence[Outcome]) -> Rate:
    return Rate(count=sum(o.is_neither for o in outcomes), n=len(outcomes))


def found_pairs(outcomes: Sequence[Outcome]) -> Found | None:
    """Mean F1 over draws that have drifted pairs to find, None without any."""
    values = [outcome.f1 for outcome in outcomes if outcome.f1 is not None]
    if len(values) < 2:
        return None
    return Found(
        mean=float(np.mean(values)), standard_error=float(np.std(values, ddof=1) / len(values) ** 0.5), n=len(values)
    )


def as_markdown(outcomes: Sequence[Outcome], *, on: date) -> str:
    """All tables, under a line with date, seeds and number of draws."""
    settings = [setting for setting in SETTINGS if of_setting(outcomes, setting)]
    rest = (_kinds(outcomes, settings), _confusion(outcomes, settings), _wrong(outcomes))
    return "\n\n".join((as_summary(outcomes, on=on), *rest))


def as_summary(outcomes: Sequence[Outcome], *, on: date) -> str:
    """How often the cause is right and the drifted pairs are found, under the same line."""
    seeds = [outcome.seed for outcome in outcomes]
    n = max(Counter((o.kind, o.is_hard, o.with_pinned) for o in outcomes).values())
    head = f"Measured on planted causes ({on}, seeds {min(seeds)} to {max(seeds)}, {n} draws of each kind, "
    head += "synthetic embeddings); 95 % intervals are exact (Clopper and Pearson, 1934)."
    settings = [setting for setting in SETTINGS if of_setting(outcomes, setting)]
    return "\n\n".join((head, *filter(None, (_rates(outcomes, settings), _pairs(outcomes, settings)))))


def _rates(outcomes: Sequence[Outcome], settings: Sequence[Setting]) -> str:
    rows = [
        (f"{name}, {setting}", str(right(chosen)), str(inconclusive(chosen)), str(neither(chosen)))
        for name, kinds in (("drift planted", DRIFT), ("no drift", NO_DRIFT))
        for setting in settings
        if (chosen := of_kinds(of_setting(outcomes, setting), kinds))
    ]
    return _table(("plans", "right", "inconclusive", "neither (without drift: false alarm)"), rows)


def _pairs(outcomes: Sequence[Outcome], settings: Sequence[Setting]) -> str:
    rows = []
    for setting in settings:
        for kind in QUERY_DRIFT:
            found = found_pairs(of_kinds(of_setting(outcomes, setting), (kind,)))
            if found:
                low, high = found.mean - 1.96 * found.standard_error, min(1.0, found.mean + 1.96 * found.standard_error)
                rows.append((f"{kind}, {setting}", str(found.n), f"{found.mean:.3f} ({low:.3f} to {high:.3f})"))
    return _table(("drifted pairs", "draws", "F1, mean (95 % interval)"), rows) if rows else ""


def _kinds(outcomes: Sequence[Outcome], settings: Sequence[Setting]) -> str:
    rows = []
    for kind in (*NO_DRIFT, *DRIFT):
        chosen = [of_kinds(of_setting(outcomes, setting), (kind,)) for setting in settings]
        cells = (f"{right(c).count} / {inconclusive(c).count} / {neither(c).count}" if c else "" for c in chosen)
        rows.append((kind, *cells))
    return _table(("right / inconclusive / neither", *map(str, settings)), rows)


def _confusion(outcomes: Sequence[Outcome], settings: Sequence[Setting]) -> str:
    rows = []
    for setting in settings:
        counts = Counter((o.planted, o.named) for o in of_setting(outcomes, setting))
        planted = [cause for cause in PLANTED if any(cause == first for first, _ in counts)]
        rows += [
            (f"{CAUSE_WORDS[cause]}, {setting}", *(str(counts[cause, named] or "") for named in NAMED))
            for cause in planted
        ]
    return _table(("planted by named", *(CAUSE_WORDS[cause] for cause in NAMED)), rows)


def _wrong(outcomes: Sequence[Outcome]) -> str:
    """Name the draws that were neither right nor inconclusive, so that each can be drawn again."""
    wrong = [
        f"- {o.kind} {o.seed}, {Setting(is_hard=o.is_hard, with_pinned=o.with_pinned)}: {CAUSE_WORDS[o.named]} "
        f"({o.n_heldout} and {o.n_production} pairs)"
        for o in outcomes
        if o.is_neither
    ]
    return "\n".join(("Neither right nor inconclusive:", *(wrong or ["- none"])))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
