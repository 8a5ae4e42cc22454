"""Properties of the queries' texts as partitions."""

import numpy as np
import pandas as pd

from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.partitions import Partition
from drift_core.regions.text_properties import doc_lengths, property_partitions, scripts_of_texts
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs


def sample(queries: list[str], **columns: list[str]) -> ScoredPairs:
    scores = np.arange(len(queries), dtype=float)
    frame = pd.DataFrame({"query": queries, "teacher": scores, "student": scores[::-1]} | columns)
    return read_pairs(frame)


def numbered(query: str, n: int) -> list[str]:
    return [f"{query} {number}" for number in range(n)]


def by_name(heldout: ScoredPairs, production: ScoredPairs, *, least_moved: float = 0.0) -> dict[str, Partition]:
    queries = embed_queries(heldout, production, encoder=load_encoder(HASHING_ENCODER))
    found = property_partitions(heldout, production, queries=queries, least_moved=least_moved)
    return {partition.name: partition for partition in found}


def values(partition: Partition) -> list[str]:
    return [partition.regions[label] for label in partition.production]


def test_queries_are_cut_by_length_digits_form_code_and_script() -> None:
    plain = [f"shoes {'very ' * (i % 9)}red" for i in range(20)]
    odd = ["how do i return shoes", "order 4711", "обувь вернуть", "git reset --hard", *plain[4:]]

    found = by_name(sample(plain), sample(odd))

    assert values(found["question form"])[0] == "with a question"
    assert values(found["digits in the query"])[:2] == ["without digits", "with digits"]
    assert values(found["script of the query"])[1:3] == ["Latin", "Cyrillic"]
    assert values(found["code in the query"])[3] == "with code"
    lengths = found["query length"]
    assert lengths.regions[0].startswith("0 to ")
    assert lengths.regions[-1].endswith("characters and more")
    assert np.array_equal(lengths.heldout[4:], lengths.production[4:])


def test_a_property_along_which_few_queries_moved_is_left_out_and_one_that_moved_is_read_in_full() -> None:
    plain = [f"shoes {'very ' * (i % 9)}{i:x}." for i in range(9_000)]
    asked = [f"boots {text[6:-1]}{'?' if i % 4 == 0 else '.'}" for i, text in enumerate(plain)]

    found = by_name(sample(plain), sample(asked), least_moved=0.1)

    assert found.keys() == {"question form"}
    is_question = ["with a question" if i % 4 == 0 else "without a question" for i in range(9_000)]
    assert values(found["question form"]) == is_question


def test_what_all_queries_share_gives_no_partition() -> None:
    same = sample([f"shoes {i:02d} red" for i in range(20)])

    assert by_name(same, sample([f"boots {i:02d} red" for i in range(20)])).keys() == set()


def test_copied_rows_are_told_from_docs_of_one_query() -> None:
    queries = [f"query {i // 2:02d}" for i in range(40)]
    docs = [f"doc {i}" for i in range(40)]
    copied = ["doc 0", "doc 0", *docs[2:]]

    plain, repeated = sample(queries, doc=docs), sample(queries, doc=copied)

    assert "repeats of the query" not in by_name(plain, plain)
    found = by_name(plain, repeated)["repeats of the query"]
    assert values(found)[:3] == ["asked again", "asked again", "asked once"]


def test_the_time_of_day_is_cut_in_steps_of_three_hours_where_both_samples_have_times() -> None:
    queries = [f"query {i:02d}" for i in range(24)]
    times = [f"2026-03-01T{hour:02d}:30:00Z" for hour in range(24)]

    found = by_name(sample(queries, timestamp=times), sample(queries, timestamp=times))["time of day (UTC)"]

    assert found.regions[:2] == ("00:00 to 02:59", "03:00 to 05:59")
    assert values(found)[5:7] == ["03:00 to 05:59", "06:00 to 08:59"]


def test_weekdays_are_cut_where_both_samples_have_times() -> None:
    queries = [f"query {i:02d}" for i in range(21)]
    times = [f"2026-03-{day:02d}T08:30:00Z" for day in range(1, 22)]  # from a Sunday

    found = by_name(sample(queries, timestamp=times), sample(queries, timestamp=times))["day of the week (UTC)"]

    assert found.regions[0] == "Monday"
    assert values(found)[:3] == ["Sunday", "Monday", "Tuesday"]


