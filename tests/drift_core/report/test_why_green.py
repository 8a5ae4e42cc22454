from types import SimpleNamespace

import pytest

from drift_core.report import why_green
from drift_core.report.why_green import why_heldout_is_green


def told(monkeypatch: pytest.MonkeyPatch, cause: str, region: object = None, part: object = None) -> str:
    monkeypatch.setattr(why_green, "leading_drifted", lambda _: (region,) if region else ())
    verdict = SimpleNamespace(cause=cause, or_student=False)
    return why_heldout_is_green(SimpleNamespace(verdict=verdict, part=part))  # type: ignore[arg-type]  # stands for one


def region(**what: bool) -> SimpleNamespace:
    return SimpleNamespace(**({"label": "“pay”", "is_new": False, "is_harder": False} | what))


@pytest.mark.parametrize(
    ("cause", "found", "sentence"),
    [
        ("query_drift", region(is_new=True), "They have too little of “pay” to tell."),
        ("query_drift", region(is_harder=True), "They have less of “pay”, where the student always erred more."),
        ("query_drift", region(), "They have “pay” too, as it was then."),
        ("document_drift", region(is_new=True), "Docs of the kind that production has now are not in them."),
        ("teacher_drift", None, "They hold the scores of the teacher of before, whom the student follows."),
        ("inconclusive", None, "What changed since is not in them."),
    ],
)
def test_each_cause_says_what_held_out_lacks(
    monkeypatch: pytest.MonkeyPatch, cause: str, found: object, sentence: str
) -> None:
    assert sentence in told(monkeypatch, cause, found)


def test_a_part_that_broke_is_no_new_topic_and_no_old_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    said = told(monkeypatch, "query_drift", region(), SimpleNamespace(name="pool eu-2 since 19 Oct 2026"))

    assert "What broke, pool eu-2 since 19 Oct 2026, is not in them." in said
    assert "pay" not in said
    assert "revis" not in said


def test_without_a_verdict_no_cause_is_named() -> None:
    said = why_heldout_is_green(None)

    assert "What changed since is not in them. So its check stays green. The verdict says what that is." in said
    assert not any(word in said for word in ("topic", "teacher", "revision"))
