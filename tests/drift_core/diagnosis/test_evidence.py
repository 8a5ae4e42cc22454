import re
from dataclasses import replace

import pytest

from drift_core.agreement.rule import Rule
from drift_core.causes import Cause
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.evidence import Evidence, list_evidence
from drift_core.simulation.plan import Plan
from tests.calibration.planted import draw_planted
from tests.drift_core.diagnosis.by_hand import measured, new_region, rise
from tests.drift_core.diagnosis.test_cause import DOCS, FELL, HEALTHY
from tests.drift_core.small_case import small_diagnosis


def evidence(plan: Plan) -> tuple[Evidence, ...]:
    drawn = draw_planted(replace(plan, with_texts=False), seed=5)
    made = diagnose(drawn.heldout, drawn.production, embeddings=drawn.embeddings, doc_embeddings=drawn.doc_embeddings)
    return made.verdict.evidence


@pytest.mark.parametrize(
    ("with_pinned", "begins"),
    [(True, "On familiar traffic, under the pinned"), (False, "On familiar traffic the error")],
)
def test_what_familiar_traffic_shows_speaks_for_teacher_drift(with_pinned: bool, begins: str) -> None:
    lines = evidence(Plan(teacher_loss=0.1, with_pinned=with_pinned))

    [line] = [line for line in lines if line.sentence.startswith(begins)]
    assert line.supports


def test_only_a_measured_teachers_part_is_told_as_a_cost_on_the_same_pairs() -> None:
    both = [evidence(Plan(teacher_loss=0.1, with_pinned=with_pinned)) for with_pinned in (True, False)]

    told = [any(line.sentence.startswith("The revision costs") for line in lines) for lines in both]
    assert told == [True, False]


def told(cause: Cause, **changed: object) -> dict[str, str]:
    """Marks of the evidence on facts made by hand, by how their sentences begin."""
    drifted = changed.pop("drifted", ())
    facts = replace(HEALTHY, **changed)  # type: ignore[arg-type]
    lines = list_evidence(cause, facts, drifted, Rule())  # type: ignore[arg-type]
    return {line.sentence.split()[0] + " " + line.sentence.split()[1]: line.mark for line in lines}


@pytest.mark.parametrize(
    ("cause", "part", "reach", "mark"),
    [
        ("query_drift", 0.05, 0.01, "Against"),
        ("healthy", 0.05, 0.01, "Against"),
        ("healthy", 0.005, 0.001, "For"),  # sure, but too little to matter
        ("query_drift", 0.05, 0.06, "For"),
        ("teacher_drift", 0.05, 0.01, "For"),
        ("teacher_drift", 0.05, 0.06, "Against"),
        ("inconclusive", 0.05, 0.01, "A loss"),
        ("inconclusive", 0.05, 0.06, "No loss"),
    ],
)
def test_the_teachers_part_is_judged_by_its_own_interval(cause: Cause, part: float, reach: float, mark: str) -> None:
    attribution = replace(HEALTHY.attribution, teacher=measured(part, reach))

    assert told(cause, attribution=attribution)["The revision"] == mark


def test_for_document_drift_a_rise_on_familiar_traffic_and_moved_docs_speak_for_it() -> None:
    for is_pinned in (False, True):
        found = told("document_drift", shared=FELL, docs=DOCS, is_pinned=is_pinned)

        assert (found["On familiar"], found["The docs"]) == ("For", "For")
    assert told("document_drift", shared=rise(0.0, 0.5), docs=DOCS)["On familiar"] == "Against"


@pytest.mark.parametrize("cause", ["healthy", "query_drift", "teacher_drift", "document_drift"])
def test_a_spread_too_uncertain_to_call_speaks_for_no_named_cause(cause: Cause) -> None:
    spread = replace(HEALTHY.spread, reading="cannot tell")

    assert told(cause, spread=spread)["Agreement went"] == "Against"


def test_where_no_cause_is_named_nothing_stands_for_or_against_one() -> None:
    found = told("inconclusive", shared=FELL, docs=DOCS, drifted=(new_region(),))

    assert set(found.values()) <= {"A loss", "No loss", "Open"}
    assert found["On familiar"] == found["Region new"] == found["Agreement fell"] == "A loss"
    assert found["The docs"] == "Open"
    spread = replace(HEALTHY.spread, reading="cannot tell")
    assert told("inconclusive", spread=spread)["Agreement went"] == "Open"


def test_a_tiny_p_value_is_written_as_a_limit() -> None:
    lines = list_evidence("teacher_drift", replace(HEALTHY, shared=rise(0.4, 0.0001)), (), Rule())

    assert any("chance shows as much in under 0.1% of cases" in line.sentence for line in lines)


SPECIALIST = re.compile(r"\bp [<=]|false discovery|area under|classifier|\bsd\b|Fisher|influence|permut|quantile|\bz\b")


def test_every_line_of_evidence_is_said_without_words_of_a_specialist() -> None:
    made = small_diagnosis()
    listed = list_evidence("query_drift", replace(HEALTHY, shared=FELL, docs=DOCS), (), Rule())
    lines = [each.sentence for each in (*listed, *made.verdict.evidence, *made.settling, *made.lookalikes)]
    lines += [each.reason for each in made.regions.regions]

    assert [line for line in lines if SPECIALIST.search(line)] == []


@pytest.mark.parametrize(("estimate", "told"), [(0.005, "Agreement held, from"), (0.026, "Agreement fell by too")])
def test_agreement_that_surely_fell_is_not_said_to_have_held(estimate: float, told: str) -> None:
    spread = replace(HEALTHY.spread, spread=measured(estimate), reading="held")

    assert spread.sentence.startswith(told)


def test_familiar_traffic_without_the_region_that_fell_is_called_so() -> None:
    fell = replace(new_region(), kind="slice", partition="pool", name="eu-2", is_new=False, drifted=True)
    facts = replace(HEALTHY, shared=rise(0.0, 0.5), regions=(fell,))

    lines = list_evidence("query_drift", facts, (fell,), Rule())

    assert any(each.sentence.startswith("On familiar traffic outside pool eu-2 the error did not") for each in lines)
