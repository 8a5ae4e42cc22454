import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from drift_core.agreement.rule import Rule
from drift_core.comparison.compare import Students, compare
from drift_core.comparison.comparison_json import comparison_to_json, read_comparison, record_of
from drift_core.errors import InputError
from drift_core.samples.reading import read_pairs
from drift_core.tables.json_text import json_text
from tests.drift_core.comparison.two_students import frame, sample

MADE_AT = datetime(2026, 5, 1, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    students = Students(before="ranker-1", after="ranker-2")
    made = compare(sample(before=1.0, after=0.3, worse=2.5), students=students, made_at=MADE_AT)
    return json.loads(json_text(comparison_to_json(made)))  # type: ignore[no-any-return]  # plain values


def written(folder: Path, document: object) -> Path:
    path = folder / "comparison.json"
    path.write_text(json.dumps(document))
    return path


def test_what_is_written_is_read_again(document: dict[str, object], tmp_path: Path) -> None:
    students = Students(before="ranker-1", after="ranker-2")
    made = compare(sample(before=1.0, after=0.3, worse=2.5), students=students, made_at=MADE_AT)

    found = read_comparison(written(tmp_path, document))

    assert found == record_of(made)
    assert (found.made_at, found.rule) == (MADE_AT, Rule().to_json())
    assert (found.student_before, found.student_after, found.is_measured) == ("ranker-1", "ranker-2", True)
    assert [part.title for part in found.worse] == ["region: c, frozen pairs"]


def test_the_record_tells_which_slice_columns_were_left_out() -> None:
    pairs = frame(before=1.0, after=0.3)
    both = read_pairs(pairs.assign(land=pairs["region"]))

    whole, part = compare(both), compare(both, slices=["land"])

    assert record_of(whole).slices_left_out == ()
    assert record_of(part).slices_left_out == ("region",)
    assert list(record_of(part).regions) == [("land", name) for name in "abc"]
    assert "Slice columns that were not compared: region." in part.cautions
    assert comparison_to_json(part)["inputs"]["frozen"]["slices"] == ["region", "land"]  # type: ignore[index]  # a mapping


def test_the_record_holds_what_made_it(document: dict[str, object]) -> None:
    assert {"schema", "version", "rule", "seed", "inputs", "operations", "parts", "trained_on"} <= set(document)
    assert document["inputs"]["frozen"]["digest"] == sample(before=1.0, after=0.3, worse=2.5).digest  # type: ignore[index]  # a mapping
    first = document["parts"][0]  # type: ignore[index]  # a list
    assert {"change", "before", "after", "spearman_before", "overlap", "detectable", "outcome"} <= set(first)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "diagnosis"}, "is no comparison"),
        ({"schema": 9}, "has schema 9; this version reads schema 1"),
        ({"outcome": "good"}, "outcome: Input should be 'better', 'worse', 'same' or 'cannot tell'; found 'good'"),
        ({"sentence": None}, "sentence: Input should be a valid string; found None"),
        ({"worse": "none"}, "worse: .*found 'none'"),
        ({"student_after": 3}, "student_after: Input should be a valid string; found 3"),
        ({"is_measured": 1}, "is_measured: Input should be a valid boolean; found 1"),
        ({"parts": [{"outcome": "fine"}]}, r"parts\.0\.outcome: .*found 'fine'"),
        ({"parts": [], "worse": []}, "parts must name all pairs of at least one sample"),
        ({"worse": [{"title": "x"}]}, r"worse\.0\.sentence: Field required"),
        ({"worse": []}, "worse names 0 parts, but 1 of the parts are worse"),
        ({"made_at": "soon"}, "made_at: .*found 'soon'"),
        ({"made_at": 5}, "made_at: .*found 5"),
        ({"rule": "strict"}, "rule: .*found 'strict'"),
        ({"rule": {"alpha": "low"}}, "rule.alpha.*: Input should be a valid number; found 'low'"),
        (
            {"rule": Rule().to_json() | {"alpha": float("nan")}},
            "rule.alpha.*: Input should be a finite number; found nan",
        ),
        ({"rule": Rule().to_json() | {"region_min_queries": 10**400}}, "rule.region_min_queries.*: "),
        (
            {"rule": Rule().to_json() | {"alpha": 7}},
            r"The rule's alpha must be a number in \(0, 1\), from .*; found 7",
        ),
        ({"outcome": "worse"}, "outcome is worse, but its parts say cannot tell"),
        ({"parts": [{"outcome": "worse", "partition": "region"}]}, "it names regions only"),
    ],
)
def test_each_fault_has_its_message(
    document: dict[str, object], tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_comparison(written(tmp_path, document | change))


def test_a_record_of_an_earlier_version_has_no_time(document: dict[str, object], tmp_path: Path) -> None:
    earlier = {name: value for name, value in document.items() if name != "made_at"}

    assert read_comparison(written(tmp_path, earlier)).made_at is None


@pytest.mark.parametrize("told", ["2026-05-01T08:00:00+02:00", "2026-05-01T06:00:00"])
def test_the_time_is_read_in_utc(document: dict[str, object], tmp_path: Path, told: str) -> None:
    assert read_comparison(written(tmp_path, document | {"made_at": told})).made_at == MADE_AT


def test_the_time_of_making_is_kept_in_utc_and_is_now_by_default() -> None:
    local = MADE_AT.astimezone(timezone(timedelta(hours=9)))

    assert compare(sample(60), made_at=local).made_at.utcoffset() == timedelta()
    assert abs(compare(sample(60)).made_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_several_faults_are_several_lines(document: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_comparison(written(tmp_path, document | {"outcome": "good", "sentence": 1}))

    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "is not valid JSON"), ("[]", "is no comparison"), ("[" * 20_000, "nested too deeply")],
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "comparison.json"
    path.write_text(content)

    with pytest.raises(InputError, match=message):
        read_comparison(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_comparison(tmp_path / "none.json")


def test_many_faults_and_long_values_make_a_message_that_can_be_read(
    document: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(InputError) as long_value:
        read_comparison(written(tmp_path, document | {"outcome": "x" * 10**6}))
    with pytest.raises(InputError, match="and 80 more") as many:
        read_comparison(written(tmp_path, document | {"parts": [{}] * 100, "worse": []}))

    assert len(str(long_value.value)) < 1_000
    assert len(str(many.value).splitlines()) == 21
