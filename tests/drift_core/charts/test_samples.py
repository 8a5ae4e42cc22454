from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drift_core.charts.idea import idea_picture
from drift_core.charts.samples import output_histograms, score_histograms
from drift_core.samples.pairs import ScoredPairs
from drift_core.samples.reading import read_pairs
from drift_core.samples.score_kind import ScoreKind

TEACHER = np.random.default_rng(2).uniform(size=200)


def sample(student):
    return ScoredPairs(name="monday", query=np.array(["a query"] * 200, dtype=object), teacher=TEACHER, student=student)


def test_both_histograms_share_an_axis_where_the_scores_share_a_scale():
    chart = score_histograms(sample(TEACHER**2)).to_dict()

    assert "vconcat" not in chart
    assert chart["description"].startswith("Scores of monday. Teacher: median")
    (rows,) = chart["datasets"].values()
    assert sum(row["share"] for row in rows if row["side"] == "student") == pytest.approx(1.0)


@pytest.mark.parametrize("student", [TEACHER * 100, TEACHER + 5])
def test_scores_on_another_scale_get_an_axis_of_their_own(student):
    assert len(score_histograms(sample(student)).to_dict()["vconcat"]) == 2


def bars_of(chart):
    if chart.get("mark", {}).get("type") == "bar":
        yield chart["mark"], chart["encoding"]
    for part in (*chart.get("layer", ()), *chart.get("vconcat", ())):
        yield from bars_of(part)


def test_every_bar_stands_out_from_its_ground_by_its_fill_or_by_its_edge():
    coded = replace(
        sample(TEACHER.round()), teacher=TEACHER.round(), kind=ScoreKind(name="binary", labels=("no", "yes"))
    )
    numbers = (score_histograms(sample(TEACHER**2)), score_histograms(sample(TEACHER * 100)))
    both = [output_histograms(each, each, side="student") for each in (sample(TEACHER), coded)]

    for chart in (*numbers, *both, score_histograms(coded)):
        for mark, encoding in bars_of(chart.to_dict()):
            edges = encoding.get("stroke", {}).get("scale", {}).get("range", ())
            assert mark["opacity"] == 1
            assert edges or "fillOpacity" not in mark
            assert all(len(each) == len("#123456") for each in edges)  # none of them paler


def test_the_picture_of_the_idea_is_told_in_words_and_always_the_same():
    first, again = idea_picture().to_dict(), idea_picture().to_dict()

    assert "a new topic lies outside what held-out covers" in first["description"]
    assert first["datasets"] == again["datasets"]


def test_labels_are_drawn_by_name():
    frame = pd.DataFrame({"query": [f"q{n}" for n in range(40)], "teacher": ["fail", "pass", "pass", "pass"] * 10})
    sample = read_pairs(frame.assign(student=["pass", "pass"] * 20), name="monday")

    drawn = score_histograms(sample).to_dict()

    assert drawn["description"] == (
        "Labels of monday: teacher fail 25%; teacher pass 75%; student fail 0%; student pass 100%."
    )
    assert {row["label"] for row in next(iter(drawn["datasets"].values()))} == {"fail", "pass"}


def test_outputs_of_one_side_on_both_samples_share_their_bins_and_count_weights():
    heldout, production = sample(TEACHER), replace(sample(TEACHER**3), weight=np.where(TEACHER > 0.5, 9.0, 1.0))

    chart = output_histograms(heldout, production, side="student").to_dict()

    assert chart["description"].startswith("Scores of the student. Held-out: median")
    (rows,) = chart["datasets"].values()
    shares = {name: [row["share"] for row in rows if row["side"] == name] for name in ("held-out", "production")}
    assert [sum(each) for each in shares.values()] == pytest.approx([1, 1])
    assert shares["production"][0] < np.mean(TEACHER**3 < 1 / 30)


def test_outputs_that_are_labels_are_drawn_by_name():
    kind = ScoreKind(name="binary", labels=("fail", "pass"))
    codes = replace(sample((TEACHER > 0.5).astype(float)), teacher=(TEACHER > 0.5).astype(float), kind=kind)

    chart = output_histograms(codes, codes, side="teacher").to_dict()

    assert chart["description"].startswith("Labels of the teacher: held-out fail ")
