"""A slice may be given a name, so that two samples that spell it differently are compared in it."""

import pandas as pd
import pytest

from drift_core.errors import DriftError, InputError, SettingError
from drift_core.samples.checks import check_two_samples
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.slice_names import Spelling, other_spellings

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

    assert "--column production.land=Markt, or on the samples page." in problem.message
