"""What an endpoint's error says of the request: its code and words, and whether its length or a parameter is refused.

Every server has another shape for the same error, so that codes, fields and words are looked at alike.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

TOO_LONG = ("context_length_exceeded", "string_above_max_length", "exceed_context_size_error", "413")
# Words of vLLM, llama.cpp, Ollama, Anthropic, DashScope, LiteLLM, OpenAI and others for a prompt that is too long.
_LENGTH = re.compile(
    r"context (length|window|size)|prompt is too long|(input|prompt) length|too many (input )?tokens|"
    r"reduce the length|(input|prompt)( is)? too (long|large)|ContextWindowExceeded|must be at least 1, got -",
    re.IGNORECASE,
)
LIMITS = ("max_tokens", "max_completion_tokens")  # two names of one limit; most servers know but one of them
_SENT = (*LIMITS, "temperature", "response_format")
_NAMED = re.compile(rf"\b({'|'.join(_SENT)})\b")
_JSON_MODE = re.compile(r"json[ _]?(mode|schema|output)|structured output", re.IGNORECASE)
_REFUSED = re.compile(
    r"unsupported|not (be )?(support|permit|allow)|n't (be )?(support|allow)|unknown|unrecogni[sz]ed|unexpected|extra|"
    r"unavailable|deprecated|only the default|invalid|cannot be used|enabled only|must be one of|cannot unmarshal",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"too (large|high|big)|at most|range of|exceed|less than|greater than|maximum|output limit|higher max",
    re.IGNORECASE,
)
_HIGHER = re.compile(r"output limit was reached|higher max_", re.IGNORECASE)
MOST_READ = 3000
Scrub = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorText:
    """An error as it was told: its codes, what is wrong in words, and the fields of the request that it names."""

    codes: tuple[str, ...] = ()
    words: str = ""
    fields: tuple[str, ...] = ()

    @property
    def is_too_long(self) -> bool:
        return any(code in TOO_LONG for code in self.codes) or bool(_LENGTH.search(self.words))

    @property
    def parameter(self) -> str | None:
        """The parameter that is refused as such or in its value; None where it is none of those that are sent."""
        if self.is_too_long:
            return None
        named = next((field for field in self.fields if field in _SENT), None)
        if named is not None:
            return named
        if not (_REFUSED.search(self.words) or _VALUE.search(self.words)):
            return None
        found = _NAMED.search(self.words)
        return found[1] if found else "response_format" if _JSON_MODE.search(self.words) else None

    @property
    def is_named(self) -> bool:
        """Whether a field names the parameter; words alone may be those of the pair."""
        return any(field in _SENT for field in self.fields)

    @property
    def mended_by(self) -> str:
        """The option that mends a refused parameter, as a sentence; empty where another name of it may do."""
        parameter = self.parameter
        if parameter in LIMITS and _HIGHER.search(self.words):
            return "Raise --max-answer-tokens."
        if parameter in LIMITS and _VALUE.search(self.words):
            return "Lower --max-answer-tokens."
        if parameter == "temperature":
            return "Leave it to the endpoint: --temperature none."
        if parameter == "response_format":
            return "Ask in words of your own and read the score by a pattern: --prompt FILE --regex PATTERN."
        return ""


def read_error(body: object, scrub: Scrub = str, *, status: int = 200) -> ErrorText:
    """Read the body of an error; the client takes it out of the field `error` where there is one."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return ErrorText(codes=(str(status),), words=_line(scrub(error)) if isinstance(error, str) else "")
    inner = error.get("innererror")
    codes = (status, error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None)
    details = [detail for name in ("detail", "details", "message") for detail in _details(error.get(name))]
    said = [error[name] for name in ("message", "detail") if isinstance(error.get(name), str) and error[name]]
    said += [each for each in (_told(detail) for detail in details) if each]
    fields = [error.get("param"), *(part for detail in details for part in _place(detail))]
    return ErrorText(
        codes=tuple(str(code) for code in codes if code),
        words=_line(scrub("; ".join(dict.fromkeys(said)))),
        fields=tuple(field for field in fields if isinstance(field, str)),
    )


def _details(given: object) -> Iterator[Any]:
    """Single faults of a request, as Pydantic and FastAPI list them; a message that is a text is none."""
    if isinstance(given, list):
        yield from given[:10]
    elif isinstance(given, dict):
        yield given


def _place(detail: object) -> list[object]:
    place = detail.get("loc") if isinstance(detail, dict) else None
    return place if isinstance(place, list) else []


def _told(detail: object) -> str:
    if not isinstance(detail, dict):
        return detail if isinstance(detail, str) else ""
    place = ".".join(str(part) for part in _place(detail) if part != "body")
    said = detail.get("msg") or detail.get("message") or detail.get("type")
    words = said if isinstance(said, str) else "not accepted"
    return f"{place}: {words}" if place else words


def _line(text: str) -> str:
    return " ".join(text[:MOST_READ].encode("utf-8", "replace").decode().split())
