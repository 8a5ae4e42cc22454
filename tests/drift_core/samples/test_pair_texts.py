import gzip

import pandas as pd
import pytest

from drift_core.errors import InputError
from drift_core.samples.pair_texts import read_whole, texts_of_pairs
from drift_core.tables.writing import to_parquet

ROWS = "query,doc\na,b\n007,NA\n"


def test_a_path_and_its_content_give_the_same_table(tmp_path):
    (tmp_path / "in.csv").write_text(ROWS)

    read = [read_whole(tmp_path / "in.csv"), read_whole(ROWS.encode(), name="in.csv")]

    assert [table.to_pydict() for table in read] == [{"query": ["a", "007"], "doc": ["b", "NA"]}] * 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.tsv", ROWS.replace(",", "\t").encode()),
        ("in.csv.gz", gzip.compress(ROWS.encode(), mtime=0)),
        ("in.parquet", to_parquet(pd.DataFrame({"query": ["a", "007"], "doc": ["b", "NA"]}))),
    ],
)
def test_every_format_of_a_sample_is_read(name, content):
    assert read_whole(content, name=name)["query"].to_pylist() == ["a", "007"]


def test_a_row_that_cannot_be_read_is_refused_with_its_number():
    with pytest.raises(InputError, match=r"^in\.csv: 1 row has fewer columns than the header: row 2\. Mend"):
        read_whole(b"query,doc\na,b\nc\ne,f\n", name="in.csv")


def test_without_docs_every_doc_is_an_empty_text():
    queries, docs = texts_of_pairs(read_whole(ROWS.encode(), name="in.csv"), query="query", doc=None, label="in.csv")

    assert (queries.tolist(), docs.tolist()) == (["a", "007"], ["", ""])
