from drift_core.charts.comparison import MAX_ROWS, comparison_chart, comparison_table, describe_parts, order_parts
from drift_core.comparison.compare import ComparedSample, compare
from drift_core.samples.reading import read_pairs
from tests.drift_core.comparison.two_students import frame


def made(**planted: float) -> ComparedSample:
    pairs = frame(before=1.0, after=0.3, **planted)
    pairs["number"] = [f"n{place // 2 % 20}" for place in range(len(pairs))]
    found = compare(read_pairs(pairs)).frozen
    assert found is not None
    return found


def test_the_whole_comes_first_then_what_got_worse() -> None:
    found = made(worse=2.5)

    ordered = order_parts(found.whole, found.regions)

    assert ordered[0] is found.whole
    assert ordered[1].title == "region: c"
    assert len(ordered) == len(found.regions) + 1 == 24


def test_the_chart_is_valid_and_says_its_finding() -> None:
    found = made(worse=2.5)

    drawn = comparison_chart(found.whole, found.regions).to_dict()

    assert drawn["description"] == describe_parts(found.whole, found.regions)
    assert "1 worse" in drawn["description"]
    assert "region: c: worse" in drawn["description"]
    rows = [row for rows in drawn["datasets"].values() for row in rows]
    assert len({row["part"] for row in rows}) == MAX_ROWS
    assert {row["what"] for row in rows} >= {"student before", "after, worse", "after, better"}


def test_a_sample_without_regions_is_one_row() -> None:
    found = compare(read_pairs(frame(before=1.0, after=0.3), slices=())).frozen
    assert found is not None

    drawn = comparison_chart(found.whole, found.regions).to_dict()

    assert "0 regions of the frozen pairs" in drawn["description"]


def test_the_table_has_every_part_with_its_reason() -> None:
    found = made()

    table = comparison_table(found.whole, found.regions)

    assert len(table) == 24
    assert table["Verdict"].iloc[0] == "better"
    assert table["Why"].str.len().min() > 0


def test_of_labels_nothing_is_said_of_ranks() -> None:
    pairs = frame(before=1.0, after=1.0, worse=2.5)
    scores = ["teacher_score", "student_score", "student_score_before"]
    pairs[scores] = pairs[scores].gt(0).replace({True: "pass", False: "fail"})
    found = compare(read_pairs(pairs)).frozen
    assert found is not None

    table = comparison_table(found.whole, found.regions)

    assert "worse" in set(table["Verdict"])
    assert not table.columns.str.contains("Spearman|Overlap").any()
    assert not table["Why"].str.contains("Spearman|order these").any()
