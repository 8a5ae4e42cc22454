"""Every version of the student on the identical frozen set, from the comparisons that were made release by release."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from drift_core.comparison.comparison_json import ComparedFigure, ComparedPart, ComparisonRecord
from drift_core.errors import InputError
from drift_core.wording import one_line

SAME = 1e-6  # a difference that is nothing but another sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version.

    Attributes
    ----------
    name, made_at
        The version, and when the newest comparison that has it was made, UTC.
    frozen, tail
        Its agreement on the frozen set and on the tail set, with interval and pairs; None where it was not measured.
    entropy, most
        Entropy of its outputs on the frozen set, and the most that it could be, in bits; None where it was not.
    """

    name: str
    made_at: datetime | None
    frozen: ComparedFigure | None
    tail: ComparedFigure | None
    entropy: float | None = None
    most: float | None = None

    @property
    def entropy_text(self) -> str:
        """The entropy beside its most; empty where there is none."""
        return "" if self.entropy is None or self.most is None else f"{self.entropy:.2f} of {self.most:.2f} bits"

    def to_json(self) -> dict[str, object]:
        return {
            "version": self.name,
            "made_at": self.made_at and self.made_at.isoformat(),
            "frozen": self.frozen and self.frozen.to_json(),
            "tail": self.tail and self.tail.to_json(),
            "entropy": self.entropy,
            "entropy_most": self.most,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """All versions in the order in which they came up, the digest of their frozen set, and what is odd."""

    versions: tuple[Version, ...]
    frozen_digest: str
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "frozen_digest": self.frozen_digest,
            "versions": [each.to_json() for each in self.versions],
            "notes": list(self.notes),
        }


def versions_of(records: Mapping[str, ComparisonRecord]) -> Versions:
    """Put comparisons together.

    Parameters
    ----------
    records
        Comparisons by the name of their file, in any order.

    Returns
    -------
    Versions
        A version that several comparisons have is told by the newest of them. A tail set that is not the newest
        comparison's is left out, and said.

    Raises
    ------
    InputError
        When there is none, one has no frozen set or was made by a version that does not tell its pairs, one names no
        student, or two have other pairs.
    """
    if not records:
        raise InputError("Versions need at least one comparison; found none. Make one with: compare --json FILE.")
    ordered = dict(sorted(records.items(), key=lambda each: (str(each[1].made_at), each[0])))
    digest = _common_digest(ordered)
    tail_digest = next(reversed(ordered.values())).tail_digest
    found: dict[str, Version] = {}
    notes = []
    for file, record in ordered.items():
        if record.tail_digest not in (None, tail_digest):
            notes.append(f"{one_line(file)} has another tail set, which is left out.")
        for name, side in ((record.student_before, "before"), (record.student_after, "after")):
            if name is None:
                raise InputError(f"{file} does not name both students. Compare again with --before and --after.")
            known = found.get(name)
            own = _version(name, record, side, has_tail=record.tail_digest == tail_digest)
            if known is not None:
                notes += _odd(known, own)
                own = replace(own, tail=own.tail or known.tail)
            found[name] = own
    return Versions(versions=tuple(found.values()), frozen_digest=digest, notes=tuple(dict.fromkeys(notes)))


def _common_digest(records: Mapping[str, ComparisonRecord]) -> str:
    digests: dict[str, str] = {}
    for file, record in records.items():
        frozen = record.inputs.get("frozen")
        if frozen is None or not frozen.pairs_digest:
            raise InputError(
                f"{file} has no frozen set, or was made by a version that does not tell its pairs. Compare again on it."
            )
        digests.setdefault(frozen.pairs_digest, file)
    if len(digests) > 1:
        (one, first), (two, second) = list(digests.items())[:2]
        raise InputError(
            f"{first} and {second} were made on other frozen sets, {one[:12]} and {two[:12]}. Versions are compared on "
            "the identical pairs: give comparisons on one of them."
        )
    return next(iter(digests))


def _version(name: str, record: ComparisonRecord, side: str, *, has_tail: bool) -> Version:
    def figure(sample: str) -> ComparedFigure | None:
        part = next((each for each in record.parts if each.sample == sample and _is_whole(each)), None)
        found: ComparedFigure | None = getattr(part, side, None)
        return found if found is not None and found.estimate is not None else None

    tail = figure("tail") if has_tail else None
    used = next((each for each in record.entropy if each.sample == "frozen"), None)
    bits = {} if used is None else {"entropy": used.before if side == "before" else used.after, "most": used.most}
    return Version(name=name, made_at=record.made_at, frozen=figure("frozen"), tail=tail, **bits)


def _is_whole(part: ComparedPart) -> bool:
    return part.partition is None or part.sample == "tail"


def _odd(known: Version, again: Version) -> list[str]:
    one, two = known.frozen, again.frozen
    if one is None or two is None or one.estimate is None or two.estimate is None:
        return []
    if abs(one.estimate - two.estimate) < SAME:
        return []
    first, later = one.told(one.estimate), two.told(two.estimate)
    return [
        f"{one_line(known.name)} has agreement {first} in one comparison and {later} in a later one: the teacher's "
        "scores, or the pairs that were left out, differ."
    ]
