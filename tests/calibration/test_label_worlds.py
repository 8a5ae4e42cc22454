"""Causes of judges that answer with labels: right where something drifted, quiet where nothing did."""

import pytest

from tests.calibration.label_worlds import JUDGES, QUIET, Draw, diagnose_draw, outcome_row
from tests.calibration.measured import MeasuredTables
from tests.calibration.rates import fewest, most
from tests.calibration.worlds import SHORT
from tests.sweeps import sweep

FIRST_SEED = 94_000  # apart from the seeds that the method was made with
CLEAR = ("new topics, clear", "new docs, clear", "teacher, clear", "teacher, clear, pinned", "both, clear, pinned")
HEAD = ("judge", "design", "draws", "right", *SHORT.values(), "F1")
N_DRAWS = 20


@pytest.mark.parametrize("judge", sweep(("pass or fail", "three classes"), "three classes"))
def test_a_new_topic_is_named_and_nothing_where_nothing_drifted(judge: str) -> None:
    seeds = range(FIRST_SEED, FIRST_SEED + 3)
    quiet = [diagnose_draw(Draw(judge=judge, design="nothing", seed=seed)) for seed in seeds]
    drifted = [diagnose_draw(Draw(judge=judge, design="new topics, clear", seed=seed)) for seed in seeds]

    assert all(each.named in ("healthy", "inconclusive") for each in quiet)
    assert sum(each.is_right for each in drifted) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("judge", list(JUDGES))
@pytest.mark.parametrize("design", [*QUIET, *CLEAR])
def test_causes_of_labels(judge: str, design: str, tables: MeasuredTables) -> None:
    draws = [Draw(judge=judge, design=design, seed=seed) for seed in range(FIRST_SEED, FIRST_SEED + N_DRAWS)]
    outcomes = [diagnose_draw(each) for each in draws]
    how = f"{N_DRAWS} draws a row, seeds from {FIRST_SEED}"
    tables.add("labels", HEAD, outcome_row(outcomes), n_rows=len(JUDGES) * len((*QUIET, *CLEAR)), how=how)

    if design in QUIET:
        assert sum(each.named not in ("healthy", "inconclusive") for each in outcomes) <= most(N_DRAWS, 0.02)
    else:
        assert sum(each.is_right for each in outcomes) >= fewest(N_DRAWS, 0.8)


def test_a_revision_beside_probabilities_is_named_where_the_area_surely_fell() -> None:
    outcomes = [
        diagnose_draw(Draw(judge=judge, design="teacher, clear", seed=190_011))
        for judge in ("probability", "probability, few fail")
    ]

    assert [each.named for each in outcomes] == ["teacher_drift"] * 2
