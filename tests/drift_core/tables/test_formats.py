"""What a file, and a pattern of files, is called in titles and records; what a folder is read as."""

from pathlib import Path

import pytest

from drift_core.errors import InputError
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
    (tmp_path / "b.parquet").mkdir()
    for part, name in zip(parts, ("a1", "a2", "b.parquet/1", "b.parquet/2"), strict=True):
        part.to_parquet(tmp_path / f"{name}.parquet")
    parts[1][parts[1].columns[::-1]].to_parquet(tmp_path / "a2.parquet")
    (tmp_path / "b.parquet" / "3.writing").write_bytes(b"half a file")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden.parquet").write_bytes(b"PAR1")

    assert_same(read_pairs(tmp_path), frame(80))


def test_a_folder_with_files_of_other_forms_is_not_read_in_part(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "1.parquet")
    frame().to_csv(tmp_path / "2.csv")

    with pytest.raises(InputError, match=r"a folder of Parquet files and others, such as 2\.csv\. Name the files"):
        read_pairs(tmp_path)
