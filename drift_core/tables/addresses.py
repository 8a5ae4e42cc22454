"""Addresses of files in object storage: told from paths by their text, and what may stand in one.

Opening them is in `places`.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from drift_core.errors import InputError

READ = "s3://, gs://, abfs:// and hf://"
SCHEMES = ("s3", "gs", "abfs", "abfss", "hf")
WHERE = "docs/places.md says where credentials come from."
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # one letter alone is a drive of Windows
_AS_PATH = re.compile(rf"({'|'.join(SCHEMES)}|https?):(/|$)")  # pathlib makes one slash of two
_PASSWORD = re.compile(r"^[A-Za-z0-9+.-]+://[^/]*:[^/]*|^(s3|gs|hf)://[^/]*@")
_OPTIONS = re.compile(r"\?[^/]*=")  # as of a signed address; a question mark alone stands for any sign
_SIGNED = re.compile(r"[?&](sig|signature|x-amz-[a-z-]+|x-goog-[a-z-]+)=", re.IGNORECASE)


def is_address(source: object) -> bool:
    """Whether a text begins like an address; a Path is none."""
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def check_address(address: str) -> None:
    """Raise an InputError where an address is not of a known kind, or holds what may be secret, which is not repeated.

    Examples
    --------
    >>> check_address("s3://logs/2026/week-*.parquet")
    """
    scheme = address.partition("://")[0]
    if scheme not in SCHEMES:
        raise InputError(f"An address of {scheme}:// is not read. Expected a file on this machine, or one of {READ}.")
    _check_secrets(address, scheme)
    inside = address.partition("://")[2]
    if not inside.strip("/") or ".." in inside.split("/"):
        raise InputError(f"{address} names no file. Expected {scheme}:// with a place and a path, without '..'.")


def check_words(words: Iterable[str]) -> None:
    """Raise where a word of a command line is an address with what may be secret in it, before anything shows it."""
    for word in words:
        value = word.partition("=")[2] if word.startswith("--") else word
        if (found := _ADDRESS.match(value)) and (found[1] in SCHEMES or _SIGNED.search(_plain(value))):
            _check_secrets(value, found[1])


def refuse_address(path: str | Path) -> None:
    """Raise where a path is an address: where files are written, or read as they can on this machine alone."""
    text = str(path)
    if found := _ADDRESS.match(text) or _AS_PATH.match(text):
        raise InputError(
            f"An address of {found[1]}:// cannot be taken here: results, histories, models and folders that are worked "
            "in lie on this machine. Name a path; from Python, give the address of a file to read as text, not as a "
            "Path."
        )


def _plain(address: str) -> str:
    """The address with its signs written out, also those that are written twice over."""
    return unquote(unquote(address))


def _check_secrets(address: str, scheme: str) -> None:
    plain = _plain(address)
    if any(pattern.search(text) for text in (address, plain) for pattern in (_PASSWORD, _OPTIONS, _SIGNED)):
        raise InputError(
            f"An address of {scheme}:// holds a user, a password or options after a question mark, which may be secret "
            f"and are not shown here. Give it without them. {WHERE}"
        )
