"""Calibrate a student that gives a probability for each label: fit on held-out, check on production."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from drift_core.calibration.calibrate import CheckedFit
from drift_core.calibration.class_calibration import (
    LabelledCalibration,
    label_chances,
    log_loss_of,
    measure_labelled_calibration,
    of_answer,
)
from drift_core.calibration.class_map import CLASS_METHOD_WORDS, ClassMap, ClassMethod, logits_of
from drift_core.calibration.recalibrate import HIGHEST_SLOPE, LOWEST_SLOPE, folds_by_query
from drift_core.calibration.settings import CalibrationSettings
from drift_core.errors import InputError, SettingError
from drift_core.measured import Unmeasured
from drift_core.measures.scores import Scores, scores_of
from drift_core.samples.class_probabilities import chances_by_label
from drift_core.samples.pairs import ScoredPairs

CLASS_METHODS: tuple[ClassMethod, ...] = ("none", "temperature", "vector")  # from stiff to flexible
PRIOR_PAIRS = 1.0  # weight of keeping to the temperature, in pairs (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassFit:
    """A map, the cross-fitted log loss of each method tried, and probabilities of each pair without its query."""

    map: ClassMap
    losses: dict[ClassMethod, float]
    crossfitted: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassCalibration(CheckedFit[ClassFit, LabelledCalibration]):
    """What was made of a student's probabilities of labels; as `calibrate.Calibration` of one probability.

    Attributes
    ----------
    n_moved
        Pairs where it was checked whose most probable label is another one by the map; a temperature moves none.
    """

    n_moved: int

    @property
    def is_settled(self) -> bool:
        return self.reading == "calibrated"

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything in sentences."""
        others = [f"By the map {self.n_moved:,} pairs have another most probable label."] if self.n_moved else []
        return (self.sentence, *others, *self._lines_before(), self._line_of_losses(CLASS_METHOD_WORDS))

    def to_json(self, *, made_at: datetime, student_version: str | None = None) -> dict[str, object]:
        """The file that `read_calibration` reads, whose map takes a probability for each label."""
        return self._file(
            made_at,
            student_version,
            thresholds=[],
            not_kept=[],
            log_loss=dict(self.fit.losses),
            n_moved=self.n_moved,
        )


def gives_label_chances(*samples: ScoredPairs | None) -> bool:
    """Whether the student gives a probability for each label on all of these samples."""
    return all(chances_by_label(sample) is not None for sample in samples if sample is not None)


def calibrate_classes(
    heldout: ScoredPairs, production: ScoredPairs | None = None, *, settings: CalibrationSettings | None = None
) -> ClassCalibration:
    """Calibrate a student's probabilities of labels to how often its teacher gives them.

    Parameters
    ----------
    heldout, production
        As for `calibrate`, with `chances`.

    Raises
    ------
    InputError
        When a sample has no probabilities of labels, or the teacher gives one label alone.
    SettingError
        When a threshold is asked for, or the method is none for labels.

    Notes
    -----
    Temperature multiplies all logarithms by one number, vector scaling by one each with an intercept [1]_, kept near
    the temperature by a penalty worth `PRIOR_PAIRS`. Chosen by log loss on queries left out, the stiffer of two that
    are as good. A temperature keeps the most probable label; vector scaling may give another, which is counted.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. (2017). On calibration of modern neural networks. ICML 34,
       section 4.2.
    """
    settings = settings or CalibrationSettings()
    samples = {"held-out": heldout} | ({} if production is None else {"production": production})
    _check(samples, settings)
    pairs = (heldout, production) if production is not None else (heldout, heldout)
    known = zip(samples, map(label_chances, scores_of(*pairs), pairs), strict=False)
    answers = {name: (each.answers, each.chances) for name, each in known if each is not None}
    labels, methods = heldout.kind.labels, CLASS_METHODS if settings.method is None else (settings.method,)
    before = answers["held-out"]
    fit = _recalibrate(*before, labels, methods, settings.seed)  # type: ignore[arg-type]  # checked above
    fitted_on, checked, calibrated, fails = "held-out", before, fit.crossfitted, False
    if production is not None:
        checked = answers["production"]
        calibrated = fit.map.apply(checked[1])
        fails = _reads(checked[0], calibrated, labels, settings) == "not calibrated"
        fails = fails and len(np.unique(checked[0].teacher)) > 1
        if fails:
            fit = _recalibrate(*checked, labels, methods, settings.seed)  # type: ignore[arg-type]
            fitted_on, calibrated = "production", fit.crossfitted
    return ClassCalibration(
        before={name: _measure(*each, labels, settings) for name, each in answers.items()},
        fit=fit,
        fitted_on=fitted_on,
        checked_on="held-out" if production is None else "production",
        check=_measure(checked[0], calibrated, labels, settings),
        held_out_fails=fails,
        n_moved=int((calibrated.argmax(axis=1) != checked[1].argmax(axis=1)).sum()),
        samples=samples,
    )


