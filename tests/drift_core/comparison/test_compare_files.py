from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from drift_core.comparison.compare import Students, compare
from drift_core.comparison.compare_files import StudentFiles, compare_files, read_students
from drift_core.comparison.comparison_json import comparison_to_json
from drift_core.errors import InputError, SettingError
from drift_core.regions.embedding_source import EmbeddingSource
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame

HASHED = EmbeddingSource(encoder="hashing", is_cached=False)


def test_files_are_compared_as_their_samples_are(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "frozen.csv", index=False)
    students = Students(before="v1", after="v2")

    made = compare_files(StudentFiles(frozen=tmp_path / "frozen.csv", seed=3), students=students, embedding=None)

    whole = compare(read_pairs(tmp_path / "frozen.csv"), students=students, seed=3)
    assert comparison_to_json(made) | {"made_at": None} == comparison_to_json(whole) | {"made_at": None}
    assert made.made_at <= datetime.now(UTC)


def test_query_clusters_are_regions_unless_none_are_asked_for(tmp_path: Path) -> None:
    pairs, words = frame(), ("refund card", "laptop screen", "soup recipe")
    pairs["query"] = [f"{words[place // 2 % 3]} {place // 2}" for place in range(len(pairs))]
    pairs.to_csv(tmp_path / "fresh.csv", index=False)
    files = StudentFiles(fresh=tmp_path / "fresh.csv")

    partitions = [{part.partition for part in compare_files(files, embedding=each).parts} for each in (None, HASHED)]

    assert partitions == [{None, "region"}, {None, "region", "query clusters"}]


def test_scores_of_the_student_before_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    pairs = frame(200)
    pairs.drop(columns="student_score_before").to_csv(tmp_path / "after.csv", index=False)
    before = pairs.assign(student_score=pairs["student_score_before"]).drop(columns="student_score_before")
    before.sample(frac=1, random_state=0).to_csv(tmp_path / "before.csv", index=False)

    found = read_students(StudentFiles(frozen=tmp_path / "after.csv", frozen_before=tmp_path / "before.csv")).frozen

    assert found is not None
    assert found.student_before is not None
    np.testing.assert_allclose(found.student_before, pairs["student_score_before"])


def test_a_sample_of_one_student_is_refused_when_it_is_read(tmp_path: Path) -> None:
    frame(60).drop(columns="student_score_before").to_csv(tmp_path / "one.csv", index=False)

    with pytest.raises(InputError, match=r"one\.csv has no scores by the student before"):
        read_students(StudentFiles(fresh=tmp_path / "one.csv"))


def test_files_that_make_no_comparison_are_refused_before_they_are_read() -> None:
    with pytest.raises(InputError, match="found neither"):
        StudentFiles()
    with pytest.raises(SettingError, match="--fresh-before-file belongs to pairs that are not given"):
        StudentFiles(frozen="a.csv", fresh_before="b.csv")
    with pytest.raises(SettingError, match="Only one file can come from standard input"):
        StudentFiles(frozen="-", fresh="-")
