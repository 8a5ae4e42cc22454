"""A sweep over scenarios, cases or seeds: the suite runs those that stand for all, `make stress` runs the others."""

import pytest


def sweep(values, *kept):
    """Give what `parametrize` takes; a tuple is the values of several arguments."""
    values = list(values)
    assert not values or all(each in values for each in kept)  # real cases may not be beside a checkout
    return [each if each in kept else pytest.param(*_arguments(each), marks=pytest.mark.slow) for each in values]


def _arguments(value):
    return value if isinstance(value, tuple) else (value,)
