import numpy as np
import pandas as pd
import pytest

from drift_core.distributions.absent_words import holds_absent_word
from drift_core.distributions.comparable_part import comparable_part, of_part
from drift_core.distributions.heavy_queries import untold_share
from drift_core.measures.scores import Scores
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs


def pairs(seed: int, docs: list[int], *, noise: float = 0.4, kind: str = "q") -> pd.DataFrame:
    """Queries with so many docs each; the student errs by `noise`."""
    rng, n = np.random.default_rng(seed), sum(docs)
    teacher = rng.normal(size=n)
    queries = np.repeat([f"{kind}{seed} {place}" for place in range(len(docs))], docs)
    student = teacher + noise * rng.normal(size=n)
    texts = [f"{kind} doc {seed} {row}" for row in range(n)]
    return pd.DataFrame({"query": queries, "doc": texts, "teacher_score": teacher, "student_score": student})


def asked(name: str, n: int, *, seed: int = 9) -> pd.DataFrame:
    """One query of n docs, on which the student knows nothing."""
    return pairs(seed, [n], noise=9.0).assign(query=name)


def part(heldout: pd.DataFrame, production: pd.DataFrame) -> tuple[ScoredPairs, ScoredPairs, list[str]]:
    found = comparable_part(read_pairs(heldout, name="held-out"), read_pairs(production, name="production"))
    return *found[:2], [p.name for sample in found[:2] for p in sample.problems if p.figures]


USUAL = pairs(1, [5] * 120)


def test_a_query_that_outweighs_all_others_is_set_aside_with_the_figures_with_and_without_it() -> None:
    _, left, told = part(USUAL, pd.concat([pairs(2, [5] * 120), asked("pump <b>x</b>", 300)]))

    problem = left.problems[-1]
    figures = dict(problem.figures)
    assert told == ["one_query"]
    assert problem.message.startswith("One query has 33% of production's pairs: 300 of 'pump <b>x</b>', of 900 in all")
    assert (problem.n_rows, problem.left_out, len(left), left.n_queries) == (300, True, 600, 120)
    assert figures["with estimate"] < figures["without estimate"] - 0.1
    assert figures["inside estimate"] < 0.3


def test_two_such_queries_are_set_aside_together_and_a_sample_is_looked_at_once() -> None:
    twice = pd.concat([pairs(2, [5] * 120), asked("pump", 300), asked("leak", 200, seed=8)])
    before, after, told = part(USUAL, twice)

    assert told == ["one_query"]
    assert after.problems[-1].message.startswith("2 queries have 45% of production's pairs: 300 of 'pump' and 200 of")
    assert comparable_part(before, after) == (before, after, None)


def test_held_out_with_such_a_query_is_named_as_held_out() -> None:
    before, _, told = part(pd.concat([USUAL, asked("pump", 300)]), pairs(2, [5] * 120))

    assert told == ["one_query"]
    message = before.problems[-1].message
    assert message.startswith("One query has 33% of held-out's pairs")
    assert message.endswith("Draw held-out over more queries, with fewer pairs of it.")


def test_a_query_of_both_samples_on_which_the_student_changed_is_set_aside_in_both() -> None:
    known = pd.concat([USUAL, pairs(8, [200]).assign(query="pump")])
    before, after, told = part(known, pd.concat([pairs(2, [5] * 120), asked("pump", 300)]))

    assert told == ["one_query", "one_query"]
    assert "held-out has 200 of it, agreeing at 0.9" in after.problems[-1].message
    assert (len(before), len(after)) == (600, 600)


def test_a_query_that_outweighs_one_sample_leaves_the_other_too() -> None:
    before, after, told = part(
        pd.concat([USUAL, asked("pump", 40)]), pd.concat([pairs(2, [5] * 120), asked("pump", 300)])
    )

    assert told == ["one_query"]
    assert "It is set aside in both." in after.problems[-1].message
    assert (len(before), len(after)) == (600, 600)


def test_without_docs_a_query_of_few_different_scores_is_found_by_its_rows() -> None:
    usual, week = USUAL.drop(columns="doc"), pd.concat([pairs(2, [5] * 120), asked("pump", 300)]).drop(columns="doc")
    labels = {name: lambda t, name=name: t[name].round().clip(-2, 2) for name in ("teacher_score", "student_score")}

    assert part(usual.assign(**labels), week.assign(**labels))[2] == ["one_query"]


