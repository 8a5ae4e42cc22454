"""What a student is trained on: the re-scored list, and some of its old training pairs against forgetting.

The teacher's scores are put on the scale of the student's own here; training itself is in `fine_tuning`.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drift_core.errors import InputError, SettingError
from drift_core.retraining.held_back import HeldBack, rows_to_hold_back
from drift_core.retraining.scored_texts import ScoredTexts
from drift_core.retraining.settings import LEAST_PAIRS, RetrainSettings, ScoreRange
from drift_core.retraining.synthetic_pairs import within_cap
from drift_core.retraining.teacher_runs import TeacherNoise, differ_too_much
from drift_core.tables.pair_digests import digest_pairs

RATIO_OF_SCALES = 3.0  # beyond it the student's scores are on another scale than the labels (ours)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingSet:
    """Pairs in the order in which they were listed, old ones last, with labels on the student's scale.

    Attributes
    ----------
    query, doc
        Texts, object arrays.
    label
        float64.
    n_listed, n_replayed
        Pairs from the list, and old ones.
    score_range
        The teacher's scale that was brought to 0 to 1; None where scores are taken as they are.
    list_digest, replay_digest
        SHA-256 of the two files.
    n_without_score, n_repeated
        Rows of the list left out because they have no score, and because an equal pair stands for them.
    noise
        What the teacher's runs say of its scatter, and how many pairs were left out for it; None with one run.
    n_synthetic, n_synthetic_left_out
        Pairs marked synthetic, and those left out because they were too large a share.
    held_back
        Pairs of the list to check the new student on, with all the runs of the list; none in small lists.
    """

    query: np.ndarray
    doc: np.ndarray
    label: np.ndarray
    n_listed: int
    n_replayed: int
    score_range: ScoreRange | None
    list_digest: str
    replay_digest: str | None
    n_without_score: int
    n_repeated: int
    noise: TeacherNoise | None = None
    n_synthetic: int = 0
    n_synthetic_left_out: int = 0
    held_back: HeldBack | None = None

    def __len__(self) -> int:
        return len(self.label)


def training_set(
    listed: ScoredTexts,
    *,
    is_bounded: bool,
    settings: RetrainSettings | None = None,
    score_range: ScoreRange | None = None,
    old: ScoredTexts | None = None,
    rng: np.random.Generator,
) -> TrainingSet:
    """Put the training pairs together.

    Parameters
    ----------
    is_bounded
        Whether the student's score lies in [0, 1]; then labels must too.
    settings
        How many old, synthetic and noisy pairs there may be, and how many are held back.
    score_range
        The teacher's scale, to bring it to 0 to 1.
    old
        Old training pairs, of which so many are drawn that they are the share asked for, none that is on the list.

    Notes
    -----
    Training on new pairs alone makes a network forget the old ones (McCloskey and Cohen, 1989); rehearsing some of
    them is the plainest remedy (Robins, 1995).

    Raises
    ------
    InputError
        When scores lie outside the range, too few pairs are left, or no old pair is left to draw.
    SettingError
        When scores are on another scale than the student's.
    """
    settings = settings or RetrainSettings()
    is_noisy, noise = differ_too_much(listed.runs, settings.max_difference)
    is_held = rows_to_hold_back(listed, settings.held_back_share, rng)
    rest = listed.take(~is_held & ~is_noisy)
    replayed = None if old is None else _drawn(old, listed, len(rest), settings.replay_share, rng)
    if replayed is not None and score_range is not None:
        _check_old_scale(replayed.score, listed.score, score_range)
    parts = [rest] if replayed is None else [rest, replayed]
    query, doc, score, marked = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("query", "doc", "score", "is_synthetic")
    )
    kept = within_cap(marked, settings.max_synthetic_share, rng)
    _check_size(listed, n_noisy=int(is_noisy.sum()), n_synthetic=int((~kept).sum()), n_left=int(kept.sum()))
    label = _on_scale(score, score_range, is_bounded)
    _check_scale(label[: len(rest)], rest.student, is_chosen=score_range is not None)
    return TrainingSet(
        query=query[kept],
        doc=doc[kept],
        label=label[kept],
        n_listed=int(kept[: len(rest)].sum()),
        n_replayed=int(kept[len(rest) :].sum()),
        score_range=score_range,
        list_digest=listed.digest,
        replay_digest=None if old is None else old.digest,
        n_without_score=listed.n_without_score,
        n_repeated=listed.n_repeated,
        noise=None if noise is None else replace(noise, n_left_out=int((is_noisy & ~is_held).sum())),
        n_synthetic=int((marked & kept).sum()),
        n_synthetic_left_out=int((~kept).sum()),
        held_back=_held_back(listed, is_held, score_range, is_bounded) if is_held.any() else None,
    )


def _held_back(listed: ScoredTexts, is_held: np.ndarray, score_range: ScoreRange | None, is_bounded: bool) -> HeldBack:
    """By the run in use, not the mean, for that is what the teacher's runs agree with."""
    held = listed.take(is_held)
    return HeldBack(
        query=held.query,
        doc=held.doc,
        label=_on_scale(held.runs[:, 0], score_range, is_bounded),
        runs=listed.runs,
        queries_of_runs=pd.factorize(listed.query)[0].astype(np.int64),
    )


