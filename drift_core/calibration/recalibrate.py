"""Fitting a student's probabilities to the teacher's answers: temperature, Platt, isotonic, and the choice of one."""

from dataclasses import dataclass, replace

import numpy as np

from drift_core.calibration.calibration_map import CalibrationMap, Method, as_logit
from drift_core.errors import InputError, SettingError
from drift_core.measures.scores import Scores

N_FOLDS = 5
METHODS: tuple[Method, ...] = ("none", "temperature", "platt", "isotonic")  # from stiff to flexible
LOWEST_SLOPE, HIGHEST_SLOPE = 0.01, 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recalibration:
    """A map and what it was chosen by.

    Attributes
    ----------
    map
        Fitted on all pairs.
    losses
        Cross-fitted log loss of each method that was tried, in nats a pair.
    crossfitted
        Probability of each pair by the map of the chosen method that was fitted without its query, shape (n,).
    """

    map: CalibrationMap
    losses: dict[Method, float]
    crossfitted: np.ndarray


def recalibrate(answers: Scores, *, methods: tuple[Method, ...] = METHODS, seed: int = 0) -> Recalibration:
    """Fit the map of each method without the queries it is measured on, and choose by log loss.

    Parameters
    ----------
    answers
        The student's scores, and 0 or 1 as teacher. Scores outside 0..1 take Platt and isotonic alone.
    methods
        To choose from; where two are as good, the stiffer one is taken.
    seed
        Of the division of queries into folds.

    Raises
    ------
    InputError
        When the teacher gives one answer only, all pairs are of one query, or the score does not rise with the answer.
    SettingError
        When no method is left for these scores.

    Notes
    -----
    Temperature divides logits by one number [1]_; Platt's scaling is a logistic regression on them with softened
    answers [2]_; isotonic regression takes any rising map [3]_. All pairs of a query are in one fold, so that the loss
    is that on queries never seen. A method must do better than a stiffer one, which on equal terms varies less.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. (2017). On calibration of modern neural networks. ICML 34.
    .. [2] Platt, J. (1999). Probabilistic outputs for support vector machines. Advances in Large Margin Classifiers.
    .. [3] Zadrozny, B. and Elkan, C. (2002). Transforming classifier scores into accurate multiclass probability
       estimates. KDD.
    """
    if answers.teacher.min() == answers.teacher.max():
        raise InputError("The teacher gives one answer to every pair; calibration needs both.")
    if answers.n_queries < 2:
        raise InputError("All pairs are of one query; calibration needs pairs of several.")
    is_probability = holds_probabilities(answers.student)
    tried = [each for each in methods if is_probability or each in ("platt", "isotonic")]
    if not tried:
        raise SettingError("Scores outside 0 to 1 are no probabilities: choose platt or isotonic.")
    folds = folds_by_query(answers, seed)
    fitted = {method: _crossfit(answers, folds, method, is_probability) for method in tried}
    losses = {method: log_loss(chance, answers) for method, chance in fitted.items()}
    chosen = min(tried, key=lambda method: losses[method])
    made = fit_map(answers, chosen, is_probability=is_probability)
    if made.is_flat:
        raise InputError(
            "The student's score does not rise with the share of pairs that the teacher passes, so no probability can "
            "be made of it. Where it is the chance of the other answer, give 1 minus it."
        )
    return Recalibration(map=made, losses=losses, crossfitted=fitted[chosen])


def holds_probabilities(score: np.ndarray) -> bool:
    return bool(score.min() >= 0 and score.max() <= 1)


def log_loss(chance: np.ndarray, answers: Scores) -> float:
    """Mean log loss of probabilities, in nats a pair."""
    near = np.clip(chance, 1e-12, 1 - 1e-12)
    losses = -np.where(answers.teacher == 1, np.log(near), np.log1p(-near))
    return float((losses * answers.relative_weights).mean())


