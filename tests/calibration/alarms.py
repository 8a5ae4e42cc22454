"""Simulated years of a weekly canary: how often a stable student alarms, and how soon a fall does."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

import numpy as np
from scipy import special, stats

from drift_core.agreement.rule import Rule
from drift_core.canary.alarm import assess
from drift_core.canary.error_scatter import reference_degrees, scatter_at
from drift_core.canary.figures import ErrorFigure, HeldoutFigure
from drift_core.canary.run import CanaryRun
from drift_core.canary.textbook_rule import textbook_fires
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement as measure_agreement
from drift_core.measures.error_level import Reference, error_reference, query_sizes
from drift_core.measures.fisher import ZScale
from drift_core.measures.influence import agreement_influence
from drift_core.measures.overlap import overlap_curve
from drift_core.measures.scores import Scores
from tests.calibration.rates import Rate

WEEKS = 52
SHARED = 0.3  # of the relevance, and of the student's error, that docs of one query have in common
START = datetime(2026, 1, 5, tzinfo=UTC)
GRADES = special.ndtri(np.array([0.25, 0.5, 0.75]))
NEVER = 99
PASSES = 0.7  # share of pairs that a teacher with labels lets pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One kind of year. `grades`: "none"; "teacher" 0-3; "both" 0-3; "labels" pass or fail, of which agreement is the
    share of equal ones; "answers" the teacher's pass or fail and the student's probability, of which it is the rank
    correlation before the teacher's are cut in two. `tails` are the degrees of freedom of the errors' t distribution,
    None normal. The fall begins in the first week.
    """

    agreement: float
    n_pairs: int
    docs: int = 1
    grades: str = "none"
    n_heldout: int = 1000
    cohort: float = 0.0  # share of traffic
    cohort_agreement: float = 0.5
    slope: float = 0.0  # agreement lost each week
    tails: int | None = None


def draw(cell: Cell, n: int, latent: float, rng: np.random.Generator, cohort: float = 0.0) -> Scores:
    if cell.grades == "labels":
        return _draw_labels(cell, n, latent, rng, cohort)
    n_queries = n // cell.docs
    query = np.repeat(np.arange(n_queries), cell.docs)

    def scattered(tails: int | None = None) -> np.ndarray:
        def noise(size: int) -> np.ndarray:
            return rng.normal(size=size) if tails is None else rng.standard_t(tails, size) * np.sqrt(1 - 2 / tails)

        own, part = noise(len(query)), np.sqrt(SHARED)
        return own if cell.docs == 1 else part * noise(n_queries)[query] + np.sqrt(1 - SHARED) * own

    teacher, error = scattered(), scattered(cell.tails)
    is_cohort = (rng.random(n_queries) < cohort)[query]
    fidelity = np.where(is_cohort, latent_of(cell.cohort_agreement, "none"), latent)
    student = fidelity * teacher + np.sqrt(1 - fidelity**2) * error
    queries = None if cell.docs == 1 else query
    if cell.grades == "answers":
        passes = (teacher < special.ndtri(PASSES)) * 1.0
        return Scores(student=special.ndtr(-student), teacher=passes, queries=queries, is_answered=True)
    if cell.grades != "none":
        teacher = np.searchsorted(GRADES, teacher).astype(float)
    if cell.grades == "both":
        student = np.searchsorted(GRADES, student).astype(float)
    return Scores(student=student, teacher=teacher, queries=queries)


def _draw_labels(cell: Cell, n: int, agreement: float, rng: np.random.Generator, cohort: float) -> Scores:
    n_queries = n // cell.docs
    query = np.repeat(np.arange(n_queries), cell.docs)

    def happens(rate: float | np.ndarray) -> np.ndarray:
        shared, own = rng.normal(size=n_queries)[query], rng.normal(size=len(query))
        part = SHARED if cell.docs > 1 else 0.0
        return np.asarray(np.sqrt(part) * shared + np.sqrt(1 - part) * own < special.ndtri(rate))

    is_cohort = (rng.random(n_queries) < cohort)[query]
    teacher, is_off = happens(PASSES), happens(np.where(is_cohort, 1 - cell.cohort_agreement, 1 - agreement))
    queries, student = None if cell.docs == 1 else query, (teacher ^ is_off) * 1.0
    return Scores(student=student, teacher=teacher * 1.0, queries=queries, is_ranked=False)


