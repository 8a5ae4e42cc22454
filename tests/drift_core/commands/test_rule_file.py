import inspect
import json
import math
import re
from dataclasses import fields

import pytest

import drift_core as dc
from drift_core.agreement.rule import COUNTS, NEAREST, Rule
from drift_core.commands.rule_file import read_rule
from drift_core.errors import InputError, SettingError
from tests.drift_core.small_case import small_diagnosis


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


def test_a_rule_may_be_given_by_its_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.toml").write_text("k = 7")

    assert read_rule("alpha=0.01,k=20") == Rule(k=20, alpha=0.01)
    assert read_rule("a=b.toml") == Rule(k=7)
    ranged = Rule(**{each.name: getattr(Rule(), each.name) for each in fields(Rule)})
    long = ",".join(f"{each.name}={getattr(ranged, each.name)!r}" for each in fields(Rule))
    assert len(long) > 255
    assert read_rule(long) == ranged
    with pytest.raises(InputError) as raised:
        read_rule("s3://key:hush@bucket/date=1/rule.toml")
    assert "hush" not in str(raised.value)
    with pytest.raises(InputError, match="NAME=VALUE,NAME=VALUE with numbers; found 'alpha=low'"):
        read_rule("alpha=low")


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


ABSURD = ["1e-300", "0.9999999999999999", "1e400", "-0.1", "0", "1", "NaN", "Infinity", "true", '"0.5"', "null", "[1]"]
COUNTED = ["0", "-3", "2.5", "1e9", "true", '"7"', "1" + "0" * 400, "1" * 4000, "null"]


@pytest.mark.parametrize("name", [field.name for field in fields(Rule)])
def test_an_absurd_value_of_any_field_is_one_message_with_its_range(tmp_path, name):
    path, is_count = tmp_path / "rule.json", name in COUNTS
    expected = (
        "whole number from 1 up to 1,000,000,000" if is_count else r"number in \(0, 1\), from 0.000001 to 0.999999"
    )

    for value in COUNTED if is_count else ABSURD:
        path.write_text(f'{{"{name}": {value}}}')
        with pytest.raises(
            SettingError, match=rf"rule\.json: The rule's {name} must be a {expected}; found "
        ) as raised:
            read_rule(path)
        assert len(str(raised.value)) < 400


def test_a_number_of_more_digits_than_are_written_is_one_message(tmp_path):
    (tmp_path / "rule.toml").write_text("k = 0x" + "f" * 9000)

    with pytest.raises(SettingError, match=r"k must be a whole number .*; found a value of type int, too long to show"):
        read_rule(tmp_path / "rule.toml")


@pytest.mark.parametrize("confidence", [NEAREST, 1 - NEAREST])
def test_a_diagnosis_holds_at_the_ends_of_the_ranges(confidence):
    rule = Rule(confidence=confidence, alpha=NEAREST, cause_alpha=NEAREST, material_loss=NEAREST, power=1 - NEAREST)

    case = small_diagnosis()
    found = dc.diagnose(
        case.heldout, case.production, settings=dc.Settings(n_clusters=3, rule=rule), embeddings=case.embeddings
    )

    assert found.verdict.summary
    assert all(math.isfinite(each.n_pairs or 0) for each in found.settling)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rule.json", '{"k": ' + "[" * 20_000 + "]" * 20_000 + "}"),
        ("rule.json", '{"a":' * 20_000 + "1" + "}" * 20_000),
        ("rule.toml", "k = " + "[" * 20_000 + "]" * 20_000),
        ("rule.toml", "k = " + "{a=" * 20_000 + "1" + "}" * 20_000),
    ],
)
def test_a_rule_nested_too_deep_is_one_message(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    with pytest.raises(InputError, match="is nested too deeply"):
        read_rule(tmp_path / name)


def test_each_number_stands_on_a_line_with_its_comment_from_which_the_documentation_is_made():
    lines = inspect.getsource(Rule).splitlines()
    told = {line.split(":")[0].strip() for line in lines if re.match(r"    \w+: (float|int) = \S+  # \S", line)}

    assert told == set(Rule().to_json())
