"""The command ``tail``: the hardest production pairs in, the tail set out, frozen on the judge card."""

from typing import Annotated

import typer

from drift_core.commands import options
from drift_core.commands.progress import progress_bar
from drift_core.commands.reading_options import Reading, with_reading
from drift_core.errors import SettingError
from drift_core.installation import need_extra


@with_reading
def tail(
    heldout: options.Heldout,
    out: Annotated[str, typer.Option(metavar="FILE", help="File for the tail set, ending in .parquet or .csv.")],
    production: Annotated[
        str | None,
        typer.Argument(
            metavar="[PRODUCTION]", help="Pairs to draw from, scored by the teacher: a file, or -.", show_default=False
        ),
    ] = None,
    n: Annotated[int, typer.Option("--n", metavar="N", help="Pairs, 200 to 500 by the pattern.", min=20)] = 300,
    card: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge card to write its digest and number of pairs on.")
    ] = None,
    is_redrawn: Annotated[
        bool, typer.Option("--redraw", help="Let it take the place of another tail set on the card.")
    ] = False,
    *,
    reading: Reading,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
) -> None:
    """Draw the tail set, the hardest production pairs: the same ones for every student from now on.

    Hardest by the scatter of the teacher's repeated scores, the distance of the query from held-out's, and the length
    of the texts; never by the student's own errors.
    """
    need_extra("samples", "A tail set")
    from drift_core.comparison.tail_set import draw_tail
    from drift_core.judge_card.file import freeze_tail, read_card
    from drift_core.regions.embedding_source import EmbeddingSource
    from drift_core.samples.sample_files import read_samples
    from drift_core.tables.writing import check_place, replace_file, to_csv, to_parquet, with_mark

    writers = {".parquet": to_parquet, ".csv": to_csv}
    ending = next((each for each in writers if out.lower().endswith(each)), None)
    if ending is None:
        raise SettingError(f"--out must end in .parquet or .csv; found {out!r}.")
    check_place(out)
    held = None if card is None else read_card(card).tail_set.digest
    files = reading.files(heldout, production, max_rows=max_rows, max_bytes=max_bytes)
    source = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    samples = read_samples(files, seed=seed)
    with progress_bar() as progress:
        drawn = draw_tail(*samples, embeddings=source.embed(*samples, progress=progress), n=n, progress=progress)
    if held not in (None, drawn.digest) and not is_redrawn:
        raise SettingError(
            f"The judge card has another tail set, {str(held)[:12]}, which earlier comparisons were made on. Keep that "
            "one, or let this take its place with --redraw."
        )
    table, texts = drawn.to_table(), drawn.sample
    if ending == ".csv":
        docs = None if texts.doc is None else texts.doc[drawn.chosen]
        table = with_mark(table, query=texts.query[drawn.chosen], doc=docs)
    replace_file(out, writers[ending](table))
    typer.echo(drawn.sentence)
    if card is not None:
        freeze_tail(card, digest=drawn.digest, n_pairs=len(drawn.chosen))
        typer.echo(f"The judge card {card} has it as its tail set.")
    typer.echo(f"\nWrote {out}. Score it with every student, and give it to: distillation-drift compare --tail")
