"""The record of a comparison as plain JSON, and what a gate reads of it.

The shape is a contract: keys may join, none leaves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat, TypeAdapter, ValidationError

from drift_core.agreement.rule import Rule
from drift_core.comparison.part_change import Outcome, outcome_of
from drift_core.errors import InputError, SettingError
from drift_core.measured import figure
from drift_core.tables.json_text import json_text
from drift_core.tables.small_files import parse_json, read_small, shown

if TYPE_CHECKING:
    from drift_core.comparison.compare import ComparedSample, Comparison
    from drift_core.comparison.part_change import PartChange

SCHEMA = 1
KIND = "before_after"
FAULTS_SHOWN = 20
Utc = Annotated[
    datetime,
    BeforeValidator(lambda text: datetime.fromisoformat(text) if isinstance(text, str) else text),
    AfterValidator(lambda at: at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)),
]
Number = Annotated[int, Field(ge=-(10**15), le=10**15)] | FiniteFloat


@dataclass(frozen=True, slots=True, kw_only=True)
class WorsePart:
    """A part that got worse: how it is called, and what was found."""

    title: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedFigure:
    """Agreement of one student in a part; no estimate where it was not measured."""

    estimate: FiniteFloat | None = None
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    n_pairs: int = 0
    is_share: bool = False

    def told(self, value: float) -> str:
        """A value of this figure as it is written, in per cent where labels are compared."""
        return figure(value, ".3f", is_share=self.is_share)

    @property
    def text(self) -> str:
        """The figure with its interval and size; empty where it was not measured."""
        if self.estimate is None or self.low is None or self.high is None:
            return ""
        estimate, low, high = map(self.told, (self.estimate, self.low, self.high))
        return f"{estimate} ({low} to {high}), n = {self.n_pairs:,}"

    def to_json(self) -> dict[str, object]:
        plain: dict[str, object] = {name: getattr(self, name) for name in ("estimate", "low", "high", "n_pairs")}
        return plain | ({"is_share": True} if self.is_share else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedEntropy:
    """Entropy of both students' outputs on one sample, and the most that it could be, in bits."""

    sample: str
    before: FiniteFloat
    after: FiniteFloat
    most: FiniteFloat


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPart:
    """A part that was compared in one sample; partition and name are None for all its pairs."""

    outcome: Outcome
    partition: str | None = None
    name: str | None = None
    sample: str | None = None
    before: ComparedFigure | None = None
    after: ComparedFigure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedInput:
    """What the gate asks of a sample; a record of an earlier version tells less."""

    slices_left_out: tuple[str, ...] = ()
    pairs_digest: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRecord:
    """What the gate asks of a comparison.

    Attributes
    ----------
    student_before, student_after
        Versions of the students; None where the comparison names none.
    outcome, sentence
        The verdict on the whole.
    worse
        Parts that got worse, the whole first.
    parts
        All parts.
    is_measured
        Whether every sample that was given, the tail set too, could be measured as a whole.
    made_at
        When it was made, UTC; None in a record of an earlier version.
    rule
        The rule that it was made with, by field; None where the record holds none.
    inputs
        The samples, by frozen, fresh and tail.
    entropy
        Of the outputs on frozen and fresh pairs; empty in a record of an earlier version.
    """

    student_before: str | None = None
    student_after: str | None = None
    outcome: Outcome
    sentence: str
    worse: tuple[WorsePart, ...]
    parts: tuple[ComparedPart, ...] = ()
    is_measured: bool
    made_at: Utc | None = None
    rule: Mapping[str, Number] | None = None
    inputs: Mapping[str, ComparedInput | None] = field(default_factory=dict)
    entropy: tuple[ComparedEntropy, ...] = ()

    @property
    def regions(self) -> tuple[tuple[str, str], ...]:
        """Partition and name of the regions among its parts, each once."""
        return tuple(dict.fromkeys((part.partition, part.name) for part in self.parts if part.partition and part.name))

    @property
    def tail_digest(self) -> str | None:
        """Digest of the texts of the tail set; None where none was compared."""
        found = self.inputs.get("tail")
        return found.pairs_digest if found else None

    @property
    def n_tail_left_out(self) -> int:
        """Pairs of the tail set that were not compared: the student was trained on them, or one student lacks them."""
        found = self.inputs.get("tail")
        return sum(found.left_out.get(name, 0) for name in ("trained_on", "missing_student_before")) if found else 0

    @property
    def slices_left_out(self) -> tuple[str, ...]:
        """Slice columns that its samples have and that were not compared."""
        return tuple(dict.fromkeys(name for each in self.inputs.values() if each for name in each.slices_left_out))


