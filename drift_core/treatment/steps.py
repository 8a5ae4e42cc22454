"""The treatment in its order, with what is done already."""

from collections.abc import Collection
from dataclasses import dataclass

from drift_core.diagnosis.cause import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentStep:
    """One thing to do.

    Attributes
    ----------
    title
        What to do, in a few words.
    reason
        Why, or how.
    is_done
        Whether what is known of the investigation shows it done.
    """

    title: str
    reason: str
    is_done: bool = False


def treatment_steps(
    cause: Cause, *, findings: Collection[str] = (), pinned_revision: str = ""
) -> tuple[TreatmentStep, ...]:
    """List the treatment of a cause in the pattern's order.

    Parameters
    ----------
    findings
        Names of the findings.
    pinned_revision
        The teacher's revision that the student was trained against, empty where it is not recorded.
    """
    canary = TreatmentStep(
        title="Make a weekly measurement block releases",
        reason="Agreement and overlap on a fresh production sample of 100 to 500 pairs, in the release gate itself.",
    )
    retrain = TreatmentStep(
        title="Retrain on production pairs",
        reason="Re-score the retrain list with the current teacher and fine-tune the student for one epoch. Not from "
        "scratch, and not on more held-out pairs: those measure the old traffic more precisely.",
    )
    pin = TreatmentStep(
        title="Pin the teacher's revision",
        reason=f"The student was trained against {pinned_revision}; another revision is a reason to retrain."
        if pinned_revision
        else "Record which revision the student was trained against; another one is a reason to retrain.",
        is_done=bool(pinned_revision),
    )
    if cause == "healthy" and "mix_moved" in findings:
        decide = TreatmentStep(
            title="Decide whether the weaker regions are good enough",
            reason="The student is as good as ever, but more of the traffic now lies where it always was weaker. If "
            "that is not good enough, retrain on these regions.",
        )
        return (decide, canary, pin)
    if cause == "healthy":
        return (TreatmentStep(title="Keep the student", reason="Nothing needs retraining.", is_done=True), canary, pin)
    if cause == "inconclusive":
        larger = TreatmentStep(
            title="Measure a larger sample", reason="Acting on chance costs a retraining; see what would settle it."
        )
        return (larger, canary, pin)
    return (canary, retrain, pin)
