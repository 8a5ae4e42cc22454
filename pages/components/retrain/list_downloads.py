"""The retrain list as it can be seen and taken along: first pairs, lists, the manifest, and folders for other tools."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from drift_core.retrain_list.columns import CONTRACT
from drift_core.retrain_list.files import LIST_NAME, MANIFEST_NAME, manifest_files
from drift_core.retrain_list.manifest import Manifest
from drift_core.tables.writing import to_zip
from pages.components.frame import file_names, results

FORMATS = {"parquet": ("Parquet", "application/vnd.apache.parquet"), "csv": ("CSV", "text/csv")} | {
    "jsonl": ("JSON lines", "application/jsonl")
}
TOOLS = {
    "huggingface": "Hugging Face",
    "label-studio": "Label Studio",
    "croissant": "Croissant",
}
PREVIEWED = 200


def show(manifest: Manifest) -> None:
    """A button a file, and a button a tool."""
    st.subheader("Take it with you", anchor=False)
    places = st.columns(len(FORMATS) + 1)
    for place, (form, (word, mime)) in zip(places, FORMATS.items(), strict=False):
        _file(place, f"List ({word})", manifest, f"{LIST_NAME}.{form}", mime, key=f"retrain_{form}")
    _file(places[-1], "Manifest (JSON)", manifest, MANIFEST_NAME, "application/json", key="retrain_manifest")
    for place, (form, word) in zip(st.columns(len(TOOLS)), TOOLS.items(), strict=True):
        _folder(place, word, manifest, form)
    st.caption(
        "The manifest names how the list was drawn, its regions, and a fingerprint of both samples and of each file; "
        "check a list with `distillation-drift manifest verify`. In CSV, a text that a spreadsheet would run as a "
        "formula gets an apostrophe in front. Hugging Face needs a doc in every pair."
    )


def _file(place: DeltaGenerator, label: str, manifest: Manifest, name: str, mime: str, *, key: str) -> None:
    place.download_button(
        label,
        lambda: manifest_files(manifest)[name],
        file_name=file_names.of_investigation(*name.rsplit(".", 1)),
        mime=mime,
        key=key,
        on_click="ignore",
        width="stretch",
    )


def _folder(place: DeltaGenerator, word: str, manifest: Manifest, form: str) -> None:
    place.download_button(
        f"{word} (zip)",
        lambda: to_zip(manifest_files(manifest, formats=[form])),
        file_name=file_names.of_investigation(f"{LIST_NAME}-{form}", "zip"),
        mime="application/zip",
        key=f"retrain_{form}",
        on_click="ignore",
        width="stretch",
        disabled=form == "huggingface" and not manifest.has_docs,
    )


def preview(manifest: Manifest) -> None:
    """The first pairs of the list."""
    st.subheader("Preview", anchor=False)
    st.caption(f"The first {min(PREVIEWED, len(manifest)):,} of {len(manifest):,} pairs, in the order drawn.")
    shown = manifest.pairs.head(PREVIEWED).dropna(axis="columns", how="all").drop(columns=["row", "pair_digest"])
    first = [name for name in ("query", "teacher_score", "student_score", "region", "drifted", "doc") if name in shown]
    shown = shown[[*first, *(name for name in shown if name not in first)]]
    named = shown.rename(columns={name: name.replace("_", " ").capitalize() for name in CONTRACT})
    st.dataframe(
        named,
        hide_index=True,
        height=min(320, 38 + 35 * len(shown)),
        column_config={
            "Query": st.column_config.TextColumn(width=250),
            "Doc": st.column_config.TextColumn(width=320),
            "Probability": st.column_config.NumberColumn(format="%.3f"),
        }
        | results.score_columns(dict(named)),
        alt=f"Preview of the retrain list, {len(shown)} pairs.",
    )
