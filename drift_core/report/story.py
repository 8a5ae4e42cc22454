"""The story of a diagnosis for who decides: six parts in plain words, each with its number.

What is shown, printed and presented is this one object; every figure in it is the diagnosis's own.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.measured import Measured
from drift_core.measures.rank_gaps import pair_gaps, rank_gaps
from drift_core.options.next_action import NextAction, next_action
from drift_core.options.weigh import Options
from drift_core.report import story_parts, story_times
from drift_core.report.confidence_words import confidence_of
from drift_core.report.story_parts import StoryPart
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.score_kind import AGREEMENT_IS, Measure
from drift_core.wording import counted, one_line, shortened, whole_sentences

N_EXAMPLES, EXAMPLE_LENGTH = 3, 160
NAME_LENGTH, HEADLINE_LENGTH, REASON_LENGTH = 60, 200, 600
Lead = Literal["held", "fell", "open"]
_ANSWERS: dict[Measure, str] = {"Spearman": "rank", "same label": "label", "area under the curve": "answer"}
_FAR: dict[Measure, str] = {
    "Spearman": "that they rank furthest apart",
    "same label": "with another label",
    "area under the curve": "on which their answers lie furthest apart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A pair that teacher and student rank far apart."""

    query: str
    doc: str
    teacher: str
    student: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a stakeholder is told.

    Attributes
    ----------
    title, period
        What was compared, and the time that production spans; empty without times.
    headline, reason, confidence
        The verdict in one sentence, what it is told from, and how sure it is.
    state
        Whether the student is as good as promised: "held", "fell" or "open".
    parts
        What was promised, what happened, where, since when, why, what we do and what it costs.
    examples
        Pairs that teacher and student rank furthest apart, of drifted regions where there are any.
    are_drifted
        Whether the examples lie in drifted regions.
    measure
        What agreement is.
    action, cost
        The one thing to do next, and what it costs.
    more
        What the reason goes on with, for the evidence; mostly empty.
    """

    title: str
    period: str
    headline: str
    reason: str
    confidence: str
    state: Lead
    parts: tuple[StoryPart, ...]
    examples: tuple[Example, ...]
    are_drifted: bool
    action: NextAction
    cost: str
    measure: Measure = "Spearman"
    more: str = ""

    @property
    def caveat(self) -> str:
        return AGREEMENT_IS[self.measure]

    @property
    def answer(self) -> str:
        """What the examples show of each side."""
        return _ANSWERS[self.measure]

    @property
    def examples_title(self) -> str:
        """What the examples are."""
        among = ", in drifted regions" if self.are_drifted else ""
        what = _FAR[self.measure]
        return f"{counted(len(self.examples), 'pair', 'pairs')} {what}{among}"


def tell_story(
    diagnosis: Diagnosis, *, routes: Options, price: str = "", revisions: tuple[str, str] = ("", "")
) -> Story:
    """Tell a diagnosis in six parts.

    Parameters
    ----------
    routes
        The options with their prices; what `weigh_options` gives.
    price
        A sentence on what the retrain list costs, where more is known of it than the options say.
    revisions
        The teacher's pinned and current revision, empty where unknown.
    """
    action = next_action(diagnosis, routes)
    states: dict[str, Lead] = {"healthy": "held", "inconclusive": "open"}
    cost = story_parts.cost_of(routes, action, price)
    state: Lead = "open" if diagnosis.moved_calibration else states.get(diagnosis.verdict.cause, "fell")
    where = story_parts.where(diagnosis)
    told = f"{diagnosis.verdict.reason} {diagnosis.regions.same_pairs}".rstrip()
    reason = whole_sentences(told, REASON_LENGTH)
    return Story(
        title=" → ".join(shortened(one_line(s.name), NAME_LENGTH) for s in (diagnosis.heldout, diagnosis.production)),
        period=story_times.period(diagnosis.production),
        headline=shortened(diagnosis.verdict.headline, HEADLINE_LENGTH),
        reason=reason,
        more="" if reason.endswith("…") else one_line(told)[len(reason) :].strip(),
        confidence=confidence_of(diagnosis),
        state=state,
        parts=(
            story_parts.promised(diagnosis),
            replace(story_parts.happened(diagnosis), is_marked=state == "fell"),
            replace(where, is_marked=bool(where.figure)),
            story_times.since(diagnosis, revisions),
            story_parts.why(diagnosis),
            story_parts.next_part(routes, action, cost),
        ),
        examples=find_examples(diagnosis),
        are_drifted=bool(diagnosis.drifted.any()),
        action=action,
        cost=cost,
        measure=diagnosis.spread.measure,
    )


def drifted_masks(diagnosis: Diagnosis) -> dict[str, np.ndarray]:
    """Pairs of each drifted region of the partition that tells most, by its name, bool of shape (n_production,)."""
    labels = {partition.name: partition.production for partition in diagnosis.regions.partitions}
    return {each.name: labels[each.partition] == each.index for each in diagnosis.regions.leading if each.drifted}


def find_examples(diagnosis: Diagnosis) -> tuple[Example, ...]:
    """The pairs furthest apart, of drifted regions where there are any, one a query."""
    sample = diagnosis.production
    gaps = pair_gaps(sample)
    among = np.flatnonzero(diagnosis.drifted) if diagnosis.drifted.any() else np.arange(len(sample))
    order = among[np.argsort(-np.abs(gaps[among]), kind="stable")]
    order = order[gaps[order] != 0]
    shown = _answers(sample)
    first: dict[str, int] = {}
    for row in order.tolist():
        first.setdefault(sample.query[row], row)
        if len(first) == N_EXAMPLES:
            break
    return tuple(
        Example(
            query=_short(sample.query[row]),
            doc="" if sample.doc is None else _short(sample.doc[row]),
            teacher=shown[0][row],
            student=shown[1][row],
        )
        for row in first.values()
    )


def _answers(sample: ScoredPairs) -> tuple[list[str], list[str]]:
    """What teacher and student say of each pair: its rank, their label, or an answer and its probability."""
    if not sample.kind.is_ranked:
        return sample.kind.written(sample.teacher).tolist(), sample.kind.written(sample.student).tolist()
    if sample.kind.is_answered:
        return [sample.kind.labels[int(one)] for one in sample.teacher], [f"{one:.2f}" for one in sample.student]
    ranks, n = rank_gaps(sample.student, sample.teacher), len(sample)
    teacher, student = ([f"{rank:,.0f} of {n:,}" for rank in side] for side in (ranks.teacher, ranks.student))
    return teacher, student


def _short(text: object) -> str:
    return shortened(one_line(str(text)), EXAMPLE_LENGTH)


def agreements(diagnosis: Diagnosis) -> dict[str, Measured]:
    """What stands on the scale of agreement: held-out, production, and the drifted region that carries most."""
    rows = {"held-out": diagnosis.spread.heldout, "production": diagnosis.spread.production}
    worst = story_parts.leading_drifted(diagnosis)
    if worst:
        rows[shortened(worst[0].name)] = worst[0].production
    return {name: value for name, value in rows.items() if isinstance(value, Measured)}
