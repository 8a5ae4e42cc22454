"""Pairwise answers in both orders: which rows compare the same two answers, and which of them was shown first."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.samples.checks import RowCheck
from drift_core.samples.label_words import SIGNS, fold
from drift_core.samples.score_kind import ScoreKind
from drift_core.tables.columns import plain_name
from drift_core.tables.values import has_text, plain, read_texts
from drift_core.wording import in_a_row, rows_have

if TYPE_CHECKING:
    import pyarrow as pa

# What both answers are called, each with an ending; texts before names, which several answers of a model share.
TEXTS = ("answer", "response", "completion", "output", "candidate", "text", "option", "reply")
NAMES = ("model", "assistant", "system")
ENDINGS = (("a", "b"), ("1", "2"), ("first", "second"), ("left", "right"))
MARKS = (
    *("swapped", "is swapped", "swap", "order swapped", "position swapped", "positions swapped", "flipped"),
    *("is flipped", "reversed", "answer order", "presentation order", "display order", "shown order"),
)
LOOSE_MARKS = tuple(map(plain_name, ("order", "position", "answer position")))  # only where the values say it too
ORDERS = {  # such values, without spaces and signs between their words
    **dict.fromkeys(("ab", "12", "afirst", "athenb", "original", "normal", "forward", "unswapped", "notswapped"), 0.0),
    **dict.fromkeys(("ba", "21", "bfirst", "bthena", "swapped", "flipped", "reversed", "reverse", "backward"), 1.0),
}
TELLING = (
    "a column has to tell which answer was shown first: swapped, with yes or no, or answer_a and answer_b, as they "
    "were shown"
)
ANSWERS = ("first", "second")
A, B = 0.0, 1.0  # codes of a pairwise kind; a tie has no side


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownOrders:
    """What the rows of pairwise verdicts show. Arrays have one entry a row, int64.

    Attributes
    ----------
    answers
        Code of the two answers in their order; rows of different codes are not the same pair.
    orders
        2 k and 2 k + 1 for the rows of comparison k in the one and in the other order; -1 where the other is not there.
    """

    answers: np.ndarray
    orders: np.ndarray

    @property
    def is_other(self) -> np.ndarray:
        """Whether a row shows the other order of a comparison, bool of shape (n,)."""
        return np.asarray(self.orders % 2 == 1) & (self.orders >= 0)

    @property
    def shown(self) -> np.ndarray | None:
        """As in `ScoredPairs`, the first of several rows; None where no comparison comes in both orders."""
        again = pd.Series(self.orders).duplicated().to_numpy()
        return np.where(again, -1, self.orders) if (self.orders >= 0).any() else None


def order_columns(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Find the columns that tell which answers a row shows: ``first`` and ``second``, and the mark, ``swapped``.

    Examples
    --------
    >>> order_columns(["question", "Model A", "model_b", "winner"], ["winner"])
    {'first': 'Model A', 'second': 'model_b'}
    >>> order_columns(["question", "is_swapped"], [])
    {'swapped': 'is_swapped'}
    """
    used = set(taken)
    free = {plain_name(name): name for name in names if name not in used}
    couples = (
        (start + one + end, start + two + end)
        for stem, (one, two) in product((*TEXTS, *NAMES), ENDINGS)
        for start, end in ((stem, ""), ("", stem))
    )
    answers = next(({"first": free[a], "second": free[b]} for a, b in couples if a in free and b in free), {})
    marks = (*map(plain_name, MARKS), *LOOSE_MARKS)
    return answers | next(({"swapped": free[mark]} for mark in marks if mark in free), {})


def joined_answers(
    table: "pa.Table", columns: Mapping[str, str], kind: ScoreKind, check: RowCheck
) -> dict[str, np.ndarray]:
    """As doc both answers as they were shown, where no doc is: else two comparisons of a query would be one pair."""
    is_shown = kind.name == "pairwise" and _are_texts(columns) and "swapped" not in columns
    if not is_shown or "doc" in check.columns or _is_nested(table, columns):
        return {}
    both = [read_texts(table[columns[name]], f"Column {columns[name]!r} of {check.label}") for name in ANSWERS]
    check.note("joined_answers", f"Columns {in_a_row([repr(columns[name]) for name in ANSWERS])} are read as the doc.")
    texts = (f"A: {one or ''}\n\nB: {two or ''}" for one, two in zip(*both, strict=True))
    return {"doc": np.fromiter(texts, dtype=object, count=len(table))}


def _is_nested(table: "pa.Table", columns: Mapping[str, str]) -> bool:
    import pyarrow as pa

    return any(pa.types.is_nested(plain(table[column]).type) for column in columns.values())


