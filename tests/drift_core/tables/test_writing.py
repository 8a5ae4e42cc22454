import io
import json
import os
import zipfile
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_core.errors import InputError
from drift_core.samples.reading import read_table
from drift_core.tables.formula_guard import unguarded
from drift_core.tables.writing import (
    check_folder,
    check_place,
    new_file,
    replace_file,
    replace_files,
    to_csv,
    to_json_lines,
    to_parquet,
    to_zip,
)


def test_only_texts_that_start_like_a_formula_are_changed_in_csv():
    table = pd.DataFrame({"text": ["=1", "a=1", "-x", None], "score": [-1.0, 2.0, np.nan, 4.0]})

    assert to_csv(table).decode() == "text,score\n'=1,-1.0\na=1,2.0\n'-x,\n,4.0\n"


def test_a_column_name_that_starts_like_a_formula_is_changed_in_csv():
    table = pd.DataFrame({"=cmd|x": ["a"], "score": [1.0]})

    assert to_csv(table).decode() == "'=cmd|x,score\na,1.0\n"


ODD = ["-1", "'-1", "''-1", "'", "''", "'a", "=1", "'=1", "＝1", "'＠", "\t", "'\n", "plain", "7"]


def test_a_text_with_apostrophes_before_a_formula_gets_one_more():
    written = to_csv(pd.DataFrame({"text": ODD[:6]})).decode()

    assert written.splitlines()[1:] == ["'-1", "''-1", "'''-1", "'", "''", "'a"]


def test_every_text_and_name_comes_back_from_csv_as_it_was(tmp_path):
    table = pd.DataFrame({"text": ODD, **dict.fromkeys(("-a", "'-a", "''-a", "'a"), "x")})
    (tmp_path / "list.csv").write_bytes(to_csv(table))

    read = read_table(tmp_path / "list.csv").to_pydict()

    assert [*map(unguarded, read)] == [*table.columns]
    assert [*map(unguarded, read["text"])] == ODD


@given(st.lists(st.text("'=-a+@＝", max_size=5), min_size=1, max_size=8))
def test_no_text_that_is_written_starts_as_a_formula_and_all_come_back(texts):
    written = pd.read_csv(io.BytesIO(to_csv(pd.DataFrame({"text": texts, "n": 1}))), dtype=str, keep_default_na=False)

    assert not [text for text in written["text"] if text[:1] in {*"=-+@＝"}]
    assert [*map(unguarded, written["text"])] == texts


@pytest.mark.parametrize("text", ["a\rb", "a\r", "a\r\nb", "a\nb"])
def test_line_ends_within_a_text_come_back_from_csv(tmp_path, text):
    (tmp_path / "list.csv").write_bytes(to_csv(pd.DataFrame({"query": [text, "plain"], "score": [1, 2]})))

    assert read_table(tmp_path / "list.csv").to_pydict() == {"query": [text, "plain"], "score": ["1", "2"]}


def test_a_missing_number_is_null_in_parquet_and_json_lines():
    table = pd.DataFrame({"text": pd.Series([None, None], dtype=object), "x": [1.5, np.nan]})

    parquet = pd.read_parquet(io.BytesIO(to_parquet(table)))
    assert parquet["x"].isna().tolist() == [False, True]
    assert to_json_lines(table) == b'{"text": null, "x": 1.5}\n{"text": null, "x": null}\n'


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("old")

    replace_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["list.csv"]


@pytest.mark.parametrize("name", ["gone/list.csv", ".", "a\0b"])
def test_a_place_that_cannot_be_written_is_one_message(tmp_path, name):
    with pytest.raises(InputError, match="cannot be written"):
        replace_file(tmp_path / name, b"new")

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["gone/list.csv", ".", "a\0b/list.csv"])
def test_a_place_that_cannot_be_written_is_known_before_the_work(tmp_path, name):
    with pytest.raises(InputError, match="cannot be written"):
        check_place(tmp_path / name)

    check_place(tmp_path / "list.csv")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_a_file_is_in_the_way_of_is_known_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")

    for name in ("file", "file/below/it"):
        with pytest.raises(InputError, match=r"cannot be made: .*file is a file"):
            check_folder(tmp_path / name)
    check_folder(tmp_path / "to" / "make")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_new_file_is_never_written_over_another(tmp_path):
    new_file(tmp_path / "card.yaml", b"first")

    with pytest.raises(FileExistsError):
        new_file(tmp_path / "card.yaml", b"second")
    assert (tmp_path / "card.yaml").read_bytes() == b"first"


def test_a_device_is_written_to_and_stays_one(tmp_path):
    replace_file("/dev/null", b"new")
    assert not os.path.isfile("/dev/null")  # noqa: PTH113 - of a device

    with pytest.raises(InputError, match="/dev/full cannot be written: No space left on device"):
        replace_file("/dev/full", b"new")


LISTS, RECORD = ("a.csv", "b.parquet", "croissant.json"), "manifest.json"


def generation(number):
    """Files whose record knows them by their digests."""
    files = {name: f"{name} {number}".encode() * 9 for name in LISTS}
    digests = {name: sha256(content).hexdigest() for name, content in files.items()}
    return files | {RECORD: json.dumps(digests).encode()}


def is_whole(folder):
    digests = json.loads((folder / RECORD).read_bytes())
    return all(sha256((folder / name).read_bytes()).hexdigest() == digests[name] for name in LISTS)


def killed_at(step, folder):
    """Overwrite the folder in a process of its own that dies before its step-th change of a name."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = [step]

    def dying(real):
        def change(*arguments, **more):
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
            return real(*arguments, **more)

        return change

    os.replace, os.unlink = dying(os.replace), dying(os.unlink)
    try:
        replace_files(folder, generation(2), record=RECORD)
    finally:
        os._exit(0)


def test_a_kill_at_any_step_leaves_a_record_of_the_files_beside_it_or_none(tmp_path):
    seen = set()
    for step in range(20):
        folder = tmp_path / str(step)
        replace_files(folder, generation(1), record=RECORD)

        code = killed_at(step, folder)

        has_record = (folder / RECORD).exists()
        assert not has_record or is_whole(folder), step
        seen.add((code, has_record))
        if code == 0:
            break
    assert seen == {(9, True), (9, False), (0, True)}
    assert (folder / RECORD).read_bytes() == generation(2)[RECORD]


def test_a_full_disk_leaves_every_file_of_before_and_nothing_else(tmp_path, full_disk):
    replace_files(tmp_path, generation(1), record=RECORD)

    with full_disk(), pytest.raises(InputError, match="cannot be written: File too large"):
        replace_files(tmp_path, generation(2), record=RECORD)
    with full_disk(), pytest.raises(InputError, match="cannot be written: File too large"):
        replace_file(tmp_path / "a.csv", b"new" * 9)
    with full_disk(), pytest.raises(InputError, match="cannot be written: File too large"):
        new_file(tmp_path / "card.yaml", b"new" * 9)

    assert is_whole(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {*LISTS, RECORD}


def test_packed_files_come_out_as_they_went_in_and_the_same_files_give_the_same_bytes():
    files = {"a/b.json": b"{}", "c.csv": b"x\n1\n"}

    with zipfile.ZipFile(io.BytesIO(to_zip(files))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files
    assert to_zip(files) == to_zip(files)
