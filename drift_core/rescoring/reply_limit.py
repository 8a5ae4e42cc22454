"""A reply is read no further than a bound, whatever its status or compression: no endpoint fills this machine's memory.

Import it only where the client is imported too.
"""

import zlib
from collections.abc import AsyncIterator

import httpx2  # what the official client calls with

MOST_BYTES = 2**20  # a score with all that is said around it takes a few kilobytes
TOO_LARGE = f"The reply is larger than {MOST_BYTES // 2**20} MiB and was not read to its end."
COMPRESSED = "The reply is compressed in a way that was not asked for, so it was not read: its size could not be told."
DAMAGED = "The reply's compression is damaged, so it was not read."
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # tells the two apart by their header
KNOWN = ("gzip", "x-gzip", "deflate")


class UnreadReplyError(Exception):
    """A reply that is not read; its text says why."""


class _Bounded(httpx2.AsyncByteStream):
    """The plain bytes of a body; of an error what cannot be read is left out, for its status says enough."""

    def __init__(self, stream: httpx2.AsyncByteStream, coding: str, *, is_error: bool) -> None:
        self._stream = stream
        self._coding = coding
        self._is_error = is_error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._plain():
                yield chunk
        except UnreadReplyError:
            if not self._is_error:
                raise

    async def _plain(self) -> AsyncIterator[bytes]:
        if self._coding not in ("", *KNOWN):
            raise UnreadReplyError(COMPRESSED)
        decoder = zlib.decompressobj(GZIP_OR_ZLIB) if self._coding else None
        n_sent = n_read = 0
        async for chunk in self._stream:
            n_sent += len(chunk)
            plain = chunk if decoder is None else _decompressed(decoder, chunk, MOST_BYTES + 1 - n_read)
            n_read += len(plain)
            if max(n_sent, n_read) > MOST_BYTES:
                raise UnreadReplyError(TOO_LARGE)
            yield plain

    async def aclose(self) -> None:
        await self._stream.aclose()


async def bound(response: httpx2.Response) -> None:
    """Bound the body of a reply that is about to be read; a hook of the client.

    Notes
    -----
    Reading raises `UnreadReplyError` when a reply with a status of success is larger than `MOST_BYTES`, as sent or
    decompressed, or compressed in another way than gzip and deflate.
    """
    given = response.headers.get("content-encoding", "").lower().split(",")
    coding = ",".join(each.strip() for each in given if each.strip() not in ("", "identity"))
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream, coding, is_error=not response.is_success)
        response.headers.pop("content-encoding", None)  # the client decompresses without a bound


def _decompressed(decoder: "zlib._Decompress", chunk: bytes, most: int) -> bytes:
    try:
        return decoder.decompress(chunk, most)
    except zlib.error as error:
        raise UnreadReplyError(DAMAGED) from error
