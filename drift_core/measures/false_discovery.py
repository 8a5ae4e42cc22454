"""p-values of many tests, adjusted so that the false discovery rate holds over all of them."""

import numpy as np


def adjust_p_values(p_values: np.ndarray) -> np.ndarray:
    """Adjust p-values, shape (m,), for the false discovery rate (Benjamini and Hochberg, 1995).

    Rejecting where the result is at most alpha keeps the expected share of false rejections at alpha or below, for
    tests that are independent or positively dependent.

    Examples
    --------
    >>> adjust_p_values(np.array([0.01, 0.5, 0.03])).round(3).tolist()
    [0.03, 0.5, 0.045]
    """
    order = np.argsort(-p_values)  # largest first: each is capped by the one above it
    scaled = p_values[order] * len(p_values) / np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return adjusted
