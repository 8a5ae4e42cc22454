"""A cohort that errs and that texts or a slice column show, measured by the whole diagnosis.

Run a table with ``python -m tests.calibration.visible_cohorts DRAWS FIRST_SEED``.
"""

import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np

from drift_core.canary.alarm import assess
from drift_core.canary.measure import canary_run
from drift_core.canary.run import CanaryRun
from drift_core.diagnosis.diagnose import diagnose
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import ScoreKind
from drift_core.simulation.plan import Plan
from tests.calibration.alarms import PASSES, START, Cell, first_alarm
from tests.calibration.planted import draw_planted


def visible_cohorts() -> list[Cell]:
    """A cohort of one topic, or over all topics but with a slice value of its own ("slice" in `grades`); and one of a
    topic of its own on which labels differ more often ("labels").
    """
    return [
        Cell(agreement=agreement, n_pairs=200, cohort=0.1, grades=grades)
        for agreement in (0.85, 0.90, 0.95)
        for grades in ("topic", "slice")
    ] + [Cell(agreement=0.95, n_pairs=200, cohort=0.1, grades="labels", cohort_agreement=0.65)]


HEAD = ("a cohort that is", "Spearman before", "median week", "by week 1", "by week 2")


def visible_cohort_row(cell: Cell, seeds: range) -> tuple[tuple[str, ...], list[int]]:
    """Measure the first two weeks of each seed by the whole diagnosis; gives a row and the first alarmed weeks."""
    firsts = [first_alarm([week.status == "alarm" for week in assess(_visible_weeks(cell, seed))]) for seed in seeds]
    first = np.array(firsts)
    kind = {
        "topic": "a topic of its own",
        "slice": "a value of a slice column",
        "labels": "a topic of its own, pass or fail",
    }[cell.grades]
    seen = (f"{np.median(first):.0f}", f"{np.mean(first <= 1):.0%}", f"{np.mean(first <= 2):.0%}")
    return (kind, f"{cell.agreement:.2f}", *seen), firsts


def _visible_weeks(cell: Cell, seed: int) -> list[CanaryRun]:
    planted = (
        {"new_shares": (cell.cohort,), "new_agreement": (cell.cohort_agreement,)}
        if cell.grades != "slice"
        else {"cohort_share": cell.cohort, "cohort_agreement": cell.cohort_agreement}
    )
    plan = Plan(
        n_heldout=cell.n_heldout,
        n_production=cell.n_pairs,
        docs_per_query=(cell.docs, cell.docs),
        agreement=(cell.agreement,) * 5,
        with_texts=False,
        **planted,  # type: ignore[arg-type]  # either pair of fields
    )
    runs = []
    for number in range(2):
        drawn = draw_planted(plan, seed=2 * seed + number)
        samples = drawn.heldout, drawn.production
        if cell.grades == "labels":
            rng = np.random.default_rng([seed, number])
            cohorts = np.zeros(len(samples[0]), dtype=bool), drawn.drifted
            samples = _labelled(samples[0], cohorts[0], cell, rng), _labelled(samples[1], cohorts[1], cell, rng)
        made = diagnose(*samples, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
        at = START + timedelta(weeks=number)
        runs.append(canary_run(made, at=at, recorded_at=at, teacher_revision="r"))
    return runs


def _labelled(sample: ScoredPairs, is_cohort: np.ndarray, cell: Cell, rng: np.random.Generator) -> ScoredPairs:
    """The sample with answers to pass or fail in place of its scores."""
    teacher = (rng.random(len(sample)) < PASSES) * 1.0
    is_off = rng.random(len(sample)) < np.where(is_cohort, 1 - cell.cohort_agreement, 1 - cell.agreement)
    student = np.where(is_off, 1 - teacher, teacher)
    return replace(sample, teacher=teacher, student=student, kind=ScoreKind(name="binary", labels=("fail", "pass")))


if __name__ == "__main__":
    for each in visible_cohorts():
        drawn = range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[1]))
        print(*visible_cohort_row(each, drawn)[0], sep=" | ", flush=True)
