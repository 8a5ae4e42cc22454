"""What the command line prints, on its way out: no text of a user is a command to the terminal or to a CI system.

A runner reads what a job prints: GitHub `::error::` at the start of a line and `##[...]` anywhere, Azure `##vso[...]`,
TeamCity `##teamcity[...]`, GitLab `section_start:`. A terminal obeys escape sequences, and shows text after a bidi
control in another order. Each is shown as `\\uXXXX`, which means the same in JSON.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

# All controls but tab and line feed, line and paragraph separators, bidi controls, and half a surrogate pair.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]"
)
_ANYWHERE = re.compile(r"##(?:\[|vso\[|teamcity\[)")
_AT_START = re.compile(r"\s*(::|section_start:|section_end:|travis_fold:)")
_LONGEST_ANYWHERE = len("##teamcity")  # of such a command, without the bracket that ends it
_LONGEST = 24  # characters of a line's start in which a command could still begin


class GuardedOutput:
    """A stream that passes text on, with what a runner or a terminal would obey made visible."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._shown = ""  # the last characters, in which a command could have begun anywhere
        self._begun = ""  # of the line so far, as long as a command could begin in it

    def write(self, text: str) -> int:
        seen = self._without_anywhere(_UNSEEN.sub(_escaped, text))
        shown = "".join(map(self._guarded, seen.splitlines(keepends=True)))
        encoding = self.stream.encoding or "utf-8"
        self.stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        if name in ("buffer", "detach"):  # around the guard
            raise AttributeError(name)
        return getattr(self.stream, name)

    def _without_anywhere(self, text: str) -> str:
        """Break up each command that could stand anywhere, also one whose start is written already."""
        n_written, whole = len(self._shown), self._shown + text
        for found in reversed(list(_ANYWHERE.finditer(whole))):
            at = max(found.start(), n_written)
            whole = whole[:at] + _escape(whole[at]) + whole[at + 1 :]
        self._shown = whole[-_LONGEST_ANYWHERE:]
        return whole[n_written:]

    def _guarded(self, shown: str) -> str:
        """Hold a line, or the part of one that is written now, from beginning with a command."""
        found = _AT_START.match(self._begun + shown) if len(self._begun) < _LONGEST else None
        if found:
            at = max(found.start(1) - len(self._begun), 0)
            shown = shown[:at] + _escape(shown[at]) + shown[at + 1 :]
        self._begun = "" if shown.endswith("\n") else (self._begun + shown).lstrip()[:_LONGEST]
        return shown


@contextmanager
def guarded_output() -> Iterator[None]:
    """Guard standard output and standard error while the block runs."""
    with redirect_stdout(GuardedOutput(sys.stdout)), redirect_stderr(GuardedOutput(sys.stderr)):  # type: ignore[type-var]
        yield


def own(stream: TextIO) -> TextIO:
    """Stream beneath the guard, for what the product itself says to a terminal or a runner."""
    return stream.stream if isinstance(stream, GuardedOutput) else stream


def tell_runner(lines: Sequence[str]) -> None:
    """Print workflow commands that the product makes itself, each with its texts escaped."""
    own(sys.stdout).write("".join(f"{line}\n" for line in lines))


def _escaped(found: re.Match[str]) -> str:
    return _escape(found.group())


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"
