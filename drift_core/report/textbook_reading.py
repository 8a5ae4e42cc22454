"""The strict reading: what the pattern's fixed bands say of the point estimates, and why the evidence may say else."""

from collections.abc import Sequence
from dataclasses import dataclass

from drift_core.agreement.rule import Band
from drift_core.causes import CAUSE_WORDS, Cause
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import Region
from drift_core.measured import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictLine:
    """One number, its textbook band, and why the evidence reads it otherwise; empty where both agree."""

    number: str
    figure: str
    band: Band
    why_else: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextbookReading:
    """What the bands alone would conclude, and the numbers they read; `verdict` is the cause here and its words."""

    cause: Cause
    lines: tuple[StrictLine, ...]
    verdict: tuple[Cause, str]

    @property
    def sentence(self) -> str:
        """What the bands alone conclude beside the verdict."""
        cause, words = self.verdict
        told = f"{words}, as here" if self.cause == cause else f"{CAUSE_WORDS[self.cause]}, while here it is {words}"
        return f"By the fixed bands on the point estimates alone the cause would be {told}."


def read_by_textbook(diagnosis: Diagnosis) -> TextbookReading:
    """Read a diagnosis by the textbook's bands alone.

    Notes
    -----
    The pattern stops at a healthy spread. Otherwise the query clusters below the confirmed floor with enough traffic
    decide: some of them, query drift; all of them, teacher drift; none, no conclusion.
    """
    found = (_spread(diagnosis), _agreement(diagnosis), _overlap(diagnosis), _worst_region(diagnosis))
    cause = diagnosis.verdict.cause
    return TextbookReading(
        cause=_cause(diagnosis),
        lines=tuple(line for line in found if line is not None),
        verdict=(cause, diagnosis.cause_in_words),
    )


def _cause(diagnosis: Diagnosis) -> Cause:
    rule = diagnosis.settings.rule
    clusters = diagnosis.regions.partitions[0].name
    large = [
        region
        for region in diagnosis.regions.regions
        if region.partition == clusters and region.share_production >= rule.region_share and region.band is not None
    ]
    confirmed = [region for region in large if region.band == "confirmed"]
    if diagnosis.spread.band == "healthy":
        return "healthy"
    if not confirmed:
        return "inconclusive"
    return "teacher_drift" if len(confirmed) == len(large) else "query_drift"


def _spread(diagnosis: Diagnosis) -> StrictLine | None:
    test = diagnosis.spread
    if not isinstance(test.spread, Measured) or test.band is None:
        return None
    interval = f"{test.spread:+.3f}"
    why = ""
    if test.band != "healthy" and test.reading != "fell":
        why = f"The spread is {interval}: with this sample chance explains it."
    elif test.band == "healthy" and test.reading != "held":
        why = f"The spread is {interval}: a larger loss is not ruled out."
    return StrictLine(number="Spread", figure=test.spread.figure("+.3f"), band=test.band, why_else=why)


def _agreement(diagnosis: Diagnosis) -> StrictLine | None:
    test = diagnosis.spread
    if not isinstance(test.production, Measured) or test.is_answered:
        return None  # the bands are of heights, which two answers limit
    band = diagnosis.settings.rule.agreement_band(test.production.estimate, is_ranked=test.is_ranked)
    why = ""
    if band != "healthy" and test.reading == "held" and isinstance(test.heldout, Measured):
        why = f"Held-out agreement was {test.heldout.figure()} to begin with; it did not fall."
    return StrictLine(number="Agreement on production", figure=test.production.figure(), band=band, why_else=why)


def _overlap(diagnosis: Diagnosis) -> StrictLine | None:
    test = diagnosis.top_k
    if not isinstance(test.overlap, Measured) or test.band is None:
        return None
    why = ""
    if test.tie_is_wide:
        why = f"The top cuts through {test.n_tied:,} equal teacher scores, so this K means little."
    elif test.state is None and test.normal_low is not None:
        normal = f"{test.normal_low:.2f} to {test.normal_high:.2f}"
        why = f"Held-out of this size shows {normal} at this K: it cannot tell a healthy top from a bad one."
    elif test.band != "healthy" and test.reading == "held" and test.normal_low is not None:
        why = f"Held-out of this size shows {test.normal_low:.2f} to {test.normal_high:.2f} at this K: it is normal."
    elif test.band == "healthy" and test.reading == "fell" and test.normal_low is not None:
        why = f"Held-out of this size shows {test.normal_low:.2f} or more at this K: it is low."
    return StrictLine(number=f"Top-{test.k} overlap", figure=test.overlap.figure(), band=test.band, why_else=why)


def _worst_region(diagnosis: Diagnosis) -> StrictLine | None:
    worst = _lowest(diagnosis.regions.regions, diagnosis.settings.rule.region_share)
    if worst is None or worst.band is None or not isinstance(worst.production, Measured):
        return None
    why = ""
    if worst.band != "healthy" and not worst.drifted:
        why = _why_not_flagged(worst, diagnosis)
    elif worst.band == "healthy" and diagnosis.regions.drifted:
        why = "Regions above the floor got worse than they were on held-out."
    return StrictLine(
        number=f"Lowest region, {worst.name}", figure=worst.production.figure(), band=worst.band, why_else=why
    )


def _why_not_flagged(region: Region, diagnosis: Diagnosis) -> str:
    """Why a low region is not drifted: another explains it, all fell alike, or chance does."""
    before = f" It had {region.heldout.figure()} on held-out." if isinstance(region.heldout, Measured) else ""
    fell = isinstance(region.fall, Measured) and region.fall.low > 0
    explained_by = _explaining(region, diagnosis) if fell else None
    if explained_by:
        return f"Region {explained_by.name} explains its fall.{before}"
    if fell and not region.is_new and _all_fell(diagnosis):
        return f"It fell as all did.{before}"
    return f"It is not worse than expected by more than chance.{before}"


def _explaining(region: Region, diagnosis: Diagnosis) -> Region | None:
    """The drifted region of another partition that holds most of its production pairs, at least half of them."""
    labels = {partition.name: partition.production for partition in diagnosis.regions.partitions}
    best, most = None, 0.5
    for other in diagnosis.regions.drifted:
        if other.partition != region.partition:
            shared = labels[other.partition][labels[region.partition] == region.index] == other.index
            held = float(shared.mean()) if len(shared) else 0.0
            if held >= most:
                best, most = other, held
    return best


def _all_fell(diagnosis: Diagnosis) -> bool:
    cause = diagnosis.verdict.cause
    return "teacher" in cause or (cause == "document_drift" and not diagnosis.regions.drifted)


def _lowest(regions: Sequence[Region], share: float) -> Region | None:
    counted = [each for each in regions if each.share_production >= share and isinstance(each.production, Measured)]
    return min(counted, key=lambda each: each.production.estimate, default=None)  # type: ignore[union-attr]
