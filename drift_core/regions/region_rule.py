"""A region drawn by hand becomes a rule for new pairs: fitted with its error, and applied to a week's samples."""

import base64
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from drift_core.errors import InputError
from drift_core.regions.embeddings import QueryEmbeddings
from drift_core.regions.encoding import weights_of
from drift_core.regions.named_region import NamedRegion, read_name
from drift_core.regions.picking import Picked, with_words
from drift_core.samples.pairs import ScoredPairs

STEPS = 127  # of a coordinate, of which the largest of a centroid has all
TINY = 1e-12


def fit_rule(
    name: str,
    drawn: Picked,
    *,
    heldout: ScoredPairs,
    production: ScoredPairs,
    embeddings: QueryEmbeddings,
    words: str = "",
    slice_value: tuple[str, str] | None = None,
    is_by_place: bool,
) -> NamedRegion:
    """Find the rule that stands best for the pairs that were drawn.

    Parameters
    ----------
    name
        What the region is called.
    drawn
        The pairs; days play no part in a rule, so those of all days.
    heldout, production, embeddings
        The samples, and the embeddings of their queries.
    words, slice_value
        What the pairs have in common by the choice: words, or column and value.
    is_by_place
        Whether they were drawn by where they lie: then they are those within a reach of their centroid, the reach with
        the fewest pairs missed and others taken in.

    Raises
    ------
    InputError
        When the name is empty or too long, no production pair was drawn, or neither words, value nor place tell.
    """
    if not drawn.production.any():
        raise InputError("No production pair is chosen, so there is nothing to name. Choose some first.")
    if not (words or slice_value or is_by_place):
        raise InputError("Days alone are no region: next week has others. Choose by place, words or a region too.")
    column, value = slice_value or ("", "")
    region = NamedRegion(
        name=read_name(name),
        words=words,
        column=column,
        value=value,
        n_pairs=int(drawn.production.sum()),
        chosen_in=production.digest,
        chosen_rows=production.row_sketch,
    )
    if is_by_place:
        centre = embeddings.vectors[np.unique(embeddings.production[drawn.production])].sum(axis=0, dtype=np.float64)
        region = replace(region, centroid=encoded(centre), encoder=embeddings.encoder, reach=-1.0)
        cosines = [embeddings.vectors[side] @ decoded(str(region.centroid)) for side in _sides(embeddings)]
        within = find_members(region, heldout, production, embeddings)
        inside, near = (
            np.concatenate([part[mask] for part, mask in zip(parts, (within.heldout, within.production), strict=True)])
            for parts in ((drawn.heldout, drawn.production), cosines)
        )
        region = replace(region, reach=_reach(inside, near))
    held = find_members(region, heldout, production, embeddings).production
    both = int((held & drawn.production).sum())
    return replace(region, found=both / region.n_pairs, others=1 - both / max(1, int(held.sum())))


def find_members(
    region: NamedRegion, heldout: ScoredPairs, production: ScoredPairs, embeddings: QueryEmbeddings
) -> Picked:
    """Find the pairs of a region among those of both samples, whose embeddings are in the space of its centroid."""
    return Picked(
        heldout=_members(region, heldout, embeddings.heldout, embeddings),
        production=_members(region, production, embeddings.production, embeddings),
    )


def why_not_found(
    region: NamedRegion,
    heldout: ScoredPairs,
    production: ScoredPairs,
    embeddings: QueryEmbeddings,
    *,
    spaces: Mapping[str, str],
) -> str:
    """Say why a region cannot be found in these samples; empty where it can.

    Parameters
    ----------
    spaces
        The space of each encoder's weights, of which two can be one where vectors come from files; see
        `canary.registry`.
    """
    if region.column and not all(region.column in each.slices for each in (heldout, production)):
        return f"a sample has no column {region.column!r}"
    if region.centroid is None:
        return ""
    own, now = (spaces.get(weights_of(each), weights_of(each)) for each in (str(region.encoder), embeddings.encoder))
    if own != now or len(decoded(region.centroid)) != embeddings.vectors.shape[1]:
        return f"it was named with the encoder {region.encoder}, and this week's is {embeddings.encoder}"
    return ""


def encoded(centroid: np.ndarray) -> str:
    """A centroid in a byte a coordinate, as text."""
    largest = max(float(np.abs(centroid).max(initial=0.0)), TINY)
    return base64.b64encode(np.rint(centroid / largest * STEPS).astype(np.int8).tobytes()).decode()


def decoded(text: str) -> np.ndarray:
    """The centroid of such a text, of unit length."""
    steps = np.frombuffer(base64.b64decode(text), dtype=np.int8).astype(np.float64)
    return steps / max(float(np.linalg.norm(steps)), TINY)


def _sides(embeddings: QueryEmbeddings) -> tuple[np.ndarray, np.ndarray]:
    return embeddings.heldout, embeddings.production


def _members(region: NamedRegion, sample: ScoredPairs, codes: np.ndarray, embeddings: QueryEmbeddings) -> np.ndarray:
    inside = np.ones(len(sample), dtype=bool)
    if region.words:
        inside &= with_words(sample, region.words)
    if region.column:
        inside &= sample.slices[region.column] == region.value
    if region.centroid is not None and region.reach is not None:
        inside &= (embeddings.vectors @ decoded(region.centroid))[codes] >= region.reach
    return inside


def _reach(inside: np.ndarray, cosines: np.ndarray) -> float:
    """The cosine from which pairs are taken, with the fewest of the drawn missed and of the others taken."""
    order = np.argsort(-cosines, kind="stable")
    sorted_cosines = cosines[order]
    gained = np.cumsum(np.where(inside[order], 1, -1))
    ends = np.flatnonzero(np.append(sorted_cosines[1:] < sorted_cosines[:-1], True))  # between distinct cosines
    last = int(ends[np.argmax(gained[ends])])
    if last + 1 == len(order):
        return float(sorted_cosines[last])
    return float((sorted_cosines[last] + sorted_cosines[last + 1]) / 2)
