"""Findings: facts worth telling that are no cause by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.agreement.spread import SpreadTest
from drift_core.calibration.calibration_test import CalibrationTest, gives_chances
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.region_statistics import RegionTests
from drift_core.distributions.dropped_values import DroppedValue, grade_moved
from drift_core.distributions.other_names import OtherName
from drift_core.distributions.pinned_traffic import EQUAL_SCORES, PinnedTraffic
from drift_core.measured import Measured
from drift_core.measures.agreement import agreement
from drift_core.measures.coarseness import Coarser, equally_coarse
from drift_core.measures.scale_shift import find_scale_move
from drift_core.measures.scores import Scores
from drift_core.operations.missing_scores import MISSING, MissingScores
from drift_core.operations.set_aside import TOLD_FIRST
from drift_core.regions.attribution import Attribution
from drift_core.regions.revision_effect import RevisedRegion, may_be_a_new_run, revised_sentence
from drift_core.samples.new_wording import new_wording
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.versions import FINDINGS, N_SHOWN, less_of, versions_between, versions_inside
from drift_core.tables.problem import Problem
from drift_core.wording import counted, one_line

A_RUN = " As many went up as down and agreement is no lower, so the noise of one teacher, run again, explains it too."


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact: a stable name, a sentence, the figures behind it, the sample it is of, and a clause for a headline."""

    name: str
    sentence: str
    figures: dict[str, float] = field(default_factory=dict)
    sample: Literal["held-out", "production"] | None = None
    clause: str = ""


def find_facts(
    heldout: Scores,
    production: Scores,
    *,
    spread: SpreadTest,
    pinned: PinnedTraffic,
    attribution: Attribution,
    regions: Sequence[Region],
    rule: Rule,
    wrong: Sequence[Finding] = (),
    missing: MissingScores | None = None,
    revised: Sequence[RevisedRegion] = (),
) -> tuple[Finding, ...]:
    """Collect the findings that the data support, in a fixed order: first what is wrong with the scores themselves."""
    found = (
        *wrong,
        None if missing is None else Finding(name=MISSING, sentence=missing.sentence, figures=missing.figures),
        *(_coarser(each) for each in equally_coarse(heldout, production)[2]),
        _few_queries(heldout, production, rule),
        _weak_student(spread, rule),
        _mix_moved(attribution, rule),
        _harder_region(regions, rule),
        _teacher_revised(pinned.scores, attribution.teacher, rule),
        Finding(name="pinned_uneven", sentence=pinned.told) if pinned.told else None,
        _revised_in(revised),
        None if gives_chances(heldout, production) else _scale_moved(heldout, production),
    )
    return tuple(finding for finding in found if finding)


def about_scores(
    heldout: ScoredPairs, production: ScoredPairs, dropped: Sequence[DroppedValue | OtherName] = ()
) -> tuple[Finding, ...]:
    """Say which scores are no answers, in another unit or could not be read, and that all queries look new.

    With the values that a side dropped, and answers under another name.
    """
    worded = new_wording(heldout.query, production.query)
    found = [] if worded is None else [Finding(name="queries_reworded", sentence=worded.sentence)]
    sides: tuple[tuple[ScoredPairs, Literal["held-out", "production"]], ...]
    sides = (production, "production"), (heldout, "held-out")
    for sample, word in sides:
        about = (*TOLD_FIRST, "huge_score", "infinite_score")
        for problem in (each for each in sample.problems if each.name in about):
            is_told = problem.name in TOLD_FIRST
            side = "student" if "student" in problem.message else "teacher"
            sentence = problem.message if is_told else f"In {word} {problem.message[:1].lower()}{problem.message[1:]}"
            share = problem.n_rows / _n_read(sample, problem)
            figures = {"n_rows": float(problem.n_rows), "share": share} | dict(problem.figures)
            name = problem.name if is_told else f"odd_{side}_scores"
            found.append(Finding(name=name, sentence=sentence, figures=figures, sample=word))
    found += [Finding(name=each.name, sentence=each.sentence, figures=each.figures) for each in dropped]
    return tuple(found)


