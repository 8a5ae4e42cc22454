"""How sure a verdict is, in words."""

from typing import TYPE_CHECKING

from drift_core.agreement.spread import Reading
from drift_core.diagnosis.cause import Verdict
from drift_core.measured import Measured, figure
from drift_core.regions.attribution import Attribution

if TYPE_CHECKING:
    from drift_core.diagnosis.diagnosis import Diagnosis


def confidence_of(diagnosis: "Diagnosis") -> str:
    """Say how sure the verdict of a diagnosis is; low where held-out is most likely of other traffic."""
    if diagnosis.wrong_heldout:
        return f"Low confidence: {diagnosis.wrong_heldout[0].lower()}{diagnosis.wrong_heldout[1:]}"
    reading, pinned = diagnosis.spread.reading, diagnosis.n_pinned
    return confidence_in_words(diagnosis.verdict, diagnosis.attribution, reading, pinned=pinned)


def confidence_in_words(
    verdict: Verdict, attribution: Attribution, reading: Reading, *, pinned: tuple[int, int] = (0, 0)
) -> str:
    """Say how sure a verdict is and what that rests on, in one sentence.

    Notes
    -----
    The words follow what the verdict rests on, not a probability: measured on the pairs, partly inferred, partly
    unknown, or left open. `reading` is that of the spread: where its interval leaves open whether agreement fell, no
    verdict is highly sure. `pinned` are how many production pairs the pinned revision scored, and of how many.
    """
    if verdict.cause == "inconclusive":
        return "Low confidence: these samples leave open what happened."
    if verdict.cause == "healthy" and reading == "cannot tell":
        total = attribution.total
        most = f" of up to {figure(total.high, '-.2f', is_share=total.is_share)}" if isinstance(total, Measured) else ""
        return f"Low confidence: nothing is clearly worse, but so few queries leave a loss{most} open."
    if verdict.or_student:
        return (
            "Fair confidence that the two go together less. That it is the teacher, and not another student or stale "
            "scores of it, is inferred."
        )
    if verdict.inferred:
        return (
            "Fair confidence: the loss and its place are measured, the teacher's part is inferred from what else moved."
        )
    if attribution.score_range is not None:
        return "High confidence: the loss is measured on these pairs, and a narrower range of scores explains it."
    if attribution.teacher is None and attribution.teacher_unknown:
        return f"Fair confidence: the loss is measured, the teacher's part is unknown. {attribution.teacher_unknown}"
    if None in (attribution.total, attribution.mix, attribution.within, attribution.teacher):
        return "Fair confidence: the loss is measured, but not every part of it."
    if attribution.teacher is not None and attribution.teacher_inferred:
        teacher = attribution.teacher
        told = "within chance" if teacher.low <= 0 <= teacher.high else "no cause"
        part = f"the teacher's part, inferred at {teacher.figure('+.3f')}, is {told}"
        return f"High confidence: the loss is measured on these pairs; {part}."
    if pinned[0] < pinned[1]:
        told = f"the teacher's part on the {pinned[0]:,} of {pinned[1]:,} that the pinned revision scored"
        return f"High confidence: the loss is measured on these pairs, {told}."
    return "High confidence: every part of the verdict is measured on these pairs."
