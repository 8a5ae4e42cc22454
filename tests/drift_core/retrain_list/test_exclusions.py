from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from drift_core.canary.unchecked_weeks import unchecked_weeks
from drift_core.errors import InputError, SettingError
from drift_core.retrain_list.exclusions import exclude_sample, read_excluded, weeks_in_words
from drift_core.retrain_list.manifest import ListSettings, draw_manifest, sampling_frame
from drift_core.samples.reading import read_pairs
from tests.drift_core.options.stand_ins import diagnosis, sample


def week(**columns):
    n = 40
    scores = {"teacher": np.arange(n) / n, "student": np.arange(n)[::-1] / n}
    return pd.DataFrame({"query": [f"query {i}" for i in range(n)], "doc": [f"doc {i}" for i in range(n)]}).assign(
        **scores, **columns
    )


def test_pairs_of_a_canary_week_are_not_on_the_list(tmp_path):
    week().to_csv(tmp_path / "week.csv", index=False)
    canary = read_excluded(tmp_path / "week.csv")
    case = diagnosis()

    manifest = draw_manifest(case, settings=ListSettings(n=1000), frame=sampling_frame(case, exclude=[canary]))

    assert not set(manifest.pairs["query"]) & set(week()["query"])
    assert (len(manifest), manifest.left_out.in_canary) == (660, 40)
    assert manifest.to_json()["excluded"] == [
        {"name": str(tmp_path / "week.csv"), "n_pairs": 40, "digest": canary.digest, "n_left_out": 40}
    ]


def test_a_week_that_has_no_scores_yet_is_left_out_too():
    canary = read_excluded(week()[["query", "doc"]], name="unscored")

    assert sampling_frame(diagnosis(), exclude=[canary]).left_out.in_canary == 40
    assert canary.sample_digest is None


def test_the_same_query_with_another_doc_is_another_pair():
    other = read_excluded(week(doc="another doc"), name="other")

    assert sampling_frame(diagnosis(), exclude=[other]).left_out.in_canary == 0


def test_where_one_side_has_no_docs_the_query_decides():
    canary = read_excluded(week().drop(columns="doc"), name="no docs")
    without = diagnosis(production=sample([f"query {i}" for i in range(700)]))

    assert sampling_frame(diagnosis(), exclude=[canary]).left_out.in_canary == 40
    assert sampling_frame(without, exclude=[read_excluded(week(), name="docs")]).left_out.in_canary == 40


def test_the_digest_is_the_same_in_any_order_and_as_a_sample():
    pairs = read_pairs(week())

    digests = {
        read_excluded(week(), name="a").digest,
        read_excluded(week().sample(frac=1, random_state=1), name="b").digest,
        exclude_sample(pairs).digest,
    }

    assert len(digests) == 1
    assert read_excluded(week(), name="a").sample_digest == pairs.digest


def test_recorded_weeks_that_are_not_given_are_named():
    given = read_excluded(week(), name="week")
    runs = [
        SimpleNamespace(at=datetime(2026, 5, day, tzinfo=UTC), production_digest=digest)
        for day, digest in ((4, given.sample_digest), (11, "another"), (18, None))
    ]

    assert unchecked_weeks(runs, [given]) == ("2026-05-11", "2026-05-18")
    assert unchecked_weeks(runs, []) == ("2026-05-04", "2026-05-11", "2026-05-18")


def test_a_week_recorded_with_a_named_slice_is_known_by_that_name():
    markets = ["at", "de"] * 20
    recorded = read_pairs(week(Land=markets), columns={"land": "Land"})

    given = read_excluded(week(Land=markets), name="week", columns={"land": "Land"})

    assert given.sample_digest == recorded.digest == read_pairs(week(land=markets)).digest
    assert read_excluded(week(land=markets), name="other", columns={"land": "Land"}).sample_digest == recorded.digest


def test_a_week_with_columns_of_other_names_is_known_by_how_the_diagnosed_sample_was_read():
    named = {"query": "query", "doc": "doc", "teacher": "verdict", "student": "chance"}
    odd = week().rename(columns={"teacher": "verdict", "student": "chance"})
    recorded = read_pairs(odd, columns=named).digest

    assert read_excluded(odd, name="week").sample_digest is None
    assert read_excluded(odd, name="week", read_as=named).sample_digest == recorded
    assert read_excluded(odd, name="week", columns=named).sample_digest == recorded
    assert read_excluded(week(), name="week", read_as=named).sample_digest == read_pairs(week()).digest


@pytest.mark.parametrize("name", ["techer", "Query", "Judge Score"])
def test_a_misspelled_role_is_refused(name):
    with pytest.raises(SettingError, match=f"There is no role called '{name}'. Choose among: query, teacher"):
        read_excluded(week(), name="week", columns={name: "query"})


def test_the_column_of_a_slice_is_no_longer_that_of_the_queries():
    with pytest.raises(InputError, match=r"week has no column for query\."):
        read_excluded(week(), name="week", columns={"frage": "query"})


def test_a_file_without_queries_is_refused(tmp_path):
    pd.DataFrame({"a": ["x"], "b": ["y"]}).to_csv(tmp_path / "odd.csv", index=False)

    with pytest.raises(InputError, match=r"odd\.csv has no column for query\. It has: a, b\."):
        read_excluded(tmp_path / "odd.csv")


def test_nothing_left_to_draw_says_why():
    case = diagnosis()

    with pytest.raises(InputError, match="700 of canary weeks"):
        sampling_frame(case, exclude=[exclude_sample(case.production)])


def test_many_weeks_are_told_by_their_number_and_ends():
    days = [f"2026-05-{day:02}" for day in range(1, 8)]

    assert weeks_in_words(days[:2]) == "2026-05-01, 2026-05-02"
    assert weeks_in_words(days) == "7 weeks from 2026-05-01 to 2026-05-07"
