"""Rows of past weeks as canary runs: each checked, then turned into the run that it tells of.

Reading the cells is in `csv_columns`.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from drift_core.agreement.rule import Rule
from drift_core.canary.decision import CLOCK_TOLERANCE, Decision
from drift_core.canary.figures import HeldoutFigure
from drift_core.canary.run import CanaryRun
from drift_core.errors import InputError
from drift_core.history.csv_columns import NEEDED, RANGES, WHOLE, WITHDRAWN, Columns, row_of
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.fisher import ZScale, rank_z_error
from drift_core.measures.intervals import fisher_interval, proportion_interval, t_quantile
from drift_core.samples.score_kind import MEASURES, Measure
from drift_core.version import VERSION

Row = Mapping[str, Any]

CONFIDENCE = 0.95
GONE = ("null_degrees",)  # what exports of earlier versions carry and nothing reads
ELSEWHERE = "the same run stands in an earlier row, which tells otherwise whether it was withdrawn; keep one of them"
ROUNDING = 1e-6  # a spreadsheet saves fewer digits than were written


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a row; the sentence is the same for all rows with this kind of fault."""

    sentence: str
    found: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastWeeks:
    """The runs of a file, and by the key of a run the decision by which it does not count."""

    runs: tuple[CanaryRun, ...]
    withdrawn: Mapping[str, Decision]


def runs_from(columns: Columns, *, recorded_at: datetime) -> PastWeeks:
    """Turn all rows into runs, with the decisions by which they do not count.

    Raises
    ------
    InputError
        When anything in the file is wrong: every kind of fault, with its rows.
    """
    faults, runs = columns.faults, []
    decisions: dict[str, Decision | None] = {}
    for number, row in enumerate(columns.rows, start=1):
        if faults.has(number):  # a cell that could not be read: nothing more can be said of the row
            continue
        measured = {name: value for name, value in row.items() if name not in WITHDRAWN}
        made = _recorded(measured) if row.get("record") else _imported(measured, recorded_at)
        for fault in _faults_of_withdrawal(row, recorded_at):
            faults.add(fault.sentence, number, found=fault.found)
        if isinstance(made, CanaryRun):
            decision = _withdrawn(row, made)
            if decisions.setdefault(made.key, decision) != decision:
                faults.add(ELSEWHERE, number)
            runs.append(made)
            continue
        for fault in made:
            faults.add(fault.sentence, number, found=fault.found)
    faults.check()
    if not any(row.get("record") for row in columns.rows):
        runs.sort(key=lambda run: run.at)  # many list their weeks the newest first; an export tells the true order
    withdrawn = {key: decision for key, decision in decisions.items() if decision is not None}
    return PastWeeks(runs=tuple(runs), withdrawn=withdrawn)


def _withdrawn(row: Row, run: CanaryRun) -> Decision | None:
    at, by, reason = (row.get(name) for name in WITHDRAWN)
    if at is None or by is None or reason is None:
        return None
    return Decision(kind="withdraw", at=at, by=by, reason=reason, run_key=run.key)


def _faults_of_withdrawal(row: Row, now: datetime) -> Iterator[Fault]:
    if any(row.get(name) for name in WITHDRAWN) and not all(row.get(name) for name in WITHDRAWN):
        yield Fault(sentence=f"{', '.join(WITHDRAWN)}: expected all or none of them")
    at = row.get("withdrawn_at")
    if at is not None and at > now + CLOCK_TOLERANCE:
        yield Fault(sentence="withdrawn_at: expected a time up to now", found=f"{at:%Y-%m-%d %H:%M} UTC")


def _recorded(row: Row) -> CanaryRun | list[Fault]:
    """The run that a row carries whole, when the row's other cells say the same."""
    from drift_core.history.from_json import run_from

    try:
        run, document = run_from(row["record"]), json.loads(row["record"])
    except InputError as error:
        sentence = f"record: expected JSON as the export writes it, or an empty cell; {error}"
        return [Fault(sentence=sentence, found=row["record"])]
    held = row_of(run)
    differing = [name for name, value in row.items() if name != "record" and not _is_same(value, held[name])]
    if not _is_kept({name: value for name, value in document.items() if name not in GONE}, run.to_json()):
        return [Fault(sentence="record holds more than this version reads; update the package")]
    return [
        Fault(sentence=f"{name} is not what record holds; empty record to import the cells") for name in differing
    ] or run


