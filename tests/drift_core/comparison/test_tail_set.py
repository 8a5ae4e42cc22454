from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.comparison.compare import compare
from drift_core.comparison.comparison_json import comparison_to_json, record_of
from drift_core.comparison.tail_set import TailSet, digest_of_pairs, draw_tail
from drift_core.comparison.usable_pairs import TrainedPairs
from drift_core.errors import InputError
from drift_core.measured import Measured
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import Progress
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.comparison.two_students import frame, sample

N_HELDOUT, N = 30, 120


def drawn_from(
    *,
    noisy: int = 0,
    far: int = 0,
    long: int = 0,
    n: int = 10,
    order: np.ndarray | None = None,
    progress: Progress | None = None,
) -> TailSet:
    """Draw from pairs of which the first so many are noisy, the next far, the next long."""
    rng = np.random.default_rng(5)
    rows, teacher = np.arange(N), rng.random(N)
    scatter = rng.uniform(0.001, 0.002, N) * np.where(rows < noisy, 1000, 1)
    repeats = {f"teacher_repeat_{i}": teacher + i * scatter for i in (1, 2)} if noisy else {}
    is_far = (rows >= noisy) & (rows < noisy + far)
    is_long = (rows >= noisy + far) & (rows < noisy + far + long)
    table = pd.DataFrame(
        {
            "query": [f"query {row:03}" for row in rows],
            "doc": ["word " * (200 if each else 5) for each in is_long],
            "teacher_score": teacher,
            "student_score": rng.normal(size=N),
            **repeats,
        }
    )
    old = {"query": [f"old {row}" for row in range(N_HELDOUT)], "doc": "d"}
    heldout = read_pairs(pd.DataFrame(old).assign(teacher=np.arange(N_HELDOUT), student=np.arange(N_HELDOUT)))
    order = rows if order is None else order
    vectors = np.zeros((N_HELDOUT + N, 3), dtype=np.float32)
    vectors[:, 0] = 1
    vectors[N_HELDOUT:][is_far[order]] = (0, 1, 0)
    embeddings = QueryEmbeddings(
        texts=np.array([*heldout.query, *table["query"].iloc[order]], dtype=object),
        vectors=vectors,
        heldout=np.arange(N_HELDOUT),
        production=N_HELDOUT + rows,
        encoder="by hand",
    )
    production = read_pairs(table.iloc[order].reset_index(drop=True))
    return draw_tail(heldout, production, embeddings=embeddings, n=n, progress=progress)


def numbers(drawn: TailSet) -> set[int]:
    return {int(text.split()[1]) for text in drawn.sample.query[drawn.chosen]}


@pytest.mark.parametrize("planted", [{"noisy": 10}, {"far": 10}, {"long": 10}])
def test_each_reason_alone_brings_its_pairs_into_the_tail(planted: dict[str, int]) -> None:
    found = numbers(drawn_from(**planted))  # type: ignore[arg-type]  # numbers all

    assert found == set(range(10))


def test_the_draw_has_no_chance_and_does_not_depend_on_the_order_of_rows() -> None:
    order = np.random.default_rng(1).permutation(N)

    one, two = (drawn_from(noisy=5, far=5, long=5, n=20, order=each) for each in (None, order))

    assert numbers(one) == numbers(two)
    assert one.digest == two.digest == digest_of_pairs(read_pairs(one.to_table()))
    assert list(one.reasons) == ["teacher_noise", "distance", "length"]


def test_queries_are_compared_in_blocks_and_say_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, told = drawn_from(far=10), []
    monkeypatch.setattr("drift_core.comparison.tail_set.MOST_COSINES", 50 * N_HELDOUT)

    blocked = drawn_from(far=10, progress=lambda *step: told.append(step))

    assert blocked.digest == whole.digest
    assert told == [("Comparing with held-out's queries", done, N) for done in (50, 100, 120)]