def _are_texts(columns: Mapping[str, str]) -> bool:
    return "first" in columns and not any(name in plain_name(columns["first"]) for name in NAMES)


def shown_orders(
    table: "pa.Table", columns: Mapping[str, str], content: Mapping[str, np.ndarray], check: RowCheck
) -> ShownOrders | None:
    """Say of each row which comparison it is of and which answer it shows first.

    Rows are of one comparison when they are of one query, show the same two answers, and have one pair id or the same
    words for a doc: a doc that holds both answers has them in either order. Where only names of models tell the
    answers, or nothing does, several comparisons can be of one query and doc: a pair id must tell them, which is said.

    Parameters
    ----------
    table, columns
        The rows, and what `order_columns` found.
    content
        Query, doc, pair id and scores of a pairwise kind, as read.

    Returns
    -------
    ShownOrders or None
        None where no column tells.
    """
    if not columns:
        _ask_for_orders(content, check, TELLING)
    if not columns or _is_nested(table, columns):
        return None
    read = {name: read_texts(table[column], f"Column {column!r} of {check.label}") for name, column in columns.items()}
    frame = _rows(read, content)
    are_texts = _are_texts(columns)
    is_said = "swapped" not in columns or _is_said(columns["swapped"], read["swapped"])
    orders = np.full(len(frame), -1, dtype=np.int64)
    for answers, order in (("couple", "turned"), *([("answers", "mark")] if is_said or are_texts else [])):
        rows = frame[check.usable & (orders < 0) & frame[order].notna().to_numpy()]
        found = _in_both(rows, answers, order, are_texts=are_texts, check=check)
        if found.empty:
            continue
        by_mark = order == "mark"
        named = in_a_row([repr(column) for role, column in columns.items() if by_mark or role != "swapped"])
        there = f"oth orders of {found.nunique() // 2:,} comparisons are there"
        if by_mark and not is_said:
            check.note(
                "unread_order",
                f"Column {columns['swapped']!r} may say which answer was shown first, but its values do not, and it is "
                "not used. If it does, write AB and BA, or call it swapped.",
            )
        elif by_mark and _keep_their_letters(found, content):
            check.note(
                "both_orders",
                f"By column {named} b{there}, and the verdicts seem to name the same answer in both, not the one shown "
                "first. So position bias is not measured: give the verdicts as they were said, A for the answer shown "
                "first.",
            )
        else:
            check.note("both_orders", f"B{there} (by {named}); A is the answer shown first.")
            orders[found.index] = orders.max() + 1 + found
    if not is_said and not are_texts:
        ask = f"write AB or BA in each row of column {columns['swapped']!r}, or call it swapped"
        _ask_for_orders(content, check, ask, orders < 0)
    elif "swapped" in columns and is_said:
        _count_unread(read["swapped"], columns["swapped"], check, orders < 0)
    marks = frame["mark"].fillna(2) if is_said else 2
    return ShownOrders(answers=(frame["answers"] * 3 + marks).to_numpy(dtype=np.int64), orders=orders)


def _count_unread(texts: np.ndarray, column: str, check: RowCheck, is_open: np.ndarray) -> None:
    """Count the rows whose mark says no order, where any row has one."""
    if has_text(texts).any():
        check.mention(
            "unread_order",
            np.isnan(_marks(texts)) & is_open,
            f"no order that can be read in column {column!r}: {{rows}}. Such rows are of no comparison in both orders; "
            "write yes or no.",
            is_whole=True,
        )


def _ask_for_orders(
    content: Mapping[str, np.ndarray], check: RowCheck, ask: str, is_open: np.ndarray | bool = True
) -> None:
    """Say what has to tell the orders where open rows share a pair id and texts, of which one alone stays."""
    if "pair_id" not in content:
        return
    texts = pd.DataFrame({name: content[name] for name in ("pair_id", "query", "doc") if name in content})
    is_copy = texts.assign(teacher=content["teacher"], student=content["student"]).duplicated()
    again = (texts.duplicated() & ~is_copy).to_numpy() & has_text(content["pair_id"]) & is_open
    check.mention(
        "unknown_orders",
        again,
        f"the pair id and texts of an earlier row: {{rows}}. If they are the other order of its comparison, {ask}.",
        is_whole=True,
    )


