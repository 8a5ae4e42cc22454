"""Digests of pairs: the same texts the same digest, other texts another, wherever the border between them lies."""

import hashlib

from drift_core.tables.pair_digests import digest_pairs


def test_a_digest_is_the_documented_one():
    expected = hashlib.sha256("3:añb".encode() + b"c").hexdigest()[:32]

    assert digest_pairs(["añ"], ["bc"]).tolist() == [expected]


def test_the_border_between_query_and_doc_counts():
    digests = digest_pairs(["ab", "a", "ab"], ["c", "bc", "c"])

    assert digests[0] == digests[2]
    assert digests[0] != digests[1]


def test_pairs_without_docs_are_told_by_their_query():
    assert len(set(digest_pairs(["a", "b", "a"]))) == 2
