"""The figures of a canary run: of held-out, of regions, of new traffic, and of a change of the teacher's revision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from drift_core.measured import Measurement
from drift_core.wording import counted

STRAYS = 5  # held-out pairs in a new region from which it is rare; fewer fall there as every cut takes in a few


def held(n_heldout: int) -> int:
    """Held-out's pairs in a region, none where they are strays."""
    return n_heldout if n_heldout >= STRAYS else 0


def novelty(n_heldout: int | None) -> str:
    """Say of a region that held-out lacks that it is new, or how few of its pairs are like it."""
    if not n_heldout:
        return "new"
    pairs = counted(n_heldout, "of held-out's pairs is", "of held-out's pairs are")
    return f"rare before: {pairs} like it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFigure:
    """The mean error of the student on a sample, in units of its error at ship time.

    Attributes
    ----------
    level
        The mean; 1 is as at ship time.
    variance, third
        Second and third cumulant of that mean while nothing changes.
    degrees
        Degrees of freedom that the variance was estimated with.
    """

    level: float
    variance: float
    third: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFigure:
    """Pairs of a region whose labels differ.

    Attributes
    ----------
    differing
        How many.
    expected, variance
        How many held-out lets one expect by the labels given, and the variance of that count while nothing changes.
    """

    differing: int
    expected: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldoutFigure:
    """Held-out as this run measured it, from which the baseline is taken at ship time.

    Attributes
    ----------
    digest
        Content digest of the sample; None for an imported week.
    agreement
        Agreement on held-out.
    z_error
        Standard error of held-out's agreement on Fisher's z scale.
    error
        The student's error on held-out, 1 by definition, with its scatter; None for an imported week.
    """

    digest: str | None
    agreement: Measurement
    z_error: float
    error: ErrorFigure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTraffic:
    """The region that held-out lacks on which the student errs most clearly.

    Attributes
    ----------
    names
        The region.
    n_pairs, n_queries, share
        Its size, and its fraction of the week's pairs.
    p_value
        One-sided p-value of "the student errs more there than held-out's regions differ", the smallest over all new
        regions times their number.
    error
        Its error level against held-out's; None where it was not measured.
    n_tested
        New regions that were looked at.
    """

    names: tuple[str, ...]
    n_pairs: int
    n_queries: int
    share: float
    p_value: float
    error: ErrorFigure | None = None
    n_tested: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFigure:
    """One region in one week.

    Attributes
    ----------
    partition, name
        Which region; a query cluster keeps its name over the weeks, see `registry`.
    n_pairs, n_queries, share
        Its size, and its fraction of the week's pairs; runs of earlier versions have no queries.
    since
        Day of the run of this history that showed it first, as 2026-03-16.
    agreement, agreement_heldout
        Agreement on the week's pairs and on held-out's.
    is_new
        Whether held-out lacks it.
    drifted
        Whether the diagnosis of this week flagged it, or most of its pairs.
    error
        The student's error on its pairs; None where they are too few or it was found by their errors, so that they say
        nothing more, and in runs of earlier versions.
    error_heldout
        The same on held-out's pairs; None where there are too few.
    count
        How many of its pairs' labels differ; None of scores, in weighted samples and in runs of earlier versions.
    n_heldout
        Pairs that held-out has of it; None in runs of earlier versions.
    measures
        Other measures on its pairs, by the names of `canary.slice_measures`, where a judge card has a floor on one.
    centroid, n_texts, closeness, closeness_sd
        Of a query cluster: its centroid, the distinct texts that made it, and mean and sd of the cosine between a text
        and the centroid of the others.
    """

    partition: str
    name: str
    n_pairs: int
    share: float
    agreement: Measurement
    agreement_heldout: float | None
    is_new: bool
    drifted: bool
    n_queries: int | None = None
    since: str | None = None
    error: ErrorFigure | None = None
    error_heldout: ErrorFigure | None = None
    centroid: str | None = None
    n_texts: int | None = None
    closeness: float | None = None
    closeness_sd: float | None = None
    count: CountFigure | None = None
    n_heldout: int | None = None
    measures: Mapping[str, Measurement] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Plain values; without a count, other measures and held-out's pairs as versions wrote it that knew none."""
        absent = {name for name in ("count", "measures") if not getattr(self, name)}
        absent |= {"n_heldout"} if self.n_heldout is None else set()
        return {name: value for name, value in asdict(self).items() if name not in absent}


@dataclass(frozen=True, slots=True, kw_only=True)
class BetweenFigure:
    """How unlike the student's errors are in held-out's regions: variance of their logarithm, and its degrees."""

    variance: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The same pairs scored by the earlier and by the current revision: what the revision alone costs.

    Attributes
    ----------
    loss
        Agreement with the earlier revision minus agreement with the current one, on the same pairs; unmeasured where
        these stand for no traffic, and then the bridge moves nothing.
    z_shift, z_error
        The same on Fisher's z scale, with its standard error.
    error_shift, error_variance
        How much the revision adds to the error level on the same pairs, and the variance of that; None when unmeasured.
    pinned_revision
        The earlier revision; None where it was not said.
    """

    loss: Measurement
    z_shift: float
    z_error: float
    error_shift: float | None = None
    error_variance: float | None = None
    pinned_revision: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRegion:
    """A region that the diagnosis of one week blames, by the name and the share that it has there."""

    partition: str
    name: str
    share: float
    is_new: bool
    n_heldout: int | None = None

    @property
    def told(self) -> str:
        """New where held-out has none of it; else how much it has."""
        lacks = f" ({novelty(self.n_heldout)})" if self.is_new and self.n_heldout else ""
        new = "region " if lacks else "new region " if self.is_new else ""
        return f"{new}“{self.name}”{lacks}, {self.share:.0%} of the week's pairs"
