import numpy as np
import pytest

from drift_core.measured import Measured
from drift_core.measures.level_ratios import Between
from drift_core.measures.residual_levels import BOTH, ErrorSample
from drift_core.measures.residuals import residual_errors
from drift_core.measures.scan_statistic import Scatter
from drift_core.measures.scores import Scores
from drift_core.operations.broken_part import BrokenPart
from drift_core.operations.find_broken_part import find_broken_part
from drift_core.samples.pairs import ScoredPairs

N, DOCS = 900, 3
SCATTER = Scatter(pair=1.5, shared=0.1, between=Between(variance=0.02, degrees=5, n_groups=6))


def sample(start: str, seed: int, broken: np.ndarray, *, shuffled: bool = False) -> ScoredPairs:
    """Pairs through four weeks, in the order of their times or not, of which some were scored by another student."""
    rng = np.random.default_rng(seed)
    seconds = np.repeat(np.sort(rng.integers(28 * 86_400, size=N // DOCS)), DOCS)
    if shuffled:
        seconds = np.repeat(rng.permutation(seconds[::DOCS]), DOCS)
    times = (np.datetime64(start, "s") + seconds.astype("timedelta64[s]")).astype("datetime64[us]")
    teacher = rng.standard_normal(N)
    noise = np.where(broken(times), 1.2, 0.4)
    query = np.array([f"q {i // DOCS}" for i in range(N)], dtype=object)
    return ScoredPairs(
        name="s", query=query, teacher=teacher, student=teacher + noise * rng.standard_normal(N), timestamp=times
    )


def hours(times: np.ndarray) -> np.ndarray:
    return (times.astype("datetime64[h]").astype(np.int64)) % 24


def nothing(times: np.ndarray) -> np.ndarray:
    return np.zeros(len(times), dtype=bool)


def at_night(times: np.ndarray) -> np.ndarray:
    return (hours(times) >= 22) | (hours(times) < 6)


def at_weekends(times: np.ndarray) -> np.ndarray:
    return np.isin(times.astype("datetime64[D]").astype(np.int64) % 7, [2, 3])  # 1 Jan 1970 was a Thursday


def since_the_15th(times: np.ndarray) -> np.ndarray:
    return times >= np.datetime64("2026-11-15")


def in_a_stretch(times: np.ndarray) -> np.ndarray:
    return (np.arange(len(times)) >= 600) & (np.arange(len(times)) < 750)


def found_in(heldout: ScoredPairs, production: ScoredPairs) -> BrokenPart | None:
    scores = [Scores(teacher=s.teacher, student=s.student, queries=s.query_codes) for s in (heldout, production)]
    errors = residual_errors(*scores)
    samples = ErrorSample.of(scores[0], errors[0]), ErrorSample.of(scores[1], errors[1])
    return find_broken_part(
        samples,
        scores[1],
        (heldout, production),
        known=np.ones(N, dtype=bool),
        side=BOTH,
        scatter=SCATTER,
        alpha=0.005,
        seed=0,
    )


@pytest.mark.parametrize(
    ("broken", "shuffled", "kind", "name"),
    [
        (since_the_15th, False, "time", "since 15 Nov 2026"),
        (at_night, False, "hours", "22:00 to 05:59 UTC"),
        (at_weekends, False, "days", "Saturdays and Sundays (UTC)"),
        (in_a_stretch, True, "rows", "rows 601"),
    ],
)
def test_a_part_that_broke_is_found_with_its_ends(broken, shuffled, kind, name) -> None:
    production = sample("2026-11-01", 1, broken, shuffled=shuffled)

    part = found_in(sample("2026-05-01", 0, nothing), production)

    assert part is not None
    assert part.kind == kind
    assert part.name.startswith(name)
    assert np.mean(part.inside == broken(production.timestamp)) > 0.98
    assert isinstance(part.within, Measured)
    assert isinstance(part.outside, Measured)
    assert part.within.estimate < part.outside.estimate - 0.1


@pytest.mark.parametrize(("before", "after"), [(nothing, nothing), (at_night, at_night), (at_weekends, at_weekends)])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_found_where_nothing_changed_or_nights_always_were_harder(before, after, seed) -> None:
    heldout, production = sample("2026-05-01", 10 + seed, before), sample("2026-11-01", 20 + seed, after)

    assert found_in(heldout, production) is None


def test_rows_that_were_joined_one_off_are_said_to_be() -> None:
    plain = sample("2026-11-01", 1, nothing)
    student = plain.student.copy()
    student[700:] = student[699:-1]

    part = found_in(
        sample("2026-05-01", 0, nothing),
        ScoredPairs(name="s", query=plain.query, teacher=plain.teacher, student=student, timestamp=plain.timestamp),
    )

    assert part is not None
    assert part.kind == "rows"
    assert "fit the row before" in part.sentence
