"""What a file, and a pattern of files, is called in titles and records; what a folder is read as."""

from pathlib import Path

import pytest

from drift_core.samples.reading import read_pairs
from drift_core.tables.formats import short_name, stem
from tests.drift_core.samples.sample_files import assert_same, frame


@pytest.mark.parametrize(
    ("label", "called", "file"),
    [
        ("weeks/2026-03.csv.gz", "2026-03", "2026-03.csv.gz"),
        ("exports/held/*.jsonl", "held", "held/*.jsonl"),
        ("exports/held/**/*.jsonl", "held", "held/*.jsonl"),
        ("weeks/2026-*.csv", "weeks/2026-*", "weeks/2026-*.csv"),
        ("*.csv", "*", "*.csv"),
        ("-", "-", "-"),
    ],
)
def test_a_file_is_called_by_its_name_and_a_pattern_by_its_folder_too(label: str, called: str, file: str) -> None:
    assert stem(label) == called
    assert short_name(label) == file


def test_a_folder_is_its_parquet_files_in_the_order_of_their_names_whatever_columns_each_has(tmp_path: Path) -> None:
    parts = [frame(80)[n : n + 20] for n in range(0, 80, 20)]
    (tmp_path / "b").mkdir()
    for part, name in zip(parts, ("a1", "a2", "b/1", "b/2"), strict=True):
        part.to_parquet(tmp_path / f"{name}.parquet")
    parts[1][parts[1].columns[::-1]].to_parquet(tmp_path / "a2.parquet")
    (tmp_path / "b" / "3.writing").write_bytes(b"half a file")

    assert_same(read_pairs(tmp_path), frame(80))
