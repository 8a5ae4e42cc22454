"""A reply is read no further than a bound, whatever its status: no endpoint fills this machine's memory.

Import it only where the client is imported too.
"""

from collections.abc import AsyncIterator

import httpx2  # what the official client calls with

MOST_BYTES = 2**20  # a score with all that is said around it takes a few kilobytes
TOO_LARGE = f"The reply is larger than {MOST_BYTES // 2**20} MiB and was not read to its end."
COMPRESSED = "The reply is compressed, which was not asked for, so it was not read: its size could not be told."


class UnreadReplyError(Exception):
    """A reply that is not read; its text says why."""


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        n_read = 0
        async for chunk in self._stream:
            n_read += len(chunk)
            if n_read > MOST_BYTES:
                raise UnreadReplyError(TOO_LARGE)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def bound(response: httpx2.Response) -> None:
    """Bound the body of a reply that is about to be read; a hook of the client.

    Raises
    ------
    UnreadReplyError
        Here or while it is read: when it is larger than `MOST_BYTES`, or compressed, which hides its size.
    """
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise UnreadReplyError(COMPRESSED)
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)
