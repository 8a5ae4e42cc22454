"""The apostrophe before a formula comes off our own CSV files alone, and every text is then as it was."""

import pytest

from drift_core.samples.reading import read_table
from drift_core.tables.formula_guard import guarded, unguarded, unguarded_names
from drift_core.tables.pair_digests import digest_pairs

RAW = "'=1"
TEXTS = ["-1", "'-1", "''=x", "'", "'a", "a'-1", "", "＝1", "\t", "\r\n", "+", "'@ä"]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back_and_none_starts_a_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in {*"=+-@\t\r\n＝"}


def test_names_that_would_be_the_same_stay() -> None:
    assert unguarded_names(["'-a", "b"]) == ("-a", "b")
    assert unguarded_names(["'-a", "-A"]) == ("'-a", "-A")


def read(tmp_path, content):
    (tmp_path / "list.csv").write_text(content, newline="")
    return read_table(tmp_path / "list.csv").to_pydict()


def test_a_file_that_is_not_ours_is_read_as_it_stands(tmp_path) -> None:
    assert read(tmp_path, "query,'-land\n'=1,'-1\n") == {"query": ["'=1"], "'-land": ["'-1"]}


def test_a_file_with_digests_of_its_own_kind_is_read_as_it_stands(tmp_path) -> None:
    content = "query,doc,note,'-a,pair_digest\n'-1 degrees,'=1,'-yes,'-2,x1\nb,c,'-yes,'-2,\n"

    assert read(tmp_path, content) == {
        "query": ["'-1 degrees", "b"],
        "doc": ["'=1", "c"],
        "note": ["'-yes"] * 2,
        "'-a": ["'-2"] * 2,
        "pair_digest": ["x1", None],
    }


def test_a_file_of_ours_is_known_by_one_pair_whatever_the_columns_are_called(tmp_path) -> None:
    digest = digest_pairs(["=1"], ["-x"])[0]

    found = read(tmp_path, f"note,passage,'-frage,pair_digest_2\n'-a,changed,q,0\n'-b,'-x,'=1,{digest}\n")

    assert found["note"] == ["-a", "-b"]
    assert (found["passage"], found["-frage"]) == (["changed", "-x"], ["q", "=1"])


@pytest.mark.parametrize(
    ("query", "doc"),
    [("=1", "-x"), ("'=1", "-x"), ("=1", "'-x"), ("'=1", "'-x"), ("''=ä", "b"), ("a", "'@x"), ("=1", "")],
)
def test_query_and_doc_are_read_as_they_were(tmp_path, query: str, doc: str) -> None:
    row = f"{guarded(query)},{guarded(doc)},{digest_pairs([query], [doc])[0]}"

    found = read(tmp_path, f"query,doc,pair_digest\n{row}\n")

    assert (found["query"], found["doc"][0] or "") == ([query], doc)


def test_without_docs_the_query_alone_is_digested(tmp_path) -> None:
    found = read(
        tmp_path, f"query,n,pair_digest\n''=1,'-1,{digest_pairs([RAW])[0]}\n'=1,-1,{digest_pairs([RAW[1:]])[0]}\n"
    )

    assert found["query"] == ["'=1", "=1"]
    assert found["n"] == ["-1", "-1"]
