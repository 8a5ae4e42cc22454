"""What stands at a path; one message where the system does not tell, as of a closed folder or a name too long."""

import stat
from pathlib import Path
from typing import Literal

from drift_core.errors import InputError
from drift_core.tables.addresses import refuse_address

BLOCK_BYTES = 1 << 20  # of a file or a stream that are read at a time

Kind = Literal["file", "folder", "pipe", "device", "nothing"]


def kind_of(path: str | Path, *, fault: str = "reached") -> Kind:
    """Say what stands at a path, links followed; a socket counts as a device.

    Parameters
    ----------
    fault
        What cannot be done where the system does not tell, for the message.

    Raises
    ------
    InputError
        When the system does not tell, which is not the same as that there is nothing; or the path is an address.
    """
    try:
        mode = Path(path).stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        refuse_address(path)
        return "nothing"
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be {fault}: {reason_of(error)}. Check the path and its rights.") from error
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "pipe"
    return "file" if stat.S_ISREG(mode) else "device"


def is_file(path: str | Path) -> bool:
    """Whether a regular file stands at a path; raises as `kind_of`."""
    return kind_of(path) == "file"


def reason_of(error: Exception) -> str:
    """What a fault of the system says, without the path and in one line."""
    return getattr(error, "strerror", None) or next(iter(str(error).splitlines()), type(error).__name__)


def make_folder(folder: str | Path) -> Path:
    """Make a folder and those above it, where they are not there.

    Raises
    ------
    InputError
        When it cannot be made.
    """
    refuse_address(folder)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InputError(f"The folder {folder} cannot be made: {reason_of(error)}. Choose another.") from error
    return Path(folder)
