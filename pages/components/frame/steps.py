"""The steps of the walk: their questions, their pages, and the state and figure that each shows everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from drift_core.agreement.rule import Band
from drift_core.agreement.spread import Reading, SpreadTest, band_of
from drift_core.agreement.top_k import TopKTest
from drift_core.canary.assessment import WeekAssessment
from drift_core.canary.status import lowered_from
from drift_core.comparison.compare import Comparison
from drift_core.comparison.sentences import OUTCOME_WORDS, worse_in_short
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.errors import DriftError
from drift_core.gate.gate_decision import GateDecision
from drift_core.judge_card.completeness import CardCheck, check_card
from drift_core.measured import Measured
from drift_core.options.costs import CanaryCosts
from drift_core.report.nowhere import everywhere
from pages.components.canary import canary_history
from pages.components.card import card_open
from pages.components.comparison import comparison_open
from pages.components.costs import cost_prices
from pages.components.gate import gate_reading
from pages.components.rescore import rescore_open
from pages.components.rescore.rescore_jobs import JobStatus
from pages.components.review import review_open
from pages.components.session import cached, recent, session
from pages.components.session.investigation import Investigation

State = Literal["not yet", "held", "fell", "cannot tell", "to check", "ready"]
START = "app.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One page of the walk; `question` is its title."""

    name: str
    label: str
    question: str
    needs_samples: bool = True

    @property
    def page(self) -> str:
        return START if self.name == "start" else f"pages/{self.name}.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """Where a step stands, with the one figure that says most, and whether that makes the state's word needless."""

    state: State
    figure: str = ""
    figure_is_enough: bool = False


_STEPS = (
    Step(name="start", label="Start", question="Does the student still agree with its teacher?", needs_samples=False),
    Step(name="samples", label="Samples", question="What are we comparing?", needs_samples=False),
    Step(name="spread", label="Spread", question="Has agreement fallen?"),
    Step(name="overlap", label="Overlap", question="Does it still promote the same pairs?"),
    Step(name="regions", label="Regions", question="Where does it disagree?"),
    Step(name="verdict", label="Verdict", question="What caused it, and how sure is that?"),
    Step(name="retrain", label="Retrain list", question="What should be re-scored?"),
)
# Pages that close the loop: from the retrain list to a student that is proved better.
LOOP = (
    Step(name="rescore", label="Re-score", question="What does the current teacher say?", needs_samples=False),
    Step(name="comparison", label="Before and after", question="Did retraining help?", needs_samples=False),
    Step(name="review", label="Review", question="Who is right where they differ?", needs_samples=False),
)
# Pages of a student that has shipped: they read the history of its weeks, not the two samples.
WATCH = (
    Step(name="canary", label="Canary", question="Is it still healthy, week by week?", needs_samples=False),
    Step(name="gate", label="Gate", question="May it ship?", needs_samples=False),
    Step(name="card", label="Judge card", question="What is this student?", needs_samples=False),
    Step(name="costs", label="Cost", question="What does the canary cost?", needs_samples=False),
)
# What is shown to others, with no step list around it; the verdict leads there.
_STAGE = Step(name="present", label="Present", question="What do we tell others?")
STEPS: Mapping[str, Step] = MappingProxyType({step.name: step for step in (*_STEPS, *LOOP, *WATCH, _STAGE)})
WALK = _STEPS[1:]

_WEEK_STATES: Mapping[str, State] = MappingProxyType({"quiet": "held", "alarm": "fell", "gap": "cannot tell"})
_READY_STATES: Mapping[str, State] = MappingProxyType(
    {"ready": "held", "not ready": "fell", "cannot tell": "cannot tell"}
)
_GATE_STATES: Mapping[str, State] = MappingProxyType({"pass": "held", "blocked": "fell", "inconclusive": "cannot tell"})
_SHORT_CAUSES: Mapping[str, str] = MappingProxyType(  # fits the sidebar
    {"query and teacher drift": "query, teacher", "teacher drift or another student": "teacher or student"}
    | {"query drift, and teacher drift or another student": "query and more"}
    | dict.fromkeys(("fall of a familiar region", "fall of familiar regions"), "region fell")
    | dict.fromkeys(
        ("teacher drift and fall of a familiar region", "teacher drift and fall of familiar regions"), "teacher, region"
    )
)
_BAND_STATES: Mapping[Band | None, State] = MappingProxyType(
    {"healthy": "held", "suspect": "fell", "confirmed": "fell", None: "cannot tell"}
)
_SPREAD_WORDS: Mapping[Reading, tuple[str, str]] = MappingProxyType(
    {
        "fell": ("Agreement fell.", "The cause is not known before the regions are compared."),
        "held": ("Agreement {verb} overall.", "Regions may still differ."),
        "cannot tell": ("These samples leave open whether agreement fell.", ""),
    }
)
_CAUSE_STATES: Mapping[str, State] = MappingProxyType({"healthy": "held", "inconclusive": "cannot tell"})


