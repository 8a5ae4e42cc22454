"""The command ``costs``: what the canary costs and what it protects, from prices on the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from drift_core.errors import SettingError

if TYPE_CHECKING:
    from drift_core.options.costs import CanaryCosts


def costs(
    student_price: Annotated[float, typer.Option(metavar="PRICE", help="Price of 1,000 calls of the student.")],
    calls: Annotated[float, typer.Option(metavar="N", help="Pairs that production scores in a week.")],
    teacher_price: Annotated[
        float | None, typer.Option(metavar="PRICE", help="Price of one pair scored by the teacher.")
    ] = None,
    token_price: Annotated[
        float | None, typer.Option(metavar="PRICE", help="Or its price of a million tokens, with --tokens.")
    ] = None,
    tokens: Annotated[float | None, typer.Option(metavar="N", help="Tokens of one pair, question and answer.")] = None,
    pairs: Annotated[float, typer.Option(metavar="N", help="Pairs in the weekly sample.")] = 300,
    retrain_pairs: Annotated[float, typer.Option(metavar="N", help="Pairs on the retrain list.")] = 5_000,
    drifted_share: Annotated[float, typer.Option(metavar="S", help="Fraction of the calls in drifted regions.")] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Write the costs as JSON.")] = False,
) -> None:
    """Compute what the weekly canary, a retrain list and a fallback to the teacher cost, from your own prices."""
    from drift_core.options.costs import Prices, canary_costs
    from drift_core.tables.json_text import json_text

    found = canary_costs(
        Prices(
            teacher_per_pair=_teacher_price(teacher_price, token_price, tokens),
            student_per_1000=student_price,
            calls_a_week=calls,
            canary_pairs=pairs,
            retrain_pairs=retrain_pairs,
            drifted_share=drifted_share,
        )
    )
    typer.echo(json_text(found.to_json()) if json else describe_costs(found), nl=not json)


def _teacher_price(per_pair: float | None, per_million: float | None, tokens: float | None) -> float:
    from drift_core.options.costs import price_per_pair

    if per_pair is not None and per_million is None and tokens is None:
        return per_pair
    if per_pair is None and per_million is not None and tokens is not None:
        return price_per_pair(per_million_tokens=per_million, tokens_per_pair=tokens)
    raise SettingError(
        "The teacher's price is either --teacher-price, or --token-price with --tokens. Give one of them."
    )


def describe_costs(found: "CanaryCosts") -> str:
    """Put costs into lines, the canary and what it protects first."""
    rows = found.lines
    width = max(map(len, rows))
    return "\n".join([found.sentence, "", *(f"{name:<{width}}  {value:>14,.2f}" for name, value in rows.items())])
