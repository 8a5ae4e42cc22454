"""The one thing to do next after a diagnosis: the same words on the page and in the report."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drift_core.measured import Measured, Unmeasured
from drift_core.options.treatment_steps import BEFORE, OF_HELDOUT, OF_PART
from drift_core.regions.revision_effect import N_NAMED
from drift_core.samples.next_in_words import is_of_all, is_to_mend, is_to_score_again
from drift_core.tables.problem import ONE_QUERY, RANGE_CUT
from drift_core.wording import in_a_row, in_quotes

if TYPE_CHECKING:
    import numpy as np

    from drift_core.diagnosis.diagnosis import Diagnosis
    from drift_core.options.expected_agreement import Step, Way
    from drift_core.options.weigh import Options
    from drift_core.samples.settling import Settling

_LEAVE: "Way" = "nothing"
MORE = "Bring more pairs"
_LABELS = {  # of the way to what settles an open verdict, by its aim
    "missing": "Bring the missing scores",
    "student": "Bring the new scores",
    "pinned": "Bring pinned scores",
    "part": "Bring the part",
}
JUDGED = (
    "Have people judge {some} before you copy them (distillation-drift review draw): a retraining repeats what today's "
    "teacher gives, right or wrong."
)
NO_COPY = "Score it several times a pair and average, or mend its prompt; a retraining on one run copies the noise."
_OWN = ("missing", "student")  # what an open verdict itself waits for, in whatever part it was compared


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """What to do next.

    Attributes
    ----------
    title, reason
        What to do in a few words, and why, with what it is expected to give.
    page, label
        The app's page for it, and what the way there is called.
    commands
        The commands for it, in their order; none where the page does it all.
    way
        Of drift: leaving it, routing, retraining, or scores before it, as `treatment_steps` takes it; "settle" where
        an open verdict waits for scores of its own; "heldout" for another held-out; None for all else.
    """

    title: str
    reason: str
    page: str
    label: str
    way: "Step | None" = None
    commands: tuple[str, ...] = ()

    def to_json(self) -> dict[str, str]:
        return {"title": self.title, "reason": self.reason}


def next_action(diagnosis: "Diagnosis", routes: "Options") -> NextAction:
    """Choose what to do next by the cause and by which way is the cheapest that reaches the floor.

    Drift is left alone only above a floor that somebody set, not above the rule's own, and not where a familiar region
    fell. The order is that of `treatment_steps`.
    """
    cause = diagnosis.verdict.cause
    told = {each.name: each for each in diagnosis.findings}
    drawing = next((f"{each.sentence} " for each in diagnosis.settling if each.aim == "drawing"), "")
    settling = _to_do(diagnosis) if cause == "inconclusive" else []
    is_own = bool(settling) and settling[0].aim in _OWN
    part = next((each for each in OF_PART if each in told), None)
    if part is not None and cause in ("healthy", "inconclusive") and not is_own:
        samples = {each.sample for each in diagnosis.findings if each.name == part}
        is_heldout = part == ONE_QUERY and samples == {"held-out"}
        step, label = OF_HELDOUT if is_heldout else OF_PART[part], "Bring another sample"
        way_on: Step | None = "heldout" if is_heldout else None
        return NextAction(title=step.title, reason=step.reason, page="samples", label=label, way=way_on)
    if settling and settling[0].aim == "heldout":
        title, label = "Draw a held-out from production", "Bring another sample"
        reason, commands = settling[0].sentence, settling[0].commands
        return NextAction(title=title, reason=reason, page="samples", label=label, commands=commands)
    if cause == "inconclusive":
        reason = settling[0].sentence if settling else "A larger sample of both would tell more."
        reason = f"{drawing}{reason}"
        way: Step | None = "settle" if is_own else None
        label = _LABELS.get(settling[0].aim, MORE) if settling else MORE
        return NextAction(title="Settle it first", reason=reason, page="samples", label=label, way=way)
    if diagnosis.moved_calibration and (calibration := diagnosis.calibration):
        title, label = "Recalibrate, do not retrain", "See the calibration"
        return NextAction(title=title, reason=calibration.next_step, page="spread", label=label)
    if cause == "healthy" and diagnosis.crossing is not None:
        title, label = "Keep the student, and set thresholds again", "See which pairs change side"
        reason = f"{diagnosis.crossing.sentence} {routes.sentence}"
        return NextAction(title=title, reason=reason, page="spread", label=label)
    if cause == "healthy" and "mix_moved" in told:
        title, label = "Decide whether the weaker regions are good enough", "Watch it week by week"
        reason = f"{told['mix_moved'].sentence} {routes.sentence}"
        return NextAction(title=title, reason=reason, page="canary", label=label)
    is_left_broken = any(each.is_familiar_fall for each in diagnosis.regions.drifted)
    is_floor_set = not is_left_broken and routes.floor != diagnosis.spread.floor(diagnosis.settings.rule)
    if cause == "healthy" or (routes.cheapest == "nothing" and is_floor_set):
        title, way = "Keep the student, and watch it", None if cause == "healthy" else _LEAVE
        return NextAction(title=title, reason=routes.sentence, page="canary", label="Watch it week by week", way=way)
    if diagnosis.to_score_again is not None:
        own, label = diagnosis.to_score_again, "Bring the new scores"
        first_of_all: Step = "mend" if is_to_mend(own.sentence) else "student"
        title, reason, way = BEFORE[first_of_all].title, f"{drawing}{own.sentence}", first_of_all
        return NextAction(title=title, reason=reason, page="samples", label=label, way=way, commands=own.commands)
    if diagnosis.to_pin is not None:
        title, label = BEFORE["pinned"].title, "Bring pinned scores"
        reason, commands = diagnosis.to_pin.sentence, diagnosis.to_pin.commands
        return NextAction(title=title, reason=reason, page="samples", label=label, way="pinned", commands=commands)
    if noise := next((each for each in routes.options if each.is_noise), None):
        title, label = "Make the teacher repeatable there first", "See what routing costs"
        assert isinstance(noise.agreement, Unmeasured)
        reason = f"{noise.agreement.reason} {NO_COPY} {routes.sentence}"
        return NextAction(title=title, reason=reason, page="costs", label=label, way="noise")
    if routes.cheapest == "route":
        title = "Let the teacher answer the drifted regions"
        label = "See what routing costs"
        return NextAction(title=title, reason=routes.sentence, page="costs", label=label, way="route")
    if routes.cheapest == "nothing":
        title = "Re-score and retrain, or leave it"
    else:
        is_open = RANGE_CUT not in told and _only_prices_are_open(routes)  # a floor says nothing of a part of the range
        title = "Re-score and retrain, or route" if is_open else "Re-score and retrain"
    label = "Draw the retrain list"
    first = in_a_row([in_quotes(each.name) for each in diagnosis.rescored_first[:N_NAMED]])
    docs = next((each for each in diagnosis.settling if each.aim == "student" and cause == "document_drift"), None)
    reason = (
        f"{routes.sentence} Score {first} again first: there the revision differs most." if first else routes.sentence
    )
    reason = f"{reason} {docs.sentence}" if docs else reason
    if "teacher" in cause:
        some = next((f"its answers on {each.name}" for each in diagnosis.revised_words), "some of its answers")
        reason = f"{reason} {JUDGED.format(some=some)}"
    return NextAction(title=title, reason=reason, page="retrain", label=label, way="retrain")


def what_to_score_again(diagnosis: "Diagnosis") -> "Settling | None":
    """What the student is to score again before all else, and what that tells; None where nothing."""
    is_open = diagnosis.verdict.cause == "inconclusive"
    found = _to_do(diagnosis) if is_open else [diagnosis.to_score_again]
    first = found[0] if found else None
    return first if first is not None and first.aim == "student" and is_to_score_again(first.sentence) else None


def pairs_to_score_again(diagnosis: "Diagnosis") -> "np.ndarray | None":
    """The production pairs that the student is to score again before all else.

    Returns
    -------
    numpy.ndarray or None
        bool of shape (n_production,): those of the parts that were served otherwise, or that fell; all where
        the sentence says so; None where nothing is to be scored again.
    """
    import numpy as np

    is_open, first = diagnosis.verdict.cause == "inconclusive", what_to_score_again(diagnosis)
    if first is None:
        return None
    cuts = {each.name: each.production for each in diagnosis.regions.partitions}
    drifted = [each for each in diagnosis.regions.regions if each.drifted and each.partition in cuts]
    of_docs = diagnosis.verdict.cause == "document_drift"
    fell = [] if is_open else [each for each in drifted if of_docs or each.is_familiar_fall]
    parts = [each for each in drifted if each.is_served] or fell
    if not parts or is_of_all(first.sentence):
        return np.ones(len(diagnosis.production), dtype=bool)
    return np.any([cuts[each.partition] == each.index for each in parts], axis=0)


def _to_do(diagnosis: "Diagnosis") -> "list[Settling]":
    """What would settle the verdict, but for what is asked or would overturn it."""
    return [each for each in diagnosis.settling if each.aim not in ("drawing", "overturn")]


def _only_prices_are_open(routes: "Options") -> bool:
    """Whether both ways are expected to reach the floor, and nobody knows which is cheaper."""
    paid = routes.options[1:]
    return routes.cheapest is None and all(
        each.is_open and isinstance(each.agreement, Measured) and each.agreement.estimate >= routes.floor
        for each in paid
    )
