import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.retraining.scored_texts import read_old_pairs, read_scored_list
from drift_core.retraining.settings import LEAST_PAIRS, RetrainSettings, ScoreRange
from drift_core.retraining.training_set import training_set
from drift_core.tables.pair_digests import digest_pairs
from tests.drift_core.retraining.cases import list_file, pairs


@pytest.fixture
def read(tmp_path):
    """Read a table as a list."""
    return lambda table: read_scored_list(list_file(table, tmp_path / "list.parquet"))


@pytest.fixture
def read_old(tmp_path):
    """Read a table as old pairs."""

    def write(table):
        table.to_csv(tmp_path / "old.csv", index=False)
        return read_old_pairs(tmp_path / "old.csv")

    return write


def made(listed, **options):
    return training_set(listed, **{"is_bounded": False, "rng": np.random.default_rng(0)} | options)


def test_rows_without_a_score_and_repeated_pairs_are_left_out_and_counted(read):
    table = pairs(30)
    table.loc[[3, 7], "teacher_score"] = np.nan
    table = pd.concat([table, table.iloc[[0, 1, 3]]], ignore_index=True)

    found = made(read(table))

    assert (len(found), found.n_listed, found.n_without_score, found.n_repeated) == (28, 28, 3, 2)
    assert found.query.tolist() == table["query"].drop([3, 7]).tolist()[:28]
    assert np.isfinite(found.label).all()


def test_a_pair_whose_first_row_has_no_score_keeps_the_row_that_has_one(read):
    table = pd.concat([pairs(25).assign(teacher_score=np.nan).iloc[:1], pairs(25)], ignore_index=True)

    found = read(table)

    assert (len(found), found.n_without_score, found.n_repeated) == (25, 1, 0)


def test_fewer_than_20_different_pairs_with_a_score_are_no_training(read):
    assert len(read(pairs(LEAST_PAIRS))) == 20
    doubled = pd.concat([pairs(19), pairs(19)])
    with pytest.raises(
        InputError, match=r"has 19 different pairs with a teacher's score; a training needs at least 20"
    ):
        read(doubled)


def test_a_list_without_teacher_scores_is_named(read):
    with pytest.raises(InputError, match=r"has no column teacher_score\. Re-score the list"):
        read(pairs(20).drop(columns="teacher_score"))


def test_scores_are_taken_as_they_are_where_no_range_is_given(read):
    found = made(read(pairs(20, low=-3, high=12)))

    assert found.score_range is None
    assert found.label.tolist() == np.linspace(-3, 12, 20).tolist()


@pytest.mark.parametrize(("low", "high", "first", "last"), [(0, 10, 0.1, 0.5), (1, 5, 0, 1), (-1, 9, 0.2, 0.6)])
def test_the_teacher_s_range_becomes_0_to_1(read, low, high, first, last):
    found = made(read(pairs(20, low=1, high=5)), score_range=ScoreRange(low=low, high=high))

    assert found.label == pytest.approx(np.linspace(first, last, 20))


@pytest.mark.parametrize(("low", "high"), [(-0.1, 5), (0, 5.1)])
def test_scores_outside_the_range_are_told_with_both(read, low, high):
    with pytest.raises(InputError, match=rf"must lie in \[0, 5\]; found {low:g} to {high:g}\. Give .*--score-range"):
        made(read(pairs(20, low=low, high=high)), score_range=ScoreRange(low=0, high=5))


@pytest.mark.parametrize(("low", "high"), [(-0.1, 1), (0, 1.1)])
def test_a_bounded_student_takes_no_scores_beyond_0_to_1(read, low, high):
    with pytest.raises(SettingError, match=rf"between 0 and 1, the teacher's run from {low:g} to {high:g}\. Give"):
        made(read(pairs(20, low=low, high=high)), is_bounded=True)
    assert made(read(pairs(20)), is_bounded=True).label.max() == 1


@pytest.mark.parametrize(
    ("student", "is_refused"),
    [
        (np.linspace(0, 1, 40), False),
        (np.linspace(0, 2.9, 40), False),
        (np.linspace(0, 3.1, 40), True),
        (np.linspace(0, 0.32, 40), True),
        (np.linspace(3.5, 4.5, 40), True),
        (np.linspace(-3.5, -2.5, 40), True),
        (np.full(40, 0.5), False),
        (np.full(40, np.nan), False),
    ],
)
def test_a_student_on_another_scale_than_the_teacher_is_refused(read, student, is_refused):
    listed = read(pairs(40).assign(student_score=student))

    if is_refused:
        with pytest.raises(SettingError, match=r"on the list run from .* they are on two scales.* --score-range"):
            made(listed)
    else:
        assert len(made(listed)) == 40
    assert len(made(listed, score_range=ScoreRange(low=0, high=1))) == 40