def _check(samples: dict[str, ScoredPairs], settings: CalibrationSettings) -> None:
    if settings.levels or settings.threshold is not None or settings.passes_from is not None:
        raise SettingError(
            "Thresholds are set for two answers, and the student gives a probability for each of "
            f"{len(samples['held-out'].kind.labels)} labels. Leave the thresholds out."
        )
    if settings.method is not None and settings.method not in CLASS_METHODS:
        raise SettingError(
            f"Probabilities of labels take {', '.join(CLASS_METHODS)} as the method; found {settings.method!r}."
        )
    for name, sample in samples.items():
        if not gives_label_chances(sample):
            raise InputError(f"The student gives a probability for each label on one sample, and none on {name}.")
        if len(np.unique(sample.teacher)) < 2 and name == "held-out":
            raise InputError("The teacher gives one label to every pair; calibration needs several.")


def _measure(
    answers: Scores, chances: np.ndarray, labels: tuple[str, ...], settings: CalibrationSettings
) -> LabelledCalibration | Unmeasured:
    how = {"confidence": settings.confidence, "seed": settings.seed}
    return measure_labelled_calibration(answers, chances, labels, **how)  # type: ignore[arg-type]


def _reads(answers: Scores, chances: np.ndarray, labels: tuple[str, ...], settings: CalibrationSettings) -> str | None:
    found = _measure(answers, chances, labels, settings)
    return None if isinstance(found, Unmeasured) else found.reading


def _recalibrate(
    answers: Scores, chances: np.ndarray, labels: tuple[str, ...], methods: tuple[ClassMethod, ...], seed: int
) -> ClassFit:
    if answers.n_queries < 2:
        raise InputError("All pairs are of one query; calibration needs pairs of several.")
    folds = folds_by_query(of_answer(answers, chances), seed)
    fitted = {method: np.empty_like(chances) for method in methods}
    for fold in np.unique(folds):
        out = folds == fold
        for method in methods:
            made = fit_class_map(answers.take(~out), chances[~out], labels, method)
            fitted[method][out] = made.apply(chances[out])
    losses = {method: log_loss_of(answers, each) for method, each in fitted.items()}
    chosen = min(methods, key=lambda method: losses[method])
    made = fit_class_map(answers, chances, labels, chosen)
    return ClassFit(map=made, losses=losses, crossfitted=fitted[chosen])


def fit_class_map(answers: Scores, chances: np.ndarray, labels: tuple[str, ...], method: ClassMethod) -> ClassMap:
    """Fit one method on all pairs; `answers` and `chances` as `measure_labelled_calibration` takes them."""
    k = len(labels)
    slope = 1.0 if method == "none" else _temperature(answers, logits_of(chances))
    slopes, intercepts = np.full(k, slope), np.zeros(k)
    if method == "vector":
        slopes, intercepts = _vector(answers, logits_of(chances), slope)
    return ClassMap(
        method=method,
        labels=labels,
        slopes=tuple(map(float, slopes)),
        intercepts=tuple(map(float, intercepts)),
    )


def _loss(logits: np.ndarray, answers: Scores) -> tuple[float, np.ndarray]:
    """Mean cross entropy, and its derivative by each logit."""
    from scipy.special import logsumexp

    rows, given = np.arange(len(answers)), answers.teacher.astype(np.int64)
    logs = logits - logsumexp(logits, axis=1, keepdims=True)
    weights = answers.relative_weights
    slopes = np.exp(logs)
    slopes[rows, given] -= 1
    return float(-(logs[rows, given] * weights).mean()), slopes * weights[:, None] / len(answers)


def _temperature(answers: Scores, logits: np.ndarray) -> float:
    from scipy.optimize import minimize_scalar

    bounds = (np.log(LOWEST_SLOPE), np.log(HIGHEST_SLOPE))
    found = minimize_scalar(lambda at: _loss(np.exp(at) * logits, answers)[0], bounds=bounds, method="bounded")
    return float(np.exp(found.x))


def _vector(answers: Scores, logits: np.ndarray, slope: float) -> tuple[np.ndarray, np.ndarray]:
    from scipy.optimize import minimize

    k, penalty = logits.shape[1], PRIOR_PAIRS / len(answers)
    start = np.concatenate((np.full(k, slope), np.zeros(k)))

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, by_logit = _loss(logits * at[:k] + at[k:], answers)
        away = at - start
        derivative = np.concatenate(((by_logit * logits).sum(axis=0), by_logit.sum(axis=0)))
        return value + penalty * float(away @ away) / 2, derivative + penalty * away

    bounds = [(0.0, None)] * k + [(None, None)] * k
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return found.x[:k], found.x[k:]
