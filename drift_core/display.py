"""Results as they show themselves in a notebook: the verdict and a table.

Called by the value types' `_repr_html_`, so that they know nothing of how they look.
"""

from collections.abc import Iterable, Sequence
from functools import singledispatch
from html import escape

import pandas as pd

from drift_core.charts.regions import regions_sentence, regions_table
from drift_core.diagnosis.attribution import Attribution
from drift_core.diagnosis.cause import CAUSE_WORDS
from drift_core.diagnosis.concentration import Region
from drift_core.diagnosis.diagnose import Diagnosis
from drift_core.diagnosis.lookalikes import Lookalike, Status
from drift_core.diagnosis.noise_ceiling import Ceiling
from drift_core.diagnosis.regions_result import RegionsTest
from drift_core.diagnosis.spread import SpreadTest
from drift_core.diagnosis.task_quality import TaskQuality
from drift_core.diagnosis.top_k import TopKTest
from drift_core.measures.estimate import Measured, Measurement, Unmeasured
from drift_core.measures.quality import Quality
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.wording import counted
from drift_core.treatment.retrain_list.manifest import Manifest
from drift_core.treatment.routes import Option, Routes

N_ROWS = 5
TEXT_LENGTH = 80
BAND_SHAPES = {"healthy": "●", "suspect": "▲", "confirmed": "◆", None: "○"}


@singledispatch
def show(value: object) -> str:
    """Show a result as HTML: the verdict as a sentence, then a table. User texts are escaped.

    Raises
    ------
    TypeError
        When there is no picture of such a value.
    """
    raise TypeError(f"There is no picture of {type(value).__name__}.")


@show.register
def _(value: ScoredPairs) -> str:
    verdict = f"{value.name}: {value.n_pairs:,} pairs, {counted(value.n_queries, 'query', 'queries')}"
    columns = {"query": value.query, "doc": value.doc, "teacher": value.teacher, "student": value.student}
    present = {name: column[:N_ROWS] for name, column in columns.items() if column is not None}
    problems = "".join(f"<li>{escape(problem.message)}</li>" for problem in value.problems)
    return _page(verdict, _table(pd.DataFrame(present)), f"<ul>{problems}</ul>" if problems else "")


@show.register
def _(value: SpreadTest) -> str:
    rows = {"held-out": value.heldout, "production": value.production, "spread": value.spread}
    return _page(value.sentence, _band(value.band), _measurements(rows))


@show.register
def _(value: TopKTest) -> str:
    return _page(value.sentence, _band(value.band), _measurements({f"overlap at K = {value.k}": value.overlap}))


@show.register
def _(value: RegionsTest) -> str:
    return _page(regions_in_words(value), _band(value.band), _table(shown_regions(value)))


@show.register
def _(value: Diagnosis) -> str:
    verdict = value.verdict
    evidence = "".join(f"<li>{line.mark}: {escape(line.sentence)}</li>" for line in verdict.evidence)
    findings = "".join(f"<li>Finding: {escape(finding.sentence)}</li>" for finding in value.findings)
    pointed = [each for each in value.lookalikes if each.status == "points_to"]
    also = "".join(f"<li>Also: {escape(each.title)}. {escape(each.sentence)}</li>" for each in pointed)
    also += "".join(f"<li>{escape(each.sentence)}</li>" for each in value.settling)
    cause = CAUSE_WORDS[verdict.cause] + (", the teacher's part inferred" if verdict.inferred else "")
    beside = "".join(f"<p>{escape(part.sentence)}</p>" for part in (value.ceiling, value.quality))
    return _page(
        verdict.summary,
        f"<p>Cause: {cause}</p>",
        _table(table_of_tests(value)),
        f"<ul>{evidence}{findings}{also}</ul>",
        beside,
    )


@show.register
def _(value: Ceiling) -> str:
    return _page(value.sentence, _table(ceiling_table(value)))


@show.register
def _(value: TaskQuality) -> str:
    return _page(value.sentence, _table(quality_table(value)))


@show.register
def _(value: Routes) -> str:
    return _page(value.sentence, _table(options_table(value)), *(f"<p>{escape(note)}</p>" for note in value.notes))


@show.register
def _(value: Manifest) -> str:
    return _page(value.sentence, _table(quotas_table(value)), _table(value.pairs.head(N_ROWS)))


def figure(value: Measurement) -> str:
    """Write a measured number with its interval, or why there is none."""
    return (
        f"{value.estimate:.2f} ({value.low:.2f} to {value.high:.2f})" if isinstance(value, Measured) else value.reason
    )


def table_of_tests(diagnosis: Diagnosis) -> pd.DataFrame:
    """Tabulate the three tests: band by the textbook, what the interval supports, and the figure in a sentence."""
    spread, top_k, regions = diagnosis.spread, diagnosis.top_k, diagnosis.regions
    rows = [
        ("Spread", spread.band, spread.reading, spread.sentence),
        ("Overlap", top_k.band, top_k.reading, top_k.sentence),
        ("Regions", regions.band, "fell" if regions.drifted else "held", regions_in_words(regions)),
    ]
    return pd.DataFrame(
        [(name, f"{BAND_SHAPES[band]} {band or 'not run'}", *rest) for name, band, *rest in rows],
        columns=["Test", "Textbook band", "Evidence", "Figure"],
    )


def first_regions(test: RegionsTest) -> list[Region]:
    """Give the regions of the first partition, the query clusters."""
    return [region for region in test.regions if region.partition == test.partitions[0].name]


