"""Calibration: who is called calibrated, what a temperature fitted on few pairs costs, and whether thresholds keep."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

from drift_core.calibration.bins import Side, bins_for, equal_mass_bins
from drift_core.calibration.calibrate_classes import fit_class_map
from drift_core.calibration.calibration_error import measure_calibration
from drift_core.calibration.class_calibration import measure_labelled_calibration, moved_chances, of_answer
from drift_core.calibration.recalibrate import applied, fit_map, log_loss
from drift_core.calibration.threshold import Error, Threshold, set_threshold
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.class_probabilities import written_chances
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import Rate, fewest, most
from tests.drift_core.calibration.answered import draw_answers
from tests.drift_core.calibration.labelled import SHARES, draw_labelled

N, N_DRAWS = 500, 1_000
DOCS, BASES = (1, 5), (0.5, 0.9)
SURE = 2.0  # what a student that is too sure multiplies its logits by; the best temperature
FRESH = (500, 2_000)  # the more fresh pairs, the less of the error is noise, which both temperatures share
N_REFERENCE = 400_000  # pairs that stand for all traffic
LEVEL = 0.05
BAD = 0.06  # share of queries of which all scores are far too low

N_LABELLED = 200
LABELS = ("a", "b", "c")

Draw = Callable[..., Scores]


def _with_bad_queries(n: int, rng: np.random.Generator, *, docs: int, base: float) -> Scores:
    drawn = draw_answers(n, rng, docs=docs, base=base)
    is_bad = np.repeat(rng.random(n // docs) < BAD, docs)
    return replace(drawn, student=np.where(is_bad, drawn.student / 10, drawn.student))


WORLDS: dict[str, Draw] = {
    "calibrated": draw_answers,
    "too sure and too kind": lambda n, rng, **how: draw_answers(n, rng, slope=SURE, shift=1.0, **how),
    "skewed": lambda n, rng, **how: draw_answers(n, rng, skew=True, **how),
    "whole queries wrong": _with_bad_queries,
}


def called_calibrated(docs: int, base: float, n_draws: int) -> Rate:
    rng = np.random.default_rng([86_000, docs, int(100 * base)])
    found = [measure_calibration(draw_answers(N, rng, docs=docs, base=base), seed=seed) for seed in range(n_draws)]
    return Rate(
        count=sum(not isinstance(each, Unmeasured) and each.reading == "calibrated" for each in found), n=n_draws
    )


def in_bins(answers: Scores) -> float:
    bins = equal_mass_bins(answers.student, answers.relative_weights, n_bins=bins_for(len(answers)))
    return float(np.abs(Side.of(answers, bins).sums).sum())


def after_temperature(docs: int, base: float, n_fresh: int, n_draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Calibration error and log loss on fresh pairs, by the temperature fitted on N pairs and by the best one."""
    rng = np.random.default_rng([87_000, docs, int(100 * base), n_fresh])
    errors, losses = np.empty((n_draws, 2)), np.empty((n_draws, 2))
    for draw in range(n_draws):
        fitted = fit_map(draw_answers(N, rng, docs=docs, base=base, slope=SURE), "temperature", is_probability=True)
        fresh = draw_answers(n_fresh, rng, docs=docs, base=base, slope=SURE)
        both = [applied(each, fresh) for each in (fitted, fitted.model_copy(update={"slope": 1 / SURE}))]
        errors[draw] = [in_bins(each) for each in both]
        losses[draw] = [log_loss(each.student, each) for each in both]
    return errors, losses


def kept(world: str, error: Error, docs: int, base: float, n_draws: int) -> tuple[Rate, float]:
    """How often the error of all traffic keeps to the level, and its mean."""
    draw, rng = WORLDS[world], np.random.default_rng([88_000, docs, int(100 * base), len(world), len(error)])
    traffic = draw(N_REFERENCE, rng, docs=docs, base=base)
    asked = np.sort(traffic.student[traffic.teacher == (error == "misses")])
    true = []
    for _ in range(n_draws):
        found = set_threshold(draw(size_for(base), rng, docs=docs, base=base), error, level=LEVEL)
        if isinstance(found, Threshold):
            under = float(np.searchsorted(asked, found.value) / len(asked))
            true.append(under if error == "misses" else 1 - under)
    return Rate(count=sum(each <= LEVEL for each in true), n=len(true)), float(np.mean(true))


def size_for(base: float) -> int:
    """Pairs; more where one answer is rare, or no threshold could be sure."""
    return {0.5: 500, 0.9: 2_000, 0.98: 8_000}[base]


@pytest.mark.parametrize("docs", DOCS)
def test_a_calibrated_student_is_called_so_as_often_as_promised(docs: int) -> None:
    assert called_calibrated(docs, 0.5, 40).count >= fewest(40, 0.95)


@pytest.mark.parametrize("error", ["misses", "false_passes"])
def test_a_threshold_keeps_its_level_as_often_as_promised(error: Error) -> None:
    rate, _ = kept("whole queries wrong", error, 5, 0.5, 100)

    assert rate.count >= fewest(100, 0.95)


def test_a_temperature_fitted_on_few_pairs_is_nearly_the_best() -> None:
    errors, losses = after_temperature(5, 0.5, 500, 20)

    assert errors[:, 0].mean() <= 1.2 * errors[:, 1].mean()
    assert losses[:, 0].mean() <= 1.02 * losses[:, 1].mean()


@pytest.mark.slow
@pytest.mark.parametrize(("docs", "base"), list(product(DOCS, BASES)))
def test_calibrated_students(docs: int, base: float, tables: MeasuredTables) -> None:
    rate = called_calibrated(docs, base, N_DRAWS)

    head, n_rows = ("pairs a query", "pass rate", "called calibrated"), len(DOCS) * len(BASES)
    tables.add("calibrated", head, (str(docs), f"{base:.0%}", str(rate)), n_rows=n_rows, how=f"{N} pairs a draw")
    assert rate.count >= fewest(N_DRAWS, 0.95)