@cache
def latent_of(agreement: float, grades: str) -> float:
    """Correlation of the normal scores behind a Spearman agreement, with grades by bisection on a large sample."""
    if grades == "labels":
        return agreement
    if grades in ("none", "answers"):
        return float(2 * np.sin(np.pi * agreement / 6))
    rng = np.random.default_rng(0)
    teacher, error = rng.normal(size=(2, 200_000))
    graded = np.searchsorted(GRADES, teacher)
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        student = middle * teacher + np.sqrt(1 - middle**2) * error
        reached = stats.spearmanr(np.searchsorted(GRADES, student) if grades == "both" else student, graded)[0]
        low, high = (middle, high) if reached < agreement else (low, middle)
    if high == 1.0:
        raise ValueError(f"Agreement {agreement} cannot be reached with grades {grades}.")
    return middle


def measured(scores: Scores) -> Measured:
    if scores.measure != "Spearman":
        found = measure_agreement(scores)
        assert isinstance(found, Measured)
        return found
    estimate = agreement_influence(scores.student, scores.teacher).estimate
    error = np.sqrt(1.06 / (len(scores) - 3))
    z = np.arctanh(min(estimate, 1 - 1e-9))
    return Measured(
        estimate=estimate,
        low=float(np.tanh(z - 1.96 * error)),
        high=float(np.tanh(z + 1.96 * error)),
        confidence=0.95,
        standard_error=float(error * (1 - estimate**2)),
        n_pairs=len(scores),
        n_queries=scores.n_queries,
    )


def year(cell: Cell, seed: int, n_weeks: int = WEEKS) -> list[CanaryRun]:
    """Draw a held-out and the weeks of one year as canary runs."""
    rng = np.random.default_rng(seed)
    latent = latent_of(cell.agreement, cell.grades)
    heldout = draw(cell, cell.n_heldout, latent, rng)
    reference = error_reference(heldout)
    assert reference is not None
    at_ship = measured(heldout)
    figure = HeldoutFigure(
        digest="heldout",
        agreement=at_ship,
        z_error=ZScale(heldout.measure).error(at_ship),
        error=_figure(reference, 1.0, heldout),
    )
    template: CanaryRun | None = None
    runs: list[CanaryRun] = []
    for week in range(n_weeks):
        now = max(round(cell.agreement - cell.slope * (week + 1), 4), 0.05)
        scores = draw(cell, cell.n_pairs, latent_of(now, cell.grades), rng, cell.cohort)
        agreement = measured(scores)
        overlap = float(overlap_curve(scores.student, scores.teacher)[9])
        level = float(reference.of(scores).mean())
        error = _figure(reference, level, scores) if template is None else replace(runs[0].error, level=level)
        at = START + timedelta(weeks=week)
        if template is None:
            template = CanaryRun(
                at=at,
                recorded_at=at,
                teacher_revision="r",
                n_pairs=len(scores),
                n_queries=scores.n_queries,
                agreement=agreement,
                overlap=replace(agreement, estimate=overlap),
                k=10,
                heldout=figure,
                error=error,
                is_ranked=heldout.is_ranked,
                is_answered=heldout.is_answered,
            )
        runs.append(
            replace(
                template,
                at=at,
                recorded_at=at,
                agreement=agreement,
                overlap=replace(agreement, estimate=overlap),
                error=error,
                production_digest=str(week),
            )
        )
    return runs