def _check_size(listed: ScoredTexts, *, n_noisy: int, n_synthetic: int, n_left: int) -> None:
    if n_left >= LEAST_PAIRS:
        return
    raise InputError(
        f"Of {len(listed):,} listed pairs {n_left:,} are left to train on, and a training needs at least "
        f"{LEAST_PAIRS}: on {n_noisy:,} the teacher's runs differ too much (--max-difference), and {n_synthetic:,} "
        "synthetic ones are beyond their share (--max-synthetic-share). Add pairs from production, or raise these."
    )


def _drawn(old: ScoredTexts, listed: ScoredTexts, n_new: int, share: float, rng: np.random.Generator) -> ScoredTexts:
    on_list = set(digest_pairs(listed.query, listed.doc))
    free = np.flatnonzero([digest not in on_list for digest in digest_pairs(old.query, old.doc)])
    n = min(len(free), round(n_new * share / (1 - share)))
    if not n:
        why = "all its pairs are on the list" if not len(free) else f"a share of {share:g} is less than one pair"
        raise InputError(f"No old pair can be rehearsed: {why}. Name other old pairs with --replay, or leave it out.")
    rows = np.sort(rng.choice(free, size=n, replace=False))
    return old.take(rows)


def _on_scale(score: np.ndarray, score_range: ScoreRange | None, is_bounded: bool) -> np.ndarray:
    low, high = float(score.min()), float(score.max())
    if score_range is not None:
        if low < score_range.low or high > score_range.high:
            raise InputError(
                f"The teacher's scores must lie in [{score_range.low:g}, {score_range.high:g}]; found {low:g} to "
                f"{high:g}. Give the teacher's own scale with --score-range LOW HIGH."
            )
        return (score - score_range.low) / (score_range.high - score_range.low)
    if is_bounded and (low < 0 or high > 1):
        raise SettingError(
            f"The student's score lies between 0 and 1, the teacher's run from {low:g} to {high:g}. Give the teacher's "
            "own scale with --score-range LOW HIGH."
        )
    return score


def _check_old_scale(old: np.ndarray, listed: np.ndarray, score_range: ScoreRange) -> None:
    """Old pairs are often kept with the labels of their training, from 0 to 1, whatever the teacher's scale was."""
    is_unit = float(old.min()) >= 0 and float(old.max()) <= 1
    if is_unit and float(listed.max()) > 1 and (score_range.low, score_range.high) != (0, 1):
        raise SettingError(
            f"The old pairs' scores run from {old.min():.3g} to {old.max():.3g}, the list's from {listed.min():.3g} to "
            f"{listed.max():.3g}: they are on two scales. Give the old pairs in [{score_range.low:g}, "
            f"{score_range.high:g}] as the list is."
        )


def _check_scale(label: np.ndarray, student: np.ndarray | None, *, is_chosen: bool) -> None:
    """Squared error to labels on another scale would first of all move the student's whole scale."""
    known = np.isfinite(student) if student is not None else np.zeros(0, dtype=bool)
    if is_chosen or student is None or known.sum() < LEAST_PAIRS:
        return
    own, theirs = (np.quantile(values, [0.05, 0.95]) for values in (student[known], label[known]))
    widths = np.array([own[1] - own[0], theirs[1] - theirs[0]])
    is_apart = abs(own.mean() - theirs.mean()) > RATIO_OF_SCALES * widths.max()
    if is_apart or (widths.min() > 0 and widths.max() > RATIO_OF_SCALES * widths.min()):
        raise SettingError(
            f"The student's scores on the list run from {own[0]:.3g} to {own[1]:.3g}, the teacher's from "
            f"{theirs[0]:.3g} to {theirs[1]:.3g}: they are on two scales, and training would move the student's. Give "
            "the teacher's own scale with --score-range LOW HIGH; it becomes 0 to 1."
        )
