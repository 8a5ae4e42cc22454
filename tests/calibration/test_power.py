"""What the most powerful test sees in its first week of a topic that errs: it knows the topic and all rates."""

import numpy as np
import pytest
from scipy import stats

from tests.calibration.measured import MeasuredTables

N_PAIRS, SHARE, BEFORE, AFTER = 200, 0.1, 0.05, 0.35  # a week, of the topic, of labels that differ
SHARED = 0.3  # correlation of two pairs of a query, on a normal scale, as in regional_alarms
BUDGETS = {"1.5 % a year": 0.015, "5 %": 0.05, "5 % over seven parts": 0.05 / 7}
N_WEEKS, SEED = 500_000, 9


def differing(rate: float, docs: int) -> np.ndarray:
    """Chance of 0 to `docs` pairs of a query that differ."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    shared = SHARED if docs > 1 else 0.0
    chances = stats.norm.cdf((stats.norm.ppf(rate) - np.sqrt(shared) * nodes) / np.sqrt(1 - shared))
    return np.asarray(stats.binom.pmf(np.arange(docs + 1)[:, None], docs, chances) @ weights / weights.sum())


def seen(docs: int, n_weeks: int) -> list[float]:
    """Share of first weeks that alarm, at any alarm in 52 weeks in each budget (Neyman and Pearson, 1933).

    The limit is one that the null reaches, so that no test at this rate sees more.
    """
    rng, rates = np.random.default_rng(SEED), [differing(rate, docs) for rate in (BEFORE, AFTER)]
    ratio = np.log(rates[1] / rates[0])
    null, drifted = (rng.multinomial(rng.binomial(N_PAIRS // docs, SHARE, n_weeks), rate) @ ratio for rate in rates)
    limits = np.quantile(null, [1 - budget / 52 for budget in BUDGETS.values()], method="higher")
    return [float((drifted >= limit).mean()) for limit in limits]


@pytest.mark.slow
@pytest.mark.parametrize("docs", [1, 5])
def test_most_powerful(docs: int, tables: MeasuredTables) -> None:
    found = seen(docs, N_WEEKS)

    head = ("docs a query", *(f"seen in week 1, at {budget}" for budget in BUDGETS))
    row = (str(docs), *(f"{each:.0%}" for each in found))
    tables.add("most powerful", head, row, n_rows=2, how=f"{N_WEEKS:,} weeks, seed {SEED}")
    assert (found[0] >= 0.5) == (docs == 1)
