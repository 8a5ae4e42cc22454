"""Look-alikes: what is easily taken for distillation drift, each checked on the data where the data can tell.

What happened to the queries or to one side's scores is measured in `lookalike_checks`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from drift_core.calibration.let_through import LetThrough, let_through
from drift_core.diagnosis.diagnosis import Diagnosis
from drift_core.diagnosis.facts import UNLIKE, unlike_share
from drift_core.diagnosis.findings import Finding
from drift_core.distributions.lookalike_checks import Lookalike, Status
from drift_core.distributions.narrowed_range import narrowed_region
from drift_core.distributions.pinned_traffic import EQUAL_SCORES, PinnedTraffic
from drift_core.measured import Measured, Measurement, Unmeasured
from drift_core.measures.call_costs import measure_bill
from drift_core.measures.scale_shift import SMALLEST_MOVE, scale_shift
from drift_core.measures.scores import Scores
from drift_core.regions.query_move import MOVED_P, MOVED_SHARE, QueryMove, query_move
from drift_core.samples.score_kind import Kind
from drift_core.samples.versions import FINDINGS
from drift_core.tables.problem import RANGE_CUT

# What each is called, and what to look at if it is this; the first five are the pattern's, the others its traps.
_KINDS = {
    "eval_drift": ("Eval drift", "Whether the judge was made for these queries; have people label a sample of them."),
    "teacher_is_ceiling": (
        "The judge's prompt, or a task for a specialist",
        "The teacher's prompt, or a specialist in its place; retraining the student gains nothing.",
    ),
    "cascade_saturation": (
        "Cascade saturation",
        "The threshold at which the student decides alone; set it again on today's traffic.",
    ),
    "threshold_drift": ("Threshold drift", "Every threshold on the student's score; set it again or recalibrate."),
    "spend": ("Eval spend overrun", "The bill for 1,000 calls of teacher and student, and how many calls there are."),
    "weak_student": ("A weak student", "A larger student or more training pairs; it was weak when it shipped."),
    "other_student": (
        "Another student, or stale scores",
        "Which student made production's scores; score some of these pairs with it again and compare.",
    ),
    "drawn_otherwise": (
        "Samples that were not drawn alike",
        "How both were drawn: production at random or by disagreement, clicks or scores; held-out easier, cleaner, or "
        "trained on.",
    ),
    "mix": ("Another mix of the same traffic", "Whether the weak regions, now larger, are good enough."),
    "teacher_scale": ("The teacher's scale moved", "Every threshold that was set on the teacher's old scale."),
    "revision_by_name": ("A revision by name only", "Nothing: the new revision scores as the old one did."),
    "narrow_range": (
        "A narrow range of scores",
        "The error there, not the agreement: inside a narrow range agreement is low by construction.",
    ),
}


_DRAWN = "No score tells how samples were drawn. Who drew them, or a random sample of each, would."
_OF_SCALES = frozenset({"threshold_drift", "teacher_scale", "narrow_range"})  # which labels have none of
_OF_PASSING = _OF_SCALES | {"cascade_saturation"}
_LEFT_OUT: Mapping[Kind, frozenset[str]] = MappingProxyType(
    {
        "binary": _OF_SCALES,
        "nominal": _OF_PASSING,
        "pairwise": _OF_PASSING,
        "probability": _OF_SCALES - {"threshold_drift"},
    }
)


def find_lookalikes(diagnosis: Diagnosis, *, scores: tuple[Scores, Scores]) -> tuple[Lookalike, ...]:
    """Check each look-alike that this kind of score can have; those pointed to come first, unchecked ones last."""
    checks = _checks(diagnosis, *scores) if isinstance(diagnosis.spread.spread, Measured) else _none_of(diagnosis)
    order: tuple[Status, ...] = ("points_to", "ruled_out", "not_checked")
    made = [
        Lookalike(name=name, title=_KINDS[name][0], status=status, sentence=sentence, look_next=_KINDS[name][1])
        for name, (status, sentence) in checks.items()
        if name not in _LEFT_OUT.get(diagnosis.production.kind.name, ())
    ]
    return tuple(sorted(made, key=lambda each: order.index(each.status)))


_Check = tuple[Status, str]


def _checks(diagnosis: Diagnosis, before: Scores, after: Scores) -> dict[str, _Check]:
    findings = {finding.name: finding for finding in diagnosis.findings}
    moved = query_move(diagnosis.regions.partitions[0], before, after)
    passed = let_through(before, after, confidence=diagnosis.settings.rule.confidence)
    shift, cut = scale_shift(before, after), findings.get(RANGE_CUT)
    return {
        "eval_drift": _eval_drift(diagnosis, moved),
        "teacher_is_ceiling": _teacher_is_ceiling(diagnosis),
        "cascade_saturation": _cascade(diagnosis, passed),
        "threshold_drift": _of_threshold(diagnosis, findings, shift),
        "spend": _spend(diagnosis),
        "weak_student": _weak_student(diagnosis, findings),
        "other_student": _other_student(diagnosis, findings),
        "drawn_otherwise": _drawn_otherwise(diagnosis, findings),
        "mix": _mix(diagnosis, findings),
        "teacher_scale": _scale(findings, "teacher", shift),
        "revision_by_name": _by_name(diagnosis.pinned),
        "narrow_range": ("points_to", cut.sentence) if cut else _narrow(diagnosis, before, after),
    }


def _none_of(diagnosis: Diagnosis) -> dict[str, _Check]:
    """No check but that of costs rests on anything else than agreement."""
    checks = {name: _not_checked(diagnosis.spread.sentence) for name in _KINDS}
    return checks | {"spend": _spend(diagnosis)}


def _not_checked(reason: str) -> _Check:
    return "not_checked", reason


def _eval_drift(diagnosis: Diagnosis, moved: QueryMove) -> _Check:
    figure = f"{moved.share:.0%} of today's queries lie in other regions than before"
    small = "which chance explains" if moved.p_value > MOVED_P else f"under the {MOVED_SHARE:.0%} that count"
    production, spread = diagnosis.spread.production, diagnosis.spread
    if isinstance(production, Unmeasured):
        return _not_checked("Agreement could not be measured, so whether it passes is open.")
    if not moved.is_clear:
        return "ruled_out", f"The queries are as before: {figure}, {small}."
    if unlike_share(diagnosis.regions.regions) >= UNLIKE:
        return "points_to", f"Held-out says nothing of these queries: {figure}."
    if spread.reading == "held" and production.estimate >= diagnosis.spread.floor(diagnosis.settings.rule):
        return "points_to", f"Agreement passes on both samples, and yet {figure}."
    if spread.reading == "cannot tell":
        return _not_checked(
            f"The queries moved ({figure}); whether agreement held is open. A larger sample would tell."
        )
    return "ruled_out", f"The queries moved ({figure}), but agreement does not pass, at {production.figure()}."


def _teacher_is_ceiling(diagnosis: Diagnosis) -> _Check:
    quality = diagnosis.quality
    if quality.reading is None:
        return _not_checked(f"{quality.sentence} Labels on some of these pairs would tell.")
    if quality.reading == "cannot tell":
        return _not_checked(quality.sentence)
    return ("points_to" if quality.reading == "teacher is the ceiling" else "ruled_out"), quality.sentence


def _cascade(diagnosis: Diagnosis, passed: LetThrough) -> _Check:
    rose = passed.rose
    if isinstance(rose, Unmeasured):
        return _not_checked(rose.reason)
    ranked = diagnosis.spread.is_ranked
    alone = "With a threshold at held-out's median the student alone" if ranked else "The student alone"
    held = "the ranking" if ranked else "agreement"
    sentence = (
        f"{alone} lets through {passed.production:.0%} that the teacher would stop, {passed.heldout:.0%} on held-out"
    )
    if rose.low <= 0 or rose.estimate < diagnosis.settings.rule.material_loss:
        return "ruled_out", f"{sentence}."
    if diagnosis.spread.reading == "fell":
        return "ruled_out", f"{sentence}, but {held} moved as well."
    return "points_to", f"{sentence}, while {held} held."


def _of_threshold(diagnosis: Diagnosis, findings: dict[str, Finding], shift: Measurement) -> _Check:
    made = diagnosis.calibration
    if made is None:
        return _scale(findings, "student", shift)
    if made.state == "cannot tell":
        return "not_checked", made.told
    if made.state != "moved":
        return "ruled_out", f"Calibration did not move to the worse since held-out: {made.expects}."
    if made.ranks == "fell" and diagnosis.verdict.cause != "healthy":
        return "ruled_out", f"{made.sentence} Agreement fell as well, which no threshold explains."
    return "points_to", made.told


def _scale(findings: dict[str, Finding], side: str, shift: Measurement) -> _Check:
    finding = findings.get(f"{side}_scores_in_other_unit") or findings.get(f"{side}_scale_moved")
    if finding:
        return "points_to", finding.sentence
    other = findings.get(f"{'teacher' if side == 'student' else 'student'}_scale_moved")
    if other:
        return "ruled_out", "The two scales moved apart, but by their own past it is the other one that moved."
    if isinstance(shift, Unmeasured):
        return _not_checked(shift.reason)
    figures = f"{shift.figure('+.2f')} standard deviations of held-out ({shift.low:+z.2f} to {shift.high:+z.2f})"
    if shift.low > -SMALLEST_MOVE and shift.high < SMALLEST_MOVE:
        return "ruled_out", f"Both sides' scores moved together: apart by {figures}, within {SMALLEST_MOVE:g}."
    return _not_checked(
        f"The student's scores moved {figures} against the teacher's: {SMALLEST_MOVE:g} or more is not ruled out. "
        "A larger sample would tell."
    )


def _spend(diagnosis: Diagnosis) -> _Check:
    bill = measure_bill(diagnosis.heldout, diagnosis.production, confidence=diagnosis.settings.rule.confidence)
    if not bill.figures:
        return _not_checked("The samples hold no costs of both. Columns student_cost and teacher_cost would tell.")
    if not bill.is_dear:
        return "ruled_out", f"{bill.figures}."
    held = {"held": f"while agreement {diagnosis.spread.verb}", "fell": "but agreement moved as well"}.get(
        diagnosis.spread.reading
    )
    status: Status = "points_to" if diagnosis.spread.reading == "held" else "ruled_out" if held else "not_checked"
    return status, f"{bill.figures}, {held or 'and whether agreement held is open'}."


def _weak_student(diagnosis: Diagnosis, findings: dict[str, Finding]) -> _Check:
    heldout = diagnosis.spread.heldout
    if "weak_student" in findings:
        return "points_to", findings["weak_student"].sentence
    if isinstance(heldout, Unmeasured):
        return _not_checked(heldout.reason)
    return "ruled_out", f"It agrees at {heldout.figure()} on held-out."


def _other_student(diagnosis: Diagnosis, findings: dict[str, Finding]) -> _Check:
    spread, parts = diagnosis.spread, diagnosis.attribution
    if FINDINGS["student"] in findings:
        return "points_to", findings[FINDINGS["student"]].sentence
    if spread.reading == "held":
        return "ruled_out", f"Agreement {spread.verb}, which another student's scores would not have."
    if parts.teacher is not None and not parts.teacher_inferred and parts.teacher.low > 0:
        return "ruled_out", f"On the same student's scores the teacher's revision costs {parts.teacher.figure('-.3f')}."
    return _not_checked("No column tells another student. Its own new scores of some of these pairs would tell.")


def _drawn_otherwise(diagnosis: Diagnosis, findings: dict[str, Finding]) -> _Check:
    spread, parts = diagnosis.spread, diagnosis.attribution
    if parts.score_range is not None and parts.score_range.is_selected:
        return "points_to", parts.score_range.sentence
    if parts.score_range is not None:
        return _not_checked(f"{_DRAWN} A narrower range comes of pairs that were chosen by a score, too.")
    if spread.reading == "held":
        return "ruled_out", f"Agreement {spread.verb}, which such samples would not have."
    if parts.teacher is not None and not parts.teacher_inferred and parts.teacher.low > 0:
        return "ruled_out", f"On the same pairs the teacher's revision costs {parts.teacher.figure('-.3f')}."
    if diagnosis.verdict.cause == "healthy" and "label_shares_moved" in findings:
        return "points_to", findings["label_shares_moved"].sentence
    if diagnosis.verdict.cause in ("healthy", "query_drift", "document_drift"):
        return "ruled_out", "The error did not rise in all familiar traffic, as it does in such samples."
    return _not_checked(_DRAWN)


def _mix(diagnosis: Diagnosis, findings: dict[str, Finding]) -> _Check:
    part = diagnosis.attribution.mix
    if "mix_moved" in findings:
        return "points_to", findings["mix_moved"].sentence
    if part is None:
        return _not_checked("Held-out and production share no region. Held-out pairs of today's regions would tell.")
    return "ruled_out", f"The shares of known regions explain {part.figure('+.3f')} of the spread."


def _by_name(pinned: PinnedTraffic) -> _Check:
    if pinned.scores is None:
        return _not_checked(f"{pinned.why_not}; on some of these pairs they would tell.")
    old, new = pinned.scores
    equal = float(np.average(old.teacher == new.teacher, weights=old.relative_weights))
    figure = f"{equal:.0%} of scores are equal under both revisions"
    return ("points_to" if equal >= EQUAL_SCORES else "ruled_out"), f"{figure}."


def _narrow(diagnosis: Diagnosis, heldout: Scores, production: Scores) -> _Check:
    if narrowed := diagnosis.attribution.score_range:
        return "points_to", narrowed.sentence
    first, shared = diagnosis.regions.partitions[0], diagnosis.regions.shared
    if shared is not None and shared.p_value <= diagnosis.settings.rule.alpha:
        return "ruled_out", "The error itself rose, which a narrow range does not do."
    regions = [region for region in diagnosis.regions.regions if region.partition == first.name and not region.drifted]
    fallen = [r for r in regions if not r.is_new and isinstance(r.fall, Measured) and r.fall.low > 0]
    if not fallen:
        return "ruled_out", "No region without a risen error agrees clearly less than before."
    names = {region.index: region.name for region in fallen}
    found = narrowed_region(names, (first.heldout, first.production), heldout, production)
    if found is None:
        return "ruled_out", "Where agreement fell, the teacher's scores span no less than elsewhere, beside before."
    return "points_to", (
        f"In {found[0]} agreement fell without a risen error: the teacher's scores there have {found[1]:.0%} of the "
        "standard deviation that they had."
    )
