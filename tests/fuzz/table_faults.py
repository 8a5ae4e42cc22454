"""Faults of tables: each takes a table whose rows are known and says what a reader must make of it."""

import random
from dataclasses import replace

import pyarrow as pa

from tests.fuzz import file_faults
from tests.fuzz.file_faults import cut_off, foreign_encoding, mark_at_the_start, other_encoding, stray_quote, zero_bytes
from tests.fuzz.tables import FORMATS, NAMES, TEXT_FORMATS, Case, planted

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=quoted", "\t=tab"]
ESCAPES = ["\x1b[31mred\x1b[0m", "\x1b]8;;http://x\x07link\x1b]8;;\x07", "\x9b2J", "a\x08b", "\u202eevil", "::error::x"]
ODD_NUMBERS = ["1e400", "-1e400", "inf", "-inf", "nan", "", "NULL", "1e308", "-1.7e308", "n/a"]
LOCALE_NUMBERS = ["1.234,5", "1 234", "1'234.5", "80%", "4/5", "٣", "½", "1,234.5", "0x1F", "1_000", "$5", "[[2]]"]
ODD_NAMES = [
    "",
    " ",
    "x" * 5_000,
    'a"b',
    "a'; drop table given; --",
    "line\nbreak",
    "\x1b[31m",
    "😀",
    "c0",
    "select",
    "row",
]


# The faults, each on a case whose truth is known.


def same_name_twice(case: Case) -> Case:
    name = case.rng.choice(NAMES[:4])
    name = case.rng.choice([name, name.upper(), f" {name} ", name.title()])
    return case.with_column(name, [row[2] for row in case.rows], expected="refused")


def column_missing(case: Case) -> Case:
    gone = case.rng.choice((0, 2, 3))
    rows = [[cell for i, cell in enumerate(row) if i != gone] for row in case.rows]
    return replace(case, names=[n for i, n in enumerate(case.names) if i != gone], rows=rows, expected="refused")


def odd_name_beside(case: Case) -> Case:
    return case.with_column(case.rng.choice(ODD_NAMES), [case.rng.choice("ab") for _ in case.rows], expected="either")


def column_of_another_type(case: Case) -> Case:
    n, name = len(case.rows), case.rng.choice(["teacher_score", "student_score"])
    kind = case.rng.choice([pa.duration("s"), pa.time32("s"), pa.date32(), pa.timestamp("us"), pa.list_(pa.int64())])
    cells = [[i] for i in range(n)] if pa.types.is_list(kind) else list(range(n))
    form = case.form if not case.is_text else case.rng.choice(["parquet", "arrow"])
    return replace(case, form=form).with_cells(name, dict(enumerate(cells)), kinds={name: kind}, expected="refused")


def number_type(case: Case) -> Case:
    n, name = len(case.rows), "teacher_score"
    kind = case.rng.choice([pa.int8(), pa.uint64(), pa.float32(), pa.decimal128(38, 10), pa.int64(), pa.bool_()])
    offset = 2**63 if kind == pa.uint64() else -(2**62) if kind == pa.int64() else 0
    whole = [offset + i * (10**9 if offset else 1) for i in range(n)]
    cells = [bool(i % 2) for i in range(n)] if kind == pa.bool_() else whole
    if kind == pa.decimal128(38, 10):
        cells = [pa.scalar(i, pa.int64()).cast(kind).as_py() for i in range(n)]
    truth = [[*row[:2], float(cells[i]), *row[3:]] for i, row in enumerate(case.truth)]
    form = case.form if not case.is_text else case.rng.choice(["parquet", "arrow"])
    return replace(case, form=form).with_cells(name, dict(enumerate(cells)), kinds={name: kind}, truth=truth)


def odd_numbers(case: Case) -> Case:
    rows = case.rng.sample(range(len(case.rows)), 4)
    name = case.rng.choice(["teacher_score", "student_score"])
    if not case.is_text:
        values = [float("inf"), float("nan"), None, 1e308, -1.7e308]
        return case.with_cells(name, {row: case.rng.choice(values) for row in rows}, lost=frozenset(rows))
    return case.with_cells(name, {row: case.rng.choice(ODD_NUMBERS) for row in rows}, lost=frozenset(rows))


def all_huge(case: Case) -> Case:
    name, factor = case.rng.choice(["teacher_score", "student_score"]), case.rng.choice([1e308, 1e200, 1e-310, 1e-150])
    cells = {i: float(row[2]) * factor for i, row in enumerate(case.rows)}
    return case.with_cells(name, cells, expected="refused")


def numbers_of_a_locale(case: Case) -> Case:
    rows = case.rng.sample(range(len(case.rows)), 3)
    cells = {row: case.rng.choice(LOCALE_NUMBERS) for row in rows}
    return case.with_cells("teacher_score", cells, lost=frozenset(rows), expected="either")


def decimal_commas(case: Case) -> Case:
    place = case.names.index("teacher_score")
    cells = {i: str(row[place]).replace(".", ",") for i, row in enumerate(case.rows)}
    return replace(case, form="csv", separator=";").with_cells("teacher_score", cells)


