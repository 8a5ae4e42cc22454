"""What re-scoring costs."""

from drift_core.errors import SettingError


def rescoring_cost(n_pairs: int, *, price_per_1000: float) -> float:
    """Price of scoring pairs once, in the currency of the price.

    Raises
    ------
    SettingError
        When the price is negative.

    Examples
    --------
    >>> rescoring_cost(5_000, price_per_1000=4.0)
    20.0
    """
    if not price_per_1000 >= 0:
        raise SettingError(f"The price of 1,000 pairs must be 0 or more; found {price_per_1000!r}.")
    return n_pairs * price_per_1000 / 1000
