import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from drift_core.errors import MissingExtraError
from drift_core.options.weigh import weigh_options
from drift_core.regions.projection import MapLayout, draw_map
from drift_core.report import pdf
from drift_core.report.pdf import render_pdf
from drift_core.report.render import render_report
from drift_core.simulation.scenarios import SCENARIOS, shipped_scenario_paths
from tests.drift_core.small_case import MARKUP, small_diagnosis
from tests.sweeps import sweep

CASES = Path(__file__).parents[4] / "shared" / "realdata"
LONGEST = "wildbench-gpt4turbo-to-gpt4o"
HOSTILE = (
    '#eval("1+1") #read("/etc/passwd") #import "@preview/x:1.0.0": *',
    "$ sum_(i=0) $ *bold* _x_ `code` <label> @ref \\ ] [ } { \" ' //",
    "</script><script>alert(1)</script>",
    "检查 الحكم 😀 Ελλάδα Россия नमस्ते \u202e \u0000",
    "a" * 10_000,
)


def n_pages(made):
    return len(re.findall(rb"/Type/Page\b", made))


@cache
def hostile():
    """The small case with a hostile text in every place that a user fills."""
    diagnosis = small_diagnosis()
    n = len(diagnosis.production)
    texts = np.array([HOSTILE[place % len(HOSTILE)] + f" {place}" for place in range(n)], dtype=object)
    production = replace(diagnosis.production, query=texts, doc=texts[::-1].copy(), name=HOSTILE[0])
    regions = [
        replace(region, name=HOSTILE[place % len(HOSTILE)], drifted=True, is_new=True, share_of_loss=0.1)
        for place, region in enumerate(diagnosis.regions.regions)
    ]
    verdict = replace(diagnosis.verdict, headline=" ".join(HOSTILE))
    tests = replace(diagnosis.regions, regions=tuple(regions))
    return replace(diagnosis, production=production, regions=tests, verdict=verdict)


def layout_of(diagnosis):
    """A map with a place for every pair, which says as much about the size of a page as one that took seconds."""
    rng = np.random.default_rng(0)
    places = {name: rng.normal(size=(len(getattr(diagnosis, name)), 2)) for name in ("heldout", "production")}
    sides = {name: each.astype(np.float32) for name, each in places.items()}
    return MapLayout(**sides, method="umap", n_fitted=len(diagnosis.embeddings.texts), n_placed=0, reason="", seed=0)


@pytest.mark.parametrize("scenario", sweep(SCENARIOS, "query-drift"))
def test_a_report_has_at_most_three_pages_or_three_megabytes(scenario, diagnosis_of):
    diagnosis = diagnosis_of(*shipped_scenario_paths(scenario))
    layout = layout_of(diagnosis)

    on_paper, as_page = render_pdf(diagnosis, layout=layout), render_report(diagnosis, layout=layout)

    assert on_paper.startswith(b"%PDF-")
    assert 1 <= n_pages(on_paper) <= 3
    assert len(as_page.encode()) < 3_000_000


def test_texts_that_look_like_markup_are_set_as_they_are_on_at_most_three_pages():
    made = render_pdf(hostile())

    assert n_pages(made) <= 3


def test_no_text_of_a_user_is_read_as_markup(monkeypatch):
    seen = []
    monkeypatch.setattr(pdf, "typeset", lambda content, template: seen.append((content, template)) or b"")

    render_pdf(small_diagnosis())

    [(content, template)] = seen
    assert MARKUP in content["headline"] + str(content["examples"])
    assert "eval(" not in (pdf.TEMPLATES / template).read_text(encoding="utf-8")


def test_the_same_diagnosis_gives_the_same_bytes():
    layout = draw_map(small_diagnosis().embeddings)

    first, second = (render_pdf(small_diagnosis(), layout=layout) for _ in range(2))

    assert first == second
    assert b"CreationDate" not in first


def test_the_pages_are_tagged_for_readers_that_speak():
    made = render_pdf(small_diagnosis())

    assert b"/MarkInfo" in made
    assert b"/Lang" in made


def test_without_its_packages_the_pdf_says_how_to_get_them(monkeypatch):
    monkeypatch.setattr("drift_core.installation.find_spec", lambda module: None if module == "typst" else True)

    with pytest.raises(MissingExtraError, match=r'The PDF needs .*\(typst\)(.|\n)*distillation-drift\[report\]"'):
        render_pdf(small_diagnosis(), routes=weigh_options(small_diagnosis()))


@pytest.mark.skipif(not CASES.is_dir(), reason="The real cases are not beside this checkout.")
@pytest.mark.parametrize("case", sweep(sorted(each.name for each in CASES.glob("*") if each.is_dir()), LONGEST))
def test_a_real_case_has_at_most_three_pages(case, diagnosis_of):
    diagnosis = diagnosis_of(*(CASES / case / f"{side}.parquet" for side in ("heldout", "production")))

    assert n_pages(render_pdf(diagnosis)) <= 3
