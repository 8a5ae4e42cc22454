"""The open investigation is kept as it changes, and opens again for its visitor: after a reload, or from the list."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from drift_core.errors import DriftError, InputError
from drift_core.samples.limits import Limits
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.parts import part_of
from pages.components.samples import intake, own_embeddings
from pages.components.samples.own_embeddings import Own
from pages.components.samples.source import Source
from pages.components.session import (
    cached,
    investigation_store,
    own_files,
    rescoring_beside,
    revisions,
    session,
    visitor,
    visitor_store,
)
from pages.components.session.address import address_of, read_address
from pages.components.session.investigation import Investigation, key_of
from pages.components.session.investigation_record import Kept, KeptFile
from pages.components.session.investigation_store import Found
from pages.components.session.session import KEPT_AS, SIDES, Side

_LAST, _FAILED, _VECTORS = "investigation_last_kept", "investigation_not_kept", "embeddings"
SHOWN_DIGEST = 12
NOT_YOURS = (
    "The investigation that this address names is not kept for this browser: it was deleted, was not opened for "
    f"{investigation_store.DAYS} days, gave way to newer ones, or belongs to somebody else. Bring its two files again."
)
BY_PATH = "A file that is read by its path on the page Samples needs no copy."
NOT_HERE = f"This server keeps no investigations ({investigation_store.VARIABLE}=0). Bring its two files again."


def open_asked() -> None:
    """Open the investigation that the address names, where it is this visitor's; else say what to do."""
    if not (asked := session.asked()):
        return
    before = session.view()
    try:
        kept = _reopen(asked)
    except DriftError as error:
        session.say(f"{error}{' What is open stays as it is.' if session.current() else ''}")
        return
    session.change(**asdict(before) | {"scenario": kept.scenario})


def reopen(token: str) -> bool:
    """Open an investigation of the list with its settings; where it cannot be opened, say why."""
    try:
        kept = _reopen(token)
    except DriftError as error:
        session.say(str(error))
        return False
    settings = asdict(read_address(kept.settings).settings) | {"history": session.view().history}
    session.change(**settings | {"scenario": kept.scenario})
    return True


def chosen(name: str) -> Any:
    """What was chosen by hand of the open investigation, or None."""
    held, inv = visitor_store.get(name), session.current()
    return held[1] if held and inv and held[0] == inv.samples_key else None


def verdict_before(inv: Investigation) -> str:
    """The cause that was found when this investigation was last diagnosed, as it is kept; empty where none was."""
    token, last = visitor_store.get(_LAST) or ("", None)
    return last.verdict if last and (token, last.samples_key) == (session.token(), inv.samples_key) else ""


def put_chosen(name: str, value: Any) -> None:
    """Take over what was chosen by hand, and keep it: plain values, tuples and days; fit as a callback."""
    inv = session.current()
    visitor_store.put(name, (inv.samples_key, value) if inv and value not in (None, ()) else None)
    keep(inv)


def keep(inv: Investigation | None) -> None:
    """Keep what is open where it changed: own files, and a scenario once something was chosen in it by hand."""
    is_on, key = bool(investigation_store.most() and visitor.token()), inv.samples_key if inv else ""
    if is_on:
        token, last = visitor_store.get(_LAST) or ("", None)
        rescoring_beside.follow(key, is_read_again=bool(last) and token == session.token())
    try:
        if is_on and inv is not None:
            _keep(inv)
    except DriftError as error:
        told, now = visitor_store.get(_FAILED) or (), (key, str(error))
        if now not in told:
            visitor_store.put(_FAILED, (*told, now))
            session.say(f"This investigation cannot be kept and ends with a reload. {error} {BY_PATH}")
    own_files.remember()


def found() -> list[Found]:
    """Investigations of this visitor, the last opened first."""
    return investigation_store.found(visitor.token()) if visitor.token() and investigation_store.most() else []


def delete(token: str) -> None:
    """Forget an investigation; one that is open is closed; fit as a callback."""
    investigation_store.delete(visitor.token(), token)
    if token == session.token():
        _take_chosen("", {})
        put_away()


