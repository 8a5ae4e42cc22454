"""Embeddings that the user gives as a file, matched to the queries of two samples.

Checked once, here; embedding texts is in `embeddings`.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.addresses import is_address
from drift_core.tables.paths import kind_of
from drift_core.tables.places import copied
from drift_core.tables.values import read_texts
from drift_core.vectors.parts import encoder_of, part_files, vectors_of
from drift_core.vectors.text_numbers import number_texts
from drift_core.vectors.vector_files import (
    FORMATS,
    check_form,
    checked_vectors,
    matrix_of,
    opened,
    read_entry,
    read_headers,
    read_stacked,
    read_table,
    vector_column,
)

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLES = ("heldout", "production")
LARGEST_DIFFERENCE = 1e-3  # between unit vectors of one text; encoders differ by less from batch to batch
N_SHOWN = 3


def read_embeddings(path: str | Path, heldout: ScoredPairs, production: ScoredPairs) -> QueryEmbeddings:
    """Read the user's own query embeddings for two samples.

    Parameters
    ----------
    path
        ``.npz`` with the arrays ``heldout`` and ``production``, or ``.npy`` with held-out's rows before production's:
        one row a pair in the order of the sample's file, rows that were left out included or not; for a file that was
        split, ``.npy`` with a row for each of its rows. Or Parquet with a
        column ``query`` (or what a sample calls it) or ``pair_id``, and a column of lists. Or a folder of parts.
    heldout, production
        The samples that the embeddings are of.

    Returns
    -------
    QueryEmbeddings
        Rows scaled to unit length; `encoder` holds the file's name and the start of its SHA-256.

    Raises
    ------
    InputError
        When the file cannot be read, does not fit the samples, lacks a text, or holds numbers that are not finite.
    """
    if is_address(path):
        with copied(str(path)) as copy:
            return read_embeddings(copy, heldout, production)
    path = Path(path)
    kind = kind_of(path)
    if kind == "folder":
        return _per_text(_read_folder(path, heldout, production), path, heldout, production, encoder_of(path))
    readers: Mapping[str, Callable[[Path, ScoredPairs, ScoredPairs], np.ndarray]] = {
        ".npy": _read_stacked,
        ".npz": _read_two,
        ".parquet": _read_table,
        ".pq": _read_table,
    }
    if path.suffix.lower() not in readers:
        raise InputError(f"{path}: embeddings are not read from {path.suffix or 'a file without a suffix'}. {FORMATS}")
    if kind != "file":
        raise InputError(f"{path}: there is no such file of embeddings.")
    rows = readers[path.suffix.lower()](path, heldout, production)
    return _per_text(rows, path, heldout, production)


def _read_stacked(path: Path, heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    both = checked_vectors(read_stacked(path), str(path))
    if heldout.part is not None and len(both) == heldout.part.n_rows:
        return np.concatenate([both[heldout.row], both[production.row]])
    for n_before, n_after in ((_n_rows(heldout), _n_rows(production)), (len(heldout), len(production))):
        if len(both) == n_before + n_after:
            parts = (both[:n_before], heldout, "held-out"), (both[n_before:], production, "production")
            return np.concatenate([_of_pairs(part, pairs, f"{path}, {name}") for part, pairs, name in parts])
    raise InputError(
        f"{path}: expected {_n_rows(heldout):,} held-out rows and then {_n_rows(production):,} production rows, one a "
        f"pair; found {len(both):,} rows in all. Make the embeddings of these two samples."
    )


def _read_two(path: Path, heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    headers = read_headers(path, SAMPLES)
    samples = dict(zip(SAMPLES, (heldout, production), strict=True))
    for name, pairs in samples.items():  # before room is made for what they claim
        check_form(headers[name].shape, headers[name].dtype, f"{path}, {name}")
        _check_n_rows(headers[name].shape[0], pairs, f"{path}, {name}")
    parts = [
        _of_pairs(checked_vectors(read_entry(path, n), f"{path}, {n}"), pairs, f"{path}, {n}")
        for n, pairs in samples.items()
    ]
    if parts[0].shape[1] != parts[1].shape[1]:
        raise InputError(
            f"{path}: held-out has vectors of {parts[0].shape[1]} numbers, production of {parts[1].shape[1]}. Make "
            "both with one encoder."
        )
    return np.concatenate(parts)


def _n_rows(pairs: ScoredPairs) -> int:
    """Rows of the source, those left out included; of a split file, those of both sides."""
    if pairs.part is not None:
        return pairs.part.n_rows
    return len(pairs) + sum(problem.n_rows for problem in pairs.problems if problem.left_out)


def _of_pairs(rows: np.ndarray, pairs: ScoredPairs, where: str) -> np.ndarray:
    """Take the rows of the pairs in use out of those of the whole file."""
    if len(rows) == _n_rows(pairs) and pairs.row.max() < len(rows):
        return np.asarray(rows[pairs.row])
    _check_n_rows(len(rows), pairs, where)
    return rows


def _check_n_rows(n_found: int, pairs: ScoredPairs, where: str) -> None:
    if n_found == len(pairs) or (n_found == _n_rows(pairs) and pairs.row.max() < n_found):
        return
    n_left = _n_rows(pairs) - len(pairs)
    or_less = f", or {len(pairs):,} without the {n_left:,} left out" if n_left else ""
    raise InputError(
        f"{where}: expected {_n_rows(pairs):,} rows, one a pair in the order of the file{or_less}; found "
        f"{n_found:,}. Make the embeddings of this sample."
    )


def _read_table(path: Path, heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    table = read_table(path)
    with opened(path, "Parquet"):
        key, wanted = _key_of(table, path, heldout, production)
        keys = read_texts(table[key], f"{path}, column {key}")
        values = checked_vectors(matrix_of(table[vector_column(table, path)], path), str(path))
    codes, known = pd.factorize(keys, use_na_sentinel=False)
    values = _one_each(values, codes, known, str(path))
    places = pd.Index(known).get_indexer(pd.Index(wanted, dtype=object))
    missing = pd.unique(wanted[places < 0])
    _check_none_lacks(missing, len(pd.unique(wanted)), path, key)
    return np.asarray(values[places])


def _check_none_lacks(missing: np.ndarray, n_wanted: int, path: Path, key: str) -> None:
    if len(missing):
        shown = ", ".join(repr(str(text)[:60]) for text in missing[:N_SHOWN])
        raise InputError(
            f"{path}: {len(missing):,} of {n_wanted:,} {_plural(key)} have no vector, for example {shown}. Add them, "
            "or give no embeddings and have the texts embedded."
        )


def _key_of(table: "pa.Table", path: Path, heldout: ScoredPairs, production: ScoredPairs) -> tuple[str, np.ndarray]:
    """Column that says whose vector a row is, and what the pairs of both samples need."""
    samples = (heldout, production)
    for column in dict.fromkeys(["query", *(pairs.columns.get("query", "query") for pairs in samples)]):
        if column in table.column_names:
            return column, np.concatenate([pairs.query for pairs in samples])
    if "pair_id" not in table.column_names:
        raise InputError(
            f"{path}: no column query or pair_id; found {', '.join(table.column_names) or 'no columns'}. {FORMATS}"
        )
    ids = [pairs.pair_id for pairs in samples if pairs.pair_id is not None]
    if len(ids) < len(samples):
        raise InputError(f"{path}: vectors go by pair_id, which a sample lacks. Give a column query instead.")
    return "pair_id", np.concatenate(ids)


def _read_folder(path: Path, heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    codes, texts = pd.factorize(np.concatenate([heldout.query, production.query]).astype(object))
    numbers, vectors = vectors_of(path, wanted := number_texts(texts))
    places = np.searchsorted(numbers, wanted)
    lacking = texts[(places == len(numbers)) | (numbers[np.minimum(places, len(numbers) - 1)] != wanted)]
    _check_none_lacks(lacking, len(texts), path, "query")
    return np.asarray(vectors[places][codes])


def _per_text(
    rows: np.ndarray, path: Path, heldout: ScoredPairs, production: ScoredPairs, encoder: str | None = None
) -> QueryEmbeddings:
    """One vector per distinct query, from one per pair."""
    codes, texts = pd.factorize(np.concatenate([heldout.query, production.query]).astype(object), sort=True)
    return QueryEmbeddings(
        texts=np.asarray(texts, dtype=object),
        vectors=_one_each(rows, codes, texts, str(path)),
        heldout=codes[: len(heldout)].astype(np.int64),
        production=codes[len(heldout) :].astype(np.int64),
        encoder=encoder or _name_of(path),
    )


def _name_of(path: Path) -> str:
    """A file, or a folder of a user's own files, by name and content."""
    digests = []
    for each in part_files(path):
        with each.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    digest = digests[0] if path.is_file() else hashlib.sha256("".join(digests).encode()).hexdigest()
    return f"{path.name}@{digest[:12]}"


def _one_each(rows: np.ndarray, codes: np.ndarray, keys: np.ndarray, where: str) -> np.ndarray:
    """First vector of each key, scaled to unit length; those of one key may not differ."""
    unit = rows / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    first = np.full(len(keys), -1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    differing = np.flatnonzero(np.abs(unit - unit[first[codes]]).max(axis=1) > LARGEST_DIFFERENCE)
    if len(differing):
        key = str(keys[codes[differing[0]]])[:60]
        raise InputError(
            f"{where}: vectors of one text must be equal; those of {key!r} differ, and {len(differing):,} rows in all. "
            "Check that the rows are in the order of the sample's file."
        )
    return np.asarray(unit[first], dtype=np.float32)


def _plural(key: str) -> str:
    return "pair ids" if key == "pair_id" else "distinct queries"
