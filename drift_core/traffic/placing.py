"""The texts of a log get their regions: embedded here, or by vectors that were made before."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drift_core.errors import InputError
from drift_core.regions.batches import Progress
from drift_core.regions.cache import EmbeddingCache, embed
from drift_core.regions.encoding import DEFAULT_ENCODER, Encoder, encoder_name, weights_of
from drift_core.traffic.frozen_regions import FrozenRegions
from drift_core.traffic.log import Log
from drift_core.vectors.parts import encoder_of, read_vectors

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS_AT_A_TIME = 16_384


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextVectors:
    """Where the vectors of a log's queries come from: a folder or a file, else an encoder with its cache."""

    embeddings: str | Path | None = None
    encoder: Encoder | None = None
    cache: EmbeddingCache | None = None
    progress: Progress | None = None

    @property
    def id(self) -> str | None:
        """Id of the encoder; None where a user's own vectors do not tell."""
        if self.embeddings is not None:
            return encoder_of(self.embeddings)
        assert self.encoder is not None
        return self.encoder.id


def check_encoder(encoder: str | None, frozen: FrozenRegions) -> None:
    """Raise unless vectors are of the encoder of the regions; what a user's own were made with is not known."""
    if encoder is not None and weights_of(encoder) != weights_of(frozen.encoder):
        raise InputError(
            f"The regions were made with encoder {frozen.encoder}; these vectors are of {encoder}. Embed the log with "
            "the encoder of the diagnosis, or diagnose again with this one."
        )


def _embed_command(log: Log, frozen: FrozenRegions, embeddings: str | Path) -> str:
    """The command that adds what a folder of vectors lacks; of a file of one's own it makes a folder."""
    encoder, column = encoder_name(frozen.encoder), log.columns["query"]
    out = str(embeddings) if Path(embeddings).is_dir() else "FOLDER"
    parts = [log.label, "--out", out, *([] if column == "query" else ["--column", f"query={column}"])]
    parts += ["--embedder", encoder] if encoder and encoder != DEFAULT_ENCODER else []
    return shlex.join(["distillation-drift", "embed", *parts])


def place_texts(log: Log, frozen: FrozenRegions, vectors: TextVectors, n_texts: int) -> None:
    """Make the table `placed`: number and region of every text of the log."""
    if vectors.embeddings is not None:
        blocks = [_placed(frozen, *block) for block in read_vectors(vectors.embeddings)]
        _put(log, blocks)
        n_lacking = int(
            log.scan.rows("select count(*) from (select distinct number from traffic) anti join placed using (number)")[
                0
            ][0]
        )
        if n_lacking:
            raise InputError(
                f"{vectors.embeddings}: {n_lacking:,} of {n_texts:,} distinct queries of {log.label} have no vector. "
                f"Add them with: {_embed_command(log, frozen, vectors.embeddings)}"
            )
        return
    blocks, done = [], 0
    query = (
        f"select number, any_value(query) as query from (select {log.number} as number, {log.text('query')} as query "
        f"from ({log.scan.query}) where {log.has_query}) group by number"
    )
    for table in log.tables(query, n_rows=TEXTS_AT_A_TIME):
        assert vectors.encoder is not None
        texts = np.array(table["query"].to_pylist(), dtype=object)
        made = embed(texts, encoder=vectors.encoder, cache=vectors.cache)
        blocks.append(_placed(frozen, table["number"].to_numpy(), made))
        done += len(texts)
        if vectors.progress:
            vectors.progress("embedding", done, n_texts)
    _put(log, blocks)


def _placed(frozen: FrozenRegions, numbers: np.ndarray, vectors: np.ndarray) -> "pa.Table":
    import pyarrow as pa

    d = frozen.centroids.shape[1]
    if vectors.shape[1] != d:
        raise InputError(
            f"The regions were made of vectors of {d} numbers, by {frozen.encoder}; these have {vectors.shape[1]}. "
            "Give those of the same encoder."
        )
    return pa.table({"number": numbers, "region": frozen.place(vectors, numbers).astype(np.int16)})


def _put(log: Log, blocks: "list[pa.Table]") -> None:
    import pyarrow as pa

    empty = pa.table({"number": pa.array([], pa.int64()), "region": pa.array([], pa.int16())})
    log.scan.connection.register("blocks", pa.concat_tables([empty, *blocks]))
    log.scan.execute("create table placed as select number, any_value(region) as region from blocks group by number")
    log.scan.connection.unregister("blocks")
