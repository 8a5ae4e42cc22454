"""Faults of tables: each takes a table whose rows are known and says what a reader must make of it."""

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa

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


def nothing(case: Case) -> Case:
    return case


def cut_off(case: Case) -> Case:
    share = case.rng.random()
    return replace(case, of_bytes=(lambda content: content[: int(len(content) * share)],), expected="prefix")


def damaged_bytes(case: Case) -> Case:
    seed = case.rng.random()

    def damage(content: bytes) -> bytes:
        rng, changed = random.Random(seed), bytearray(content)
        for _ in range(rng.choice([1, 3, 30])):
            place = rng.randrange(len(changed))
            changed[place : place + rng.choice([0, 1, 4])] = rng.randbytes(rng.choice([0, 1, 4]))
        return bytes(changed)

    return replace(case, of_bytes=(damage,), expected="any")


def stray_quote(case: Case) -> Case:
    place = case.rng.randrange(2, len(case.rows))

    def change(text: str) -> str:
        lines = text.split("\n")
        cut = case.rng.randrange(len(lines[place]) + 1)
        lines[place] = lines[place][:cut] + '"' + lines[place][cut:]
        return "\n".join(lines)

    return replace(case, of_texts=(change,), expected="any")


def other_separator(case: Case) -> Case:
    return replace(case, form="csv", separator=case.rng.choice([";", "\t", "|", ","]))


def mark_at_the_start(case: Case) -> Case:
    return replace(case, of_texts=(lambda text: "\ufeff" + text,))


def other_encoding(case: Case) -> Case:
    codec = case.rng.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"])
    return replace(case, of_bytes=(lambda content: content.decode().encode(codec),))


def old_encoding(case: Case) -> Case:
    codec = case.rng.choice(["cp1252", "latin-1"])
    texts = {i: f"prix élevé n° {i} déjà vu" for i in range(len(case.rows))}
    truth = [[texts[i], *row[1:]] for i, row in enumerate(case.truth)]
    changed = case.with_cells("query", texts, truth=truth).with_cells("doc", {i: f"d{i}" for i in texts})
    truth = [[row[0], f"d{i}", *row[2:]] for i, row in enumerate(truth)]
    return replace(changed, truth=truth, form="csv", of_bytes=(lambda content: content.decode().encode(codec),))


def foreign_encoding(case: Case) -> Case:
    codec = case.rng.choice(["shift_jis", "koi8-r", "gb18030", "big5", "cp037", "utf-7", "cp500", "iso2022_jp"])
    return replace(case, of_bytes=(lambda content: content.decode().encode(codec, "replace"),), expected="any")


def zero_bytes(case: Case) -> Case:
    return replace(case, of_texts=(lambda text: text.replace(" 3", "\0", 1) + "\0",), expected="refused")


def junk(case: Case) -> Case:
    seed, n = case.rng.random(), case.rng.choice([1, 100, 5000])
    return replace(case, of_bytes=(lambda _: random.Random(seed).randbytes(n),), expected="refused")


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


def rows_inside(case: Case) -> Case:
    wrap = case.rng.choice(
        ['{{"data": {}}}', '{{"results": {{"results": {}, "n": [1]}}, "v": 2}}', '{{"a": 1, "b": {}}}']
    )
    return replace(case, form="json", of_texts=(wrap.format,))


def odd_json(case: Case) -> Case:
    changes: list[Callable[[str], str]] = [
        lambda text: text.replace("}", ",}", 1),
        lambda text: text.replace('"', "'"),
        lambda text: "// rows\n" + text,
        lambda text: text + "\n42\n",
        lambda text: text + "\n[]\n",
        lambda text: text.replace("0.", ".", 1),
        lambda text: "[" * 3000 + text,
        lambda text: text.replace('"query"', '"query": 1, "query"', 1),
        lambda text: text.replace('"query": "', '"query": "\\ud800', 1),
        lambda text: text.replace(": ", ": NaN, " + '"x": ', 1),
    ]
    return replace(case, form=case.rng.choice(["json", "jsonl"]), of_texts=(case.rng.choice(changes),), expected="any")


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


def line_ends(case: Case) -> Case:
    end = case.rng.choice(["\r\n", "\n\n", "\r"])
    return replace(case, form=case.rng.choice(["csv", "tsv"]), of_texts=(lambda text: text.replace("\n", end),))


def blank_lines(case: Case) -> Case:
    before, after = "\n" * case.rng.choice([1, 3]), "\n" * case.rng.choice([0, 3])
    return replace(case, form=case.rng.choice([*TEXT_FORMATS]), of_texts=(lambda text: before + text + after,))


def header_again(case: Case) -> Case:
    def change(text: str) -> str:
        lines = text.split("\n")
        return "\n".join([*lines[:5], lines[0], *lines[5:]])

    truth = [*case.truth[:4], list(NAMES), *case.truth[4:]]
    return replace(case, form=case.rng.choice(["csv", "tsv"]), of_texts=(change,), truth=truth, lost=frozenset([4]))


def line_before_the_header(case: Case) -> Case:
    line = case.rng.choice(["sep=;", "# made on Monday", "Report 2024,,,,"])
    return replace(case, form="csv", of_texts=(lambda text: f"{line}\n{text}",), expected="refused")


def wrong_suffix(case: Case) -> Case:
    suffix = case.rng.choice(["csv", "json", "parquet", "arrow", "txt", "xlsx", "", "PARQUET", "csv.gz"])
    return replace(case, suffix=suffix, expected="either")


def compressed(case: Case) -> Case:
    times = case.rng.choice([1, 1, 2])
    changes = (partial(gzip.compress, mtime=0),) * times
    return replace(case, of_bytes=changes, suffix=f"{case.form}.gz", expected="right" if times == 1 else "refused")


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
    for name, each in list(globals().items())
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
