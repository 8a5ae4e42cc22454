from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.comparison.usable_pairs import (
    TrainedPairs,
    join_trained,
    read_trained_pairs,
    usable_pairs,
    with_scores_before,
)
from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.comparison.two_students import frame


def test_pairs_are_left_out_for_one_reason_each_and_counted() -> None:
    pairs = frame(100)
    pairs.loc[0:1, "student_score_before"] = np.nan
    pairs.loc[10, ["query", "doc"]] = pairs.loc[11, ["query", "doc"]].to_numpy()
    sample = read_pairs(pairs, name="frozen.csv")
    digests = digest_pairs(sample.query, sample.doc)
    trained = TrainedPairs(name="list.csv", digests=frozenset(digests[1:4]))

    found = usable_pairs(sample, trained_on=trained, frozen=[digests[50]])

    assert {problem.name: problem.n_rows for problem in found.left_out} == {
        "missing_student_before": 2,
        "trained_on": 2,
        "repeated_pair": 1,
        "in_frozen": 1,
    }
    assert len(found.kept) == len(found.scores) == len(found.before) == len(found.digests) == 94
    assert found.left_out[1].message == (
        "2 pairs are left out of frozen.csv: a pair that the student after was trained on (list.csv), rows 3 and 4."
    )


def test_a_list_of_which_nothing_is_there_is_said_and_docs_are_asked_for() -> None:
    trained = TrainedPairs(name="list.csv", digests=frozenset({"0" * 32}))

    (known,) = usable_pairs(read_pairs(frame(100), name="fresh"), trained_on=trained).left_out
    (unsure,) = usable_pairs(read_pairs(frame(100).drop(columns="doc"), name="fresh"), trained_on=trained).left_out

    assert known.message == "No pair of fresh is among the 1 pair of list.csv."
    assert unsure.message.endswith("give the doc column to be sure.")


def test_without_docs_pairs_of_one_query_stay() -> None:
    sample = read_pairs(frame(100).drop(columns="doc"))

    assert len(usable_pairs(sample).kept) == 100


def test_a_sample_without_the_student_before_is_refused() -> None:
    sample = read_pairs(frame(100).drop(columns="student_score_before"), name="frozen.csv")

    with pytest.raises(InputError, match=r"frozen\.csv has no scores by the student before"):
        usable_pairs(sample)


def test_training_pairs_are_read_from_digests_or_texts(tmp_path: Path) -> None:
    pairs = frame(40)
    digests = digest_pairs(list(pairs["query"]), list(pairs["doc"]))
    pd.DataFrame({"row": range(41), "pair_digest": [*digests, None]}).to_csv(tmp_path / "list.csv", index=False)
    pairs[["query", "doc"]].to_csv(tmp_path / "texts.csv", index=False)

    by_digest, by_text = (read_trained_pairs(tmp_path / name) for name in ("list.csv", "texts.csv"))

    assert by_digest.name == "list.csv"
    assert by_digest.digests == by_text.digests == frozenset(digests)


def test_a_list_without_docs_leaves_out_every_pair_of_its_queries(tmp_path: Path) -> None:
    pairs = frame(40)
    pairs[["query", "region"]][:1].to_csv(tmp_path / "texts.csv", index=False)
    listed = pairs[["query"]][2:4].assign(doc=None, pair_digest=digest_pairs(list(pairs["query"][2:4])))
    listed.to_csv(tmp_path / "list.csv", index=False)

    trained = join_trained([read_trained_pairs(tmp_path / name) for name in ("texts.csv", "list.csv")])

    assert trained is not None
    assert trained.name == "texts.csv, list.csv"
    assert usable_pairs(read_pairs(pairs), trained_on=trained).kept.tolist() == list(range(4, 40))
    assert join_trained([]) is None


def test_a_file_that_names_no_pairs_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"row": [1, 2], "score": [1, 2]}).to_csv(tmp_path / "list.csv", index=False)

    with pytest.raises(InputError, match=r"list\.csv must tell which pairs were trained on"):
        read_trained_pairs(tmp_path / "list.csv")


def split() -> tuple[pd.DataFrame, pd.DataFrame]:
    both = frame(60)
    after = both.drop(columns="student_score_before")
    return after, after.assign(student_score=both["student_score_before"])


def test_scores_of_the_student_before_are_found_by_texts_in_any_order() -> None:
    after, before = split()

    joined = with_scores_before(read_pairs(after), read_pairs(before[::-1]))

    assert joined.student_before is not None
    assert joined.student_before.tolist() == before["student_score"].tolist()


def test_pairs_that_share_both_scores_are_told_apart() -> None:
    after, before = (
        each.assign(teacher_score=[row % 3 for row in range(60)], student_score=[row % 4 for row in range(60)])
        for each in split()
    )

    joined = with_scores_before(read_pairs(after), read_pairs(before[::-1]))

    assert joined.student_before is not None
    assert joined.student_before.tolist() == [row % 4 for row in range(60)]


def test_a_pair_that_is_missing_is_refused() -> None:
    after, before = split()

    with pytest.raises(InputError, match=r"2 of 60 pairs of after are not in before: rows 1 and 2"):
        with_scores_before(read_pairs(after, name="after"), read_pairs(before[2:], name="before"))


def test_another_revision_of_the_teacher_is_refused() -> None:
    after, before = split()

    with pytest.raises(InputError, match="The teacher scored 60 pairs differently in before"):
        with_scores_before(
            read_pairs(after),
            read_pairs(before.assign(teacher_score=lambda each: each["teacher_score"] + 1), name="before"),
        )


def test_two_scores_for_one_pair_are_refused() -> None:
    after, before = split()
    twice = pd.concat([before, before[:1].assign(student_score=9.0)])

    with pytest.raises(InputError, match="before has several scores for 1 pair of after: row 1"):
        with_scores_before(read_pairs(after, name="after"), read_pairs(twice, name="before"))


def test_a_join_needs_docs() -> None:
    after, before = split()

    with pytest.raises(InputError, match="before has no docs"):
        with_scores_before(read_pairs(after), read_pairs(before.drop(columns="doc"), name="before"))