def put_away() -> None:
    """Close what is open; it stays in the list."""
    for side in SIDES:
        session.remove_sample(side)


def _keep(inv: Investigation) -> None:
    if not session.token():
        if inv.scenario and not _all_chosen() and not rescoring_beside.of(inv.samples_key):
            return
        _name(inv)
    token, now = session.token(), _as_it_is(inv)
    last_token, before = visitor_store.get(_LAST) or ("", None)
    last: Kept = before if before is not None and token == last_token else now
    if not now.verdict and last.samples_key == now.samples_key:
        now = replace(now, verdict=last.verdict, agreement=last.agreement)
    folder = investigation_store.folder_of(visitor.token(), token)
    if folder is not None and now != last:  # there is none where it was deleted on another page
        if last.samples_key != investigation_store.read(folder).samples_key:
            visitor_store.put(KEPT_AS, "")  # another page has read the files otherwise: this is one of its own now
            _keep(inv)
            return
        without = now if now.embeddings == last.embeddings else replace(now, embeddings=())
        investigation_store.put_changes(folder, last, without)
        visitor_store.put(_LAST, (token, without))  # also where the embeddings are too large
        if without != now:
            investigation_store.put_contents(visitor.token(), token, _vectors(inv))
            investigation_store.put_changes(folder, without, now)
    visitor_store.put(_LAST, (token, now))


def _name(inv: Investigation) -> None:
    """Go on with what is kept of the same samples, and with what was chosen there, or begin to keep."""
    same = next((each for each in found() if each.kept and each.kept.samples_key == inv.samples_key), None)
    sources = ((side, session.source(side)) for side in SIDES)
    contents: dict[str, bytes] = {
        side: source.data for side, source in sources if source and isinstance(source.data, bytes)
    }
    if same is None or same.kept is None:
        made = replace(_as_it_is(inv), embeddings=())  # they follow once the rest is kept
        token = investigation_store.make(visitor.token(), made, contents)
        visitor_store.put(_LAST, (token, made))
    else:
        token = same.token
        new = {side: content for side, content in contents.items() if same.kept.files[side].path}
        investigation_store.put_contents(visitor.token(), token, new)  # what was read by a path has no copy yet
        rescoring_beside.take(inv.samples_key, same.kept.rescoring)
        visitor_store.put(_LAST, (token, replace(same.kept, chosen={})))
        _take_chosen(inv.samples_key, {**same.kept.chosen, **_all_chosen()})
    visitor_store.put(KEPT_AS, token)


def _as_it_is(inv: Investigation) -> Kept:
    made, now = cached.ready_diagnosis(inv), session.view()
    return Kept(
        files={side: _file(side, key) for side, key in zip(SIDES, inv.samples_key.split(":"), strict=True)},
        samples_key=inv.samples_key,
        scenario=inv.scenario,
        revisions=revisions.names(),
        settings=address_of(replace(now, scenario="", history="")),
        verdict=made.outcome if made else "",
        agreement=made.spread.moved if made else "",
        chosen=_all_chosen(),
        embeddings=_own_embeddings(inv),
        rescoring=rescoring_beside.of(inv.samples_key),
    )


def _file(side: Side, key: str) -> KeptFile:
    source, sample = session.source(side), session.sample(side)
    given = source or Source(name="", data=b"")
    return KeptFile(
        name=given.name,
        path="" if isinstance(given.data, bytes) else str(given.data),
        columns=dict(given.columns),
        slices=given.slices,
        max_rows=given.limits.max_rows,
        max_bytes=given.limits.max_bytes,
        seed=given.seed,
        key=key,
        n_pairs=len(sample) if sample is not None else 0,
        part=tuple(given.part.to_json().values()) if given.part else (),
        called=sample.name if given.part and sample is not None else "",
        kind=given.kind or "",
        labels=given.labels,
    )


def _own_embeddings(inv: Investigation) -> tuple[str, ...]:
    if (own := own_embeddings.current()) is None or inv.embeddings is None:
        return ()
    return inv.embeddings.encoder, own.name, str(own.data) if isinstance(own.data, Path) else ""


