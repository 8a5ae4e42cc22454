"""Words that judges use are read as what they mean: yes and no, or which of two answers is better."""

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs

N = 60


def frame(values: list[object]) -> pd.DataFrame:
    """Values repeated down N rows, the student's one further on."""
    sides = {"teacher": values, "student": [*values[1:], values[0]]}
    repeated = {name: [each[row % len(each)] for row in range(N)] for name, each in sides.items()}
    return pd.DataFrame({"query": [f"query {row}" for row in range(N)], "doc": "doc"} | repeated)


@pytest.mark.parametrize(
    ("values", "kind", "labels", "codes"),
    [
        (["1", "2", "tie"], "pairwise", ("1", "2", "tie"), [0, 1, 2]),
        (["win", "lose", "draw"], "pairwise", ("A", "B", "tie"), [0, 1, 2]),
        (
            ["Option A", "Answer B is better", "B ist besser", "Both are equal"],
            "pairwise",
            ("A", "B", "tie"),
            [0, 1, 1],
        ),
        (["chosen", "rejected"], "pairwise", ("A", "B", "tie"), [0, 1]),
        (["PASS.", "FAIL."], "binary", ("fail.", "pass."), [1, 0]),
        (["\u2705", "\u274c"], "binary", ("\u274c", "\u2705"), [1, 0]),
        (["r\u00e9ussi", "\u00e9chou\u00e9"], "binary", ("\u00e9chou\u00e9", "r\u00e9ussi"), [1, 0]),
        (["s\u00ec", "no"], "binary", ("no", "s\u00ec"), [1, 0]),
        (["\u5408\u683c", "\u4e0d\u5408\u683c"], "binary", ("\u4e0d\u5408\u683c", "\u5408\u683c"), [1, 0]),
        (["approved", "Denied"], "binary", ("denied", "approved"), [1, 0]),
        (["success", "failure"], "binary", ("failure", "success"), [1, 0]),
        (["toxic", "not_toxic"], "binary", ("not_toxic", "toxic"), [1, 0]),
    ],
)
def test_words_are_read_as_what_they_mean(values, kind, labels, codes):
    found = read_pairs(frame(values))

    assert found.kind.name == kind
    assert [label.casefold() for label in found.kind.labels] == [label.casefold() for label in labels]
    assert found.teacher[: len(codes)].tolist() == codes
    assert len(found) == N


def test_a_word_that_both_judges_give_beside_numbers_is_asked_for_and_never_dropped():
    given = frame([*[1, 2, 3] * 9, "skip"])

    with pytest.raises(InputError, match=r"both hold numbers and 'skip'.*--kind ordinal, nominal or pairwise"):
        read_pairs(given)

    assert read_pairs(given, kind="nominal").kind.labels == ("1", "2", "3", "skip")
    assert len(read_pairs(given, kind="ordinal")) < N