@pytest.mark.parametrize(("share", "n"), [(0.25, 10), (0.5, 30), (0.1, 3), (0.6, 45)])
def test_old_pairs_are_the_share_that_was_asked_for(read, read_old, share, n):
    found = made(read(pairs(30)), old=read_old(pairs(60, seed=1)), settings=RetrainSettings(replay_share=share))

    assert (found.n_listed, found.n_replayed, len(found)) == (30, n, 30 + n)
    assert n / (30 + n) == pytest.approx(share, abs=0.02)


def test_no_replayed_pair_is_on_the_list_or_twice(read, read_old):
    table = pd.concat([pairs(30), pairs(12, seed=1)])
    found = made(
        read(pairs(30)), old=read_old(table.assign(teacher_score=0.125)), settings=RetrainSettings(replay_share=0.5)
    )

    assert (found.n_listed, found.n_replayed) == (30, 12)
    assert len(set(digest_pairs(found.query, found.doc))) == 42
    assert set(found.query[30:]) == set(pairs(12, seed=1)["query"])
    assert set(found.label[30:]) == {0.125}


def test_the_seed_decides_which_old_pairs_are_drawn(read, read_old):
    listed, old = read(pairs(30)), read_old(pairs(60, seed=1))

    drawn = [made(listed, old=old, rng=np.random.default_rng(seed)).query.tolist() for seed in (0, 0, 1)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_old_pairs_go_through_the_same_range(read, read_old):
    old = read_old(pairs(60, seed=1, low=0, high=20))

    with pytest.raises(InputError, match=r"must lie in \[0, 10\]"):
        made(
            read(pairs(30, high=10)),
            old=old,
            settings=RetrainSettings(replay_share=0.5),
            score_range=ScoreRange(low=0, high=10),
        )


def test_old_pairs_that_are_all_on_the_list_are_an_error(read, read_old):
    with pytest.raises(InputError, match="No old pair can be rehearsed: all its pairs are on the list"):
        made(read(pairs(30)), old=read_old(pairs(30)))


def test_a_share_below_one_pair_is_an_error(read, read_old):
    with pytest.raises(InputError, match=r"No old pair can be rehearsed: a share of 0\.01 is less than one pair"):
        made(read(pairs(30)), old=read_old(pairs(30, seed=1)), settings=RetrainSettings(replay_share=0.01))


def test_old_pairs_have_their_columns_by_any_usual_name(tmp_path):
    names = {"query": "question", "doc": "document", "teacher_score": "teacher"}
    pairs(25).rename(columns=names).to_csv(tmp_path / "old.csv", index=False)

    assert read_old_pairs(tmp_path / "old.csv").score.tolist() == pairs(25)["teacher_score"].tolist()


@pytest.mark.parametrize("name", ["nowhere.csv", "*.csv", "-", "."])
def test_old_pairs_are_one_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    pairs(25).to_csv("old.csv", index=False)

    with pytest.raises(InputError, match=r"There is no file .* with --replay"):
        read_old_pairs(name)


def test_digests_are_of_the_files(read, read_old):
    listed, old = read(pairs(30)), read_old(pairs(60, seed=1))
    found = made(listed, old=old)

    assert (found.list_digest, found.replay_digest) == (listed.digest, old.digest)
    assert made(listed).replay_digest is None
    assert len({listed.digest, old.digest}) == 2


def test_old_pairs_that_kept_labels_of_0_to_1_are_not_taken_for_the_teacher_s_scale(tmp_path):
    for name, high in (("list", 3.0), ("old", 1.0)):
        texts = {"query": [f"{name} {i}" for i in range(60)], "doc": "d"}
        pd.DataFrame(texts | {"teacher_score": np.linspace(0, high, 60)}).to_parquet(tmp_path / f"{name}.parquet")

    with pytest.raises(SettingError, match="the list's from 0 to 3: they are on two scales"):
        training_set(
            read_scored_list(tmp_path / "list.parquet"),
            is_bounded=True,
            score_range=ScoreRange(low=0, high=3),
            old=read_old_pairs(tmp_path / "old.parquet"),
            rng=np.random.default_rng(0),
        )


def test_old_pairs_that_reach_below_0_are_on_the_teacher_s_scale(read, read_old):
    listed, old = read(pairs(60, low=-1, high=3)), read_old(pairs(60, seed=1, low=-1, high=1))

    found = made(listed, old=old, settings=RetrainSettings(replay_share=0.5), score_range=ScoreRange(low=-1, high=3))

    assert found.n_replayed == 60
    assert found.label[60:] == pytest.approx(np.linspace(0, 0.5, 60))


def test_a_list_beyond_a_range_of_0_to_1_is_told_as_such_whatever_the_old_pairs_are(read, read_old):
    with pytest.raises(InputError, match=r"must lie in \[0, 1\]; found 0 to 3"):
        made(read(pairs(30, high=3)), old=read_old(pairs(30, seed=1)), score_range=ScoreRange(low=0, high=1))