def _vectors(inv: Investigation) -> dict[str, bytes]:
    """The file of own embeddings where it was uploaded; empty content where there are none any more."""
    own = own_embeddings.current() if inv.embeddings is not None else None
    return {_VECTORS: own.data if own is not None and isinstance(own.data, bytes) else b""}


def _take_embeddings(folder: Path, kept: Kept) -> None:
    """Read own embeddings again; where they are not as they were, say that the app's encoder takes their place."""
    inv = session.current()
    if not kept.embeddings or inv is None:
        return
    encoder, name, path = kept.embeddings
    try:
        data = intake.allowed_path(path) if path else investigation_store.content(folder, _VECTORS)
        read = own_embeddings.read(data, name, inv.heldout, inv.production)
    except DriftError as error:
        session.say(f"The embeddings {name} are not used: {error} Bring them again on the page Samples.")
        return
    if read.encoder == encoder:
        own_embeddings.keep(Own(samples_key=inv.samples_key, name=name, data=data, embeddings=read))
    else:
        session.say(f"The embeddings {name} have changed and are not used. Bring them again on the page Samples.")


def _all_chosen() -> dict[str, Any]:
    return {name: value for name in own_files.CHOSEN if (value := chosen(name)) is not None}


def _take_chosen(samples_key: str, kept: Mapping[str, Any]) -> None:
    for name in own_files.CHOSEN:
        visitor_store.put(name, (samples_key, kept[name]) if name in kept else None)


def _reopen(token: str) -> Kept:
    """Put in place what is kept, unless it is open already; nothing is changed where that cannot be done."""
    if not investigation_store.most():
        raise InputError(NOT_HERE)
    if (folder := investigation_store.folder_of(visitor.token(), token) if visitor.token() else None) is None:
        raise InputError(NOT_YOURS)
    kept, inv = investigation_store.read(folder), session.current()
    if inv is None or inv.samples_key != kept.samples_key:
        _open(folder, kept)
        _take_embeddings(folder, kept)
    visitor_store.put(KEPT_AS, token)
    visitor_store.put(_LAST, (token, kept))
    _take_chosen(kept.samples_key, kept.chosen)
    rescoring_beside.take(kept.samples_key, kept.rescoring)
    investigation_store.put_changes(folder, kept, kept)  # it was opened now
    return kept


def _open(folder: Path, kept: Kept) -> None:
    if kept.scenario:
        session.open_scenario(kept.scenario)
        return
    sources: dict[Side, Source] = {side: _source(folder, side, kept.files[side]) for side in SIDES}
    samples = {side: _read(source, kept.files[side]) for side, source in sources.items()}
    session.put_both(samples, sources, kept.revisions)


def _source(folder: Path, side: Side, file: KeptFile) -> Source:
    given = Source(
        name=file.name,
        data=intake.allowed_place(file.path) if file.path else investigation_store.content(folder, side),
        columns=file.columns,
        slices=file.slices,
        limits=Limits(max_rows=file.max_rows, max_bytes=file.max_bytes),
        seed=file.seed,
        part=part_of(*file.part) if file.part else None,  # type: ignore[arg-type]
        kind=file.kind or None,  # type: ignore[arg-type]
        labels=file.labels,
    )
    return intake.looked_at(given)


def _read(given: Source, file: KeptFile) -> ScoredPairs:
    """Read one file again; raise where it is not what it was."""
    what_to_do = "Put it back as it was, or bring the two files again."
    expected = f"expected {file.n_pairs:,} pairs with the digest {file.key[:SHOWN_DIGEST]}"
    try:
        pairs = intake.read(given)
    except DriftError as error:
        raise InputError(
            f"{file.path or file.name} cannot be read as this investigation has it: {expected}. {error} {what_to_do}"
        ) from error
    if key_of(pairs) != file.key:
        raise InputError(
            f"{file.path or file.name} has changed since this investigation: {expected}, found {len(pairs):,} pairs "
            f"with the digest {pairs.digest[:SHOWN_DIGEST]}. {what_to_do}"
        )
    return pairs
