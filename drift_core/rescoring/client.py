"""One call to the teacher's endpoint with the official client. Retries, budget and ledger are not in here."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drift_core.rescoring.prompt import Prompt
from drift_core.rescoring.reply import Answer, Scrub, Trouble, read_failure, read_reply
from drift_core.rescoring.request_errors import LIMITS
from drift_core.rescoring.teacher import Teacher
from drift_core.wording import whole_characters

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# All that is sent about us; what the client adds about this machine, or reads from the environment, is left out.
HEADERS_SENT = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-type", "content-length", "user-agent"}
)
# These take the newer name of the limit and refuse the older one; other servers know the older one.
NEW_LIMIT_HOSTS = ("api.openai.com", ".openai.azure.com")
# A filter holds for the records of its own logger alone, so that each is named.
LOGGERS = (
    "httpx2",
    *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"openai.{part}" for part in ("_base_client", "_response", "_legacy_response", "_client")),
)


class Caller:
    """Asks one teacher one prompt; `limit` is the name under which the most tokens of an answer are sent."""

    def __init__(
        self, client: "AsyncOpenAI", teacher: Teacher, prompt: Prompt, *, timeout_seconds: float, limit: str | None
    ) -> None:
        self._client = client
        self._teacher = teacher
        self._timeout = timeout_seconds
        self._settings = _settings(teacher, prompt)
        self._max_tokens = prompt.max_answer_tokens
        self.limit = limit or _first_limit(teacher)

    async def ask(self, text: str) -> Answer | Trouble:
        """Ask once; every secret is taken out of what comes back."""
        import openai

        from drift_core.rescoring.reply_limit import UnreadReplyError

        limit = {self.limit: self._max_tokens}
        body = {"messages": [{"role": "user", "content": whole_characters(text)}], **limit, **self._settings}
        try:
            async with asyncio.timeout(self._timeout):
                # The reply as text: servers answer wrongly, and typed completions cost as much time as all the rest.
                content = await self._client.post("/chat/completions", cast_to=str, body=body)
            return read_reply(content, self._teacher.scrub)
        except UnreadReplyError as error:
            return Trouble(kind="again", reason=str(error), is_silence=True)
        except (TimeoutError, openai.APITimeoutError):
            return Trouble(kind="again", reason=f"No whole reply came in {self._timeout:g} seconds.", is_silence=True)
        except openai.APIConnectionError as error:
            return _connection_trouble(error)
        except openai.APIStatusError as error:
            return read_failure(error.status_code, error.body, error.response.headers, self._teacher.scrub)
        except openai.OpenAIError as error:
            return Trouble(kind="again", reason=f"The client gave up: {type(error).__name__}.", is_silence=True)


@asynccontextmanager
async def calling(
    teacher: Teacher, prompt: Prompt, *, timeout_seconds: float, limit: str | None = None
) -> AsyncIterator[Caller]:
    """Open connections to the endpoint; they are closed at the end of the block.

    `limit` is the name that the endpoint is known to take for the most tokens of an answer.
    """
    import openai

    from drift_core.rescoring.reply_limit import bound

    authorization = teacher.authorization()

    async def dress(request: Any) -> None:
        for name in [name for name in request.headers if name.lower() not in HEADERS_SENT]:
            del request.headers[name]
        request.headers["Accept-Encoding"] = "identity"
        if authorization is not None:
            request.headers["Authorization"] = authorization

    http = openai.DefaultAsyncHttpxClient(
        timeout=timeout_seconds,
        follow_redirects=False,  # a key goes to the address that was named and nowhere else
        event_hooks={"request": [dress], "response": [bound]},
    )
    # The key is put on each request above, so that the client has none to tell.
    client = openai.AsyncOpenAI(
        api_key="none",
        base_url=teacher.plain_url,
        default_query=teacher.query or None,
        max_retries=0,
        http_client=http,
    )
    with _scrubbed_logs(teacher.scrub):
        async with client:
            yield Caller(client, teacher, prompt, timeout_seconds=timeout_seconds, limit=limit)


@contextmanager
def _scrubbed_logs(scrub: Scrub) -> Iterator[None]:
    """Scrub the records of these libraries until the block ends: a debug log holds headers, an info log addresses."""

    def rewrite(record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        return True

    loggers = [logging.getLogger(name) for name in LOGGERS]
    for logger in loggers:
        logger.addFilter(rewrite)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(rewrite)


def _first_limit(teacher: Teacher) -> str:
    """The name of the limit that an endpoint is asked with first."""
    host = urlsplit(teacher.plain_url).hostname or ""
    is_new = any(host == each or (each.startswith(".") and host.endswith(each)) for each in NEW_LIMIT_HOSTS)
    return LIMITS[is_new]


def _settings(teacher: Teacher, prompt: Prompt) -> dict[str, Any]:
    settings: dict[str, Any] = {"model": teacher.model}
    if prompt.temperature is not None:
        settings["temperature"] = prompt.temperature
    if prompt.schema is not None:
        settings["response_format"] = prompt.schema
    return settings


def _connection_trouble(error: Exception) -> Trouble:
    """The connection failed; a call that never got one is free."""
    cause = error.__cause__
    never_sent = type(cause).__name__ in ("ConnectError", "ConnectTimeout")
    reason = "The endpoint cannot be reached" if never_sent else "The connection was lost before the reply was whole"
    return Trouble(kind="again", reason=f"{reason}.", is_free=never_sent, is_silence=True, was_sent=not never_sent)
