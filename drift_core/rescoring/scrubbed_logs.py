"""What the libraries below the client write to the log while it calls, with every secret taken out."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A filter holds for the records of its own logger alone, so that each is named.
LOGGERS = (
    "httpx2",
    *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")),
    *(f"openai.{part}" for part in ("_base_client", "_response", "_legacy_response", "_client")),
)


@contextmanager
def scrubbed(scrub: Callable[[str], str]) -> Iterator[None]:
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