def words_for_scores(case: Case) -> Case:
    words = case.rng.choice(
        [["4/5"], ["80%"], ["Yes", "No", "See"], ["A", "B", "C"], ["gpt-4o"], ["2024-05-01"], ["[[2]]"]]
    )
    cells = {i: words[i % len(words)] for i in range(len(case.rows))}
    return case.with_cells(case.rng.choice(["teacher_score", "student_score"]), cells, expected="refused")


def ragged_rows(case: Case) -> Case:
    bad = sorted(case.rng.sample(range(1, len(case.rows)), 3))
    rows = [list(row) for row in case.rows]
    for row in bad:
        rows[row] = rows[row][: case.rng.choice([1, 3])] if case.rng.random() < 0.5 else [*rows[row], "more", "yet"]
    return replace(case, form=case.rng.choice(["csv", "tsv"]), rows=rows, lost=frozenset(bad), expected="either")


def nested_cells(case: Case) -> Case:
    cells = dict.fromkeys(range(len(case.rows)), case.rng.choice([{"a": [1, {"b": None}]}, [1, 2], [[]], [{"c": "d"}]]))
    name = case.rng.choice(["query", "teacher_score", "student_score", "doc"])
    return replace(case, form=case.rng.choice(["json", "jsonl"])).with_cells(name, cells, expected="refused")


def mixed_types(case: Case) -> Case:
    cells = {i: str(row[2]) if i % 2 else row[2] for i, row in enumerate(case.rows)}
    return replace(case, form=case.rng.choice(["json", "jsonl"])).with_cells("teacher_score", cells)


def missing_cells(case: Case) -> Case:
    rows = case.rng.sample(range(len(case.rows)), 3)
    name = case.rng.choice(["query", "teacher_score", "student_score"])
    blank = case.rng.choice([None, "", "   "]) if case.is_text or name == "query" else None
    return case.with_cells(name, dict.fromkeys(rows, blank), lost=frozenset(rows))


def too_few_rows(case: Case) -> Case:
    return replace(case, rows=case.rows[: case.rng.choice([0, 1, 2, 19])], expected="refused")


def constant_scores(case: Case) -> Case:
    name, value = case.rng.choice(["teacher_score", "student_score"]), case.rng.choice([0.0, -0.0, 1, 0.5])
    return case.with_cells(name, dict.fromkeys(range(len(case.rows)), value), expected="refused")


def long_cells(case: Case) -> Case:
    row, text = case.row(), case.rng.choice(["x", "é ", 'a "b", ', "line\n"]) * 50_000 + "."
    truth = [list(each) for each in case.truth]
    truth[row][1] = text
    return case.with_cells("doc", {row: text}, truth=truth)


def odd_texts(case: Case) -> Case:
    pool = case.rng.choice([FORMULAS, ESCAPES])
    texts = {i: f"{case.rng.choice(pool)} {i}" for i in range(len(case.rows))}
    truth = [[texts[i], *row[1:]] for i, row in enumerate(case.truth)]
    return case.with_cells("query", texts, truth=truth)


def odd_slices(case: Case) -> Case:
    return case.with_column("market", [case.rng.choice((*FORMULAS[:2], *ESCAPES[:2])) for _ in case.rows])


def odd_times(case: Case) -> Case:
    times = ["2024-05-01", "01/05/2024", "1714521600", "9999-12-31", "0000-00-00", "tomorrow", "", "-1", "1e30"]
    return case.with_column("timestamp", [case.rng.choice(times) for _ in case.rows])


def odd_weights(case: Case) -> Case:
    weights = case.rng.choice([[1, 2, 3], ["a"], [0.5], [1e-320, 1e300, 1], ["", 1, 2], [-1, 1, 2]])
    return case.with_column("weight", [str(case.rng.choice(weights)) for _ in case.rows], expected="said")


def many_columns(case: Case) -> Case:
    n = case.rng.choice([50, 400])
    names = [f"x{i}" for i in range(n)]
    return replace(case, names=[*case.names, *names], rows=[[*row, *range(n)] for row in case.rows])


def repeated_ids(case: Case) -> Case:
    later = case.rng.sample(range(1, len(case.rows)), 3)
    ids = [f"id {0 if i in later else i}" for i in range(len(case.rows))]
    return case.with_column("pair_id", ids, lost=frozenset(later))


FAULTS = tuple(
    each
    for name, each in {**vars(file_faults), **globals()}.items()
    if callable(each) and getattr(each, "__annotations__", {}).get("return") is Case and name != "made"
)
OF_TEXT = {cut_off, mark_at_the_start, other_encoding, zero_bytes, stray_quote, foreign_encoding}


def made(seed: int) -> tuple[str, Case]:
    rng = random.Random(seed)
    fault = FAULTS[seed % len(FAULTS)]
    rows = planted(rng)
    forms = TEXT_FORMATS if fault in OF_TEXT - {cut_off} else FORMATS
    case = Case(rng=rng, form=rng.choice(forms), names=list(NAMES), rows=rows, truth=[list(row) for row in rows])
    return fault.__name__, fault(case)
