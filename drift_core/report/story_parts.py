"""The six parts of the story, each a function of the diagnosis: a sentence, its number, what else is to be known."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.open_verdict_in_words import EITHER
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import order_by_loss
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.operations.missing_scores import MISSING
from drift_core.operations.set_aside import ODD
from drift_core.options.next_action import NextAction
from drift_core.options.option import Option
from drift_core.options.weigh import Options
from drift_core.report.confidence_words import confidence_of
from drift_core.report.nowhere import compared, nowhere
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.versions import FINDINGS
from drift_core.wording import counted

TEACHERS = ("teacher_drift", "query_and_teacher_drift")
# The part that tells a finding, by how its name begins or ends.
_TOLD_IN: Mapping[str, str] = MappingProxyType(
    {"weak_student": "promised", "harder_region": "where"}
    | dict.fromkeys(
        ("teacher_revised", "teacher_revised_in", *FINDINGS.values(), "mix_moved", "label_shares_moved"), "why"
    )
    | {"student_gives_one_label": "why", "student_leans": "why"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart:
    """One part of the story.

    Attributes
    ----------
    name, question
        "promised", "happened", "where", "since", "why" or "next", and what it answers.
    sentence
        The answer in plain words.
    figure, interval, label
        Its number, the interval of it in brackets, and what the number is; empty where there is none.
    lines
        What else is to be known, a sentence each.
    is_marked
        Whether its number is the bad news.
    """

    name: str
    question: str
    sentence: str
    figure: str = ""
    interval: str = ""
    label: str = ""
    lines: tuple[str, ...] = ()
    is_marked: bool = False


def promised(diagnosis: Diagnosis) -> StoryPart:
    """What held-out showed before the student shipped."""
    heldout = diagnosis.spread.heldout
    figure, interval = figure_of(heldout)
    size = _size(diagnosis.heldout)
    is_weak = any(each.name == "weak_student" for each in diagnosis.findings)
    sentence = f"When it was checked, the student agreed with its teacher{' only in part' if is_weak else ''}."
    if isinstance(heldout, Unmeasured):
        sentence = f"How well the student agreed with its teacher when it was checked is unknown. {heldout.reason}"
    return StoryPart(
        name="promised",
        question="What was promised",
        sentence=sentence,
        figure=figure,
        interval=interval,
        label="agreement on held-out pairs",
        lines=(f"Measured on {size}, held out from training.", *_findings(diagnosis, "promised")),
    )


def happened(diagnosis: Diagnosis) -> StoryPart:
    """What production shows today."""
    spread = diagnosis.spread
    figure, interval = figure_of(spread.production)
    on = "On the pairs that have scores" if _is_incomplete(diagnosis) else "On today's traffic"
    words = {
        "fell": f"{on} it agrees less.",
        "held": f"{on} it agrees as well as it did.",
        "cannot tell": "Whether it agrees less on today's traffic, these samples leave open.",
    }
    moved = spread.spread
    told = f"Held-out minus production: {moved:+.3f}." if isinstance(moved, Measured) else moved.reason
    return StoryPart(
        name="happened",
        question="What happened",
        sentence=" ".join(filter(None, (words[spread.reading], _reworded(diagnosis), _crossing(diagnosis)))),
        figure=figure,
        interval=interval,
        label="agreement on the pairs that have scores" if on.startswith("On the") else "agreement on today's traffic",
        lines=(f"Measured on {_size(diagnosis.production)}.", told, *_findings(diagnosis, "happened")),
    )


def _reworded(diagnosis: Diagnosis) -> str:
    """That today's queries are worded otherwise, all of them; else empty."""
    is_so = any(each.name == "queries_reworded" for each in diagnosis.findings)
    return "Production's queries look unlike held-out's." if is_so else ""


def _crossing(diagnosis: Diagnosis) -> str:
    """How many pairs change side at a fixed threshold, where a scale moved; else empty."""
    crossing = diagnosis.crossing
    if crossing is None:
        return ""
    n, of = int(crossing.figures["n_crossing"]), len(diagnosis.production)
    return f"At a fixed threshold {n:,} of {counted(of, 'pair changes', 'pairs change')} side."


