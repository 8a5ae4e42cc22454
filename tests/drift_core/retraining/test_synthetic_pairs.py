import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.retraining.scored_texts import read_old_pairs, read_scored_list
from drift_core.retraining.settings import RetrainSettings
from drift_core.retraining.synthetic_pairs import synthetic_rows, within_cap
from drift_core.retraining.training_set import training_set
from tests.drift_core.retraining.cases import list_file, pairs


@pytest.mark.parametrize("name", ["synthetic", "is_synthetic", "Is Synthetic", "SYNTHETIC"])
@pytest.mark.parametrize("marks", [[True, False, None], ["yes", "no", ""], [1, 0, None], ["True", "false", None]])
def test_synthetic_pairs_are_told_by_their_column(name, marks):
    assert synthetic_rows(pd.DataFrame({name: marks}), "list.csv").tolist() == [True, False, False]


def test_another_value_is_one_message():
    with pytest.raises(InputError, match=r"'synthetic' of list\.csv .* by true or false; found 'maybe' in row 2\."):
        synthetic_rows(pd.DataFrame({"synthetic": ["yes", "maybe"]}), "list.csv")


def test_without_such_a_column_no_pair_is_synthetic():
    assert not synthetic_rows(pd.DataFrame({"synthetic_by": ["a", "b"]}), "list.csv").any()


@pytest.mark.parametrize(
    ("n", "n_marked", "share", "n_kept"), [(100, 60, 0.2, 10), (100, 20, 0.2, 20), (50, 50, 1, 50)]
)
def test_the_cap_holds_and_takes_no_other_pair(n, n_marked, share, n_kept):
    marked = np.arange(n) < n_marked

    kept = within_cap(marked, share, np.random.default_rng(0))

    assert (kept & marked).sum() == n_kept
    assert kept[~marked].all()
    assert (kept & marked).sum() <= share * kept.sum()


def made(tmp_path, table, *, old=None, **settings):
    listed = read_scored_list(list_file(table, tmp_path / "list.parquet"))
    if old is not None:
        old.to_csv(tmp_path / "old.csv", index=False)
        old = read_old_pairs(tmp_path / "old.csv")
    return training_set(
        listed, is_bounded=False, old=old, settings=RetrainSettings(**settings), rng=np.random.default_rng(0)
    )


def test_pairs_beyond_the_cap_are_left_out_by_the_seed_and_counted(tmp_path):
    table = pairs(80).assign(synthetic=[True, False] * 40)

    found, again = made(tmp_path, table), made(tmp_path, table)

    assert (found.n_listed, found.n_synthetic, found.n_synthetic_left_out) == (50, 10, 30)
    assert found.query.tolist() == again.query.tolist()
    assert set(table["query"][1::2]) <= set(found.query)
    assert made(tmp_path, table, max_synthetic_share=0).n_listed == 40
    assert made(tmp_path, table, max_synthetic_share=1).n_synthetic_left_out == 0


def test_old_pairs_count_for_the_cap_too(tmp_path):
    old = pairs(60, seed=1).assign(synthetic="yes")

    found = made(tmp_path, pairs(40), old=old, replay_share=0.5)

    assert (found.n_listed, found.n_replayed, found.n_synthetic, found.n_synthetic_left_out) == (40, 10, 10, 30)


def test_a_list_of_synthetic_pairs_alone_trains_nothing(tmp_path):
    with pytest.raises(InputError, match=r"0 are left to train on.* 40 synthetic ones are beyond their share"):
        made(tmp_path, pairs(40).assign(synthetic=1))
