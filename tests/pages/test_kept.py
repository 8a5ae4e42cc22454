"""How investigations are kept on the machine: bounded, for one owner, in whole records."""

import hashlib
import json
import os
import stat
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import date

import pytest

from drift_core.errors import InputError
from pages.components.session import investigation_store, visitor
from pages.components.session.investigation_record import Kept, KeptFile, merged, read_record, written

OWNER, GUEST = "a" * 32, "b" * 32
FILE = KeptFile(name="", path="", columns={}, slices=None, max_rows=1, max_bytes=1, seed=0, key="", n_pairs=1)
FILES = {"heldout": FILE, "production": FILE}
# Adds pairs one by one, as a server does that has seen none of the other's.
ADDING = """
import sys
from dataclasses import replace
from pathlib import Path
from pages.components.session import investigation_store
folder, rows = Path(sys.argv[1]), [int(each) for each in sys.argv[2:]]
before = replace(investigation_store.read(folder), chosen={})
for n in range(1, len(rows) + 1):
    now = replace(before, chosen={"added_pairs": tuple(rows[:n])})
    investigation_store.put_changes(folder, before, now)
    before = now
"""
KEPT = Kept(files=FILES, samples_key="k:k", scenario="", revisions=("", ""), settings={})


@pytest.fixture(autouse=True)
def recent(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "distillation-drift" / "recent"


def files_of(recent):
    return sorted(path for path in recent.rglob("*") if path.is_file())


def test_only_so_many_are_kept_for_a_visitor_and_the_last_opened_stay(monkeypatch):
    monkeypatch.setenv(investigation_store.VARIABLE, "2")
    tokens = []
    for number in range(3):
        tokens.append(investigation_store.make(OWNER, KEPT, {}))
        made = investigation_store.folder_of(OWNER, tokens[-1]) / investigation_store.RECORD
        os.utime(made, (made.stat().st_mtime - 100 + number,) * 2)
    other = investigation_store.make(GUEST, KEPT, {})

    found = [each.token for each in investigation_store.found(OWNER)]

    assert found == tokens[:0:-1]
    assert [each.token for each in investigation_store.found(GUEST)] == [other]


def test_all_together_are_kept_up_to_a_size_and_the_oldest_go(monkeypatch):
    monkeypatch.setattr(investigation_store, "MOST_BYTES", 10_000)
    first = investigation_store.make(OWNER, KEPT, {"heldout": bytes(6_000)})
    record = investigation_store.folder_of(OWNER, first) / investigation_store.RECORD
    os.utime(record, (record.stat().st_mtime - 100,) * 2)

    second = investigation_store.make(GUEST, KEPT, {"heldout": bytes(6_000)})

    assert investigation_store.folder_of(OWNER, first) is None
    assert investigation_store.folder_of(GUEST, second) is not None


@pytest.mark.parametrize("most", ["MOST_BYTES", "MOST_BYTES_OF_VISITOR"])
def test_what_does_not_fit_is_said_and_leaves_nothing(recent, monkeypatch, most):
    first = investigation_store.make(OWNER, KEPT, {"heldout": bytes(6_000)})
    monkeypatch.setattr(investigation_store, most, 10_000)

    with pytest.raises(InputError, match="Its files have 0 MB, and at most 0 MB are kept for a visitor"):
        investigation_store.make(OWNER, KEPT, {"heldout": bytes(6_000), "production": bytes(6_000)})
    with pytest.raises(InputError, match="Its files have"):
        investigation_store.put_contents(OWNER, first, {"embeddings": bytes(6_000)})

    assert [each.token for each in investigation_store.found(OWNER)] == [first]
    assert [path.name for path in files_of(recent)] == ["heldout", investigation_store.RECORD]


def test_one_visitors_files_are_bounded_and_push_out_nobody_elses(monkeypatch):
    monkeypatch.setattr(investigation_store, "MOST_BYTES", 18_000)
    monkeypatch.setattr(investigation_store, "MOST_BYTES_OF_VISITOR", 10_000)
    other = investigation_store.make(GUEST, KEPT, {"heldout": bytes(6_000)})

    own = [investigation_store.make(OWNER, KEPT, {"heldout": bytes(6_000)}) for _ in range(3)]

    assert [each.token for each in investigation_store.found(GUEST)] == [other]
    assert [each.token for each in investigation_store.found(OWNER)] == own[-1:]


def test_what_does_not_fit_any_more_takes_no_place_from_what_was_opened_before_it(monkeypatch):
    tokens = [investigation_store.make(OWNER, KEPT, {"heldout": bytes(size)}) for size in (2_000, 6_000, 6_000)]
    last = investigation_store.found(OWNER)[0].opened_at
    for before, token in enumerate(reversed(tokens)):
        os.utime(investigation_store.folder_of(OWNER, token) / investigation_store.RECORD, (last - before,) * 2)
    monkeypatch.setattr(investigation_store, "MOST_BYTES", 10_000)

    investigation_store.prune(last)

    assert [each.token for each in investigation_store.found(OWNER)] == [tokens[2], tokens[0]]


def test_a_list_lets_go_once_a_day_and_not_at_every_draw(monkeypatch):
    investigation_store.make(OWNER, KEPT, {})
    pruned = []
    monkeypatch.setattr(investigation_store, "prune", pruned.append)

    for _ in range(3):
        investigation_store.found(OWNER)
    assert pruned == []
    monkeypatch.setattr(investigation_store, "_PRUNED", {})
    investigation_store.found(OWNER)

    assert len(pruned) == 1


def test_a_server_that_keeps_none_deletes_what_there_is_as_it_starts(recent, monkeypatch):
    investigation_store.make(OWNER, KEPT, {"heldout": b"rows"})
    visitor.visitor_cookie(None)
    assert files_of(recent)
    monkeypatch.setenv(investigation_store.VARIABLE, "0")

    visitor.visitor_cookie(None)

    assert files_of(recent) == []


def test_its_folders_are_for_the_owner_alone_also_those_of_an_earlier_version(recent):
    folder = investigation_store.folder_of(OWNER, investigation_store.make(OWNER, KEPT, {}))
    folders = (recent, folder.parent, folder)
    assert [stat.S_IMODE(each.stat().st_mode) for each in folders] == [0o700] * 3
    for each in folders[:2]:
        each.chmod(0o755)

    investigation_store.prune(time.time())

    assert [stat.S_IMODE(each.stat().st_mode) for each in folders] == [0o700] * 3


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", DEEP, b'{"sha256": "x", "record": null}', b'{"version": 1}', b"\xff"],
    ids=["empty", "null", "list", "deep", "no record", "no digest", "no text"],
)
def test_a_record_of_another_form_is_damaged(content):
    folder = investigation_store.folder_of(OWNER, investigation_store.make(OWNER, KEPT, {}))
    (folder / investigation_store.RECORD).write_bytes(content)

    [found] = investigation_store.found(OWNER)

    assert found.kept is None
    assert "it was changed or damaged. Delete it on the page Start" in found.failure