def fit_map(answers: Scores, method: Method, *, is_probability: bool) -> CalibrationMap:
    """Fit one method on all pairs."""
    if method == "none":
        return CalibrationMap(method="none")
    if method == "isotonic":
        return _isotonic(answers, is_probability)
    x = as_logit(answers.student, is_probability)
    slope, intercept = _temperature(x, answers) if method == "temperature" else _platt(x, answers)
    return CalibrationMap(method=method, takes_probability=is_probability, slope=slope, intercept=intercept)


def folds_by_query(answers: Scores, seed: int) -> np.ndarray:
    """Fold of each pair: of every five queries with scores alike, one goes into each, whatever the order of rows."""
    codes = np.arange(len(answers)) if answers.queries is None else np.unique(answers.queries, return_inverse=True)[1]
    sizes = np.bincount(codes)
    score, passed = (np.bincount(codes, weights=side) / sizes for side in (answers.student, answers.teacher))
    blocks = -(-len(sizes) // N_FOLDS)
    dealt = np.random.default_rng(seed).permuted(np.tile(np.arange(N_FOLDS), (blocks, 1)), axis=1)
    fold = np.empty(len(sizes), dtype=np.int64)
    fold[np.lexsort((passed, score))] = dealt.ravel()[: len(sizes)]
    return fold[codes]


def _crossfit(answers: Scores, folds: np.ndarray, method: Method, is_probability: bool) -> np.ndarray:
    chance = np.empty(len(answers))
    for fold in np.unique(folds):
        out = folds == fold
        rest = answers.take(~out)
        chance[out] = fit_map(rest, method, is_probability=is_probability).apply(answers.student[out])
    return chance


def _temperature(x: np.ndarray, answers: Scores) -> tuple[float, float]:
    from scipy.optimize import minimize_scalar

    def loss(log_slope: float) -> float:
        return _logistic_loss(np.exp(log_slope) * x, answers.teacher, answers.relative_weights)[0]

    found = minimize_scalar(loss, bounds=(np.log(LOWEST_SLOPE), np.log(HIGHEST_SLOPE)), method="bounded")
    return float(np.exp(found.x)), 0.0


def _platt(x: np.ndarray, answers: Scores) -> tuple[float, float]:
    from scipy.optimize import minimize

    weights = answers.relative_weights
    n_passed = float(weights @ answers.teacher)
    n_stopped = len(x) - n_passed
    softened = np.where(answers.teacher == 1, (n_passed + 1) / (n_passed + 2), 1 / (n_stopped + 2))
    centre, width = float(x.mean()), float(x.std()) or 1.0
    standard = (x - centre) / width

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        value, residual = _logistic_loss(at[0] * standard + at[1], softened, weights)
        return value, np.array([(residual * standard).mean(), residual.mean()])

    bounds = [(0.0, None), (None, None)]  # a falling map would turn the order round
    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds)
    slope = float(found.x[0] / width)
    return slope, float(found.x[1] - slope * centre)


def _logistic_loss(logits: np.ndarray, target: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross entropy, and its derivative by each logit."""
    from scipy.special import expit

    losses = np.logaddexp(0, logits) - target * logits
    return float((losses * weights).mean()), (expit(logits) - target) * weights


def _isotonic(answers: Scores, is_probability: bool) -> CalibrationMap:
    from sklearn.isotonic import IsotonicRegression

    made = IsotonicRegression(y_min=0, y_max=1).fit(answers.student, answers.teacher, answers.relative_weights)
    edge = 1 / (len(answers) + 2)  # no sample shows that a pair is sure to pass
    return CalibrationMap(
        method="isotonic",
        takes_probability=is_probability,
        scores=tuple(map(float, made.X_thresholds_)),
        probabilities=tuple(map(float, np.clip(made.y_thresholds_, edge, 1 - edge))),
    )


def applied(calibration: CalibrationMap, answers: Scores) -> Scores:
    """The same answers with calibrated probabilities as the student's scores."""
    return replace(answers, student=calibration.apply(answers.student))
