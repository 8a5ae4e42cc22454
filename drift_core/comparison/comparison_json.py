"""The record of a comparison as plain JSON, and what a gate reads of it.

The shape is a contract: keys may join, none leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drift_core.comparison.json_faults import faults_of, read_moment
from drift_core.errors import InputError
from drift_core.measured import Measured
from drift_core.tables.small_files import parse_json, read_small, shown

if TYPE_CHECKING:
    from drift_core.comparison.compare import ComparedSample, Comparison
    from drift_core.comparison.operating_figures import OperatingFigure
    from drift_core.comparison.part_change import PartChange

SCHEMA = 1
KIND = "before_after"
SAMPLES = ("frozen", "fresh")
FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorsePart:
    """A part that got worse: how it is called, and what was found."""

    title: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRegion:
    """A region that was compared, in one sample at least."""

    partition: str
    name: str


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
    is_measured
        Whether every sample that was given could be measured as a whole.
    made_at
        When it was made, UTC; None in a record of an earlier version.
    rule
        The rule that it was made with, by field; None where the record holds none.
    regions
        Regions among its parts, each once.
    slices_left_out
        Slice columns that its samples have and that were not compared.
    """

    student_before: str | None
    student_after: str | None
    outcome: str
    sentence: str
    worse: tuple[WorsePart, ...]
    is_measured: bool
    made_at: datetime | None = None
    rule: Mapping[str, float | int] | None = None
    regions: tuple[ComparedRegion, ...] = ()
    slices_left_out: tuple[str, ...] = ()


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
        "is_measured": all(isinstance(each.whole.change, Measured) for each in comparison.samples),
        "worse": [_worse(part) for part in comparison.worse],
        "parts": [_part(part) for part in comparison.parts],
        "inputs": {
            "frozen": comparison.frozen and _input(comparison.frozen),
            "fresh": comparison.fresh and _input(comparison.fresh),
        },
        "trained_on": comparison.trained_on,
        "n_trained": comparison.n_trained,
        "operations": [_operation(each) for each in comparison.operations],
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
        "n_pairs": sample.n_pairs,
        "n_compared": sample.whole.n_pairs,
        "slices": list(sample.slices),
        "slices_left_out": list(sample.slices_left_out),
        "left_out": {problem.name: problem.n_rows for problem in sample.left_out},
        "notes": [problem.message for problem in (*sample.left_out, *sample.problems)],
    }


def _operation(figure: "OperatingFigure") -> dict[str, object]:
    return {
        "figure": figure.figure,
        "of": figure.who,
        "value": figure.value.to_json(),
        "of_teacher": figure.of_teacher and figure.of_teacher.to_json(),
    }


def record_of(comparison: "Comparison") -> ComparisonRecord:
    """Give what the gate asks of a comparison at hand."""
    return record_from(comparison_to_json(comparison), where="The comparison")


def read_comparison(path: str | Path) -> ComparisonRecord:
    """Read ``comparison.json``.

    Raises
    ------
    InputError
        When it cannot be read, is no comparison, or lacks what the gate asks; one message a fault.
    """
    read = read_small(path, called="The comparison")
    try:
        content = parse_json(read.decode("utf-8-sig"))
    except ValueError as error:
        raise InputError(f"The comparison {path} is not valid JSON: {error}. Compare again.") from error
    return record_from(content, where=str(path))


def record_from(content: object, *, where: str) -> ComparisonRecord:
    """Check the content of a comparison's JSON and give what the gate asks of it."""
    if not isinstance(content, Mapping) or content.get("kind") != KIND:
        raise InputError(f"{where} is no comparison. Expected the JSON of: distillation-drift compare --json FILE.")
    if content.get("schema") != SCHEMA:
        found = content.get("schema")
        raise InputError(f"{where} has schema {shown(found)}; this version reads schema {SCHEMA}. Compare again.")
    faults = [f"{where}: {fault}" for fault in faults_of(content)]
    if faults:
        more = [f"{where}: and {len(faults) - FAULTS_SHOWN:,} more."] if len(faults) > FAULTS_SHOWN else []
        raise InputError("\n".join(faults[:FAULTS_SHOWN] + more))
    return ComparisonRecord(
        student_before=content.get("student_before"),
        student_after=content.get("student_after"),
        outcome=content["outcome"],
        sentence=content["sentence"],
        worse=tuple(WorsePart(title=each["title"], sentence=each["sentence"]) for each in content["worse"]),
        is_measured=content["is_measured"],
        made_at=read_moment(content.get("made_at")),
        rule=content.get("rule"),
        regions=_regions(content["parts"]),
        slices_left_out=_slices_left_out(content.get("inputs")),
    )


def _regions(parts: Sequence[Mapping[str, Any]]) -> tuple[ComparedRegion, ...]:
    found = [(part.get("partition"), part.get("name")) for part in parts]
    named = [(cut, name) for cut, name in found if isinstance(cut, str) and isinstance(name, str)]
    return tuple(ComparedRegion(partition=cut, name=name) for cut, name in dict.fromkeys(named))


def _slices_left_out(inputs: object) -> tuple[str, ...]:
    """Read them where they are; a record of an earlier version tells none."""
    samples = [inputs.get(name) for name in SAMPLES] if isinstance(inputs, Mapping) else []
    listed = [each.get("slices_left_out") for each in samples if isinstance(each, Mapping)]
    named = [name for each in listed if isinstance(each, list) for name in each if isinstance(name, str)]
    return tuple(dict.fromkeys(named))
