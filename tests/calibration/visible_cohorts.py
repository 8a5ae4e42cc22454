"""A cohort that errs and that texts or a slice column show, measured by the whole diagnosis.

Run a table with ``python -m tests.calibration.visible_cohorts DRAWS FIRST_SEED``.
"""

import sys
from dataclasses import replace
from datetime import timedelta

import numpy as np

from drift_core.canary.alarm import assess
from drift_core.canary.measure import canary_run
from drift_core.canary.registry import registry_of
from drift_core.canary.run import CanaryRun
from drift_core.diagnosis.diagnose import diagnose
from drift_core.regions.embeddings import QueryEmbeddings
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


N_WEEKS = 2

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
        n_production=cell.n_pairs * N_WEEKS,
        docs_per_query=(cell.docs, cell.docs),
        agreement=(cell.agreement,) * 5,
        with_texts=False,
        **planted,  # type: ignore[arg-type]  # either pair of fields
    )
    drawn = draw_planted(plan, seed=seed)
    heldout, production = drawn.heldout, drawn.production
    rng = np.random.default_rng(seed)
    if cell.grades == "labels":
        heldout = _labelled(heldout, np.zeros(len(heldout), dtype=bool), cell, rng)
        production = _labelled(production, drawn.drifted, cell, rng)
    week_of = rng.permutation(int(production.query_codes.max()) + 1)[production.query_codes] % N_WEEKS
    runs: list[CanaryRun] = []
    for number in range(N_WEEKS):
        rows = week_of == number
        week = production.without(~rows, unscored=np.zeros(len(rows), dtype=bool), problems=())
        embeddings = _of_rows(drawn.embeddings, rows)
        made = diagnose(heldout, week, embeddings=embeddings, doc_embeddings=_of_rows(drawn.doc_embeddings, rows))
        at = START + timedelta(weeks=number)
        known = registry_of(runs, embeddings)
        run = canary_run(made, at=at, recorded_at=at, teacher_revision="r", known=known)
        runs.append(replace(run, number=number + 1, production_digest=str(number)))  # two parts of one file
    return runs


def _of_rows(embeddings: QueryEmbeddings, rows: np.ndarray) -> QueryEmbeddings:
    """The embeddings of held-out and of some of production's rows."""
    production = embeddings.production[rows]
    used, codes = np.unique(np.concatenate([embeddings.heldout, production]), return_inverse=True)
    return replace(
        embeddings,
        texts=embeddings.texts[used],
        vectors=embeddings.vectors[used],
        heldout=codes[: len(embeddings.heldout)],
        production=codes[len(embeddings.heldout) :],
    )


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