@pytest.mark.parametrize(
    "changed",
    [
        {"files": {}},
        {"files": None},
        {"files": {"heldout": None, "production": None}},
        {"files": {side: asdict(FILE) | {"path": 1} for side in FILES}},
        {"files": {side: asdict(FILE) | {"slices": [1]} for side in FILES}},
        {"settings": []},
        {"settings": {"k": 10}},
        {"chosen": None},
        {"revisions": ["one"]},
        {"embeddings": ["one"]},
        {"scenario": None},
        {"further": 1},
    ],
)
def test_a_record_with_values_of_another_kind_is_damaged(changed):
    document = json.dumps(asdict(KEPT) | changed)
    digest = hashlib.sha256(document.encode()).hexdigest()

    with pytest.raises(ValueError, match="changed or damaged"):
        read_record(json.dumps({"sha256": digest, "record": document}).encode())


def test_the_record_of_another_version_is_said_to_be_one_and_one_without_is_the_first():
    outer = json.loads(written(KEPT))
    older = json.dumps({name: value for name, value in outer.items() if name != "version"})

    assert read_record(older.encode()) == KEPT
    with pytest.raises(ValueError, match="kept by another version"):
        read_record(json.dumps(outer | {"version": 2, "record": {}}).encode())


def test_what_two_pages_changed_is_kept_of_both():
    before = replace(KEPT, settings={"k": "5", "seed": "1"}, chosen={"added_pairs": (1, 2), "pair": (9,)})
    first = replace(KEPT, settings={"k": "5"}, chosen={"added_pairs": (2, 3)}, verdict="No drift")
    second = replace(before, settings={"k": "7", "seed": "1"}, chosen={"added_pairs": (1, 2, 4), "pair": (8,)})

    both = merged(merged(before, before, first), before, second)

    assert both.settings == {"k": "7"}
    assert both.chosen == {"added_pairs": (2, 3, 4), "pair": (8,)}
    assert both.verdict == "No drift"
    assert merged(both, before, replace(before, samples_key="other")) == replace(before, samples_key="other")
    assert merged(both, both, replace(both, chosen={})).chosen == {}


def test_what_two_servers_change_at_once_is_kept_of_both(recent):
    token = investigation_store.make(OWNER, KEPT, {})
    folder = investigation_store.folder_of(OWNER, token)
    pairs = [range(30), range(30, 60)]
    servers = [subprocess.Popen([sys.executable, "-c", ADDING, str(folder), *map(str, each)]) for each in pairs]

    assert [each.wait(timeout=120) for each in servers] == [0, 0]
    assert sorted(investigation_store.read(folder).chosen["added_pairs"]) == list(range(60))


def test_what_was_not_opened_for_long_is_let_go(recent):
    token = investigation_store.make(OWNER, KEPT, {"heldout": b"rows"})
    opened_at = investigation_store.found(OWNER)[0].opened_at
    days = 24 * 60 * 60 * investigation_store.DAYS

    investigation_store.prune(opened_at + days - 1)
    assert investigation_store.folder_of(OWNER, token) is not None
    investigation_store.prune(opened_at + days + 1)

    assert files_of(recent) == []


@pytest.mark.parametrize("token", ["", "..", "../" + "b" * 19, "x" * 22, "/etc/passwd"])
def test_a_text_that_is_no_token_leads_nowhere(recent, token):
    investigation_store.make(OWNER, KEPT, {})
    before = files_of(recent)

    investigation_store.delete(OWNER, token)

    assert investigation_store.folder_of(OWNER, token) is None
    assert files_of(recent) == before


def test_the_folder_of_a_visitor_does_not_tell_their_token(recent):
    investigation_store.make(OWNER, KEPT, {})

    assert OWNER not in json.dumps([str(path) for path in files_of(recent)])


def test_days_rows_and_outlines_come_back_as_they_were():
    day = date(2026, 1, 2)
    chosen = {"pick": {"outline": ((0.5, 1.0), (2.0, 3.0)), "days": (day, day), "words": "", "map": "umap"}}
    token = investigation_store.make(OWNER, replace(KEPT, chosen=chosen), {})

    assert investigation_store.read(investigation_store.folder_of(OWNER, token)).chosen == chosen
