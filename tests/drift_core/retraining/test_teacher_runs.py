import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.rescoring.result import rescored_pairs
from drift_core.retrain_list.reader import read_list
from drift_core.retraining.scored_texts import read_scored_list
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.teacher_runs import differ_too_much
from drift_core.retraining.training_set import training_set
from tests.drift_core.retraining.cases import list_file, pairs


def two_runs(deviation, n=4000, seed=0, runs=2):
    rng = np.random.default_rng(seed)
    return rng.uniform(size=(n, 1)) + deviation * rng.normal(size=(n, runs))


@pytest.mark.parametrize(("runs", "factor"), [(2, 2.77), (3, 3.31), (4, 3.63)])
def test_the_limit_is_the_critical_range_and_leaves_out_one_pair_in_twenty(runs, factor):
    is_beyond, noise = differ_too_much(two_runs(0.1, runs=runs), None)

    assert noise.deviation == pytest.approx(0.1, rel=0.02)
    assert noise.limit == pytest.approx(2.77 * noise.deviation, rel=2e-3)
    assert is_beyond.mean() == pytest.approx(0.05, abs=0.012)  # 3.4 standard errors of 4,000 pairs
    smallest = np.ptp(two_runs(0.1, runs=runs)[is_beyond], axis=1).min()
    assert smallest == pytest.approx(factor * noise.deviation, rel=0.02)


def test_a_limit_that_was_given_goes_before_the_teachers_own():
    runs = np.array([[0.2, 0.2], [0.2, 0.5], [0.2, 0.6], [0.1, np.nan]])

    is_beyond, noise = differ_too_much(runs, 0.3)

    assert is_beyond.tolist() == [False, False, True, False]
    assert (noise.n_pairs, noise.n_left_out, noise.limit, noise.is_given) == (3, 1, 0.3, True)
    assert noise.deviation is None


def test_too_few_repeated_pairs_leave_out_none_and_say_so():
    is_beyond, noise = differ_too_much(np.array([[0.1, 0.9]] * 19 + [[0.5, np.nan]] * 5), None)

    assert not is_beyond.any()
    assert noise.limit is None
    assert "none was left out" in noise.sentence


def test_one_score_a_pair_says_nothing_of_the_teacher():
    is_beyond, noise = differ_too_much(np.full((30, 1), 0.5), None)

    assert noise is None
    assert not is_beyond.any()


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_columns_of_further_runs_are_averaged_and_wild_pairs_left_out_with_their_count(tmp_path, ending):
    table = pairs(40).assign(teacher_score_2=lambda each: each["teacher_score"] + 0.02)
    table.loc[7, "teacher_score_2"] = 1.0
    table.loc[39, "teacher_score_2"] = np.nan
    path = tmp_path / f"list.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)

    found = training_set(read_scored_list(path), is_bounded=False, rng=np.random.default_rng(0))

    kept = table.drop(7)
    assert found.query.tolist() == kept["query"].tolist()
    assert found.label == pytest.approx(kept[["teacher_score", "teacher_score_2"]].mean(axis=1).to_numpy())
    assert (found.noise.n_pairs, found.noise.n_left_out, found.n_listed) == (39, 1, 39)
    assert "1 pair was left out, whose scores differ by more than" in found.noise.sentence


def test_a_wide_limit_keeps_every_pair(tmp_path):
    table = pairs(40).assign(teacher_score_2=lambda each: each["teacher_score"][::-1].to_numpy())
    listed = read_scored_list(list_file(table, tmp_path / "list.parquet"))

    kept = training_set(
        listed, is_bounded=False, settings=RetrainSettings(max_difference=1), rng=np.random.default_rng(0)
    )

    assert (len(kept), kept.noise.n_left_out) == (40, 0)
    assert kept.label == pytest.approx(np.full(40, 0.5))


def test_a_limit_that_leaves_too_few_pairs_names_the_option(tmp_path):
    table = pairs(30).assign(teacher_score_2=lambda each: each["teacher_score"] + 0.5)
    listed = read_scored_list(list_file(table, tmp_path / "list.parquet"))

    with pytest.raises(InputError, match=r"Of 30 listed pairs 0 are left .* on 30 the teacher's runs differ too much"):
        training_set(listed, is_bounded=False, settings=RetrainSettings(max_difference=0), rng=np.random.default_rng(0))


def test_a_list_scored_again_is_another_run(tmp_path):
    first = list_file(pairs(30), tmp_path / "one.parquet")
    again = pairs(30).assign(teacher_score=lambda each: each["teacher_score"] + 0.1).iloc[::-1].drop(index=[4])
    second = list_file(again, tmp_path / "two.parquet")

    read = read_scored_list(first, repeats=[second])

    runs = np.ptp(read.runs, axis=1)
    assert np.isnan(runs[4])
    assert np.delete(runs, 4) == pytest.approx(np.full(29, 0.1))
    other = list_file(pairs(30, seed=3), tmp_path / "three.parquet")
    with pytest.raises(InputError, match=r"three\.parquet has a score for no pair of one\.parquet"):
        read_scored_list(first, repeats=[other])


def test_words_for_yes_and_no_are_runs_too(tmp_path):
    table = pairs(30).assign(teacher_score=["pass", "fail"] * 15, teacher_score_2=["pass"] * 30)

    read = read_scored_list(list_file(table, tmp_path / "list.parquet"))

    assert read.score[:4].tolist() == [1, 0.5, 1, 0.5]


def test_scores_of_a_run_before_re_scoring_are_no_run_of_the_teacher_now(tmp_path):
    listed = read_list(list_file(pairs(30).assign(teacher_score_2=0.3), tmp_path / "list.parquet"))

    rescored = rescored_pairs(listed, {})

    assert "teacher_score_2" not in rescored
    assert rescored["teacher_score_2_listed"].tolist() == [0.3] * 30
    path = list_file(rescored.assign(teacher_score=0.5), tmp_path / "rescored.parquet")
    assert read_scored_list(path).runs.shape == (30, 1)
    assert isinstance(rescored, pd.DataFrame)


def test_runs_that_all_agree_leave_no_pair_out():
    _, noise = differ_too_much(np.tile([0.2, 0.2], (40, 1)), 0.5)

    assert noise.sentence.endswith(
        "None was left out: no scores of a pair differ by more than 0.5, as asked (--max-difference)."
    )
