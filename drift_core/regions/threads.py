"""Blocks of rows shared out over the processor's cores; what comes out does not hang on how many there are."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
PIECE = 65_536  # rows that a thread takes at a time: far more work than its start


def n_threads() -> int:
    return min(os.cpu_count() or 1, 8)


def in_blocks(work: Callable[[slice], T], n_rows: int, size: int) -> list[T]:
    """Results of `work` on consecutive blocks of rows, in their order; few rows stay in this thread.

    `size` is that of a block, so that it stays in the processor's cache. NumPy releases the interpreter lock.
    """
    blocks = [slice(start, min(start + size, n_rows)) for start in range(0, max(n_rows, 1), size)]
    if n_rows <= PIECE:
        return [work(block) for block in blocks]
    each = max(1, PIECE // size)
    pieces = [blocks[first : first + each] for first in range(0, len(blocks), each)]
    with ThreadPoolExecutor(n_threads()) as pool:
        done = pool.map(lambda piece: [work(block) for block in piece], pieces)
        return [result for piece in done for result in piece]
