"""One kind of file that the product reads back: a valid one among those that it needs, and what reads it."""

import contextlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from drift_core.errors import DriftError

Form = Literal["json", "toml", "yaml", "table", "sqlite", "npy", "npz", "parquet", "bytes"]


Said = tuple[int, str, str]


Files = Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A valid file among those that it needs, and what reads it in a folder.

    Attributes
    ----------
    share
        How many of a hundred usual cases it gets; less where reading takes long.
    decides
        Pattern of the nodes that a release hangs on: nothing wrong there may let one ship.
    is_optional
        Whether reading goes on without the file.
    is_digested
        Whether a digest of the file is known, so that any change is told with exit code 1.
    called
        What messages call it where they do not give its name.
    """

    name: str
    file: str
    files: Files
    read: Callable[[Path], Said]
    form: Form
    share: int = 100
    decides: str = "none"
    is_optional: bool = False
    is_digested: bool = False
    called: str = ""

    @property
    def content(self) -> bytes:
        return self.files[self.file]


def told(read: Callable[[], object]) -> Said:
    """Call a function of the library as a command would; gives code, words and message."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stderr(noise):
            found = read()
    except DriftError as error:
        return 2, "", f"{noise.getvalue()}Error: {error}\n"
    return 0, str(found), noise.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
