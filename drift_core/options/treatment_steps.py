"""The treatment in its order, with what is done already."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drift_core.causes import Cause
from drift_core.tables.problem import ONE_QUERY, RANGE_CUT

if TYPE_CHECKING:
    from drift_core.options.expected_agreement import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentStep:
    """One thing to do.

    Attributes
    ----------
    name
        "keep", "leave", "route", "decide", "recalibrate", "measure", "canary", "pinned_scores", "list", "rescore",
        "retrain", "compare" or "pin".
    title
        What to do, in a few words.
    reason
        Why, or how.
    command
        The command that does it, empty where there is none.
    page
        The app's page for it, empty where there is none.
    is_done
        Whether what is known of the investigation shows it done.
    is_next
        Whether it is the one that `next_action` recommends.
    """

    name: str
    title: str
    reason: str
    command: str = ""
    page: str = ""
    is_done: bool = False
    is_next: bool = False


_ROUTE = TreatmentStep(
    name="route",
    title="Let the teacher answer the drifted regions",
    reason="Their calls go to the teacher from now on, all others stay with the student. A retraining is not expected "
    "to be the better way; where you choose it all the same, begin with the retrain list.",
    page="costs",
)
_LEAVE = TreatmentStep(
    name="leave",
    title="Keep the student",
    reason="Agreement is above the floor that you set, so the drift is left as it is.",
    is_done=True,
)
_CANARY = TreatmentStep(
    name="canary",
    title="Make a weekly measurement block releases",
    reason="Agreement and overlap on a fresh production sample of 100 to 500 pairs, in the release gate itself.",
    command="canary",
    page="canary",
)
_RECALIBRATE = TreatmentStep(
    name="recalibrate",
    title="Recalibrate the student, and set thresholds again",
    reason="Its answers are fine, so nothing needs retraining; its probabilities and every threshold on them are not.",
    command="calibrate",
)
_THRESHOLDS = TreatmentStep(
    name="thresholds",
    title="Set thresholds again",
    reason="Its order is fine, so nothing needs retraining; but a scale moved, and at a fixed threshold pairs change "
    "side. The command sets them: --passes-from is the teacher's score from which a pair passes, --max-misses how many "
    "may be lost.",
    command="calibrate",
    page="spread",
)
_PINNED = TreatmentStep(
    name="pinned_scores",
    title="Score with the pinned revision first",
    reason="A familiar region fell, and the teacher may be why: a retraining on its scores would copy that. Draw what "
    "the verdict asks for, and bring that file with these scores in a column teacher_pinned as production.",
    command="sample",
    page="samples",
)
_STUDENT = TreatmentStep(
    name="student_scores",
    title="Score with the student again first",
    reason="The teacher was revised, or the scores are another student's or stale: then no retraining helps. Diagnose "
    "held-out against production with fresh scores; where agreement is as low, score with the pinned revision too.",
    command="score",
    page="samples",
)
_MEND = TreatmentStep(
    name="student_scores",
    title="Mend the texts first",
    reason="The student was shown texts that are broken or cut off. Mend what makes them, which costs no call of the "
    "teacher, score these pairs again with the student, and diagnose: a retraining would learn the fault.",
    command="score",
    page="samples",
)
BEFORE = {"pinned": _PINNED, "student": _STUDENT, "mend": _MEND}  # a retraining that waits, by the way
OF_PART = {  # of samples that were compared in part, in this order
    RANGE_CUT: TreatmentStep(
        name="measure",
        title="Draw a sample of all that the student scored",
        reason="Only a range of its scores was drawn, inside which agreement is low by construction.",
        command="sample",
        page="samples",
    ),
    ONE_QUERY: TreatmentStep(
        name="decide",
        title="Find out what asks the query that was set aside",
        reason="A bot, a test or a loop stays out of the log; real traffic is a topic of its own, measured apart. "
        "Where it is held-out's, draw held-out over more queries.",
    ),
}
_NOISE = TreatmentStep(
    name="measure",
    title="Make the teacher repeatable there first",
    reason="In the drifted regions its own runs differ as much as the student does, so a retraining wins nothing. "
    "Average several runs of each pair, or mend its prompt, and diagnose again.",
)
OF_HELDOUT = TreatmentStep(  # where the query that was set aside is held-out's alone
    name="measure",
    title="Draw held-out over more queries",
    reason="One query outweighs all others there; fewer of its pairs will do.",
    command="sample",
    page="samples",
)
_SETTLE = TreatmentStep(
    name="measure",
    title="Settle it first",
    reason="Acting on chance costs a retraining; the verdict says which scores or pairs would settle it.",
)
_DECIDE = TreatmentStep(
    name="decide",
    title="Decide whether the weaker regions are good enough",
    reason="The student is as good as ever, but more of the traffic now lies where it always was weaker. If that is "
    "not good enough, retrain on these regions.",
)
_RETRAINING = (
    TreatmentStep(
        name="list",
        title="Draw the retrain list",
        reason="Production pairs, every region with its part, drifted ones more. Not held-out pairs: those measure "
        "the old traffic more precisely.",
        command="manifest",
        page="retrain",
    ),
    TreatmentStep(
        name="rescore",
        title="Re-score the list",
        reason="With the current teacher, one revision for the whole list.",
        command="rescore",
        page="rescore",
    ),
    TreatmentStep(
        name="retrain",
        title="Retrain the student",
        reason="Fine-tune it on the re-scored list for one epoch, not from scratch.",
        command="retrain",
    ),
    TreatmentStep(
        name="compare",
        title="Compare before and after",
        reason="Student before and student after on the same pairs; a region that got worse blocks the release.",
        command="compare",
        page="comparison",
    ),
)


def treatment_steps(
    cause: Cause,
    *,
    findings: Collection[str] = (),
    pinned_revision: str = "",
    done: Collection[str] = (),
    way: "Step | None" = None,
) -> tuple[TreatmentStep, ...]:
    """List the treatment of a cause in the pattern's order, with the step that is recommended next.

    Parameters
    ----------
    findings
        Names of the findings.
    pinned_revision
        The teacher's revision that the student was trained against, empty where it is not recorded.
    done
        Names of the steps that are known to be done; where a list is re-scored, it was drawn.
    way
        What `next_action` recommends; of drift by default retraining; "pinned", "student" and "mend" are a retraining
        that waits for scores of the pinned revision, of the student itself, or of texts that are mended; "settle" puts
        what an open verdict waits for before all else; "heldout" draws held-out again where one query of it was set
        aside.
    """
    pin = TreatmentStep(
        name="pin",
        title="Pin the teacher's revision",
        reason=f"The student was trained against {pinned_revision}; another revision is a reason to retrain."
        if pinned_revision
        else "Record which revision the student was trained against; another one is a reason to retrain.",
        command="card pin",
        page="card",
        is_done=bool(pinned_revision),
    )
    found = (*_first(cause, findings, way), pin)
    known = {*done, *(("list",) if "rescore" in done else ())}
    steps = [replace(step, is_done=step.is_done or step.name in known) for step in found]
    retraining = {step.name for step in (*BEFORE.values(), *_RETRAINING)} & {step.name for step in steps}
    due = (step.title for step in steps if not step.is_done and (not retraining or step.name in retraining))
    following = next(due, None)
    return tuple(replace(step, is_next=step.title == following) for step in steps)


def _first(cause: Cause, findings: Collection[str], way: "Step | None") -> tuple[TreatmentStep, ...]:
    """All steps but the pin, which is the last for every cause."""
    part = [OF_PART[each] for each in OF_PART if each in findings]
    if way == "heldout":
        part = [OF_HELDOUT if each is OF_PART[ONE_QUERY] else each for each in part]
    if cause == "inconclusive" and (not part or way == "settle"):
        return (_SETTLE, *part, _CANARY)
    if cause in ("healthy", "inconclusive") and part:
        return (*part, _CANARY)
    if cause == "healthy" and (moved := _moved(findings)):
        return (*moved, _CANARY)
    if cause == "healthy":
        keep = TreatmentStep(name="keep", title="Keep the student", reason="Nothing needs retraining.", is_done=True)
        return (keep, _CANARY)
    if way == "route":
        return (_ROUTE, _CANARY)
    if way in ("nothing", "noise"):
        return (_LEAVE if way == "nothing" else _NOISE, _CANARY)
    before = (BEFORE[way],) if way in BEFORE else ()
    return (*before, _CANARY, *_RETRAINING)


def _moved(findings: Collection[str]) -> list[TreatmentStep]:
    """What no drift leaves to do: calibration or thresholds, then traffic that moved."""
    has_scale_moved = any(each.endswith("_scale_moved") for each in findings)
    steps = [_RECALIBRATE] if "calibration_moved" in findings else [_THRESHOLDS] if has_scale_moved else []
    return [*steps, *([_DECIDE] if "mix_moved" in findings else [])]
