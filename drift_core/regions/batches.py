"""Batches of texts for a model, such that a text's vector does not depend on what else is encoded with it."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Progress = Callable[[str, int, int], None]

# No common tokenizer makes a token of English text from more characters than this on average.
CHARACTERS_PER_TOKEN = 16
# Texts longer than this many tokens are cut, whatever the model could take: cost grows with the square.
MAX_TOKENS = 512
# Texts are padded to the next of these numbers of tokens, so that a text's shape in a batch depends on the text alone.
WIDTHS = (*range(4, 32, 4), *range(32, 64, 8), *range(64, 128, 16), *range(128, MAX_TOKENS + 1, 32))
TOKENS_PER_BATCH = 512  # larger ones are hardly faster a token, and their filling is dear where texts are few
MAX_BATCH = 32
MIN_BATCH = 2


class Model(Protocol):
    """A transformer for texts: `tokenize` cuts at `max_tokens`, `forward` gives unit rows, shape (texts, dimension)."""

    @property
    def max_tokens(self) -> int: ...

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]: ...

    def forward(self, batch: list[list[int]], width: int) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentenceEncoder:
    """A model whose vectors do not depend on what else is encoded with them.

    Each batch has a shape that follows from the length of its texts alone, short batches filled up, so that a text gets
    the same bits on its own, in any order and after a restart. `load` gives the model; it is called when there is
    a text to encode, because loading takes longer than reading every vector from the cache.
    """

    id: str
    dimension: int
    load: Callable[[], Model]

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        model = self.load()
        cut = [text[: CHARACTERS_PER_TOKEN * model.max_tokens] for text in texts]
        done = 0
        for members, batch, width in _batches(model.tokenize(cut)):
            vectors[members] = model.forward(batch, width)[: len(members)]
            done += len(members)
            if progress:
                progress("embedding", done, len(texts))
        return vectors


def _batches(tokens: list[list[int]]) -> Iterator[tuple[np.ndarray, list[list[int]], int]]:
    """Yield the positions of the texts in each batch, its token ids, filled up to its full size, and its width."""
    widths = np.array([WIDTHS[bisect_left(WIDTHS, len(ids))] for ids in tokens], dtype=np.int64)
    for width in np.unique(widths).tolist():
        size = int(np.clip(TOKENS_PER_BATCH // width, MIN_BATCH, MAX_BATCH))
        same = np.flatnonzero(widths == width)
        for start in range(0, len(same), size):
            members = same[start : start + size]
            batch = [tokens[i] for i in members]
            yield members, batch + [batch[0]] * (size - len(batch)), width
