"""Pairwise answers in both orders: which rows compare the same two answers, and which of them was shown first."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import fold
from drift_core.tables.columns import plain_name
from drift_core.tables.values import plain, read_texts

if TYPE_CHECKING:
    import pyarrow as pa

# What both answers are called, each with an ending; texts before names, which several answers of a model share.
STEMS = (
    *("answer", "response", "completion", "output", "candidate", "text", "option", "reply"),
    *("model", "assistant", "system"),
)
ENDINGS = (("a", "b"), ("1", "2"), ("first", "second"), ("left", "right"))
MARKS = (
    *("swapped", "is swapped", "swap", "order swapped", "position swapped", "positions swapped", "flipped"),
    *("is flipped", "reversed", "answer order", "presentation order", "display order", "shown order"),
)
A, B = 0.0, 1.0  # codes of a pairwise kind; a tie has no side


def order_columns(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Find the columns that tell which answers a row shows: ``first`` and ``second``, else ``swapped``; empty without.

    Examples
    --------
    >>> order_columns(["question", "Model A", "model_b", "winner"], ["winner"])
    {'first': 'Model A', 'second': 'model_b'}
    >>> order_columns(["question", "is_swapped"], [])
    {'swapped': 'is_swapped'}
    """
    used = set(taken)
    free = {plain_name(name): name for name in names if name not in used}
    for stem, ends in product(STEMS, ENDINGS):
        for one, two in ((stem + end for end in ends), (end + stem for end in ends)):
            if one in free and two in free:
                return {"first": free[one], "second": free[two]}
    return next(({"swapped": free[key]} for mark in MARKS if (key := plain_name(mark)) in free), {})


def shown_orders(
    table: "pa.Table", columns: Mapping[str, str], content: Mapping[str, np.ndarray], check: RowCheck
) -> np.ndarray | None:
    """Say of each row which comparison it is of and which answer it shows first.

    Parameters
    ----------
    table, columns
        The rows, and what `order_columns` found.
    content
        Query, doc and scores of a pairwise kind, as read.

    Returns
    -------
    numpy.ndarray or None
        2 k and 2 k + 1 for the rows of comparison k in the one and in the other order, int64, shape (n,); -1 where the
        other order is not there. None where no comparison comes in both.
    """
    import pyarrow as pa

    if any(pa.types.is_nested(plain(table[column]).type) for column in columns.values()):
        return None
    read = {name: read_texts(table[column], f"Column {column!r} of {check.label}") for name, column in columns.items()}
    frame = _comparisons(read, content)
    given = frame[check.usable & frame.notna().all(axis=1).to_numpy()]
    keys = [name for name in frame if name != "is_other"]
    if "swapped" in columns:  # which of several answers to a query a row is of cannot be told
        given = given[~given.duplicated([*keys, "is_other"], keep=False)]
    given = given.drop_duplicates([*keys, "is_other"])
    given = given[given.duplicated(keys, keep=False)]
    if given.empty:
        return None
    shown = np.full(len(frame), -1, dtype=np.int64)
    shown[given.index] = 2 * given.groupby(keys, sort=False).ngroup() + given["is_other"].astype(np.int64)
    named = " and ".join(map(repr, columns.values()))
    if "swapped" in columns and _keep_their_letters(shown, content):
        check.note(
            "both_orders",
            f"By column {named} both orders of {len(given) // 2:,} comparisons are there, and the verdicts seem to "
            "name the same answer in both, not the one shown first. So position bias is not measured: give the "
            "verdicts as they were said, A for the answer shown first.",
        )
        return None
    check.note(
        "both_orders",
        f"Both orders of {len(given) // 2:,} comparisons are there (by {named}); A is the answer shown first.",
    )
    return shown


def _comparisons(read: Mapping[str, np.ndarray], content: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """What tells a comparison, and whether a row has its other order; missing where that is not known."""
    if "swapped" not in read:
        first, second = read["first"], read["second"]
        known = np.array([bool(one and two and one != two) for one, two in zip(first, second, strict=True)])
        is_turned = np.array([bool(known[row] and first[row] > second[row]) for row in range(len(known))])
        frame = pd.DataFrame({"query": content["query"], "low": np.where(is_turned, second, first)})
        return frame.assign(high=np.where(is_turned, first, second), is_other=pd.Series(is_turned).where(known, None))
    marks = np.array([fold(mark) if mark else None for mark in read["swapped"]], dtype=object)
    distinct = sorted({mark for mark in marks if mark is not None})
    is_second = np.array([None if mark is None or len(distinct) != 2 else mark == distinct[1] for mark in marks])
    texts = {name: content[name] for name in ("query", "doc") if name in content}
    return pd.DataFrame(
        {name: np.where(pd.isna(each), "", each) for name, each in texts.items()} | {"is_other": is_second}
    )


def _keep_their_letters(shown: np.ndarray, content: Mapping[str, np.ndarray]) -> bool:
    """Whether both judges more often give the same letter in both orders than the other one."""
    rows = np.argsort(shown, kind="stable")[(shown < 0).sum() :].reshape(-1, 2)
    sides = [content[name][rows] for name in ("teacher", "student")]
    decided = [side[np.isin(side, (A, B)).all(axis=1)] for side in sides]
    return all(bool(len(each)) and float((each[:, 0] == each[:, 1]).mean()) > 0.5 for each in decided)