def step_states(inv: Investigation | None) -> dict[str, StepState]:
    """State of every step of the walk; the cheap tests are run for it, the regions only read where they have run."""
    if inv is None:
        return {step.name: StepState(state="not yet") for step in WALK}
    spread, top_k, made = cached.spread(inv), cached.top_k(inv), cached.ready_diagnosis(inv)
    undiagnosed = _before() if recent.verdict_before(inv) else StepState(state="not yet")
    return {
        "samples": StepState(
            state="ready", figure=f"{len(inv.heldout) + len(inv.production):,} pairs", figure_is_enough=True
        ),
        "spread": spread_state(spread),
        "overlap": overlap_state(top_k),
        "regions": undiagnosed if made is None else regions_state(made),
        "verdict": undiagnosed if made is None else verdict_state(made),
        "retrain": undiagnosed if made is None else retrain_state(made),
    }


def loop_states() -> dict[str, StepState]:
    """State of every page that closes the loop."""
    return {
        "rescore": rescore_state(rescore_open.status()),
        "comparison": _of_the_comparison(),
        "review": review_state(),
    }


def rescore_state(status: JobStatus | None) -> StepState:
    """How many pairs have a new score; open where some have none although nobody asks any more."""
    if status is None:
        return _nothing_yet()
    figure = f"{status.n_scored:,} of {status.n_pairs:,}"
    is_left = status.n_scored < status.n_pairs and not status.is_running
    return StepState(state="cannot tell" if is_left else "ready", figure=figure, figure_is_enough=True)


def _of_the_comparison() -> StepState:
    """A comparison that cannot be made is said by its page; here it cannot be told."""
    try:
        made = comparison_open.reading()
    except DriftError:
        return StepState(state="cannot tell", figure="not readable", figure_is_enough=True)
    return _nothing_yet() if made is None else comparison_state(made)


def review_state() -> StepState:
    """Open while pairs are left; then as it reads."""
    try:
        read = review_open.reading()
    except DriftError:
        return StepState(state="cannot tell", figure="not readable", figure_is_enough=True)
    if read is None:
        return _nothing_yet()
    figure = f"{read.result.n_answered:,} of {read.result.n_pairs:,}"
    status = read.readiness.status if read.readiness is not None else "ready"
    return StepState(state=_READY_STATES[status], figure=figure, figure_is_enough=True)


def comparison_state(made: Comparison) -> StepState:
    """Worse where any part is, counted as its page does; else as the whole reads."""
    worse = worse_in_short(made.outcome, made.parts)
    if worse:
        return StepState(state="fell", figure=worse, figure_is_enough=True)
    state: State = "cannot tell" if made.outcome == "cannot tell" else "held"
    return StepState(state=state, figure=OUTCOME_WORDS[made.outcome].lower(), figure_is_enough=True)


def watch_states() -> dict[str, StepState]:
    """State of every page of a student that has shipped."""
    opened = card_open.current()
    return {
        **_of_the_history(),
        "card": card_state(check_card(opened.card)) if opened else _nothing_yet(),
        "costs": costs_state(cost_prices.found()),
    }


def history_name() -> str:
    """What the open history is called, which may be another's than the open samples; empty where none is open."""
    opened = canary_history.current()
    return "" if opened is None else opened.name


def _of_the_history() -> dict[str, StepState]:
    """A history that cannot be read any more is said by its pages; here it cannot be told."""
    try:
        read, answer = canary_history.reading(session.rule()), gate_reading.reading()
    except DriftError:
        return {name: StepState(state="cannot tell", figure="not readable") for name in ("canary", "gate")}
    return {
        "canary": canary_state(read.weeks if read is not None else ()),
        "gate": gate_state(answer.decision) if answer is not None else _nothing_yet(),
    }


