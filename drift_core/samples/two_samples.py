"""What two samples must not have in common, and what they write differently."""

import shlex

import numpy as np
import pandas as pd

from drift_core.errors import InputError
from drift_core.samples.align_kinds import align_kinds
from drift_core.samples.odd_labels import label_problems
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.sample_commands import asked_options
from drift_core.samples.slices import alone_problems, constant_problems, spelling_problems, value_problems
from drift_core.tables.problem import Problem
from drift_core.wording import N_SHOWN


def check_two_samples(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    """Check two samples against each other.

    Parameters
    ----------
    heldout, production
        The samples to compare.

    Returns
    -------
    tuple of Problem
        ``shared_pairs`` with the count and the first rows of production, if both samples hold some pairs;
        ``docs_of_one`` if one of them alone has docs;
        ``slice_names`` for each slice column that the samples spell differently, which is compared in neither,
        ``slice_of_one_file`` for each that one of them alone has,
        ``slice_values`` for each whose values they write differently, and ``slice_of_one_sample`` for each that only
        divides the samples; ``label_spelling`` for each rare class that looks misspelt, and ``label_of_one_sample``
        for those that one sample alone has.

    Raises
    ------
    InputError
        If both are the same sample, or hold different kinds of score.
    """
    heldout, production = align_kinds(heldout, production)
    if _are_same(heldout, production):
        raise InputError(
            f"Held-out ({heldout.source or heldout.name}) and production ({production.source or production.name}) are "
            "the same sample. Give two samples: pairs the student was tested on, and pairs from today's traffic. If "
            f"one file holds both, split it by its column of dates or models: {_splitting(heldout)}, or on the start "
            "page."
        )
    return (
        *_shared(heldout, production),
        *_docs_of_one(heldout, production),
        *spelling_problems(heldout, production),
        *alone_problems(heldout, production),
        *value_problems(heldout, production),
        *constant_problems(heldout, production),
        *label_problems(heldout, production),
    )


def _splitting(sample: ScoredPairs) -> str:
    """How the command line splits the file of a sample in two."""
    at = f"{next(iter(sample.slices), 'model')}=VALUE"
    if "timestamp" in sample.columns:
        at = f"{sample.columns['timestamp']}=2026-06-01"
    file = shlex.quote(sample.source or "pairs.csv")
    return f"distillation-drift diagnose {file} --split {shlex.quote(at)}{asked_options(sample, sample)}"


def _shared(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    places = places_in_heldout(heldout, production)
    shared, n_shared = places >= 0, int(np.count_nonzero(places >= 0))
    if not n_shared:
        return ()
    rows = tuple(int(row) + 1 for row in production.row[shared][:N_SHOWN])
    sides = (heldout.teacher, production.teacher), (heldout.student, production.student)
    n_equal = int(np.count_nonzero(np.all([old[places[shared]] == new[shared] for old, new in sides], axis=0)))
    same = f"; {n_equal:,} have the same scores there, which makes the difference look smaller than it is"
    message = (
        f"{n_shared:,} of {len(production):,} production pairs are in held-out too. They stay in both samples"
        f"{same if 2 * n_equal > n_shared else ''}."
    )
    return (Problem(name="shared_pairs", message=message, n_rows=n_shared, rows=rows),)


def _docs_of_one(heldout: ScoredPairs, production: ScoredPairs) -> tuple[Problem, ...]:
    sides = {"heldout": heldout, "production": production}
    lacking = next((side for side, each in sides.items() if each.doc is None), None)
    holding = next((each for each in sides.values() if each.doc is not None), None)
    if lacking is None or holding is None:
        return ()
    message = (
        f"{sides[lacking].name} has no docs and {holding.name} has (column {holding.columns.get('doc', 'doc')!r}), so "
        "docs are compared in neither, and pairs that both hold are told by query and scores. Choose its column on the "
        f"samples page, or with --column {lacking}.doc=COLUMN."
    )
    return (Problem(name="docs_of_one", message=message),)


def _are_same(heldout: ScoredPairs, production: ScoredPairs) -> bool:
    """Whether the contents are equal in any order; the digest is only asked where the scores leave it open."""
    if len(heldout) != len(production) or not np.array_equal(np.sort(heldout.teacher), np.sort(production.teacher)):
        return False
    return heldout.digest == production.digest


def shared_pairs(heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    """Mark the production pairs that held-out holds too.

    Pairs are the same if query and doc are; where a sample has no docs, if query and both scores are.

    Parameters
    ----------
    heldout, production
        The samples to compare.

    Returns
    -------
    ndarray of bool, shape (n_production,)
    """
    return places_in_heldout(heldout, production) >= 0


def places_in_heldout(heldout: ScoredPairs, production: ScoredPairs) -> np.ndarray:
    """Find where held-out first holds each production pair, shape (n_production,); -1 where it does not."""
    has_docs = heldout.doc is not None and production.doc is not None
    names = ("query", "doc") if has_docs else ("query", "teacher", "student")
    n, codes = len(heldout), np.zeros(len(heldout) + len(production), dtype=np.int64)
    for name in names:  # 64 bits a value: pairs are told apart by 128 bits or more
        hashes = [pd.util.hash_array(getattr(sample, name), categorize=False) for sample in (heldout, production)]
        found, values = pd.factorize(np.concatenate(hashes))
        codes = pd.factorize(codes * len(values) + found)[0]
    places = np.full(codes.max(initial=0) + 1, -1, dtype=np.int64)
    places[codes[:n][::-1]] = np.arange(n)[::-1]
    return places[codes[n:]]


def share_of_queries(given: np.ndarray, *samples: ScoredPairs) -> float:
    """Give which fraction of the different queries in `given`, texts of shape (n,), the samples have."""
    found = pd.unique(given)
    return float(np.isin(found, np.concatenate([pd.unique(each.query) for each in samples])).mean())
