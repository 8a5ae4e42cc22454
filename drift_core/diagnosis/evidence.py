"""Evidence: what speaks for and against a cause, one sentence with its figure each."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drift_core.agreement.rule import Rule
from drift_core.causes import Cause
from drift_core.diagnosis.facts import Facts
from drift_core.diagnosis.region import Region
from drift_core.diagnosis.regions_in_words import names_of, untold_sentence
from drift_core.measures.level_ratios import Rise
from drift_core.regions.moved_docs import DocsTest
from drift_core.wording import chance_in_words, counted

Mark = Literal["For", "Against", "A loss", "No loss", "Open"]
N_REGIONS_TOLD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One line of evidence.

    Attributes
    ----------
    supports
        Whether it speaks for the cause; for a loss where no cause is named.
    sentence
        What it is, with its figure.
    mark
        How it reads beside the verdict: for or against a named cause, else what it says of a loss.
    """

    supports: bool
    sentence: str
    mark: Mark = "For"

    def to_json(self) -> dict[str, object]:
        return {"supports": self.supports, "sentence": self.sentence, "mark": self.mark}


def list_evidence(cause: Cause, facts: Facts, drifted: Sequence[Region], rule: Rule) -> tuple[Evidence, ...]:
    """List what speaks for and against the cause: pairs of both samples first, then the spread to the docs."""
    regions, same = _regions(drifted, untold_sentence(facts.regions)), facts.same
    if same is not None and same.fell and same.is_apart and not drifted:
        regions = []  # these pairs fell more than the rest
    seen = [*_same(facts), _spread(facts), *regions, *_teacher(facts, rule), *_shared(facts, rule), *_docs(facts)]
    expected = set(_EXPECTED.get(cause, ()))
    if "teacher" in cause and same is not None and "teacher" in same.whose:
        expected.add("same")
    if cause == "teacher_drift" and facts.revision is not None and not facts.is_pinned and drifted:
        expected.add("regions")  # what the revision made fall
    if cause == "teacher_drift" and facts.revised_alone:
        expected.discard("shared")
    if cause == "document_drift" and not (facts.docs is not None and facts.docs.moved):
        expected.discard("shared")  # a part of the docs, beside which nothing need fall
    return tuple(_line(cause, each, expected, is_pinned=facts.is_pinned) for each in seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Something seen: what it is about, whether it is there (None where that is open), and the sentence."""

    about: Literal["same", "spread", "regions", "teacher", "shared", "docs"]
    is_there: bool | None
    sentence: str


# What each named cause leads one to see; what it says nothing of is left out, and stands against it if it is there.
_EXPECTED: dict[str, frozenset[str]] = {
    "query_drift": frozenset({"spread", "regions"}),
    "document_drift": frozenset({"spread", "regions", "shared", "docs"}),
    "teacher_drift": frozenset({"spread", "teacher", "shared"}),
    "query_and_teacher_drift": frozenset({"spread", "regions", "teacher", "shared"}),
}


def _line(cause: Cause, seen: _Seen, expected: Set[str], *, is_pinned: bool) -> Evidence:
    if cause == "inconclusive":
        is_open = seen.is_there is None or seen.about == "docs"  # docs that moved are no loss yet
        supports = bool(seen.is_there) and not is_open
        mark: Mark = "Open" if is_open else "A loss" if supports else "No loss"
        return Evidence(supports=supports, sentence=seen.sentence, mark=mark)
    is_expected = seen.about in expected
    if seen.about == "shared" and is_pinned and cause != "document_drift":
        is_expected = False  # under the pinned revision a rise is not the teacher's
    supports = seen.is_there is not None and seen.is_there == is_expected
    return Evidence(supports=supports, sentence=seen.sentence, mark="For" if supports else "Against")


def _same(facts: Facts) -> list[_Seen]:
    """What happened on the very same pairs, where that is sure."""
    same = facts.same
    return (
        [] if same is None or same.fell is None else [_Seen(about="same", is_there=same.fell, sentence=same.sentence)]
    )


def _spread(facts: Facts) -> _Seen:
    reading = facts.spread.reading
    return _Seen(
        about="spread",
        is_there=None if reading == "cannot tell" else reading == "fell",
        sentence=facts.spread.sentence,
    )


def _regions(drifted: Sequence[Region], untold: str) -> list[_Seen]:
    if not drifted and untold:
        return [_Seen(about="regions", is_there=None, sentence=f"{untold} No other region fell more than the rest.")]
    if not drifted:
        return [_Seen(about="regions", is_there=False, sentence=NO_REGION)]
    seen = []
    for region in sorted(drifted, key=lambda r: -(r.share_of_loss or 0))[:N_REGIONS_TOLD]:
        by = f" ({region.partition})" if region.kind == "slice" and not region.is_value else ""
        name = f"Region {region.label}{by}" if not region.is_value else f"{region.label[:1].upper()}{region.label[1:]}"
        sentence = f"{name} {region.reason[0].lower()}{region.reason[1:]}"
        seen.append(_Seen(about="regions", is_there=True, sentence=sentence))
    return seen


def _teacher(facts: Facts, rule: Rule) -> list[_Seen]:
    """What the revision costs, where it is measured; by its own interval it is there or not."""
    part = facts.attribution.teacher
    if part is None or facts.attribution.teacher_inferred:
        return []
    sentence = f"The revision costs {part:+.3f} on the same pairs."
    if part.estimate < 0:
        sentence = f"The revision costs no agreement on the same pairs: {part:+.3f}."
    costs = part.low > 0 and part.estimate >= rule.smallest_loss
    return [_Seen(about="teacher", is_there=costs, sentence=sentence)]


def _shared(facts: Facts, rule: Rule) -> list[_Seen]:
    if facts.shared is None:
        return []
    rose = facts.shared.p_value <= rule.alpha
    outside = names_of([each for each in facts.regions if each.is_familiar_fall], n_named=2)
    sentence = _shared_sentence(facts.shared, rose, is_pinned=facts.is_pinned, outside=outside)
    return [_Seen(about="shared", is_there=rose, sentence=sentence)]


def _docs(facts: Facts) -> list[_Seen]:
    name, how = facts.docs_changed
    if how:  # what is true of all traffic says nothing of that region
        return [_Seen(about="regions", is_there=True, sentence=f"In {name} {how}.")]
    if facts.docs is None:
        return []
    is_told = any(each.drifted and each.kind == "doc" for each in facts.regions)
    return [_Seen(about="docs", is_there=facts.docs.differ or is_told, sentence=_docs_sentence(facts.docs, is_told))]


NO_REGION = "No region fell more than the rest."


def _shared_sentence(shared: Rise, rose: bool, *, is_pinned: bool, outside: str) -> str:
    change = np.expm1(shared.estimate)
    where = "On familiar traffic" + (f" outside {outside}" if outside else "")
    where += ", under the pinned revision," if is_pinned else ""
    return (
        f"{where} the error {'rose' if rose else 'did not clearly rise'}: {change:+z.0%} at the same mix of topics "
        f"({counted(shared.n_queries, 'query', 'queries')}); chance shows as much in "
        f"{chance_in_words(shared.p_value)} of cases."
    )


def _docs_sentence(docs: DocsTest, is_told: bool) -> str:
    part = "moved in a part" if docs.differ or is_told else "did not move apart from the queries"
    verb = "moved" if docs.moved else part
    return (
        f"The docs {verb}: at like queries a model that must pick production's doc out of two is right in "
        f"{docs.docs.estimate:.0%} ({docs.docs.low:.0%} to {docs.docs.high:.0%}) of cases, by the queries alone in "
        f"{docs.queries.estimate:.0%}, by guessing in 50%."
    )
