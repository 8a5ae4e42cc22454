"""What an endpoint's reply means: an answer, a refusal, something to try again, or a reason to ask no more.

Servers answer wrongly in many ways, so that nothing of a reply is taken for granted.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from drift_core.rescoring.request_errors import ErrorText, read_error
from drift_core.rescoring.score_format import MAX_CHARACTERS
from drift_core.wording import whole_characters

# again: the same call may succeed later; rejected: this request never will, for its pair or for the settings of all;
# refused: by the content rules of the endpoint; endpoint: no call will.
Kind = Literal["again", "rejected", "refused", "endpoint"]
Scrub = Callable[[str], str]
AGAIN = (408, 409, 425, 429)
TURNED_AWAY = (401, 402, 403, 404, 405)
REFUSALS = (
    "content_filter",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
    "data_inspection_failed",
    "DataInspectionFailed",
)
SPENT = ("insufficient_quota", "billing_hard_limit_reached")
MAX_MESSAGE = 300
MAX_NAME = 200
MOST_TOKENS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the teacher said. `tokens_in` and `tokens_out` are None where the endpoint does not say."""

    text: str
    is_refusal: bool
    is_cut: bool
    model: str
    fingerprint: str | None
    tokens_in: int | None
    tokens_out: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why there is no answer.

    Attributes
    ----------
    is_free
        Whether the call surely costs nothing: it never went out, or was turned away.
    wait_seconds
        How long the endpoint asks to wait.
    is_silence
        Whether the endpoint seems not to be there, as against being busy.
    was_sent
        Whether the call went out; one that did not, because no connection was got, is no call.
    error
        What the endpoint said is wrong with a request that it rejected.
    """

    kind: Kind
    reason: str
    is_free: bool = False
    wait_seconds: float | None = None
    is_silence: bool = False
    was_sent: bool = True
    error: ErrorText = field(default_factory=ErrorText)


def read_reply(content: str, scrub: Scrub = str) -> Answer | Trouble:
    """Read the body of a reply with status 200; `scrub` takes what is secret out of every text before it is cut."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return Trouble(kind="again", reason="The reply is no whole JSON.", is_silence=True)
    if not isinstance(document, dict):
        return Trouble(kind="again", reason="The reply is no JSON object.", is_silence=True)
    message, finish = _first_choice(document)
    if message is None:
        return _without_answer(read_error(document, scrub))
    refusal = message.get("refusal")
    is_filtered = finish == "content_filter"
    text = refusal if isinstance(refusal, str) and refusal else _text(message.get("content"))
    tokens_in, tokens_out = _tokens(document.get("usage"))
    return Answer(
        text=whole_characters(scrub(text))[:MAX_CHARACTERS],
        is_refusal=bool(refusal) or is_filtered,
        is_cut=finish == "length",
        model=_name(document.get("model"), scrub) or "",
        fingerprint=_name(document.get("system_fingerprint"), scrub),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
    )


def read_failure(status: int, body: object, headers: Mapping[str, str], scrub: Scrub = str) -> Trouble:
    """Read a reply with another status."""
    error = read_error(body, scrub, status=status)
    words = _short(error.words)
    reason = f"The endpoint answers {status}{': ' + words if words else ''}"
    # Azure charges for a prompt that it filtered or found too long.
    if any(code in REFUSALS for code in error.codes):
        return Trouble(kind="refused", reason=reason)
    if any(code in SPENT for code in error.codes):
        return Trouble(kind="endpoint", reason=reason, is_free=True)
    if error.is_too_long and status not in (429, *TURNED_AWAY):
        return Trouble(kind="rejected", reason=reason, is_free=status == 422, error=error)
    if status in AGAIN or status >= 500:
        wait = read_wait(headers, datetime.now(UTC))
        # A gateway may fail after the model has answered, so only a call that was turned away is free.
        return Trouble(kind="again", reason=reason, is_free=status == 429, wait_seconds=wait, is_silence=status >= 500)
    if status in TURNED_AWAY or status < 400:
        return Trouble(kind="endpoint", reason=reason, is_free=True)
    return Trouble(kind="rejected", reason=reason, is_free=status == 422, error=error)


def read_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the endpoint asks to wait (RFC 9110, section 10.2.3), also in milliseconds as OpenAI gives them."""
    try:
        if "retry-after-ms" in headers:
            return _not_negative(float(headers["retry-after-ms"]) / 1000)
        given = headers.get("retry-after")
        if given is None:
            return None
        if given.strip().replace(".", "", 1).isdigit():
            return float(given)
        return _not_negative((parsedate_to_datetime(given) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _first_choice(document: dict[str, Any]) -> tuple[dict[str, Any] | None, object]:
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    return (message, first.get("finish_reason")) if isinstance(message, dict) and first else (None, None)


def _text(content: object) -> str:
    """The text of a message; some servers give it in parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _tokens(usage: object) -> tuple[int | None, int | None]:
    if not isinstance(usage, dict):
        return None, None
    given, answered, total = (_count(usage.get(f"{name}_tokens")) for name in ("prompt", "completion", "total"))
    if given is not None and answered is not None and total is not None:
        # Some leave the tokens of reasoning, which are charged, out of the answer's and tell them in the total alone.
        answered = max(answered, total - given)
    return given, answered


def _count(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 <= value < MOST_TOKENS else None  # type: ignore[operator,return-value]


def _name(value: object, scrub: Scrub) -> str | None:
    return whole_characters(scrub(value))[:MAX_NAME] if isinstance(value, str) and value else None


def _without_answer(error: ErrorText) -> Trouble:
    """A reply with status 200 that holds an error, or nothing."""
    words = _short(error.words)
    reason = f"The reply has no answer{': ' + words if words else ''}"
    if error.is_too_long:
        return Trouble(kind="rejected", reason=reason, error=error)
    return Trouble(kind="again", reason=f"{reason}.", is_silence=True)


def _short(text: str) -> str:
    words = " ".join(whole_characters(text[: 10 * MAX_MESSAGE]).split()).rstrip(".")
    return words if len(words) <= MAX_MESSAGE else words[: MAX_MESSAGE - 1] + "…"


def _not_negative(seconds: float) -> float | None:
    return max(0.0, seconds) if seconds == seconds else None
