"""A new topic of queries that share their phrases with the old ones, where clusters form by phrase."""

from dataclasses import replace

import numpy as np
import pytest

from drift_core.agreement.rule import Rule
from drift_core.diagnosis.diagnose import diagnose
from drift_core.diagnosis.region_statistics import prepare_tests
from drift_core.measures.level_ratios import Rise
from drift_core.regions.embeddings import embed_queries
from drift_core.regions.encoding import HASHING_ENCODER, load_encoder
from drift_core.regions.partitions import NEW_WORDS
from drift_core.samples.reading import read_pairs
from tests.drift_core.diagnosis.cut_samples import Part, draw_cut
from tests.drift_core.templated import KNOWN, templated

NEW = 20


def diagnosed(heldout, production):
    samples = [read_pairs(table.drop(columns="topic")) for table in (heldout, production)]
    return diagnose(*samples, embeddings=embed_queries(*samples, encoder=load_encoder(HASHING_ENCODER)))


@pytest.mark.parametrize(("sizes", "share"), [((350, 100), 0.3), ((300, 300), 0.25)])
def test_a_new_topic_that_the_student_does_not_know_is_no_revision_of_the_teacher(sizes, share):
    production = templated(sizes[1], 2, shares={**KNOWN, NEW: 14 * share / (1 - share)}, noise={NEW: 3.5})

    made = diagnosed(templated(sizes[0], 1), production)

    is_new = (production["topic"] == NEW).to_numpy()[made.production.row]
    assert made.verdict.cause == "query_drift"
    assert made.verdict.headline.startswith("Query drift: new queries about “")
    assert [each.partition for each in made.regions.drifted] == [NEW_WORDS]
    assert made.drifted[is_new].mean() > 0.8
    assert is_new[made.drifted].mean() > 0.9


def test_a_new_topic_that_is_as_good_as_the_others_hides_no_revision_and_is_no_drift():
    shares = {**KNOWN, NEW: 3.0}

    good = diagnosed(templated(300, 5), templated(300, 6, shares=shares))
    revised = diagnosed(templated(300, 5), templated(300, 6, shares=shares, revision=0.5))

    assert NEW_WORDS in {each.name for each in good.regions.partitions}
    assert good.verdict.cause == "healthy"
    assert revised.verdict.cause == "teacher_drift"


def test_a_new_topic_whose_probabilities_are_random_fell_by_more_than_its_small_rise_of_the_error() -> None:
    new, parts = 1, [Part(n_heldout=300, n_production=200), Part(n_heldout=0, n_production=150)]
    *samples, partition = draw_cut(parts, seed=1)
    before, after = (replace(each, teacher=(each.teacher > 0) * 1.0, is_answered=True) for each in samples)
    mixed = np.where(partition.production == new, np.random.default_rng(2).permutation(after.student), after.student)
    tests = prepare_tests(
        (partition,), before, replace(after, student=mixed), set_aside=np.zeros(len(after), dtype=bool), rule=Rule()
    )
    small = Rise(estimate=0.2, standard_error=0.1, degrees=20, p_value=0.001, n_pairs=100, n_queries=100)

    assert tests.fall(0, new, small) > 0.15