def _is_same(given: Any, held: Any) -> bool:
    if isinstance(given, datetime) and isinstance(held, str):
        return abs((given - datetime.fromisoformat(held)).total_seconds()) < 1
    if isinstance(given, float | int) and isinstance(held, float | int):
        return abs(given - held) <= ROUNDING
    return bool(given == held)


def _is_kept(given: Any, held: Any) -> bool:
    """Whether nothing of a record was dropped; what an older version did not write yet has its default."""
    if isinstance(given, dict) and isinstance(held, dict):
        return all(name in held and _is_kept(value, held[name]) for name, value in given.items())
    if isinstance(given, list) and isinstance(held, list | tuple):
        return len(given) == len(held) and all(map(_is_kept, given, held))
    return bool(given == held)


def _imported(row: Row, recorded_at: datetime) -> CanaryRun | list[Fault]:
    faults = [*_faults_of_cells(row), *_faults_of_intervals(row), *_faults_between(row)]
    return faults or _run(row, recorded_at)


def _faults_of_cells(row: Row) -> Iterator[Fault]:
    for name in NEEDED:
        if row.get(name) is None:
            yield Fault(sentence=f"{name} is empty, and is needed")
    if _measure_of(row) is None:
        yield Fault(sentence=f"measure: expected one of {', '.join(MEASURES)}", found=row["measure"])
    for name, (low, high) in RANGES.items():
        value, is_whole = row.get(name), name in WHOLE
        if value is not None and not (low <= value <= high and (not is_whole or float(value).is_integer())):
            kind = "a whole number" if is_whole else "a number"
            yield Fault(sentence=f"{name}: expected {kind} in [{low}, {high}]", found=value)


def _faults_of_intervals(row: Row) -> Iterator[Fault]:
    for name in ("agreement", "overlap"):
        estimate, low, high = (row.get(f"{name}{limit}") for limit in ("", "_low", "_high"))
        if (low is None) != (high is None):
            yield Fault(sentence=f"{name}_low and {name}_high: expected both or neither")
        elif low is None or high is None:
            continue
        elif estimate is None:
            yield Fault(sentence=f"{name} is empty, and its interval is given")
        elif not low <= estimate <= high:
            yield Fault(sentence=f"{name} is outside its interval", found=f"{estimate:g} and [{low:g}, {high:g}]")


def _faults_between(row: Row) -> Iterator[Fault]:
    n_pairs, n_queries = row.get("n_pairs"), row.get("n_queries")
    if n_pairs is not None and n_queries is not None and n_queries > n_pairs:
        yield Fault(sentence="n_queries is larger than n_pairs", found=f"{n_queries:g} and {n_pairs:g}")
    if row.get("overlap") is not None and row.get("k") is None:
        yield Fault(sentence="k is empty, and overlap needs it")
    measure = _measure_of(row)
    if measure != "Spearman" and any((row.get(name) or 0) < 0 for name in ("agreement", "agreement_low", "baseline")):
        what = "an area" if measure == "area under the curve" else f"a share of pairs with the {measure}"
        yield Fault(sentence=f"agreement is below 0, and {what} is not")
    if measure == "same label" and row.get("overlap") is not None:
        yield Fault(sentence=f"overlap is given, and labels have none: leave it empty where measure is {measure}")
    if (row.get("baseline") is None) != (row.get("baseline_n_pairs") is None):
        yield Fault(sentence="baseline and baseline_n_pairs: expected both or neither")


def _run(row: Row, recorded_at: datetime) -> CanaryRun:
    n_pairs = int(row["n_pairs"])
    n_queries = int(row.get("n_queries") or n_pairs)
    k = int(row.get("k") or Rule().k)
    scale = ZScale(_measure_of(row) or "Spearman")
    agreement = _agreement(
        scale, row["agreement"], n_pairs, n_queries, low=row.get("agreement_low"), high=row.get("agreement_high")
    )
    return CanaryRun(
        at=row["at"],
        recorded_at=row.get("recorded_at") or recorded_at,
        student_version=row.get("student_version"),
        teacher_model=row.get("teacher_model"),
        teacher_revision=row["teacher_revision"],
        n_pairs=n_pairs,
        n_queries=n_queries,
        agreement=agreement,
        overlap=_overlap(row, k, n_pairs, n_queries),
        k=k,
        heldout=_heldout(row, scale),
        null_error=_z_error(agreement, scale),
        cause=row.get("cause"),
        version=VERSION,
        origin="import",
        is_ranked=scale.measure != "same label",
        is_answered=scale.measure == "area under the curve",
        is_area=scale.measure == "area under the curve",
    )