def where(diagnosis: Diagnosis) -> StoryPart:
    """The region that carries most of the loss, or that none does."""
    drifted = leading_drifted(diagnosis)
    if not drifted:
        return StoryPart(
            name="where",
            question="Where",
            sentence=nowhere(diagnosis),
            lines=(compared(diagnosis), *_findings(diagnosis, "where")),
        )
    worst, name = drifted[0], name_of(drifted[0])
    figure, interval = figure_of(worst.production)
    before = f"Held-out, same region: {worst.heldout}." if isinstance(worst.heldout, Measured) else ""
    if worst.is_new:
        before = "Held-out has too little of it to have checked it."
    return StoryPart(
        name="where",
        question="Where",
        sentence=_place(diagnosis, drifted),
        figure=figure,
        interval=interval,
        label=f"agreement in {name}" if figure else "",
        lines=tuple(filter(None, (diagnosis.regions_sentence, before, *_findings(diagnosis, "where")))),
    )


def why(diagnosis: Diagnosis) -> StoryPart:
    """The cause in plain words, and the part of the loss that it carries."""
    label, part = _main_part(diagnosis)
    figure, interval = ("", "") if part is None else figure_of(part, "+.3f")
    told = (diagnosis.spread.sentence, *(finding.sentence for finding in diagnosis.findings))
    seen = [line.sentence for line in diagnosis.verdict.evidence if line.supports and line.sentence not in told][:2]
    return StoryPart(
        name="why",
        question="Why",
        sentence=_cause(diagnosis),
        figure=figure,
        interval=interval,
        label=label if figure else "",
        lines=(
            *seen,
            *_findings(diagnosis, "why"),
            confidence_of(diagnosis),
        ),
    )


def next_part(routes: Options, action: NextAction, cost: str) -> StoryPart:
    """What to do, what it is expected to give, and its price."""
    option = _chosen(routes, action)
    way = option.way
    figure, interval = figure_of(option.agreement)
    labels = {
        "retrain": "expected agreement after retraining, at best",
        "route": "expected agreement with routing",
        "nothing": "agreement on today's traffic",
    }
    return StoryPart(
        name="next",
        question="What we do, and what it costs",
        sentence=f"{action.title}.",
        figure=figure,
        interval=interval,
        label=labels[way] if figure else "",
        lines=tuple(filter(None, (action.reason, cost))),
    )


def cost_of(routes: Options, action: NextAction, price: str) -> str:
    """What the chosen way costs, in words; `price` is what the retrain list costs, where that is known."""
    option = _chosen(routes, action)
    if action.page == "samples":
        return "Nothing else is to be paid for before that."
    if option.way == "nothing":
        return "It costs nothing but the weekly canary."
    known = "" if option.price in ("–", "0") else f"{option.title}: {option.price}, without the training itself."
    if not known and not price:
        return "The price is open until the teacher's price, the student's price and the calls a week are entered."
    return " ".join(filter(None, (known, price, option.note)))


def _chosen(routes: Options, action: NextAction) -> Option:
    way = {"retrain": "retrain", "costs": "route"}.get(action.page, "nothing")
    return next(each for each in routes.options if each.way == way)


def leading_drifted(diagnosis: Diagnosis) -> tuple[Region, ...]:
    """Drifted regions of the partition that tells most, the one that carries most of the loss first."""
    return tuple(region for region in order_by_loss(diagnosis.regions.leading) if region.drifted)


def _place(diagnosis: Diagnosis, drifted: tuple[Region, ...]) -> str:
    worst, name = drifted[0], name_of(drifted[0])
    share = f"{worst.share_production:.0%} of today's traffic"
    if diagnosis.verdict.cause in TEACHERS:
        return f"In {name}, {share}." if diagnosis.revised_alone else f"All traffic fell, and most in {name}, {share}."
    if worst.is_harder:
        return f"In {name}, {share}, where the student always erred more."
    kind = {"doc": "docs", "query": "traffic", "slice": "traffic"}[worst.kind]
    return f"In {worst.newness} {kind}: {name}, {share}.".replace("  ", " ")