def test_held_out_pairs_and_repeated_pairs_are_no_candidates() -> None:
    frozen = sample(60)
    doubled = read_pairs(pd.concat([frame(60), frame(60, seed=2), frame(60, seed=2)]), name="production")
    texts, codes = np.unique([*frozen.query, *doubled.query], return_inverse=True)
    embeddings = QueryEmbeddings(
        texts=texts,
        vectors=np.eye(len(texts), dtype=np.float32),
        heldout=codes[:60],
        production=codes[60:],
        encoder="by hand",
    )

    drawn = draw_tail(frozen, doubled, embeddings=embeddings, n=60)

    assert drawn.n_candidates == 60
    assert digest_of_pairs(sample(60, seed=2)) == drawn.digest
    with pytest.raises(InputError, match="60 pairs that held-out lacks; a tail set of 61 needs more pairs"):
        draw_tail(frozen, doubled, embeddings=embeddings, n=61)


def tail(**planted: float) -> ScoredPairs:
    return replace(sample(300, seed=7, **planted), name="tail.csv")  # type: ignore[arg-type]


def test_the_tail_set_is_a_row_of_its_own_with_its_interval() -> None:
    made = compare(sample(), tail=tail())

    assert made.tail is not None
    assert isinstance(made.tail.whole.change, Measured)
    assert made.parts[1].title == "tail set"
    assert made.outcome == compare(sample()).outcome
    assert "on 300 tail pairs" in made.sentence
    assert record_of(made).tail_digest == digest_of_pairs(tail())


def test_a_tail_set_that_got_worse_is_told_first_though_the_whole_held() -> None:
    made = compare(sample(), tail=tail(before=0.2, after=1.5))

    assert [part.full_title for part in made.worse] == ["tail set"]
    assert made.headline.startswith("Worse in the tail set; ")
    written = comparison_to_json(made)
    assert isinstance(written["worse"], list)
    assert written["worse"][0]["title"] == "tail set"


def test_a_tail_set_that_was_trained_on_whole_is_not_taken_for_measured() -> None:
    trained = TrainedPairs(name="list", digests=frozenset(digest_pairs(tail().query, tail().doc)))

    made = compare(sample(), tail=tail(), trained_on=trained)

    assert compare(sample(), tail=tail()).is_measured
    assert not made.is_measured
    assert not record_of(made).is_measured


def test_another_tail_set_than_the_cards_is_refused_with_one_message() -> None:
    digest = digest_of_pairs(tail())

    assert compare(sample(), tail=tail(), tail_digest=digest).tail is not None
    with pytest.raises(InputError, match=r"tail.csv is not the tail set of the judge card: its 300 pairs have digest"):
        compare(sample(), tail=tail(), tail_digest="0" * 64)
    fewer = read_pairs(frame(300, seed=7).iloc[1:], name="tail.csv")
    with pytest.raises(InputError, match="its 299 pairs have digest"):
        compare(sample(), tail=fewer, tail_digest=digest)


def test_tail_pairs_that_were_trained_on_are_told_and_leave_the_gate_in_the_open() -> None:
    trained = TrainedPairs(name="list", digests=frozenset(digest_pairs(tail().query, tail().doc)[:82]))

    made = compare(sample(), tail=tail(), trained_on=trained)

    assert made.tail is not None
    assert made.tail.whole.n_pairs == 218
    assert any(each.startswith("The student was trained on 82 of the 300 tail pairs") for each in made.cautions)
    assert record_of(made).n_tail_left_out == 82
    assert record_of(compare(sample(), tail=tail())).n_tail_left_out == 0


def test_a_student_that_changed_nothing_is_rarely_worse_with_a_tail_set() -> None:
    n_draws = 40
    n_worse = sum(
        bool(compare(sample(200, seed=2 * i), tail=sample(200, seed=2 * i + 1)).worse) for i in range(n_draws)
    )

    assert n_worse <= 6  # 5 % of 40 is 2; more than 6 has a chance of 1 in 300
