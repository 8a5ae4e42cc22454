"""Files that are read whole, such as rules, cards and records: regular files or pipes of a size that they can have.

Tables of pairs are read in `samples.reading`.
"""

import json
import os
import stat
from pathlib import Path
from typing import IO, Any

from drift_core.errors import InputError
from drift_core.tables.addresses import is_address, refuse_address
from drift_core.tables.paths import BLOCK_BYTES, reason_of

LARGEST = 100_000_000  # bytes; the largest record of a diagnosis that was seen has a hundredth
LONGEST_SHOWN = 60


def read_small(path: str | Path, *, called: str, advice: str = "Check the path.", largest: int = LARGEST) -> bytes:
    """Read a file or an address whole, without waiting for a pipe that nobody writes to and without reading a device.

    Parameters
    ----------
    called
        What the message calls the file, such as "The rule file".
    largest
        Bytes that such a file can have at most.

    Raises
    ------
    InputError
        When it cannot be read, is a device, or is larger than such a file can be.
    """
    content = _at_address(str(path), largest) if is_address(path) else _on_disk(path, called, advice, largest)
    if len(content) > largest:
        raise InputError(f"{called} {path} has more than {largest:,} bytes, more than such a file can have. {advice}")
    return content


def _at_address(address: str, largest: int) -> bytes:
    from drift_core.tables.places import bytes_at

    return bytes_at(address, largest=largest)


def _on_disk(path: str | Path, called: str, advice: str, largest: int) -> bytes:
    try:
        # A pipe that nobody has opened for writing is empty; waiting for a writer could last for ever.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:  # refuses a folder
            if stat.S_ISCHR(os.fstat(number).st_mode):
                raise InputError(f"{called} {path} cannot be read: it is a device. {advice}")
            os.set_blocking(number, True)
            return _read_blocks(file, largest)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        refuse_address(path)
        raise InputError(f"{called} {path} cannot be read: {reason_of(error)}. {advice}") from error


def _read_blocks(file: IO[bytes], largest: int) -> bytes:
    """Read to the end or just beyond the largest size; asked for all at once, room for that size would be made."""
    content = bytearray()
    while len(content) <= largest and (block := file.read(BLOCK_BYTES)):
        content += block
    return bytes(content)


def parse_json(content: bytes | str) -> Any:
    """Parse JSON; every way in which it is none is a ValueError with a reason in one line."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def shown(value: object) -> str:
    """Show a value of a file in a message: in one line, cut where it is long."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or a whole number of thousands of digits
        return f"a value of type {type(value).__name__}, too long to show"
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