def _cause(diagnosis: Diagnosis) -> str:
    cause, drifted = diagnosis.verdict.cause, leading_drifted(diagnosis)
    named = {
        "query_drift": "The student no longer follows its teacher on part of the traffic.",
        "teacher_drift": "The teacher changed, and the student still follows the old one.",
        "query_and_teacher_drift": "Both changed: the traffic, and the teacher that the student follows.",
        "document_drift": "The docs changed to a kind that the student does not know.",
        "inconclusive": "These samples do not tell the cause.",
    }
    if cause == "query_drift" and drifted and all(each.newness == "new" for each in drifted):
        return "The traffic changed: this part is new, and the student was never checked on it."
    if cause == "healthy":
        return _no_drift(diagnosis)
    if diagnosis.verdict.or_student:
        both = "" if cause == "teacher_drift" else "The traffic changed, and all of it lost. "
        return f"{both}Either {EITHER}. Which of them, no score tells yet."
    inferred = diagnosis.verdict.inferred and cause in TEACHERS
    return f"{named[cause]}{' The teacher is inferred, not measured.' if inferred else ''}"


def _no_drift(diagnosis: Diagnosis) -> str:
    moved = diagnosis.moved_calibration
    yet = moved and f" Yet {moved}: no threshold on the student's score keeps its errors."
    if any(each.name == "mix_moved" for each in diagnosis.findings):
        return f"Nothing is broken: more of the traffic is of kinds on which the student always was weaker.{yet}"
    if diagnosis.spread.reading == "fell":
        why = "new traffic no weaker than usual, or a narrower range of scores, explains the fall."
        return f"No drift was found: {why}{yet}"
    by = diagnosis.calibration.held_by if diagnosis.calibration else ""
    return f"No drift was found by {by}.{yet}" if yet else "No drift was found: nothing beyond chance is at work."


def _main_part(diagnosis: Diagnosis) -> tuple[str, Measured | None]:
    parts, cause = diagnosis.attribution, diagnosis.verdict.cause
    if cause == "healthy" and any(each.name == "mix_moved" for each in diagnosis.findings):
        return "agreement lost because traffic moved", parts.mix
    if cause == "teacher_drift":
        lost = "on familiar traffic" if diagnosis.verdict.or_student else "to the teacher's revision"
        return f"agreement lost {lost}", parts.teacher
    if (
        cause == "query_and_teacher_drift"
        and parts.teacher is not None
        and (parts.within is None or parts.teacher.estimate > parts.within.estimate)
    ):
        lost = "on familiar traffic" if diagnosis.verdict.or_student else "to the teacher's revision"
        return f"agreement lost {lost}, the larger part", parts.teacher
    if cause in ("query_drift", "document_drift", "query_and_teacher_drift"):
        return "agreement lost inside regions", parts.within
    return "agreement lost in all", parts.total


def _findings(diagnosis: Diagnosis, part: str) -> tuple[str, ...]:
    """Findings that belong to a part and that the headline does not say already."""
    return tuple(each.sentence for each in diagnosis.other_findings if _TOLD_IN.get(each.name, "happened") == part)


def figure_of(value: Measurement, style: str = ".2f") -> tuple[str, str]:
    """The number and its interval in brackets, as they are said everywhere; empty where unmeasured."""
    if isinstance(value, Unmeasured):
        return "", ""
    _, opening, interval = f"{value:{style}}".partition("(")
    return value.figure(style), opening + interval


def name_of(region: Region) -> str:
    return region.label


def _is_incomplete(diagnosis: Diagnosis) -> bool:
    """Whether some of production's scores are missing or set aside."""
    return any(each.name in (MISSING, *ODD) for each in diagnosis.findings)


def _size(sample: ScoredPairs) -> str:
    queries = counted(sample.n_queries, "query", "queries")
    return f"{counted(sample.n_pairs, 'pair', 'pairs')} of {queries}"
