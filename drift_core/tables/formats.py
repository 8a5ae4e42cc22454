"""What kind of file lies there: format, compression and text encoding, told from the content before the name.

Opening the file as a table is in `scan`.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from drift_core.errors import InputError
from drift_core.tables.paths import BLOCK_BYTES
from drift_core.tables.problem import Problem

Kind = Literal["parquet", "arrow", "csv", "json"]
Compression = Literal["none", "gzip", "zstd"]

_COMPRESSED: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_BINARY: dict[bytes, Kind] = {b"PAR1": "parquet", b"ARROW1": "arrow", b"\xff\xff\xff\xff": "arrow"}
_REFUSED = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"FEA1": "a Feather file of version 1",
    b"SQLite format 3": "an SQLite database",
    b"+/v8": "UTF-7 text",
    b"+/v9": "UTF-7 text",
}
SUFFIXES: dict[str, Kind] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
}
SEPARATORS = (",", ";", "\t", "|")
_FORMATS = "CSV, TSV or JSON lines (also .gz or .zst), Parquet, or Arrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a file was found to be; `encoding` is a Python codec name and means nothing for binary kinds."""

    kind: Kind
    compression: Compression
    encoding: str
    head: bytes


def recognise_form(path: Path, label: str) -> Form:
    """Tell the form of a file from its first bytes, and from its name where the bytes leave it open."""
    compression = _compression(path)
    head = b"".join(blocks_of(path, compression, at_most=1))
    if not head:
        raise InputError(f"{label} is empty. Expected a file of scored pairs: {_FORMATS}.")
    binary = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)
    if binary is not None:
        return Form(kind=binary, compression=compression, encoding="binary", head=head)
    _refuse_misnamed(label)
    _refuse_other_files(head, label)
    encoding = _wide_encoding(head) or "utf-8"
    text = head.decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    kind = SUFFIXES.get(name_suffix(label)) or ("json" if text.startswith(("{", "[")) else "csv")
    return Form(kind=kind, compression=compression, encoding=encoding, head=head)


def _compression(path: Path) -> Compression:
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for magic, name in _COMPRESSED.items() if start.startswith(magic)), "none")


def blocks_of(path: Path, compression: Compression, *, at_most: int | None = None) -> Iterator[bytes]:
    """Yield the decompressed content in blocks, all of it or the first `at_most`."""
    import pyarrow as pa

    with pa.OSFile(str(path)) as raw:
        stream: Any = raw if compression == "none" else pa.CompressedInputStream(raw, compression)
        while (at_most is None or at_most > 0) and (block := stream.read(BLOCK_BYTES)):
            at_most = None if at_most is None else at_most - 1
            yield block


def _refuse_other_files(head: bytes, label: str) -> None:
    found = next((what for magic, what in _REFUSED.items() if head.startswith(magic)), None)
    if found is None and b"\0" in head and _wide_encoding(head) is None:
        found = "binary data"
    if found is not None:
        raise InputError(f"{label} holds {found}, which cannot be read. Save the pairs as {_FORMATS}.")


