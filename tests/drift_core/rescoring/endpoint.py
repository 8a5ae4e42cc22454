"""A teacher's endpoint on this machine: OpenAI's chat completions over HTTP, with the faults that real ones show.

``with serve(lambda query, doc: 0.5) as teacher:`` gives its address as `teacher.url` and every call as `teacher.calls`.
`faults` may give another reply for a call; the functions below make those replies.
"""

import asyncio
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from drift_core.rescoring.prompt import DEFAULT_TEMPLATE

MODEL, FINGERPRINT = "judge-large-2026-11", "fp_1"
PHRASES = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back: the body, or a score when it is None. `kept` bytes of it are sent; none drops the connection."""

    status: int = 200
    body: dict | None = None
    text: str | None = None
    headers: dict = field(default_factory=dict)
    packed: Callable[[bytes], bytes] = bytes
    seconds: float = 0.0
    kept: float = 1.0
    model: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: `number` over all, `attempt` of this pair, both from 1."""

    number: int
    attempt: int
    query: str
    doc: str
    body: dict
    headers: dict


@dataclass(kw_only=True)
class Teacher:
    """The endpoint as it runs. `answered` counts the answers with a score by (query, doc): what was paid for.

    Calls after number `held_after` wait for their answer until it is None.
    """

    score: Callable[[str, str], float]
    faults: Callable[[Call], Reply | None]
    seconds: float
    template: str
    model: str
    fingerprint: str | None
    url: str = ""
    calls: list = field(default_factory=list)
    answered: Counter = field(default_factory=Counter)
    asked: Counter = field(default_factory=Counter)
    held_after: int | None = None
    in_flight: int = 0
    most_in_flight: int = 0
    stop: Callable[[], None] = lambda: None

    def prompt_of(self, doc: str) -> str:
        """What was asked about `doc`. Calls run side by side, so their order says nothing."""
        return next(call.body["messages"][0]["content"] for call in self.calls if call.doc == doc)


def too_many(retry_after: object | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return failure(429, "Rate limit reached.", code="rate_limit_exceeded", headers=headers)


def failure(status: int = 500, message: str = "The server had an error.", *, code=None, headers=None) -> Reply:
    body = {"error": {"message": message, "type": "error", "code": code, "param": None}}
    return Reply(status=status, body=body, headers=headers or {})


def half_a_body() -> Reply:
    return Reply(kept=0.5)


def dropped() -> Reply:
    return Reply(kept=0.0)


def said(text: str, **more: object) -> Reply:
    return Reply(text=text, **more)


def refusal(text: str = "I cannot help with that.") -> Reply:
    return Reply(body=completion(None, refusal=text))


def echo(call: Call, status: int = 401) -> Reply:
    """A server that puts what it was sent into its error."""
    sent = call.headers.get("authorization", "")
    return failure(status, f"Wrong key: {sent}", headers={"X-Sent": sent})


def completion(content, *, model=MODEL, fingerprint=FINGERPRINT, refusal=None, tokens=(20, 5), finish="stop") -> dict:
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "system_fingerprint": fingerprint,
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


@contextmanager
def serve(
    score: Callable[[str, str], float] = lambda query, doc: 0.5,
    *,
    faults: Callable[[Call], Reply | None] = lambda call: None,
    seconds: float = 0.0,
    template: str = DEFAULT_TEMPLATE,
    model: str = MODEL,
    fingerprint: str | None = FINGERPRINT,
    port: int = 0,
) -> Iterator[Teacher]:
    """Serve in a thread until the block ends; every answer takes `seconds`."""
    teacher = Teacher(
        score=score, faults=faults, seconds=seconds, template=template, model=model, fingerprint=fingerprint
    )
    ready = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(_serve(teacher, ready, port),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield teacher
    finally:
        teacher.stop()
        thread.join(10)


async def _serve(teacher: Teacher, ready: threading.Event, port: int) -> None:
    loop, ended, open_ones = asyncio.get_running_loop(), asyncio.Event(), set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await _answer_one(teacher, reader, writer):
                pass
        open_ones.discard(asyncio.current_task())
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port)
    teacher.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"

    def stop() -> None:
        with suppress(RuntimeError):  # it has stopped before
            loop.call_soon_threadsafe(ended.set)

    teacher.stop = stop
    ready.set()
    await ended.wait()
    server.close()
    for task in tuple(open_ones):
        task.cancel()
    await asyncio.gather(*open_ones, return_exceptions=True)


async def _answer_one(teacher: Teacher, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answer one request; False ends the connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
    body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
    call = _noted(teacher, body, headers)
    teacher.in_flight += 1
    teacher.most_in_flight = max(teacher.most_in_flight, teacher.in_flight)
    try:
        reply = teacher.faults(call) or Reply()
        await asyncio.sleep(teacher.seconds + reply.seconds)
        while teacher.held_after is not None and call.number > teacher.held_after:
            await asyncio.sleep(0.01)
        content = _content(teacher, call, reply)
        writer.write(content[: round(reply.kept * len(content))])
        await writer.drain()
    finally:
        teacher.in_flight -= 1
    return reply.kept == 1.0


def _noted(teacher: Teacher, body: dict, headers: dict) -> Call:
    query, doc = read_pair(body["messages"][-1]["content"], teacher.template)
    teacher.asked[query, doc] += 1
    number = len(teacher.calls) + 1
    call = Call(
        number=number, attempt=teacher.asked[query, doc], query=query, doc=doc, body=body, headers=dict(headers)
    )
    teacher.calls.append(call)
    return call


def read_pair(prompt: str, template: str = DEFAULT_TEMPLATE) -> tuple[str, str]:
    """The query and doc that a prompt was made of."""
    pattern = re.escape(template)
    for name in ("low", "high", "labels"):
        pattern = pattern.replace(re.escape(f"{{{name}}}"), r"[-\w.e+, ]+")
    for name in ("query", "doc"):
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>.*)", 1)
    found = re.fullmatch(pattern, prompt, re.DOTALL)
    return (found["query"], found["doc"]) if found else (prompt, "")


def _content(teacher: Teacher, call: Call, reply: Reply) -> bytes:
    body = reply.body
    if body is None:
        text = reply.text
        if text is None:
            text = json.dumps({"score": teacher.score(call.query, call.doc)})
            teacher.answered[call.query, call.doc] += reply.kept == 1.0
        body = completion(
            text, model=reply.model or teacher.model, fingerprint=reply.fingerprint or teacher.fingerprint
        )
    content = reply.packed(json.dumps(body).encode())
    headers = {"Content-Type": "application/json", "Content-Length": len(content), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, 'Status')}\r\n{lines}\r\n".encode() + content
