"""The command ``plan``: how many pairs tell a loss of a given size."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.agreement.rule import Rule
from drift_core.commands import options
from drift_core.commands.reading_options import Reading, with_reading
from drift_core.errors import SettingError
from drift_core.installation import need_extra
from drift_core.measured import figure
from drift_core.wording import counted

if TYPE_CHECKING:
    from drift_core.agreement.planner import SamplePlan


@with_reading
def plan(
    heldout: options.Heldout,
    production: options.Production = None,
    loss: Annotated[
        float | None, typer.Option(metavar="L", help="Loss of agreement to see; by default the rule's material loss.")
    ] = None,
    power: Annotated[float | None, typer.Option(metavar="P", help="Chance to see it; by default the rule's.")] = None,
    price: options.Price = None,
    *,
    reading: Reading,
    rule: options.RuleFile = None,
    seed: options.Seed = 0,
    max_rows: options.MaxRows = None,
    max_bytes: options.MaxBytes = None,
    json: Annotated[bool, typer.Option("--json", help="Write the plan as JSON.")] = False,
) -> None:
    """Plan how many production pairs would tell a loss of agreement, from the variance of the samples at hand."""
    need_extra("samples", "A plan")
    from drift_core.agreement.planner import plan_sample
    from drift_core.agreement.spread import measure_spread
    from drift_core.samples.sample_files import read_samples
    from drift_core.tables.json_text import json_text

    if power is not None and not 0 < power < 1:
        raise SettingError(f"--power must be in (0, 1); found {power!r}.")
    chosen = options.rule_with(rule, power=power)
    _check(chosen, price, "The rule's power" if power is None else "--power")
    files = reading.files(heldout, production, max_rows=max_rows, max_bytes=max_bytes)
    spread = measure_spread(*read_samples(files, seed=seed), rule=chosen)
    wanted = chosen.material_loss if loss is None else loss
    made = plan_sample(spread, loss=wanted, rule=chosen, price_per_pair=price)
    typer.echo(json_text(asdict(made)) if json else _in_words(made, is_share=not spread.is_ranked), nl=not json)


def _check(rule: Rule, price: float | None, power: str) -> None:
    if price is not None and not 0 <= price < math.inf:
        raise SettingError(f"--price must be in [0, inf); found {price!r}.")
    if rule.power <= rule.alpha:
        raise SettingError(f"{power} must be above the error rate alpha, {rule.alpha:g}; found {rule.power:g}.")


def _in_words(made: "SamplePlan", *, is_share: bool) -> str:
    loss, seen = (figure(each, "-.3f", is_share=is_share) for each in (made.loss, made.detectable))
    aim = f"a loss of {loss} with a chance of {made.power:.0%} at error rate {made.alpha:g}"
    now = f"The samples at hand would see a loss of {seen} or more."
    if made.n_pairs is None:
        return f"No production sample sees {aim}: held-out is too small. {now}"
    more = f"{made.more_pairs:,} more than there are" if made.more_pairs else "which there are already"
    cost = f", {made.cost:,.2f} to score" if made.cost else ""
    size = f"{made.n_pairs:,} production pairs of {counted(made.n_queries or 0, 'query', 'queries')}"
    return f"{size} see {aim}: {more}{cost}. {now}"
