"""How often outputs of two samples drawn alike are called further apart than usual, and coverage of their entropy."""

from itertools import product

import numpy as np
import pytest

from drift_core.distributions.measure_entropy import measure_entropy
from drift_core.distributions.output_distances import OutputDistances, compare_outputs
from drift_core.distributions.output_entropy import OutputEntropy
from drift_core.measures.scores import Scores
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import fewest, most

N_DRAWS = 400
SHARED = 0.4  # correlation of two pairs of one query
SIZES, DOCS = ((300, 300), (300, 2_000), (2_000, 300)), (1, 5)
CUTS = (-1.2, 0.3)  # of three classes, of 12, 50 and 38 %
KINDS = {"scores": NUMERIC, "three classes": ScoreKind(name="nominal", labels=("a", "b", "c"))}


def draw(n: int, docs: int, kind: str, rng: np.random.Generator) -> Scores:
    """A teacher's scores with what pairs of one query share, and a student that differs from it a little."""
    of_query = np.repeat(rng.normal(size=n // docs), docs)
    teacher = np.sqrt(SHARED) * of_query + np.sqrt(1 - SHARED) * rng.normal(size=n)
    student = 0.95 * teacher + 0.31 * rng.normal(size=n)
    queries = None if docs == 1 else np.repeat(np.arange(n // docs), docs)
    if kind == "scores":
        return Scores(student=student, teacher=teacher, queries=queries)
    sides = [np.searchsorted(CUTS, each).astype(float) for each in (student, teacher)]
    return Scores(student=sides[0], teacher=sides[1], queries=queries, is_ranked=False)


def compared(sizes: tuple[int, int], docs: tuple[int, int], kind: str, n_draws: int) -> list[OutputDistances]:
    rng = np.random.default_rng([*sizes, *docs, len(kind)])
    found = []
    for _ in range(n_draws):
        samples = (draw(n, each, kind, rng) for n, each in zip(sizes, docs, strict=True))
        made = compare_outputs(*samples, kind=KINDS[kind])
        assert isinstance(made, OutputDistances)
        found.append(made)
    return found


def above(found: list[OutputDistances]) -> dict[str, int]:
    """How many of them are further apart than usual, by comparison and distance."""
    counts = {}
    for name, distance in product(("student", "production"), ("jensen_shannon", "wasserstein")):
        told = [getattr(getattr(each, name), distance) for each in found]
        if None not in told:
            counts[f"{name} {distance}"] = sum(each.is_above for each in told)
    return counts


def test_samples_drawn_alike_are_seldom_further_apart_than_usual() -> None:
    n_draws = 60
    found = above(compared((300, 500), (5, 5), "scores", n_draws))

    assert set(found) == {
        *("student jensen_shannon", "student wasserstein", "production jensen_shannon", "production wasserstein")
    }
    assert max(found.values()) <= most(n_draws, 0.08)


@pytest.mark.slow
@pytest.mark.parametrize(("sizes", "docs", "kind"), list(product(SIZES, DOCS, KINDS)))
def test_false_alarms_of_distances(sizes: tuple[int, int], docs: int, kind: str, tables: MeasuredTables) -> None:
    found = above(compared(sizes, (docs, docs), kind, N_DRAWS))

    names = ("student jensen_shannon", "student wasserstein", "production jensen_shannon", "production wasserstein")
    head = ("outputs", "held-out, production", "pairs a query", "between samples: Jensen-Shannon", "Wasserstein")
    head += ("teacher against student: Jensen-Shannon", "Wasserstein")
    told = [f"{found[name] / N_DRAWS:.1%}" if name in found else "-" for name in names]
    row = (kind, f"{sizes[0]:,}, {sizes[1]:,}", str(docs), *told)
    tables.add("output distances", head, row, n_rows=len(SIZES) * len(DOCS) * len(KINDS), how=f"{N_DRAWS} draws a row")
    for name, count in found.items():
        assert count <= most(N_DRAWS, 0.08), name


ENTROPY_DRAWS = 1_000


@pytest.mark.slow
@pytest.mark.parametrize(("n", "docs"), list(product((100, 300, 2_000), DOCS)))
def test_coverage_of_entropy(n: int, docs: int, tables: MeasuredTables) -> None:
    """Of scores in held-out's bins, and of three classes, against a sample of 400,000 pairs."""
    rng = np.random.default_rng([n, docs])
    row = []
    for kind in KINDS:
        heldout = draw(2_000, 1, kind, rng)
        truth = measure_entropy(heldout, draw(400_000, 1, kind, rng), kind=KINDS[kind])
        assert isinstance(truth, OutputEntropy)
        found = [measure_entropy(heldout, draw(n, docs, kind, rng), kind=KINDS[kind]) for _ in range(ENTROPY_DRAWS)]
        measured = [each.student for each in found if isinstance(each, OutputEntropy)]
        held = sum(each.low <= truth.student.estimate <= each.high for each in measured)
        bias = float(np.mean([each.estimate for each in measured])) - truth.student.estimate
        row.append(f"{held / len(measured):.1%}, {bias:+.3f}")
        assert held >= fewest(len(measured), 0.92), (kind, held)
    head = ("pairs", "pairs a query", "scores: interval, bias in bits", "three classes: interval, bias in bits")
    tables.add("output entropy", head, (f"{n:,}", str(docs), *row), n_rows=6, how=f"{ENTROPY_DRAWS:,} draws a figure")
