"""Diagnoses of messy worlds, design by design: which causes are named, and how often that is right.

`python -m tests.calibration.worlds --draws 50 --design "shares turned round"`; without a design, all of them. One draw
again, in words: `--design NAME --seed N --show`.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from tests.calibration.causes import f1_of, spread_over
from tests.calibration.designs import DESIGNS, draw_design
from tests.calibration.messy_traffic import Sample

SHORT = {
    "healthy": "healthy",
    "query_drift": "query",
    "document_drift": "document",
    "teacher_drift": "teacher",
    "query_and_teacher_drift": "both",
    "inconclusive": "open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one draw gave; `f1` of the drifted pairs is None where none drifted."""

    design: str
    seed: int
    named: str
    findings: tuple[str, ...]
    f1: float | None

    @property
    def is_right(self) -> bool:
        return self.named in DESIGNS[self.design].right

    @property
    def is_open(self) -> bool:
        return self.named == "inconclusive" and not self.is_right

    @property
    def is_told(self) -> bool:
        """Whether a finding that the design asks for is there."""
        wanted = DESIGNS[self.design].findings
        return not wanted or any(name.startswith(wanted) for name in self.findings)


def diagnose_world(design: str, seed: int, *, by_texts: bool = False) -> tuple[Diagnosis, np.ndarray]:
    """Diagnose one draw; gives whether each pair that was read drifted as well."""
    drawn = draw_design(DESIGNS[design], seed)
    samples = tuple(_read(side, name, design) for side, name in zip(drawn, ("held-out", "production"), strict=True))
    if by_texts:
        from drift_core.regions.embeddings import embed_queries
        from drift_core.regions.encoding import HASHING_ENCODER, load_encoder

        made = diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))
    else:
        queries = _embeddings(samples, [side.queries for side in drawn], [s.query for s in samples])
        docs = _embeddings(samples, [side.docs for side in drawn], [s.doc for s in samples])  # type: ignore[misc]
        made = diagnose(*samples, embeddings=queries, doc_embeddings=docs)
    return made, drawn[1].drifted[samples[1].row]


def _read(side: Sample, name: str, design: str) -> ScoredPairs:
    slices = [column for column in side.table if column in ("length", "language", "daytime")]
    return read_pairs(side.table, slices=slices, name=name)


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


def diagnose_draw(draw: tuple[str, int]) -> Outcome:
    made, drifted = diagnose_world(*draw)
    return Outcome(
        design=draw[0],
        seed=draw[1],
        named=made.verdict.cause,
        findings=tuple(finding.name for finding in made.findings),
        f1=f1_of(made.drifted, drifted),
    )


def outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A table row a design: draws, right, open, named causes, findings told; then the seeds that were wrong."""
    yield (
        f"| {'design':31} | draws | right | "
        + " | ".join(f"{name:8}" for name in SHORT.values())
        + " | told |   F1 | wrong seeds"
    )
    for design in dict.fromkeys(outcome.design for outcome in outcomes):
        chosen = [outcome for outcome in outcomes if outcome.design == design]
        counts = [sum(o.named == cause for o in chosen) for cause in SHORT]
        f1 = [o.f1 for o in chosen if o.f1 is not None]
        wrong = " ".join(f"{o.seed}:{SHORT[o.named]}" for o in chosen if not (o.is_right or o.is_open))
        cells = " | ".join(f"{count or '':8}" for count in counts)
        told = f"{sum(o.is_told for o in chosen):4}" if DESIGNS[design].findings else "    "
        score = f"{np.mean(f1):.2f}" if f1 else "    "
        yield f"| {design:31} | {len(chosen):5} | {sum(o.is_right for o in chosen):5} | {cells} | {told} | {score} | {wrong}"


def show(design: str, seed: int, *, by_texts: bool) -> None:
    """Print one draw's verdict, evidence, findings and drifted regions."""
    made, drifted = diagnose_world(design, seed, by_texts=by_texts)
    print(f"{design} {seed}: {len(made.heldout)} and {len(made.production)} pairs, {drifted.sum()} drifted")
    print(made.verdict.summary)
    print(*(f"  {line.mark}: {line.sentence}" for line in made.verdict.evidence), sep="\n")
    print(*(f"  finding {finding.name}: {finding.sentence}" for finding in made.findings), sep="\n")
    print(
        *(f"  points to {each.title}: {each.sentence}" for each in made.lookalikes if each.status == "points_to"),
        sep="\n",
    )
    print(*(f"  drifted {r.partition}, {r.name}: {r.reason}" for r in made.regions.drifted), sep="\n")
    print(f"  shared: {made.regions.shared}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--design", action="append", choices=list(DESIGNS), help="may be given more than once")
    parser.add_argument("--seed", type=int, default=70_000, help="first seed")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--texts", action="store_true", help="embed the texts by hashing")
    parser.add_argument("--show", action="store_true", help="print one draw in words")
    chosen = parser.parse_args()
    designs = chosen.design or list(DESIGNS)
    if chosen.show:
        show(designs[0], chosen.seed, by_texts=chosen.texts)
        return
    print(f"{chosen.draws} draws each, seeds from {chosen.seed}")
    for number, design in enumerate(designs):
        draws = [(design, seed) for seed in range(chosen.seed, chosen.seed + chosen.draws)]
        lines = list(outcome_lines(spread_over(diagnose_draw, draws, n_processes=chosen.processes)))
        print(*lines[1 if number else 0 :], sep="\n", flush=True)


if __name__ == "__main__":
    main()
