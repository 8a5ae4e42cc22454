"""Codes of two samples come to mean the same labels."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift_core.errors import InputError
from drift_core.samples.label_words import LETTERS, SCALES, fold
from drift_core.samples.only_given import only_pairs
from drift_core.samples.pairs import JUDGED, ScoredPairs
from drift_core.samples.score_columns import codes_of
from drift_core.samples.score_kind import MAX_LABELS, NUMERIC, ScoreKind


def align_kinds(heldout: ScoredPairs, production: ScoredPairs) -> tuple[ScoredPairs, ScoredPairs]:
    """Give two samples one kind of score with one list of labels.

    Parameters
    ----------
    heldout, production
        Two samples that are compared. Their digests stay.

    Raises
    ------
    InputError
        When the samples hold different kinds of score, and neither can be read as the other.

    Examples
    --------
    >>> two, three = (ScoreKind(name="nominal", labels=labels) for labels in (("a", "c"), ("a", "b", "c")))
    >>> codes = np.array([0.0, 1.0])
    >>> sample = ScoredPairs(name="", query=np.array(["x", "y"]), teacher=codes, student=codes, kind=two)
    >>> aligned, other = align_kinds(sample, replace(sample, kind=three))
    >>> aligned.kind.labels, aligned.teacher.tolist(), other.teacher.tolist()
    (('a', 'b', 'c'), [0.0, 2.0], [0.0, 1.0])
    """
    only_pairs(heldout=heldout, production=production)
    if heldout.kind == production.kind:
        return heldout, production
    kind = _common(heldout.kind, production.kind)
    if kind is None:
        raise InputError(
            f"Held-out ({heldout.name}) and production ({production.name}) hold different scores: "
            f"{heldout.kind.words}; {production.kind.words}. Give files in which the same judges answer in the same "
            "way, or choose one kind of score for both (--kind, --labels)."
        )
    return _recoded(heldout, kind), _recoded(production, kind)


def _common(one: ScoreKind, two: ScoreKind) -> ScoreKind | None:
    """The kind that both can be read as."""
    if one.name == two.name == "ordinal":
        labels = _in_one_order(one, two)
        return ScoreKind(name="ordinal", labels=labels) if labels else None
    if one.name == two.name != "nominal":  # two answers
        by_words = sorted((one, two), key=lambda kind: kind.labels == ("0", "1"))
        return next((a for a, b in (by_words, by_words[::-1]) if _is_read(b, a)), None)
    if {one.name, two.name} <= {"binary", "nominal"}:
        few, many = sorted((one, two), key=lambda kind: kind.name == "nominal")
        own, others = ({fold(label) for label in kind.labels} for kind in (few, many))
        labels = _union(one.labels, two.labels)
        is_alike = own <= others or (few.name == "nominal" and bool(own & others))
        return ScoreKind(name="nominal", labels=labels) if is_alike and len(labels) <= MAX_LABELS else None
    return _as_numbers(one, two)


def _as_numbers(one: ScoreKind, two: ScoreKind) -> ScoreKind | None:
    """Grades where the other has grades as numbers, scores where it has scores."""
    if not all(_are_numbers(kind) for kind in (one, two)) or {one.name, two.name} == {"ordinal", "probability"}:
        return None
    if NUMERIC in (one, two) or not (one.labels and two.labels) or "probability" in (one.name, two.name):
        return NUMERIC
    return ScoreKind(name="ordinal", labels=tuple(sorted({*one.labels, *two.labels}, key=float)))


def _are_numbers(kind: ScoreKind) -> bool:
    return (kind.is_ranked and not kind.is_coded) or kind.labels == ("0", "1")


def _is_read(kind: ScoreKind, by: ScoreKind) -> bool:
    known = codes_of(by)
    is_plain = [fold(label) for label in kind.labels] == ["0", "1"]
    return is_plain or all(known.get(fold(label)) == code for code, label in enumerate(kind.labels))


def _in_one_order(one: ScoreKind, two: ScoreKind) -> tuple[str, ...] | None:
    if one.is_coded != two.is_coded:
        return None
    labels = _union(one.labels, two.labels)
    if not one.is_coded:
        return tuple(sorted(labels, key=float))
    longer, shorter = sorted((one.labels, two.labels), key=len, reverse=True)
    for order in (tuple(map(fold, longer)), LETTERS, *SCALES):
        places = [[order.index(fold(label)) for label in part if fold(label) in order] for part in (longer, shorter)]
        if all(places[i] == sorted(places[i]) and len(places[i]) == len(p) for i, p in enumerate((longer, shorter))):
            return tuple(sorted(labels, key=lambda label: order.index(fold(label))))
    return None


def _union(one: Sequence[str], two: Sequence[str]) -> tuple[str, ...]:
    own = {fold(label): label for label in (*two, *one)}
    return tuple(own[label] for label in sorted(own))


def _recoded(sample: ScoredPairs, kind: ScoreKind) -> ScoredPairs:
    is_of_two = sample.kind.name == kind.name and kind.name in ("binary", "pairwise")
    if sample.kind == kind or not kind.is_coded or is_of_two:
        return replace(sample, kind=kind, read_digest=sample.digest)
    known = {fold(label): code for code, label in enumerate(kind.labels)}
    places = np.array([*(known[fold(label)] for label in sample.kind.labels), np.nan])

    def moved(codes: np.ndarray | None) -> np.ndarray | None:
        return None if codes is None else places[np.nan_to_num(codes, nan=len(places) - 1).astype(int)]

    names = (*JUDGED, "teacher_repeats")
    values = {name: moved(getattr(sample, name)) for name in names}
    return replace(sample, **values, kind=kind, read_digest=sample.digest)  # type: ignore[arg-type]
