"""Faults of files: each takes a table whose rows are known and damages how it is written, not what it says."""

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tests.fuzz.tables import NAMES, TEXT_FORMATS, Case


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