@pytest.mark.slow
@pytest.mark.parametrize(("docs", "base"), list(product(DOCS, BASES)))
def test_temperatures(docs: int, base: float, tables: MeasuredTables) -> None:
    head, row = ("pairs a query", "pass rate"), (str(docs), f"{base:.0%}")
    for n_fresh, highest in zip(FRESH, (1.2, 1.25), strict=True):
        errors, losses = after_temperature(docs, base, n_fresh, N_DRAWS)
        (fitted, best), of_losses = errors.mean(axis=0), losses[:, 0].mean() / losses[:, 1].mean()
        head = (*head, f"{n_fresh:,} fresh: fitted, best", "ratio", "of log loss")
        row = (*row, f"{fitted:.2%}, {best:.2%}", f"{fitted / best:.3f}", f"{of_losses:.4f}")
        assert fitted / best <= highest
    how = f"{N_DRAWS:,} temperatures fitted on {N} pairs a figure"
    tables.add("temperatures", head, row, n_rows=len(DOCS) * len(BASES), how=how)


THRESHOLDS = list(product(WORLDS, DOCS, (0.5, 0.9, 0.98)))


@pytest.mark.slow
@pytest.mark.parametrize(("world", "docs", "base"), THRESHOLDS)
def test_thresholds(world: str, docs: int, base: float, tables: MeasuredTables) -> None:
    found = [kept(world, error, docs, base, N_DRAWS) for error in ("misses", "false_passes")]

    head = ("student", "pairs a query", "pass rate", "pairs", "misses kept", "on average", "false passes kept")
    head = (*head, "on average")
    told = [cell for rate, mean in found for cell in (f"{rate.estimate:.1%} of {rate.n:,}", f"{mean:.1%}")]
    row = (world, str(docs), f"{base:.0%}", f"{size_for(base):,}", *told)
    how = f"{N_DRAWS:,} draws a figure, level {LEVEL:.0%}, confidence 95 %"
    tables.add("thresholds", head, row, n_rows=len(THRESHOLDS), how=how)
    for rate, _ in found:
        assert rate.count >= fewest(rate.n, 0.95)


def labelled_called_calibrated(shares: str, docs: int, n_draws: int) -> Rate:
    rng, count = np.random.default_rng([162, docs, len(shares)]), 0
    for seed in range(n_draws):
        scores, chances = draw_labelled(N, rng, docs=docs, shares=shares)
        labels = [str(place) for place in range(chances.shape[1])]
        found = measure_labelled_calibration(scores, chances, labels, seed=seed)
        count += not isinstance(found, Unmeasured) and found.reading == "calibrated"
    return Rate(count=count, n=n_draws)


def labelled_after_temperature(docs: int, n_draws: int) -> np.ndarray:
    """Error in bins of the answer on fresh pairs, by the temperature fitted on N pairs and by the best one."""
    rng, errors = np.random.default_rng([161, docs]), []
    for _ in range(n_draws):
        fitted = fit_class_map(*draw_labelled(N, rng, docs=docs, slope=SURE), LABELS, "temperature")
        best = fitted.model_copy(update={"slopes": (1 / SURE,) * len(LABELS)})
        fresh, chances = draw_labelled(N, rng, docs=docs, slope=SURE)
        errors.append([in_bins(of_answer(fresh, each.apply(chances))) for each in (fitted, best)])
    return np.mean(errors, axis=0)


def labelled_said_to_move(shares: str, docs: int, n_draws: int) -> Rate:
    rng, count = np.random.default_rng([171, docs, len(shares)]), 0
    for seed in range(n_draws):
        samples = [_labelled_sample(rng, shares, docs) for _ in range(2)]
        found = moved_chances(*samples, scores_of(*samples), None, "held", seed=seed)
        count += found is not None and found.state in ("moved", "came right")
    return Rate(count=count, n=n_draws)


def _labelled_sample(rng: np.random.Generator, shares: str, docs: int) -> ScoredPairs:
    scores, chances = draw_labelled(N, rng, docs=docs, shares=shares)
    labels = np.array([f"label {place}" for place in range(chances.shape[1])])
    given = {"teacher": labels[scores.teacher.astype(int)], "student": written_chances(chances, labels)}
    return read_pairs(pd.DataFrame({"query": [f"query {place // docs}" for place in range(N)]} | given))


@pytest.mark.slow
@pytest.mark.parametrize(("shares", "docs"), list(product(SHARES, DOCS)))
def test_labels_whose_probabilities_did_not_move(shares: str, docs: int) -> None:
    assert labelled_said_to_move(shares, docs, N_LABELLED).count <= most(N_LABELLED, 0.005)


@pytest.mark.slow
@pytest.mark.parametrize(("shares", "docs"), list(product(SHARES, DOCS)))
def test_calibrated_students_of_labels(shares: str, docs: int, tables: MeasuredTables) -> None:
    rate = labelled_called_calibrated(shares, docs, N_LABELLED)

    row = ("five" if shares == "five" else f"three, {shares}", str(docs), str(rate))
    how = f"{N} pairs a draw"
    tables.add("calibrated labels", ("labels", "pairs a query", "called calibrated"), row, n_rows=6, how=how)
    assert rate.count >= fewest(N_LABELLED, 0.95)


@pytest.mark.slow
@pytest.mark.parametrize("docs", DOCS)
def test_temperatures_of_labels(docs: int) -> None:
    fitted, best = labelled_after_temperature(docs, 100)

    assert fitted <= 1.2 * best
