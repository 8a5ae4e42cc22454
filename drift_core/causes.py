"""The causes that a verdict can name, and what each is called."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Literal, Protocol

Cause = Literal["healthy", "query_drift", "document_drift", "teacher_drift", "query_and_teacher_drift", "inconclusive"]
CAUSE_WORDS = MappingProxyType(
    {
        "healthy": "healthy",
        "query_drift": "query drift",
        "document_drift": "document drift",
        "teacher_drift": "teacher drift",
        "query_and_teacher_drift": "query and teacher drift",
        "inconclusive": "inconclusive",
    }
)


class _Flagged(Protocol):
    @property
    def drifted(self) -> bool: ...
    @property
    def is_new(self) -> bool: ...


def cause_in_words(cause: str, regions: Iterable[_Flagged], *, or_student: bool = False) -> str:
    """Name a cause; where familiar regions alone fell, their queries are as before, and no query drift is spoken of.

    With `or_student`, another student than the one measured would show what the teacher is named for.
    """
    drifted, or_student = [region for region in regions if region.drifted], or_student and "teacher" in cause
    is_else = any(region.is_new or getattr(region, "is_harder", False) for region in drifted)
    teacher = "teacher drift or another student" if or_student else "teacher drift"
    if "query" not in cause or not drifted or is_else:
        query = "query drift, and " if "query" in cause else ""
        return f"{query}{teacher}" if or_student else CAUSE_WORDS.get(cause, cause.replace("_", " "))
    fall = "fall of a familiar region" if len(drifted) == 1 else "fall of familiar regions"
    return fall if cause == "query_drift" else f"{teacher}{',' if or_student else ''} and {fall}"