def _figure(reference: Reference, level: float, scores: Scores) -> ErrorFigure:
    scatter = scatter_at(reference, query_sizes(scores))
    return ErrorFigure(
        level=level, variance=scatter.variance, third=scatter.third, degrees=reference_degrees(reference)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """First alarmed week of ours and of the textbook's rule, counted from 1, and how many weeks each alarms."""

    first: int
    n_alarms: int
    strict_first: int
    n_strict: int


def judge(cell: Cell, seed: int, n_weeks: int = WEEKS) -> Year:
    weeks = assess(year(cell, seed, n_weeks))
    ours = [week.status == "alarm" for week in weeks]
    strict = [textbook_fires(week, before, Rule()) for week, before in zip(weeks, [None, *weeks[:-1]], strict=True)]
    return Year(first=first_alarm(ours), n_alarms=sum(ours), strict_first=first_alarm(strict), n_strict=sum(strict))


def first_alarm(fired: Sequence[bool]) -> int:
    return fired.index(True) + 1 if True in fired else NEVER


def stable_cells() -> list[Cell]:
    kinds = [("none", (0.85, 0.92, 0.98)), ("teacher", (0.85, 0.90)), ("both", (0.98,))]
    return [
        Cell(agreement=agreement, n_pairs=n, docs=docs, grades=grades)
        for grades, agreements in (*kinds, ("labels", (0.92, 0.97)))
        for agreement, n, docs in product(agreements, (100, 200, 500), (1, 5))
    ]


def heavy_cells() -> list[Cell]:
    """Stable years whose errors have heavy tails."""
    usual = Cell(agreement=0.92, n_pairs=200, docs=5, tails=5)
    return [
        *(replace(usual, tails=tails, docs=docs) for tails, docs in product((5, 3), (1, 5))),
        *(replace(usual, agreement=agreement) for agreement in (0.85, 0.98)),
        *(replace(usual, n_pairs=n) for n in (100, 500)),
        *(replace(usual, n_heldout=n) for n in (300, 5000)),
        replace(usual, agreement=0.85, grades="teacher"),
        replace(usual, agreement=0.98, docs=1, grades="both"),
    ]


def falling_cells() -> list[Cell]:
    return [
        Cell(agreement=agreement, n_pairs=200, docs=docs, cohort=cohort, slope=slope)
        for cohort, slope in ((0.1, 0.0), (0.0, 0.01))
        for agreement in (0.90, 0.92, 0.95, 0.97)
        for docs in (1, 5)
    ] + [
        Cell(agreement=0.95, n_pairs=200, docs=docs, grades="labels", cohort=0.1, cohort_agreement=0.65)
        for docs in (1, 5)
    ]


def _judge_all(work: tuple[Cell, int, range]) -> list[Year]:
    cell, n_weeks, seeds = work
    return [judge(cell, seed, n_weeks) for seed in seeds]


def run_cell(cell: Cell, seeds: range, *, n_weeks: int = WEEKS, pool: ProcessPoolExecutor | None = None) -> list[Year]:
    if pool is None:
        return _judge_all((cell, n_weeks, seeds))
    parts = [(cell, n_weeks, seeds[start : start + 50]) for start in range(0, len(seeds), 50)]
    return [each for part in pool.map(_judge_all, parts) for each in part]


STABLE_HEAD = ("scores 0-3", "Spearman", "pairs a week", "docs a query", "any alarm a year", "textbook's rule")


def stable_row(cell: Cell, years: Sequence[Year]) -> tuple[str, ...]:
    """Say how often a kind of stable year has any alarm, and how often a year the textbook's rule fires."""
    rate = Rate(count=sum(each.n_alarms > 0 for each in years), n=len(years))
    strict = np.mean([each.n_strict for each in years])
    who = "no one" if cell.grades == "none" else cell.grades
    sizes = (f"{cell.agreement:.2f}", str(cell.n_pairs), str(cell.docs))
    return (who, *sizes, str(rate), f"{strict:.1f} alarms a year")


HEAVY_HEAD = ("errors", "scores", "agreement", "pairs a week", "held-out", "docs a query", "any alarm a year")
GRADES_IN_WORDS = {"none": "continuous", "teacher": "0-3 of the teacher", "both": "0-3 of both"}


def heavy_row(cell: Cell, years: Sequence[Year]) -> tuple[str, ...]:
    """Say how often a kind of stable year with heavy tails has any alarm."""
    rate = Rate(count=sum(each.n_alarms > 0 for each in years), n=len(years))
    errors = "normal" if cell.tails is None else f"t({cell.tails})"
    sizes = (f"{cell.agreement:.2f}", str(cell.n_pairs), f"{cell.n_heldout:,}", str(cell.docs))
    return (errors, GRADES_IN_WORDS[cell.grades], *sizes, str(rate))


FALLING_HEAD = (
    *("change", "Spearman before", "docs a query", "median week", "by week 1", "by week 2", "by week 4", "by week 5"),
    "textbook's rule, median week",
)


def falling_row(cell: Cell, years: Sequence[Year]) -> tuple[str, ...]:
    """Say by which week a fall is seen, and in which the textbook's rule first fires."""
    first, strict = (np.array([getattr(each, name) for each in years]) for name in ("first", "strict_first"))
    kind = f"a cohort of {cell.cohort:.0%}" if cell.cohort else f"a fall of {cell.slope:.2f} a week"
    seen = (f"{np.mean(first <= week):.0%}" for week in (1, 2, 4, 5))
    return (kind, f"{cell.agreement:.2f}", str(cell.docs), f"{np.median(first):.0f}", *seen, f"{np.median(strict):.0f}")
