"""What a file, and a pattern of files, is called in titles and records."""

import pytest

from drift_core.tables.formats import short_name, stem


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
