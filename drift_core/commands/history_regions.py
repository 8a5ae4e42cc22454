"""The commands ``history name``, ``rename`` and ``forget``: regions that a person named, followed by the canary."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands.options import HistoryPlace as Place
from drift_core.errors import SettingError

if TYPE_CHECKING:
    from drift_core.regions.named_region import NamedRegion

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the region is called.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who decides it.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why.")]


def name(
    region: Name,
    place: Place,
    by: By,
    reason: Reason,
    words: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Words that query and doc have together, in either case.")
    ] = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", metavar="COLUMN=VALUE", help="A value of a slice column.")
    ] = None,
    diagnosis: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Or a region of this name, drawn by hand, out of the JSON of a diagnosis."),
    ] = None,
    unseen: Annotated[
        bool, typer.Option("--unseen", help="Name a value that no run has yet: it matches nothing until it is seen.")
    ] = False,
) -> None:
    """Follow a region that you name: every later run measures it, and it can alarm.

    It is named before those samples are there, so it alarms at the rate of the canary's regions. The sample that it was
    drawn in says nothing more of it.
    """
    from drift_core.history.history import open_history
    from drift_core.history.name_region import check_seen, name_region

    named = _from_diagnosis(diagnosis, region) if diagnosis is not None else _by_options(region, words, slice_)
    with open_history(place, is_created=False) as kept:
        if not unseen:
            check_seen(kept, named)
        name_region(kept, named, by=by, reason=reason)
    typer.echo(f"{named.name} is followed from the next run on, by {named.rule_in_words}.")


def rename(
    region: Name,
    new_name: Annotated[str, typer.Argument(metavar="NEW", help="What it is called from now on.")],
    place: Place,
    by: By,
    reason: Reason,
) -> None:
    """Call a named region otherwise; its weeks so far are called so too."""
    from drift_core.history.history import open_history
    from drift_core.history.name_region import rename_region

    with open_history(place, is_created=False) as kept:
        named = rename_region(kept, region, new_name, by=by, reason=reason)
    typer.echo(f"It is called {named.name} now.")


def forget(region: Name, place: Place, by: By, reason: Reason) -> None:
    """Follow a named region no longer; what was recorded of it stays."""
    from drift_core.history.history import open_history
    from drift_core.history.name_region import forget_region

    with open_history(place, is_created=False) as kept:
        named = forget_region(kept, region, by=by, reason=reason)
    typer.echo(f"{named.name} is followed no longer.")


def _by_options(region: str, words: str | None, slice_: str | None) -> "NamedRegion":
    from drift_core.regions.named_region import NamedRegion, read_name

    column, sign, value = (part.strip() for part in (slice_ or "").partition("="))
    if slice_ is not None and not (column and sign and value):
        raise SettingError(f"--slice expects COLUMN=VALUE, such as surface=voice; found {slice_!r}.")
    if not ((words or "").strip() or slice_):
        raise SettingError("A region is named by --words, --slice or --diagnosis. Give one of them.")
    return NamedRegion(name=read_name(region), words=(words or "").strip(), column=column, value=value)


def _from_diagnosis(path: str, region: str) -> "NamedRegion":
    from drift_core.retrain_list.read_diagnosis import read_drawn

    return read_drawn(path, region)
