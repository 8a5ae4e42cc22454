"""Croissant metadata of a retrain list: what its file holds, for catalogues and loaders of data sets.

The format is that of MLCommons (Croissant 1.0, 2024), written as plain JSON-LD.
"""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import chain, count
from types import MappingProxyType

import pandas as pd

from drift_core.retrain_list.columns import CONTRACT

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_CROISSANT = (
    "citeAs column conformsTo equivalentProperty extract field fileProperty fileObject fileSet format includes "
)
_CROISSANT += (
    "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace samplingRate "
)
_CROISSANT += "separator source subField transform"
CONTEXT: Mapping[str, object] = MappingProxyType(
    {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }
    | {name: "dct:conformsTo" if name == "conformsTo" else f"cr:{name}" for name in _CROISSANT.split()}
)


def croissant_metadata(
    table: pd.DataFrame, parquet: bytes, *, file_name: str, name: str = "retrain-list", description: str = ""
) -> bytes:
    """Describe a list in a Parquet file as Croissant: the file with its SHA-256, a record set, a field a column.

    Parameters
    ----------
    table, parquet
        The list, and the bytes of its file.
    file_name
        The file's path beside the metadata.
    """
    file = {
        "@type": "cr:FileObject",
        "@id": "list",
        "name": file_name,
        "contentUrl": file_name,
        "contentSize": f"{len(parquet)} B",
        "encodingFormat": "application/x-parquet",
        "sha256": sha256(parquet).hexdigest(),
    }
    document = {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "name": name,
        "description": description or f"{len(table):,} pairs to retrain a distilled judge on.",
        "conformsTo": CONFORMS_TO,
        "distribution": [file],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "pairs",
                "name": "pairs",
                "field": [_field(table, column, place) for column, place in _ids(list(map(str, table))).items()],
            }
        ],
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _ids(columns: Sequence[str]) -> dict[str, str]:
    """Column to an identifier without blanks, which loaders refuse, and that no other column has."""
    ids: dict[str, str] = {}
    for column in columns:
        plain = re.sub(r"[^\w.-]", "_", column)
        numbered = (f"{plain}_{number}" for number in count(2))
        ids[column] = next(each for each in chain([plain], numbered) if each not in ids.values())
    return ids


def _field(table: pd.DataFrame, column: str, place: str) -> dict[str, object]:
    return {
        "@type": "cr:Field",
        "@id": f"pairs/{place}",
        "name": column,
        "description": CONTRACT.get(column, f"The sample's column {column}."),
        "dataType": _data_type(table[column]),
        "source": {"fileObject": {"@id": "list"}, "extract": {"column": column}},
    }


def _data_type(column: pd.Series) -> str:
    kinds = {"b": "sc:Boolean", "i": "sc:Integer", "u": "sc:Integer", "f": "sc:Float", "M": "sc:Date"}
    return kinds.get(column.dtype.kind, "sc:Text")
