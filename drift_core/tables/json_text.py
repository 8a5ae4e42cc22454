"""Plain values as strict JSON."""

import json
import math
from collections.abc import Mapping

import numpy as np


def json_text(document: Mapping[str, object]) -> str:
    """Write plain values as strict JSON, indented: a number that is not finite becomes null."""
    return json.dumps(_strict(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _strict(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
