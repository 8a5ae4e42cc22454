import os
import threading

import pytest

from drift_core.errors import InputError
from drift_core.tables.small_files import parse_json, read_small, shown


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "rule.json").write_bytes(b"{}\n")

    assert read_small(tmp_path / "rule.json", called="The rule file") == b"{}\n"


def test_a_pipe_that_somebody_writes_to_is_read_to_its_end():
    here, there = os.pipe()
    writer = threading.Thread(target=lambda: (os.write(there, b"a"), os.write(there, b"b"), os.close(there)))
    writer.start()

    found = read_small(f"/dev/fd/{here}", called="The rule file")

    writer.join()
    os.close(here)
    assert found == b"ab"


def test_a_pipe_without_a_writer_is_empty_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "rule.json")

    assert read_small(tmp_path / "rule.json", called="The rule file") == b""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/dev/zero", "it is a device"),
        ("/tmp", "Is a directory"),  # noqa: S108 - only a folder that is there
        ("/nowhere/rule.json", "No such file or directory"),
        ("a" * 5_000, "File name too long"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_what_is_no_file_is_one_message_with_its_reason(path, reason):
    with pytest.raises(InputError, match=f"^The rule file .* cannot be read: {reason}. Name a rule.$"):
        read_small(path, called="The rule file", advice="Name a rule.")


def test_no_more_room_is_made_than_a_file_takes(tmp_path):
    (tmp_path / "list.csv").write_bytes(b"a")

    assert read_small(tmp_path / "list.csv", called="The list", largest=2**60) == b"a"


def test_a_file_beyond_every_size_is_refused(tmp_path):
    (tmp_path / "rule.json").write_bytes(b"1234")

    with pytest.raises(InputError, match="has more than 3 bytes"):
        read_small(tmp_path / "rule.json", called="The rule file", largest=3)


@pytest.mark.parametrize("text", ["[" * 20_000, "[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1", "9" * 5_000, ""])
def test_json_that_cannot_be_read_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"deeply|digit|Expecting"):
        parse_json(text)


def test_values_are_shown_on_one_short_line():
    deep = []
    for _ in range(20_000):
        deep = [deep]

    assert shown("a\n\x1b[2J") == r"'a\n\x1b[2J'"
    assert shown("x" * 10**6) == f"'{'x' * 59}..."
    assert shown(deep) == "a value of type list, too long to show"
    assert shown(10**5_000) == "a value of type int, too long to show"
