import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drift_core.comparison.compare import Comparison, Students, compare
from drift_core.comparison.comparison_json import ComparedFigure, comparison_to_json, record_of
from drift_core.comparison.versions import versions_of
from drift_core.errors import InputError
from drift_core.measured import Measured
from drift_core.samples.pairs import ScoredPairs
from tests.drift_core.command_line import run
from tests.drift_core.comparison.two_students import sample


def scored(before: float, after: float, *, n: int = 300, teacher: float = 1.0) -> ScoredPairs:
    """The frozen pairs under two students whose errors have these sizes, each version the same in every comparison."""
    pairs = sample(n)
    given, noise = pairs.teacher * teacher, pairs.student - pairs.teacher
    return replace(pairs, teacher=given, student=given + after * noise, student_before=given + before * noise)


def made(before: int, after: int, *, day: int, tail: ScoredPairs | None = None, **fields: float) -> Comparison:
    size = {1: 2.0, 2: 1.0, 3: 0.2}
    return compare(
        scored(size[before], size[after], **fields),  # type: ignore[arg-type]  # numbers all
        tail=tail,
        students=Students(before=f"ranker-{before}", after=f"ranker-{after}"),
        made_at=datetime(2026, 5, day, tzinfo=UTC),
    )


def test_every_version_stands_once_on_the_identical_frozen_set_in_its_order() -> None:
    first, second = made(1, 2, day=1), made(2, 3, day=8, tail=sample(300, seed=7))

    found = versions_of({"b.json": record_of(second), "a.json": record_of(first)})

    assert [each.name for each in found.versions] == ["ranker-1", "ranker-2", "ranker-3"]
    assert first.frozen is not None
    assert found.frozen_digest == first.frozen.pairs_digest
    figures = [each.frozen.estimate for each in found.versions if each.frozen and each.frozen.estimate is not None]
    assert figures == sorted(figures)
    order = first.frozen.whole.order.before
    assert isinstance(order, Measured)
    assert figures[0] == order.estimate
    assert [each.tail is not None for each in found.versions] == [False, True, True]
    assert found.notes == ()


def test_another_frozen_set_or_a_nameless_student_is_refused_with_one_message() -> None:
    one, other = record_of(made(1, 2, day=1)), record_of(made(2, 3, day=8, n=200))

    with pytest.raises(InputError, match=r"a.json and b.json were made on other frozen sets"):
        versions_of({"a.json": one, "b.json": other})
    with pytest.raises(InputError, match="does not name both students"):
        versions_of({"a.json": replace(one, student_before=None)})
    with pytest.raises(InputError, match=r"a.json has no frozen set"):
        versions_of({"a.json": replace(one, inputs={})})
    with pytest.raises(InputError, match="at least one comparison"):
        versions_of({})


def test_agreement_of_labels_is_told_in_per_cent() -> None:
    found = ComparedFigure(estimate=0.92, low=0.9, high=0.941, n_pairs=300, is_share=True)

    assert found.text == "92.0% (90.0% to 94.1%), n = 300"
    assert found.to_json()["is_share"] is True
    assert replace(found, is_share=False).text == "0.920 (0.900 to 0.941), n = 300"


def test_a_version_whose_figure_changed_between_comparisons_is_said() -> None:
    first, second = made(1, 2, day=1), made(1, 3, day=8)
    parts = tuple(
        replace(each, before=replace(each.before, estimate=0.5)) if each.before else each
        for each in record_of(second).parts
    )

    (note,) = versions_of({"a": record_of(first), "b": replace(record_of(second), parts=parts)}).notes

    assert note.startswith("ranker-1 has agreement ")
    assert "and 0.500 in a later one: the teacher's scores" in note


def test_the_command_lists_them_and_writes_json(tmp_path):  # type: ignore[no-untyped-def]
    for name, each in (("a", made(1, 2, day=1)), ("b", made(2, 3, day=8))):
        (tmp_path / f"{name}.json").write_text(json.dumps(comparison_to_json(each)))

    code, shown, _ = run("versions", tmp_path / "a.json", tmp_path / "b.json", "--json", tmp_path / "all.json")

    lines = shown.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == ["Version", "ranker-1", "ranker-2", "ranker-3", "Frozen", "Wrote"]
    assert "2026-05-08   0." in lines[2]  # the newest comparison that has it
    assert [each["version"] for each in json.loads((tmp_path / "all.json").read_text())["versions"]] == [
        "ranker-1",
        "ranker-2",
        "ranker-3",
    ]
    assert run("versions", tmp_path / "gone.json")[0] == 2
