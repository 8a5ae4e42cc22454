import json

import pytest

from drift_core.diagnosis.rule import Rule
from drift_core.diagnosis.rule_file import read_rule
from drift_core.errors import InputError, SettingError


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rule.toml", "k = 20\nalpha = 0.01"),
        ("rule.toml", "[rule]\nk = 20\nalpha = 0.01"),
        ("rule.json", '{"k": 20, "alpha": 0.01}'),
        ("diagnosis.json", json.dumps({"cause": "healthy", "rule": {"k": 20, "alpha": 0.01}})),
    ],
)
def test_a_rule_file_changes_what_it_names_and_keeps_the_rest(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert read_rule(tmp_path / name) == Rule(k=20, alpha=0.01)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("kk = 3", SettingError, "has no 'kk'. It has: spread_suspect"),
        ("k = 10.0", SettingError, "k must be a whole number"),
        ("alpha = 'low'", SettingError, r"alpha must be a number in \(0, 1\)"),
        ("spread_suspect = 0.5", SettingError, "must not be above"),
        ("rule = 3", InputError, "must be names with values; found int"),
        ("k = ", InputError, "is not valid JSON"),
    ],
)
def test_a_wrong_rule_file_is_one_message_that_names_the_file(tmp_path, text, error, message):
    path = tmp_path / "rule.toml"
    path.write_text(text)

    with pytest.raises(error, match=message) as raised:
        read_rule(path)

    assert str(path) in str(raised.value)


def test_a_rule_file_that_is_not_there_or_no_text_is_one_message(tmp_path):
    (tmp_path / "rule.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "list.json").write_text("[]")

    for name, message in (("gone.toml", "cannot be read"), ("rule.json", "not valid"), ("list.json", "found list")):
        with pytest.raises(InputError, match=message):
            read_rule(tmp_path / name)
