from types import SimpleNamespace

import pytest

from drift_core.commands.diagnose import describe_options
from drift_core.options.costs import Prices
from drift_core.options.weigh import weigh_options
from drift_core.samples.next_in_words import mend_docs, mend_encoding, score_docs
from tests.drift_core.options.drifted_case import case

PRICES = Prices(teacher_per_pair=0.002, student_per_1000=0.02, calls_a_week=1000, canary_pairs=300, retrain_pairs=5_000)


def test_the_answer_stands_first_then_one_row_a_way():
    routes = weigh_options(case(), prices=PRICES)

    lines = describe_options(routes).splitlines()

    assert lines[0] == f"Retrain, route or leave: {routes.sentence}"
    assert lines[1].split() == ["Way", "Agreement", "Routed", "Price"]
    assert [line.split("  ")[0] for line in lines[2:5]] == [option.title for option in routes.options]
    assert lines[4].endswith("1.16 once")
    assert lines[5].endswith("your sample has 579 pairs that held-out lacks; draw more for 5,000.")


def test_without_prices_the_amounts_are_dashes_and_the_options_that_give_them_are_named():
    lines = describe_options(weigh_options(case())).splitlines()

    assert "–" in lines[3]
    assert "--student-price" in lines[-1]


def test_pinned_scores_come_first_where_the_teacher_may_have_made_a_familiar_region_fall():
    routes = weigh_options(case())

    asked = (SimpleNamespace(to_pin=each, to_score_again=None) for each in ("Score 40 pairs.", None))
    first, plain = (describe_options(routes, each) for each in asked)

    assert first.startswith(f"First score with the pinned revision; then retrain, route or leave: {routes.sentence}")
    assert plain == describe_options(routes)


@pytest.mark.parametrize(
    ("told", "first"),
    [
        (score_docs("long docs"), "First score with the student again"),
        (mend_docs("cut-off docs"), "First mend the texts and score with the student again"),
        (mend_encoding("docs with broken encoding"), "First mend the texts and score with the student again"),
    ],
)
def test_texts_are_mended_before_the_student_scores_again(told: str, first: str):
    asked = SimpleNamespace(to_pin=None, to_score_again=SimpleNamespace(sentence=told))

    assert describe_options(weigh_options(case()), asked).startswith(f"{first}; then retrain, route or leave: ")
