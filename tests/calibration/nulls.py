"""Draws with nothing planted: how often a region is flagged all the same.

With no true fall every flag is false, so the false discovery rate is the share of draws with any flag.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnose import diagnose
from tests.calibration.planted import draw_plan, draw_planted
from tests.calibration.rates import Rate

KINDS = ("none", "narrow", "student_scale", "teacher_scale", "weak")


@dataclass(frozen=True, slots=True, kw_only=True)
class NullDraw:
    """What one draw with nothing planted gave."""

    kind: str
    seed: int
    n_tested: int
    flagged: tuple[str, ...]
    named: str


def draw_nulls(n: int, *, first_seed: int) -> tuple[NullDraw, ...]:
    """Diagnose n draws of 300 to 2,000 pairs, the kinds in turn."""
    return tuple(draw_null(KINDS[i % len(KINDS)], seed=first_seed + i) for i in range(n))


def draw_null(kind: str, *, seed: int) -> NullDraw:
    drawn = draw_planted(draw_plan(kind, is_hard=False, with_pinned=False, seed=seed), seed=seed)
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return NullDraw(
        kind=kind,
        seed=seed,
        n_tested=sum(region.adjusted is not None for region in made.regions.regions),
        flagged=tuple(f"{region.partition}: {region.name}" for region in made.regions.drifted),
        named=made.verdict.cause,
    )


def any_flagged(draws: Sequence[NullDraw]) -> Rate:
    return Rate(count=sum(bool(draw.flagged) for draw in draws), n=len(draws))


def as_markdown(draws: Sequence[NullDraw], *, on: date) -> str:
    """Table of the share of draws with a flag, a line a kind."""
    seeds = [draw.seed for draw in draws]
    n_tested, n_flagged = sum(draw.n_tested for draw in draws), sum(len(draw.flagged) for draw in draws)
    lines = [
        f"False discovery rate with nothing planted ({on}, seeds {min(seeds)} to {max(seeds)}, {len(draws)} draws, "
        f"limit {Rule().alpha:.0%}). Regions flagged: {n_flagged} of {n_tested:,} tested.",
        "",
        "| kind | draws with a region flagged (95 % interval) |",
        "|---|---|",
        *(f"| {kind} | {any_flagged([d for d in draws if d.kind == kind])} |" for kind in KINDS),
        f"| all | {any_flagged(draws)} |",
        "",
    ]
    named = Counter(draw.named for draw in draws)
    lines.append("Causes named: " + ", ".join(f"{cause} {count}" for cause, count in named.most_common()) + ".")
    return "\n".join(lines)


if __name__ == "__main__":
    found = draw_nulls(int(sys.argv[1]), first_seed=int(sys.argv[2]))
    print(as_markdown(found, on=datetime.now(UTC).date()))
    print(*(f"{d.kind} {d.seed}: {d.named} {list(d.flagged)}" for d in found if d.named != "healthy"), sep="\n")
