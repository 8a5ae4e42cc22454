"""A column of scores as numbers, or as codes of labels; which of both it shall be is in `recognition`."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drift_core.samples.label_words import GRADE_WORDS, OPPOSITES, SIGNS, VERDICTS, fold
from drift_core.samples.score_kind import ScoreKind
from drift_core.tables.values import MISSING_WORDS, Reading, read_numbers, read_texts

if TYPE_CHECKING:
    import pyarrow as pa

MAX_STRAY_RATE = 0.05  # of entries that are no labels in a column of labels (ours)
MAX_TEXT_RATE = 0.5  # a score column with more text than this is the wrong column (ours)
_UNIT = (
    r"(?:\s*(?:points?|pts?|stars?|punkte?|sterne?|puntos?|estrellas?|étoiles?|punti|stelle|pontos?|分|点|點|星|점))?"
)
_FRACTION = re.compile(rf"([+-]?\d+(?:\.\d+)?)\s*(?:/|out of|of|von|sur|de|su|van|na|z)\s*(\d+(?:\.\d+)?){_UNIT}")
_PERCENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*%")
_ALONE = re.compile(rf"([+-]?\d+(?:\.\d+)?){_UNIT}")
_MEANT = re.compile(r"([+-]?\d+)(?:\s*[-\u2013:=.]\s*|\s*\(\s*|\s+)([^\W\d_].*?)\)?")  # 4 (good)
_STARS = re.compile(r"(?=.)([\u2605\u2b50]*|\*+)\u2606*")


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreColumn:
    """One column that holds scores of a judge.

    Attributes
    ----------
    column
        As it came.
    where
        What it is called in messages.
    answers
        Where it gave a probability for each label: label to probability, None where an entry gave none.
    kept, failed
        Folded words that count as labels though they may stand for no answer, and that count as none.
    """

    column: "pa.ChunkedArray"
    where: str
    answers: Sequence[Mapping[str, float] | None] = ()
    kept: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()

    @cached_property
    def numbers(self) -> Reading:
        """As plain numbers."""
        return read_numbers(self.column)

    @cached_property
    def _entries(self) -> tuple[np.ndarray, tuple[str, ...]]:
        """Place of each entry among the distinct texts, -1 where missing, and these."""
        codes, distinct = pd.factorize(read_texts(self.column, self.where))
        texts = tuple(str(text).strip() for text in distinct)
        is_missing = np.array([self._is_none(text) for text in texts] + [True])
        return np.where(is_missing[codes], -1, codes), texts

    def _is_none(self, text: str) -> bool:
        """Whether a text is no answer, as words for that and those of failed calls are where they are no labels."""
        is_open = text.casefold() in MISSING_WORDS
        return (is_open and not (self.kept and fold(text) in self.kept)) or bool(
            self.failed and fold(text) in self.failed
        )

    def places_of(self, is_meant: Callable[[str], bool]) -> dict[str, np.ndarray]:
        """Where the folded words that are meant stand, bool of shape (n,) each; none in a column of numbers."""
        if not self.is_written:
            return {}
        codes, distinct = pd.factorize(read_texts(self.column, self.where))
        folded = [fold(str(text)) for text in distinct]
        return {
            word: np.isin(codes, [code for code, each in enumerate(folded) if each == word])
            for word in {word for word in folded if is_meant(word)}
        }

    @cached_property
    def spellings(self) -> Mapping[str, Counter[str]]:
        """How often each label is written in which way, by what tells labels apart."""
        codes, texts = self._entries
        found: dict[str, Counter[str]] = {}
        for text, n in zip(texts, np.bincount(codes[codes >= 0], minlength=len(texts)).tolist(), strict=True):
            if n:
                found.setdefault(fold(text), Counter())[text] += n
        return found

    @cached_property
    def is_written(self) -> bool:
        """Whether most entries are no plain numbers; a few among numbers could be on any scale."""
        n_given = int((~self.numbers.missing).sum())
        return self.numbers.kind is None and int(self.numbers.unreadable.sum()) > MAX_TEXT_RATE * n_given

    @cached_property
    def denominators(self) -> Counter[float]:
        """How many entries are out of which number; percentages are out of 1."""
        found: Counter[float] = Counter()
        if self.is_written:
            codes, texts = self._entries
            for text, n in zip(texts, np.bincount(codes[codes >= 0], minlength=len(texts)).tolist(), strict=True):
                if match := _FRACTION.fullmatch(fold(text)):
                    found[float(match[2])] += n
                elif _PERCENT.fullmatch(fold(text)):
                    found[1.0] += n
        return found

    @cached_property
    def is_numeric(self) -> bool:
        """Whether most entries are numbers, however these are written."""
        reading = self.as_numbers()
        n_given = int((~reading.missing).sum())
        return not reading.is_truth and n_given > 0 and int(reading.unreadable.sum()) <= MAX_TEXT_RATE * n_given

    def as_numbers(self, *, denominator: float | None = None) -> Reading:
        """As numbers, also those written as ``4/5``, of that denominator, ``80%`` or ``[[4]]``, and yes as 1."""
        reading = self.numbers
        if not self.is_written:
            return reading
        codes, texts = self._entries
        # Beside a share of something, a plain number is on a scale that nobody knows.
        is_on_scale = not self.denominators or denominator not in (None, 1.0)
        is_truth = bool((reading.unreadable | reading.missing).all() and self._are_signs())
        if is_truth:
            written = [SIGNS.get(fold(text), np.nan) for text in texts]
        else:
            written = [_written_number(fold(text), denominator, is_on_scale=is_on_scale) for text in texts]
        values = np.array([*written, np.nan])[codes]
        taken = reading.unreadable & np.isfinite(values)
        if not taken.any():
            return reading
        first = int(codes[taken][0])
        is_kept = taken | np.isfinite(reading.values) if is_on_scale else taken
        return replace(
            reading,
            values=np.where(taken, values, np.where(is_kept, reading.values, np.nan)),
            unreadable=~reading.missing & ~is_kept,
            examples=np.array([*texts, ""], dtype=object)[codes],
            is_truth=is_truth,
            read_as=_signs_read(texts[first])
            if is_truth
            else f"entries such as {texts[first]!r} as {written[first]:g}",
        )

    def as_codes(self, kind: ScoreKind) -> Reading:
        """As places in the labels of a kind."""
        if self.numbers.kind is not None:
            return self.numbers
        known, (codes, texts) = codes_of(kind), self._entries
        values = np.array([*(known.get(fold(text), np.nan) for text in texts), np.nan])[codes]
        unreadable = np.isnan(values) & (codes >= 0)
        examples = np.array([*texts, ""], dtype=object)[codes] if unreadable.any() else None
        return Reading(values=values, missing=codes < 0, unreadable=unreadable, examples=examples)

    def read(self, kind: ScoreKind, *, denominator: float | None, is_closed: bool = False) -> Reading:
        """As a kind has it; where it is closed, numbers that are none of its labels are unreadable."""
        if kind.is_coded or (kind.is_answered and not _are_no_and_yes(kind) and not self.is_numeric):
            return self.as_codes(kind)
        reading = self.as_numbers(denominator=denominator)
        if not is_closed or not kind.labels or kind.is_answered or reading.kind is not None:
            return reading
        outside = np.isfinite(reading.values) & ~np.isin(reading.values, [float(label) for label in kind.labels])
        codes, texts = self._entries
        return replace(
            reading,
            values=np.where(outside, np.nan, reading.values),
            unreadable=reading.unreadable | outside,
            examples=np.array([*texts, ""], dtype=object)[codes],
        )

    def share_of(self, known: Iterable[str]) -> float:
        """Share of the entries that are one of these labels."""
        counts = {label: sum(written.values()) for label, written in self.spellings.items()}
        n_given = sum(counts.values())
        return sum(counts.get(label, 0) for label in known) / n_given if n_given else 0.0

    def _are_signs(self) -> bool:
        return self.share_of(SIGNS) >= 1 - MAX_STRAY_RATE


def common_denominator(columns: Iterable[ScoreColumn]) -> float | None:
    """The number that scores such as ``4/5`` are out of, None where there is none or it is not always the same."""
    found = sum((each.denominators for each in columns), Counter[float]())
    usual, n = found.most_common(1)[0] if found else (None, 0)
    return usual if n >= (1 - MAX_STRAY_RATE) * found.total() else None


def codes_of(kind: ScoreKind) -> dict[str, float]:
    """What each label is read as, by what tells labels apart; other words for yes, no and a tie too."""
    own = {fold(label): float(code) for code, label in enumerate(kind.labels)}
    if kind.name == "pairwise":
        return {**VERDICTS, **own}
    if kind.name in ("binary", "probability") and all(SIGNS.get(label, code) == code for label, code in own.items()):
        return {**SIGNS, **own}
    return own


def _are_no_and_yes(kind: ScoreKind) -> bool:
    """Whether its two labels are known words that are read as 0 and 1."""
    return [SIGNS.get(fold(label)) for label in kind.labels] == [0.0, 1.0]


def _written_number(text: str, denominator: float | None, *, is_on_scale: bool) -> float:
    """The number that a folded text is; NaN where it is none."""
    if match := _FRACTION.fullmatch(text):
        divisor = float(match[2])
        return float(match[1]) * ((denominator or 1) / divisor) if divisor else np.nan
    if match := _PERCENT.fullmatch(text):
        return float(match[1].replace(",", ".")) / 100
    if not is_on_scale:
        return np.nan
    if match := _STARS.fullmatch(text):
        return float(len(match[1]))
    if (match := _MEANT.fullmatch(text)) and match[2] in GRADE_WORDS:
        return float(match[1])
    match = _ALONE.fullmatch(text)
    return float(match[1]) if match else np.nan


def _signs_read(text: str) -> str:
    low, high = next(pair for pair in OPPOSITES if fold(text) in pair)
    return f"{low!r} as 0 and {high!r} as 1"
