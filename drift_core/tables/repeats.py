"""Repeated scores of the teacher: columns of further runs, and pairs that come several times in a file.

What they say about the teacher is measured in `measures.reliability`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.tables.row_hashes import hash_rows
from drift_core.tables.values import has_text

N_REPEATS = 9  # runs beside the first that are read (ours)
REPEAT_ROLES = tuple(f"teacher_repeat_{number}" for number in range(1, N_REPEATS + 1))
LAST_RUN = 99  # a higher number in a column's name is a year or a version, not a run
_RUN_WORDS = ("repeat", "repeated", "rerun", "again", "rep", "run", "r")


def repeat_columns(names: Iterable[str], teacher: str) -> tuple[str, ...]:
    """Find the columns that hold further runs of the teacher, in the order of the table.

    Parameters
    ----------
    names
        Columns that serve for nothing else.
    teacher
        The column of the teacher's score.

    Examples
    --------
    >>> repeat_columns(["teacher_score_2", "teacher_score_pinned", "Teacher Score r3"], "teacher_score")
    ('teacher_score_2', 'Teacher Score r3')
    """
    stem = _split_run(teacher)[0]
    found = ((name, *_split_run(name)) for name in names if name != teacher)
    return tuple(name for name, its_stem, run in found if run and its_stem == stem)


def _split_run(name: str) -> tuple[str, tuple[str, ...]]:
    """Divide a column's name into what it is and which run: ``teacher_score_r2`` into ``teacher`` and ``(r, 2)``."""
    words = re.findall(r"[^\W\d_]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).casefold())
    cut = len(words)
    if cut > 1 and words[-1].isdecimal() and int(words[-1]) <= LAST_RUN:
        cut -= 1
    if cut > 1 and words[cut - 1] in _RUN_WORDS:
        cut -= 1
    return "".join(words[:cut]).removesuffix("score"), tuple(words[cut:])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamePairs:
    """Rows that hold one pair several times: the same query, doc and student's score, and answers shown where known.

    Attributes
    ----------
    codes
        Which pair a row holds where it comes several times, else -1; int64, shape (n,).
    later
        Rows whose pair came before.
    """

    codes: np.ndarray
    later: np.ndarray


def find_same_pairs(usable: np.ndarray, content: Mapping[str, np.ndarray]) -> SamePairs | None:
    """Find pairs that come several times, if the teacher scored any of them differently.

    Where no two scores differ, the rows may be copies of one run and tell nothing about another; then None. Where some
    differ, the equal ones count too: to leave them out would make the teacher look less reliable than it is.
    """
    if "doc" not in content:
        return None
    places = np.flatnonzero(usable)
    places = places[pd.Series(content["student"][places]).duplicated(keep=False).to_numpy()]
    hashed = pd.util.hash_array(content["query"][places], categorize=False)
    near = pd.DataFrame({"query": hashed, "student": content["student"][places]})
    places = places[near.duplicated(keep=False).to_numpy()]  # few are left whose docs are worth comparing
    places = places[has_text(content["doc"][places])]
    named = [name for name in ("query", "doc", "student", "answers") if name in content]
    frame = pd.DataFrame({name: content[name][places] for name in named})
    several = frame.duplicated(keep=False).to_numpy()
    places, frame = places[several], frame[several]
    if not len(places):
        return None
    pair = frame.groupby(list(frame), sort=False).ngroup().to_numpy()
    if (pd.Series(content["teacher"][places]).groupby(pair).nunique() == 1).all():
        return None
    codes, later = np.full(len(usable), -1, dtype=np.int64), np.zeros(len(usable), dtype=bool)
    codes[places] = pair
    later[places] = frame.duplicated().to_numpy()
    return SamePairs(codes=codes, later=later)


def gather_repeats(same: SamePairs, usable: np.ndarray, content: Mapping[str, np.ndarray]) -> np.ndarray:
    """Give one usable row of each pair the teacher's scores in its other rows; shape (n, r), NaN elsewhere.

    Which row that is does not depend on the order of the rows, nor on how high the scores are.
    """
    places = np.flatnonzero(same.codes >= 0)
    texts = {name: content[name][places] for name in ("query", "teacher")}
    places = places[np.lexsort((hash_rows(texts)["a"], ~usable[places], same.codes[places]))]
    _, starts, sizes = np.unique(same.codes[places], return_index=True, return_counts=True)
    run = np.arange(len(places)) - np.repeat(starts, sizes)
    carrier = np.repeat(places[starts], sizes)
    taken = (run > 0) & (run <= N_REPEATS) & usable[carrier]
    repeats = np.full((len(usable), min(N_REPEATS, int(sizes.max()) - 1)), np.nan)
    repeats[carrier[taken], run[taken] - 1] = content["teacher"][places[taken]]
    return repeats
