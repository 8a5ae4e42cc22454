import pytest

from drift_core.wording import column_in_words, without_commands


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Judge some (distillation-drift review draw): then retrain.", "Judge some: then retrain."),
        ("Draw a list: distillation-drift manifest a.csv --n 5.", "Draw a list."),
        ("The student (ranker-1) fell.", "The student (ranker-1) fell."),
    ],
)
def test_who_types_no_command_is_told_none(text, told):
    assert without_commands(text) == told


@pytest.mark.parametrize(
    ("column", "told"), [("lang", "language"), ("doc_type", "doc type"), ("tenant", "tenant"), ("_", "_")]
)
def test_a_column_is_called_in_words(column, told):
    assert column_in_words(column) == told