def unscored(table: pd.DataFrame, n: int) -> pd.DataFrame:
    return table.assign(teacher_score=table["teacher_score"].where(np.arange(len(table)) >= n))


def test_pairs_of_such_a_query_without_a_teachers_score_leave_with_it() -> None:
    usual = unscored(pairs(2, [5] * 120), 3)
    _, left, _ = part(USUAL, pd.concat([usual, unscored(asked("pump", 300), 60)]))

    message = left.problems[-1].message
    assert message.startswith("One query has 29% of production's scored pairs: 240 of 'pump'")
    assert "It is set aside. So are 60 without a teacher's score." in message
    assert left.unscored is not None
    assert len(left.unscored) == 3


def test_held_out_pairs_without_a_teachers_score_beyond_the_range_leave_too() -> None:
    full = pairs(2, [5] * 400)
    before, _, _ = part(
        unscored(USUAL.sort_values("student_score"), 40), full[full["student_score"].between(-0.5, 9.0)]
    )

    assert before.problems[-1].name == "student_range_cut"
    assert before.unscored is None


@pytest.mark.parametrize(
    ("heldout", "production"),
    [
        pytest.param(USUAL, pairs(2, [200] * 43), id="few queries with many docs"),
        pytest.param(pairs(1, [8] * 120), pairs(2, [1] * 300), id="eight docs, and one"),
        pytest.param(pairs(1, [1] * 300), pairs(2, [40] * 9), id="nine queries"),
        pytest.param(USUAL, pd.concat([USUAL.tail(590), *[asked("pump", 1)] * 300]), id="a pair that is asked often"),
        pytest.param(USUAL, pd.concat([pairs(2, [5] * 120)] * 3), id="copied rows"),
        pytest.param(pairs(1, [600 // k for k in range(1, 90)]), pairs(2, [900 // k for k in range(1, 90)]), id="tail"),
        pytest.param(
            pd.concat([USUAL, pairs(8, [200]).assign(query="pump")]),
            pd.concat([pairs(2, [5] * 120), pairs(9, [300]).assign(query="pump")]),
            id="a query that both have",
        ),
    ],
)
def test_what_is_usual_in_a_sample_is_not_set_aside(heldout: pd.DataFrame, production: pd.DataFrame) -> None:
    assert part(heldout, production)[2] == []


def test_pairs_drawn_by_the_students_score_are_compared_with_held_out_of_that_range() -> None:
    full = pairs(2, [5] * 400)
    before, after, told = part(USUAL, full[full["student_score"] >= 0.5])

    problem = before.problems[-1]
    figures = dict(problem.figures)
    assert told == ["student_range_cut"]
    assert problem.message.startswith("Production holds only student scores from 0.5")
    assert before.student.min() >= after.student.min()
    assert figures["heldout estimate"] > 0.85
    assert figures["heldout in range estimate"] == pytest.approx(figures["production estimate"], abs=0.12)


def test_a_range_between_two_scores_is_told_by_both() -> None:
    full = pairs(2, [5] * 400)
    before, _, _ = part(USUAL, full[full["student_score"].between(-0.5, 0.5)])

    assert before.problems[-1].message.startswith("Production holds only student scores from -0.4")
    assert " to 0.4" in before.problems[-1].message.split(":")[0]


def rescaled(table: pd.DataFrame, by: float, more: float) -> pd.DataFrame:
    return table.assign(student_score=by * table["student_score"] + more)


@pytest.mark.parametrize(
    "production",
    [
        pytest.param(pairs(2, [5] * 120), id="the same"),
        pytest.param(rescaled(pairs(2, [5] * 120), 1.0, 1.5), id="the student's scale moved"),
        pytest.param(rescaled(pairs(2, [5] * 120), 0.2, 0.5), id="the student's scale narrowed"),
        pytest.param(
            pairs(2, [5] * 400).sort_values("teacher_score", kind="stable").tail(600), id="by the teacher's score"
        ),
        pytest.param(pairs(2, [5] * 120).assign(student_score=lambda t: t["student_score"].clip(0)), id="cut off"),
        pytest.param(pairs(2, [9] * 120).sort_values("student_score").groupby("query").tail(1), id="top"),
    ],
)
def test_other_scales_tails_and_top_docs_are_no_cut(production: pd.DataFrame) -> None:
    assert part(USUAL, production)[2] == []


def of_topics(seed: int, topics: dict[str, tuple[float, float]], *, docs: int = 4, digits: int = 4) -> pd.DataFrame:
    """90 queries of two words of their topic; scores of a topic by mean and standard deviation."""
    rng, rows = np.random.default_rng(seed), []
    for place in range(90):
        topic = list(topics)[rng.integers(len(topics))]
        query = f"how to {topic} {topic}{rng.integers(3)} {seed} {place}"
        for doc in range(docs):
            level = rng.normal(*topics[topic])
            scores = [round(float(1 / (1 + np.exp(-level - 0.3 * rng.normal()))), digits) for _ in range(2)]
            rows.append((query, f"{seed} {place} {doc}", *scores))
    return pd.DataFrame(rows, columns=["query", "doc", "teacher_score", "student_score"])


STAYS = {"pump": (3.0, 0.8), "tax": (3.0, 0.8)}


@pytest.mark.parametrize(
    ("gone", "docs", "digits"),
    [
        pytest.param((-3.0, 0.8), 4, 4, id="always low"),
        pytest.param((-1.0, 1.5), 4, 4, id="mostly low"),
        pytest.param((-3.0, 0.8), 1, 4, id="one doc a query"),
        pytest.param((-3.0, 0.8), 4, 1, id="ten steps"),
    ],
)
def test_a_topic_of_low_scores_that_is_no_longer_asked_is_no_cut(
    gone: tuple[float, float], docs: int, digits: int
) -> None:
    heldout = of_topics(1, STAYS | {"cat": gone}, docs=docs, digits=digits)

    assert part(heldout, of_topics(2, STAYS, docs=docs, digits=digits))[2] == []


def test_a_grade_that_is_no_longer_given_is_no_cut() -> None:
    def graded(table: pd.DataFrame) -> pd.DataFrame:
        scores = ["teacher_score", "student_score"]
        return table.assign(**{name: table[name].rank(pct=True).mul(4.99).astype(int) + 1 for name in scores})

    now = graded(pairs(2, [5] * 120))

    assert part(graded(USUAL), now[now["student_score"] > 1])[2] == []


def test_topics_that_left_do_not_hide_pairs_drawn_by_score() -> None:
    wide = {"pump": (0.0, 2.0), "tax": (0.0, 2.0)}
    now = of_topics(2, wide, docs=9)

    assert part(of_topics(1, wide | {"cat": (-3.0, 0.8)}), now[now["student_score"] > 0.6])[2] == ["student_range_cut"]


def test_a_headline_says_first_of_what_part_it_is() -> None:
    told = (("one_query", "One query has 34% of production's pairs: 400."), ("odd_teacher_scores", "Nine: -1."))

    assert of_part("Healthy, but x.", told) == "One query has 34% of production's pairs. Healthy on the rest, but x."
    assert of_part("Healthy: y.", told[1:]) == "Healthy: y."


@pytest.mark.parametrize(
    ("sizes", "share"), [([90, 2, 2, 2, 2, 2], 0.9), ([90, 10], 0.0), ([20] * 5, 0.0), ([30, *[5] * 20], 0.0)]
)
def test_a_query_that_leaves_no_test_over_queries_is_told_by_its_share(sizes: list[int], share: float) -> None:
    queries = np.repeat(np.arange(len(sizes)), sizes)
    scores = Scores(student=np.zeros(len(queries)), teacher=np.zeros(len(queries)), queries=queries)

    assert untold_share(scores, alpha=0.05) == pytest.approx(share)


def test_a_source_of_docs_that_left_is_told_by_a_column_or_a_word_of_its_docs() -> None:
    old = pairs(3, [1] * 120)
    before, after = pd.concat([USUAL, old]), pairs(4, [5] * 120)
    low = np.arange(len(before)) >= len(before) - 120

    for name, gone, here in (("source", "old", "new"), ("doc", "from the archive", "from the shop")):
        named = before.assign(**{name: np.where(low, gone, here)}), after.assign(**{name: here})
        if name == "source":  # a second value, so that the column is one of slices
            named = named[0], named[1].assign(source=np.where(np.arange(len(after)) % 2, here, "shop"))
        found = holds_absent_word(*(read_pairs(each, name="sample") for each in named), marked=low)
        assert found.tolist() == low.tolist()
