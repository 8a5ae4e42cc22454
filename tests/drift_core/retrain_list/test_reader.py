import pandas as pd
import pytest

from drift_core import InputError
from drift_core.retrain_list.reader import read_list
from drift_core.tables.pair_digests import digest_pairs
from drift_core.tables.writing import to_csv, to_json_lines, to_parquet

QUERY = ["=SUM(1)", "a", "a", "NA", "'=quoted", " 007"]
DOC = ["-1", None, None, "null", "@x", "d\u2028e"]


def table():
    return pd.DataFrame(
        {
            "row": range(6),
            "pair_digest": digest_pairs(QUERY, [doc or "" for doc in DOC]),
            "query": QUERY,
            "doc": DOC,
            "teacher_score": [0.5, None, 1, 0, 1, 0.25],
            "drifted": [True, False] * 3,
        }
    )


@pytest.mark.parametrize(("form", "write"), [("parquet", to_parquet), ("csv", to_csv), ("jsonl", to_json_lines)])
def test_every_form_of_a_list_gives_the_same_pairs(form, write):
    listed = read_list(write(table()), name=f"list.{form}")

    assert listed.queries.tolist() == QUERY
    assert listed.docs.tolist() == [doc or "" for doc in DOC]
    assert listed.first.tolist() == [0, 1, 3, 4, 5]
    assert listed.n_pairs == 5
    assert listed.table["drifted"].tolist() == [True, False] * 3
    assert listed.table["teacher_score"].tolist()[2:] == [1, 0, 1, 0.25]


def odd_slices():
    slices = {"region": ["-x", "=y", "plain", None, "'@", "+1"], "-land": ["-1", "'-1", None, "ä", "''=z", "'a"]}
    return table().assign(**slices, empty=pd.Series([None] * 6, dtype=object))


@pytest.mark.parametrize(("form", "write"), [("parquet", to_parquet), ("csv", to_csv), ("jsonl", to_json_lines)])
def test_slices_and_names_come_back_as_they_were(form, write):
    read = read_list(write(odd_slices()), name=f"list.{form}").table

    assert [*read.columns] == [*odd_slices().columns]
    for name in ("region", "-land"):
        assert read[name].fillna("").tolist() == odd_slices()[name].fillna("").tolist()
    assert read["empty"].isna().all()


def test_names_that_would_be_the_same_stay_as_they_were():
    digest = digest_pairs(["x"])[0]
    read = read_list(f"query,'-a,-a,pair_digest\nx,'-1,2,{digest}\n".encode(), name="list.csv").table

    assert read.iloc[0][["'-a", "-a"]].tolist() == ["-1", "2"]


def test_a_list_without_digests_is_read_as_it_stands():
    read = read_list(b"query,'-land\n'=1,'-yes\n", name="list.csv").table

    assert read[["query", "'-land"]].to_numpy().tolist() == [["'=1", "'-yes"]]


def test_digests_are_made_where_the_list_has_none():
    listed = read_list(to_csv(pd.DataFrame({"query": ["a"], "doc": ["b"]})), name="list.csv")

    assert listed.table["pair_digest"].tolist() == ["78901c91d9fe6a7d0ea14356d6ccde1d"]


def test_a_list_that_was_changed_after_it_was_drawn_is_refused():
    changed = table()
    changed.loc[3, "doc"] = "another"

    with pytest.raises(
        InputError, match=r"has 1 rows whose texts are not those of their pair_digest, the first is row 4"
    ):
        read_list(to_parquet(changed), name="list.parquet")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "list.csv", "list.csv is empty"),
        (b"a,b\n1,2\n", "list.csv", "has no column query; its columns are a, b"),
        (b"query,doc\n", "list.csv", "has no rows"),
        (b'query,doc\n"a,b\nc,d\n', "list.csv", "a quote is opened and not closed"),
        (b"query,doc\na,b,c,d\n", "list.csv", "cannot be read as CSV; .* row 1, has more columns than the header"),
        (b"query,doc\na,b\nc,d,e\nf,g\n", "list.csv", "1 row has more columns than the header: row 2"),
        (b"PAR1 no", "list.parquet", "list.parquet cannot be read"),
        (b"{}\n[1]\n", "list.jsonl", "has no column query"),
        (b"\xff\xfe", "list.jsonl", "is no retrain list"),
        (b"PK\x03\x04", "list.xlsx", "list.xlsx"),
        (b'query,doc\nx,y\n" ",z\n', "list.csv", "1 rows without a query, the first is row 2"),
    ],
)
def test_what_is_no_list_is_refused_with_one_message(content, name, words):
    with pytest.raises(InputError, match=words):
        read_list(content, name=name)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_list(tmp_path / "none.parquet")


def test_rows_are_counted_from_the_first_whatever_index_the_table_was_written_with(tmp_path):
    pd.DataFrame({"query": ["a", "b", "c"]}).iloc[[2, 0]].to_parquet(tmp_path / "list.parquet")
    listed = read_list(tmp_path / "list.parquet")
    assert listed.table.index.tolist() == [0, 1]
    assert listed.table.columns.tolist() == ["query", "pair_digest"]

    pd.DataFrame({"query": ["a", "b"]}, index=pd.Index([7, 8], name="mark")).to_parquet(tmp_path / "named.parquet")
    assert read_list(tmp_path / "named.parquet").table["mark"].tolist() == [7, 8]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b'{"query":["a"]}\n{"query":["b"]}', "list.jsonl", "Column 'query' of list.jsonl holds lists or records"),
        (b"query,teacher_score\na,0.5\nb,inf", "list.csv", "an infinite number, the first in row 2"),
        (b'{"query":' + b"[" * 100_000, "list.jsonl", "list.jsonl cannot be read"),
    ],
)
def test_what_no_file_could_keep_is_refused_before_anything_is_paid(content, name, words):
    with pytest.raises(InputError, match=words):
        read_list(content, name=name)


def test_a_column_of_several_kinds_is_text():
    listed = read_list(b'{"query":"a","x":1}\n{"query":"b","x":"t"}', name="list.jsonl")

    assert listed.table["x"].tolist() == ["1", "t"]
