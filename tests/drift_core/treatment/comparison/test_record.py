import json
from pathlib import Path

import pytest

from drift_core.diagnosis.record import json_text
from drift_core.errors import InputError
from drift_core.treatment.comparison.compare import Students, compare
from drift_core.treatment.comparison.record import comparison_to_json, read_comparison, record_of
from tests.drift_core.treatment.comparison.two_students import sample


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    made = compare(sample(before=1.0, after=0.3, worse=2.5), students=Students(before="ranker-1", after="ranker-2"))
    return json.loads(json_text(comparison_to_json(made)))  # type: ignore[no-any-return]  # plain values


def written(folder: Path, document: object) -> Path:
    path = folder / "comparison.json"
    path.write_text(json.dumps(document))
    return path


def test_what_is_written_is_read_again(document: dict[str, object], tmp_path: Path) -> None:
    made = compare(sample(before=1.0, after=0.3, worse=2.5), students=Students(before="ranker-1", after="ranker-2"))

    found = read_comparison(written(tmp_path, document))

    assert found == record_of(made)
    assert (found.student_before, found.student_after, found.is_measured) == ("ranker-1", "ranker-2", True)
    assert [part.title for part in found.worse] == ["region: c, frozen pairs"]


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
        ({"outcome": "good"}, "outcome must be one of better, worse, same, cannot tell; found 'good'"),
        ({"sentence": None}, "sentence must be a text; found None"),
        ({"worse": "none"}, "worse must be a list; found 'none'"),
        ({"student_after": 3}, "student_after must be a text or null; found 3"),
        ({"is_measured": 1}, "is_measured must be true or false; found 1"),
        ({"parts": [{"outcome": "fine"}]}, r"parts\[0\] must have an outcome"),
        ({"parts": [], "worse": []}, "parts must name at least all pairs of one sample"),
        ({"worse": [{"title": "x"}]}, r"worse\[0\] must have the texts title and sentence"),
        ({"worse": []}, "worse names 0 parts, but 1 of the parts are worse"),
    ],
)
def test_each_fault_has_its_message(
    document: dict[str, object], tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_comparison(written(tmp_path, document | change))


def test_several_faults_are_several_lines(document: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_comparison(written(tmp_path, document | {"outcome": "good", "sentence": 1}))

    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(("content", "message"), [("{", "is not valid JSON"), ("[]", "is no comparison")])
def test_what_is_no_record_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "comparison.json"
    path.write_text(content)

    with pytest.raises(InputError, match=message):
        read_comparison(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_comparison(tmp_path / "none.json")
