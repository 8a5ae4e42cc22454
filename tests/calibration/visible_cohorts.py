"""A cohort that errs and that texts or a slice column show, measured by the whole diagnosis.

Run a table with ``python -m tests.calibration.visible_cohorts DRAWS FIRST_SEED``.
"""

import sys
from datetime import timedelta

import numpy as np

from drift_core.canary.alarm import assess
from drift_core.canary.measure import canary_run
from drift_core.canary.run import CanaryRun
from drift_core.diagnosis.diagnose import diagnose
from drift_core.simulation.plan import Plan
from tests.calibration.alarms import START, Cell, first_alarm
from tests.calibration.planted import draw_planted


def visible_cohorts() -> list[Cell]:
    """A cohort of one topic, or over all topics but with a slice value of its own ("slice" in `grades`)."""
    return [
        Cell(agreement=agreement, n_pairs=200, cohort=0.1, grades=grades)
        for agreement in (0.85, 0.90, 0.95)
        for grades in ("topic", "slice")
    ]


HEAD = ("a cohort that is", "Spearman before", "median week", "by week 1", "by week 2")


def visible_cohort_row(cell: Cell, seeds: range) -> tuple[tuple[str, ...], list[int]]:
    """Measure the first two weeks of each seed by the whole diagnosis; gives a row and the first alarmed weeks."""
    firsts = [first_alarm([week.status == "alarm" for week in assess(_visible_weeks(cell, seed))]) for seed in seeds]
    first = np.array(firsts)
    kind = {"topic": "a topic of its own", "slice": "a value of a slice column"}[cell.grades]
    seen = (f"{np.median(first):.0f}", f"{np.mean(first <= 1):.0%}", f"{np.mean(first <= 2):.0%}")
    return (kind, f"{cell.agreement:.2f}", *seen), firsts


def _visible_weeks(cell: Cell, seed: int) -> list[CanaryRun]:
    planted = (
        {"new_shares": (cell.cohort,), "new_agreement": (cell.cohort_agreement,)}
        if cell.grades == "topic"
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
        made = diagnose(
            drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings
        )
        at = START + timedelta(weeks=number)
        runs.append(canary_run(made, at=at, recorded_at=at, teacher_revision="r"))
    return runs


if __name__ == "__main__":
    for each in visible_cohorts():
        drawn = range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[1]))
        print(*visible_cohort_row(each, drawn)[0], sep=" | ", flush=True)
