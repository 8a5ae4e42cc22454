"""Pairs that both samples hold tell whose scores changed."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import measure_spread
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.distributions.same_pairs import SamePairs, compare_same_pairs
from drift_core.measures.scores import scores_of
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.two_samples import check_two_samples

N, DOCS, SHARED = 600, 5, 200  # the last of held-out's pairs are production's first
SURE = {"alpha": Rule().cause_alpha, "smallest": Rule().smallest_loss, "confidence": 0.95}


def samples(noise: dict[str, float], *, where: str = "everywhere") -> tuple[ScoredPairs, ScoredPairs]:
    """Held-out and production, where the new scores of a side have more noise."""
    rng = np.random.default_rng(3)
    truth, student = rng.normal(size=2 * N - SHARED), rng.normal(size=2 * N - SHARED)
    place = np.arange(2 * N - SHARED)
    topic = ["lamp", "garden", "cable", "paint"]
    query = np.array([f"question {topic[i // DOCS % 4]} {i // DOCS}" for i in place], dtype=object)
    doc, student = np.array([f"answer {i} about it" for i in place], dtype=object), truth + 0.5 * student
    before, after = slice(0, N), slice(N - SHARED, 2 * N - SHARED)
    told = {"query": query, "doc": doc, "teacher": truth, "student": student}
    heldout = ScoredPairs(name="held-out", **{name: values[before] for name, values in told.items()})
    new = {name: values[after].copy() for name, values in told.items()}
    n_moved = SHARED if where == "shared" else N
    for side, scale in noise.items():
        new[side][:n_moved] = new[side][:n_moved] + scale * rng.normal(size=n_moved)
    return heldout, ScoredPairs(name="production", **new)


def compared(noise: dict[str, float]) -> SamePairs | None:
    both = samples(noise)
    scores = scores_of(*both)
    return compare_same_pairs(both, scores, measure_spread(*both, rule=Rule(), scores=scores).spread, **SURE)


def diagnosed(noise: dict[str, float], **more: str) -> Diagnosis:
    both = samples(noise, **more)
    return diagnose(*both, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(*both))


@pytest.mark.parametrize(
    ("noise", "changed", "cleared"),
    [
        ({"student": 2.0}, "student", ("teacher",)),
        ({"teacher": 2.0, "student": 0.01}, "teacher", ("student",)),
        ({"teacher": 2.0, "student": 2.0}, "both", ()),
    ],
)
def test_the_judge_whose_new_scores_cost_the_fall_is_told_and_the_other_cleared(noise, changed, cleared) -> None:
    same = compared(noise)

    assert same is not None
    assert (same.fell, same.changed, same.cleared) == (True, changed, cleared)
    assert same.after.n_pairs == SHARED
    assert same.before.estimate > 0.8 > same.after.estimate


def test_a_little_noise_changes_nobody_and_copied_rows_tell_nothing() -> None:
    same = compared({"teacher": 0.05, "student": 0.05})

    assert same is not None
    assert (same.fell, same.changed) == (None, "")
    assert compared({}) is None


def test_without_docs_or_with_few_queries_nothing_is_compared() -> None:
    heldout, production = samples({"student": 2.0})
    scores = scores_of(heldout, production)
    few = replace(heldout, doc=np.where(np.arange(N) < N - SHARED + 19 * DOCS, heldout.doc, "another"))
    none = replace(heldout, doc=None)

    spread = measure_spread(heldout, production, rule=Rule(), scores=scores).spread

    assert compare_same_pairs((none, production), scores, spread, **SURE) is None
    assert compare_same_pairs((few, production), scores_of(few, production), spread, **SURE) is None


def test_stale_scores_on_pairs_asked_before_leave_the_verdict_open_and_clear_the_teacher() -> None:
    made = diagnosed({"student": 3.0}, where="shared")

    assert made.verdict.cause == "inconclusive"
    assert made.verdict.headline == (
        "Inconclusive: on 200 pairs that both samples hold, the teacher's scores are as before and the student's are "
        "not: score again with the student."
    )
    assert made.verdict.evidence[0].sentence.startswith("On 200 pairs that both samples hold, agreement went from 0.8")
    assert "No region fell more than the rest." not in [line.sentence for line in made.verdict.evidence]
    assert made.settling[0].sentence.startswith("Score the 200 pairs that both samples hold again with the student")
    assert "pinned" not in [each.aim for each in made.settling]


def test_a_teacher_whose_new_scores_cost_the_fall_is_named_without_another_student() -> None:
    made = diagnosed({"teacher": 2.0})

    assert made.verdict.cause == "teacher_drift"
    assert not made.verdict.or_student
    assert made.verdict.evidence[0].mark == "For"
    assert "On 200 pairs that both samples hold" in made.verdict.reason
    assert "a held-out that was kept where both agreed shows the same" in made.verdict.reason
    assert made.settling[0].aim == "drawing"


def test_the_note_on_shared_pairs_speaks_of_a_smaller_difference_only_where_scores_are_the_same() -> None:
    (moved,), (same,) = check_two_samples(*samples({"student": 2.0})), check_two_samples(*samples({}))

    assert "smaller" not in moved.message
    assert same.message.endswith("200 have the same scores there, which makes the difference look smaller than it is.")


def test_new_scores_that_go_together_but_not_with_the_old_ones_are_of_other_pairs() -> None:
    heldout, production = samples({})
    turned = {name: np.roll(getattr(production, name), 7) for name in ("teacher", "student")}
    both = heldout, replace(production, **turned)
    scores = scores_of(*both)

    assert compare_same_pairs(both, scores, measure_spread(*both, rule=Rule(), scores=scores).spread, **SURE) is None


def kept_where_both_agreed(*, noise: float = 0.0) -> tuple[ScoredPairs, ScoredPairs]:
    """A held-out of pairs on which both agreed, of which production asks 200 again, and `noise` of a revision."""
    rng = np.random.default_rng(5)
    n = 3 * N
    truth, topic = rng.normal(size=n), np.array(["lamp", "garden", "cable", "paint"])[np.arange(n) // DOCS % 4]
    asked, again = (truth + 0.3 * rng.normal(size=n) for _ in range(2))
    told = {
        "query": np.array([f"question {topic[i]} {i // DOCS}" for i in range(n)], dtype=object),
        "doc": np.array([f"answer {i} about it" for i in range(n)], dtype=object),
        "student": truth + 0.5 * rng.normal(size=n),
    }
    kept = np.flatnonzero((np.abs(told["student"] - asked) < 0.4) & (np.arange(n) < 2 * N))
    today = np.concatenate([np.arange(2 * N, n), kept[-SHARED:]])
    heldout = ScoredPairs(name="held-out", teacher=asked[kept], **{name: each[kept] for name, each in told.items()})
    new = {name: each[today] for name, each in told.items()}
    return heldout, ScoredPairs(name="production", teacher=again[today] + noise * rng.normal(size=len(today)), **new)


def test_a_held_out_that_was_kept_where_both_agreed_is_no_proof_of_a_revision() -> None:
    both = kept_where_both_agreed()
    made = diagnose(*both, embeddings=EmbeddingSource(encoder="hashing", is_cached=False).embed(*both))

    assert made.same is not None
    assert made.same.is_chosen
    assert made.same.changed == ""
    assert made.verdict.headline == "Inconclusive: held-out's pairs look chosen, as ones on which both agreed."
    assert "only asked again, and not revised, shows the same" in made.verdict.reason
    assert made.settling[0].sentence.startswith("Ask how both samples were drawn")


def test_pairs_of_new_traffic_are_none_of_those_that_must_agree_as_much() -> None:
    both = kept_where_both_agreed()
    scores = scores_of(*both)
    spread = measure_spread(*both, rule=Rule(), scores=scores).spread
    is_new = np.arange(len(both[1])) < N

    same = compare_same_pairs(both, scores, spread, **SURE, is_new=is_new)

    assert same is not None
    assert (same.is_chosen, same.changed) == (False, "teacher")