def _measure_of(row: Row) -> Measure | None:
    """Spearman where none is given, None where it is no measure."""
    given = str(row.get("measure") or "Spearman").casefold()
    return next((each for each in MEASURES if each.casefold() == given), None)


def _agreement(
    scale: ZScale, estimate: float, n_pairs: int, n_queries: int, *, low: float | None, high: float | None
) -> Measured:
    measured = _correlation if scale.is_ranked else _share
    found = measured(estimate, n_pairs, n_queries, low=low, high=high)
    return replace(found, is_share=scale.measure == "same label")


def _correlation(estimate: float, n_pairs: int, n_queries: int, *, low: float | None, high: float | None) -> Measured:
    error = rank_z_error(estimate, n_pairs) * (1 - estimate**2)
    if low is None or high is None:
        low, high = fisher_interval(estimate, error, n_queries=n_queries, degrees=n_queries - 1, confidence=CONFIDENCE)
    measured = Measured(
        estimate=estimate,
        low=low,
        high=high,
        confidence=CONFIDENCE,
        standard_error=error,
        n_pairs=n_pairs,
        n_queries=n_queries,
    )
    return replace(measured, standard_error=_z_error(measured, ZScale()) * (1 - estimate**2))


def _share(estimate: float, n_pairs: int, n_queries: int, *, low: float | None, high: float | None) -> Measured:
    """A share of pairs with the same label, or an area under the curve."""
    error, degrees = math.sqrt(estimate * (1 - estimate) / n_pairs), n_queries - 1
    if low is None or high is None:
        low, high = proportion_interval(estimate, error, n_queries=n_queries, degrees=degrees, confidence=CONFIDENCE)
    else:
        error = (high - low) / 2 / t_quantile(CONFIDENCE, degrees)
    return Measured(
        estimate=estimate,
        low=low,
        high=high,
        confidence=CONFIDENCE,
        standard_error=error,
        n_pairs=n_pairs,
        n_queries=n_queries,
    )


def _z_error(agreement: Measured, scale: ZScale) -> float:
    """Standard error on the scale of z, from the interval where it has a length there, else from the pairs."""
    if not scale.is_ranked:
        inside = 0 < agreement.estimate < 1 and agreement.standard_error > 0
        return scale.error(agreement) if inside else scale.sampling_error(agreement.estimate, agreement.n_pairs)
    if -1 < agreement.low < agreement.high < 1:
        length = math.atanh(agreement.high) - math.atanh(agreement.low)
        return length / 2 / t_quantile(agreement.confidence, agreement.n_queries - 1)
    return scale.sampling_error(agreement.estimate, agreement.n_pairs)


def _overlap(row: Row, k: int, n_pairs: int, n_queries: int) -> Measurement:
    share, low, high = (row.get(f"overlap{limit}") for limit in ("", "_low", "_high"))
    if share is None:
        return Unmeasured(reason="The imported week has no overlap.", n_pairs=n_pairs, n_queries=n_queries)
    if low is None or high is None:
        low, high = _score_interval(share, k)
    return Measured(
        estimate=share,
        low=low,
        high=high,
        confidence=CONFIDENCE,
        standard_error=math.sqrt(share * (1 - share) / k),
        n_pairs=n_pairs,
        n_queries=n_queries,
    )


def _score_interval(share: float, n: int) -> tuple[float, float]:
    """Limits of a fraction of n (Wilson, 1927)."""
    z = t_quantile(CONFIDENCE, math.inf)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _heldout(row: Row, scale: ZScale) -> HeldoutFigure | None:
    if row.get("baseline") is None:
        return None
    n_pairs = int(row["baseline_n_pairs"])
    agreement = _agreement(scale, row["baseline"], n_pairs, n_pairs, low=None, high=None)
    z_error = scale.sampling_error(agreement.estimate, n_pairs)
    return HeldoutFigure(digest=None, agreement=agreement, z_error=z_error)
