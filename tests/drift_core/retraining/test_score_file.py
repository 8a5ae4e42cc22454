import json

import numpy as np
import pandas as pd
import pytest

from drift_core.errors import InputError, SettingError
from drift_core.retraining.score_file import read_texts_of, table_writer
from drift_core.samples.reading import read_pairs
from tests.drift_core.retraining.cases import pairs


@pytest.mark.parametrize(("name", "read"), [("out.parquet", pd.read_parquet), ("out.csv", pd.read_csv)])
def test_a_table_comes_back_with_its_scores_and_every_other_column(tmp_path, name, read):
    table = pairs(5).assign(country=["DE", "AT", None, "CH", "DE"])
    table.to_parquet(tmp_path / "in.parquet")

    texts = read_texts_of(tmp_path / "in.parquet")
    table_writer(name)(texts.with_scores("student_score", np.arange(5.0)), tmp_path / name)

    back = read(tmp_path / name)
    assert [*back.columns] == ["query", "doc", "teacher_score", "country", "student_score"]
    assert back["student_score"].tolist() == [0, 1, 2, 3, 4]
    assert back["country"].isna().tolist() == [False, False, True, False, False]
    assert back["doc"].tolist() == table["doc"].tolist()


def test_json_lines_hold_one_pair_a_line(tmp_path):
    pairs(3).to_csv(tmp_path / "in.csv", index=False)

    table = read_texts_of(tmp_path / "in.csv").with_scores("student_score", np.zeros(3))
    table_writer("x.jsonl")(table, tmp_path / "out.jsonl")

    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [line["query"] for line in lines] == pairs(3)["query"].tolist()
    assert {line["student_score"] for line in lines} == {0.0}


def test_texts_that_look_like_numbers_keep_their_zeros(tmp_path):
    (tmp_path / "in.csv").write_text("query,doc,code\n007,1e5,0012\n")

    texts = read_texts_of(tmp_path / "in.csv")

    assert (texts.query.tolist(), texts.doc.tolist()) == (["007"], ["1e5"])
    assert texts.table["code"].to_pylist() == ["0012"]


def test_formulas_are_scored_as_they_are_and_are_harmless_in_csv(tmp_path):
    pd.DataFrame({"query": ["=1+1", "@x"], "doc": ["+1", "plain"]}).to_parquet(tmp_path / "in.parquet")

    texts = read_texts_of(tmp_path / "in.parquet")
    table_writer("out.csv")(texts.with_scores("student_score", np.array([-1.5, 2])), tmp_path / "out.csv")

    assert texts.query.tolist() == ["=1+1", "@x"]
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "query,doc,student_score",
        "'=1+1,'+1,-1.5",
        "'@x,plain,2.0",
    ]


@pytest.mark.parametrize("names", [("query", "doc"), ("question", "passage"), ("query", "-passage")])
def test_a_scored_csv_is_read_as_its_source_was_however_often_it_is_scored(tmp_path, names):
    odd = ["-5 degrees", "'=1", "plain", "@home", "''+1", "a\nb", "'a", "\tx"] * 5
    docs = [f"{text} {i}" for i, text in enumerate(reversed(odd))]
    columns = {names[0]: odd, names[1]: docs, "teacher": np.arange(40.0), "-land": ["-1", "'-1"] * 20}
    pd.DataFrame({**columns, "student_score": np.arange(40.0)[::-1]}).to_csv(tmp_path / "in.csv", index=False)
    chosen = {"query": names[0], "doc": names[1]}

    for source, out in (("in.csv", "once.csv"), ("once.csv", "twice.csv")):
        texts = read_texts_of(tmp_path / source, chosen=chosen)
        table = texts.marked(texts.with_scores("student_score", np.arange(40.0)[::-1]), out)
        table_writer(out)(table, tmp_path / out)

    before, *after = (
        read_pairs(tmp_path / name, columns=chosen, name="n") for name in ("in.csv", "once.csv", "twice.csv")
    )
    assert [each.digest for each in after] == [before.digest] * 2
    assert dict(before.slices)["-land"].tolist() == ["-1", "'-1"] * 20
    first = pd.read_csv(tmp_path / "twice.csv", dtype=str)
    assert not first.stack().str.match(r"[=+\-@\t]").any()