def about_calibration(made: CalibrationTest | None) -> tuple[Finding, ...]:
    if made is None or made.finding is None:
        return ()
    return (Finding(name=made.finding, sentence=made.told, figures=made.figures),)


def _n_read(sample: ScoredPairs, problem: Problem) -> int:
    return len(sample) + problem.n_rows * problem.left_out


def about_versions(
    heldout: ScoredPairs, production: ScoredPairs, scores: Scores, tests: RegionTests, rule: Rule, *, is_new: np.ndarray
) -> tuple[Finding, ...]:
    """Say where a column tells that a version changed between the samples, or in production, with its agreement.

    It is told without the production pairs of new regions, `is_new`, where that can be measured: they are not of one
    version as of the other. A student is blamed where it errs more in regions that both serve.
    """
    changes = versions_between(heldout, production)
    found = [Finding(name=FINDINGS[each.whose], sentence=each.sentence) for each in changes]
    for each in versions_inside(production):
        shown = list(each.pairs.items())[:N_SHOWN]
        measured, known = (
            {version: agreement(scores.take(pairs & chosen), confidence=rule.confidence) for version, pairs in shown}
            for chosen in (np.ones(len(is_new), dtype=bool), ~is_new)
        )
        if is_apart := is_new.any() and all(isinstance(figure, Measured) for figure in known.values()):
            measured = known
        where = " on familiar traffic" if is_apart else ""
        mixed = ", new topics among them" if is_new.any() and not is_apart else ""
        told = "; ".join(f"{figure} under {one_line(version)}" for version, figure in measured.items())
        figures = {f"n_pairs {version}": float(pairs.sum()) for version, pairs in each.pairs.items()}
        of = {version: pairs & ~is_new if is_apart else pairs for version, pairs in shown}
        clause = less_of(of, measured, tests.errs_more) if each.whose == "student" else ""
        sentence = f"{each.sentence} Agreement{where} is {told}{mixed}; other figures are of all of them together."
        found.append(Finding(name=FINDINGS[each.whose], sentence=sentence, figures=figures, clause=clause))
    return tuple(found)


def _coarser(coarser: Coarser) -> Finding:
    sample, other = ("production", "held-out") if coarser.in_production else ("held-out", "production")
    return Finding(
        name=f"{coarser.side}_scores_coarser",
        sentence=f"The {coarser.side}'s scores are coarser in {sample}: {coarser.n_values:,} different scores, "
        f"{coarser.share:.0%} of pairs at {coarser.value:.6g} ({coarser.share_before:.0%} in {other}). Rounding or "
        "cutting off costs agreement by itself; errors are compared as if both samples were equally coarse.",
        figures={"share": coarser.share, "share_other": coarser.share_before, "n_values": float(coarser.n_values)},
    )


def _few_queries(heldout: Scores, production: Scores, rule: Rule) -> Finding | None:
    n = min(heldout.n_queries, production.n_queries)
    if n >= rule.few_queries:
        return None
    return Finding(
        name="few_queries",
        sentence=f"Only {counted(n, 'distinct query', 'distinct queries')} in one sample; intervals count queries and "
        "are wide.",
        figures={"n_queries_heldout": heldout.n_queries, "n_queries_production": production.n_queries},
    )


def _weak_student(spread: SpreadTest, rule: Rule) -> Finding | None:
    """Held-out agreement surely below what the pattern takes a region for that the student does not approximate."""
    if not isinstance(spread.heldout, Measured) or spread.heldout.high >= rule.region_suspect:
        return None
    return Finding(
        name="weak_student",
        sentence=f"Held-out agreement itself is low ({spread.heldout.figure()}): a weak student, not drift.",
        figures={"spearman_heldout": spread.heldout.estimate},
    )


def has_mix_moved(attribution: Attribution, rule: Rule) -> bool:
    """Whether other shares of the same regions cost agreement, surely and by more than a trifle."""
    mix = attribution.mix
    return mix is not None and mix.low > 0 and mix.estimate >= rule.smallest_loss


