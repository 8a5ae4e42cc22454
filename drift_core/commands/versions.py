"""The command ``versions``: comparisons in, every version of the student on the identical frozen set out."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.commands import options
from drift_core.installation import need_extra

if TYPE_CHECKING:
    from drift_core.comparison.comparison_json import ComparedFigure
    from drift_core.comparison.versions import Versions


def versions(
    comparisons: Annotated[
        list[str], typer.Argument(metavar="COMPARISON", help="JSON of the command compare, one for each release.")
    ],
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write it as JSON; - writes it to standard output.")
    ] = None,
) -> None:
    """List every version of the student on the identical frozen set, and on the tail set where there is one.

    Comparisons on other pairs are refused.
    """
    need_extra("samples", "A table of versions")
    options.check_places(json)
    from drift_core.comparison.comparison_json import read_comparison
    from drift_core.comparison.versions import versions_of

    made = versions_of({path: read_comparison(path) for path in comparisons})
    if json != "-":
        typer.echo("\n".join(version_lines(made)))
    options.write_json(made.to_json(), json)


def version_lines(made: "Versions") -> list[str]:
    """A header, a line a version, the digest, what is odd."""
    width = max(len("Version"), *(len(each.name) for each in made.versions))
    lines = [f"{'Version':<{width}}  {'compared on':<11}  {'frozen set':<32}  {'entropy':<17}  tail set"]
    for each in made.versions:
        day = f"{each.made_at:%Y-%m-%d}" if each.made_at else ""
        frozen, tail = _text(each.frozen), _text(each.tail)
        lines.append(f"{each.name:<{width}}  {day:<11}  {frozen:<32}  {each.entropy_text or '-':<17}  {tail}")
    return [*lines, f"Frozen set {made.frozen_digest[:12]}.", *(f"Note: {note}" for note in made.notes)]


def _text(found: "ComparedFigure | None") -> str:
    return found.text if found else "-"
