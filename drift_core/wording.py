"""Sentences about rows, worded alike in every problem, numbers with their nouns, and texts on one line."""

import re
import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType

N_SHOWN = 5
PROGRAM = "distillation-drift"
_IN_BRACKETS = re.compile(rf" \({PROGRAM} [^()]*\)")
# What columns are called for short, and in words.
_COLUMN_WORDS: Mapping[str, str] = MappingProxyType(
    {"lang": "language", "cat": "category", "src": "source", "dept": "department"}
)


def rows_have(n_rows: int) -> str:
    return "1 row has" if n_rows == 1 else f"{n_rows:,} rows have"


def counted(n: int, one: str, many: str) -> str:
    """Write a number with its noun: ``1 query``, ``2 queries``."""
    return f"{n:,} {one if n == 1 else many}"


def one_line(text: str) -> str:
    """Put a text of a user on one line, without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def whole_characters(text: str) -> str:
    """Put a question mark for half of a surrogate pair, which JSON may hold, but no file and no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()


def told_command(text: str) -> tuple[str, str]:
    """Tell the command at a text's end, behind a colon, from what stands before it; empty where there is none."""
    before, sign, command = text.partition(f": {PROGRAM} ")
    return (f"{before}:", f"{PROGRAM} {command.rstrip('.')}") if sign else (text, "")


def without_commands(text: str) -> str:
    """A text for who types none: without commands in brackets or at its end."""
    before, command = told_command(_IN_BRACKETS.sub("", text))
    return f"{before.removesuffix(':')}." if command else before


def column_in_words(name: str) -> str:
    """A column's name as it stands in a sentence: "language" for lang, "doc type" for doc_type."""
    return " ".join(_COLUMN_WORDS.get(word.lower(), word) for word in name.replace("_", " ").split()) or name


def quoted(name: str) -> str:
    """A name on one line as a shell takes it; a full stop at its end is in the quotes, so that none of a text is."""
    flat = one_line(name)
    return f"'{flat}'" if flat.endswith(".") and shlex.quote(flat) == flat else shlex.quote(flat)


def no_option(file: str) -> str:
    """A file as it is named in a command, never to be taken for an option."""
    return f"./{file}" if file.startswith("-") else file


def first_rows(rows: Sequence[int]) -> str:
    """Name the first few of some rows, counted from 1: ``rows 3, 9 and 12``."""
    shown = [f"{row:,}" for row in rows[:N_SHOWN]]
    if len(rows) == 1:
        return f"row {shown[0]}"
    if len(rows) > N_SHOWN:
        return f"rows {', '.join(shown)} and so on"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def in_a_row(words: Sequence[str]) -> str:
    """Name a few things in a sentence: ``query, teacher and student``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def share_in_words(share: float) -> str:
    """A share in whole percents, a small one with a decimal."""
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"


def chance_in_words(p_value: float) -> str:
    """A p-value, or a false discovery rate, in percents: ``under 0.1%``, ``4.6%``, ``93%``."""
    return "under 0.1%" if p_value < 0.001 else f"{p_value:.1%}" if p_value < 0.1 else f"{p_value:.0%}"


def shortened(name: str, at_most: int = 40) -> str:
    """A name that fits on one line."""
    flat = one_line(name)
    return flat if len(flat) <= at_most else flat[: at_most - 1] + "…"


def in_quotes(name: str, at_most: int = 40) -> str:
    """A name as it stands in a sentence: a list of words in quotes, so that it reads as the one name it is."""
    short = shortened(name, at_most)
    return f"“{short}”" if ", " in short or ";" in short else short


def whole_sentences(text: str, at_most: int) -> str:
    """As many sentences from the start of a text as fit; a first one that is too long is shortened."""
    flat = one_line(text)
    if len(flat) <= at_most:
        return flat
    end = flat.rfind(". ", 0, at_most) + 1
    return flat[:end] if end else shortened(flat, at_most)
