"""Why the check on held-out stays green while production falls, as far as the verdict tells what changed."""

from collections.abc import Iterator

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.region import Region
from drift_core.report.story_parts import TEACHERS, leading_drifted, name_of


def why_heldout_is_green(diagnosis: Diagnosis | None) -> str:
    """Say what of the fall held-out cannot show; without a verdict, or with an open one, no cause is named."""
    snapshot = "Held-out's pairs and scores are from before the student shipped."
    told = " ".join(_changed(diagnosis)) if diagnosis else ""
    look = "" if diagnosis else " The verdict says what that is."
    return f"{snapshot} {told or 'What changed since is not in them.'} So its check stays green.{look}"


def _changed(diagnosis: Diagnosis) -> Iterator[str]:
    cause, drifted = diagnosis.verdict.cause, leading_drifted(diagnosis)
    if diagnosis.part is not None:
        yield f"What broke, {diagnosis.part.name}, is not in them."
    elif cause == "document_drift":
        yield "Docs of the kind that production has now are not in them."
    elif "query" in cause and drifted:
        yield _of_region(drifted[0])
    if cause in TEACHERS and diagnosis.verdict.or_student:
        yield "They are from before the teacher was revised, or another student ran."
    elif cause in TEACHERS:
        yield "They hold the scores of the teacher of before, whom the student follows."


def _of_region(region: Region) -> str:
    name = name_of(region)
    if region.is_new:
        return f"They have too little of {name} to tell."
    if region.is_harder:
        return f"They have less of {name}, where the student always erred more."
    return f"They have {name} too, as it was then."
