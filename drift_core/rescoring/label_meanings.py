"""Labels with what each means, as a user writes them: one a line, ``fail = The answer contradicts the document``."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from drift_core.errors import InputError, SettingError
from drift_core.samples.label_words import fold
from drift_core.tables.small_files import read_small
from drift_core.wording import one_line

MAX_BYTES = 200_000


def parse_labels(lines: Iterable[str], known: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Divide lines into labels and their meanings, empty where none is said; blank lines are left out.

    Parameters
    ----------
    known
        Labels that may hold an equals sign themselves.

    Examples
    --------
    >>> parse_labels(["fail = It is a = b, or wrong.", "pass"])
    (('fail', 'pass'), ('It is a = b, or wrong.', ''))
    """
    own = {fold(label) for label in known}
    found = [_divided(line.strip(), own) for line in lines if line.strip()]
    return tuple(label for label, _ in found), tuple(meaning for _, meaning in found)


def _divided(line: str, known: set[str]) -> tuple[str, str]:
    places = [place for place, sign in enumerate(line) if sign == "="]
    if not places or fold(line) in known:
        return line, ""
    place = next((each for each in places if fold(line[:each]) in known), places[0])
    return line[:place].strip(), one_line(line[place + 1 :])


def read_labels(path: str | Path, known: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read a UTF-8 file of labels, see `parse_labels`.

    Raises
    ------
    InputError
        When it is no text, or larger than labels can be.
    """
    content = read_small(path, called="The file of labels", advice="Name a text file.")
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} has {len(content):,} bytes; a file of labels has at most {MAX_BYTES:,}.")
    try:
        return parse_labels(content.decode("utf-8-sig").splitlines(), known)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text (byte {error.start}). Save it as UTF-8.") from error


def meanings_of(labels: Sequence[str], named: tuple[Sequence[str], Sequence[str]]) -> tuple[str, ...]:
    """The meanings of labels, by their order, of those that were named with them.

    Raises
    ------
    SettingError
        When one label was named with two meanings.
    """
    known: dict[str, str] = {}
    for label, meaning in zip(*named, strict=True):
        if known.setdefault(fold(label), meaning) != meaning:
            raise SettingError(f"The label {label!r} is given twice with two meanings. Give it once.")
    return tuple(known.get(fold(label), "") for label in labels)


def as_lines(labels: Sequence[str], meanings: Sequence[str]) -> str:
    """Labels as `parse_labels` takes them."""
    said = [*meanings, *[""] * (len(labels) - len(meanings))]
    return "\n".join(f"{label} = {meaning}" if meaning else label for label, meaning in zip(labels, said, strict=True))


def in_prompt(labels: Sequence[str], meanings: Mapping[str, str]) -> str:
    """Labels as a prompt gives them: in a row, or one a line in quotes where any has a meaning, by its folded label."""
    if not any(meanings.get(fold(label)) for label in labels):
        has_comma = any("," in label for label in labels)
        return ", ".join(f'"{label}"' if has_comma else label for label in labels)
    rows = ((json.dumps(label, ensure_ascii=False), meanings.get(fold(label))) for label in labels)
    return "\n".join(f"- {label}: {meaning}" if meaning else f"- {label}" for label, meaning in rows)