def comparison_to_json(comparison: "Comparison") -> dict[str, object]:
    """Turn a comparison into plain JSON values."""
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "version": comparison.version,
        "made_at": comparison.made_at.isoformat(),
        "outcome": comparison.outcome,
        "headline": comparison.headline,
        "sentence": comparison.sentence,
        "student_before": comparison.students.before,
        "student_after": comparison.students.after,
        "cautions": list(comparison.cautions),
        "is_measured": comparison.is_measured,
        "worse": [_worse(part) for part in comparison.worse],
        "parts": [_part(part) for part in comparison.parts],
        "inputs": {
            "frozen": comparison.frozen and _input(comparison.frozen),
            "fresh": comparison.fresh and _input(comparison.fresh),
            "tail": comparison.tail and _input(comparison.tail),
        },
        "calibration": [each.to_json() for each in comparison.calibration],
        "entropy": [each.to_json() for each in comparison.entropy],
        "trained_on": comparison.trained_on,
        "n_trained": comparison.n_trained,
        "operations": comparison.operations.to_json(),
        "operating_findings": list(comparison.operations.findings),
        "rule": comparison.rule.to_json(),
        "seed": comparison.seed,
    }


def _worse(part: "PartChange") -> dict[str, object]:
    from drift_core.comparison.sentences import part_sentence

    return {"title": part.full_title, "sample": part.sample, "sentence": part_sentence(part)}


def _part(part: "PartChange") -> dict[str, object]:
    return {
        "sample": part.sample,
        "partition": part.partition,
        "name": part.name,
        "outcome": part.outcome,
        "reason": part.reason,
        "share": part.share,
        "before": part.order.before.to_json(),
        "after": part.order.after.to_json(),
        "change": part.change.to_json(),
        "explained_by": part.explained_by,
        "detectable": part.detectable,
        "spearman_before": part.agreement_before.to_json(),
        "spearman_after": part.agreement_after.to_json(),
        "overlap": {
            "k": part.overlap.k,
            "before": part.overlap.before,
            "after": part.overlap.after,
            "change": part.overlap.change.to_json(),
        },
    }


def _input(sample: "ComparedSample") -> dict[str, object]:
    return {
        "path": sample.path,
        "name": sample.name,
        "digest": sample.digest,
        "pairs_digest": sample.pairs_digest,
        "n_pairs": sample.n_pairs,
        "n_compared": sample.whole.n_pairs,
        "slices": list(sample.slices),
        "slices_left_out": list(sample.slices_left_out),
        "left_out": {problem.name: problem.n_rows for problem in sample.left_out},
        "notes": [problem.message for problem in (*sample.left_out, *sample.problems)],
    }


def record_of(comparison: "Comparison") -> ComparisonRecord:
    """Give what the gate asks of a comparison at hand."""
    return _record(json_text(comparison_to_json(comparison)), where="The comparison")


def read_comparison(path: str | Path) -> ComparisonRecord:
    """Read ``comparison.json``.

    Raises
    ------
    InputError
        When it cannot be read, is no comparison, or lacks what the gate asks; one message a fault.
    """
    return parse_comparison(read_small(path, called="The comparison"), name=str(path))


def parse_comparison(read: bytes, *, name: str) -> ComparisonRecord:
    """Read the content of a file that messages call `name`; raises as `read_comparison`."""
    try:
        text = read.decode("utf-8-sig")
        content = parse_json(text)
    except ValueError as error:
        raise InputError(f"The comparison {name} is not valid JSON: {error}. Compare again.") from error
    if not isinstance(content, Mapping) or content.get("kind") != KIND:
        raise InputError(f"{name} is no comparison. Expected the JSON of: distillation-drift compare --json FILE.")
    if content.get("schema") != SCHEMA:
        found = content.get("schema")
        raise InputError(f"{name} has schema {shown(found)}; this version reads schema {SCHEMA}. Compare again.")
    return _record(text, where=name)


def _record(text: str, *, where: str) -> ComparisonRecord:
    try:
        record = TypeAdapter(ComparisonRecord).validate_json(text, strict=True)
        faults = list(_contradictions(record))
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}; found {shown(each['input'])}."
            for each in error.errors(include_url=False)
        ]
    if faults:
        more = [f"and {len(faults) - FAULTS_SHOWN:,} more."] if len(faults) > FAULTS_SHOWN else []
        raise InputError("\n".join(f"{where}: {fault}" for fault in faults[:FAULTS_SHOWN] + more))
    return record


def _contradictions(record: ComparisonRecord) -> Iterator[str]:
    """Tie the verdict to the parts that it comes from, and the rule's fields to what they may be."""
    known = {each.name for each in fields(Rule)}
    try:
        Rule(**{name: value for name, value in (record.rule or {}).items() if name in known})  # type: ignore[arg-type]
    except SettingError as error:
        yield f"{error} Compare again."
    wholes = {part.outcome for part in record.parts if part.partition is None}
    n_worse = sum(part.outcome == "worse" for part in record.parts)
    if n_worse != len(record.worse):
        yield f"worse names {len(record.worse)} parts, but {n_worse} of the parts are worse. Compare again."
    elif not wholes:
        yield "parts must name all pairs of at least one sample; it names regions only or none. Compare again."
    elif outcome_of(wholes) != record.outcome:
        yield f"outcome is {record.outcome}, but its parts say {outcome_of(wholes)}. Compare again."
