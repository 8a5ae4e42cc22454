"""Diagnoses of messy worlds, design by design: which causes are named, and how often that is right.

`python -m tests.calibration.worlds --draws 50 --design "shares turned round"`; without a design, all of them. One draw
again, in words: `--design NAME --seed N --show`. With `--oracle`, beside what an oracle names (see `oracle`).
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.regions.embeddings import QueryEmbeddings, embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import NUMERIC, ScoreKind
from tests.calibration.causes import f1_of, spread_over
from tests.calibration.designs import WITHOUT_DRIFT, draw_design
from tests.calibration.drifting_designs import DESIGNS, WITH_DRIFT
from tests.calibration.measured import MeasuredTables
from tests.calibration.messy_traffic import SLICES, Sample
from tests.calibration.oracle import Answer, Limits, Smallest, ask, limits_at, smallest
from tests.calibration.rates import Rate

SHORT = {
    "healthy": "healthy",
    "query_drift": "query",
    "document_drift": "document",
    "teacher_drift": "teacher",
    "query_and_teacher_drift": "both",
    "inconclusive": "open",
}
FALSE_CAUSES = 0.01  # rate at which the oracle names a cause without drift
QUIET = ("nothing", "new topics alike")  # what the oracle's limits are set on
N_QUIET = 150  # draws of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw to diagnose, and the oracle's limits if that is asked too."""

    design: str
    seed: int
    limits: Limits | None = None
    by_texts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one draw gave; `f1` of the drifted pairs is None where none drifted."""

    design: str
    seed: int
    named: str
    findings: tuple[str, ...]
    f1: float | None
    oracle: Answer | None = None

    @property
    def is_right(self) -> bool:
        return self.named in DESIGNS[self.design].right

    @property
    def is_open(self) -> bool:
        return self.named == "inconclusive" and not self.is_right

    @property
    def is_wrong(self) -> bool:
        """Whether it is neither right nor left open: a false cause, or healthy where that cannot be known."""
        return not (self.is_right or self.is_open)

    @property
    def is_told(self) -> bool:
        """Whether a finding that the design asks for is there."""
        wanted = DESIGNS[self.design].findings
        return not wanted or any(name.startswith(wanted) for name in self.findings)


def diagnose_world(
    heldout: Sample, production: Sample, *, by_texts: bool = False, kind: ScoreKind = NUMERIC
) -> Diagnosis:
    """Diagnose one draw by its vectors, or by its texts alone."""
    drawn = heldout, production
    samples = replace(_read(heldout, "held-out"), kind=kind), replace(_read(production, "production"), kind=kind)
    if by_texts:
        return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))
    queries = _embeddings(samples, [side.queries for side in drawn], [side.query for side in samples])
    docs = _embeddings(samples, [side.docs for side in drawn], [side.doc for side in samples if side.doc is not None])
    return diagnose(*samples, embeddings=queries, doc_embeddings=docs)


def _read(side: Sample, name: str) -> ScoredPairs:
    return read_pairs(side.table, slices=[column for column in SLICES if column in side.table], name=name)


def _embeddings(
    samples: tuple[ScoredPairs, ...], vectors: list[np.ndarray], texts: list[np.ndarray]
) -> QueryEmbeddings:
    """One vector a text, the first that it has."""
    codes, distinct = pd.factorize(np.concatenate(texts).astype(object))
    first = np.unique(codes, return_index=True)[1]
    rows = np.concatenate([each[sample.row] for each, sample in zip(vectors, samples, strict=True)])[first]
    n = len(samples[0])
    return QueryEmbeddings(
        texts=np.asarray(distinct, dtype=object),
        vectors=(rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32),
        heldout=codes[:n].astype(np.int64),
        production=codes[n:].astype(np.int64),
        encoder="given",
    )


def diagnose_draw(draw: Draw) -> Outcome:
    drawn = draw_design(DESIGNS[draw.design], draw.seed)
    made = diagnose_world(*drawn, by_texts=draw.by_texts)
    return Outcome(
        design=draw.design,
        seed=draw.seed,
        named=made.verdict.cause,
        findings=tuple(finding.name for finding in made.findings),
        f1=f1_of(made.drifted, drawn[1].drifted[made.production.row]),
        oracle=ask(*drawn, draw.limits) if draw.limits else None,
    )


def find_limits(first_seed: int, *, n_draws: int, n_processes: int) -> Limits:
    """The oracle's limits, by draws without drift."""
    draws = [Draw(design=design, seed=seed) for design in QUIET for seed in range(first_seed, first_seed + n_draws)]
    return limits_at(FALSE_CAUSES, spread_over(_smallest, draws, n_processes=n_processes))


def _smallest(draw: Draw) -> Smallest:
    return smallest(*draw_design(DESIGNS[draw.design], draw.seed))