def gate_state(decision: GateDecision) -> StepState:
    """As the gate answers; a pass by override says so."""
    figure = "override" if decision.override and decision.status == "pass" else decision.status
    return StepState(state=_GATE_STATES[decision.status], figure=figure, figure_is_enough=True)


def card_state(check: CardCheck) -> StepState:
    """Complete, or how much is open."""
    n_open = sum(gap.kind != "due" for gap in check.gaps)
    if check.is_complete:
        return StepState(state="held", figure="complete", figure_is_enough=True)
    return StepState(state="to check", figure=f"{n_open} open", figure_is_enough=True)


def costs_state(found: CanaryCosts | None) -> StepState:
    """What the canary costs a year."""
    if found is None:
        return _nothing_yet()
    return StepState(state="ready", figure=f"{found.canary_a_year:,.0f} a year", figure_is_enough=True)


def canary_state(weeks: Sequence[WeekAssessment]) -> StepState:
    """As the newest week reads; a calm at a lower level, or with moved calibration, is to be checked."""
    if not weeks:
        return StepState(state="not yet")
    status, figure = weeks[-1].status, weeks[-1].run.agreement
    shown = f"{status} · {figure.figure()}" if isinstance(figure, Measured) and status != "gap" else status
    is_doubted = bool(lowered_from(weeks)) or weeks[-1].run.has_moved_calibration
    state = "to check" if status == "quiet" and is_doubted else _WEEK_STATES[status]
    return StepState(state=state, figure=shown, figure_is_enough=True)


def _nothing_yet(figure: str = "not yet") -> StepState:
    return StepState(state="not yet", figure=figure, figure_is_enough=True)


def _before() -> StepState:
    return _nothing_yet("seen before")


def spread_state(test: SpreadTest) -> StepState:
    figure = test.spread.figure("+.3f") if isinstance(test.spread, Measured) else ""
    return StepState(state=_BAND_STATES[band_of(test.reading, test.band)], figure=figure)


def overlap_state(test: TopKTest) -> StepState:
    state = _BAND_STATES[test.state]
    if test.no_top:
        return StepState(state=state, figure="not measured", figure_is_enough=True)
    if state != "fell" or not isinstance(overlap := test.at_best.overlap, Measured):
        return StepState(state=state)  # a low figure beside "held" reads as a fall
    return StepState(state=state, figure=overlap.figure())


def regions_state(made: Diagnosis) -> StepState:
    if everywhere(made):
        return StepState(state="fell", figure="everywhere", figure_is_enough=True)
    n = len(made.regions.drifted)
    figure = f"{n} drifted" if n else "none drifted"
    figure = state if (state := made.regions.reading) == "cannot tell" else figure
    return StepState(state=state, figure=figure, figure_is_enough=True)


def verdict_state(made: Diagnosis) -> StepState:
    cause = made.verdict.cause
    if made.moved_calibration:
        return StepState(state="to check", figure="recalibrate", figure_is_enough=True)
    figure = _SHORT_CAUSES.get(made.cause_in_words, made.cause_in_words)
    return StepState(state=_CAUSE_STATES.get(cause, "fell"), figure=figure, figure_is_enough=True)


def retrain_state(made: Diagnosis) -> StepState:
    """Ready, unless there is nothing to re-score or the cause, or the teacher's part in it, is to be settled first."""
    if made.verdict.cause == "inconclusive" or made.to_score_again is not None or made.to_pin is not None:
        first = "score again first" if made.to_score_again is not None else "cause open"
        figure = "pin first" if first == "cause open" and made.to_pin is not None else first
        return StepState(state="cannot tell", figure=figure, figure_is_enough=True)
    if made.verdict.cause == "healthy":
        return StepState(state="held", figure="none", figure_is_enough=True)
    return StepState(state="ready")


def verdict_so_far(inv: Investigation) -> str:
    """One line: the verdict where there is one, else what the cheap tests say and what was found before."""
    made = cached.ready_diagnosis(inv)
    if made is not None:
        return made.verdict.headline
    spread = cached.spread(inv)
    overall, rest = (words.format(verb=spread.verb) for words in _SPREAD_WORDS[spread.reading])
    before = recent.verdict_before(inv)
    if before:
        return f"{overall} Diagnosed before: {before}. Open Verdict to see it again."
    return f"{overall} {rest}".rstrip()
