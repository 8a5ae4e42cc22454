"""A week drawn with unequal chances tells about the log that it was drawn from."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from drift_core import diagnose, read_pairs
from drift_core.canary.measure import canary_run
from drift_core.measures.error_level import error_reference
from drift_core.measures.influence import agreement_influence
from drift_core.measures.scores import scores_of
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import load_encoder
from drift_core.weekly_sample.sample import draw_week
from drift_core.weekly_sample.settings import WeekSettings

N_ROWS, N_DRAWS = 20_000, 4
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOPICS = {"web": "return shoes", "app": "late parcel", "beta": "warranty of batteries"}


def traffic(n, seed, *, share_of_beta):
    """One doc a query; in the cohort beta, which is new, the student follows the teacher at 0.3 only."""
    rng = np.random.default_rng(seed)
    cohort = rng.choice(list(TOPICS), size=n, p=[0.7 - share_of_beta, 0.3, share_of_beta])
    teacher, fidelity = rng.normal(size=n), np.where(cohort == "beta", 0.3, 0.95)
    student = fidelity * teacher + np.sqrt(1 - fidelity**2) * rng.normal(size=n)
    query = [f"{TOPICS[name]} number {seed} {i}" for i, name in enumerate(cohort)]
    return pd.DataFrame({"query": query, "teacher": teacher, "student": student, "cohort": cohort})


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    table = traffic(N_ROWS, 0, share_of_beta=0.01)
    table.to_parquet(path, index=False)
    return path, table


@pytest.fixture(scope="module")
def heldout():
    return read_pairs(traffic(400, 1, share_of_beta=0.0), name="held-out")


@pytest.fixture(scope="module")
def weeks(log, heldout):
    """Runs of weeks that were drawn from the log, each with its weights and without."""
    path, out = log[0], log[0].with_name("week.parquet")
    made = []
    for seed in range(N_DRAWS):
        draw_week([path], out, settings=WeekSettings(n=300, by="cohort", seed=seed))
        made.append([measured(heldout, read_pairs(out, columns=columns)) for columns in (None, {"weight": ""})])
    return made


def measured(heldout, week):
    embeddings = embed_queries(heldout, week, encoder=load_encoder("hashing"))
    made = diagnose(heldout, week, embeddings=embeddings)
    return canary_run(made, at=NOW, recorded_at=NOW, teacher_revision="r1")


def off(weeks, figure, truth):
    """How many standard errors the mean of a figure over the draws lies off, with weights and without."""
    found = np.array([[figure(run) for run in pair] for pair in weeks])
    return (found.mean(axis=0) - truth) / (found.std(axis=0, ddof=1) / np.sqrt(len(found)))


def cohort_of(run, name="beta"):
    return next(each for each in run.regions if (each.partition, each.name) == ("cohort", name))


def test_agreement_is_that_of_the_log_and_without_weights_it_is_not(log, weeks):
    table = log[1]
    truth = agreement_influence(table["student"].to_numpy(), table["teacher"].to_numpy()).estimate

    weighted, unweighted = off(weeks, lambda run: run.agreement.estimate, truth)

    assert abs(weighted) < 3
    assert unweighted < -4


def test_the_students_error_is_that_of_the_log_too(log, heldout, weeks):
    whole = scores_of(heldout, read_pairs(log[1]))
    truth = error_reference(whole[0]).of(whole[1]).mean()

    weighted, unweighted = np.mean([[run.error.level for run in pair] for pair in weeks], axis=0)

    # A week's level has a standard error of about 0.07, so the mean of four one of 0.035.
    assert weighted == pytest.approx(truth, abs=0.1)
    assert unweighted > truth + 0.3


def test_a_small_cohort_has_its_share_of_the_traffic_and_all_its_pairs(log, weeks):
    share = (log[1]["cohort"] == "beta").mean()

    for weighted, unweighted in weeks:
        with_weights, without = cohort_of(weighted), cohort_of(unweighted)
        assert with_weights.share == pytest.approx(share)
        assert without.share == pytest.approx(20 / unweighted.n_pairs)
        assert with_weights.n_pairs == without.n_pairs == 20
        assert with_weights.agreement.estimate == pytest.approx(without.agreement.estimate)
        assert sum(each.share for each in weighted.regions if each.partition == "cohort") == pytest.approx(1)


def test_new_traffic_has_its_share_of_the_traffic(log, weeks):
    share = (log[1]["cohort"] == "beta").mean()

    found = [weighted.new_traffic for weighted, _ in weeks if weighted.new_traffic]

    assert found
    assert all(each.share == pytest.approx(share, rel=0.5) for each in found)


def test_the_draw_scatters_no_more_than_the_run_says(weeks):
    estimates = np.array([pair[0].agreement.estimate for pair in weeks])
    errors = np.array([pair[0].agreement.standard_error for pair in weeks])

    assert estimates.std(ddof=1) < 1.6 * errors.mean()
