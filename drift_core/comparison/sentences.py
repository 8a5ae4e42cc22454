"""A comparison in sentences: the verdict on one line, and each part on one."""

from collections.abc import Sequence

from drift_core.comparison.part_change import TAIL, Outcome, PartChange
from drift_core.measured import Measured, digits_apart, figure
from drift_core.wording import counted

OUTCOME_WORDS = {"better": "Better", "worse": "Worse", "same": "No change", "cannot tell": "Cannot tell"}
N_NAMED = 3
TOPICS = "query clusters"
TOPICS_MISSING = "topics not compared"
LONGEST_NAME = 30  # letters of a region's name that a headline has room for


def comparison_sentence(outcome: Outcome, parts: Sequence[PartChange]) -> str:
    """Write the verdict: the figures of the sample that decides, then of the other, then what got worse."""
    told = "; ".join(map(_whole, (*_deciding_first(outcome, parts), *_tails(parts))))
    return f"{OUTCOME_WORDS[outcome]}: {told}; {_regions(parts)}."


def comparison_headline(outcome: Outcome, parts: Sequence[PartChange]) -> str:
    """Write the verdict in at most about fifteen words: the change that decides, and how many regions got worse."""
    first = _deciding_first(outcome, parts)[0]
    if outcome != "worse" and worse_regions(parts):
        return _worse_in_part(outcome, first, worse_regions(parts))
    if outcome in ("better", "worse"):
        verb = "rose" if outcome == "better" else "fell"
        told = f"agreement {verb} by {first.size} on {first.sample} pairs"
    elif outcome == "same":
        told = "agreement held"
    else:
        told = "the change may be chance" if isinstance(first.change, Measured) else "the pairs could not be compared"
    return f"{OUTCOME_WORDS[outcome]}: {told}{_in_short(parts)}."


def _worse_in_part(outcome: Outcome, first: PartChange, names: Sequence[str]) -> str:
    """Begin with what the exit code and the gate go by: parts got worse, though the whole did not."""
    is_short = len(names) == 1 and len(names[0]) <= LONGEST_NAME
    where = names[0] if is_short else counted(len(names), "region", "regions")
    where = "the tail set" if list(names) == [TAIL] else where
    whole = {
        "better": f"the whole rose by {first.size} on {first.sample} pairs",
        "same": "the whole held",
    }.get(outcome, "the whole cannot be told")
    return f"Worse in {where}; {whole}."


def comparison_lines(outcome: Outcome, parts: Sequence[PartChange]) -> tuple[str, ...]:
    """Write the figures behind the headline: one sentence a sample, the tail set last, then one for the regions."""
    told = [*map(_whole, (*_deciding_first(outcome, parts), *_tails(parts))), _regions(parts)]
    return tuple(f"{each[:1].upper()}{each[1:]}." for each in told)


def _deciding_first(outcome: Outcome, parts: Sequence[PartChange]) -> list[PartChange]:
    wholes = [part for part in parts if part.partition is None]
    return sorted(wholes, key=lambda part: part.outcome != outcome)


def _tails(parts: Sequence[PartChange]) -> list[PartChange]:
    return [part for part in parts if part.sample == "tail"]


def worse_in_short(outcome: Outcome, parts: Sequence[PartChange]) -> str:
    """Say in two or three words what got worse, counted as the headline counts; empty where nothing did."""
    names = worse_regions(parts)
    if outcome == "worse" or not names:
        return outcome if outcome == "worse" else ""
    return f"{TAIL} worse" if names == [TAIL] else f"{counted(len(names), 'region', 'regions')} worse"


def worse_regions(parts: Sequence[PartChange]) -> list[str]:
    """Titles of the regions that got worse by themselves, the largest fall first, each once for all samples."""
    own = [p for p in parts if p.partition is not None and p.outcome == "worse" and p.explained_by is None]
    return list(dict.fromkeys(part.title for part in sorted(own, key=lambda part: -part.fall)))


def _in_short(parts: Sequence[PartChange]) -> str:
    names = worse_regions(parts)
    if not names:
        is_partial = _regions_of(parts) and not has_topics(parts)
        return f"{';' if is_partial else ', and'} {none_worse(parts)}"
    named = f": {names[0]}" if len(names) == 1 and len(names[0]) <= LONGEST_NAME else ""
    return f", and {counted(len(names), 'region', 'regions')} got worse{named}"


def _regions_of(parts: Sequence[PartChange]) -> list[PartChange]:
    return [part for part in parts if part.partition is not None and part.sample != "tail"]


def has_topics(parts: Sequence[PartChange]) -> bool:
    """Whether clusters of the queries are among the regions; else topics may have got worse unseen."""
    return any(part.partition == TOPICS for part in parts)


def none_worse(parts: Sequence[PartChange]) -> str:
    """Say that no region got worse, and of how few that is said where topics are not among them."""
    regions = _regions_of(parts)
    if not regions:
        return "no regions were compared"
    if has_topics(parts):
        return "no region got worse"
    n_slices = counted(len({part.title for part in regions}), "slice", "slices")
    return f"none of {n_slices} got worse, {TOPICS_MISSING}"


def _whole(part: PartChange) -> str:
    before, after, change = part.order.before, part.order.after, part.change
    if not (isinstance(before, Measured) and isinstance(after, Measured) and isinstance(change, Measured)):
        return f"the {part.sample} pairs could not be compared: {part.reason.rstrip('.')}"
    pairs = f"on {counted(part.n_pairs, f'{part.sample} pair', f'{part.sample} pairs')}"
    spec = digits_apart(before, after)
    went = f"from {before.figure(spec)} to {after.figure(spec)}, by {change:+.3f}, {pairs}"
    if part.outcome == "same":
        return f"agreement held at {after.figure()} with a change of {change:+.3f} {pairs}"
    verb = {"better": "rose", "worse": "fell"}.get(part.outcome, "went")
    if part.outcome != "cannot tell":
        return f"agreement {verb} {went}"
    if not part.detectable:
        return f"agreement {verb} {went}"
    least = figure(part.detectable, "-", is_share=change.is_share)
    return f"agreement {verb} {went}, which leaves it open; a fall of {least} would have been seen"


def _regions(parts: Sequence[PartChange]) -> str:
    regions = _regions_of(parts)
    if not regions:
        return none_worse(parts)
    worse = [part for part in regions if part.outcome == "worse"]
    if not worse:
        n_open = sum(part.outcome == "cannot tell" for part in regions)
        open_ones = f", {n_open} of {len(regions)} leave it open" if n_open else ""
        return f"{none_worse(parts)}{open_ones}"
    names = worse_regions(regions)
    n_explained = len({part.title for part in worse} - set(names))
    overlapping = f", and {counted(n_explained, 'region that overlaps', 'regions that overlap')}" if n_explained else ""
    more = f" and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
    told = f"{counted(len(names), 'region', 'regions')} got worse: {', '.join(names[:N_NAMED])}{more}{overlapping}"
    return told if has_topics(parts) else f"{told}; {TOPICS_MISSING}"


def part_sentence(part: PartChange) -> str:
    """Write one part on one line, for the gate and the terminal."""
    before, after = part.order.before, part.order.after
    if not (isinstance(before, Measured) and isinstance(after, Measured)):
        return f"{part.full_title}: {part.reason}"
    figures = f"agreement {before.figure()} before, {after.figure()} after"
    return f"{part.full_title}: {figures}. {part.reason}"
