"""The command ``diagnose``: two samples in, a verdict out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.commands.diagnosis_in_words import describe_diagnosis
from drift_core.commands.progress import progress_bar
from drift_core.commands.reading_options import Reading, with_reading
from drift_core.errors import SettingError
from drift_core.installation import missing_modules, need_extra
from drift_core.samples.next_in_words import is_to_mend

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnose import Progress
    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.options.costs import Prices
    from drift_core.options.weigh import Options

INCONCLUSIVE = 3


@with_reading
def diagnose(
    heldout: options.Heldout,
    production: options.Production = None,
    *,
    reading: Reading,
    slice_: options.Slices = None,
    k: options.K = None,
    clusters: options.Clusters = None,
    rule: options.RuleFile = None,
    price: options.Price = None,
    student_price: options.StudentPrice = None,
    calls: options.Calls = None,
    retrain_pairs: options.RetrainPairs = 5_000,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    output_schema: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="JSON Schema that outputs of teacher and student should keep; by default what the teacher's share.",
        ),
    ] = None,
    embedder: options.Embedder = None,
    embeddings: options.Embeddings = None,
    cache: options.Cache = None,
    no_cache: options.NoCache = False,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the diagnosis as JSON; - writes it to standard output.")
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write one row per production pair (row, cluster, drifted, map x and y, slices) as .csv or .parquet.",
        ),
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the report for stakeholders: one HTML file, or three pages of .pdf."),
    ] = None,
) -> None:
    """Tell whether the student still agrees with its teacher on production, and why not.

    Exit codes: 0 it ran, 2 bad usage or bad input, 3 the cause is inconclusive.
    """
    need_extra("samples", "A diagnosis")
    from drift_core.diagnosis.diagnose import diagnose_files
    from drift_core.diagnosis.diagnosis_json import diagnosis_to_json
    from drift_core.diagnosis.settings import Settings
    from drift_core.operations.output_schema import read_schema
    from drift_core.options.next_action import next_action
    from drift_core.options.weigh import weigh_options
    from drift_core.regions.embedding_source import EmbeddingSource

    if pairs is not None and Path(pairs).suffix.lower() not in (".csv", ".parquet"):
        raise SettingError(f"--pairs expects a name ending in .csv or .parquet; found {pairs!r}.")
    if pairs is not None:
        need_extra("app", "The map that --pairs holds")
    if report is not None:
        need_extra("report", "The report")
    options.check_places(json, pairs, report)
    files = reading.files(heldout, production, max_rows=max_rows, max_bytes=max_bytes)
    embedding = EmbeddingSource(encoder=embedder, file=embeddings, cache=cache, is_cached=not no_cache)
    settings = Settings(
        rule=options.rule_with(rule, k=k),
        n_clusters=clusters,
        slices=None if slice_ is None else tuple(filter(None, slice_)),
        seed=seed,
        price_per_pair=price,
        output_schema=None if output_schema is None else read_schema(output_schema),
    )
    read_with = {
        "max_rows": max_rows,
        "max_bytes": max_bytes,
        "embedder": embedder,
        "embeddings": embeddings,
        "heldout_columns": dict(files.heldout_columns),
        "production_columns": dict(files.production_columns),
    }
    prices = _prices(price, student_price, calls, retrain_pairs)
    with progress_bar() as progress:
        diagnosis = diagnose_files(files, settings=settings, embedding=embedding, progress=progress)
        routes = weigh_options(diagnosis, prices=prices)
        _write_files(diagnosis, routes, pairs, report, progress)
    if json != "-":
        typer.echo(f"{describe_diagnosis(diagnosis)}\n\n{describe_options(routes, diagnosis)}")
    action = next_action(diagnosis, routes).to_json()
    written = {"options": routes.to_json(), "next": action, "read_with": read_with}
    options.write_json(diagnosis_to_json(diagnosis) | written, json)
    for target in filter(None, (pairs, report) if json != "-" else ()):
        typer.echo(f"Wrote {target}.")
    if diagnosis.verdict.cause == "inconclusive":
        raise typer.Exit(INCONCLUSIVE)


def _prices(price: float | None, student: float | None, calls: float | None, retrain_pairs: float) -> "Prices | None":
    """What the options are priced by, None until the teacher's price, the student's and the calls are given."""
    from drift_core.options.costs import Prices

    if price is None or student is None or calls is None:
        return None
    return Prices(
        teacher_per_pair=price,
        student_per_1000=student,
        calls_a_week=calls,
        canary_pairs=0,
        retrain_pairs=retrain_pairs,
    )


def _write_files(
    diagnosis: "Diagnosis", routes: "Options", pairs: str | None, report: str | None, progress: "Progress"
) -> None:
    from drift_core.regions.projection import draw_map
    from drift_core.tables.writing import replace_file, to_csv, to_parquet

    is_drawn = pairs is not None or (report is not None and not missing_modules("app"))
    layout = draw_map(diagnosis.embeddings, seed=diagnosis.settings.seed, progress=progress) if is_drawn else None
    if pairs is not None and layout is not None:
        from drift_core.diagnosis.diagnosis_json import pairs_table

        table = pairs_table(diagnosis, layout)
        replace_file(pairs, to_csv(table) if pairs.lower().endswith(".csv") else to_parquet(table))
    if report is not None:
        from drift_core.report.pdf import render_pdf
        from drift_core.report.render import render_report

        is_pdf = report.lower().endswith(".pdf")
        page = (
            render_pdf(diagnosis, routes=routes, layout=layout)
            if is_pdf
            else render_report(diagnosis, routes=routes, layout=layout).encode()
        )
        replace_file(report, page)


def describe_options(routes: "Options", diagnosis: "Diagnosis | None" = None) -> str:
    """Put the options into lines, the answer first."""
    from drift_core.measured import Unmeasured
    from drift_core.options.weigh import NO_PRICES

    table = routes.table.drop(columns="Assumes")
    rows = [list(table.columns), *table.to_numpy().tolist()]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    unpriced = any(isinstance(o.once, Unmeasured) and o.once.reason == NO_PRICES for o in routes.options)
    entered = ["Prices come from --price, --student-price, --calls and --retrain-pairs."] if unpriced else []
    first = "Retrain"
    if diagnosis is not None and (diagnosis.to_score_again or diagnosis.to_pin):
        again = diagnosis.to_score_again
        mended = "mend the texts and " if again and is_to_mend(again.sentence) else ""
        first = f"First {mended}score with {'the student again' if again else 'the pinned revision'}; then retrain"
    return "\n".join([f"{first}, route or leave: {routes.sentence}", *lines, *routes.notes, *entered])
