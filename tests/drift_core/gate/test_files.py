import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import TestSuite

from drift_core.gate.annotations import github_lines, github_summary, gitlab_lines
from drift_core.gate.files import gate_to_code_quality, gate_to_json, gate_to_junit
from drift_core.gate.gate import decide_gate
from drift_core.version import VERSION
from tests.drift_core.gate.cases import CASES
from tests.drift_core.gate.weeks import after, card, measured, region, week

GOLDEN = Path(__file__).parent / "golden"


def as_json(decision, card):
    document = gate_to_json(decision, card=card)
    assert document["version"] == VERSION
    for name, run in (("newest", decision.newest), ("measured", decision.measured)):
        if run is not None:
            assert document[name]["key"] == run.key
            document[name]["key"] = "key"
    for given, each in zip(document["withdrawn"], decision.withdrawn, strict=True):
        assert given["key"] == each.run.key
        given["key"] = "key"
    return json.dumps(document | {"version": "0"}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


FORMATS = {
    "gate.json": as_json,
    "junit.xml": lambda decision, card: gate_to_junit(decision).decode(),
    "github.txt": lambda decision, card: "\n".join(github_lines(decision)) + "\n",
    "summary.md": lambda decision, card: github_summary(decision),
    "gitlab.txt": lambda decision, card: "\n".join(gitlab_lines(decision, [decision.sentence])) + "\n",
    "codequality.json": lambda decision, card: gate_to_code_quality(decision, path="judges.yaml").decode(),
}


EVERYWHERE = ("gate.json", "junit.xml", "github.txt")
PINNED = [
    (case, kind)
    for case in CASES
    for kind in FORMATS
    if kind in EVERYWHERE or case in ("blocked", "overridden", "withdrawn")
]


@pytest.mark.parametrize(("case", "kind"), PINNED)
def test_each_answer_is_written_as_the_golden_file_has_it(case, kind):
    written = FORMATS[kind](*CASES[case]())
    golden = GOLDEN / f"{case}.{kind}"

    if os.environ.get("WRITE_GOLDEN"):
        golden.write_bytes(written.encode())

    assert written == golden.read_bytes().decode()


@pytest.mark.parametrize(
    ("case", "counts"),
    [
        ("passing", (0, 0, 0)),
        ("blocked", (5, 1, 0)),
        ("inconclusive", (0, 1, 3)),
        ("passed_by_choice", (0, 0, 1)),
        ("overridden", (0, 0, 1)),
        ("no_run", (0, 1, 9)),
        ("withdrawn", (0, 0, 0)),
    ],
)
def test_junit_counts_failures_errors_and_skipped_checks(case, counts):
    decision, _ = CASES[case]()

    suite = ElementTree.fromstring(gate_to_junit(decision)).find("testsuite")

    assert tuple(int(suite.get(name)) for name in ("failures", "errors", "skipped")) == counts
    assert int(suite.get("tests")) == len(decision.checks) == len(suite.findall("testcase"))


def test_texts_of_users_come_through_xml_as_they_are():
    decision, _ = CASES["blocked"]()

    suite = ElementTree.fromstring(gate_to_junit(decision)).find("testsuite")

    cases = {case.get("name"): case for case in suite}
    assert 'slice tier & plan: <b>"100%, | a:b"</b>' in cases
    assert "8 % ]]> ::error::no <script>" in cases["alarm"].find("failure").get("message")


def test_no_text_of_a_user_becomes_a_workflow_command_or_a_picture():
    decision, _ = CASES["blocked"]()

    lines = github_lines(decision)

    assert all(line.startswith("::error title=Release gate%3A ") for line in lines)
    assert all("\n" not in line for line in lines)
    assert "<script>" not in github_summary(decision)
    assert "8 %25 ]]>" in lines[0]


def test_every_finding_of_a_code_quality_report_has_a_fingerprint_of_its_own():
    decision, _ = CASES["blocked"]()

    report = json.loads(gate_to_code_quality(decision, path="judges.yaml"))

    assert len({each["fingerprint"] for each in report}) == len(report) == 6
    assert {each["severity"] for each in report} == {"blocker", "major"}


def test_a_card_of_thousands_of_slices_is_counted_once(monkeypatch):
    wanted = [{"partition": "country", "name": f"C{number}", "floor": 0.8} for number in range(2000)]
    regions = tuple(region(each["name"], measured(0.9)) for each in wanted)
    decision = decide_gate([week(0, regions=regions)], now=after(0), card=card(critical_slices=tuple(wanted)))
    counts = []
    count = TestSuite.update_statistics
    monkeypatch.setattr(TestSuite, "update_statistics", lambda suite: (counts.append(1), count(suite)))

    written = gate_to_junit(decision)

    assert written.count(b"<testcase ") == len(decision.checks) > 2000
    assert len(counts) <= 2