def _rows(read: Mapping[str, np.ndarray], content: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Codes of what tells a row's comparison; ``turned`` and ``mark`` are its order, 0 or 1, NaN where not known."""
    none = np.full(len(content["query"]), None, dtype=object)
    first, second = read.get("first", none), read.get("second", none)
    are_two = np.array([bool(one and two and one != two) for one, two in zip(first, second, strict=True)])
    turned = np.array([are_two[row] and first[row] > second[row] for row in range(len(none))])
    couple = (np.where(turned, second, first), np.where(turned, first, second))
    marks = _marks(read["swapped"]) if "swapped" in read else np.full(len(none), np.nan)
    docs, of_doc = pd.factorize(content.get("doc", none))
    ids = content.get("pair_id", none)
    words = np.array(["", *(" ".join(sorted(doc.split())) for doc in of_doc)], dtype=object)
    return pd.DataFrame(
        {
            "query": pd.factorize(content["query"])[0],
            "couple": _codes(*couple),
            "answers": _codes(first, second),
            "words": pd.factorize(words)[0][docs + 1],
            "id": np.where(has_text(ids), pd.factorize(ids)[0], np.nan),
            "turned": np.where(are_two, turned, np.nan),
            "mark": np.where(are_two, marks, np.nan) if "first" in read else marks,
        }
    )


def _codes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    one, two = pd.factorize(first)[0], pd.factorize(second)[0]
    return np.asarray(pd.factorize((one + 1) * (two.max() + 2) + two + 1)[0], dtype=np.int64)


def _said(mark: str) -> float | None:
    return SIGNS.get(fold(mark), ORDERS.get(re.sub(r"[\s,;/|_.-]", "", fold(mark))))


def _marks(texts: np.ndarray) -> np.ndarray:
    """The order that each mark says: by its words, or by being one of two that differ; NaN where it says none.

    Words that are read stay so beside others in fewer rows; numbers of places that go on are no orders.
    """
    given = sorted({text for text in texts if text})
    known = {text: order for text in given if (order := _said(text)) is not None}
    folded = sorted({fold(text) for text in given})
    if len(known) < len(given) and len(folded) == 2:
        known = {text: float(folded.index(fold(text))) for text in given}
    elif 2 * sum(text in known for text in texts) <= sum(map(bool, texts)):
        known = {}
    return np.array([known.get(text, np.nan) for text in texts], dtype=np.float64)


def _is_said(column: str, texts: np.ndarray) -> bool:
    """Whether a column's name says that it is the order, or its values do."""
    is_loose = plain_name(column) in LOOSE_MARKS
    return not is_loose or all(fold(text) not in SIGNS and _said(text) is not None for text in set(texts) if text)


def _in_both(rows: pd.DataFrame, answers: str, order: str, *, are_texts: bool, check: RowCheck) -> "pd.Series[int]":
    """2 k and 2 k + 1 for those rows whose comparison comes in both orders, by their places."""
    by_id = _paired(rows[rows["id"].notna()], ["query", answers, "id"], order)
    others = rows.drop(by_id.index)
    if not are_texts:
        others = others[others["id"].isna()] if len(by_id) else others  # an id that tells comparisons tells them all
        again = others.duplicated(["query", answers, "words", order], keep=False)
        n_open = len(_paired(others, ["query", answers, "words"], order).index.intersection(others.index[again]))
        others = others[~again]
        if n_open:
            check.note(
                "unknown_orders",
                f"{rows_have(n_open)} both orders of several comparisons for one query and doc, and no column tells "
                "which belong together. Give both rows of a comparison one pair_id, or both answers in answer_a and "
                "answer_b; they are read as one order each.",
            )
    by_words = _paired(others, ["query", answers, "words"], order)
    is_none = are_texts and by_id.empty and by_words.empty
    if is_none and order == "turned" and len(_paired(others, ["query", answers], order)):
        check.note(
            "other_docs",
            f"Both orders of the same answers come with different docs (column {check.columns['doc']!r}), so they are "
            "different comparisons. If that column is no doc, leave it unused on the samples page, or with --column "
            "doc=.",
        )
    return pd.concat((by_id, by_words + by_id.max() + 1)) if len(by_id) else by_words


def _paired(rows: pd.DataFrame, keys: list[str], order: str) -> "pd.Series[int]":
    both = rows[rows.groupby(keys)[order].transform("nunique") == 2]
    codes = 2 * both.groupby(keys, sort=False).ngroup() + both[order]
    return codes.astype(np.int64)


def _keep_their_letters(found: "pd.Series[int]", content: Mapping[str, np.ndarray]) -> bool:
    """Whether both judges more often give the same letter in both orders than the other one."""
    rows = found.drop_duplicates().sort_values().index.to_numpy().reshape(-1, 2)
    sides = [content[name][rows] for name in ("teacher", "student")]
    decided = [side[np.isin(side, (A, B)).all(axis=1)] for side in sides]
    return all(bool(len(each)) and float((each[:, 0] == each[:, 1]).mean()) > 0.5 for each in decided)
