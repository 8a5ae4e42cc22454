"""What the story says of the place where no region drifted."""

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.regions_in_words import untold_sentence
from drift_core.measured import Measured
from drift_core.regions.revision_effect import N_NAMED
from drift_core.samples.pairs import ScoredPairs
from drift_core.wording import counted, in_a_row, in_quotes


def nowhere(diagnosis: Diagnosis) -> str:
    """Where no region drifted; what lacks scores is named, and the others are said to be as they were."""
    told = _nowhere_else(diagnosis)
    untold = untold_sentence(diagnosis.regions.leading) or untold_sentence(diagnosis.regions.regions)
    if not untold:
        return told
    others = "No other part of the traffic stands out." if "no part" in told.lower() else told
    return f"{untold} {others}"


def _nowhere_else(diagnosis: Diagnosis) -> str:
    cause = diagnosis.verdict.cause
    if first := in_a_row([in_quotes(each.name) for each in diagnosis.rescored_first[:N_NAMED]]):
        return f"Most where the teacher changed most: {first}."
    if cause == "teacher_drift" and _is_all_pinned(diagnosis.production):
        return "Everywhere, under today's teacher: by the teacher it was trained on, no region got worse."
    if cause == "teacher_drift":
        return "Everywhere alike: no region fell beyond what all of them did."
    if cause == "document_drift":
        return "On docs of a kind that the student does not know, not in one part of the queries."
    if cause == "inconclusive":
        return "No part of the traffic stands out beyond chance."
    return "Nowhere: no part of the traffic got worse beyond chance."


def everywhere(diagnosis: Diagnosis) -> str:
    """Where agreement fell that the teacher moved, so that no region stands out; empty where it is not so."""
    spread = diagnosis.spread
    sides = [each.figure() for each in (spread.production, spread.heldout) if isinstance(each, Measured)]
    if diagnosis.verdict.cause != "teacher_drift" or diagnosis.regions.drifted or len(sides) < 2:
        return ""
    return "{} Agreement is {}, on held-out {}.".format(nowhere(diagnosis), *sides)


def compared(diagnosis: Diagnosis) -> str:
    """How many regions were compared, and by which cut."""
    n_regions, partition = len(diagnosis.regions.leading), diagnosis.regions.partitions[0].name
    more = len(diagnosis.regions.regions) - n_regions
    others = f", and {more} more by other cuts" if more else ""
    return f"Compared: {counted(n_regions, 'region', 'regions')} by {partition}{others}, each with its own held-out."


def _is_all_pinned(production: ScoredPairs) -> bool:
    """Whether regions are compared under the pinned revision."""
    pinned = production.teacher_pinned
    return pinned is not None and bool(np.isfinite(pinned).all())