def test_pairs_are_cut_by_the_script_of_query_or_doc() -> None:
    queries, docs = ["shoes", "schöne Schuhe", "shoes", "shoes", "schöne", *["shoes"] * 19], ["red"] * 24
    docs[2:4] = ["红鞋", "red \U0001f45f"]
    plain = sample(["shoes"] * 24, doc=["red “or” 3 €"] * 24)

    (found,) = scripts_of_texts(plain, sample(queries, doc=docs))

    assert values(found)[:4] == [
        "texts in plain Latin",
        "texts in accented Latin",
        "texts in Chinese or Japanese",
        "texts in Latin with emoji",
    ]
    assert scripts_of_texts(plain, plain) == scripts_of_texts(sample(queries), sample(queries)) == ()


def test_docs_whose_encoding_broke_are_a_kind_of_docs_where_queries_stayed() -> None:
    read_wrongly = ["l’été à la plage", "größere Füße", "preço não é só"]
    broken = [doc.encode().decode(codec, errors="replace") for doc in read_wrongly for codec in ("cp1252", "ascii")]
    queries, docs = numbered("schöne Schuhe", 96), ["Grüße – “voilà” à l’âge… 3 €"] * 96
    plain, moved = sample(queries, doc=docs), sample(queries, doc=[*broken * 4, *docs[24:]])

    (found,) = scripts_of_texts(plain, moved)

    assert (found.name, found.kind) == ("script of the doc", "doc")
    assert set(values(found)[:24]) == {"docs with broken encoding"}
    assert set(values(found)[24:]) == {"docs in accented Latin"}


def test_pairs_are_cut_by_the_script_of_the_doc_where_the_docs_moved_alone() -> None:
    queries = numbered("shoes", 96)
    before = sample(queries, doc=["red"] * 96)
    docs = ["Größe".encode().decode("cp1252"), "it’s".encode().decode("cp1252"), "caf�", "café", *["red"] * 20] * 4

    (found,) = scripts_of_texts(before, sample(queries, doc=docs))
    (both,) = scripts_of_texts(before, sample([*numbered("schöne Schuhe", 16), *queries[16:]], doc=docs))
    (few,) = scripts_of_texts(sample(queries[:24], doc=["red"] * 24), sample(queries[:24], doc=docs[:24]))

    assert (found.name, found.kind) == ("script of the doc", "doc")
    assert values(found)[:5] == ["docs with broken encoding"] * 3 + ["docs in accented Latin", "docs in plain Latin"]
    assert (both.name, both.kind) == ("script of query and doc", "slice")
    assert (few.name, few.kind) == ("script of query and doc", "slice")  # so few differ by chance


def test_accents_quotes_and_fixed_spaces_are_no_broken_encoding() -> None:
    before = sample(numbered("shoes", 96), doc=["red"] * 96)
    docs = ["« été »", "parle à « toi", "NÃO", "Größe – 5 °C", "weiß…", "“LÔ, AMANHÃ…", *["red"] * 18] * 4

    (found,) = scripts_of_texts(before, sample(numbered("shoes", 96), doc=docs))

    assert set(values(found)) == {"docs in accented Latin", "docs in plain Latin"}


def test_docs_are_cut_by_length_in_steps_of_as_many_held_out_pairs_where_lengths_are_unlike() -> None:
    queries, docs = ["shoes"] * 40, ["x" * (10 + 5 * i) for i in range(40)]

    (found,) = doc_lengths(sample(queries, doc=docs), sample(queries, doc=docs[20:] * 2))

    assert found.name == "doc length"
    assert np.bincount(found.heldout).tolist() == [10, 10, 10, 10]
    assert values(found)[-1] == "docs of 157 characters and more"
    alike = sample(queries, doc=[f"doc {i:2}" for i in range(40)])
    assert doc_lengths(alike, alike) == doc_lengths(sample(queries), sample(queries)) == ()
