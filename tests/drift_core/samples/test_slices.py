"""A slice may be given a name, so that two samples that spell it differently are compared in it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import DriftError, InputError, SettingError
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.sample_files import SampleFiles, read_samples
from drift_core.samples.slices import Spelling, align_slices, other_spellings, value_problems
from drift_core.samples.two_samples import check_two_samples

N = 60
MARKETS = ["at", "de", "ch"] * (N // 3)


def frame(**more: object) -> pd.DataFrame:
    scores = [i / N for i in range(N)]
    return pd.DataFrame({"query": [f"q {i}" for i in range(N)], "teacher": scores, "student": scores[::-1]} | more)


def read(named: dict[str, str] | None = None, slices: tuple[str, ...] | None = None, **more: object) -> ScoredPairs:
    return read_pairs(frame(**more), columns=named, slices=slices, name="day.csv")


def test_a_named_slice_takes_the_place_of_its_column_and_is_recorded() -> None:
    found = read({"land": "Markt"}, Markt=MARKETS, surface=["app", "web"] * (N // 2))

    assert list(found.slices) == ["land", "surface"]
    assert found.slices["land"].tolist() == MARKETS
    assert dict(found.columns) == {"query": "query", "teacher": "teacher", "student": "student", "land": "Markt"}


def test_a_named_slice_has_the_digest_of_a_column_of_that_name() -> None:
    assert read({"land": "Markt"}, Markt=MARKETS).digest == read(land=MARKETS).digest


def test_a_column_that_looks_like_a_role_can_be_a_named_slice() -> None:
    found = read({"kind": "content"}, content=MARKETS)

    assert list(found.slices) == ["kind"]
    assert found.doc is None


def test_slices_are_asked_for_by_their_new_names_whatever_they_hold() -> None:
    found = read({"shop": "Shop No"}, ("shop",), **{"Shop No": [7, 8] * (N // 2), "surface": MARKETS})

    assert list(found.slices) == ["shop"]
    assert set(found.slices["shop"]) == {"7", "8"}


def test_the_same_name_may_stay() -> None:
    assert list(read({"land": "land"}, land=MARKETS).slices) == ["land"]


@pytest.mark.parametrize(
    ("named", "slices", "error", "told"),
    [
        ({"land": "Gone"}, None, InputError, "no column 'Gone', named for land"),
        ({"land": ""}, None, SettingError, "The slice 'land' needs a column of The frame"),
        ({"surface": "Land"}, None, InputError, "has a column 'surface' already, so 'Land' cannot be called that"),
        ({"land": "Land"}, ("surface",), SettingError, "found 'land', which is not among the slices asked for"),
        ({"techer": "points"}, None, SettingError, "found 'techer' for column 'points' of The frame"),
        ({"qurey": "query_text"}, None, SettingError, "not few, short texts. Name a role, or ask for it with --slice"),
    ],
)
def test_what_can_be_neither_role_nor_slice_is_refused(
    named: dict[str, str], slices: tuple[str, ...] | None, error: type[DriftError], told: str
) -> None:
    points, texts = [i / 7 for i in range(N)], [f"text {i}" for i in range(N)]

    with pytest.raises(error) as caught:
        read(named, slices, Land=MARKETS, surface=MARKETS, points=points, query_text=texts)

    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["Teacher", "teacher_pined", "teacher-pinned", "grade"])
def test_grades_in_a_csv_become_no_slice_unless_asked_for(tmp_path: Path, name: str) -> None:
    path = tmp_path / "day.csv"
    frame(teacher_score=[i % 4 for i in range(N)], grade_v2=["0", "1", "2.5"] * (N // 3)).to_csv(path, index=False)

    with pytest.raises(SettingError, match=r"column 'grade_v2' of .*day\.csv, whose values are all numbers"):
        read_pairs(path, columns={name: "grade_v2"})

    assert list(read_pairs(path, columns={name: "grade_v2"}, slices=(name,)).slices) == [name]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Teacher", "teacher"),
        ("teacher-pinned", "teacher_pinned"),
        ("Judge Score", "teacher"),
        ("teacher_pined", "teacher_pinned"),
        ("techer", "teacher"),
        ("studdent", "student"),
        ("lable", "label"),
        ("qvery", "query"),
    ],
)
def test_a_name_that_reads_like_a_role_is_refused_unless_asked_for(name: str, role: str) -> None:
    with pytest.raises(SettingError, match=f"found '{name}' for column 'Markt' .*which reads like the role '{role}'"):
        read({name: "Markt"}, Markt=MARKETS)

    assert list(read({name: "Markt"}, (name,), Markt=MARKETS).slices) == [name]


@pytest.mark.parametrize("name", ["query_kind", "leather", "dog", "student type", "quarry"])
def test_other_names_are_slices(name: str) -> None:
    assert name in read({name: "Markt"}, Markt=MARKETS).slices


def test_a_column_that_looks_like_a_role_may_be_spelled_as_in_the_other_sample() -> None:
    assert list(read({"content": "Content"}, Content=MARKETS, doc=[f"d {i}" for i in range(N)]).slices) == ["content"]


def test_samples_that_spell_a_slice_differently_are_compared_once_it_is_named() -> None:
    others = [f"other {i}" for i in range(N)]
    heldout, production = read(land=MARKETS), read(query=others, Land=MARKETS)
    named = read({"land": "Land"}, query=others, Land=MARKETS)

    assert other_spellings(heldout, production) == (Spelling(heldout="land", production="Land"),)
    assert [problem.name for problem in check_two_samples(heldout, production)] == ["slice_names"]
    assert check_two_samples(heldout, named) == ()


def test_the_option_that_mends_it_names_the_column_of_the_file() -> None:
    heldout = read(land=MARKETS)
    production = read({"LAND": "Markt"}, query=[f"other {i}" for i in range(N)], Markt=MARKETS)

    (problem,) = check_two_samples(heldout, production)

    assert "on the samples page, or with --column production.land=Markt." in problem.message


def test_values_that_are_written_differently_are_told_with_both_spellings() -> None:
    heldout = read(land=["AT", "DE", "CH"] * (N // 3))
    production = read(land=["at ", "DE", "fr"] * (N // 3))

    found = check_two_samples(heldout, production)[-1]

    assert found.name == "slice_values"
    assert found.message == (
        "The slice 'land' is written differently in held-out and in production: 'AT' and 'at '. They count as "
        "different regions. Write them alike in one of the files."
    )


def test_dates_are_said_not_to_be_looked_along_and_by_name_are_compared_by_month() -> None:
    days = [f"2026-{i % 12 + 1:02}-{i % 27 + 1:02}" for i in range(N)]
    scores = np.arange(N) / N
    frame = pd.DataFrame({"query": "q", "teacher": scores, "student": scores, "published": days})
    frame = pd.concat([frame] * 2, ignore_index=True).assign(doc=[f"doc {i}" for i in range(2 * N)])

    left = read_pairs(frame)
    asked = read_pairs(frame, slices=["published"])
    compared = align_slices(asked, asked)

    assert [each.message for each in left.problems if each.name == "dates_left_out"] == [
        "'published' holds dates and was not looked along. To compare its months, as of docs, add --slice published."
    ]
    assert not [each for each in asked.problems if each.name == "dates_left_out"]
    assert set(compared[0].slices["published"]) == {f"2026-{month:02}" for month in range(1, 13)}
    assert compared[0].digest == asked.digest


def test_values_that_are_new_or_gone_are_no_matter_of_spelling() -> None:
    heldout = read(land=["AT", "DE", "CH"] * (N // 3))
    production = read(land=["AT", "FR", "US"] * (N // 3))

    assert not value_problems(heldout, production)


@pytest.mark.parametrize(
    ("value", "more", "is_slice"), [("fresh", "hit", True), ("night", "hit", False), ("fresh", "fresh", False)]
)
def test_a_column_of_one_value_in_one_sample_is_a_slice_where_the_other_shares_it(value, more, is_slice):
    def table(side, *values):
        return pd.DataFrame({"query": side, "teacher": range(40), "student": range(40), "cache": np.repeat(values, 20)})

    samples = read_pairs(table("h", value, value)), read_pairs(table("p", "fresh", more))
    before, after = align_slices(*samples)

    assert ("cache" in before.slices and "cache" in after.slices) is is_slice
    assert (before.digest, after.digest) == tuple(each.digest for each in samples)
    assert [each.name for each in check_two_samples(*samples)].count("slice_of_one_sample") == (value == "night")


@pytest.mark.parametrize(("has", "told"), [("production", "held-out as a whole"), ("heldout", "are not compared")])
def test_a_column_of_one_file_alone_is_told_with_what_becomes_of_it(has: str, told: str) -> None:
    with_arm, without = {"arm": ["A", "B"] * (N // 2)}, {}
    heldout = read(**(with_arm if has == "heldout" else without))
    production = read(query=[f"other {i}" for i in range(N)], **(with_arm if has == "production" else without))

    (problem,) = check_two_samples(heldout, production)

    assert problem.name == "slice_of_one_file"
    assert "has no column 'arm'" in problem.message
    assert told in problem.message


def test_a_column_of_production_alone_can_be_asked_for_and_one_of_neither_is_refused(tmp_path: Path) -> None:
    frame().to_csv(heldout := tmp_path / "heldout.csv", index=False)
    frame(arm=["A", "B"] * (N // 2)).to_csv(production := tmp_path / "production.csv", index=False)
    files = SampleFiles(heldout=heldout, production=production)

    _, found = read_samples(files, slices=["arm"])

    assert list(found.slices) == ["arm"]
    with pytest.raises(InputError, match="has no column 'arn', asked for as a slice"):
        read_samples(files, slices=["arn"])