def test_a_column_with_the_name_of_our_digests_stays_and_the_texts_come_back_all_the_same(tmp_path):
    table = pairs(20).assign(note=["-yes", "'-no"] * 10, pair_digest=[f"own {i}" for i in range(20)])
    table.to_csv(tmp_path / "in.csv", index=False)

    for source, out in (("in.csv", "once.csv"), ("once.csv", "twice.csv")):
        texts = read_texts_of(tmp_path / source)
        scored = texts.marked(texts.with_scores("student_score", np.zeros(20)), out)
        table_writer(out)(scored, tmp_path / out)

    back = read_texts_of(tmp_path / "twice.csv").table
    assert [*back.column_names] == [*table.columns, "student_score", "pair_digest_2"]
    assert back["note"].to_pylist() == table["note"].tolist()
    assert back["pair_digest"].to_pylist() == table["pair_digest"].tolist()


def test_a_table_without_formulas_gets_no_digests(tmp_path):
    pairs(3).to_csv(tmp_path / "in.csv", index=False)
    texts = read_texts_of(tmp_path / "in.csv")

    assert "pair_digest" not in texts.marked(texts.table.to_pandas(), "out.csv")


def test_a_missing_doc_is_an_empty_text(tmp_path):
    pd.DataFrame({"query": ["a", "b"], "doc": ["c", None]}).to_parquet(tmp_path / "in.parquet")

    assert read_texts_of(tmp_path / "in.parquet").doc.tolist() == ["c", ""]


def test_usual_names_of_columns_are_known(tmp_path):
    pd.DataFrame({"question": ["a"], "document": ["b"]}).to_csv(tmp_path / "in.csv", index=False)

    texts = read_texts_of(tmp_path / "in.csv")

    assert (texts.query.tolist(), texts.doc.tolist()) == (["a"], ["b"])


@pytest.mark.parametrize(
    ("columns", "also", "message"),
    [
        (["query", "x"], None, r"no column for doc\. It has: query, x\. Name it with --column doc=COLUMN\."),
        (
            ["x", "y"],
            None,
            r"no column for query and doc\. .* with --column query=COLUMN --column doc=COLUMN\.",
        ),
        (["query", "doc"], "teacher", r"no column for teacher\. .* Name it with --column teacher=COLUMN\."),
    ],
)
def test_a_missing_column_is_named_with_what_is_there(tmp_path, columns, also, message):
    pd.DataFrame([["a"] * len(columns)], columns=columns).to_csv(tmp_path / "in.csv", index=False)

    with pytest.raises(InputError, match=message):
        read_texts_of(tmp_path / "in.csv", also=also)


@pytest.mark.parametrize("other", ["doc", "teacher"])
def test_one_column_is_not_taken_for_two_roles(tmp_path, other):
    pairs(3).to_csv(tmp_path / "in.csv", index=False)

    with pytest.raises(InputError, match=f"Column 'query' of .*is named for query and {other}; each needs a column"):
        read_texts_of(tmp_path / "in.csv", chosen={"query": "query", other: "query"}, also="teacher")
    with pytest.raises(InputError, match="has no column for query"):
        read_texts_of(tmp_path / "in.csv", chosen={other: "query"}, also="teacher")


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_rows_without_a_query_are_counted_and_the_first_is_named(tmp_path, empty):
    pd.DataFrame({"query": ["a", empty, empty], "doc": ["b"] * 3}).to_parquet(tmp_path / "in.parquet")

    with pytest.raises(InputError, match=r"in\.parquet has 2 rows without a query, the first is row 2\. Take them"):
        read_texts_of(tmp_path / "in.parquet")


def test_a_row_that_cannot_be_read_is_told_and_not_dropped(tmp_path):
    (tmp_path / "in.csv").write_text("query,doc\na,b\nc,d,e\nf,g\n")

    with pytest.raises(InputError, match=r"in\.csv: 1 row has more columns than the header: row 2\. Mend or take out"):
        read_texts_of(tmp_path / "in.csv")


def test_a_file_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        read_texts_of(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("name", ["out", "out.xlsx", "out.csv.gz"])
def test_a_file_of_another_kind_is_refused_before_the_work(name):
    with pytest.raises(SettingError, match=r"must end in \.parquet, \.csv, \.jsonl; found"):
        table_writer(name)


@pytest.mark.parametrize("column", ["question", "document", "", " "])
def test_scores_never_replace_texts(tmp_path, column):
    pd.DataFrame({"question": ["a"], "document": ["b"]}).to_csv(tmp_path / "in.csv", index=False)

    with pytest.raises(SettingError, match="Scores cannot go into the column"):
        read_texts_of(tmp_path / "in.csv").with_scores(column, np.zeros(1))


def test_scores_of_the_same_name_are_replaced(tmp_path):
    pairs(2).assign(student_score=["7", "8"]).to_csv(tmp_path / "in.csv", index=False)

    table = read_texts_of(tmp_path / "in.csv").with_scores("student_score", np.array([0.5, 0.25]))

    assert table["student_score"].tolist() == [0.5, 0.25]
    assert len(table.columns) == 4
