"""A region that a person named is followed in a history from then on, called otherwise, or followed no longer."""

from datetime import UTC, datetime

from drift_core.canary.decision import Decision
from drift_core.canary.named_regions import followed_regions
from drift_core.errors import SettingError
from drift_core.history.history import History
from drift_core.regions.named_region import DRAWN, NamedRegion, read_region
from drift_core.wording import one_line


def name_region(
    history: History, region: NamedRegion, *, by: str, reason: str, at: datetime | None = None
) -> NamedRegion:
    """Have a history follow a region: in every sample that is recorded from now on and that it was not drawn in.

    Parameters
    ----------
    history
        Where the decision is kept.
    region
        From `region_rule.fit_rule`, or by words or a slice alone.
    by, reason
        Who names it and why; neither may be empty.
    at
        When; by default now.

    Raises
    ------
    SettingError
        When its rule stands for other pairs than those drawn, another region ever had the name, it is followed already,
        or nobody or no reason is named.
    InputError
        When it has no rule or no name, one that is too long, or the decision cannot be written.

    Notes
    -----
    Its figures in the sample that it was drawn in are not recorded: they are not corrected for the choice. In later
    samples it is one more region of the canary, named beforehand, and shares the budget of the regions in equal parts.
    """
    region = read_region(region)
    if not region.is_close:
        raise SettingError(
            f"The canary cannot follow {region.name}: its rule, {region.rule_in_words}, "
            f"{region.error_in_words}. Draw it closer together, or choose it by words."
        )
    history.decide(
        Decision(kind="name_region", at=at or datetime.now(UTC), by=by, reason=reason, run_key=None, region=region)
    )
    return region


def check_seen(history: History, region: NamedRegion) -> None:
    """Raise a SettingError where the runs have regions, and none by the column and value of this one.

    Runs without regions, as imported ones are, tell nothing.
    """
    if not region.column:
        return
    figures = [each for run in history.runs(with_regions=True) for each in run.regions if each.partition != DRAWN]
    values = {each.name for each in figures if each.partition.removesuffix(" (column)") == region.column}
    if not figures or region.value in values:
        return
    lacks = f"a region by {region.column}"
    if values:
        lacks = f"{region.column} = {region.value}; they have: {', '.join(sorted(map(one_line, values)))}"
    raise SettingError(
        f"No run of {history.shown} has {lacks}. So it would match nothing. Correct it, or say --unseen where "
        "the value is still to come."
    )


def rename_region(
    history: History, name: str, new_name: str, *, by: str, reason: str, at: datetime | None = None
) -> NamedRegion:
    """Call a region that is followed otherwise; its weeks so far are called so too. Raises as `name_region`."""
    return name_region(history, find_region(history, name).renamed(new_name), by=by, reason=reason, at=at)


def forget_region(history: History, name: str, *, by: str, reason: str, at: datetime | None = None) -> NamedRegion:
    """Follow a region no longer; what was recorded of it stays.

    Raises
    ------
    SettingError
        When no region of that name is followed, or name or reason is empty.
    InputError
        When the decision cannot be written.
    """
    region = find_region(history, name)
    history.decide(
        Decision(kind="forget_region", at=at or datetime.now(UTC), by=by, reason=reason, run_key=None, region=region)
    )
    return region


def find_region(history: History, name: str) -> NamedRegion:
    """Find a region that is followed by its name; raises SettingError where there is none."""
    followed = followed_regions(history.decisions())
    found = next((each for each in followed if each.name == one_line(name)), None)
    if found is None:
        known = f"It follows: {', '.join(each.name for each in followed)}." if followed else "It follows none."
        raise SettingError(f"{history.shown} follows no named region {one_line(name)!r}. {known}")
    return found
