import json

import pytest

from drift_core.judge_card.file import init_card, read_card
from drift_core.review.draw import draw_review
from drift_core.review.pairs import ReviewSettings
from drift_core.review.record import read_review
from drift_core.review.review_file import create_review, open_review
from tests.drift_core.command_line import run
from tests.drift_core.review.drawn import answered, halves, labelled
from tests.drift_core.review.test_draw import spot_list
from tests.drift_core.small_case import small_diagnosis


@pytest.fixture
def review(tmp_path):
    drawn = draw_review(halves(labelled(80)), settings=ReviewSettings(n=20))
    return create_review(drawn, tmp_path / "review.db")


def test_draw_takes_the_sample_and_its_diagnosis(tmp_path, monkeypatch):
    found = small_diagnosis()
    monkeypatch.setattr("drift_core.retrain_list.read_diagnosis.read_diagnosis", lambda *_, **__: found)
    out = tmp_path / "review.db"

    code, shown, _ = run("review", "draw", "p.csv", "--diagnosis", "d.json", "--out", out, "--n", 30, "--floor", 3)

    assert code == 0
    assert shown.startswith("Drew 30 pairs of 45 different ones (disagreements).\n- ")
    assert len(open_review(out).draw.pairs) == 30
    assert run("review", "draw", "p.csv", "--diagnosis", "d.json", "--out", out)[2].count("is there already") == 1


def test_a_spot_check_is_drawn_from_a_list(tmp_path):
    (tmp_path / "list.parquet").write_bytes(spot_list())

    code, shown, _ = run("review", "spot-check", tmp_path / "list.parquet", "--out", tmp_path / "check.db")

    assert (code, shown.splitlines()[0]) == (0, "Drew 5 pairs of 50 different ones (spot check).")
    assert run("review", "result", tmp_path / "check.db")[:2][0] == 0


@pytest.mark.parametrize(
    ("rights", "code", "said"), [(["student"], 0, "Ready: "), (["teacher"], 1, "Not ready: "), ([], 3, "Cannot tell: ")]
)
def test_the_result_is_said_and_is_the_exit_code(review, rights, code, said):
    review.answer_all(answered(review.draw, rights * 20))

    found = run("review", "result", review.path)

    assert found[0] == code
    assert said in found[1]
    against = {"student": "below", "teacher": "above"}.get("".join(rights))
    assert ("Shadow mode" in found[1]) == (against is not None)
    told = json.loads(run("review", "result", review.path, "--json", "-")[1])
    assert (told["wrong"]["estimate"] is None) == (against is None)  # as in every other JSON
    assert against is None or f"is not ready. The share is {against} that" in found[1]


def test_the_result_as_json_holds_figures_and_readiness(review):
    review.answer_all(answered(review.draw, ["student", "both"] * 10))

    _, shown, _ = run("review", "result", review.path, "--json", "-", "--now", "2026-06-01")

    document = json.loads(shown)
    assert document["wrong"]["estimate"] == 0
    assert document["readiness"]["status"] == "ready"
    assert [region["n_answered"] for region in document["regions"]] == [12, 8]


def test_the_gate_and_the_card_take_the_result(review, tmp_path):
    card, place = tmp_path / "judges.yaml", tmp_path / "result.json"
    init_card(card, student_version="ranker-7")
    early = run("review", "result", review.path, "--card", card)
    review.answer_all(answered(review.draw, ["teacher"] * 20))

    code, _, said = run("review", "result", review.path, "--card", card, "--json", place)

    assert "The card stays as it is: the review is not complete." in early[2]
    assert (code, said) == (1, f"Noted in {card}.\n")
    held, found = read_card(card).shadow_review, read_review(place)
    assert (held.student_version, held.wrong, held.wrong_high) == ("ranker-7", 1, 1)
    assert found.wrong.low == pytest.approx(held.wrong_low, abs=1e-4)
    assert found.readiness.status == "not ready"


def test_a_sheet_goes_out_and_comes_back(review, tmp_path):
    exported = run("review", "export", review.path, "--out", tmp_path / "out")
    sheet = tmp_path / "out" / "review.csv"
    sheet.write_text(sheet.read_text().replace(",,,", ",both,,Ada"))

    imported = run("review", "import", review.path, sheet)

    assert exported[:2] == (0, f"Wrote {sheet}\n")
    assert imported[:2] == (0, "Read 20 answers, 20 of them new; 0 blank.\n")
    assert run("review", "export", review.path, "--out", tmp_path, "--format", "xml")[0] == 2


def test_several_formats_are_written_at_once(review, tmp_path):
    out = tmp_path / "out"
    code, said, _ = run(*("review", "export", review.path, "--out", out, "--format", "csv", "--format", "label-studio"))

    assert code == 0
    assert said.count("Wrote") == len(list(out.rglob("*.*"))) == 3
    assert (out / "review.csv").exists()
