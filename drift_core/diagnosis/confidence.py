"""How sure a verdict is, in words."""

from drift_core.diagnosis.cause import Verdict


def confidence_in_words(verdict: Verdict) -> str:
    """Say how sure a verdict is and what that rests on, in one sentence.

    Notes
    -----
    The words follow what the verdict rests on, not a probability: measured on the pairs, partly inferred, or left open.
    """
    if verdict.cause == "inconclusive":
        return "Low confidence: these samples leave open what happened."
    if verdict.inferred:
        return (
            "Fair confidence: the loss and its place are measured, the teacher's part is inferred from what else moved."
        )
    return "High confidence: every part of the verdict is measured on these pairs."