def regions_in_words(test: RegionsTest) -> str:
    """Say which regions of the first partition drifted."""
    return regions_sentence(first_regions(test))


def shown_regions(test: RegionsTest) -> pd.DataFrame:
    """Tabulate the regions of the first partition, and whichever drifted in others."""
    first = test.partitions[0].name
    shown = [region for region in test.regions if region.drifted or region.partition == first]
    table = regions_table(shown)
    partition = {(region.name, region.reason): region.partition for region in shown}
    table.insert(1, "Partition", [partition[key] for key in zip(table["Region"], table["Why"], strict=True)])
    return table


def quotas_table(manifest: Manifest) -> pd.DataFrame:
    """Tabulate how many pairs each region gave."""
    rows = [
        (
            q.region,
            "drifted" if q.drifted else "",
            q.n_available,
            q.n_drawn,
            f"{q.traffic_share:.0%}",
            f"{q.list_share:.0%}",
        )
        for q in manifest.quotas
    ]
    return pd.DataFrame(rows, columns=["Region", "Flag", "Available", "Drawn", "Share of traffic", "Share of list"])


def lookalikes_table(lookalikes: Sequence[Lookalike], *statuses: Status) -> pd.DataFrame:
    """Tabulate the look-alikes of some statuses."""
    rows = [(each.title, each.sentence) for each in lookalikes if each.status in statuses]
    return pd.DataFrame(rows, columns=["Look-alike", "Why"])


def split_table(attribution: Attribution) -> pd.DataFrame:
    """Tabulate the parts of the loss that are known."""
    teacher = "The teacher's revision, inferred" if attribution.teacher_inferred else "The teacher's revision"
    parts = {
        "Traffic moved to other regions": attribution.mix,
        "Change inside the regions": attribution.within,
        teacher: attribution.teacher,
        "Whole loss": attribution.total,
    }
    rows = [
        (
            name,
            f"{part.estimate:+.3f} ({part.low:+.3f} to {part.high:+.3f})",
            f"{part.n_pairs:,}",
            f"{part.n_queries:,}",
        )
        for name, part in parts.items()
        if part
    ]
    return pd.DataFrame(rows, columns=["Figure", "Estimate and interval", "Pairs", "Queries"])


def options_table(routes: Routes) -> pd.DataFrame:
    """Tabulate the options: expected agreement, share of calls to the teacher, price, what the figure assumes."""
    rows = [
        (option.title, figure(option.agreement), f"{option.teacher_share:.1%}", _price(option), option.assumes)
        for option in routes.options
    ]
    return pd.DataFrame(rows, columns=["Way", "Agreement", "Routed", "Price", "Assumes"])


def _price(option: Option) -> str:
    """Write what an option costs, or a dash where that is unknown."""
    if isinstance(option.once, Unmeasured) or isinstance(option.a_year, Unmeasured):
        return "–"
    parts = [(option.once, "once"), (option.a_year, "a year")]
    return " and ".join(f"{_money(amount)} {when}" for amount, when in parts if amount) or "0"


def _money(amount: float) -> str:
    return f"{amount:,.2f}" if amount < 1000 else f"{amount:,.0f}"


def ceiling_table(ceiling: Ceiling) -> pd.DataFrame:
    """Tabulate the teacher's agreement with itself, the ceiling, and production's share of it; empty if unknown."""
    figures = {
        "One run of the teacher with another": ceiling.reliability.one_run,
        "Highest agreement that a student could reach": ceiling.reliability.ceiling,
        "Production agreement": ceiling.agreement,
        "Production agreement as a share of the highest": ceiling.share,
    }
    is_known = isinstance(ceiling.reliability.ceiling, Measured)
    return _figures(figures if is_known else {})


def quality_table(quality: TaskQuality) -> pd.DataFrame:
    """Tabulate teacher and student against human labels, for each sample that has them."""
    rows: dict[str, Measurement] = {}
    for sample, found in (("held-out", quality.heldout), ("production", quality.production)):
        if not isinstance(found, Quality):
            continue
        rated = [(str(found.rate_name), found.rate)] if found.rate else []
        for name, beside in (("rank agreement", found.ranks), *rated):
            rows[f"Teacher and labels, {name}, {sample}"] = beside.teacher
            rows[f"Student and labels, {name}, {sample}"] = beside.student
            rows[f"Teacher minus student, {name}, {sample}"] = beside.lost
        rows[f"Student and teacher on these pairs, rank agreement, {sample}"] = found.fidelity
    return _figures(rows)


def _figures(values: dict[str, Measurement]) -> pd.DataFrame:
    rows = [(name, figure(value), f"{value.n_pairs:,}", f"{value.n_queries:,}") for name, value in values.items()]
    return pd.DataFrame(rows, columns=["Figure", "Estimate and interval", "Pairs", "Queries"])


def _page(sentence: str, *parts: str) -> str:
    return f"<div><p><strong>{escape(sentence)}</strong></p>{''.join(parts)}</div>"


def _band(band: str | None) -> str:
    return f"<p>Textbook band: {BAND_SHAPES[band]} {band or 'not run'}</p>"


def _measurements(values: dict[str, Measurement]) -> str:
    return _table(_figures(values).rename(columns={"Figure": ""}))


def _table(table: pd.DataFrame) -> str:
    rows: Iterable[Sequence[object]] = table.itertuples(index=False, name=None)
    head = "".join(f"<th scope='col'>{escape(str(name))}</th>" for name in table.columns)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<td>{value:.3f}</td>"
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    short = text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
    return f"<td style='text-align:left'>{escape(short)}</td>"
