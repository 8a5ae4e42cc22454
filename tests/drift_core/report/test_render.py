import re
from base64 import b64encode
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from markupsafe import escape

from drift_core.measures.rank_gaps import rank_gaps
from drift_core.measures.ranks import mid_ranks
from drift_core.regions.projection import draw_map
from drift_core.report.pictures import on_screen, story_picture
from drift_core.report.render import render_picture, render_report
from drift_core.report.story import find_examples
from drift_core.samples.score_kind import ScoreKind
from drift_core.samples.settling import Settling
from tests.drift_core.small_case import MARKUP, small_diagnosis


@cache
def layout():
    return draw_map(small_diagnosis().embeddings)


@cache
def rendered():
    return render_report(small_diagnosis(), layout=layout())


def test_the_report_says_the_verdict_the_figures_and_what_to_do():
    diagnosis = small_diagnosis()

    page = rendered()

    for part in (
        diagnosis.verdict.headline,
        diagnosis.verdict.reason,
        "What to do",
        "Has agreement fallen?",
        "How high could it be?",
        "How this was made",
    ):
        assert escape(part) in page
    assert diagnosis.ceiling.sentence in page
    assert all(escape(line) in page for line in diagnosis.distribution_lines)
    assert diagnosis.quality.sentence in page
    assert diagnosis.production.digest[:12] in page
    assert f"seed {diagnosis.settings.seed}" in page


def test_commands_are_code_that_one_click_picks():
    commands = ("distillation-drift sample 'a b.csv'", "distillation-drift diagnose x.csv")
    settling = (Settling(aim="pinned", sentence="Draw some.", commands=commands),)

    page = render_report(replace(small_diagnosis(), settling=settling))

    assert page.count("<pre><code>") == 2
    for command in commands:
        assert f"<pre><code>{escape(command)}</code></pre>" in page
    assert "pre code { user-select: all;" in page


def test_the_first_page_holds_the_map_what_to_do_and_pairs_on_which_they_differ():
    diagnosis, page = small_diagnosis(), rendered()

    first = page[: page.index("The evidence")]
    assert "What we do, and what it costs" in first
    assert "Map of the queries." in first
    [examples] = re.findall(r"<tbody>(.+?)</tbody>", first, re.DOTALL)
    pairs = re.findall(r'<td class="rank">(\d+) of 240</td><td class="rank">(\d+) of 240</td>', examples)
    ranks = [tuple(map(int, pair)) for pair in pairs]
    apart = np.abs(rank_gaps(diagnosis.production.student, diagnosis.production.teacher).gap)
    among = diagnosis.drifted if diagnosis.drifted.any() else np.ones(len(apart), dtype=bool)
    assert len(ranks) == 3
    assert abs(ranks[0][0] - ranks[0][1]) == pytest.approx(apart[among].max(), abs=1)


def test_pairs_on_which_both_agree_are_no_example_of_disagreement():
    diagnosis = small_diagnosis()
    same = replace(diagnosis, production=replace(diagnosis.production, student=diagnosis.production.teacher))

    assert "rank furthest apart" not in render_report(same)


def test_without_a_map_the_first_page_stands_too():
    page = render_report(small_diagnosis())

    assert "Map of the queries." not in page
    assert "What we do, and what it costs" in page


def test_the_options_stand_in_the_report_with_what_they_assume():
    page = rendered()

    assert "Retrain, route or leave" in page
    assert "the teacher answers the calls of drifted regions" in page
    assert "Best case, no promise" in page


def test_texts_of_the_user_are_shown_as_text():
    page = rendered()

    assert MARKUP not in page
    assert "<b>" not in re.sub(r"<b>[\w.→% ]+</b>", "", page)  # the report's own key figures are bold
    assert "&lt;i&gt;production" in page


def test_the_report_needs_nothing_from_elsewhere():
    page = rendered()

    addresses = set(re.findall(r"https?://[^\s\"'<)]+", page))
    assert all(address.startswith("http://www.w3.org/") for address in addresses)  # names of SVG, never fetched
    assert not re.search(r"<(script|link|iframe|img)\b|@import|src=|url\((?!#)", page)


def test_every_chart_is_inside_with_a_text_alternative():
    page = rendered()

    labels = re.findall(r'<figure role="img" aria-label="([^"]+)"><svg', page)
    assert len(labels) == page.count("<figure") == 5
    assert "Map of the queries" in labels[0]
    assert "Agreement with intervals" in labels[1]


def test_ids_on_the_page_are_unique_and_every_reference_has_one():
    page = rendered()

    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_the_same_diagnosis_gives_the_same_page():
    assert render_report(small_diagnosis(), layout=layout()) == rendered()


def test_examples_of_two_answers_say_the_answer_and_the_probability():
    diagnosis = small_diagnosis()
    made = diagnosis.production
    answered = replace(
        made,
        teacher=(made.teacher > np.median(made.teacher)) * 1.0,
        student=mid_ranks(made.student) / (len(made) + 1),
        kind=ScoreKind(name="probability", labels=("fail", "pass")),
    )

    found = find_examples(replace(diagnosis, production=answered))

    assert len(found) == 3
    for each in found:
        assert (each.teacher == "fail") is (float(each.student) > 0.5), "the pairs furthest apart lie across"


@pytest.mark.parametrize("part", ["promised", "happened", "where", "why"])
def test_a_picture_on_dark_ground_has_no_word_or_line_in_the_black_of_paper(part):
    picture = story_picture(small_diagnosis(), part, layout(), ground="#12171C")

    drawn = on_screen(picture, part, words="#E8ECEF", is_dark=True)

    assert re.findall(r'(?:fill|stroke)="(#000|#000000|black|#333|#888|currentColor|#0072B2)"', drawn.svg) == []
    assert 'fill="#E8ECEF"' in drawn.svg
    assert b64encode(drawn.svg.encode()).decode() in render_picture(drawn)