def _wide_encoding(head: bytes) -> str | None:
    """UTF-32 or UTF-16 by its byte order mark, or by the zero bytes of its first, always ASCII, characters."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if len(head) > 7 and head[0] and head[4] and not any(head[1:4]) and not any(head[5:8]):
        return "utf-32-le"
    if len(head) > 7 and head[3] and head[7] and not any(head[:3]) and not any(head[4:7]):
        return "utf-32-be"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(head) > 3 and head[1] == 0 == head[3] and head[0] and head[2]:
        return "utf-16-le"
    return "utf-16-be" if len(head) > 3 and head[0] == 0 == head[2] and head[1] and head[3] else None


def _refuse_misnamed(label: str) -> None:
    suffix = name_suffix(label)
    if SUFFIXES.get(suffix) in ("parquet", "arrow"):
        raise InputError(
            f"{label} is named {suffix} but does not begin like such a file; it may be cut off or named wrongly. "
            f"Write it again, or name it by what it holds: {_FORMATS}."
        )


def name_suffix(name: str) -> str:
    """Give the last suffix of a file name in lower case, with .gz and .zst looked through."""
    path = Path(name)
    return Path(path.stem if path.suffix.lower() in (".gz", ".zst") else path.name).suffix.lower()


def stem(label: str) -> str:
    """Give the name of a file without folder and suffixes; of a pattern with its folder, or the folder alone."""
    folder, slash, name = short_name(label).rpartition("/")
    for suffix in (".gz", ".zst"):
        name = name.removesuffix(suffix)
    name = Path(name).stem or name
    return folder if folder and not name.strip("*?.") else f"{folder}{slash}{name}"


def short_name(label: str) -> str:
    """Give the name of a file without its folder; that of a pattern, which says little by itself, with its folder."""
    *folders, name = Path(label).parts or (label,)
    if not is_pattern(name):
        return name
    folder = next((each for each in reversed(folders) if not is_pattern(each) and each.strip("/.")), "")
    return f"{folder}/{name}" if folder else name


def is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The codec that reads a whole text file, with a problem where that is a guess."""

    codec: str
    problems: tuple[Problem, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the bytes can be taken as they are."""
        return self.codec == "utf-8" and not self.problems


def find_encoding(path: Path, form: Form, label: str) -> Encoding:
    """Find the encoding of a text file from all of its bytes.

    UTF-8 if all of it is; UTF-8 with damaged characters if most characters beyond ASCII are intact;
    else Windows-1252, of which Latin-1 text is a part.
    """
    if form.encoding != "utf-8":
        _check_wide(path, form, label)
        return Encoding(codec=form.encoding)
    if _is_utf8(path, form, label):
        return Encoding(codec="utf-8")
    damaged, intact = _count_damage(path, form)
    if intact > damaged:
        message = f"{label} is UTF-8 with {damaged:,} damaged characters; they are shown as \ufffd."
        return Encoding(codec="utf-8", problems=(Problem(name="damaged_text", message=message),))
    message = (
        f"{label} is not UTF-8; it was read as Windows-1252 (Western European). Save it as UTF-8 if texts look wrong."
    )
    return Encoding(codec="cp1252", problems=(Problem(name="encoding", message=message),))


def _check_wide(path: Path, form: Form, label: str) -> None:
    """Raise where not all of a file is in the encoding that its beginning shows."""
    decoder = codecs.getincrementaldecoder(form.encoding)()
    try:
        has_zeros = any("\0" in decoder.decode(block) for block in blocks_of(path, form.compression))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        name = form.encoding.upper()
        raise InputError(
            f"{label} begins as {name} text but is damaged or cut off ({error.reason}). Save it again as UTF-8."
        ) from error
    if has_zeros:
        raise InputError(f"{label} holds binary data, which cannot be read. Save the pairs as {_FORMATS}.")


def _is_utf8(path: Path, form: Form, label: str) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks_of(path, form.compression):
            if b"\0" in block:
                raise InputError(f"{label} holds binary data, which cannot be read. Save the pairs as {_FORMATS}.")
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _count_damage(path: Path, form: Form) -> tuple[int, int]:
    """Count the damaged and the intact characters beyond ASCII, read as UTF-8."""
    damaged = intact = 0
    for text in _decoded(path, form, "utf-8"):
        if not text.isascii():
            damaged += text.count("\ufffd")
            intact += len(text) - text.count("\ufffd") - len(text.encode("ascii", "ignore"))
    return damaged, intact


def has_mixed_line_ends(path: Path, form: Form) -> bool:
    r"""Whether ``\n``, ``\r\n`` and ``\r`` stand in one text; inside quotes they count too."""
    n_both = n_line_feeds = n_returns = 0
    for block in blocks_of(path, form.compression):
        n_both += block.count(b"\r\n")
        n_line_feeds += block.count(b"\n")
        n_returns += block.count(b"\r")
    return n_returns > 0 and not n_both == n_line_feeds == n_returns


def _decoded(path: Path, form: Form, codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    for block in blocks_of(path, form.compression):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def write_utf8(path: Path, form: Form, codec: str, target: Path) -> None:
    """Write the decompressed text as UTF-8."""
    with target.open("w", encoding="utf-8", errors="replace", newline="") as out:
        out.writelines(_decoded(path, form, codec))


def write_with_one_line_end(path: Path, form: Form, target: Path) -> None:
    r"""Write decompressed UTF-8 text with every line end, inside quotes too, turned into ``\n``."""
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    with target.open("w", encoding="utf-8", newline="") as out:
        out.writelines(ends.decode(text) for text in _decoded(path, form, "utf-8"))
        out.write(ends.decode("", final=True))


def separator_of(text: str) -> str:
    """The separator that cuts the header of a CSV into most columns."""
    return max(SEPARATORS, key=lambda separator: len(first_row(text, separator)))


def first_row(text: str, separator: str) -> list[str]:
    """The header of a CSV by a separator; empty where a field is longer than the module allows."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []


def decompressed(path: Path, form: Form, place: Path) -> Path:
    """The file itself, or what it holds decompressed, written to a place."""
    if form.compression == "none":
        return path
    with place.open("wb") as out:
        out.writelines(blocks_of(path, form.compression))
    return place