def _mix_moved(attribution: Attribution, rule: Rule) -> Finding | None:
    mix, total = attribution.mix, attribution.total
    if mix is None or total is None or not has_mix_moved(attribution, rule):
        return None
    figures = {"mix": mix.estimate}
    if total.estimate > 0:  # without a fall there is nothing to be a share of
        figures["share_of_fall"] = min(mix.estimate / total.estimate, 1.0)
    return Finding(
        name="mix_moved",
        sentence=f"Traffic moved to regions that were always weaker: {mix.figure('+.3f')} of the spread.",
        figures=figures,
    )


def _harder_region(regions: Sequence[Region], rule: Rule) -> Finding | None:
    """New regions that the student knows less well than the rest, but no less than some familiar ones."""
    usual = [region for region in regions if region.is_usual and isinstance(region.fall, Measured)]
    fallen = [region for region in usual if region.fall.estimate >= rule.region_loss]  # type: ignore[union-attr]
    harder = sorted(fallen, key=lambda region: -region.share_production)
    if not harder:
        return None
    first = harder[0]
    lower = first.production.figure() if isinstance(first.production, Measured) else "unmeasured"
    others = f", and {len(harder) - 1} more" if len(harder) > 1 else ""
    return Finding(
        name="harder_region",
        sentence=f"New traffic in {first.label} ({first.share_production:.0%}{others}) agrees less ({lower}) than the "
        "rest, but no less than familiar regions do now and then: a blemish, no drift.",
        figures={"share_production": first.share_production},
    )


def _teacher_revised(pinned: tuple[Scores, Scores] | None, part: Measured | None, rule: Rule) -> Finding | None:
    if pinned is None:
        return None
    old, new, weights = pinned[0].teacher, pinned[1].teacher, pinned[0].relative_weights
    equal = float(np.average(old == new, weights=weights))
    if equal >= EQUAL_SCORES:
        return None
    same = agreement(replace(pinned[0], student=new), confidence=rule.confidence)
    shift = float(np.average(new - old, weights=weights))
    if not pinned[0].is_ranked:
        sentence = f"The teacher was revised: {equal:.0%} of the pinned revision's labels are the same."
        return Finding(name="teacher_revised", sentence=sentence, figures={"share_equal": equal})
    costs = part is not None and part.low > 0
    is_run = not costs and may_be_a_new_run(old, new, alpha=rule.alpha)
    more = A_RUN if is_run else grade_moved(old, new)
    rank = same.figure() if isinstance(same, Measured) else "unmeasured"
    return Finding(
        name="teacher_revised",
        sentence=f"The teacher {'scores otherwise' if is_run else 'was revised'}: rank agreement with the pinned "
        f"revision {rank}, mean moved {shift:+z.2f}, {equal:.0%} of scores equal.{more}",
        figures={"mean_shift": shift, "share_equal": equal}
        | ({"spearman": same.estimate} if isinstance(same, Measured) else {}),
    )


def _revised_in(revised: Sequence[RevisedRegion]) -> Finding | None:
    if not revised:
        return None
    figures = {each.name: each.inside.estimate for each in revised}
    return Finding(name="teacher_revised_in", sentence=revised_sentence(revised), figures=figures)


def _scale_moved(heldout: Scores, production: Scores) -> Finding | None:
    move = find_scale_move(heldout, production)
    if move is None:
        return None
    other = "teacher" if move.side == "student" else "student"
    n_crossing = round(move.share_crossing * len(production))
    return Finding(
        name=f"{move.side}_scale_moved",
        sentence=f"The scale of the {move.side} moved against the {other}'s: "
        f"at a fixed threshold, held-out's median, {n_crossing:,} of {len(production):,} pairs "
        f"({move.share_crossing:.0%}) change side.",
        figures={"shift": move.shift.estimate, "share_crossing": move.share_crossing, "n_crossing": n_crossing},
        clause=f"the scale of the {move.side} moved",
    )
