"""Plain values as strict JSON."""

import json
import math
from collections.abc import Mapping


def json_text(document: Mapping[str, object]) -> str:
    """Write plain values as strict JSON, indented: a number that is not finite becomes null."""
    return json.dumps(_strict(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _strict(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(each) for each in value]
    if hasattr(value, "item"):  # a number of NumPy, without which the core is installed
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