HEAD = ("design", "draws", "right", *SHORT.values(), "told", "F1", "oracle", "share", "its F1", "wrong")
WIDTHS = (31, 5, 5, *(8,) * len(SHORT), 4, 4, 6, 5, 6, 0)


def outcome_row(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """One design: draws, right, causes named, findings told, F1, beside the oracle's, and what was wrong by seed."""
    design, n_right = outcomes[0].design, sum(o.is_right for o in outcomes)
    counts = (sum(o.named == cause for o in outcomes) for cause in SHORT)
    told = str(sum(o.is_told for o in outcomes)) if DESIGNS[design].findings else ""
    answers = [o.oracle for o in outcomes if o.oracle]
    n_oracle = sum(answer.cause in DESIGNS[design].right for answer in answers)
    beside = (str(n_oracle), f"{n_right / n_oracle:.0%}" if n_oracle else "") if answers else ("", "")
    wrong = " ".join(f"{o.seed}:{SHORT[o.named]}" for o in outcomes if o.is_wrong)
    figures = (str(len(outcomes)), str(n_right), *(str(count or "") for count in counts), told)
    return (design, *figures, _mean(o.f1 for o in outcomes), *beside, _mean(a.f1 for a in answers), wrong)


def _mean(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.2f}" if known else ""


def as_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))} |"


def as_markdown(outcomes: Sequence[Outcome], *, on: date) -> str:
    """The table of the documentation: what each design led to, without the oracle and the seeds."""
    seeds, n = [outcome.seed for outcome in outcomes], len(outcomes)
    n_wrong = sum(outcome.is_wrong for outcome in outcomes)
    designs = list(dict.fromkeys(outcome.design for outcome in outcomes))
    rows = [
        "| design | draws | right | left open | wrong |",
        "|---|---|---|---|---|",
    ]
    for design in designs:
        chosen = [outcome for outcome in outcomes if outcome.design == design]
        counts = (len(chosen), *(sum(getattr(o, name) for o in chosen) for name in ("is_right", "is_open", "is_wrong")))
        rows.append(f"| {design} | {' | '.join(map(str, counts))} |")
    told = f"{on}, seeds {min(seeds)} to {max(seeds)}; wrong in {Rate(count=n_wrong, n=n)}."
    return "\n".join((told, "", *rows))


def show(design: str, seed: int, *, by_texts: bool) -> None:
    """Print one draw's verdict, evidence, findings and drifted regions."""
    drawn = draw_design(DESIGNS[design], seed)
    made = diagnose_world(*drawn, by_texts=by_texts)
    n_drifted = drawn[1].drifted.sum()
    lines = [
        f"{design} {seed}: {len(made.heldout)} and {len(made.production)} pairs, {n_drifted} drifted",
        made.verdict.summary,
        *(f"  {line.mark}: {line.sentence}" for line in made.verdict.evidence),
        *(f"  finding {finding.name}: {finding.sentence}" for finding in made.findings),
        *(f"  points to {each.title}: {each.sentence}" for each in made.lookalikes if each.status == "points_to"),
        *(f"  {region.partition}, {region.name}: {region.reason}" for region in made.regions.drifted),
        f"  shared: {made.regions.shared}",
    ]
    print(*lines, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--design", action="append", choices=list(DESIGNS), help="may be given more than once")
    parser.add_argument("--drift", action=argparse.BooleanOptionalAction, help="only designs with drift, or without")
    parser.add_argument("--seed", type=int, default=70_000, help="first seed")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--oracle", action="store_true", help="ask the oracle too")
    parser.add_argument("--texts", action="store_true", help="embed the texts by hashing instead")
    parser.add_argument("--write", action="store_true", help="put the table into the documentation")
    parser.add_argument("--show", action="store_true", help="print one draw in words")
    chosen = parser.parse_args()
    among = {None: DESIGNS, True: WITH_DRIFT, False: WITHOUT_DRIFT}[chosen.drift]
    designs = chosen.design or list(among)
    if chosen.show:
        show(designs[0], chosen.seed, by_texts=chosen.texts)
        return
    limits = find_limits(0, n_draws=N_QUIET, n_processes=chosen.processes) if chosen.oracle else None
    print(f"{chosen.draws} draws each, seeds from {chosen.seed}", limits or "", as_line(HEAD), sep="\n", flush=True)
    found: list[Outcome] = []
    for design in designs:
        seeds = range(chosen.seed, chosen.seed + chosen.draws)
        draws = [Draw(design=design, seed=seed, limits=limits, by_texts=chosen.texts) for seed in seeds]
        outcomes = spread_over(diagnose_draw, draws, n_processes=chosen.processes)
        found.extend(outcomes)
        print(as_line(outcome_row(outcomes)), flush=True)
    if chosen.write:
        tables = MeasuredTables()
        tables.put("messy worlds", as_markdown(found, on=datetime.now(UTC).date()))
        tables.write()


if __name__ == "__main__":
    main()
