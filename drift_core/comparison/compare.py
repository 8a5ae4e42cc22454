"""Before and after: whether the retrained student judges better than the one that it replaces."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from drift_core.agreement.rule import Rule
from drift_core.comparison.calibration_change import CalibrationChange, calibration_changes
from drift_core.comparison.entropy_change import EntropyChange, entropy_changes
from drift_core.comparison.part_change import (
    TAIL,
    Outcome,
    PartChange,
    SampleName,
    judge_regions,
    judge_whole,
    outcome_of,
)
from drift_core.comparison.partitions import MeasuredSample, cuts_of, explain_overlaps, measure_parts
from drift_core.comparison.sentences import comparison_headline, comparison_lines, comparison_sentence
from drift_core.comparison.tail_set import check_tail, digest_of_pairs, trained_on_tail
from drift_core.comparison.usable_pairs import TrainedPairs, UsablePairs, usable_pairs
from drift_core.errors import InputError, SettingError
from drift_core.measured import Measured
from drift_core.operations.operations import Operations, operations_of
from drift_core.regions.partitions import Partition
from drift_core.samples.pairs import ScoredPairs
from drift_core.tables.problem import Problem
from drift_core.version import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Students:
    """What the two students are called; None where nobody said."""

    before: str | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        if self.before is not None and self.before == self.after:
            raise SettingError(f"Student before and student after are both called {self.before!r}. Name two versions.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedSample:
    """One sample's part in a comparison.

    Attributes
    ----------
    name, path, digest, n_pairs
        The sample as it was read.
    whole
        All its usable pairs.
    regions
        Its regions, in the order of the partitions.
    left_out
        Pairs that were left out, one entry a reason.
    problems
        What was found wrong when it was read.
    slices, slices_left_out
        Slice columns of the sample, and those of them whose values were not compared.
    pairs_digest
        Digest of the texts of its pairs, the same whoever scored them.
    """

    name: str
    path: str | None
    digest: str
    n_pairs: int
    whole: PartChange
    regions: tuple[PartChange, ...]
    left_out: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    slices: tuple[str, ...] = ()
    slices_left_out: tuple[str, ...] = ()
    pairs_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two students on the same pairs.

    Attributes
    ----------
    students
        Their names.
    frozen, fresh
        The frozen set, and fresh production pairs; at least one is there.
    tail
        The tail set, whose whole is judged with the regions; None where none was given.
    operations
        Cost, latency and failures of calls, from the fresh pairs where they have any, else from the frozen ones.
    trained_on, n_trained
        The list of training pairs that were left out, and how many it holds; None where none was given.
    calibration, entropy
        How the calibration error and the entropy of the outputs changed on each sample; neither decides anything.
    rule, seed, version, made_at
        What it was made with, and when, UTC.
    """

    students: Students
    frozen: ComparedSample | None
    fresh: ComparedSample | None
    tail: ComparedSample | None = None
    operations: Operations
    trained_on: str | None
    n_trained: int | None
    rule: Rule
    seed: int
    made_at: datetime
    calibration: tuple[CalibrationChange, ...] = ()
    entropy: tuple[EntropyChange, ...] = ()
    version: str = field(default=VERSION)

    @property
    def samples(self) -> tuple[ComparedSample, ...]:
        return tuple(each for each in (self.frozen, self.fresh) if each is not None)

    @property
    def wholes(self) -> tuple[PartChange, ...]:
        """The whole of each sample, the tail set last."""
        return tuple(each.whole for each in (*self.samples, *((self.tail,) if self.tail else ())))

    @property
    def is_measured(self) -> bool:
        """Whether every whole could be measured; else the gate cannot tell by it."""
        return all(isinstance(each.change, Measured) for each in self.wholes)

    @property
    def parts(self) -> tuple[PartChange, ...]:
        """The whole of each sample, then the tail set, then every region."""
        return (*self.wholes, *(part for each in self.samples for part in each.regions))

    @property
    def worse(self) -> tuple[PartChange, ...]:
        """Parts that got worse, the largest fall first."""
        found = [part for part in self.parts if part.outcome == "worse"]
        return tuple(sorted(found, key=lambda part: (part.partition is not None, -part.fall)))

    @property
    def outcome(self) -> Outcome:
        """Worse where one sample as a whole is; else better where one is; the same where all are; else cannot tell."""
        return outcome_of({each.whole.outcome for each in self.samples})

    @property
    def sentence(self) -> str:
        """The verdict with its figures, and what got worse."""
        return comparison_sentence(self.outcome, self.parts)

    @property
    def headline(self) -> str:
        """The verdict in at most about fifteen words."""
        return comparison_headline(self.outcome, self.parts)

    @property
    def lines(self) -> tuple[str, ...]:
        """The figures behind the headline, one sentence a sample and one for the regions."""
        collapses = (each.sentence for each in self.entropy if each.is_collapsing)
        beside = (each.sentence for each in self.calibration)
        return (*comparison_lines(self.outcome, self.parts), *beside, *collapses)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What it cannot tell: samples of too few queries, and slice columns that it left out."""
        told = [
            f"The {part.sample} pairs have {part.n_queries} queries, under {self.rule.few_queries}: where a few "
            "of them carry the change, its interval is too short to be sure."
            for part in filter(lambda each: 0 < each.n_queries < self.rule.few_queries, self.wholes)
        ]
        told += [] if self.tail is None else trained_on_tail(self.tail.left_out, self.tail.n_pairs)
        names = dict.fromkeys(name for each in self.samples for name in each.slices_left_out)
        return (*told, *([f"Slice columns that were not compared: {', '.join(names)}."] if names else ()))

    def __repr__(self) -> str:
        return f"Comparison({self.outcome!r}, {' and '.join(part.sample for part in self.wholes)})\n{self.sentence}"


def compare(
    frozen: ScoredPairs | None = None,
    fresh: ScoredPairs | None = None,
    *,
    tail: ScoredPairs | None = None,
    tail_digest: str | None = None,
    students: Students = Students(),
    rule: Rule = Rule(),  # noqa: B008 - frozen
    slices: Sequence[str] | None = None,
    partitions: Sequence[Partition] = (),
    trained_on: TrainedPairs | None = None,
    seed: int = 0,
    made_at: datetime | None = None,
) -> Comparison:
    """Compare the student after with the student before, both on the very same pairs.

    Parameters
    ----------
    frozen
        The frozen set: pairs with the teacher's score, the student's after and the student's before.
    fresh
        Fresh production pairs with the same three scores.
    tail, tail_digest
        The tail set with the same three scores, and the digest that the judge card has of it.
    students
        Names of the two, such as their versions; the gate holds them against the judge card.
    rule
        Thresholds and error rates.
    slices
        Slice columns whose values are regions; by default every one.
    partitions
        Other ways to cut the samples, frozen in the place of held-out and fresh in that of production.
    trained_on
        Pairs that the student after was trained on. They are left out and counted.
    seed
        Seed of the intervals of overlap.
    made_at
        The time to record, with a time zone; by default this moment.

    Raises
    ------
    InputError
        When no sample is given, one has no scores by the student before, or the tail set is another than the card's.

    Notes
    -----
    Every part is judged by its agreement in the order of all pairs (see `PairedOrder.change`). A sample as a whole is
    called better or worse at a two-sided error rate of `rule.alpha`, and only from a change of `rule.smallest_loss` on.
    The regions of both samples and the tail set have one false discovery rate, half of `rule.alpha` each way, and count
    from `rule.alarm_loss` on. So a release that changed nothing is called worse by chance with at most `rule.alpha` for
    one sample, and one and a half times that for two. A part is the same where the whole interval lies within these
    limits.

    Examples
    --------
    >>> import pandas as pd
    >>> from drift_core.samples.reading import read_pairs
    >>> scores = [i / 40 for i in range(40)]
    >>> frame = pd.DataFrame({"query": [f"q{i}" for i in range(40)], "doc": "d", "teacher": scores})
    >>> both = frame.assign(student=scores, student_before=scores[::-1])
    >>> compare(read_pairs(both)).outcome
    'better'
    """
    given: dict[SampleName, ScoredPairs | None] = {"frozen": frozen, "fresh": fresh}
    if frozen is None and fresh is None:
        raise InputError("A comparison needs the frozen set, fresh production pairs, or both; found neither.")
    usable: dict[SampleName, UsablePairs] = {}
    for name, sample in ((name, sample) for name, sample in given.items() if sample is not None):
        known = set(usable["frozen"].digests) if "frozen" in usable else ()
        usable[name] = usable_pairs(sample, trained_on=trained_on, frozen=known)
    measured = {
        name: measure_parts(each, name, cuts_of(each, name, slices=slices, partitions=partitions), rule=rule, seed=seed)
        for name, each in usable.items()
    }
    of_tail = None if tail is None else _measured_tail(tail, tail_digest, trained_on, rule=rule, seed=seed)
    tails = [] if of_tail is None else [of_tail.parts[0]]
    regions = judge_regions([*(part for each in measured.values() for part in each.parts[1:]), *tails], rule=rule)
    compared = {
        name: _compared(each, [part for part in regions if part.sample == name], rule=rule, slices=slices)
        for name, each in measured.items()
    }
    return Comparison(
        students=students,
        frozen=compared.get("frozen"),
        fresh=compared.get("fresh"),
        tail=None if of_tail is None else replace(_compared(of_tail, (), rule=rule, slices=None), whole=regions[-1]),
        calibration=tuple(calibration_changes(usable, confidence=rule.confidence, seed=seed)),
        entropy=tuple(entropy_changes(usable, confidence=rule.confidence)),
        operations=operations_of(fresh, frozen, confidence=rule.confidence),
        trained_on=trained_on.name if trained_on else None,
        n_trained=len(trained_on.digests) if trained_on else None,
        rule=rule,
        seed=seed,
        made_at=(made_at or datetime.now(UTC)).astimezone(UTC),
    )


def _measured_tail(
    tail: ScoredPairs, digest: str | None, trained_on: TrainedPairs | None, *, rule: Rule, seed: int
) -> MeasuredSample:
    """Measure the tail set as one region, in the order of its own pairs."""
    check_tail(tail, digest)
    found = measure_parts(usable_pairs(tail, trained_on=trained_on), "tail", (), rule=rule, seed=seed)
    return replace(found, parts=(replace(found.parts[0], partition=TAIL, name=TAIL),))


def _compared(
    measured: MeasuredSample, regions: Sequence[PartChange], *, rule: Rule, slices: Sequence[str] | None
) -> ComparedSample:
    sample = measured.usable.sample
    return ComparedSample(
        name=sample.name,
        path=sample.source,
        digest=sample.digest,
        n_pairs=len(sample),
        whole=judge_whole(measured.parts[0], rule=rule),
        regions=explain_overlaps(measured, regions, rule=rule),
        left_out=measured.usable.left_out,
        problems=sample.problems,
        slices=tuple(sample.slices),
        pairs_digest=digest_of_pairs(sample),
        slices_left_out=() if slices is None else tuple(name for name in sample.slices if name not in slices),
    )
