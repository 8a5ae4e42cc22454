"""Calibrate a student: fit on held-out, check on production, set thresholds on today's traffic."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from drift_core.calibration.calibration_error import CalibrationError, measure_calibration
from drift_core.calibration.calibration_file import KIND, SCHEMA
from drift_core.calibration.calibration_map import METHOD_WORDS, CalibrationMap
from drift_core.calibration.calibration_test import has_two_answers
from drift_core.calibration.class_calibration import LabelledCalibration
from drift_core.calibration.class_map import ClassMap
from drift_core.calibration.direction import RankChange, check_direction, compare_ranks
from drift_core.calibration.gap import Reading
from drift_core.calibration.recalibrate import (
    METHODS,
    Recalibration,
    applied,
    holds_probabilities,
    recalibrate,
)
from drift_core.calibration.settings import CalibrationSettings
from drift_core.calibration.threshold import Threshold
from drift_core.calibration.threshold_change import ThresholdChange, set_thresholds
from drift_core.errors import InputError, SettingError
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.pairs import ScoredPairs
from drift_core.version import VERSION

RATIO_OF_UNITS = 3.0  # of what scores reach; of probabilities and anything beyond (ours)


class Fit(Protocol):
    """A map, and the log loss on queries left out of each method that was tried."""

    @property
    def map(self) -> CalibrationMap | ClassMap: ...
    @property
    def losses(self) -> Mapping[Any, float]: ...


F = TypeVar("F", bound=Fit)
C = TypeVar("C", CalibrationError, LabelledCalibration)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedFit(Generic[F, C]):
    """A map of a student's probabilities, and whether it holds on pairs whose queries it was not fitted on.

    Attributes
    ----------
    before
        Calibration of the student's own probabilities, by sample; empty where its scores are none.
    fit
        The map and the losses that it was chosen by.
    fitted_on, checked_on
        "held-out" or "production"; checked on pairs whose queries it was not fitted on.
    check
        Calibration of the calibrated probabilities there.
    held_out_fails
        Whether what fits held-out was tried and fails on production, so that it is fitted on production.
    """

    before: dict[str, C | Unmeasured]
    fit: F
    fitted_on: str
    checked_on: str
    check: C | Unmeasured
    held_out_fails: bool
    samples: dict[str, ScoredPairs]

    @property
    def reading(self) -> Reading:
        return "cannot tell" if isinstance(self.check, Unmeasured) else self.check.reading

    @property
    def sentence(self) -> str:
        """The verdict: which map, fitted on what, and whether it holds where it was checked."""
        made = f"Calibrated on {self.fitted_on} by {self.fit.map.words}."
        if self.fit.map.method == "none":
            made = f"On {self.fitted_on} no method does better than the student's own probabilities: they stay."
        moved = "What fits held-out does not hold on production. " if self.held_out_fails else ""
        if isinstance(self.check, Unmeasured):
            return f"{moved}{made} It could not be checked: {self.check.reason}"
        reads = {"not calibrated": "not calibrated yet", "cannot tell": "too few pairs to tell"}
        left_out = ", each pair without its own query" if self.fitted_on == self.checked_on else ""
        checked = f"Checked on {self.checked_on}{left_out}: {reads.get(self.reading, self.reading)}."
        return f"{moved}{made} {checked} {self.check.sentence}"

    def _lines_before(self) -> tuple[str, ...]:
        told = {
            name: side.reason if isinstance(side, Unmeasured) else f"{side.reading}. {side.sentence}"
            for name, side in self.before.items()
        }
        return tuple(f"Before, {name}: {said}" for name, said in told.items())

    def _line_of_losses(self, words: Mapping[Any, str]) -> str:
        losses = ", ".join(f"{words[method]} {loss:.4f}" for method, loss in self.fit.losses.items())
        return f"Log loss on queries left out: {losses}."

    def _file(self, made_at: datetime, student_version: str | None, **own: object) -> dict[str, object]:
        """The file of a calibration; `own` are the keys of its kind."""
        check = {} if isinstance(self.check, Unmeasured) else self.check.to_json()
        return {
            "kind": KIND,
            "schema": SCHEMA,
            "version": VERSION,
            "made_at": made_at.isoformat(),
            "student_version": student_version,
            "fitted_on": self.fitted_on,
            "map": self.fit.map.model_dump(mode="json"),
            "check": {**check, "sample": self.checked_on, "reading": self.reading, "sentence": self.sentence},
            **own,
            "before": {name: side.to_json() for name, side in self.before.items()},
            "inputs": {
                name: {"name": each.name, "digest": each.digest, "n_pairs": each.n_pairs, "n_queries": each.n_queries}
                for name, each in self.samples.items()
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration(CheckedFit[Recalibration, CalibrationError]):
    """What `calibrate` made.

    Attributes
    ----------
    thresholds
        One for each error to keep.
    ranks
        Whether the student ranks production worse than held-out, which no map mends; None without production.
    """

    thresholds: tuple[ThresholdChange, ...]
    ranks: RankChange | None = None

    @property
    def is_settled(self) -> bool:
        """Whether probabilities are calibrated where they were checked, and every error asked for can be kept."""
        return self.reading == "calibrated" and all(isinstance(each.now, Threshold) for each in self.thresholds)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What calibrating does not mend."""
        return (self.ranks.sentence,) if self.ranks is not None and self.ranks.has_fallen else ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything in sentences: a fallen ranking first, then the verdict."""
        return (
            *self.warnings,
            self.sentence,
            *self._lines_before(),
            self._line_of_losses(METHOD_WORDS),
            *(each.sentence for each in self.thresholds),
        )

    def to_json(self, *, made_at: datetime, student_version: str | None = None) -> dict[str, object]:
        """The file that `score` applies and the gate reads."""
        kept = [each for each in self.thresholds if isinstance(each.now, Threshold)]
        return self._file(
            made_at,
            student_version,
            thresholds=[each.to_json() for each in kept],
            not_kept=[each.sentence for each in self.thresholds if each not in kept],
            log_loss=dict(self.fit.losses),
            ranks=None if self.ranks is None else self.ranks.to_json(),
        )


def calibrate(
    heldout: ScoredPairs, production: ScoredPairs | None = None, *, settings: CalibrationSettings | None = None
) -> Calibration:
    """Calibrate a student's scores to its teacher's answers, and set thresholds that keep an error.

    Parameters
    ----------
    heldout
        Pairs the map is fitted on.
    production
        Today's traffic: the map is checked on it, and fitted on it where held-out's does not hold; thresholds are set
        on it. Without it both rest on held-out.

    Raises
    ------
    InputError
        When the teacher does not answer with two values and nobody says from which score a pair passes, or the student
        answers with labels, in two units, or by a score that does not rise with the teacher's answer.
    SettingError
        When the method does not suit these scores.

    Notes
    -----
    A teacher's score is no chance of anything, so that "calibrated" has no meaning for it before it is cut in two. See
    `recalibrate`, `measure_calibration` and `set_threshold` for methods and sources.
    """
    settings = settings or CalibrationSettings()
    samples = {"held-out": heldout} | ({} if production is None else {"production": production})
    pairs = (heldout, production) if production is not None else (heldout, heldout)
    answers = dict(zip(samples, _answers(*scores_of(*pairs), settings=settings, names=samples), strict=False))
    before = answers["held-out"]
    today = answers.get("production", before)
    _check_one_unit(before, today)
    check_direction(heldout, before, confidence=settings.confidence)
    if settings.method == "vector":
        raise SettingError("Vector scaling is for a probability for each label; this student gives one of two answers.")
    methods = METHODS if settings.method is None else (settings.method,)
    fit = recalibrate(before, methods=methods, seed=settings.seed)
    fitted_on, checked = "held-out", replace(before, student=fit.crossfitted)
    fails = False
    if production is not None:
        checked = applied(fit.map, today)
        fails = _reads(checked, settings) == "not calibrated" and today.teacher.min() < today.teacher.max()
        if fails:
            fit, fitted_on = recalibrate(today, methods=methods, seed=settings.seed), "production"
            checked = replace(today, student=fit.crossfitted)
    return Calibration(
        before={name: _measure(each, settings) for name, each in answers.items() if holds_probabilities(each.student)},
        fit=fit,
        fitted_on=fitted_on,
        checked_on="held-out" if production is None else "production",
        check=_measure(checked, settings),
        held_out_fails=fails,
        thresholds=tuple(set_thresholds(before, today, production is not None, settings)),
        samples=samples,
        ranks=None if production is None else _ranks(before, today, settings),
    )


def _ranks(before: Scores, today: Scores, settings: CalibrationSettings) -> RankChange:
    return compare_ranks(before, today, material_loss=settings.material_loss, confidence=settings.confidence)


def _check_one_unit(before: Scores, today: Scores) -> None:
    """Probabilities of one sample beside percent of the other have no threshold and no map in common."""
    sides = before.student, today.student
    reach = sorted(float(np.quantile(np.abs(side), 0.95)) for side in sides)
    if len({holds_probabilities(side) for side in sides}) == 1 or reach[1] <= RATIO_OF_UNITS * reach[0]:
        return
    raise InputError(
        f"The student's scores reach from {sides[0].min():.3g} to {sides[0].max():.3g} on held-out and from "
        f"{sides[1].min():.3g} to {sides[1].max():.3g} on production: they are in two units. Give both in one."
    )


def _measure(answers: Scores, settings: CalibrationSettings) -> CalibrationError | Unmeasured:
    return measure_calibration(answers, confidence=settings.confidence, seed=settings.seed)


def _reads(answers: Scores, settings: CalibrationSettings) -> str | None:
    found = _measure(answers, settings)
    return None if isinstance(found, Unmeasured) else found.reading


def _answers(*sides: Scores, settings: CalibrationSettings, names: dict[str, ScoredPairs]) -> tuple[Scores, ...]:
    """The teacher's answer as 0 or 1 beside the student's score, for each sample."""
    if settings.passes_from is not None and all(side.is_ranked for side in sides):
        sides = tuple(replace(each, teacher=(each.teacher >= settings.passes_from).astype(float)) for each in sides)
    if has_two_answers(*sides):
        return sides
    kinds = "; ".join(f"{name}: {sample.kind.words}" for name, sample in names.items())
    if not all(side.is_ranked for side in sides):
        raise InputError(
            f"Calibration needs a probability or score of the student, not a label ({kinds}). "
            "Name the column that holds one: --column student=COLUMN."
        )
    if settings.passes_from is not None:
        raise InputError(
            f"At a teacher's score of {settings.passes_from:g} all pairs are on one side, or the student answers with "
            "two values. Give another --passes-from, or a student's probability."
        )
    raise InputError(
        f"Calibration needs a teacher that answers with two values, such as fail and pass ({kinds}). Say from which of "
        "its scores a pair passes: --passes-from SCORE."
    )
